// Time that goes on only when a test says so.
import type { Cancel } from "../environment";

type Task = { at: number; n: number; run: () => void };

export class Clock {
  now = 1_700_000_000_000;
  #n = 0;
  #tasks = new Set<Task>();

  after(ms: number, run: () => void): Cancel {
    const task = { at: this.now + Math.max(0, ms), n: this.#n++, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  every(ms: number, run: () => void): Cancel {
    let cancel = () => {};
    const again = () => {
      run();
      cancel = this.after(ms, again);
    };
    cancel = this.after(ms, again);
    return () => cancel();
  }

  /** The clock is wrong from now on; what was to come comes as soon as it was to. */
  setBack(ms: number): void {
    this.now -= ms;
    for (const task of this.#tasks) task.at -= ms;
  }

  /** Lets `ms` pass, with everything that falls due in it. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#tasks.delete(next);
      this.now = next.at;
      next.run();
      await settle();
    }
    this.now = until;
  }

  #next(until: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (task.at > until) continue;
      if (!first || task.at < first.at || (task.at === first.at && task.n < first.n)) first = task;
    }
    return first;
  }
}

/** Until no promise has anything left to do. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** mulberry32: the same seed, the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
