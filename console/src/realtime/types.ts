// What the realtime layer tells and is told. It knows no React and no screen.
import type { ConversationId, ConversationUpdate, ErrorCode, MessageId, SendMessage, ServerFrame } from "../protocol";

/** Codes that this side gives itself, beside the desk's (ER2). */
export type LocalCode = "offline" | "disconnected" | "no_answer" | "outbox_full" | "outbox_unsaved" | "unsent_first";

/** Why something was refused or failed: what the desk said (ER1, WS5), or what this side found. */
export type Fault = {
  code: ErrorCode | LocalCode;
  message: string;
  /** Whether the same again may work. */
  retryable: boolean;
  retry_after_ms?: number;
  request_id?: string;
  details?: unknown;
};

/**
 * How true the screen is; shown to the operator as it is. `catching_up`: it may be behind, after a reconnection or because
 * the desk is silent where it should answer. `retryAt`: milliseconds since the epoch.
 */
export type ConnectionState =
  | { kind: "idle" }
  | { kind: "connecting" }
  | { kind: "catching_up" }
  | { kind: "live" }
  | { kind: "offline"; retryAt: number }
  | { kind: "refused" };

/** A message object as the Messaging API takes it. */
export type LineMessage = NonNullable<SendMessage["line_message"]>;

/** What is sent: a text, or a message object and the words that tell of it on this side. */
export type Said = string | { text: string; message: LineMessage };

/** A message that the desk has not stored yet. Kept in IndexedDB until it has. */
export type OutboxEntry = {
  temp_id: string;
  conversation_id: ConversationId;
  /** As it was typed; of a `line_message` the words that tell of it. */
  text: string;
  /** Sent in the text's place. */
  line_message?: LineMessage;
  quote_message_id: MessageId | null;
  /** When it was written, in milliseconds since the epoch. */
  at: number;
  /** `refused`: the desk said no; only the operator decides what becomes of it. */
  state: "waiting" | "sending" | "refused";
  fault: Fault | null;
  /** It was handed to the connection, by whichever tab, and no answer says that the desk does not have it. */
  isTried: boolean;
};

/** Sending is checked and handed over in one step. */
export type SendResult =
  /** `kept`: the browser has it, or could not: then a reload loses it. */
  { ok: true; temp_id: string; kept: Promise<void> } | { ok: false; fault: Fault };

/** Who listens to the realtime layer. Calls come in the order of the wire. */
export type RealtimeListener = {
  onState(state: ConnectionState): void;
  /** Every event of the desk, validated; answers to commands that are events too (`message_sent`) included. */
  onFrame(frame: ServerFrame): void;
  /**
   * A joined room's messages. `isWhole`: they replace what is known; else they begin with the newest that were known, as
   * they are now, and go on from there: put in by id.
   */
  onRoom(id: ConversationId, update: ConversationUpdate, isWhole: boolean): void;
  onRoomFault(id: ConversationId, fault: Fault): void;
  /** The desk cannot tell what was missed: load the screen anew, then `start` again. */
  onResync(): void;
  onOutbox(entries: readonly OutboxEntry[]): void;
};
