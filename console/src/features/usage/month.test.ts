import { describe, expect, it } from "vitest";
import type { Booked, ChannelUsage } from "../../protocol";
import { csvOf, daysOf, monthAfter, monthBefore, topOf } from "./month";

const booked = (over: Partial<Booked> = {}): Booked => ({
  free_calls: 0,
  free_messages: 0,
  paid_calls: 0,
  paid_messages: 0,
  paid_recipients: 0,
  ...over,
});
const usage = (over: Partial<ChannelUsage> = {}): ChannelUsage => ({
  channel: "default",
  quota: null,
  booked: booked(),
  days: [],
  ...over,
});

describe("months", () => {
  it("go over the year's end", () => {
    expect([monthBefore("2026-01"), monthAfter("2025-12"), monthAfter("2026-09")]).toEqual([
      "2025-12",
      "2026-01",
      "2026-10",
    ]);
  });

  it("have all their days", () => {
    const days = daysOf("2028-02", usage({ days: [{ day: "2028-02-29", booked: booked({ free_calls: 2 }) }] }));
    expect(days).toHaveLength(29);
    expect(days[28]).toEqual({ day: "2028-02-29", number: 29, free: 2, paid: 0 });
  });

  it("a chart's top is round and holds the most", () => {
    expect([0, 5, 6, 18, 45, 99, 100, 101].map(topOf)).toEqual([5, 5, 10, 20, 50, 100, 100, 200]);
  });

  it("CSV cannot become a formula", () => {
    const text = csvOf([
      usage({ channel: '=cmd("x")', days: [{ day: "2026-01-05", booked: booked({ paid_calls: 3 }) }] }),
    ]);
    expect(text).toContain(`"'=cmd(""x"")",2026-01-05,0,0,3,0,0\r\n`);
  });
});
