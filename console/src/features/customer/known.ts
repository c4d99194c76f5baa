// What the desk tells of a customer, brought up to date by what is on the screen. Pure.
import type { Message, Session } from "../../protocol";

/** Of the desk's list and of the loaded messages each once, newest first; withdrawn ones have nothing to show. */
export function notesOf(listed: readonly Message[], messages: readonly Message[]): readonly Message[] {
  const notes = new Map(listed.map((one) => [one.id, one]));
  for (const one of messages) if (one.message_type === "note") notes.set(one.id, one);
  return [...notes.values()].filter((one) => one.unsent_at === null).sort((one, other) => other.id - one.id);
}

/** Newest first. The open one is the summary's, which follows every event; what is not it is over. */
export function sessionsOf(listed: readonly Session[], open: Session | null): readonly Session[] {
  const others = listed.filter((one) => one.id !== open?.id);
  return open ? [open, ...others] : others;
}

/** "Thai"; null where the browser has no word for it. */
export function languageName(tag: string, locale: string): string | null {
  try {
    return new Intl.DisplayNames(locale, { type: "language", fallback: "none" }).of(tag) ?? null;
  } catch {
    return null;
  }
}
