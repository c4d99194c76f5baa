// For tests of the desk: a browser whose time, network and tabs the test holds, a scripted realtime layer, and frames.
import { vi } from "vitest";
import type { ConversationList, Seq, ServerFrame, SessionEvent, Summary, TokenAnswer } from "../protocol";
import type { ConnectionState, RealtimeListener } from "../realtime/types";
import { counts, ME } from "../testing/fake-desk";
import type { DeskEnvironment } from "./environment";
import type { Connect, Link } from "./link";

type Payload<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>["payload"];

export const AT = "2026-01-31T08:30:00.000Z";

/** A durable event, or one without a seq. */
export function frame<T extends ServerFrame["type"]>(type: T, payload: Payload<T>, seq?: Seq, reply_to?: string) {
  return {
    type,
    payload,
    timestamp: AT,
    ...(seq === undefined ? {} : { seq }),
    ...(reply_to === undefined ? {} : { reply_to }),
  };
}

export function sessionEvent(over: Partial<SessionEvent> = {}): SessionEvent {
  return {
    line_user_id: "U0",
    conversation_id: 1,
    session_id: 1,
    status: "WAITING",
    operator_id: null,
    operator_name: null,
    ...over,
  };
}

export function page(conversations: Summary[], over: Partial<ConversationList> = {}): ConversationList {
  return {
    conversations,
    next_cursor: null,
    total: conversations.length,
    waiting_count: 0,
    active_count: 0,
    counts: counts({ waiting: over.waiting_count ?? 0, active: over.active_count ?? 0 }),
    seq: 10,
    ...over,
  };
}

type Timer = { at: number; run: () => void };

/** What all tabs of one browser share, and its time. */
export class FakeBrowser {
  time = Date.parse(AT);
  stored = new Map<string, string>();
  #timers = new Set<Timer>();
  #tabs = new Set<(message: unknown) => void>();
  #lock: Promise<unknown> = Promise.resolve();
  #ids = 0;
  #returns = new Set<() => void>();

  tab(fetch: DeskEnvironment["fetch"], hasLocks = true): DeskEnvironment {
    let hear = (_: unknown) => {};
    const heard = (message: unknown) => hear(message);
    this.#tabs.add(heard);
    return {
      fetch,
      now: () => this.time,
      random: () => 0.5,
      later: (ms, run) => this.#later(ms, run),
      frame: (run) => this.#later(16, run),
      onReturn: (run) => {
        this.#returns.add(run);
        return () => this.#returns.delete(run);
      },
      newId: () => `id${++this.#ids}`,
      storage: {
        get: (key) => this.stored.get(key) ?? null,
        set: (key, value) => this.stored.set(key, value),
        remove: (key) => this.stored.delete(key),
      },
      locks: hasLocks ? (_, work) => this.#alone(work) : null,
      tell: (message) => {
        for (const tab of this.#tabs) if (tab !== heard) tab(message);
      },
      hear: (listener) => {
        hear = listener;
        return () => this.#tabs.delete(heard);
      },
    };
  }

  /** The network is back, for every tab. */
  returns(): void {
    for (const run of this.#returns) run();
  }

  /** Lets time pass, and all that waits for it happen. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settled();
    }
    this.time = end;
  }

  #later(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#lock.then(work);
    this.#lock = mine.catch(() => {});
    return mine;
  }
}

/** All promises that need no time are done. Reading a response takes turns of the event loop. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 4; n++) await new Promise((done) => setImmediate(done));
}

export function answer(body: unknown, status = 200): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status });
}

export function tokens(n: number, user = ME): TokenAnswer {
  return { access_token: `token${n}`, token_type: "bearer", expires_in: 900, user };
}

export function problem(status: number, code: string, details?: unknown): Response {
  return answer({ type: "about:blank", title: "", status, detail: code, code, request_id: "r", details }, status);
}

/** A realtime layer that does what the test says. */
export class FakeLink {
  state: ConnectionState = { kind: "idle" };
  seq: Seq = 0;
  started: [number, Seq][] = [];
  listener: RealtimeListener | null = null;
  token: ((force: boolean) => Promise<string>) | null = null;
  recall = vi.fn();
  start = vi.fn((operator: number, seq: Seq) => {
    this.started.push([operator, seq]);
    this.seq = seq;
    this.become({ kind: "live" });
  });
  stop = vi.fn(() => this.become({ kind: "idle" }));
  forget = vi.fn((_: number) => Promise.resolve(true));
  refuse = vi.fn(() => this.become({ kind: "refused" }));
  tryNow = vi.fn();
  renewed = vi.fn();
  setRoom = vi.fn();
  request = vi.fn<Link["request"]>();
  send = vi.fn<Link["send"]>();
  sendAgain = vi.fn();
  discard = vi.fn(() => true);
  restore = vi.fn();
  fateOf = vi.fn<Link["fateOf"]>(() => null);
  hold = vi.fn();
  typing = vi.fn();
  markRead = vi.fn();

  readonly connect: Connect = ({ token, listener }) => {
    this.listener = listener;
    this.token = token;
    return this;
  };

  become(state: ConnectionState): void {
    this.state = state;
    this.listener?.onState(state);
  }

  hear(...frames: ServerFrame[]): void {
    for (const one of frames) {
      this.seq = one.seq ?? this.seq;
      this.listener?.onFrame(one);
    }
  }
}
