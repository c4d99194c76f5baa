// Saying that the operator writes, no more often than the desk wants to hear it (WS7).
import type { ConversationId } from "../protocol";
import type { Cancel, Environment } from "./environment";
import type { Socket } from "./socket";

/** The desk takes one in 2 s. */
const AT_MOST_EVERY = 2_100;
/** Others let it lapse after 6 s. */
const AGAIN_AFTER = 4_000;
/** Without a further keystroke the operator no longer writes. */
const IDLE_AFTER = 5_000;

export class Typing {
  #id: ConversationId | null = null;
  #isSaid = false;
  #saidAt = Number.NEGATIVE_INFINITY;
  #cancelSay: Cancel = () => {};
  #cancelIdle: Cancel = () => {};
  readonly #environment: Environment;
  readonly #socket: Pick<Socket, "tell">;

  constructor(environment: Environment, socket: Pick<Socket, "tell">) {
    this.#environment = environment;
    this.#socket = socket;
  }

  set(id: ConversationId, isTyping: boolean): void {
    if (!isTyping) {
      if (id === this.#id) this.#end();
      return;
    }
    if (id !== this.#id) this.reset();
    this.#id = id;
    this.#cancelIdle();
    this.#cancelIdle = this.#environment.after(IDLE_AFTER, () => this.#end());
    // The clock may have been set back.
    const since = Math.abs(this.#environment.now() - this.#saidAt);
    if (this.#isSaid && since < AGAIN_AFTER) return;
    this.#cancelSay();
    if (since >= AT_MOST_EVERY) this.#say(id);
    else this.#cancelSay = this.#environment.after(AT_MOST_EVERY - since, () => this.#say(id));
  }

  /** The room or the connection is another one: the desk has told the others by itself. */
  reset(): void {
    this.#cancelSay();
    this.#cancelIdle();
    this.#isSaid = false;
    this.#id = null;
  }

  #say(id: ConversationId): void {
    this.#isSaid = true;
    this.#saidAt = this.#environment.now();
    this.#socket.tell("typing_start", { conversation_id: id });
  }

  #end(): void {
    if (this.#isSaid && this.#id !== null) this.#socket.tell("typing_stop", { conversation_id: this.#id });
    this.reset();
  }
}
