// Trying for the desk again: after a while that grows, and at once when the network or the person is back.
import { backoff } from "../realtime/backoff";
import type { DeskEnvironment } from "./environment";

export class Retry {
  #tries = 0;
  #waiting: { run: () => void; cancel: () => void } | null = null;
  #environment: DeskEnvironment;

  constructor(environment: DeskEnvironment) {
    this.#environment = environment;
    environment.onReturn(() => this.now());
  }

  /** Runs it after the pause that is due, at least `atLeastMs`; gives the moment, in milliseconds since the epoch. */
  later(run: () => void, atLeastMs = 0): number {
    this.cancel();
    const wait = Math.max(backoff(this.#tries++, this.#environment.random()), atLeastMs);
    this.#waiting = { run, cancel: this.#environment.later(wait, () => this.now()) };
    return this.#environment.now() + wait;
  }

  /** What waits for its time runs now. */
  now(): void {
    const waiting = this.#waiting;
    this.cancel();
    waiting?.run();
  }

  cancel(): void {
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  /** It worked, or is no longer wanted: the next failure is the first. */
  end(): void {
    this.cancel();
    this.#tries = 0;
  }
}
