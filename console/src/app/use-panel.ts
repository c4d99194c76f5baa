// The customer panel: a column that folds, a drawer that goes with its conversation, or a screen of its own.
import { type RefObject, useEffect, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import type { ConversationId } from "../protocol";
import { usePanelFold, type Width } from "./layout";
import { placeOf } from "./places";

export type Panel = {
  isOpen: boolean;
  toggle: () => void;
  close: () => void;
  ref: RefObject<HTMLDivElement | null>;
};

/** On a phone it has an address, so that the back gesture closes it. */
const SCREEN = "panel";

export function usePanel(openId: ConversationId | null, width: Width): Panel {
  const ref = useRef<HTMLDivElement>(null);
  const [isUnfolded, setUnfolded] = usePanelFold();
  const [drawerOf, setDrawerOf] = useState<ConversationId | null>(null);
  const [, navigate] = useLocation();
  const isScreen = new URLSearchParams(useSearch()).has(SCREEN);

  const isOpen = openId !== null && { wide: isUnfolded, middle: drawerOf === openId, narrow: isScreen }[width];

  function show(wanted: boolean): void {
    if (openId === null) return;
    if (width === "wide") setUnfolded(wanted);
    else if (width === "middle") setDrawerOf(wanted ? openId : null);
    else if (wanted) navigate(`${placeOf.conversation(openId)}?${SCREEN}=1`);
    else navigate(placeOf.conversation(openId), { replace: true });
  }

  useFocusInside(ref, isOpen && width !== "wide", () => show(false));
  return { isOpen, toggle: () => show(!isOpen), close: () => show(false), ref };
}

/** What covers the rest takes the focus, gives it back, and goes away with Esc. */
function useFocusInside(ref: RefObject<HTMLElement | null>, isOver: boolean, close: () => void): void {
  const closing = useRef(close);
  closing.current = close;
  useEffect(() => {
    const pane = ref.current;
    if (!isOver || !pane) return undefined;
    const before = document.activeElement;
    pane.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      closing.current();
    };
    pane.addEventListener("keydown", onKeyDown);
    return () => {
      pane.removeEventListener("keydown", onKeyDown);
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, [ref, isOver]);
}
