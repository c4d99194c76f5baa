// What the reducers work on: the state that screens see, and what must be remembered beside it. Both are immutable.
import type { ConversationId, Delivery, ListStatus, MessageId, OperatorId, Seq, SessionId, Summary } from "../protocol";
import { Layers } from "./layers";
import type { DeskState } from "./types";

export type Mark = {
  /** The event that the summary is of: an older one changes nothing. */
  seq: Seq;
  /** Its place in the list: the instant of its newest activity. */
  key: number;
  isListed: boolean;
};

/** A session command that the desk has not answered; the screen shows what it will make of the truth. */
export type Act = { ticket: number; truth: Summary; patch: (truth: Summary) => Summary };

/** What an event said of a message, by the seq of who said it. */
export type Said = { seq: Seq; delivery: { seq: Seq; value: Delivery } | null };

export type ThreadMark = {
  /** Live events of it come here with no gap. */
  isFollowed: boolean;
  /** Loaded since it was opened: nothing in it is older than that. */
  isFresh: boolean;
  said: ReadonlyMap<MessageId, Said>;
};

export type Ledger = {
  me: OperatorId;
  marks: ReadonlyMap<ConversationId, Mark>;
  acts: ReadonlyMap<ConversationId, Act>;
  /** The rows in their true order; `list.ids` lags behind while the list is held. */
  order: readonly ConversationId[];
  cursor: string | null;
  /** Rows that moved while the list was held. */
  moved: ReadonlySet<ConversationId>;
  /** The newest event that was applied. */
  latest: Seq;
  /** Numbers are counted up to here. */
  countedTo: Seq;
  /** Only the desk knows: the rows (search, closed ones), the numbers. */
  doubt: { rows: boolean; counts: boolean };
  threadMarks: ReadonlyMap<ConversationId, ThreadMark>;
  /** Threads that are kept, the latest used first. */
  recent: readonly ConversationId[];
  /** When typing lapses, by `conversation:operator`. */
  typingUntil: ReadonlyMap<string, number>;
  /** Sessions that an operator has answered, or that ended: no more alerts for them. */
  calm: ReadonlySet<SessionId>;
};

export type Model = { state: DeskState; ledger: Ledger };

export type ListFilter = { status: ListStatus; q: string; tag: string | null };

export function emptyState(): DeskState {
  return {
    signIn: { kind: "starting" },
    connection: { kind: "idle" },
    limits: { text_units: 5000, frame_bytes: 65_536, sends_per_minute: 60, media: false, media_bytes: 0 },
    timezone: "UTC",
    targetSeconds: null,
    conversations: new Layers(),
    list: {
      status: "all",
      q: "",
      tag: null,
      ids: [],
      total: 0,
      hasMore: false,
      load: { kind: "loading" },
      pending: 0,
      isHeld: false,
    },
    counts: { all: 0, waiting: 0, active: 0, mine: 0, bot: 0, closed: 0 },
    openId: null,
    threads: new Map(),
    presence: [],
    operators: [],
    typing: new Map(),
    looking: new Map(),
    alerts: [],
    quotas: new Map(),
    withdrawn: [],
    outbox: [],
  };
}

export function emptyModel(me: OperatorId, state: DeskState = emptyState()): Model {
  return {
    state,
    ledger: {
      me,
      marks: new Layers(),
      acts: new Map(),
      order: [],
      cursor: null,
      moved: new Set(),
      latest: 0,
      countedTo: 0,
      doubt: { rows: false, counts: false },
      threadMarks: new Map(),
      recent: [],
      typingUntil: new Map(),
      calm: new Set(),
    },
  };
}
