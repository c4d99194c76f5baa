// Which messages were in sight, down to their last line; and telling the desk, while someone is there to see them.
import { type RefObject, useEffect, useRef, useState } from "react";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { ConversationId, MessageId } from "../../protocol";
import { useIsHere } from "./attention";
import type { Day } from "./rows";

/** Scrolling past is not reading. */
const DWELL_MS = 300;
// What is above the view counts too, or a message taller than the view could never be seen whole.
const MARGIN = "1000000px 0px 4px 0px";

/** The newest message that was in sight; 0 before any was. */
export function useSeen(scroller: RefObject<HTMLElement | null>, days: readonly Day[]): MessageId {
  const [seen, setSeen] = useState<MessageId>(0);
  const observer = useRef<IntersectionObserver | null>(null);
  const observed = useRef(new WeakSet<Element>());

  useEffect(() => {
    if (!scroller.current) return;
    const made = new IntersectionObserver(
      (entries) => {
        let newest = 0;
        for (const { isIntersecting, intersectionRatio, target } of entries) {
          if (!isIntersecting || intersectionRatio < 1) continue;
          made.unobserve(target);
          newest = Math.max(newest, idOf(target));
        }
        if (newest > 0) setSeen((before) => Math.max(before, newest));
      },
      { root: scroller.current, rootMargin: MARGIN, threshold: 1 },
    );
    observer.current = made;
    observed.current = new WeakSet();
    return () => made.disconnect();
  }, [scroller]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows of `days` are what is observed
  useEffect(() => {
    const rows = scroller.current?.getElementsByClassName("msg") ?? [];
    // From the newest back to what was seen before; of older ones there is nothing to learn.
    for (let n = rows.length - 1; n >= 0; n -= 1) {
      const row = rows[n];
      if (!row) continue;
      const id = idOf(row);
      if (id > 0 && id <= seen) break;
      if (id === 0 || observed.current.has(row)) continue;
      observed.current.add(row);
      observer.current?.observe(row);
    }
  }, [days, seen, scroller]);

  return seen;
}

const idOf = (row: Element): MessageId => (row instanceof HTMLElement ? Number(row.dataset.id ?? 0) : 0);

/**
 * Marks what was seen as read, as soon as there is something unread and someone who looks. The mark is the whole desk's:
 * where a colleague answers, looking on must not take it from them.
 */
export function useReadMark(id: ConversationId, seen: MessageId): void {
  const desk = useDesk();
  const me = useMe();
  const isColleagues = useDeskState((state) => {
    const session = state.conversations.get(id)?.session;
    return session?.status === "ACTIVE" && session.operator_id !== me.id;
  });
  const isHere = useIsHere();
  const hasUnread = useDeskState((state) => (state.conversations.get(id)?.unread_count ?? 0) > 0);
  const isLive = useDeskState((state) => state.connection.kind === "live");
  useEffect(() => {
    if (!isHere || !hasUnread || !isLive || isColleagues || seen === 0) return;
    const timer = setTimeout(() => desk.markRead(id, seen), DWELL_MS);
    return () => clearTimeout(timer);
  }, [desk, id, seen, isHere, hasUnread, isLive, isColleagues]);
}
