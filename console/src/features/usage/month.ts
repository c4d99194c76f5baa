// Months as the desk writes them, `YYYY-MM`, and a month's days with nothing left out.
import type { Booked, ChannelUsage } from "../../protocol";

export function monthBefore(month: string): string {
  return shift(month, -1);
}

export function monthAfter(month: string): string {
  return shift(month, 1);
}

function shift(month: string, by: number): string {
  const [year, number] = parts(month);
  const months = year * 12 + (number - 1) + by;
  return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}`;
}

function parts(month: string): [number, number] {
  return [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
}

export type Day = { day: string; number: number; free: number; paid: number };

/** Every day of the month, those without anything too. */
export function daysOf(month: string, usage: ChannelUsage): Day[] {
  const booked = new Map<string, Booked>(usage.days.map(({ day, booked: of }) => [day, of]));
  const [year, number] = parts(month);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, n) => {
    const day = `${month}-${String(n + 1).padStart(2, "0")}`;
    const of = booked.get(day);
    return { day, number: n + 1, free: of?.free_calls ?? 0, paid: of?.paid_recipients ?? 0 };
  });
}

/** A round number that is at least as large. */
export function topOf(most: number): number {
  if (most <= 5) return 5;
  const step = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((n) => n * step).find((n) => n >= most) ?? most;
}

export function csvOf(channels: readonly ChannelUsage[]): string {
  const rows = channels.flatMap(({ channel, days }) =>
    days.map(({ day, booked: b }) =>
      [quoted(channel), day, b.free_calls, b.free_messages, b.paid_calls, b.paid_messages, b.paid_recipients].join(","),
    ),
  );
  const head = "channel,day,free_calls,free_messages,paid_calls,paid_messages,paid_recipients";
  return `${[head, ...rows].join("\r\n")}\r\n`;
}

/** A table program would take a text that begins so for a formula. */
function quoted(text: string): string {
  const plain = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
