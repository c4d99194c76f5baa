// Short notes for what has no place on the screen. Those with an act to take stay as long as the act can be taken.
import { type FocusEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { useMessages } from "../catalogue/catalogue";
import { IconButton } from "./button";
import { onForget } from "./forget";
import { Icon, type IconName } from "./icon";
import { useNow } from "./now";

export type ToastWish = {
  text: string;
  kind?: "info" | "ok" | "danger";
  icon?: IconName;
  action?: { label: string; run: () => void };
  /** Codes and ids, folded away. */
  details?: string;
  /** How long it stays; 6 s. */
  ms?: number;
};

type Toast = ToastWish & { id: number; until: number; ms: number };

const DEFAULT_MS = 6000;
const AT_MOST = 4;

let lastId = 0;
const store = createStore<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

/** Returns the way to take it away early. */
export function showToast(wish: ToastWish): () => void {
  const ms = wish.ms ?? DEFAULT_MS;
  const toast: Toast = { ...wish, id: ++lastId, ms, until: Date.now() + ms };
  store.setState(({ toasts }) => ({ toasts: [...toasts, toast].slice(-AT_MOST) }));
  return () => dismiss(toast.id);
}

function dismiss(id: number): void {
  store.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }));
}

onForget(() => store.setState({ toasts: [] }));

/** The act of the newest toast that has one; doing it takes that toast away. */
export function useToastAct(): (() => void) | null {
  const toast = useStore(store, ({ toasts }) => toasts.findLast((one) => one.action) ?? null);
  return toast && (() => take(toast));
}

function take({ id, action }: Toast): void {
  dismiss(id);
  action?.run();
}

/** Once, at the root. The region is always there, or screen readers would miss the first note. */
export function Toasts() {
  const toasts = useStore(store, (state) => state.toasts);
  const before = useRef<Element | null>(null);
  const onFocus = (event: FocusEvent) => {
    if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) before.current = event.relatedTarget;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only notes where the focus came from
    <div className="toasts" aria-live="polite" onFocus={onFocus}>
      {toasts.map((toast) => (
        <ToastNote key={toast.id} toast={toast} before={before} />
      ))}
    </div>
  );
}

const ICONS: Record<NonNullable<ToastWish["kind"]>, IconName> = { info: "inbox", ok: "done", danger: "alert" };

/** `before`: what had the focus until a toast took it. */
function ToastNote({ toast, before }: { toast: Toast; before: RefObject<Element | null> }) {
  const t = useMessages().common;
  const { id, until, action } = toast;
  const box = useRef<HTMLDivElement>(null);
  // Before it leaves the page, which would drop the focus.
  useLayoutEffect(() => {
    const it = box.current;
    return () => {
      if (!it?.contains(document.activeElement)) return;
      if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
    };
  }, [before]);
  // Its end is a deadline of its own: the shown seconds only follow it.
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [id, until]);
  return (
    <div ref={box} className={toast.kind === "danger" ? "toast is-danger" : "toast"}>
      <Icon name={toast.icon ?? ICONS[toast.kind ?? "info"]} />
      <div className="toast-text">
        <p>{toast.text}</p>
        {toast.details && (
          <details>
            <summary>{t.details}</summary>
            <code>{toast.details}</code>
          </details>
        )}
      </div>
      {action ? (
        <button type="button" className="u" onClick={() => take(toast)}>
          <Countdown until={until} ms={toast.ms} />
          {action.label}
        </button>
      ) : (
        <IconButton icon="close" label={t.dismiss} size={16} onClick={() => dismiss(id)} />
      )}
    </div>
  );
}

const AROUND = 2 * Math.PI * 6;

function Countdown({ until, ms }: { until: number; ms: number }) {
  const left = Math.max(0, until - useNow(1000));
  return (
    <svg className="cd" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity=".3" />
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray={`${(AROUND * Math.min(1, left / ms)).toFixed(1)} ${AROUND.toFixed(1)}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}
