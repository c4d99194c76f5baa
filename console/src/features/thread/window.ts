// Questions about a window of messages. They are in the order of their ids.
import type { Thread } from "../../desk/types";
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

/**
 * The line above the first unread message. `isSince`: all below it came after this operator had left; else it is only not
 * read by anybody. `above`: so many more are not loaded, and the line is as near as one can tell.
 */
export type UnreadLine = { at: MessageId; isSince: boolean; above: number };

/** `away`: the newest message when the page was left, if something came since. */
export function unreadLine(thread: Thread, away: MessageId | null): UnreadLine | null {
  const { messages, hasBefore, readUpTo, unread, leftAt, isSeeking } = thread;
  if (isSeeking) return null;
  const from = away ?? readUpTo;
  if (from !== null) {
    const at = firstUnread(messages, hasBefore, from);
    return at === null ? null : { at, isSince: away !== null || (leftAt !== null && at > leftAt), above: 0 };
  }
  if (!unread || !findMessage(messages, unread.upTo)) return null;
  const loaded = messages.slice(0, firstAfter(messages, unread.upTo)).filter(isIncoming);
  const first = loaded[0];
  return first ? { at: first.id, isSince: false, above: unread.count - loaded.length } : null;
}

/** The first from the customer after `readUpTo`; null while it may be above the window. */
function firstUnread(messages: readonly Message[], hasBefore: boolean, readUpTo: MessageId): MessageId | null {
  const start = firstAfter(messages, readUpTo);
  if (start === 0 && hasBefore && messages[0]?.id !== readUpTo + 1) return null;
  return messages.slice(start).find(isIncoming)?.id ?? null;
}

const isIncoming = ({ direction }: Message): boolean => direction === "INCOMING";

/** How many came after this one, without one's own. */
export function countNew(messages: readonly Message[], after: MessageId, me: OperatorId): number {
  return messages
    .slice(firstAfter(messages, after))
    .filter((message) => message.operator_id !== me && !message.unsent_at).length;
}

export const newestId = (messages: readonly Message[]): MessageId => messages.at(-1)?.id ?? 0;
