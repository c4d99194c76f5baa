// Times in the business time zone, in the operator's language.
import { currentMessages } from "../catalogue/catalogue";
import type { Locale } from "../catalogue/messages";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, timezone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${timezone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    // Thai years count from another era; the desk's do not.
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: timezone || "UTC", calendar: "gregory" });
    formats.set(key, found);
  }
  return found;
}

/** "14:07". */
export function clock(iso: string, timezone: string, locale: Locale): string {
  return format(locale, timezone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
}

/** The same for all moments of one business day: "2025-11-24". */
export function dayKey(iso: string, timezone: string): string {
  return dayKeyAt(new Date(iso), timezone);
}

function dayKeyAt(date: Date, timezone: string): string {
  return format("en-CA", timezone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(date);
}

/** "Today", "Yesterday", "Sunday 22 November", with the year when it is another. */
export function dayName(iso: string, timezone: string, locale: Locale, now: number): string {
  const key = dayKey(iso, timezone);
  const near = nearDay(key, timezone, now);
  if (near) return near;
  const isThisYear = key.slice(0, 4) === dayKeyAt(new Date(now), timezone).slice(0, 4);
  return format(locale, timezone, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(isThisYear ? {} : { year: "numeric" }),
  }).format(new Date(iso));
}

function nearDay(key: string, timezone: string, now: number): string | undefined {
  const t = currentMessages().common;
  if (key === dayKeyAt(new Date(now), timezone)) return t.today;
  if (key === dayKeyAt(new Date(now - 86_400_000), timezone)) return t.yesterday;
  return undefined;
}

/** For a list: the time today, else the day. */
export function shortTime(iso: string, timezone: string, locale: Locale, now: number): string {
  const key = dayKey(iso, timezone);
  const today = dayKeyAt(new Date(now), timezone);
  if (key === today) return clock(iso, timezone, locale);
  const isThisYear = key.slice(0, 4) === today.slice(0, 4);
  return format(locale, timezone, {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "2-digit" }),
  }).format(new Date(iso));
}

/** For a tooltip: the whole moment, to the second. */
export function fullTime(iso: string, timezone: string, locale: Locale): string {
  return format(locale, timezone, { dateStyle: "long", timeStyle: "medium" }).format(new Date(iso));
}

/** "04:38"; "1:06:12" from an hour on. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest;
}
