// What the desk needs of the browser. Tests bring their own.
import { keep, keepNoMore, kept } from "../kept";
import { newId, browserEnvironment as realtimeEnvironment } from "../realtime/browser";

export type DeskEnvironment = {
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 ≤ n < 1. */
  random(): number;
  /** Runs it after `ms`; returns the way to call it off. */
  later(ms: number, run: () => void): () => void;
  /** Runs it with the next animation frame, or soon where none comes because the page is hidden. */
  frame(run: () => void): () => void;
  /** The network is back, or the page is looked at again. */
  onReturn(run: () => void): () => void;
  newId(): string;
  /** Shared by all tabs; forgets everything where the browser keeps nothing. */
  storage: {
    get(key: string): string | null;
    set(key: string, value: string): void;
    remove(key: string): void;
  };
  /** One at a time over all tabs; null where the browser cannot (plain http on a local network). */
  locks: (<T>(name: string, work: () => Promise<T>) => Promise<T>) | null;
  /** To the other tabs, never back to this one. */
  tell(message: unknown): void;
  hear(listener: (message: unknown) => void): () => void;
};

const FRAME_AT_LATEST_MS = 100;

export function browserEnvironment(): DeskEnvironment {
  const { onOnline, onReturn } = realtimeEnvironment();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("linedesk.sign_in");
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  return {
    fetch: (path, init) => fetch(path, init),
    now: () => Date.now(),
    random: () => Math.random(),
    later,
    frame: (run) => {
      const once = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
        run();
      };
      const frame = requestAnimationFrame(once);
      const timer = setTimeout(once, FRAME_AT_LATEST_MS);
      return () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
      };
    },
    onReturn: (run) => {
      const ends = [onOnline(run), onReturn(run)];
      return () => {
        for (const end of ends) end();
      };
    },
    newId,
    storage: { get: kept, set: keep, remove: keepNoMore },
    locks: navigator.locks ? async (name, work) => await navigator.locks.request(name, () => work()) : null,
    tell: (message) => channel?.postMessage(message),
    hear: (listener) => {
      const heard = (event: MessageEvent<unknown>) => listener(event.data);
      channel?.addEventListener("message", heard);
      return () => channel?.removeEventListener("message", heard);
    },
  };
}
