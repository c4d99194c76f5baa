// What the page knows of the platform, kept current by its feed, and the requests that change it.
//
// The feed's first event is a snapshot; each later one holds the whole new thing, so applying one twice does no harm.
// Views are told what changed, at most once a frame: a burst of messages is one repaint.

import { words } from "./words.js";

const THREAD = 300;
const CALLS = 300;
/** Customers kept; the snapshot has no more either. */
const CUSTOMERS = 1000;
const RETRY_MS = 1500;

export const state = {
  link: "connecting",
  account: "",
  consoleUrl: null,
  /** The platform's clock minus this one's, in ms. */
  skewMs: 0,
  settings: null,
  /** By user id: `{customer, last, received, seen, thread}`; a thread is null until it was asked for. */
  people: new Map(),
  customerCount: 0,
  /** Newest last, without bodies. */
  calls: [],
  selected: null,
};

const views = [];
let dirty = new Map();

/** Calls `render(ids)` after something of the topic changed; `ids` is the set of what did. */
export function view(topic, render) {
  views.push([topic, render]);
}

addEventListener("hashchange", () => {
  const userId = decodeURIComponent(location.hash.slice(1));
  if (state.people.has(userId)) select(userId);
});

export function touch(topic, id = "") {
  if (dirty.size === 0) (document.hidden ? (run) => setTimeout(run, 200) : requestAnimationFrame)(flush);
  if (!dirty.has(topic)) dirty.set(topic, new Set());
  dirty.get(topic).add(id);
}

function flush() {
  const changed = dirty;
  dirty = new Map();
  for (const [topic, render] of views) if (changed.has(topic)) render(changed.get(topic));
}

/** What a customer, a group or a room is called; a room has no name of its own. */
export function nameOf({ name, source, members }) {
  if (name || source !== "room") return name;
  return words.room(members.map(nameOfMember));
}

export function nameOfMember(userId) {
  return state.people.get(userId)?.customer.name ?? words.someone((userId ?? "").slice(-4));
}

/** Who of a group or room acts on this page: a member, or null in a chat of two. */
export function writerOf(person) {
  if (!person || person.customer.source === "user") return null;
  const { members, user_id } = person.customer;
  const chosen = writers.get(user_id);
  return members.includes(chosen) ? chosen : (members[0] ?? null);
}
const writers = new Map();
export function setWriter(chatId, userId) {
  writers.set(chatId, userId);
  touch("writer", chatId);
}

export const nowMs = () => Date.now() + state.skewMs;
export const selectedPerson = () => state.people.get(state.selected);
export const unreadOf = (person) => person.received - person.seen;

/** Message ids are decimal and rise with time, but are too long for a number. */
export const byAge = (one, other) => one.id.length - other.id.length || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);

// The feed.

export function connect() {
  const source = new EventSource("/sim/events");
  source.onmessage = ({ data }) => {
    const change = JSON.parse(data);
    appliers[change.type]?.(change);
  };
  source.onerror = () => {
    setLink("lost");
    // The browser comes back by itself, but not after an answer that was no stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  };
}

function setLink(link) {
  state.link = link;
  touch("link");
}

const appliers = {
  snapshot(snapshot) {
    state.account = snapshot.account_name;
    state.consoleUrl = snapshot.console_url;
    state.skewMs = snapshot.now_ms - Date.now();
    state.settings = snapshot.settings;
    state.people = new Map(snapshot.customers.map((listed) => [listed.customer.user_id, personOf(listed)]));
    state.customerCount = snapshot.customer_count;
    state.calls = snapshot.calls;
    setLink("live");
    const wanted = state.people.has(state.selected) ? state.selected : decodeURIComponent(location.hash.slice(1));
    state.selected = null;
    select(state.people.has(wanted) ? wanted : (state.people.keys().next().value ?? null));
    for (const topic of ["people", "settings", "calls", "account"]) touch(topic);
  },

  customer({ customer }) {
    const person = state.people.get(customer.user_id);
    if (person) {
      const writer = writerOf(person);
      person.customer = customer;
      // The phone is another one then.
      if (writerOf(person) !== writer) touch("writer", customer.user_id);
    } else {
      state.customerCount += 1;
      if (state.people.size >= CUSTOMERS) return touch("people");
      state.people.set(customer.user_id, personOf({ customer, last_message: null, received: 0 }));
      touch("people");
    }
    touch("person", customer.user_id);
    if (!state.selected) select(customer.user_id);
  },

  message({ user_id, message }) {
    const person = state.people.get(user_id);
    if (!person) return;
    if (!person.last || byAge(person.last, message) <= 0) {
      const isNew = person.last?.id !== message.id;
      person.last = message;
      if (isNew && message.author === "account") {
        person.received += 1;
        touch("arrival", user_id);
      }
    }
    if (person.thread) {
      person.thread.set(message.id, message);
      if (person.thread.size > THREAD * 2) {
        for (const { id } of sorted(person.thread).slice(0, -THREAD)) person.thread.delete(id);
      }
    }
    markSeen();
    touch("person", user_id);
    if (user_id === state.selected) touch("thread", message.id);
  },

  settings({ settings }) {
    state.settings = settings;
    touch("settings");
  },

  call({ call }) {
    if (state.calls.length && call.id <= state.calls.at(-1).id) return;
    state.calls.push(call);
    if (state.calls.length > CALLS) state.calls.shift();
    touch("calls");
  },
};

function personOf({ customer, last_message, received }) {
  const seen = Number(sessionStorage.getItem(`seen ${customer.user_id}`)) || 0;
  // Fewer than were seen: the simulator started anew.
  return { customer, last: last_message, received, seen: Math.min(seen, received), thread: null };
}

export const sorted = (thread) => [...thread.values()].sort(byAge);

// What the page does.

export function select(userId) {
  if (state.selected === userId) return;
  const before = state.selected;
  state.selected = userId;
  if (userId) {
    history.replaceState(null, "", `#${userId}`);
    loadThread(state.people.get(userId));
  }
  markSeen();
  touch("selected");
  for (const id of [before, userId]) if (id) touch("person", id);
}

async function loadThread(person) {
  if (person.thread) return;
  person.thread = new Map();
  try {
    const { messages } = await request("GET", `${pathOf(person.customer.user_id)}/messages`);
    // What the feed brought meanwhile is as new or newer.
    for (const message of messages) if (!person.thread.has(message.id)) person.thread.set(message.id, message);
    if (person === selectedPerson()) touch("selected");
  } catch {
    // The feed is lost as well then, and the next snapshot begins again.
    person.thread = null;
  }
}

/** The selected customer's messages are seen while the phone is. */
export function markSeen() {
  const person = selectedPerson();
  const isVisible = !document.hidden && (document.body.dataset.view === "phone" || matchMedia("(min-width: 960px)").matches);
  if (!person || !isVisible || person.seen === person.received) return;
  person.seen = person.received;
  sessionStorage.setItem(`seen ${state.selected}`, String(person.seen));
  touch("person", state.selected);
}

const pathOf = (userId) => `/sim/customers/${encodeURIComponent(userId)}`;

const chatPath = (chatId) => `/sim/chats/${encodeURIComponent(chatId)}`;

/** The file of a message: `original` or `preview`. */
export const fileOf = (chatId, messageId, part) => `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/${part}`;
/** The file that the account's message names at this place, a JSON pointer. */
export const linkedOf = (chatId, messageId, at) => `${fileOf(chatId, messageId, "linked")}?at=${encodeURIComponent(at)}`;

export const addCustomer = (customer) => request("POST", "/sim/customers", customer);
/** `{type, fields, member?, quoted_message_id?, file?}` */
export const sendMessage = (chatId, message) => request("POST", `${chatPath(chatId)}/messages`, message);
/** `{type, part, member?, is_replyable?, display_text?}` */
export const sendEvent = (chatId, event) => request("POST", `${chatPath(chatId)}/events`, event);
/** A group, or a room when it has no name. */
export const addGroup = (name, members) => request("POST", "/sim/groups", name ? { name, members } : { members });
/** `{join}` or `{leave}`, each of user ids. */
export const changeMembers = (chatId, change) => request("POST", `/sim/groups/${encodeURIComponent(chatId)}/members`, change);
export const sendTexts = (userId, texts) => request("POST", `${pathOf(userId)}/messages/at-once`, { texts });
export const setFriendship = (userId, friendship) => request("PUT", `${pathOf(userId)}/friendship`, { friendship });
export const unsend = (messageId) => request("DELETE", `/sim/messages/${encodeURIComponent(messageId)}`);
export const changeSettings = (patch) => request("PATCH", "/sim/settings", patch);
export const resetSettings = () => request("POST", "/sim/settings/reset");
export const redeliverLast = () => request("POST", "/sim/webhooks/redeliver", {});
export const getCall = (id) => request("GET", `/sim/calls/${id}`);

/** Rejects with an error whose message is for the screen. */
async function request(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "content-type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(words.failed);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.message ?? words.failed);
  return answer;
}
