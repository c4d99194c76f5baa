// What a page would show, made only of what the realtime layer tells, with a token and a list from the scripted desk.
import type { ConversationId, Message, ServerFrame, Summary } from "../../protocol";
import { localFault } from "../faults";
import { Realtime } from "../realtime";
import type { ConnectionState, Fault, OutboxEntry, RealtimeListener } from "../types";
import type { FakeBrowser, FakeTab } from "./browser";
import type { Connection } from "./connection";
import type { ScriptedDesk } from "./desk";

const LOAD_AGAIN = 400;

export class Screen implements RealtimeListener {
  summaries = new Map<ConversationId, Summary>();
  thread = new Map<number, Message>();
  /** The thread shows this one's messages from its first on; null until they have come. */
  threadOf: ConversationId | null = null;
  states: ConnectionState["kind"][] = [];
  outbox: readonly OutboxEntry[] = [];
  roomFaults: Fault[] = [];
  frames: ServerFrame[] = [];
  wrong: string[] = [];
  loads = 0;
  tokens: boolean[] = [];
  readonly tab: FakeTab;
  readonly realtime: Realtime;
  readonly #browser: FakeBrowser;
  readonly #desk: ScriptedDesk;
  #connection: Connection | null = null;
  #seq = 0;
  #last = "t0";

  constructor(browser: FakeBrowser, desk: ScriptedDesk) {
    this.#browser = browser;
    this.#desk = desk;
    this.tab = browser.openTab((events) => {
      this.#connection = desk.connect(events);
      return this.#connection;
    });
    this.realtime = new Realtime({
      token: (force) => this.#token(force),
      listener: this,
      environment: this.tab.environment,
      database: this.tab.database,
    });
  }

  /** Loads the list, as often as it takes, then connects. */
  load(): void {
    this.loads++;
    const load = this.loads;
    this.#later(20, () => {
      if (load !== this.loads) return;
      if (!this.#desk.isOnline) {
        this.#later(LOAD_AGAIN, () => {
          if (load === this.loads) this.load();
        });
        return;
      }
      this.#seq = this.#desk.head;
      for (const conversation of this.#desk.versions.keys()) {
        this.summaries.set(conversation, this.#desk.summary(conversation));
      }
      this.realtime.start(this.#desk.operator.id, this.#seq);
    });
  }

  open(id: ConversationId | null): void {
    if (id === this.realtime.room) return;
    this.thread.clear();
    this.threadOf = null;
    this.realtime.setRoom(id);
  }

  onState(state: ConnectionState): void {
    this.states.push(state.kind);
    if (state.kind !== "live") return;
    for (const [id, version] of this.#connection?.versionsAtHead ?? []) {
      const shown = this.summaries.get(id)?.unread_count ?? -1;
      if (shown < version) this.wrong.push(`live with conversation ${id} at ${shown} of ${version}`);
    }
  }

  onFrame(frame: ServerFrame): void {
    this.frames.push(frame);
    if (frame.seq !== undefined) {
      if (frame.seq <= this.#seq) this.wrong.push(`seq ${frame.seq} after ${this.#seq}`);
      this.#seq = frame.seq;
    }
    switch (frame.type) {
      case "conversation_update":
        this.summaries.set(frame.payload.id, frame.payload);
        break;
      case "new_message":
      case "message_sent":
        if (frame.payload.conversation_id === this.threadOf) this.thread.set(frame.payload.id, frame.payload);
        break;
      case "message_updated":
        if (this.thread.has(frame.payload.id)) this.thread.set(frame.payload.id, frame.payload);
        break;
      case "message_ack": {
        const message = this.thread.get(frame.payload.message_id);
        if (message) this.thread.set(message.id, { ...message, delivery: frame.payload.delivery });
      }
    }
  }

  onRoom(id: ConversationId, update: { messages?: Message[] }, isWhole: boolean): void {
    if (isWhole) this.thread.clear();
    else if (this.threadOf !== id) this.wrong.push(`room ${id} goes on from nothing`);
    this.threadOf = id;
    for (const message of update.messages ?? []) this.thread.set(message.id, message);
  }

  onRoomFault(_: ConversationId, fault: Fault): void {
    this.roomFaults.push(fault);
  }

  onResync(): void {
    this.load();
  }

  onOutbox(entries: readonly OutboxEntry[]): void {
    this.outbox = entries;
  }

  #later(ms: number, run: () => void): void {
    this.#browser.clock.after(ms, () => {
      if (!this.tab.isClosed) run();
    });
  }

  #token(force: boolean): Promise<string> {
    this.tokens.push(force);
    return new Promise((resolve, reject) => {
      this.#later(10, () => {
        if (!this.#desk.isOnline) reject(localFault("offline"));
        else if (force || this.#desk.goodTokens.size === 0) {
          const token = `t${this.#browser.newId()}`;
          this.#desk.goodTokens.add(token);
          this.#last = token;
          resolve(token);
        } else resolve(this.#last);
      });
    });
  }
}
