// One shared ticker per pace: however many clocks are on the screen, one timer moves them all, and together.
import { useSyncExternalStore } from "react";

type Ticker = { now: number; timer: ReturnType<typeof setInterval> | undefined; listeners: Set<() => void> };

const tickers = new Map<number, Ticker>();

function tickerOf(everyMs: number): Ticker {
  let ticker = tickers.get(everyMs);
  if (!ticker) {
    ticker = { now: Date.now(), timer: undefined, listeners: new Set() };
    tickers.set(everyMs, ticker);
  }
  return ticker;
}

function subscribe(everyMs: number, listener: () => void): () => void {
  const ticker = tickerOf(everyMs);
  ticker.listeners.add(listener);
  ticker.timer ??= setInterval(() => {
    ticker.now = Date.now();
    for (const one of ticker.listeners) one();
  }, everyMs);
  return () => {
    ticker.listeners.delete(listener);
    if (ticker.listeners.size > 0) return;
    clearInterval(ticker.timer);
    ticker.timer = undefined;
  };
}

function read(everyMs: number): number {
  const ticker = tickerOf(everyMs);
  // Without a running timer the kept moment may be long past.
  if (ticker.timer === undefined && Date.now() - ticker.now >= everyMs) ticker.now = Date.now();
  return ticker.now;
}

const sources = new Map<number, (listener: () => void) => () => void>();

function sourceOf(everyMs: number): (listener: () => void) => () => void {
  let source = sources.get(everyMs);
  if (!source) {
    source = (listener) => subscribe(everyMs, listener);
    sources.set(everyMs, source);
  }
  return source;
}

/** Milliseconds since the epoch, renewed every `everyMs`. */
export function useNow(everyMs = 1000): number {
  return useSyncExternalStore(sourceOf(everyMs), () => read(everyMs));
}
