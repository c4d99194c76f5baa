// "A colleague answered since you began": what was typed without seeing an answer is not sent unasked.
import type { Message, MessageId, OperatorId, Summary } from "../../protocol";

/** The newest message that was there: what comes after it was not seen when the writing began. */
export function newestKnown(messages: readonly Message[], summary: Summary | undefined): MessageId {
  return Math.max(messages.at(-1)?.id ?? 0, summary?.last_message?.id ?? 0);
}

/** The newest answer of a colleague after `since`. Notes and the bot do not count: the customer asked neither. */
export function unseenAnswer(messages: readonly Message[], since: MessageId | null, me: OperatorId): Message | null {
  if (since === null) return null;
  return (
    messages.findLast(
      (one) =>
        one.id > since &&
        one.direction === "OUTGOING" &&
        one.sender_role === "ADMIN" &&
        one.message_type !== "note" &&
        one.operator_id !== me,
    ) ?? null
  );
}
