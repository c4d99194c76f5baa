import { describe, expect, test } from "vitest";
import { clock, dayKey, dayName, duration, fullTime, shortTime } from "./time";

const NOW = Date.parse("2026-01-31T18:30:00Z");
const BANGKOK = "Asia/Bangkok";

describe("times are the business's, not the browser's", () => {
  test("the clock", () => expect(clock("2026-01-31T18:30:00Z", BANGKOK, "en")).toBe("01:30"));
  test("the day begins at its midnight", () => {
    expect(dayKey("2026-01-31T16:59:59Z", BANGKOK)).toBe("2026-01-31");
    expect(dayKey("2026-01-31T17:00:00Z", BANGKOK)).toBe("2026-02-01");
  });
  test("today and yesterday", () => {
    expect(dayName("2026-01-31T17:00:00Z", BANGKOK, "en", NOW)).toBe("Today");
    expect(dayName("2026-01-31T16:00:00Z", BANGKOK, "en", NOW)).toBe("Yesterday");
    expect(dayName("2026-01-20T16:00:00Z", BANGKOK, "en", NOW)).toBe("Tuesday, January 20");
    expect(dayName("2025-11-23T03:00:00Z", BANGKOK, "en", NOW)).toContain("2025");
  });
  test("Thai years are the same years", () => expect(fullTime("2026-01-31T17:00:00Z", BANGKOK, "th")).toMatch(/2026/));
  test("in a list", () => {
    expect(shortTime("2026-01-31T18:00:00Z", BANGKOK, "en", NOW)).toBe("01:00");
    expect(shortTime("2026-01-20T18:00:00Z", BANGKOK, "en", NOW)).toBe("Jan 21");
  });
});

test.each([
  [0, "00:00"],
  [278_999, "04:38"],
  [3_600_000, "1:00:00"],
  [-5, "00:00"],
])("duration(%i)", (ms, words) => expect(duration(ms)).toBe(words));
