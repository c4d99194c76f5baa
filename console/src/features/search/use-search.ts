// Asks the desk for messages and for names, side by side; an answer that comes after the next question is dropped.
import { useEffect, useState } from "react";
import { useDesk, useDeskState } from "../../desk/context";
import type { Desk, DeskState, LoadState } from "../../desk/types";
import type { SearchHit, Summary } from "../../protocol";
import type { Fault } from "../../realtime/types";

/** What was asked, and what is there so far. */
type Asked<T> = { q: string; load: LoadState; items: readonly T[] };
type AskedMessages = Asked<SearchHit> & { cursor: string | null; more: LoadState };

const READY: LoadState = { kind: "ready" };
const LOADING: LoadState = { kind: "loading" };
const failed = (fault: Fault): LoadState => ({ kind: "failed", fault });

export type Search = { messages: AskedMessages; names: Asked<Summary>; loadMore: () => void; again: () => void };

export function useSearch(q: string): Search {
  const desk = useDesk();
  const [attempt, setAttempt] = useState(0);
  const [messages, setMessages] = useState<AskedMessages>({ q: "", load: READY, items: [], cursor: null, more: READY });
  const [names, setNames] = useState<Asked<Summary>>({ q: "", load: READY, items: [] });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks the same again
  useEffect(() => {
    if (q === "") return;
    let isOver = false;
    setMessages({ q, load: LOADING, items: [], cursor: null, more: READY });
    setNames({ q, load: LOADING, items: [] });
    desk.searchMessages(q, null).then(
      (answer) =>
        !isOver && setMessages({ q, load: READY, items: answer.items, cursor: answer.next_cursor, more: READY }),
      (fault: Fault) => !isOver && setMessages((now) => ({ ...now, load: failed(fault) })),
    );
    desk.findConversations(q).then(
      (items) => !isOver && setNames({ q, load: READY, items }),
      (fault: Fault) => !isOver && setNames((now) => ({ ...now, load: failed(fault) })),
    );
    return () => {
      isOver = true;
    };
  }, [desk, q, attempt]);

  const loadMore = () => {
    if (messages.cursor === null || messages.more.kind === "loading") return;
    setMessages({ ...messages, more: LOADING });
    addPage(desk, messages, setMessages);
  };
  const items = useDeskState((state) => messages.items.filter((hit) => !isWithdrawn(hit, state)));
  const found = useDeskState((state) => names.items.map((one) => state.conversations.get(one.id) ?? one));
  return {
    messages: { ...messages, items },
    names: { ...names, items: found },
    loadMore,
    again: () => setAttempt(attempt + 1),
  };
}

/** As far as the desk told this page. */
function isWithdrawn({ message: { id, conversation_id } }: SearchHit, { threads, conversations }: DeskState): boolean {
  const last = conversations.get(conversation_id)?.last_message;
  if (last?.id === id && last.unsent_at !== null) return true;
  return threads.get(conversation_id)?.messages.some((one) => one.id === id && one.unsent_at !== null) ?? false;
}

type SetMessages = (next: (now: AskedMessages) => AskedMessages) => void;

function addPage(desk: Desk, asked: AskedMessages, set: SetMessages): void {
  const { q, cursor } = asked;
  const isSame = (now: AskedMessages) => now.q === q && now.cursor === cursor;
  desk.searchMessages(q, cursor).then(
    ({ items, next_cursor }) =>
      set((now) => (isSame(now) ? { ...now, items: [...now.items, ...items], cursor: next_cursor, more: READY } : now)),
    (fault: Fault) => set((now) => (isSame(now) ? { ...now, more: failed(fault) } : now)),
  );
}
