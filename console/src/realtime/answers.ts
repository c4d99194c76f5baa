// Who waits for which answer of one connection (WS5).
import type { ServerFrame } from "../protocol";
import type { Cancel, Environment } from "./environment";
import { localFault } from "./faults";
import type { Fault } from "./types";

const ANSWER_WITHIN = 20_000;
/** What is not answered by then makes one ask whether the desk is still there. */
const LATE_AFTER = 2_000;

/** Called in the order of the wire: exactly one of the two, once. */
export type Answer = { ok(frame: ServerFrame): void; no(fault: Fault): void };

type Waiting = { answer: Answer; isPatient: boolean; cancel: Cancel };

export class Answers {
  #waiting = new Map<string, Waiting>();
  readonly #environment: Environment;
  readonly #late: () => void;

  /** `late`: an answer is overdue, but may still come. */
  constructor(environment: Environment, late: () => void) {
    this.#environment = environment;
    this.#late = late;
  }

  /** Whether an answer is owed that has no time of its own. */
  get isPatient(): boolean {
    return [...this.#waiting.values()].some(({ isPatient }) => isPatient);
  }

  /** Gives the id for the frame that is answered. */
  expect(answer: Answer, isPatient: boolean): string {
    const id = this.#environment.newId();
    this.#waiting.set(id, { answer, isPatient, cancel: isPatient ? () => {} : this.#limit(id, answer) });
    return id;
  }

  #limit(id: string, answer: Answer): Cancel {
    let cancel = this.#environment.after(LATE_AFTER, () => {
      cancel = this.#environment.after(ANSWER_WITHIN - LATE_AFTER, () => {
        if (this.#waiting.delete(id)) answer.no(localFault("no_answer"));
      });
      this.#late();
    });
    return () => cancel();
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
