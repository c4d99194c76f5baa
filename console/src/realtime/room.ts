// The conversation that is followed: joining it, and catching up in it after every loss of the connection.
// INVARIANT: `#known` ends with the newest message up to which nothing is missing here.
import type { ConversationId, ConversationUpdate, Message, MessageId, Seq, ServerFrame } from "../protocol";
import type { Cancel, Environment } from "./environment";
import type { Socket } from "./socket";
import type { Fault, RealtimeListener } from "./types";

/**
 * Messages that are asked for again on rejoining. Between the end of the replay and the joining, the desk does not tell
 * what changes in a room: a withdrawal, a mark. So the newest ones are looked at once more.
 */
const OVERLAP = 30;
const KEPT = 2 * OVERLAP;
const AFTER_NO_ANSWER = 1_000;

export class Room {
  /** The room that the desk has this socket in. */
  joined: ConversationId | null = null;
  /** The room that it should be in. */
  wanted: ConversationId | null = null;

  #knownOf: ConversationId | null = null;
  #known: MessageId[] = [];
  /** Frames may extend `#known`: none of this room was missed. */
  #isTracking = false;
  #isBusy = false;
  /** Answers of older runs change nothing. */
  #run = 0;
  #cancelRetry: Cancel = () => {};
  readonly #environment: Environment;
  readonly #socket: Socket;
  readonly #listener: RealtimeListener;

  constructor(environment: Environment, socket: Socket, listener: RealtimeListener) {
    this.#environment = environment;
    this.#socket = socket;
    this.#listener = listener;
  }

  set(id: ConversationId | null): void {
    this.wanted = id;
    if (id !== this.#knownOf) this.forget();
    this.#cancelRetry();
    this.sync();
  }

  /** The next joining is told as a whole. */
  forget(): void {
    this.#knownOf = null;
    this.#known = [];
    this.#isTracking = false;
  }

  /** The desk no longer has this socket in any room. */
  left(): void {
    this.#run++;
    this.#cancelRetry();
    this.#isBusy = false;
    this.joined = null;
  }

  /** The replay has ended; what comes now is told only to who has joined. */
  replayed(): void {
    if (this.joined !== this.#knownOf) this.#isTracking = false;
  }

  /** Goes where it should be, one step at a time: held arrow keys do not flood the desk. */
  sync(): void {
    if (this.#isBusy || !this.#socket.isOpen || this.wanted === this.joined) return;
    if (this.wanted === null) this.#leave();
    else this.#join(this.wanted);
  }

  /** `isReplay`: rooms do not matter yet. */
  saw(frame: ServerFrame & { seq: Seq }, isReplay: boolean): void {
    if (!isReplay && this.joined !== this.#knownOf) this.#isTracking = false;
    if (!this.#isTracking || (frame.type !== "new_message" && frame.type !== "message_sent")) return;
    if (frame.payload.conversation_id === this.#knownOf) this.#learn([frame.payload]);
  }

  #leave(): void {
    const run = this.#run;
    this.#isBusy = true;
    const done = () => {
      if (run !== this.#run) return;
      this.#isBusy = false;
      this.joined = null;
      this.sync();
    };
    this.#socket.ask("leave_room", {}, { ok: done, no: done });
  }

  #join(id: ConversationId): void {
    const run = this.#run;
    const after = this.#knownOf === id ? this.#known.at(-1 - OVERLAP) : undefined;
    this.#isBusy = true;
    this.#ask(id, after, run);
  }

  #ask(id: ConversationId, after: MessageId | undefined, run: number): void {
    const payload = after === undefined ? { conversation_id: id } : { conversation_id: id, after_message_id: after };
    this.#socket.ask("join_room", payload, {
      ok: (frame) => {
        if (run === this.#run && frame.type === "conversation_update") this.#entered(id, after, frame.payload, run);
      },
      no: (fault) => {
        if (run === this.#run) this.#failed(id, fault);
      },
    });
  }

  #entered(id: ConversationId, after: MessageId | undefined, update: ConversationUpdate, run: number): void {
    this.joined = id;
    // It was left meanwhile, and maybe entered again: then what was known before counts no more.
    const isOutdated = after !== undefined && this.#knownOf !== id;
    if (this.wanted !== id || isOutdated) {
      if (isOutdated) this.joined = null;
      this.#isBusy = false;
      this.sync();
      return;
    }
    const messages = update.messages ?? [];
    const isWhole = after === undefined;
    const last = messages.at(-1);
    // Until the rest has come, newer ones that come meanwhile are not the end of what is known.
    const isPart = !isWhole && update.has_more === true && last !== undefined;
    if (isWhole) this.#known = [];
    this.#knownOf = id;
    this.#learn(messages);
    this.#isTracking = !isPart;
    this.#isBusy = isPart;
    this.#listener.onRoom(id, update, isWhole);
    if (!isPart || run !== this.#run) return;
    if (this.wanted === id) {
      this.#ask(id, last.id, run);
    } else {
      this.#isBusy = false;
      this.sync();
    }
  }

  #failed(id: ConversationId, fault: Fault): void {
    this.#isBusy = false;
    this.joined = null;
    if (this.wanted !== id) {
      this.sync();
      return;
    }
    if (fault.code === "disconnected" || fault.code === "offline") return;
    const wait = fault.retry_after_ms ?? (fault.retryable ? AFTER_NO_ANSWER : undefined);
    if (wait === undefined) this.#listener.onRoomFault(id, fault);
    else this.#cancelRetry = this.#environment.after(wait, () => this.sync());
  }

  #learn(messages: readonly Message[]): void {
    for (const { id } of messages) {
      const last = this.#known.at(-1);
      if (last === undefined || id > last) this.#known.push(id);
    }
    if (this.#known.length > KEPT) this.#known = this.#known.slice(-KEPT);
  }
}
