// How long a reply is probably still free.
//
// LINE gives a reply token with each message of a customer, and a reply with it costs nothing. LINE promises a minute
// of it; after that it "isn't guaranteed", while the desk still tries it as long as it is younger than
// `reply_token_seconds` (DL3). The desk does not tell its tokens, so this is derived from what the thread shows: the
// newest message of the customer, as long as nothing went out after it that took its token.
// - What LINE accepted took it, or was paid because there was none any more.
// - What waits, is being sent, or is in doubt takes it, or may have.
// - What failed or was withheld did not.
// Older tokens that are unused and the desk's own setting are not known here. So it errs towards "paid", and says
// "free" only where LINE promises it.
import type { ConversationId, Message } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";

/** LINE: to be used within one minute. */
export const SURE_MS = 60_000;
/** The default of `reply_token_seconds`. */
export const TRIED_MS = 600_000;

export type ReplyClock = { kind: "free"; leftMs: number } | { kind: "maybe" } | { kind: "paid" };

/** When the customer wrote what a reply could be free for, in milliseconds since the epoch; null: it would be paid. */
export function unansweredSince(messages: readonly Message[]): number | null {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (!message) continue;
    if (message.direction === "INCOMING") {
      // A line of the desk's own is nothing of the customer's, and of a withdrawn message nothing may be left.
      if (message.sender_role !== "USER" || message.unsent_at !== null) continue;
      return Date.parse(message.created_at);
    }
    if (takesToken(message)) return null;
  }
  return null;
}

export function replyClock(since: number | null, now: number): ReplyClock {
  if (since === null) return { kind: "paid" };
  // A clock that is behind the desk's must not promise more than there is.
  const age = Math.max(0, now - since);
  if (age < SURE_MS) return { kind: "free", leftMs: SURE_MS - age };
  return { kind: age < TRIED_MS ? "maybe" : "paid" };
}

/** Whether something waits on this side that will go first. */
export const isAhead = (outbox: readonly OutboxEntry[], id: ConversationId): boolean =>
  outbox.some((entry) => entry.conversation_id === id && entry.state !== "refused");

function takesToken({ delivery }: Message): boolean {
  if (!delivery) return false;
  return delivery.state !== "failed" && delivery.state !== "withheld";
}
