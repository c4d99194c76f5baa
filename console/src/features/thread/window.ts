// Questions about a window of messages. They are in the order of their ids.
import type { Message, MessageId, OperatorId } from "../../protocol";

export function findMessage(messages: readonly Message[], id: MessageId): Message | undefined {
  const found = messages[firstAfter(messages, id - 1)];
  return found?.id === id ? found : undefined;
}

/** The place of the first message whose id is greater; the length when there is none. */
export function firstAfter(messages: readonly Message[], id: MessageId): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = messages[middle];
    if (at && at.id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The message that the unread line goes above: the first from the customer after `readUpTo`; null while it may be above the window. */
export function firstUnread(
  messages: readonly Message[],
  hasBefore: boolean,
  readUpTo: MessageId | null,
): MessageId | null {
  if (readUpTo === null) return null;
  const start = firstAfter(messages, readUpTo);
  if (start === 0 && hasBefore) return null;
  return messages.slice(start).find((message) => message.direction === "INCOMING")?.id ?? null;
}

/** How many came after this one, without one's own. */
export function countNew(messages: readonly Message[], after: MessageId, me: OperatorId): number {
  return messages
    .slice(firstAfter(messages, after))
    .filter((message) => message.operator_id !== me && !message.unsent_at).length;
}

export const newestId = (messages: readonly Message[]): MessageId => messages.at(-1)?.id ?? 0;
