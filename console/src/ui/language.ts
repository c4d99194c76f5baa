// Which language a run of text is in, so that each script gets its own glyphs and line height.

export type TextLanguage = "th" | "ja" | "zh-Hant";

/** For the `lang` attribute of customers' text. Han characters alone are Chinese, unless the page itself is Japanese. */
export function langOf(text: string): TextLanguage | undefined {
  if (/[\u0E00-\u0E7F]/.test(text)) return "th";
  if (/[\u3040-\u30FF]/.test(text)) return "ja";
  if (/[\u3400-\u9FFF\uF900-\uFAFF]/.test(text)) return document.documentElement.lang === "ja" ? "ja" : "zh-Hant";
  return undefined;
}

/** One or two letters that stand for a person. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const [first = "", second = ""] = words;
  if (!/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(first)) {
    // A Thai name may begin with a vowel that is written before its consonant.
    return (name.match(/[^\u0E40-\u0E44\s]/u) ?? name.match(/\S/u) ?? ["?"])[0];
  }
  const letters = second ? [...first].slice(0, 1).concat([...second].slice(0, 1)) : [...first].slice(0, 2);
  return letters.join("").toUpperCase();
}
