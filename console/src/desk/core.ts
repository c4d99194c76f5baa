// The one place where the state changes. What comes in a burst is applied together, at most once in an animation frame;
// what an operator waits for is applied at once. While a REST answer is on its way, the events of that time are kept:
// applied again over the answer, they make it as new as the screen was.
import { createStore, type StoreApi } from "zustand/vanilla";
import type { OperatorId, ServerFrame } from "../protocol";
import { applyFrame, distrust } from "./apply";
import { Draft } from "./draft";
import type { DeskEnvironment } from "./environment";
import { emptyModel, emptyState, type Ledger, type Model } from "./model";
import { lapse } from "./people";
import type { DeskState } from "./types";

/** What concerns only rows further down can wait this long: 50 events/s cost half a dozen renderings. */
const CALM_MS = 150;

export type Due = "calm" | "frame" | "now";

export type Job = (draft: Draft) => void;

export class Core {
  readonly store: StoreApi<DeskState>;
  /** Called after every change with what was applied. */
  onApplied: (ledger: Ledger) => void = () => {};

  #ledger: Ledger;
  #jobs: Job[] = [];
  #due: Due | null = null;
  #cancel = () => {};
  #cancelLapse = () => {};
  #records = new Set<ServerFrame[]>();
  /** What was asked for before a reset has no say after it. */
  #generation = 0;
  #environment: DeskEnvironment;

  constructor(environment: DeskEnvironment) {
    this.#environment = environment;
    const model = emptyModel(0);
    this.#ledger = model.ledger;
    this.store = createStore<DeskState>()(() => model.state);
  }

  get state(): DeskState {
    return this.store.getState();
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Another operator starts from nothing of the last one's. */
  reset(me: OperatorId): void {
    this.#generation++;
    this.#jobs = [];
    this.#records.clear();
    const { limits, timezone, targetSeconds, signIn } = this.state;
    const { status, q, tag } = this.state.list;
    const fresh = emptyState();
    this.#take(
      emptyModel(me, { ...fresh, limits, timezone, targetSeconds, signIn, list: { ...fresh.list, status, q, tag } }),
    );
  }

  /** All is to be loaded anew. */
  distrust(): void {
    this.change(distrust);
    // Over answers that come now they would bring back what is not to be trusted.
    for (const record of this.#records) record.length = 0;
  }

  /** Applies it, and all that waits, now. */
  change(job: Job): void {
    this.#jobs.push(job);
    this.flush();
  }

  frame(frame: ServerFrame, due: Due): void {
    this.later((draft) => {
      for (const record of this.#records) record.push(frame);
      applyFrame(draft, frame, this.#environment.now());
    }, due);
  }

  later(job: Job, due: Due): void {
    this.#jobs.push(job);
    this.#schedule(due);
  }

  flush(): void {
    this.#due = null;
    this.#cancel();
    if (!this.#jobs.length) return;
    const jobs = this.#jobs;
    this.#jobs = [];
    const draft = new Draft({ state: this.state, ledger: this.#ledger });
    for (const job of jobs) job(draft);
    lapse(draft, this.#environment.now());
    this.#take(draft.finish());
    this.onApplied(this.#ledger);
  }

  /** Asks, and applies the answer under the events of the time in between. */
  async ask<T>(question: () => Promise<T>, take: (draft: Draft, answer: T) => void): Promise<T> {
    this.flush();
    const record: ServerFrame[] = [];
    const generation = this.#generation;
    this.#records.add(record);
    try {
      const answer = await question();
      if (generation !== this.#generation) return answer;
      this.flush();
      this.#records.delete(record);
      this.change((draft) => {
        take(draft, answer);
        for (const frame of record) applyFrame(draft, frame, this.#environment.now());
      });
      return answer;
    } finally {
      this.#records.delete(record);
    }
  }

  #take({ state, ledger }: Model): void {
    this.#ledger = ledger;
    this.store.setState(state, true);
    this.#cancelLapse();
    const next = Math.min(...ledger.typingUntil.values());
    if (Number.isFinite(next)) {
      this.#cancelLapse = this.#environment.later(Math.max(next - this.#environment.now(), 0), () =>
        this.change(() => {}),
      );
    }
  }

  #schedule(due: Due): void {
    if (this.#due === due || this.#due === "now" || (this.#due === "frame" && due === "calm")) return;
    this.#due = due;
    this.#cancel();
    this.#cancel = () => {};
    const environment = this.#environment;
    // Not within the call itself: what comes with it, such as the outbox without the message, belongs to the same picture.
    if (due === "now") queueMicrotask(() => this.flush());
    else if (due === "frame") this.#cancel = environment.frame(() => this.flush());
    else {
      this.#cancel = environment.later(CALM_MS, () => {
        this.#cancel = environment.frame(() => this.flush());
      });
    }
  }
}
