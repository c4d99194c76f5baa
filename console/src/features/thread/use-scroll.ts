// Scrolling: loads more at both edges, keeps the eye's place, and knows whether it is at the end.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Thread } from "../../desk/types";
import type { MessageId } from "../../protocol";
import type { Day } from "./rows";
import { ScrollPlace } from "./scroll-place";

/** So far from an edge the next page is fetched. */
const AHEAD_PX = 800;

type ScrollInput = {
  scroller: RefObject<HTMLElement | null>;
  thread: Thread | undefined;
  days: readonly Day[];
  /** Asked again and again while near the edge: the receiver knows whether it is loading already. */
  onNearEdge: (edge: "before" | "after") => void;
};

export type Scroll = {
  isAtEnd: boolean;
  toEnd: () => void;
  toUnread: () => boolean;
  /** False when the message is not there. */
  show: (id: MessageId) => boolean;
};

export function useScroll({ scroller, thread, days, onNearEdge }: ScrollInput): Scroll {
  const [place] = useState(() => new ScrollPlace());
  const [isAtEnd, setAtEnd] = useState(true);
  const unreadLine = useRef<Element | null>(null);
  // Who looks for the unread ones loads them too.
  const hasBefore = (thread?.hasBefore && !thread.isSeeking) ?? false;
  const hasAfter = thread?.hasAfter ?? false;

  const settle = useCallback(() => {
    setAtEnd(place.isAtEnd);
    const { above, below } = place.left;
    if (hasBefore && above < AHEAD_PX) onNearEdge("before");
    if (hasAfter && below < AHEAD_PX) onNearEdge("after");
  }, [place, hasBefore, hasAfter, onNearEdge]);

  // Before the browser paints: rows that were put in above must not be seen moving.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `days` is what changes the layout
  useLayoutEffect(() => {
    const it = scroller.current;
    place.attach(it);
    place.hasAfter = hasAfter;
    const line = it?.querySelector(".since") ?? null;
    const isNew = line !== null && unreadLine.current === null;
    unreadLine.current = line;
    // Who comes back begins where they left, not below what they have not read.
    if (line && isNew && place.isHeldAtEnd) place.toTop(line);
    else place.restore();
    settle();
  }, [days, hasAfter, place, scroller, settle]);

  // Rows get their real height when they come near; the window and the composer change theirs.
  useEffect(() => {
    const it = scroller.current;
    if (!it || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      place.restore();
      setAtEnd(place.isAtEnd);
    });
    observer.observe(it);
    if (it.firstElementChild) observer.observe(it.firstElementChild);
    return () => observer.disconnect();
  }, [scroller, place]);

  useEffect(() => {
    const it = scroller.current;
    const onScroll = () => {
      place.remember();
      settle();
    };
    it?.addEventListener("scroll", onScroll, { passive: true });
    return () => it?.removeEventListener("scroll", onScroll);
  }, [scroller, place, settle]);

  const toEnd = useCallback(() => {
    place.toEnd();
    settle();
  }, [place, settle]);

  const toUnread = useCallback(() => {
    const line = scroller.current?.querySelector(".since");
    if (line) place.toTop(line);
    return Boolean(line);
  }, [place, scroller]);

  const show = useCallback(
    (id: MessageId) => {
      const row = scroller.current?.querySelector(`[data-id="${id}"]`);
      if (!(row instanceof HTMLElement)) return false;
      place.toMiddle(row);
      settle();
      flash(row);
      return true;
    },
    [place, scroller, settle],
  );

  return { isAtEnd, toEnd, toUnread, show };
}

const FLASH_MS = 1600;

/** Once. The mark is no state: nothing needs to be rendered for it. */
function flash(row: HTMLElement): void {
  delete row.dataset.flash;
  requestAnimationFrame(() => {
    row.dataset.flash = "";
    setTimeout(() => delete row.dataset.flash, FLASH_MS);
  });
}
