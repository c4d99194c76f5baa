// The browser as the realtime layer's environment.
import type { Cancel, Channel, Environment, Wire, WireEvents } from "./environment";

const SOCKET_PATH = "/api/v1/ws/live-chat";

export function browserEnvironment(): Environment {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId,
    after(ms, run) {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    },
    every,
    connect,
    onOnline: (run) => listen(window, "online", run),
    onOffline: (run) => listen(window, "offline", run),
    onReturn,
    isHidden: () => document.hidden,
    exclusive,
    channel,
  };
}

/** Works without a secure context, unlike `randomUUID`. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function listen(target: EventTarget, type: string, run: () => void): Cancel {
  target.addEventListener(type, run);
  return () => target.removeEventListener(type, run);
}

function every(ms: number, run: () => void): Cancel {
  let fallback: ReturnType<typeof setInterval> | undefined;
  const begin = () => {
    fallback ??= setInterval(run, ms);
  };
  let worker: Worker | null = null;
  try {
    // A file of its own, not a blob: the policy is `script-src 'self'`.
    worker = new Worker(new URL("./ticker.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = run;
    worker.onerror = begin;
    worker.postMessage(ms);
  } catch {
    begin();
  }
  return () => {
    worker?.terminate();
    clearInterval(fallback);
  };
}

function connect(events: WireEvents): Wire {
  const url = new URL(SOCKET_PATH, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onopen = () => events.opened();
  socket.onmessage = (event: MessageEvent<unknown>) => {
    if (typeof event.data === "string") events.heard(event.data);
  };
  socket.onclose = (event) => events.closed(event.code);
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
}

function onReturn(run: () => void): Cancel {
  const seen = listen(document, "visibilitychange", () => {
    if (!document.hidden) run();
  });
  // A page taken out of the back-forward cache has lost its socket without being told.
  const shown = listen(window, "pageshow", run);
  return () => {
    seen();
    shown();
  };
}

/** Where there are no locks (no secure context), two tabs may both send; the same `temp_id` makes that harmless (DL1). */
async function exclusive(name: string, run: () => Promise<void>): Promise<void> {
  if (!("locks" in navigator)) return run();
  await navigator.locks.request(name, run);
}

function channel(name: string, heard: () => void): Channel {
  if (!("BroadcastChannel" in globalThis)) return { tell() {}, close() {} };
  const open = new BroadcastChannel(name);
  open.onmessage = heard;
  return { tell: () => open.postMessage(0), close: () => open.close() };
}
