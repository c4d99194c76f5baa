// Read marks: how far the operator has really seen each conversation. Never backwards, and not at every scroll step.
import type { ConversationId, MessageId, OperatorId, ServerFrame } from "../protocol";
import type { Cancel, Environment } from "./environment";
import type { Socket } from "./socket";
import type { Fault } from "./types";

const SETTLE = 400;
const AFTER_A_FAULT = 2_000;

export class Marks {
  #operator: OperatorId | null = null;
  /** The newest that the desk knows of, or is being told. */
  #told = new Map<ConversationId, MessageId>();
  #pending = new Map<ConversationId, MessageId>();
  #inFlight = new Set<ConversationId>();
  #cancel: Cancel | null = null;
  #run = 0;
  readonly #environment: Environment;
  readonly #socket: Pick<Socket, "ask" | "isLive">;

  constructor(environment: Environment, socket: Pick<Socket, "ask" | "isLive">) {
    this.#environment = environment;
    this.#socket = socket;
  }

  begin(operator: OperatorId): void {
    if (operator !== this.#operator) this.end();
    this.#operator = operator;
    // After a resync the desk may know less than it did.
    this.#told.clear();
  }

  end(): void {
    this.#run++;
    this.#operator = null;
    this.#cancel?.();
    this.#cancel = null;
    this.#told.clear();
    this.#pending.clear();
    this.#inFlight.clear();
  }

  mark(id: ConversationId, message: MessageId): void {
    if (message <= (this.#told.get(id) ?? 0) || message <= (this.#pending.get(id) ?? 0)) return;
    this.#pending.set(id, message);
    this.#flushAfter(SETTLE);
  }

  /** A colleague may have read further. */
  hear(frame: ServerFrame): void {
    if (frame.type === "conversation_read") this.#isKnown(frame.payload.conversation_id, frame.payload.message_id);
  }

  /** Tells what waits; nothing is visible in a page that is not. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#socket.isLive || this.#environment.isHidden()) return;
    for (const [id, message] of this.#pending) {
      if (!this.#inFlight.has(id)) this.#tell(id, message);
    }
  }

  #tell(id: ConversationId, message: MessageId): void {
    const run = this.#run;
    this.#inFlight.add(id);
    const done = (fault: Fault | null) => {
      if (run !== this.#run) return;
      this.#inFlight.delete(id);
      // A mark that is refused for good would be refused again.
      if (!fault?.retryable) this.#isKnown(id, message);
      if (this.#pending.has(id)) this.#flushAfter(fault ? (fault.retry_after_ms ?? AFTER_A_FAULT) : 0);
    };
    this.#socket.ask(
      "mark_read",
      { conversation_id: id, message_id: message },
      { ok: () => done(null), no: (fault) => done(fault) },
    );
  }

  #isKnown(id: ConversationId, message: MessageId): void {
    this.#told.set(id, Math.max(message, this.#told.get(id) ?? 0));
    if ((this.#pending.get(id) ?? 0) <= message) this.#pending.delete(id);
  }

  #flushAfter(ms: number): void {
    this.#cancel ??= this.#environment.after(ms, () => this.flush());
  }
}
