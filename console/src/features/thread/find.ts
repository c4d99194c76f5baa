// Finding in what is loaded. Pure.
import type { Message, MessageId } from "../../protocol";

/** The messages with these words, newest first. A withdrawn one is not found. */
export function findHits(messages: readonly Message[], q: string): MessageId[] {
  const words = plain(q.trim());
  if (!words) return [];
  return messages
    .filter((message) => !message.unsent_at && plain(message.content).includes(words))
    .map((message) => message.id)
    .reverse();
}

const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
