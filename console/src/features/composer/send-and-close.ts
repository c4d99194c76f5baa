// Send, and close once the message is safe: a close that overtakes its last message would have it refused.
import { currentMessages } from "../../catalogue/catalogue";
import type { Desk, DeskState } from "../../desk/types";
import type { ConversationId, Summary } from "../../protocol";
import { nameOf } from "../../ui/name";
import { showToast } from "../../ui/toasts";

/** `waiting`: it is not stored yet, as when one is offline. `refused`: the desk did not take it. */
export type Stored = "stored" | "refused" | "waiting";

const PATIENCE_MS = 8000;

/** By the time that it cannot be closed, another conversation may be open: a toast says it. */
export async function sendAndClose(desk: Desk, summary: Summary, tempId: string, close: () => unknown): Promise<void> {
  const stored = await whenStored(desk, summary.id, tempId);
  if (stored === "stored") return void close();
  const { composer: t, session } = currentMessages();
  const words = stored === "waiting" ? t.notClosed : t.refusedNotClosed;
  showToast({ text: session.failedWith(nameOf(summary), words), icon: "clock" });
}

export function whenStored(desk: Desk, id: ConversationId, tempId: string): Promise<Stored> {
  const first = look(desk.store.getState(), id, tempId, false);
  if (first) return Promise.resolve(first);
  return new Promise((resolve) => {
    let wasThere = isThere(desk.store.getState(), tempId);
    const end = (stored: Stored): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(stored);
    };
    const unsubscribe = desk.store.subscribe((state) => {
      const now = look(state, id, tempId, wasThere);
      wasThere ||= isThere(state, tempId);
      if (now) end(now);
    });
    const timer = setTimeout(() => end("waiting"), PATIENCE_MS);
  });
}

function look(state: DeskState, id: ConversationId, tempId: string, wasThere: boolean): Stored | null {
  const entry = state.outbox.find((one) => one.temp_id === tempId);
  if (entry) return entry.state === "refused" ? "refused" : state.connection.kind === "offline" ? "waiting" : null;
  if (wasThere) return "stored";
  return state.threads.get(id)?.messages.some((one) => one.temp_id === tempId) ? "stored" : null;
}

const isThere = (state: DeskState, tempId: string): boolean => state.outbox.some((one) => one.temp_id === tempId);
