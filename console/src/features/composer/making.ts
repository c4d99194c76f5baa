// Which dialog of the composer is open: a place or a card is made in one of its own. What is in it is the draft's.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ConversationId } from "../../protocol";
import { onForget } from "../../ui/forget";

export type Making = "place" | "card";

const store = createStore<{ open: { id: ConversationId; what: Making } | null }>(() => ({ open: null }));
onForget(() => store.setState({ open: null }));

export const openMaking = (id: ConversationId, what: Making): void => store.setState({ open: { id, what } });
export const closeMaking = (): void => store.setState({ open: null });
export const useMaking = (id: ConversationId): Making | null =>
  useStore(store, ({ open }) => (open?.id === id ? open.what : null));
