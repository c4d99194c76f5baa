// The desk as the screens see it: one state, and what an operator can do.
import type { StoreApi } from "zustand/vanilla";
import type {
  ChannelState,
  ChannelWish,
  ContactCard,
  ConversationId,
  Findings,
  Limits,
  ListCounts,
  ListStatus,
  MemberList,
  Message,
  MessageCheck,
  MessageId,
  OperatorEntry,
  OperatorId,
  OperatorPresence,
  OperatorStatus,
  QuotaState,
  SearchAnswer,
  SlaAlert,
  Summary,
  Usage,
  User,
} from "../protocol";
import type { ConnectionState, Fault, LineMessage, OutboxEntry, Said, SendResult } from "../realtime/types";

export type SignIn =
  | { kind: "starting" }
  /** `ended`: it was valid once and no longer is. `away`: the desk did not answer; trying goes on. */
  | { kind: "signed_out"; reason: "new" | "ended" | "away" }
  | { kind: "signed_in"; user: User };

/** The list on the left. `ids` in the order of the rows. */
export type ListView = {
  status: ListStatus;
  q: string;
  tag: string | null;
  ids: readonly ConversationId[];
  /** How many match on the desk, loaded or not. */
  total: number;
  hasMore: boolean;
  load: LoadState;
  /** Rows that would have moved while `isHeld`; they move when it ends. */
  pending: number;
  isHeld: boolean;
};

export type LoadState = { kind: "loading" } | { kind: "ready" } | { kind: "failed"; fault: Fault };

/** A gap-free window of a conversation's messages, oldest first. */
export type Thread = {
  messages: readonly Message[];
  hasBefore: boolean;
  /** The window was moved into the past by a jump; live messages are not appended until it reaches the end. */
  hasAfter: boolean;
  load: LoadState;
  isLoadingBefore: boolean;
  isLoadingAfter: boolean;
  /** Where the desk had read to when the conversation was opened: the unread line goes after it. 0: nowhere; null: to the end, or see `unread`. */
  readUpTo: MessageId | null;
  /** Where it had read to is above the window: `count` of the customer's, the last of them no newer than `upTo`. */
  unread: { count: number; upTo: MessageId } | null;
  /** That place is being looked for: what is loaded is not yet what one wants to see. */
  isSeeking: boolean;
  /** The newest message when this operator left the conversation last, as far as it is remembered. */
  leftAt: MessageId | null;
};

export type Person = { id: OperatorId; name: string };

export type DeskState = {
  signIn: SignIn;
  connection: ConnectionState;
  limits: Limits;
  /** IANA name; times are shown in it. */
  timezone: string;
  /** Of business time, until a first answer; null: the desk has no such target. */
  targetSeconds: number | null;
  conversations: ReadonlyMap<ConversationId, Summary>;
  list: ListView;
  /** Of the whole desk, whatever the list shows. Waiting and active follow every event, the others within seconds. */
  counts: ListCounts;
  /** The conversation that is open. */
  openId: ConversationId | null;
  threads: ReadonlyMap<ConversationId, Thread>;
  presence: readonly OperatorPresence[];
  /** Everyone a chat can go to; loaded by `loadOperators`. */
  operators: readonly OperatorEntry[];
  /** Colleagues who write; never oneself. */
  typing: ReadonlyMap<ConversationId, readonly Person[]>;
  /** Colleagues who have it open; never oneself. */
  looking: ReadonlyMap<ConversationId, readonly Person[]>;
  alerts: readonly SlaAlert[];
  /** How many paid messages are left, of each channel that told it. */
  quotas: ReadonlyMap<string, QuotaState>;
  outbox: readonly OutboxEntry[];
  /** What customers took back lately, for what shows a text outside of its thread. */
  withdrawn: readonly MessageId[];
};

/** Something that happened which a person may want to hear of. Not state: told once, when it is live, never for a replay. */
export type Happening =
  | { kind: "customer_waits"; conversation: Summary }
  | { kind: "customer_wrote"; conversation: Summary; message: Message | null }
  | { kind: "transferred_to_me"; conversation: Summary; from: string | null; reason: string | null }
  | { kind: "mentioned"; conversation: Summary; message: Message };

/** Promises reject with a `Fault` and nothing else. */
export type Desk = {
  readonly store: StoreApi<DeskState>;
  /** Tries the refresh cookie, then connects. */
  start(): void;
  signIn(username: string, password: string): Promise<void>;
  /** `everywhere`: every other browser and device of this operator too. */
  signOut(everywhere?: boolean): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  tryNow(): void;

  showList(view: { status: ListStatus; q: string; tag: string | null }): void;
  loadMoreRows(): Promise<void>;
  /** While held (pointer or focus in the list), rows do not move. */
  holdList(isHeld: boolean): void;

  open(id: ConversationId | null): void;
  loadBefore(id: ConversationId): Promise<void>;
  loadAfter(id: ConversationId): Promise<void>;
  /** Moves the window so that it holds this message. */
  jumpTo(id: ConversationId, message: MessageId): Promise<void>;
  /** Moves the window to the newest messages. */
  jumpToEnd(id: ConversationId): Promise<void>;
  searchMessages(q: string, cursor: string | null): Promise<SearchAnswer>;
  /** By a part of the name or the whole LINE id; newest activity first, the first 20. Leaves the list as it is. */
  findConversations(q: string): Promise<readonly Summary[]>;

  send(id: ConversationId, said: Said, quote: MessageId | null): SendResult;
  /** Asks the desk, and through it LINE, whether it would be taken. Nothing is sent. */
  checkMessage(message: LineMessage): Promise<MessageCheck>;
  sendAgain(tempId: string): void;
  /** Whether it was done: what is on its way, or gone already, cannot be. */
  discard(tempId: string): boolean;
  /** Takes a discard back: the message waits again, and still goes only once. */
  restore(tempId: string): void;
  /** What became of a message that is not in the outbox any more, as far as this page heard. */
  fateOf(tempId: string): "stored" | "discarded" | null;
  retry(message: MessageId): Promise<void>;
  cancel(message: MessageId): Promise<void>;
  writeNote(id: ConversationId, text: string, tempId: string): Promise<void>;
  /** Resolves when the desk has it. The same again under the same id is there once. */
  /** `preview`: a picture of a video. */
  sendFile(id: ConversationId, file: File, tempId: string, preview: Blob | null): Promise<void>;
  /** What messages cost in a month (`YYYY-MM`), or in this one. For admins. */
  usage(month: string | null): Promise<Usage>;
  /** The LINE accounts. For admins, as the two that follow. */
  channels(): Promise<ChannelState[]>;
  /** Changes a LINE account, or adds one where there is no id. */
  setChannel(id: number | null, wish: ChannelWish): Promise<ChannelState>;
  /** Looks at everything that the installation needs; with `test` LINE calls the webhooks. */
  examine(test: boolean): Promise<Findings>;
  /** Tries again to fetch a message's file from LINE. */
  fetchAgain(message: MessageId): Promise<void>;
  /** What was really visible; smaller ids than before are ignored. */
  markRead(id: ConversationId, message: MessageId): void;
  setTyping(id: ConversationId, isTyping: boolean): void;

  claim(id: ConversationId): Promise<void>;
  release(id: ConversationId): Promise<void>;
  close(id: ConversationId): Promise<void>;
  transfer(id: ConversationId, to: OperatorId, reason: string): Promise<void>;
  /** HUMAN for a chat without a session: opens one of mine. */
  takeFromBot(id: ConversationId): Promise<void>;
  /** An ADMIN takes a colleague's session. */
  takeOver(id: ConversationId): Promise<void>;
  refreshProfile(id: ConversationId): Promise<void>;
  /** What the desk knows of the customer besides the summary. Not state: whoever shows it asks again. */
  contact(id: ConversationId): Promise<ContactCard>;
  /** Who is known to be in a group or room. Not state: whoever shows it asks again. */
  members(id: ConversationId): Promise<MemberList>;
  archive(id: ConversationId, isArchived: boolean): Promise<void>;
  startConversation(lineUserId: string, text: string): Promise<ConversationId>;

  setStatus(status: OperatorStatus): Promise<void>;
  loadOperators(): Promise<void>;
  /** Returns the way to stop hearing. */
  onHappening(listener: (happening: Happening) => void): () => void;
};
