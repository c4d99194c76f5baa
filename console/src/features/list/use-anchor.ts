// Whoever has scrolled down keeps what they look at, whichever rows go to the top.
import type { Virtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef } from "react";
import type { ConversationId } from "../../protocol";

type Seen = { ids: readonly ConversationId[]; items: readonly { id: ConversationId; index: number; start: number }[] };

export function useAnchor(rows: Virtualizer<HTMLDivElement, Element>, ids: readonly ConversationId[]): void {
  const seen = useRef<Seen>({ ids, items: [] });
  useLayoutEffect(() => {
    const offset = rows.scrollOffset ?? 0;
    const before = seen.current;
    if (before.ids !== ids && offset > 0) {
      const moved = moveOf(before, ids, (index) => rows.measurementsCache[index]?.start);
      if (moved !== 0) rows.scrollToOffset(offset + moved);
    }
    const items = rows.getVirtualItems().filter((item) => item.end > offset);
    seen.current = { ids, items: items.map(({ index, start }) => ({ id: ids[index] ?? -1, index, start })) };
  });
}

/** How far the first row in sight was moved by others; one that itself went up is not what the eye is on. */
export function moveOf(
  before: Seen,
  ids: readonly ConversationId[],
  startOf: (index: number) => number | undefined,
): number {
  for (const { id, index, start } of before.items) {
    const now = ids.indexOf(id, index);
    const place = now < 0 ? undefined : startOf(now);
    if (place !== undefined) return place - start;
  }
  return 0;
}
