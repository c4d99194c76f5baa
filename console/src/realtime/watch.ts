// A deadline for hearing something.
import type { Cancel, Environment } from "./environment";

export class Watch {
  #set: { at: number; cancel: Cancel } | null = null;
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** An earlier deadline stands. */
  within(ms: number, run: () => void): void {
    const at = this.#environment.now() + ms;
    if (this.#set && this.#set.at <= at) return;
    this.#set?.cancel();
    this.#set = { at, cancel: this.#environment.after(ms, run) };
  }

  end(): void {
    this.#set?.cancel();
    this.#set = null;
  }
}
