// Messages on their way to the desk: checked when they are handed over, sent in order, kept until the desk has them.
// INVARIANT: of one conversation one is in flight, in this tab and, where the browser has locks, in all. An entry goes
// only when the desk has stored it, or the operator discards it. The same `temp_id` makes sending twice harmless (DL1).
import type { ConversationId, MessageId, OperatorId, ServerFrame } from "../protocol";
import type { OutboxDatabase } from "./database";
import type { Environment } from "./environment";
import { isUnanswered, localFault, refusal } from "./faults";
import { Shelf } from "./shelf";
import type { Socket } from "./socket";
import type { Fault, LineMessage, OutboxEntry, Said, SendResult } from "./types";

export const OUTBOX_ENTRIES = 200;
/** More at once would only meet the limit of sending (WS7). */
const TOGETHER = 4;
const PAUSE_FIRST = 1_000;
const PAUSE_MOST = 30_000;
/** Tries of a message that meets a fault of the desk's own. */
const TRIES = 5;
/** Of a frame, for what is around the message. */
const FRAME_REST_BYTES = 1024;
const LONE_SURROGATES = /\p{Surrogate}/gu;

type Line = { isBusy: boolean; tries: number; pause: Pause };

type Options = { textUnits(): number; frameBytes(): number; onChange(entries: readonly OutboxEntry[]): void };

export class Outbox {
  #operator: OperatorId | null = null;
  #shelf: Shelf | null = null;
  #lines = new Map<ConversationId, Line>();
  /** With the way to let go. */
  #held = new Map<ConversationId, () => void>();
  /** What this page discarded, for `restore`. */
  #discarded = new Map<string, OutboxEntry>();
  /** The `temp_id`s that the desk spoke of last. */
  #stored = new Set<string>();
  /** Of everything. */
  readonly #pause: Pause;
  /** How often in a row the desk could not. */
  #pauses = 0;
  readonly #environment: Environment;
  readonly #database: OutboxDatabase;
  readonly #socket: Pick<Socket, "ask" | "isLive">;
  readonly #options: Options;

  constructor(
    environment: Environment,
    database: OutboxDatabase,
    socket: Pick<Socket, "ask" | "isLive">,
    options: Options,
  ) {
    this.#environment = environment;
    this.#database = database;
    this.#socket = socket;
    this.#options = options;
    this.#pause = new Pause(environment, () => this.flush());
  }

  /** Another operator's messages stay where they are. */
  begin(operator: OperatorId): void {
    if (operator === this.#operator) return;
    this.end();
    this.#operator = operator;
    const shelf = new Shelf(this.#environment, this.#database, operator, () => {
      if (this.#shelf !== shelf) return;
      this.#options.onChange(shelf.entries);
      this.flush();
    });
    this.#shelf = shelf;
  }

  end(): void {
    this.#letGo()?.end();
  }

  /** Forgets all that waits of this operator, here and in the browser. Whether the browser could. */
  async wipe(operator: OperatorId): Promise<boolean> {
    const held = operator === this.#operator ? this.#letGo() : null;
    return (held ?? new Shelf(this.#environment, this.#database, operator, () => {})).wipe();
  }

  #letGo(): Shelf | null {
    const shelf = this.#shelf;
    this.#shelf = null;
    this.#operator = null;
    for (const { pause } of this.#lines.values()) pause.end();
    this.#lines.clear();
    for (const letGo of this.#held.values()) letGo();
    this.#held.clear();
    this.#discarded.clear();
    this.#stored.clear();
    this.#pause.end();
    this.#pauses = 0;
    if (shelf && shelf.entries.length > 0) this.#options.onChange([]);
    return shelf;
  }

  send(id: ConversationId, said: Said, quote: MessageId | null): SendResult {
    const text = whole(typeof said === "string" ? said : said.text);
    const line_message = typeof said === "string" ? null : wholeMessage(said.message);
    const flaw = line_message ? this.#flawOfMessage(line_message) : this.#flawOfText(text);
    if (flaw) return { ok: false, fault: flaw };
    if (!this.#shelf) return { ok: false, fault: localFault("offline") };
    if (this.#shelf.entries.length >= OUTBOX_ENTRIES) return { ok: false, fault: localFault("outbox_full") };
    const temp_id = this.#environment.newId();
    const at = this.#environment.now();
    const kept = this.#shelf.add({
      temp_id,
      conversation_id: id,
      text,
      ...(line_message ? { line_message } : {}),
      quote_message_id: quote,
      at,
      state: "waiting",
      fault: null,
      isTried: false,
    });
    return { ok: true, temp_id, kept };
  }

  #flawOfText(text: string): Fault | null {
    const units = this.#options.textUnits();
    if (text.trim() === "") return refusal("invalid_request", "The text is empty.");
    if (text.length <= units) return null;
    return refusal("message_too_long", `The text has ${text.length} UTF-16 units; LINE takes ${units}.`);
  }

  #flawOfMessage(message: LineMessage): Fault | null {
    // A larger frame would end the connection, again and again.
    const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
    const most = this.#options.frameBytes() - FRAME_REST_BYTES;
    if (bytes > most) return refusal("payload_too_large", `The message has ${bytes} bytes; the desk takes ${most}.`);
    return typeof message.text === "string" ? this.#flawOfText(message.text) : null;
  }

  sendAgain(tempId: string): void {
    const entry = this.#shelf?.find(tempId);
    if (entry?.state !== "refused") return;
    const line = this.#lineOf(entry.conversation_id);
    line.tries = 0;
    line.pause.end();
    this.#shelf?.change(tempId, { state: "waiting", isTried: entry.isTried });
  }

  /** Whether it was done: what is on its way, or gone already, cannot be. */
  discard(tempId: string): boolean {
    const entry = this.#shelf?.find(tempId);
    if (!entry || entry.state === "sending") return false;
    this.#discarded.set(tempId, entry);
    this.#shelf?.remove(tempId);
    return true;
  }

  /** Takes a discard back, under the same `temp_id`: should the desk have it after all, it goes no second time (DL1). */
  restore(tempId: string): void {
    const entry = this.#discarded.get(tempId);
    if (!entry || !this.#shelf) return;
    this.#discarded.delete(tempId);
    void this.#shelf.add(entry);
    this.flush();
  }

  /** Until it is let go, nothing of this conversation is begun, by other tabs neither where the browser has locks. */
  hold(id: ConversationId, isHeld: boolean): void {
    if (!isHeld) {
      this.#held.get(id)?.();
      if (this.#held.delete(id)) this.flush();
    } else if (!this.#held.has(id)) {
      const over = new Promise<void>((resolve) => this.#held.set(id, resolve));
      this.#alone(id, () => over).catch(() => {});
    }
  }

  /** Whether this answers the send or the feed tells of one whose answer was lost: the desk has it. */
  hear(frame: ServerFrame): void {
    switch (frame.type) {
      case "message_sent":
      case "new_message":
      case "message_updated":
      case "message_ack":
      case "message_failed":
        if (frame.payload.temp_id !== undefined) this.#has(frame.payload.temp_id);
    }
  }

  /** What became of a message that no longer waits, as far as this page heard. */
  fateOf(tempId: string): "stored" | "discarded" | null {
    if (this.#stored.has(tempId)) return "stored";
    return this.#discarded.has(tempId) ? "discarded" : null;
  }

  /** The desk has it. */
  #has(tempId: string): void {
    this.#discarded.delete(tempId);
    this.#stored.add(tempId);
    for (const oldest of this.#stored) {
      if (this.#stored.size <= OUTBOX_ENTRIES) break;
      this.#stored.delete(oldest);
    }
    this.#shelf?.remove(tempId);
  }

  /** Sends what can go now. */
  flush(): void {
    const shelf = this.#shelf;
    if (!shelf?.isLoaded || !this.#socket.isLive || this.#pause.isOn) return;
    const waiting = shelf.entries.filter(({ state }) => state === "waiting");
    for (const id of new Set(waiting.map(({ conversation_id }) => conversation_id))) {
      const busy = [...this.#lines.values()].filter(({ isBusy }) => isBusy).length;
      if (busy >= TOGETHER) return;
      const line = this.#lineOf(id);
      if (!this.#held.has(id) && !line.isBusy && !line.pause.isOn) this.#begin(shelf, id, line);
    }
  }

  #lineOf(id: ConversationId): Line {
    const known = this.#lines.get(id);
    if (known) return known;
    const line = { isBusy: false, tries: 0, pause: new Pause(this.#environment, () => this.flush()) };
    this.#lines.set(id, line);
    return line;
  }

  #begin(shelf: Shelf, id: ConversationId, line: Line): void {
    line.isBusy = true;
    const done = () => {
      line.isBusy = false;
      this.flush();
    };
    const failed = () => {
      line.pause.begin(PAUSE_FIRST);
      done();
    };
    this.#alone(id, () => this.#sendFirst(shelf, id, line)).then(done, failed);
  }

  #alone(id: ConversationId, run: () => Promise<void>): Promise<void> {
    return this.#environment.exclusive(`linedesk-outbox-${this.#operator}-${id}`, run);
  }

  async #sendFirst(shelf: Shelf, id: ConversationId, line: Line): Promise<void> {
    // Another tab may have had its turn.
    await shelf.refresh();
    const entry = shelf.entries.find((one) => one.conversation_id === id && one.state === "waiting");
    if (!entry || shelf !== this.#shelf || !this.#socket.isLive || this.#held.has(id)) return;
    shelf.change(entry.temp_id, { state: "sending", isTried: true });
    const fault = await this.#hand(entry);
    if (!fault) {
      line.tries = 0;
      this.#pauses = 0;
      shelf.remove(entry.temp_id);
    } else this.#failed(shelf, entry, line, fault);
  }

  #hand({ conversation_id, text, line_message, temp_id, quote_message_id }: OutboxEntry): Promise<Fault | null> {
    const said = line_message ? { line_message } : { text };
    const payload = { conversation_id, ...said, temp_id, ...(quote_message_id === null ? {} : { quote_message_id }) };
    return new Promise((resolve) => {
      this.#socket.ask("send_message", payload, { ok: () => resolve(null), no: resolve });
    });
  }

  #failed(shelf: Shelf, entry: OutboxEntry, line: Line, fault: Fault): void {
    const isOverLimit = fault.code === "rate_limit_exceeded";
    const isDeskAway = fault.code === "unavailable";
    if (isOverLimit || isDeskAway) {
      // It concerns every conversation.
      this.#pauses++;
      this.#pause.begin(fault.retry_after_ms ?? pauseOf(this.#pauses));
    } else if (fault.code === "disconnected") {
      // Once more as soon as the connection is back.
    } else if (isUnanswered(fault) || (fault.retryable && ++line.tries < TRIES)) {
      line.pause.begin(fault.retry_after_ms ?? pauseOf(Math.max(1, line.tries)));
    } else {
      line.tries = 0;
      // A desk that failed may have stored it before.
      shelf.change(entry.temp_id, { state: "refused", fault, isTried: fault.retryable });
      return;
    }
    shelf.change(entry.temp_id, { state: "waiting", isTried: entry.isTried || !isOverLimit });
  }
}

/** A time in which nothing is begun. By a timer, not by the clock: that may be set back. */
class Pause {
  isOn = false;
  #cancel = () => {};
  readonly #environment: Environment;
  readonly #over: () => void;

  constructor(environment: Environment, over: () => void) {
    this.#environment = environment;
    this.#over = over;
  }

  begin(ms: number): void {
    this.end();
    this.isOn = true;
    this.#cancel = this.#environment.after(ms, () => {
      this.isOn = false;
      this.#over();
    });
  }

  end(): void {
    this.#cancel();
    this.isOn = false;
  }
}

/** JSON cannot carry half a character. */
const whole = (text: string): string => text.replace(LONE_SURROGATES, "\u{fffd}");

function wholeMessage(message: LineMessage): LineMessage {
  const replaced = JSON.stringify(message, (_, value: unknown) => (typeof value === "string" ? whole(value) : value));
  return JSON.parse(replaced);
}

function pauseOf(tries: number): number {
  return Math.min(PAUSE_FIRST * 2 ** (tries - 1), PAUSE_MOST);
}
