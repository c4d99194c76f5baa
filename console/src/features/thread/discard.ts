// Throwing away what was written and not sent. Undo puts the very message back, and no copy of its words: it may have
// reached the desk before the connection broke, or by another tab, and would go twice.
import { currentMessages } from "../../catalogue/catalogue";
import type { Desk } from "../../desk/types";
import type { OutboxEntry } from "../../realtime/types";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";

export function discard(desk: Desk, { temp_id, conversation_id: id, isTried }: OutboxEntry): void {
  // It has just begun to go, or has gone: the screen shows which.
  if (!desk.discard(temp_id)) return;
  const { common, thread: t } = currentMessages();
  const about = desk.store.getState().conversations.get(id);
  const text = about ? t.discarded(nameOf(about)) : t.discardedPlain;
  showToast({
    text: isTried ? t.discardedTried(text) : text,
    kind: isTried ? "info" : "ok",
    icon: "undo",
    action: { label: common.undo, run: () => desk.restore(temp_id) },
  });
}
