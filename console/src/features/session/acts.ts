// What can be done with a conversation's session: one at a time, with what became of it kept beside it.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { currentMessages } from "../../catalogue/catalogue";
import { localFault } from "../../desk/fault";
import { isStill, operatorIn } from "../../desk/people";
import type { Desk } from "../../desk/types";
import type { ConversationId, OperatorId, Summary } from "../../protocol";
import { isFault } from "../../realtime/faults";
import type { Fault } from "../../realtime/types";
import { faultDetails, faultWords } from "../../ui/fault";
import { onForget } from "../../ui/forget";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";
import { askFocus } from "../composer/quote";
import { named } from "./claimed-by";
import { isUndoable, type Undoable, undoOf } from "./undo";
import { whenSent } from "./until";

export type Act = "claim" | "takeFromBot" | "takeOver" | "release" | "close" | "transfer";
export type Refused = { act: Act | "undo"; fault: Fault };

type Acts = {
  running: ReadonlyMap<ConversationId, Act | "undo">;
  refused: ReadonlyMap<ConversationId, Refused>;
};

const store = createStore<Acts>(() => ({ running: new Map(), refused: new Map() }));
onForget(() => store.setState(store.getInitialState()));

export const useRunning = (id: ConversationId): Act | "undo" | null =>
  useStore(store, (state) => state.running.get(id) ?? null);
export const useRefused = (id: ConversationId): Refused | null =>
  useStore(store, (state) => state.refused.get(id) ?? null);
export const dismissRefused = (id: ConversationId): void => refuse(id, null);

/** As long as the toast stays. */
const UNDO_MS = 6000;

/** Whether it was done. Why not is told by the bar, or in a toast when another conversation is open by then. */
export async function runAct(desk: Desk, id: ConversationId, act: Exclude<Act, "transfer">): Promise<boolean> {
  const before = desk.store.getState().conversations.get(id);
  const isLeaving = act === "close" || act === "release";
  const isDone = await run(desk, id, act, () => (isLeaving ? leave(desk, id, () => desk[act](id)) : desk[act](id)));
  if (!isDone) return false;
  const t = currentMessages().session;
  if (act === "close" && before) offerUndo(desk, before, act, t.closed(nameOf(before)));
  if (act === "release" && before) offerUndo(desk, before, act, t.released(nameOf(before)));
  if (act === "claim" || act === "takeFromBot" || act === "takeOver") askFocus(id);
  return true;
}

/** Rejects with the fault, which belongs into the dialog. */
export async function runTransfer(
  desk: Desk,
  id: ConversationId,
  to: OperatorId,
  name: string,
  reason: string,
): Promise<void> {
  const before = desk.store.getState().conversations.get(id);
  refuse(id, null);
  await leave(desk, id, () => desk.transfer(id, to, reason));
  if (before) offerUndo(desk, before, "transfer", currentMessages().session.transferred(name));
}

/** Commands go while one is catching up, and messages wait: what was written before would come too late, and be refused. */
async function leave(desk: Desk, id: ConversationId, work: () => Promise<void>): Promise<void> {
  if (!(await whenSent(desk, id))) throw localFault("unsent_first");
  await work();
}

async function run(desk: Desk, id: ConversationId, act: Act | "undo", work: () => Promise<void>): Promise<boolean> {
  // A second press while the first is under way would only be refused.
  if (store.getState().running.has(id)) return false;
  refuse(id, null);
  mark(id, act);
  const me = operatorIn(desk.store.getState());
  const isMine = () => isStill(me, desk.store.getState());
  try {
    await work();
    return isMine();
  } catch (reason) {
    if (!isFault(reason)) throw reason;
    // Another operator has nothing to do with it.
    if (!isMine()) return false;
    tellRefused(desk, id, { act, fault: named(reason, desk.store.getState()) });
    return false;
  } finally {
    mark(id, null);
  }
}

const ICONS = { close: "done", transfer: "transfer", release: "requeue" } as const;

function offerUndo(desk: Desk, before: Summary, act: Undoable, text: string): void {
  const { id } = before;
  const { signIn } = desk.store.getState();
  if (signIn.kind !== "signed_in") return;
  const undo = undoOf(act, before, signIn.user);
  const action = undo && {
    label: currentMessages().common.undo,
    run: () => {
      unsubscribe();
      void run(desk, id, "undo", () => undo(desk));
    },
  };
  const takeAway = showToast({ text, kind: "ok", icon: ICONS[act], ...(action ? { action } : {}) });
  const unsubscribe = desk.store.subscribe(({ conversations }) => {
    if (isUndoable(act, before, conversations.get(id))) return;
    unsubscribe();
    takeAway();
  });
  setTimeout(unsubscribe, UNDO_MS);
}

function tellRefused(desk: Desk, id: ConversationId, refused: Refused): void {
  const { openId, conversations } = desk.store.getState();
  if (openId === id) {
    refuse(id, refused);
    return;
  }
  const { faults, session: t } = currentMessages();
  const about = conversations.get(id);
  const words = `${t.failed[refused.act]} ${faultWords(faults, refused.fault)}`;
  const text = about ? t.failedWith(nameOf(about), words) : words;
  showToast({ text, kind: "danger", details: faultDetails(refused.fault) });
}

function mark(id: ConversationId, act: Act | "undo" | null): void {
  store.setState(({ running }) => ({ running: put(running, id, act) }));
}

function refuse(id: ConversationId, refused: Refused | null): void {
  if (refused === null && !store.getState().refused.has(id)) return;
  store.setState((state) => ({ refused: put(state.refused, id, refused) }));
}

function put<T>(
  map: ReadonlyMap<ConversationId, T>,
  id: ConversationId,
  value: T | null,
): ReadonlyMap<ConversationId, T> {
  const next = new Map(map);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
}
