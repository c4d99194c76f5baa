// One row at a time can be reached with Tab; the arrows move on from it. Rows that are not drawn are drawn first.
import { type KeyboardEvent, type RefObject, useState } from "react";
import { flushSync } from "react-dom";
import type { ConversationId } from "../../protocol";

type RovingOptions = {
  ids: readonly ConversationId[];
  openId: ConversationId | null;
  region: RefObject<HTMLElement | null>;
  scrollTo: (index: number) => void;
};

export type Roving = {
  stopIndex: number;
  stopId: ConversationId | null;
  focusIndex: (index: number) => void;
  /** From where the focus is; from outside of the list, from the conversation that is open. */
  step: (by: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** For `onFocus`: Tab or a click came to a row. */
  follow: (target: Element) => void;
};

export function useRoving({ ids, openId, region, scrollTo }: RovingOptions): Roving {
  const [chosen, setChosen] = useState<ConversationId | null>(null);
  const stopIndex = firstFound(ids, [chosen, openId]);

  const focusIndex = (index: number) => {
    const id = ids[Math.min(Math.max(index, 0), ids.length - 1)];
    if (id === undefined) return;
    flushSync(() => setChosen(id));
    scrollTo(ids.indexOf(id));
    region.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  };

  const step = (by: number) => {
    const focused = idOf(document.activeElement);
    const isInside = focused !== null && region.current?.contains(document.activeElement) === true;
    const from = isInside ? ids.indexOf(focused) : openId === null ? -1 : ids.indexOf(openId);
    // With nothing to go on from, the first step lands on the row that Tab would.
    focusIndex(from < 0 ? stopIndex : from + by);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => focusIndex(0) }[event.key];
    const run = act ?? (event.key === "End" ? () => focusIndex(ids.length - 1) : undefined);
    if (!run) return;
    event.preventDefault();
    run();
  };

  const follow = (target: Element) => {
    const id = idOf(target);
    if (id !== null) setChosen(id);
  };

  return { stopIndex, stopId: ids[stopIndex] ?? null, focusIndex, step, onKeyDown, follow };
}

function firstFound(ids: readonly ConversationId[], wanted: readonly (ConversationId | null)[]): number {
  for (const id of wanted) {
    const at = id === null ? -1 : ids.indexOf(id);
    if (at >= 0) return at;
  }
  return 0;
}

function idOf(element: Element | null): ConversationId | null {
  const text = element?.closest("[data-id]")?.getAttribute("data-id");
  return text ? Number(text) : null;
}
