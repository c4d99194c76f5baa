// Waiting for the desk's state to say something, for as long as somebody who pressed a key waits.
import type { Desk, DeskState } from "../../desk/types";
import type { ConversationId } from "../../protocol";

const PATIENCE_MS = 8000;

/** What `look` finds first; `late` when it finds nothing in time. */
export function until<T>(desk: Desk, look: (state: DeskState) => T | null, late: () => T): Promise<T> {
  const first = look(desk.store.getState());
  if (first !== null) return Promise.resolve(first);
  return new Promise((resolve) => {
    const end = (found: T): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(found);
    };
    const unsubscribe = desk.store.subscribe((state) => {
      const found = look(state);
      if (found !== null) end(found);
    });
    const timer = setTimeout(() => end(late()), PATIENCE_MS);
  });
}

/** Whether what was written here is with the desk. Refused messages wait for nothing but the operator. */
export function whenSent(desk: Desk, id: ConversationId): Promise<boolean> {
  const look = ({ outbox, connection: { kind } }: DeskState) => {
    if (!outbox.some((one) => one.conversation_id === id && one.state !== "refused")) return true;
    return kind === "offline" || kind === "refused" ? false : null;
  };
  return until(desk, look, () => false);
}
