// A desk in small, by the rules of docs/PROTOCOL.md: a log, rooms, replay, coalesced summaries, and a network that fails.
import type { Event, LastMessage, Message, Summary } from "../../protocol";
import type { WireEvents } from "../environment";
import type { Clock } from "./clock";
import { Connection } from "./connection";

const OPERATOR = { id: 7, username: "nok", display_name: "Nok", role: "AGENT" } as const;

export type LogEntry = {
  seq: number;
  kind: "message" | "updated" | "delivery" | "summary" | "hidden";
  conversation: number;
  message: number;
  cause: Connection | null;
};

export type Chances = {
  twice: number;
  rateLimit: number;
  unavailable: number;
  internal: number;
  forbidden: number;
  dropAfterSend: number;
  lostJoin: number;
};

export const CALM: Chances = {
  twice: 0,
  rateLimit: 0,
  unavailable: 0,
  internal: 0,
  forbidden: 0,
  dropAfterSend: 0,
  lostJoin: 0,
};

export class ScriptedDesk {
  log: LogEntry[] = [];
  messages = new Map<number, Message[]>();
  versions = new Map<number, number>();
  connections = new Set<Connection>();
  chances: Chances = CALM;
  latency = 5;
  isOnline = true;
  goodTokens = new Set(["t0"]);
  operator: { id: number; username: string; display_name: string; role: "AGENT" } = OPERATOR;
  replayMost = 40;
  /** Texts that were refused at least once. */
  refused = new Set<string>();
  received: { type: string; payload: Record<string, unknown> }[] = [];
  readonly clock: Clock;
  readonly random: () => number;
  #byTempId = new Map<string, Message>();
  #cursor = 0;
  #isPumping = false;
  #lastId = 0;

  constructor(clock: Clock, random: () => number) {
    this.clock = clock;
    this.random = random;
  }

  get head(): number {
    return this.log.length;
  }

  is(chance: number): boolean {
    return this.random() < chance;
  }

  connect(events: WireEvents): Connection {
    const connection = new Connection(this, events);
    this.connections.add(connection);
    return connection;
  }

  summary(conversation: number): Summary {
    const last = this.messages.get(conversation)?.at(-1);
    const lastMessage: LastMessage | null = last
      ? {
          id: last.id,
          content: last.content,
          message_type: last.message_type,
          direction: last.direction,
          created_at: last.created_at,
          sender_role: last.sender_role,
          operator_id: last.operator_id,
          unsent_at: last.unsent_at,
        }
      : null;
    return {
      id: conversation,
      channel: "default",
      line_user_id: `U${conversation}`,
      source_type: "user",
      display_name: null,
      picture_url: null,
      friend_status: "ACTIVE",
      chat_mode: "HUMAN",
      session: null,
      last_message: lastMessage,
      // Counts the changes here, so that what is shown can be compared.
      unread_count: this.versions.get(conversation) ?? 0,
      tags: [],
      archived: false,
    };
  }

  write(conversation: number, content: string, by: "customer" | "colleague" | Connection, tempId?: string): Message {
    const isCustomer = by === "customer";
    const isOwn = by instanceof Connection;
    this.#lastId++;
    const message: Message = {
      id: this.#lastId,
      conversation_id: conversation,
      line_user_id: `U${conversation}`,
      session_id: 1,
      direction: isCustomer ? "INCOMING" : "OUTGOING",
      sender_role: isCustomer ? "USER" : "ADMIN",
      operator_id: isOwn ? this.operator.id : isCustomer ? null : 99,
      operator_name: null,
      message_type: "text",
      content,
      payload: null,
      quoted_message_id: null,
      created_at: this.time(),
      unsent_at: null,
      delivery: isCustomer ? null : { state: "queued", cost: null },
      ...(tempId === undefined ? {} : { temp_id: tempId }),
    };
    this.messages.set(conversation, [...(this.messages.get(conversation) ?? []), message]);
    this.append("message", conversation, message.id, isOwn ? by : null);
    this.touch(conversation);
    if (!isCustomer) this.clock.after(this.random() * 3000, () => this.accept(message));
    return message;
  }

  /** LINE took it. */
  accept({ conversation_id, id }: Message): void {
    this.replace(conversation_id, id, { delivery: { state: "accepted", cost: "free" } });
    this.append("delivery", conversation_id, id);
  }

  /** The customer took it back. */
  withdraw(conversation: number, id: number): void {
    this.replace(conversation, id, { content: "", unsent_at: this.time() });
    this.append("updated", conversation, id);
    this.touch(conversation);
  }

  touch(conversation: number): void {
    this.versions.set(conversation, (this.versions.get(conversation) ?? 0) + 1);
    this.append("summary", conversation, 0);
  }

  replace(conversation: number, id: number, change: Partial<Message>): void {
    const all = this.messages.get(conversation) ?? [];
    this.messages.set(
      conversation,
      all.map((one) => (one.id === id ? { ...one, ...change } : one)),
    );
  }

  append(kind: LogEntry["kind"], conversation: number, message: number, cause: Connection | null = null): void {
    this.log.push({ seq: this.log.length + 1, kind, conversation, message, cause });
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.clock.after(this.random() * 20, () => this.#pump());
  }

  find(conversation: number, id: number): Message | undefined {
    return this.messages.get(conversation)?.find((one) => one.id === id);
  }

  sent(temp: string, conversation: number): Message | undefined {
    const message = this.#byTempId.get(`${this.operator.id}/${conversation}/${temp}`);
    return message && this.find(conversation, message.id);
  }

  remember(temp: string, message: Message): void {
    this.#byTempId.set(`${this.operator.id}/${message.conversation_id}/${temp}`, message);
  }

  time(): string {
    return new Date(this.clock.now).toISOString();
  }

  /** Of several changes of a summary, the latest. */
  coalesced(entries: readonly LogEntry[]): LogEntry[] {
    const latest = new Map<number, number>();
    for (const { kind, conversation, seq } of entries) if (kind === "summary") latest.set(conversation, seq);
    return entries.filter(({ kind, conversation, seq }) => kind !== "summary" || latest.get(conversation) === seq);
  }

  eventOf({ kind, conversation, message }: LogEntry): Event | null {
    const now = this.find(conversation, message);
    switch (kind) {
      case "summary":
        return { type: "conversation_update", payload: this.summary(conversation) };
      case "message":
        return now ? { type: "new_message", payload: now } : null;
      case "updated":
        return now ? { type: "message_updated", payload: now } : null;
      case "delivery": {
        if (!now?.delivery) return null;
        const { line_user_id, delivery, temp_id } = now;
        return {
          type: "message_ack",
          payload: {
            message_id: message,
            conversation_id: conversation,
            line_user_id,
            delivery,
            ...(temp_id === undefined ? {} : { temp_id }),
          },
        };
      }
      case "hidden":
        return null;
    }
  }

  #pump(): void {
    this.#isPumping = false;
    const news = this.coalesced(this.log.slice(this.#cursor));
    this.#cursor = this.log.length;
    for (const entry of news) {
      for (const connection of this.connections) connection.publish(entry);
    }
  }
}
