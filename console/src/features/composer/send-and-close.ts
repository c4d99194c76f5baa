// Send, and close once the message is safe: a close that overtakes its last message would have it refused.
import { currentMessages } from "../../catalogue/catalogue";
import { isStill, operatorIn } from "../../desk/people";
import type { Desk, DeskState } from "../../desk/types";
import type { Summary } from "../../protocol";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";
import { until } from "../session/until";

/**
 * `waiting`: it is not stored yet, as when one is offline. `refused`: the desk did not take it. `unconfirmed`: it no
 * longer waits, and nothing tells whether the desk has it, as when another tab discarded it.
 */
type Fate = "stored" | "discarded" | "refused" | "waiting" | "unconfirmed";

/** By the time that it cannot be closed, another conversation may be open: a toast says it. */
export async function sendAndClose(desk: Desk, summary: Summary, tempId: string, close: () => unknown): Promise<void> {
  const entryIn = ({ outbox }: DeskState) => outbox.find((one) => one.temp_id === tempId);
  const look = (state: DeskState): Fate | null => {
    const entry = entryIn(state);
    if (!entry) return desk.fateOf(tempId);
    if (entry.state === "refused") return "refused";
    return state.connection.kind === "offline" ? "waiting" : null;
  };
  const me = operatorIn(desk.store.getState());
  const fate = await until(desk, look, () => (entryIn(desk.store.getState()) ? "waiting" : "unconfirmed"));
  if (fate === "stored") return void close();
  // Whoever threw it away knows, and another operator has nothing to do with it.
  if (fate === "discarded" || !isStill(me, desk.store.getState())) return;
  const { composer: t, session } = currentMessages();
  const words = { waiting: t.notClosed, refused: t.refusedNotClosed, unconfirmed: t.unconfirmedNotClosed }[fate];
  showToast({ text: session.failedWith(nameOf(summary), words), icon: "clock" });
}
