// Throwing away what was written and not sent. The words come back into the field: whether they go out is decided anew.
import { currentMessages } from "../../catalogue/catalogue";
import type { Desk } from "../../desk/types";
import type { OutboxEntry } from "../../realtime/types";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";
import { restoreDraft } from "../composer/quote";

export function discard(desk: Desk, { temp_id, conversation_id: id, text }: OutboxEntry): void {
  desk.discard(temp_id);
  const { common, thread: t } = currentMessages();
  const about = desk.store.getState().conversations.get(id);
  showToast({
    text: about ? t.discarded(nameOf(about)) : t.discardedPlain,
    kind: "ok",
    icon: "undo",
    action: { label: common.undo, run: () => restoreDraft(id, text) },
  });
}
