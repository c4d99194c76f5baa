import { afterEach, describe, expect, test } from "vitest";
import { initials, langOf } from "./language";

afterEach(() => {
  document.documentElement.lang = "en";
});

describe("langOf", () => {
  test.each([
    ["สวัสดีค่ะ", "th"],
    ["ありがとう", "ja"],
    ["予約のキャンセル", "ja"],
    ["請問", "zh-Hant"],
    ["Hello", undefined],
    ["order 42 จัดส่ง", "th"],
  ])("%s is %s", (text, lang) => expect(langOf(text)).toBe(lang));

  test("Han alone is Japanese on a Japanese page", () => {
    document.documentElement.lang = "ja";
    expect(langOf("返金")).toBe("ja");
  });
});

describe("initials", () => {
  test.each([
    ["Emma", "EM"],
    ["Arisa Kaewta", "AK"],
    ["志明", "志"],
    ["เอกสาร", "อ"],
    ["🌱 Mali", "🌱"],
    ["", "?"],
  ])("%s → %s", (name, letters) => expect(initials(name)).toBe(letters));
});
