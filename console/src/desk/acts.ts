// Session commands on the screen before the desk has answered: each is a patch over the truth, taken off with the answer.
import type { ConversationId, OperatorId, Session, Summary } from "../protocol";
import type { Draft } from "./draft";

export type Patch = (truth: Summary) => Summary;

export function beginAct(draft: Draft, id: ConversationId, ticket: number, patch: Patch): void {
  const truth = draft.truth(id);
  if (!truth) return;
  draft.acts.set(id, { ticket, truth, patch });
  draft.show(patch(truth), draft.marks.get(id)?.seq ?? 0);
}

/** Answered or refused: what the desk said is what is shown. */
export function endAct(draft: Draft, id: ConversationId, ticket: number): void {
  const act = draft.acts.get(id);
  if (act?.ticket !== ticket) return;
  draft.acts.delete(id);
  draft.show(act.truth, draft.marks.get(id)?.seq ?? 0);
}

/** Only who waits can be claimed: a colleague who was first shows at once. */
export function claimed(me: OperatorId, name: string, at: string): Patch {
  return withSession((session) =>
    session.status === "WAITING" ? { ...session, ...owned(me, name), claimed_at: at } : session,
  );
}

/** A chat that the bot had. Whoever was first shows at once here too. */
export function taken(me: OperatorId, name: string, at: string): Patch {
  return (truth) =>
    truth.session
      ? truth
      : { ...truth, chat_mode: "HUMAN", session: { ...begun, ...owned(me, name), started_at: at, claimed_at: at } };
}

/** The desk has still to give it an id. */
const begun = {
  id: 0,
  closed_at: null,
  first_response_at: null,
  closed_by: null,
  transfer_count: 0,
  after_hours: false,
};

export function transferred(to: OperatorId, name: string | null, at: string): Patch {
  return withSession((session) => ({ ...session, ...owned(to, name), claimed_at: session.claimed_at ?? at }));
}

export const released: Patch = withSession((session) => ({
  ...session,
  status: "WAITING",
  operator_id: null,
  operator_name: null,
  claimed_at: null,
}));

export const closed: Patch = (truth) => ({ ...truth, session: null, chat_mode: "BOT" });

function owned(operator_id: OperatorId, operator_name: string | null) {
  return { status: "ACTIVE" as const, operator_id, operator_name };
}

function withSession(change: (session: Session) => Session): Patch {
  return (truth) => (truth.session ? { ...truth, session: change(truth.session) } : truth);
}
