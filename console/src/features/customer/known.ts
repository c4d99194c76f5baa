// What the loaded messages tell of a customer, where the desk has no answer of its own. Pure.
import type { Thread } from "../../desk/types";
import type { Message, Session, SessionId } from "../../protocol";

/** The newest first; withdrawn ones have nothing to show. */
export function notesOf(messages: readonly Message[]): readonly Message[] {
  return messages.filter((one) => one.message_type === "note" && one.unsent_at === null).toReversed();
}

/** When the conversation began; null while its beginning is not loaded. */
export function beganAt(thread: Thread | undefined): string | null {
  if (thread?.load.kind !== "ready" || thread.hasBefore) return null;
  return thread.messages[0]?.created_at ?? null;
}

export type SeenSession = {
  id: SessionId;
  /** Of the open one when it began; of an earlier one its first message here. */
  from: string;
  isOpen: boolean;
  /** Who answered, each once, in their order. */
  names: readonly string[];
  messages: number;
};

/** Sessions that these messages belong to, and the open one; the newest first. */
export function sessionsOf(messages: readonly Message[], open: Session | null): readonly SeenSession[] {
  const seen = new Map<SessionId, SeenSession>();
  for (const message of messages) {
    if (message.session_id === null) continue;
    const before = seen.get(message.session_id);
    const names = before?.names ?? [];
    const name = message.message_type === "note" ? null : message.operator_name;
    seen.set(message.session_id, {
      id: message.session_id,
      from: before?.from ?? message.created_at,
      isOpen: false,
      names: name === null || names.includes(name) ? names : [...names, name],
      messages: (before?.messages ?? 0) + 1,
    });
  }
  if (open) {
    const names = seen.get(open.id)?.names ?? [];
    const owner = open.operator_name;
    seen.set(open.id, {
      id: open.id,
      from: open.started_at,
      isOpen: true,
      names: owner === null || names.includes(owner) ? names : [...names, owner],
      messages: seen.get(open.id)?.messages ?? 0,
    });
  }
  return [...seen.values()].sort((one, other) => other.id - one.id);
}
