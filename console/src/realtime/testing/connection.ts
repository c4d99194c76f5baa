// One connection to the scripted desk, and what the network does to it.
import type { Event, ServerFrame } from "../../protocol";
import type { Wire, WireEvents } from "../environment";
import type { LogEntry, ScriptedDesk } from "./desk";

const LIMITS = { text_units: 5000, frame_bytes: 65_536, sends_per_minute: 60, media: false, media_bytes: 0 };
const PAGE = 50;
/** The page of catching up: more than what is asked for again, and little enough that there are several. */
const CATCH_UP = 30 + 8;

export class Connection implements Wire {
  isSignedIn = false;
  room: number | null = null;
  /** What had been told of each summary by the end of the replay. */
  versionsAtHead = new Map<number, number>();
  #since = 0;
  #told = 0;
  #isOver = false;
  #downAt = 0;
  #upAt = 0;
  #answers = new Map<number, string>();
  readonly #desk: ScriptedDesk;
  readonly #events: WireEvents;

  constructor(desk: ScriptedDesk, events: WireEvents) {
    this.#desk = desk;
    this.#events = events;
    const isReached = desk.isOnline;
    desk.clock.after(this.#delay(), () => {
      if (this.#isOver) return;
      if (isReached && desk.isOnline) events.opened();
      else this.end(1006);
    });
  }

  send(text: string): void {
    this.#upAt = Math.max(this.#upAt, this.#desk.clock.now + this.#delay());
    this.#desk.clock.after(this.#upAt - this.#desk.clock.now, () => {
      if (!this.#isOver) this.#take(JSON.parse(text));
    });
  }

  /** By the client. */
  close(): void {
    this.#isOver = true;
    this.#desk.connections.delete(this);
  }

  /** Ends it; `null`: the client is not told (a cable that was pulled). */
  end(code: number | null): void {
    if (this.#isOver) return;
    this.close();
    if (code !== null) this.#desk.clock.after(this.#delay(), () => this.#events.closed(code));
  }

  /** Ends it after what was said has arrived. */
  endAfterAll(code: number): void {
    this.#desk.connections.delete(this);
    this.isSignedIn = false;
    this.#desk.clock.after(Math.max(0, this.#downAt - this.#desk.clock.now) + 1, () => this.end(code));
  }

  say(event: Event, seq?: number, reply?: string): void {
    const frame: ServerFrame = {
      timestamp: this.#desk.time(),
      ...(seq === undefined ? {} : { seq }),
      ...(reply === undefined ? {} : { reply_to: reply }),
      ...event,
    };
    this.#down(JSON.stringify(frame));
  }

  publish(entry: LogEntry): void {
    if (!this.isSignedIn) return;
    if (entry.cause === this) {
      const reply = this.#answers.get(entry.seq);
      const message = this.#desk.find(entry.conversation, entry.message);
      if (message) this.say({ type: "message_sent", payload: message }, entry.seq, reply);
      return;
    }
    if (entry.seq <= this.#told) return;
    const isIn = this.room === entry.conversation;
    if (entry.kind === "message" || entry.kind === "updated") {
      if (!isIn || entry.seq <= this.#since) return;
    } else if (entry.kind === "delivery") {
      const isOwn = this.#desk.find(entry.conversation, entry.message)?.operator_id === this.#desk.operator.id;
      if (isIn ? entry.seq <= this.#since : !isOwn) return;
    }
    const event = this.#desk.eventOf(entry);
    if (event) this.say(event, entry.seq);
  }

  #delay(): number {
    return 1 + this.#desk.random() * this.#desk.latency;
  }

  #down(text: string): void {
    const { clock } = this.#desk;
    this.#downAt = Math.max(this.#downAt, clock.now + this.#delay());
    const times = this.#desk.is(this.#desk.chances.twice) ? 2 : 1;
    for (let n = 0; n < times; n++) {
      clock.after(this.#downAt - clock.now, () => {
        if (!this.#isOver) this.#events.heard(text);
      });
    }
  }

  #take({ type, payload, id }: { type: string; payload: Record<string, unknown>; id?: string }): void {
    const desk = this.#desk;
    desk.received.push({ type, payload });
    if (type === "auth") {
      this.#auth(payload, id);
      return;
    }
    if (!this.isSignedIn) return;
    if (type === "ping") this.say({ type: "pong", payload: { server_time: desk.time() } }, undefined, id);
    else if (type === "join_room") this.#join(Number(payload.conversation_id), payload.after_message_id, id);
    else if (type === "leave_room") {
      this.room = null;
      this.say({ type: "room_left", payload: { conversation_id: null, line_user_id: null } }, undefined, id);
    } else if (type === "send_message") this.#send(payload, id);
    else if (type === "mark_read") {
      const conversation = Number(payload.conversation_id);
      const read = {
        conversation_id: conversation,
        line_user_id: `U${conversation}`,
        message_id: Number(payload.message_id),
        unread_count: 0,
      };
      this.say({ type: "conversation_read", payload: read }, undefined, id);
    }
  }

  #auth(payload: Record<string, unknown>, id: string | undefined): void {
    const desk = this.#desk;
    if (!desk.goodTokens.has(String(payload.token))) {
      this.say({ type: "auth_error", payload: { code: "auth_expired_token", message: "" } }, undefined, id);
      this.endAfterAll(4002);
      return;
    }
    const after = payload.resume_after;
    const isFirst = !this.isSignedIn;
    const missed = typeof after === "number" && isFirst ? desk.log.slice(after) : [];
    const isWhole = typeof after === "number" && after <= desk.head && missed.length <= desk.replayMost;
    const operator = desk.operator;
    this.say(
      {
        type: "auth_success",
        payload: {
          admin_id: String(operator.id),
          operator,
          seq: desk.head,
          resumed: isFirst && isWhole,
          timezone: "Asia/Bangkok",
          first_response_target_seconds: null,
          limits: LIMITS,
        },
      },
      undefined,
      id,
    );
    if (!isFirst) return;
    this.isSignedIn = true;
    this.#told = desk.head;
    this.versionsAtHead = new Map(desk.versions);
    this.say({ type: "presence_update", payload: { operators: [] } });
    if (!isWhole) this.say({ type: "resync_required", payload: { reason: "too far" } });
    else {
      for (const entry of desk.coalesced(missed)) {
        const event = desk.eventOf(entry);
        if (event) this.say(event, entry.seq);
      }
    }
  }

  #join(conversation: number, after: unknown, id: string | undefined): void {
    const desk = this.#desk;
    this.room = conversation;
    this.#since = desk.head;
    const all = desk.messages.get(conversation) ?? [];
    const rest = typeof after === "number" ? all.filter((one) => one.id > after) : all;
    const messages = typeof after === "number" ? rest.slice(0, CATCH_UP) : rest.slice(-PAGE);
    if (desk.is(desk.chances.lostJoin)) return;
    const has_more = rest.length > messages.length;
    this.say(
      { type: "conversation_update", payload: { ...desk.summary(conversation), messages, has_more } },
      undefined,
      id,
    );
  }

  #send(payload: Record<string, unknown>, id: string | undefined): void {
    const desk = this.#desk;
    const { chances } = desk;
    const temp = String(payload.temp_id);
    const text = String(payload.text);
    const conversation = Number(payload.conversation_id);
    const refuse = (code: "rate_limit_exceeded" | "unavailable" | "internal_error" | "forbidden", wait?: number) => {
      const error = {
        code,
        message: "",
        retryable: code !== "forbidden",
        temp_id: temp,
        ...(wait === undefined ? {} : { retry_after_ms: wait }),
      };
      this.say({ type: "error", payload: error }, undefined, id);
    };
    const known = desk.sent(temp, conversation);
    if (known) {
      this.say({ type: "message_sent", payload: known }, undefined, id);
      return;
    }
    if (desk.is(chances.rateLimit)) refuse("rate_limit_exceeded", 700);
    else if (desk.is(chances.unavailable)) refuse("unavailable");
    else if (desk.is(chances.internal)) refuse("internal_error");
    else if (desk.is(chances.forbidden)) {
      desk.refused.add(text);
      refuse("forbidden");
    } else {
      const message = desk.write(conversation, text, this, temp);
      desk.remember(temp, message);
      if (id !== undefined) this.#answers.set(desk.head - 1, id);
      // Stored, and nobody hears of it.
      if (desk.is(chances.dropAfterSend)) this.end(desk.is(0.5) ? null : 1006);
    }
  }
}
