// How wide the window is, as the layout sees it, and what an operator arranged: the list's width and the folded panel.
import { useCallback, useState, useSyncExternalStore } from "react";
import { keep, kept } from "../kept";

/** `wide`: four columns. `middle`: the panel is a drawer. `narrow`: one column at a time. */
export type Width = "wide" | "middle" | "narrow";

const QUERIES = ["(min-width: 1200px)", "(min-width: 768px)"];

function readWidth(): Width {
  if (window.matchMedia("(min-width: 1200px)").matches) return "wide";
  return window.matchMedia("(min-width: 768px)").matches ? "middle" : "narrow";
}

function subscribe(listener: () => void): () => void {
  const lists = QUERIES.map((query) => window.matchMedia(query));
  for (const list of lists) list.addEventListener("change", listener);
  return () => {
    for (const list of lists) list.removeEventListener("change", listener);
  };
}

export const useWidth = (): Width => useSyncExternalStore(subscribe, readWidth);

export const LIST_WIDTH = { least: 280, usual: 340, most: 460 };

const WIDTH_KEY = "linedesk.list_width";
const PANEL_KEY = "linedesk.panel";

export function useListWidth(): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => within(Number(kept(WIDTH_KEY)) || LIST_WIDTH.usual));
  const change = useCallback((wanted: number) => {
    const next = within(wanted);
    setWidth(next);
    keep(WIDTH_KEY, String(next));
  }, []);
  return [width, change];
}

function within(width: number): number {
  return Math.round(Math.min(LIST_WIDTH.most, Math.max(LIST_WIDTH.least, width)));
}

/** Whether the panel stands open where there is room for it. */
export function usePanelFold(): [boolean, (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(() => kept(PANEL_KEY) !== "folded");
  const change = useCallback((next: boolean) => {
    setOpen(next);
    keep(PANEL_KEY, next ? "open" : "folded");
  }, []);
  return [isOpen, change];
}
