// What the desk's events make of the state. Pure: the same events give the same state, repeated or out of order too.
import type {
  ConversationId,
  ConversationUpdate,
  Message,
  Seq,
  ServerFrame,
  SessionEvent,
  SlaAlert,
  Summary,
} from "../protocol";
import { Draft } from "./draft";
import type { Model } from "./model";
import { lapse, stopTyping, takeLooking, takePresence, takeTyping } from "./people";
import {
  cutFront,
  deliver,
  emptyMark,
  emptyThread,
  KEPT_MOST,
  opened,
  put,
  putAnswer,
  THREADS_MOST,
  type Window,
  withRoom,
} from "./windows";

const ALERTS_MOST = 100;
const WITHDRAWN_MOST = 100;
const CALM_MOST = 1000;

/** All frames of a burst at once: one copy of what they change. */
export function applyFrames(model: Model, frames: readonly ServerFrame[], now: number): Model {
  const draft = new Draft(model);
  for (const frame of frames) applyFrame(draft, frame, now);
  lapse(draft, now);
  return draft.finish();
}

export function applyFrame(draft: Draft, frame: ServerFrame, now: number): void {
  // An answer that repeats an earlier one has no place in the feed: it is as true as the newest event.
  const seq = frame.seq ?? draft.ledger.latest;
  if (seq > draft.ledger.latest) draft.ledger = { ...draft.ledger, latest: seq };
  switch (frame.type) {
    case "auth_success":
      draft.rest.limits = frame.payload.limits;
      draft.rest.timezone = frame.payload.timezone;
      draft.rest.targetSeconds = frame.payload.first_response_target_seconds;
      break;
    case "new_message":
      takeMessage(draft, frame.payload, (window) => put(window, frame.payload, seq));
      break;
    case "message_sent":
      takeMessage(draft, frame.payload, (window) => putAnswer(window, frame.payload, frame.seq, seq));
      break;
    case "message_updated":
      takeUpdate(draft, frame.payload, seq);
      break;
    case "message_ack":
    case "message_failed": {
      const { conversation_id, message_id, delivery } = frame.payload;
      draft.patchThread(conversation_id, (window) => deliver(window, message_id, delivery, seq));
      break;
    }
    case "conversation_update":
      if (!frame.payload.messages) takeSummary(draft, frame.payload, frame.seq);
      break;
    case "conversation_read": {
      const known = draft.truth(frame.payload.conversation_id);
      if (known) patchSummary(draft, { ...known, unread_count: frame.payload.unread_count }, seq);
      break;
    }
    case "session_created":
    case "session_claimed":
    case "session_released":
    case "session_closed":
    case "session_transferred":
      count(draft, frame.type, frame.payload, frame.seq);
      takeSession(draft, frame.payload, frame.timestamp, seq);
      break;
    case "presence_update":
      takePresence(draft, frame.payload);
      break;
    case "operator_joined":
      takeLooking(draft, frame.payload, true);
      break;
    case "operator_left":
      takeLooking(draft, frame.payload, false);
      break;
    case "typing_indicator":
      takeTyping(draft, frame.payload, now);
      break;
    case "quota_update":
      draft.rest.quotas = new Map(draft.rest.quotas).set(frame.payload.channel, frame.payload);
      break;
    case "sla_alert":
      takeAlert(draft, frame.payload);
      break;
  }
}

/** A summary alone, without what may come with it. */
export function summaryOf({ messages: _, has_more: __, ...summary }: ConversationUpdate): Summary {
  return summary;
}

/** Without a seq it is as true as what is known. */
export function takeSummary(draft: Draft, update: ConversationUpdate, seq?: number): void {
  const summary = summaryOf(update);
  draft.putSummary(summary, seq ?? draft.marks.get(summary.id)?.seq ?? 0);
  if (summary.session?.first_response_at) calm(draft, summary.session.id);
}

/**
 * What an event says of a part. The whole summary that the desk tells beside every change has the last word, whichever
 * of the two comes first.
 */
function patchSummary(draft: Draft, summary: Summary, seq: number): void {
  const known = draft.marks.get(summary.id)?.seq ?? 0;
  if (seq >= known) draft.putSummary(summary, known);
}

/** Of a withdrawal all are told: of a conversation that is not open, what is not in the window stays out of it. */
function takeUpdate(draft: Draft, message: Message, seq: Seq): void {
  const isWithdrawn = message.unsent_at !== null;
  const { withdrawn, openId } = draft.state;
  if (isWithdrawn && !withdrawn.includes(message.id)) {
    draft.rest.withdrawn = [...withdrawn, message.id].sort((a, b) => a - b).slice(-WITHDRAWN_MOST);
  }
  const isOpen = openId === message.conversation_id;
  draft.patchThread(message.conversation_id, (window) => {
    const isThere = window.thread.messages.some(({ id }) => id === message.id);
    return isThere || isOpen || !isWithdrawn ? put(window, message, seq) : window;
  });
}

function takeMessage(draft: Draft, message: Message, change: (window: Window) => Window): void {
  draft.patchThread(message.conversation_id, change);
  if (message.operator_id !== null) stopTyping(draft, message.conversation_id, message.operator_id);
}

function takeSession(draft: Draft, event: SessionEvent, at: string, seq: number): void {
  if (event.status === "CLOSED") calm(draft, event.session_id);
  const known = draft.truth(event.conversation_id);
  if (!known) return;
  const { session } = known;
  if (event.status === "CLOSED") {
    if (session && session.id !== event.session_id) return;
    patchSummary(draft, { ...known, session: null, chat_mode: "BOT" }, seq);
    return;
  }
  const base =
    session?.id === event.session_id
      ? session
      : { started_at: at, claimed_at: null, first_response_at: null, transfer_count: 0, after_hours: false };
  const next = {
    ...base,
    id: event.session_id,
    status: event.status,
    operator_id: event.operator_id,
    operator_name: event.operator_name,
    claimed_at: event.status === "ACTIVE" ? (base.claimed_at ?? at) : null,
    closed_at: null,
    closed_by: null,
  };
  patchSummary(draft, { ...known, session: next, chat_mode: "HUMAN" }, seq);
}

/** The desk's numbers, which every session event moves by one; each event once. */
function count(draft: Draft, type: ServerFrame["type"], event: SessionEvent, seq?: number): void {
  if (seq === undefined || seq <= draft.ledger.countedTo) return;
  const to = event.status === "WAITING" ? "waiting" : event.status === "ACTIVE" ? "active" : null;
  const counts = { ...draft.state.counts };
  const from = statusBefore(type, event);
  if (from) counts[from] = Math.max(counts[from] - 1, 0);
  if (to) counts[to] += 1;
  draft.rest.counts = counts;
  draft.ledger = { ...draft.ledger, countedTo: seq };
  draft.doubt({ counts: true });
}

function statusBefore(type: ServerFrame["type"], event: SessionEvent): "waiting" | "active" | null {
  switch (type) {
    case "session_claimed":
      return "waiting";
    case "session_released":
      return "active";
    case "session_transferred":
      return event.from_operator_id === undefined ? "waiting" : "active";
    case "session_closed":
      return event.operator_id === null ? "waiting" : "active";
    default:
      return null;
  }
}

function takeAlert(draft: Draft, alert: SlaAlert): void {
  if (draft.ledger.calm.has(alert.session_id)) return;
  const { alerts } = draft.state;
  const known = alerts.find((one) => one.session_id === alert.session_id && one.metric === alert.metric);
  if (known && (known.severity === alert.severity || known.severity === "breach")) return;
  draft.rest.alerts = [...alerts.filter((one) => one !== known), alert].slice(-ALERTS_MOST);
}

/** Answered or ended: nothing to be alarmed about any more. */
function calm(draft: Draft, session: number): void {
  if (draft.ledger.calm.has(session)) return;
  const kept = [...draft.ledger.calm, session].slice(-CALM_MOST);
  draft.ledger = { ...draft.ledger, calm: new Set(kept) };
  const { alerts } = draft.state;
  if (alerts.some((one) => one.session_id === session)) {
    draft.rest.alerts = alerts.filter((one) => one.session_id !== session);
  }
}

/** A room that was joined, or caught up with. */
export function applyRoom(draft: Draft, update: ConversationUpdate, isWhole: boolean): void {
  const { id, messages = [], has_more = false } = update;
  const thread = draft.threads.get(id) ?? emptyThread;
  const mark = draft.threadMark(id);
  const isFirst = isWhole && !mark.isFollowed;
  const next = withRoom(thread, mark, messages, has_more, isWhole);
  const isUnplaced = isFirst && thread.readUpTo === null && thread.unread === null;
  const taken = isUnplaced ? opened(next, messages, has_more, update.unread_count) : next;
  draft.setThread(id, taken, { ...mark, isFollowed: true, isFresh: true });
  takeSummary(draft, update);
}

/** Makes a conversation the open one, or none. */
export function applyOpen(draft: Draft, id: ConversationId | null): void {
  const before = draft.openId;
  if (before === id) return;
  draft.rest.openId = id;
  draft.looking.clear();
  let recent = [...draft.ledger.recent];
  if (before !== null) {
    putAway(draft, before);
    if (!draft.threads.has(before)) recent = recent.filter((one) => one !== before);
  }
  if (id !== null) {
    recent = [id, ...recent.filter((one) => one !== id)];
    const thread = draft.threads.get(id) ?? emptyThread;
    const load = thread.load.kind === "failed" ? ({ kind: "loading" } as const) : thread.load;
    draft.setThread(
      id,
      { ...thread, load, readUpTo: null, unread: null, isSeeking: false },
      { ...draft.threadMark(id), isFollowed: false, isFresh: false },
    );
    for (const old of recent.slice(THREADS_MOST)) dropThread(draft, old);
    recent = recent.slice(0, THREADS_MOST);
  }
  draft.ledger = { ...draft.ledger, recent };
  if (before !== null) draft.prune(before);
}

/** Keeps the end of a thread for coming back; what is elsewhere in the past is not worth it. */
function putAway(draft: Draft, id: ConversationId): void {
  const thread = draft.threads.get(id);
  if (!thread) return;
  if (thread.load.kind !== "ready" || thread.hasAfter) {
    draft.threads.delete(id);
    draft.threadMarks.delete(id);
    return;
  }
  const leftAt = thread.messages.at(-1)?.id ?? null;
  const kept = { ...cutFront(thread, KEPT_MOST), isLoadingBefore: false, isLoadingAfter: false, leftAt };
  draft.setThread(id, kept, emptyMark);
}

function dropThread(draft: Draft, id: ConversationId): void {
  draft.threads.delete(id);
  draft.threadMarks.delete(id);
  draft.prune(id);
}

/**
 * What was known is not trusted any more; it stays in sight until the new is there. The desk may have been put back to an
 * earlier day, so that no seq of before says anything.
 */
export function distrust(draft: Draft): void {
  const open = draft.openId;
  for (const id of [...draft.threads.value.keys()]) if (id !== open) dropThread(draft, id);
  if (open !== null) draft.threadMarks.set(open, emptyMark);
  for (const [id, mark] of draft.marks.value) draft.marks.set(id, { ...mark, seq: 0 });
  draft.ledger = { ...draft.ledger, latest: 0, countedTo: 0, recent: open === null ? [] : [open] };
}
