// A desk for tests of screens: a real store with a state that the test sets, and every act a `vi.fn()`.
// Sample builders give whole, valid objects; pass only what the test is about.
import { cleanup, type RenderResult, render } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { afterEach, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { DeskProvider } from "../desk/context";
import type { Desk, DeskState, Happening, ListView, Thread } from "../desk/types";
import type {
  ChannelState,
  ContactCard,
  LastMessage,
  ListCounts,
  Message,
  OperatorEntry,
  Session,
  Summary,
  Tag,
  User,
} from "../protocol";

/** When the samples happen; set the clock there with `vi.setSystemTime(NOW)`. */
export const NOW = Date.parse("2026-01-31T08:30:00.000Z");

export const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

export const ME: User = { id: 1, username: "arisa", display_name: "Arisa", role: "AGENT" };
export const COLLEAGUE: OperatorEntry = {
  id: 2,
  display_name: "Nok",
  role: "AGENT",
  status: "online",
  active_chats: 3,
};

export function tag(over: Partial<Tag> = {}): Tag {
  return { id: 1, name: "Refund", color: "rose", ...over };
}

/** An ACTIVE session of mine. */
export function session(over: Partial<Session> = {}): Session {
  return {
    id: 1,
    status: "ACTIVE",
    operator_id: ME.id,
    operator_name: ME.display_name,
    started_at: at(600),
    claimed_at: at(540),
    closed_at: null,
    first_response_at: null,
    closed_by: null,
    transfer_count: 0,
    after_hours: false,
    ...over,
  };
}

/** A WAITING session of nobody's. */
export function waiting(seconds: number, over: Partial<Session> = {}): Session {
  return session({
    status: "WAITING",
    operator_id: null,
    operator_name: null,
    started_at: at(seconds),
    claimed_at: null,
    ...over,
  });
}

export function lastMessage(over: Partial<LastMessage> = {}): LastMessage {
  return {
    id: 1,
    content: "Where is my parcel?",
    message_type: "text",
    direction: "INCOMING",
    created_at: at(120),
    sender_role: "USER",
    operator_id: null,
    unsent_at: null,
    ...over,
  };
}

/** A chat with Emma that the bot has: no session. */
export function summary(over: Partial<Summary> = {}): Summary {
  const id = over.id ?? 1;
  return {
    id,
    channel: "default",
    line_user_id: `U${id.toString(16).padStart(32, "0")}`,
    source_type: "user",
    display_name: "Emma",
    picture_url: null,
    friend_status: "ACTIVE",
    chat_mode: over.session ? "HUMAN" : "BOT",
    session: null,
    last_message: lastMessage(),
    unread_count: 0,
    tags: [],
    archived: false,
    ...over,
  };
}

/** Something that the customer wrote. */
export function message(over: Partial<Message> = {}): Message {
  return {
    id: 1,
    conversation_id: 1,
    line_user_id: `U${(over.conversation_id ?? 1).toString(16).padStart(32, "0")}`,
    session_id: null,
    direction: "INCOMING",
    sender_role: "USER",
    operator_id: null,
    operator_name: null,
    message_type: "text",
    content: "Where is my parcel?",
    payload: null,
    quoted_message_id: null,
    created_at: at(120),
    unsent_at: null,
    delivery: null,
    ...over,
  };
}

/** Something that I wrote and LINE took. */
export function answer(over: Partial<Message> = {}): Message {
  return message({
    direction: "OUTGOING",
    sender_role: "ADMIN",
    operator_id: ME.id,
    operator_name: ME.display_name,
    content: "It left us on Friday.",
    delivery: { state: "accepted", cost: "free" },
    ...over,
  });
}

export function thread(over: Partial<Thread> = {}): Thread {
  return {
    messages: [],
    hasBefore: false,
    hasAfter: false,
    load: { kind: "ready" },
    isLoadingBefore: false,
    isLoadingAfter: false,
    readUpTo: null,
    unread: null,
    isSeeking: false,
    leftAt: null,
    ...over,
  };
}

export function listView(over: Partial<ListView> = {}): ListView {
  return {
    status: "all",
    q: "",
    tag: null,
    ids: [],
    total: over.ids?.length ?? 0,
    hasMore: false,
    load: { kind: "ready" },
    pending: 0,
    isHeld: false,
    ...over,
  };
}

export const contactCard = (over: Partial<ContactCard> = {}): ContactCard => ({
  language: null,
  first_seen_at: at(9000),
  profile_fetched_at: at(60),
  elsewhere: [],
  session_count: over.sessions?.length ?? 0,
  sessions: [],
  note_count: over.notes?.length ?? 0,
  notes: [],
  ...over,
});

export const channelState = (over: Partial<ChannelState> = {}): ChannelState => ({
  id: 1,
  name: "default",
  is_active: true,
  token_kind: "long_lived",
  line_channel_id: null,
  webhook_url: "https://desk.example/line/webhook",
  has_secret: true,
  has_access_token: true,
  has_assertion_key: false,
  is_configured: false,
  created_at: at(9000),
  updated_at: at(60),
  account: null,
  ...over,
});

export const counts = (over: Partial<ListCounts> = {}): ListCounts => ({
  all: 0,
  waiting: 0,
  active: 0,
  mine: 0,
  bot: 0,
  closed: 0,
  ...over,
});

/** Signed in as `ME`, live, and nothing there. */
export function deskState(over: Partial<DeskState> = {}): DeskState {
  return {
    signIn: { kind: "signed_in", user: ME },
    connection: { kind: "live" },
    limits: { text_units: 5000, frame_bytes: 65536, sends_per_minute: 60, media: false, media_bytes: 0 },
    timezone: "Asia/Bangkok",
    targetSeconds: 300,
    conversations: new Map(),
    list: listView(),
    counts: counts(),
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
    ...over,
  };
}

/** State whose list shows these conversations, in this order. */
export function withRows(rows: readonly Summary[], list: Partial<ListView> = {}): Partial<DeskState> {
  return {
    conversations: new Map(rows.map((row) => [row.id, row])),
    list: listView({ ids: rows.map((row) => row.id), total: rows.length, ...list }),
  };
}

/** Puts another version of one conversation into the state, as an event of the desk does. */
export function change(desk: Desk, row: Summary): void {
  desk.store.setState((state) => ({ conversations: new Map(state.conversations).set(row.id, row) }));
}

// Importing this module is enough for the screen to be taken down after each test.
afterEach(cleanup);

const done = () => Promise.resolve();

/** Every act is a `vi.fn()` that succeeds: `vi.mocked(desk.claim).mockRejectedValueOnce(fault)`. */
export function fakeDesk(over: Partial<DeskState> = {}) {
  const listeners = new Set<(happening: Happening) => void>();
  const desk = {
    store: createStore<DeskState>(() => deskState(over)),
    start: vi.fn<Desk["start"]>(),
    signIn: vi.fn<Desk["signIn"]>(done),
    signOut: vi.fn<Desk["signOut"]>(done),
    changePassword: vi.fn<Desk["changePassword"]>(done),
    tryNow: vi.fn<Desk["tryNow"]>(),
    showList: vi.fn<Desk["showList"]>(),
    loadMoreRows: vi.fn<Desk["loadMoreRows"]>(done),
    holdList: vi.fn<Desk["holdList"]>(),
    open: vi.fn<Desk["open"]>(),
    loadBefore: vi.fn<Desk["loadBefore"]>(done),
    loadAfter: vi.fn<Desk["loadAfter"]>(done),
    jumpTo: vi.fn<Desk["jumpTo"]>(done),
    jumpToEnd: vi.fn<Desk["jumpToEnd"]>(done),
    searchMessages: vi.fn<Desk["searchMessages"]>(async () => ({ items: [], next_cursor: null })),
    findConversations: vi.fn<Desk["findConversations"]>(async () => []),
    send: vi.fn<Desk["send"]>(() => ({ ok: true, temp_id: "t1", kept: done() })),
    checkMessage: vi.fn<Desk["checkMessage"]>(async () => ({ valid: true, problems: [] })),
    sendAgain: vi.fn<Desk["sendAgain"]>(),
    discard: vi.fn<Desk["discard"]>(() => true),
    restore: vi.fn<Desk["restore"]>(),
    fateOf: vi.fn<Desk["fateOf"]>(() => null),
    retry: vi.fn<Desk["retry"]>(done),
    cancel: vi.fn<Desk["cancel"]>(done),
    writeNote: vi.fn<Desk["writeNote"]>(done),
    sendFile: vi.fn<Desk["sendFile"]>(done),
    usage: vi.fn<Desk["usage"]>(async (month) => ({ month: month ?? "2026-01", channels: [] })),
    channels: vi.fn<Desk["channels"]>(async () => []),
    setChannel: vi.fn<Desk["setChannel"]>(async () => channelState()),
    examine: vi.fn<Desk["examine"]>(async () => ({ findings: [], checked_at: "2026-01-05T03:00:00.000Z" })),
    fetchAgain: vi.fn<Desk["fetchAgain"]>(done),
    markRead: vi.fn<Desk["markRead"]>(),
    setTyping: vi.fn<Desk["setTyping"]>(),
    claim: vi.fn<Desk["claim"]>(done),
    release: vi.fn<Desk["release"]>(done),
    close: vi.fn<Desk["close"]>(done),
    transfer: vi.fn<Desk["transfer"]>(done),
    takeFromBot: vi.fn<Desk["takeFromBot"]>(done),
    takeOver: vi.fn<Desk["takeOver"]>(done),
    refreshProfile: vi.fn<Desk["refreshProfile"]>(done),
    contact: vi.fn<Desk["contact"]>(async () => contactCard()),
    members: vi.fn<Desk["members"]>(async () => ({ members: [], member_count: null })),
    archive: vi.fn<Desk["archive"]>(done),
    startConversation: vi.fn<Desk["startConversation"]>(async () => 1),
    setStatus: vi.fn<Desk["setStatus"]>(done),
    loadOperators: vi.fn<Desk["loadOperators"]>(done),
    onHappening: vi.fn<Desk["onHappening"]>((listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    }),
    /** Tells everyone who listens. */
    happen(happening: Happening): void {
      for (const listener of listeners) listener(happening);
    },
  };
  return desk satisfies Desk;
}

export type FakeDesk = ReturnType<typeof fakeDesk>;

export function renderWithDesk(ui: ReactElement, desk: Desk): RenderResult {
  return render(ui, {
    wrapper: ({ children }: { children: ReactNode }) => <DeskProvider value={desk}>{children}</DeskProvider>,
  });
}
