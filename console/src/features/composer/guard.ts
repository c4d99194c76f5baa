// "A colleague answered since you began": what was typed without seeing an answer is not sent unasked.
import type { LastMessage, Message, MessageId, OperatorId, Summary } from "../../protocol";

/** The newest message that was there: what comes after it was not seen when the writing began. */
export function newestKnown(messages: readonly Message[], summary: Summary | undefined): MessageId {
  return Math.max(messages.at(-1)?.id ?? 0, summary?.last_message?.id ?? 0);
}

/** What is known of it where the window is elsewhere. */
export type Answered = Pick<Message, "id" | "operator_id" | "created_at"> & { operator_name?: string | null };

/**
 * The newest answer of a colleague after `since`. Notes and the bot do not count: the customer asked neither.
 * `last`: the conversation's newest, for a window that is in the past and does not have it.
 */
export function unseenAnswer(
  messages: readonly Message[],
  last: LastMessage | null,
  since: MessageId | null,
  me: OperatorId,
): Answered | null {
  if (since === null) return null;
  const isAnswer = (one: Message | LastMessage) =>
    one.id > since &&
    one.direction === "OUTGOING" &&
    one.sender_role === "ADMIN" &&
    one.message_type !== "note" &&
    one.operator_id !== me;
  const found = messages.findLast(isAnswer) ?? null;
  return last && last.id > (found?.id ?? 0) && isAnswer(last) ? last : found;
}
