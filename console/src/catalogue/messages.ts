// The catalogue's shape: English says which words there are; every other language must have the same.
import type { messages } from "./en/all";

export type Messages = typeof messages;

export const LOCALES = ["en", "th", "ja", "zh-TW"] as const;
export type Locale = (typeof LOCALES)[number];

/** Each in its own words. */
export const LOCALE_NAMES: Record<Locale, string> = { en: "English", th: "ไทย", ja: "日本語", "zh-TW": "繁體中文" };
