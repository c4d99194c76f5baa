// Whether the browser lets this page show notifications. Asking is for a click only.
import { useSyncExternalStore } from "react";

export type Permission = NotificationPermission | "unsupported";

const listeners = new Set<() => void>();

function tell(): void {
  for (const one of listeners) one();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // The browser's own switch may be turned meanwhile.
  document.addEventListener("visibilitychange", listener);
  addEventListener("focus", listener);
  return () => {
    listeners.delete(listener);
    document.removeEventListener("visibilitychange", listener);
    removeEventListener("focus", listener);
  };
}

/** It says that it allows them, and shows none. */
let isRefusing = false;

const read = (): Permission =>
  isRefusing || typeof Notification === "undefined" ? "unsupported" : Notification.permission;

export const usePermission = (): Permission => useSyncExternalStore(subscribe, read);

/** One that was allowed could not be shown. */
export function markUnsupported(): void {
  isRefusing = true;
  tell();
}

export async function askPermission(): Promise<void> {
  try {
    await Notification.requestPermission();
  } finally {
    tell();
  }
}
