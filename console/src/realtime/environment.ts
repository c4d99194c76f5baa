// What the realtime layer needs from the world: time, chance, the network, the page and the other tabs. Tests give their own.

export type Cancel = () => void;

/** An open, or opening, WebSocket. */
export type Wire = { send(text: string): void; close(): void };

/** `closed` is told once, also when the connection could never be made. */
export type WireEvents = { opened(): void; heard(text: string): void; closed(code: number): void };

/** Tells the other tabs of this browser that something changed. */
export type Channel = { tell(): void; close(): void };

export type Environment = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 ≤ n < 1. */
  random(): number;
  /** Unique among all browsers. */
  newId(): string;
  after(ms: number, run: () => void): Cancel;
  /** Keeps its pace in a hidden page too. */
  every(ms: number, run: () => void): Cancel;
  connect(events: WireEvents): Wire;
  onOnline(run: () => void): Cancel;
  onOffline(run: () => void): Cancel;
  /** The page is looked at again. */
  onReturn(run: () => void): Cancel;
  isHidden(): boolean;
  /** Runs alone among all tabs of this browser, under that name. */
  exclusive(name: string, run: () => Promise<void>): Promise<void>;
  channel(name: string, heard: () => void): Channel;
};
