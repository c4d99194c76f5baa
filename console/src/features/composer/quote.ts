// What other screens hand to the field: the message that is being quoted, text that goes back into it, and the focus.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ConversationId, MessageId } from "../../protocol";
import { onForget } from "../../ui/forget";

type Handed = {
  /** By id: the message itself may be withdrawn meanwhile. */
  quotes: ReadonlyMap<ConversationId, MessageId>;
  /** Text that waits until its conversation's field takes it. */
  restored: ReadonlyMap<ConversationId, string>;
  /** Whose field takes the focus as soon as it can be written in. */
  focusFor: ConversationId | null;
};

const handed = createStore<Handed>(() => ({ quotes: new Map(), restored: new Map(), focusFor: null }));
onForget(() => handed.setState(handed.getInitialState()));

export function setQuote(id: ConversationId, message: MessageId | null): void {
  const quotes = new Map(handed.getState().quotes);
  if (message !== null) quotes.set(id, message);
  else quotes.delete(id);
  handed.setState(message !== null ? { quotes, focusFor: id } : { quotes });
}

/** Puts text that could not be sent back into the field, before what is there. */
export function restoreDraft(id: ConversationId, text: string): void {
  const restored = new Map(handed.getState().restored);
  const before = restored.get(id);
  restored.set(id, before ? `${before}\n${text}` : text);
  handed.setState({ restored, focusFor: id });
}

export const askFocus = (id: ConversationId | null): void => handed.setState({ focusFor: id });

/** What `restoreDraft` left, once. */
export function takeRestored(id: ConversationId): string | null {
  const text = handed.getState().restored.get(id);
  if (text === undefined) return null;
  const restored = new Map(handed.getState().restored);
  restored.delete(id);
  handed.setState({ restored });
  return text;
}

export const useQuote = (id: ConversationId): MessageId | null =>
  useStore(handed, (state) => state.quotes.get(id) ?? null);
export const useHasRestored = (id: ConversationId): boolean => useStore(handed, (state) => state.restored.has(id));
export const useWantsFocus = (id: ConversationId): boolean => useStore(handed, (state) => state.focusFor === id);
