// The realtime layer as the desk uses it: one connection, what it follows, and what waits to be sent.
// Owns how the parts hang together; each rule is in the part's own file.
import type { ConversationId, Limits, MessageId, OperatorId, Seq, ServerFrame } from "../protocol";
import type { OutboxDatabase } from "./database";
import type { Cancel, Environment } from "./environment";
import type { CommandType, PayloadOf } from "./faults";
import { Marks } from "./marks";
import { Outbox } from "./outbox";
import { Session } from "./session";
import { Socket } from "./socket";
import type { ConnectionState, RealtimeListener, Said, SendResult } from "./types";
import { Typing } from "./typing";

export type RealtimeOptions = {
  /** An access token; `force` asks for a new one. Rejects with a `Fault`; a code `auth_*` says that the sign-in ended. */
  token: (force: boolean) => Promise<string>;
  listener: RealtimeListener;
  environment: Environment;
  database: OutboxDatabase;
};

export class Realtime {
  readonly #environment: Environment;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #typing: Typing;
  readonly #marks: Marks;
  #unsubscribe: Cancel | null = null;

  constructor({ token, listener, environment, database }: RealtimeOptions) {
    this.#environment = environment;
    this.#socket = new Socket(environment, token, {
      seq: () => this.#session.seq,
      onState: (state) => {
        if (state.kind !== "live" && state.kind !== "catching_up") this.#session.disconnected();
        listener.onState(state);
        if (state.kind === "live") this.#outbox.flush();
        if (state.kind === "live") this.#marks.flush();
      },
      onWelcome: (welcome) => this.#session.welcome(welcome),
      onFrame: (frame) => {
        this.#session.hear(frame);
        this.#outbox.hear(frame);
        this.#marks.hear(frame);
      },
    });
    this.#session = new Session(environment, this.#socket, listener);
    this.#outbox = new Outbox(environment, database, this.#socket, {
      textUnits: () => this.#session.limits.text_units,
      frameBytes: () => this.#session.limits.frame_bytes,
      onChange: (entries) => listener.onOutbox(entries),
    });
    this.#typing = new Typing(environment, this.#socket);
    this.#marks = new Marks(environment, this.#socket);
  }

  get state(): ConnectionState {
    return this.#socket.state;
  }

  get limits(): Limits {
    return this.#session.limits;
  }

  /** The conversation that is to be followed. */
  get room(): ConversationId | null {
    return this.#session.room.wanted;
  }

  /** The last place in the feed that was taken in. */
  get seq(): Seq {
    return this.#session.seq;
  }

  /** Frames that could not be read, or are of a type that this version does not know. */
  get ignoredFrames(): number {
    return this.#socket.ignored;
  }

  /** Tells, before anyone is signed in, what this operator has yet to send. Nothing is sent. */
  recall(operator: OperatorId): void {
    this.#outbox.begin(operator);
  }

  /** Connects as this operator; `seq` is where the screen was loaded. Also after `onResync`. */
  start(operatorId: OperatorId, seq: Seq): void {
    this.#session.begin(operatorId, seq);
    this.#marks.begin(operatorId);
    this.#outbox.begin(operatorId);
    this.#unsubscribe ??= this.#subscribe();
    this.#socket.start();
  }

  /** Another operator comes. What waits stays in the browser for this one's next sign-in. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#typing.reset();
    this.#socket.stop();
    this.#session.room.set(null);
    this.#outbox.end();
    this.#marks.end();
  }

  /** Nothing that this operator was to send stays in the browser. Whether the browser could. To be followed by `stop`. */
  forget(operator: OperatorId): Promise<boolean> {
    return this.#outbox.wipe(operator);
  }

  /** The sign-in ended and cannot be renewed. */
  refuse(): void {
    this.#typing.reset();
    this.#socket.refuse();
  }

  tryNow(): void {
    this.#socket.tryNow();
  }

  /** WS2: the open socket goes on under a new token. */
  renewed(token: string): void {
    this.#socket.renew(token);
  }

  /** The conversation to follow, or null; also the way to try again after `onRoomFault`. */
  setRoom(id: ConversationId | null): void {
    this.#typing.reset();
    this.#session.room.set(id);
  }

  /** The one answer to a command (WS5); rejects with a `Fault`. */
  request<T extends CommandType>(type: T, payload: PayloadOf<T>): Promise<ServerFrame> {
    return this.#socket.request(type, payload);
  }

  send(id: ConversationId, said: Said, quote: MessageId | null): SendResult {
    const result = this.#outbox.send(id, said, quote);
    if (result.ok) this.#typing.set(id, false);
    return result;
  }

  /** Tries a refused message once more. */
  sendAgain(tempId: string): void {
    this.#outbox.sendAgain(tempId);
  }

  /** Forgets a message that is not on its way. Whether it was done. */
  discard(tempId: string): boolean {
    return this.#outbox.discard(tempId);
  }

  /** What became of a message that no longer waits, as far as this page heard. */
  fateOf(tempId: string): "stored" | "discarded" | null {
    return this.#outbox.fateOf(tempId);
  }

  /** Takes `discard` back: the message waits again. */
  restore(tempId: string): void {
    this.#outbox.restore(tempId);
  }

  /** While held, what is sent in a conversation waits here. */
  hold(id: ConversationId, isHeld: boolean): void {
    this.#outbox.hold(id, isHeld);
  }

  /** Call with every keystroke; it is throttled here (WS7). */
  typing(id: ConversationId, isTyping: boolean): void {
    if (this.#session.room.joined === id) this.#typing.set(id, isTyping);
  }

  /** What was really visible; smaller ids than before are ignored. */
  markRead(id: ConversationId, message: MessageId): void {
    this.#marks.mark(id, message);
  }

  #subscribe(): Cancel {
    const ends = [...this.#socket.subscribe(), this.#environment.onReturn(() => this.#marks.flush())];
    return () => {
      for (const end of ends) end();
    };
  }
}
