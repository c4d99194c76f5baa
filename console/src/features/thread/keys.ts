// Moving through the messages by keys. The focus itself is the state.
import type { KeyboardEvent } from "react";

const rows = (log: Element): HTMLElement[] =>
  [...log.getElementsByClassName("msg")].filter((row) => row instanceof HTMLElement);

/** For the field, at Arrow up in it while it is empty: the newest message gets the focus. */
export function focusLastMessage(): boolean {
  const log = document.querySelector(".thread-log");
  const last = log ? rows(log).at(-1) : undefined;
  last?.focus();
  return last !== undefined;
}

/** The message that has the focus, or in which something has it. */
export function focusedMessage(): number | null {
  const row = document.activeElement?.closest(".thread-log .msg");
  return row instanceof HTMLElement && row.dataset.id ? Number(row.dataset.id) : null;
}

/** `onBack`: Esc in a message; the field gets the focus. */
export function moveFocus(event: KeyboardEvent<HTMLElement>, onBack: () => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const log = event.currentTarget;
  const target = event.target;
  const row = target.closest(".msg");
  if (event.key === "Escape" && row) {
    event.preventDefault();
    onBack();
    return;
  }
  // Only from a message itself: its buttons have keys of their own.
  if (target !== log && target !== row) return;
  const all = rows(log);
  const at = row instanceof HTMLElement ? all.indexOf(row) : -1;
  const next = nextRow(event.key, all, at);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function nextRow(key: string, all: readonly HTMLElement[], at: number): HTMLElement | undefined {
  switch (key) {
    case "ArrowUp":
      return at < 0 ? all.at(-1) : all[Math.max(0, at - 1)];
    case "ArrowDown":
      return at < 0 ? undefined : all[Math.min(all.length - 1, at + 1)];
    case "Home":
      return at < 0 ? undefined : all[0];
    case "End":
      return at < 0 ? undefined : all.at(-1);
    default:
      return undefined;
  }
}
