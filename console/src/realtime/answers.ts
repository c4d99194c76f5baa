// Who waits for which answer of one connection (WS5).
import type { ServerFrame } from "../protocol";
import type { Cancel, Environment } from "./environment";
import { localFault } from "./faults";
import type { Fault } from "./types";

const ANSWER_WITHIN = 20_000;

/** Called in the order of the wire: exactly one of the two, once. */
export type Answer = { ok(frame: ServerFrame): void; no(fault: Fault): void };

type Waiting = { answer: Answer; isPatient: boolean; cancel: Cancel };

export class Answers {
  #waiting = new Map<string, Waiting>();
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Whether an answer is owed that has no time of its own. */
  get isPatient(): boolean {
    return [...this.#waiting.values()].some(({ isPatient }) => isPatient);
  }

  /** Gives the id for the frame that is answered. */
  expect(answer: Answer, isPatient: boolean): string {
    const id = this.#environment.newId();
    const giveUp = () => {
      if (this.#waiting.delete(id)) answer.no(localFault("no_answer"));
    };
    const cancel = isPatient ? () => {} : this.#environment.after(ANSWER_WITHIN, giveUp);
    this.#waiting.set(id, { answer, isPatient, cancel });
    return id;
  }

  take(id: string): Answer | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    return waiting?.answer;
  }

  /** The connection is gone. */
  drop(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { answer, cancel } of waiting) {
      cancel();
      answer.no(localFault("disconnected"));
    }
  }
}
