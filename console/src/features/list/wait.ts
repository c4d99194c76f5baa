// How long a customer has waited, measured against the target for a first answer.
import { useDeskState } from "../../desk/context";
import type { DeskState } from "../../desk/types";
import type { ConversationId, Session, Summary } from "../../protocol";
import { useNow } from "../../ui/now";

/** The share of the target from which the row says that time runs short. */
const NEAR = 0.8;

export type WaitPhase = "calm" | "near" | "over";

/** `share`: of the target; both null where the desk has none, or where only the desk can tell. */
export type Wait = { ms: number; targetMs: number | null; share: number | null; phase: WaitPhase };

/** What the desk told about one session, and the target. */
type Told = { targetMs: number | null; severity: "warning" | "breach" | null };

export function toldOf(state: DeskState, session: Session): Told {
  const mine = state.alerts.filter((alert) => alert.metric === "first_response" && alert.session_id === session.id);
  const targetMs = state.targetSeconds === null ? null : Math.max(1, state.targetSeconds) * 1000;
  return { targetMs, severity: severityOf(mine.map((alert) => alert.severity)) };
}

function severityOf(told: readonly string[]): Told["severity"] {
  if (told.includes("breach")) return "breach";
  return told.includes("warning") ? "warning" : null;
}

/** Only business time counts towards the target, so for what began outside of it only the desk can tell. */
export function waitOf(session: Session, told: Told, now: number): Wait {
  const ms = Math.max(0, now - Date.parse(session.started_at));
  const targetMs = session.after_hours ? null : told.targetMs;
  const share = targetMs === null ? null : Math.min(1, ms / targetMs);
  return { ms, targetMs, share, phase: phaseOf(share ?? 0, told.severity) };
}

function phaseOf(share: number, severity: Told["severity"]): WaitPhase {
  if (severity === "breach" || share >= 1) return "over";
  return severity === "warning" || share >= NEAR ? "near" : "calm";
}

/** Renders the caller every second: use it in the smallest component. */
export function useWait(session: Session): Wait {
  const told = useDeskState((state) => toldOf(state, session));
  return waitOf(session, told, useNow());
}

export const isWaiting = (summary: Summary): boolean => summary.session?.status === "WAITING";

/** The session that has waited longest; null when nobody waits, or when not all who wait are known here. */
export function longestWaiting(
  conversations: ReadonlyMap<ConversationId, Summary>,
  waitingCount: number,
): Session | null {
  let oldest: Session | null = null;
  let known = 0;
  for (const { session } of conversations.values()) {
    if (session?.status !== "WAITING") continue;
    known += 1;
    if (!oldest || session.started_at < oldest.started_at) oldest = session;
  }
  return known >= waitingCount ? oldest : null;
}
