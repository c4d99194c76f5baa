// Writing a note so that it is there once, however often its answer is lost.
import { currentMessages } from "../../catalogue/catalogue";
import type { Desk } from "../../desk/types";
import type { ConversationId } from "../../protocol";
import { newId } from "../../realtime/browser";
import { isFault } from "../../realtime/faults";
import type { Fault } from "../../realtime/types";
import { faultDetails, faultWords } from "../../ui/fault";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";

/** The same words in the same place go again under the same id. */
const tried = new Map<ConversationId, { text: string; tempId: string }>();

/** Null once it is stored, else why it may not be. */
export async function writeNote(desk: Desk, id: ConversationId, text: string): Promise<Fault | null> {
  const before = tried.get(id);
  const tempId = before?.text === text ? before.tempId : newId();
  tried.set(id, { text, tempId });
  try {
    await desk.writeNote(id, text, tempId);
    tried.delete(id);
    return null;
  } catch (reason) {
    if (!isFault(reason)) throw reason;
    return reason;
  }
}

/** Whoever has gone on to another conversation would not see it by the field. */
export function tellElsewhere(desk: Desk, id: ConversationId, fault: Fault): void {
  const { openId, conversations } = desk.store.getState();
  const about = conversations.get(id);
  if (openId === id || !about) return;
  const { composer: t, faults, session } = currentMessages();
  const text = session.failedWith(nameOf(about), `${t.noteNotStored} ${faultWords(faults, fault)}`);
  showToast({ text, kind: "danger", details: faultDetails(fault) });
}
