// How long a reply is probably still free, and what it costs else.
//
// LINE gives a reply token with each message of a customer, and a reply with it costs nothing. LINE promises a minute of
// it; the desk learns how much longer this channel's tokens work, says so with the summary (`free_until`), and tries a
// token also after that (DL3). What goes out takes the newest one.
import type { ConversationId, QuotaState, Summary } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";

/** The default of `reply_token_seconds`: for so long the desk tries it. */
const TRIED_MS = 600_000;
/** What a full ring stands for. */
export const RING_MS = 60_000;

export type ReplyClock =
  | { kind: "free"; leftMs: number }
  | { kind: "maybe" }
  /** `count`: one a recipient. `left` after it; null where that is not known, or has no end. */
  | { kind: "paid"; count: number; left: number | null }
  /** This month's are used up. */
  | { kind: "spent" };

export function replyClock(summary: Summary, quota: QuotaState | undefined, isAhead: boolean, now: number): ReplyClock {
  const until = isAhead || summary.free_until === undefined ? null : Date.parse(summary.free_until);
  if (until !== null && now < until) return { kind: "free", leftMs: until - now };
  if (until !== null && now < until + TRIED_MS) return { kind: "maybe" };
  if (quota?.level === "spent") return { kind: "spent" };
  const count = summary.source_type === "user" ? 1 : Math.max(1, summary.member_count ?? 1);
  return { kind: "paid", count, left: quota?.left ?? null };
}

/** Whether something waits on this side that will go first. */
export const isAhead = (outbox: readonly OutboxEntry[], id: ConversationId): boolean =>
  outbox.some((entry) => entry.conversation_id === id && entry.state !== "refused");
