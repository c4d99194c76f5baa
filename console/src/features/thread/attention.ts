// Whether someone is there to see the page.
import { useSyncExternalStore } from "react";

const isHere = (): boolean => document.visibilityState === "visible" && document.hasFocus();

function subscribe(listener: () => void): () => void {
  addEventListener("focus", listener);
  addEventListener("blur", listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    removeEventListener("focus", listener);
    removeEventListener("blur", listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

export const useIsHere = (): boolean => useSyncExternalStore(subscribe, isHere);

const isShown = (): boolean => document.visibilityState === "visible";

export const useIsShown = (): boolean => useSyncExternalStore(subscribe, isShown);
