// Windows of messages: gap-free, ascending ids, no doubles. Pure.
import type { Delivery, Message, MessageId, MessagePage } from "../protocol";
import type { Said, ThreadMark } from "./model";
import type { Thread } from "./types";

/** Of the open conversation; beyond it the window lets go of its far end. */
export const OPEN_MOST = 2000;
/** So that it is not cut with every single message. */
const OPEN_CUT_TO = 1500;
/** Of those that are only kept for coming back. */
export const KEPT_MOST = 100;
export const THREADS_MOST = 12;
const SAID_MOST = 1000;

export const emptyThread: Thread = {
  messages: [],
  hasBefore: false,
  hasAfter: false,
  load: { kind: "loading" },
  isLoadingBefore: false,
  isLoadingAfter: false,
  readUpTo: null,
  unread: null,
  isSeeking: false,
  leftAt: null,
};

export const emptyMark: ThreadMark = { isFollowed: false, isFresh: false, said: new Map() };

/** Where the id is or belongs. */
export function indexOf(messages: readonly Message[], id: MessageId): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find(messages: readonly Message[], id: MessageId): Message | undefined {
  const found = messages[indexOf(messages, id)];
  return found?.id === id ? found : undefined;
}

/** Both, ascending and without doubles; of two with the same id the one of `over`. */
export function merged(under: readonly Message[], over: readonly Message[]): Message[] {
  const all: Message[] = [];
  let [a, b] = [0, 0];
  for (;;) {
    const [one, two] = [under[a], over[b]];
    if (one && (!two || one.id < two.id)) {
      all.push(one);
      a++;
    } else if (two) {
      all.push(two);
      b++;
      if (one?.id === two.id) a++;
    } else return all;
  }
}

/** A window made anew from a page. */
export function fromPage(thread: Thread, page: MessagePage): Thread {
  return {
    ...placed(thread, page.messages, page.has_more_before),
    messages: page.messages,
    hasBefore: page.has_more_before,
    hasAfter: page.has_more_after,
    load: { kind: "ready" },
    isLoadingBefore: false,
    isLoadingAfter: false,
  };
}

/** The page that ends before the window's first message. */
export function withBefore(thread: Thread, page: MessagePage): Thread {
  const messages = merged(page.messages, thread.messages);
  const isOver = messages.length > OPEN_MOST;
  return {
    ...placed(thread, messages, page.has_more_before),
    messages: isOver ? messages.slice(0, OPEN_CUT_TO) : messages,
    hasBefore: page.has_more_before,
    hasAfter: thread.hasAfter || isOver,
    isLoadingBefore: false,
  };
}

/** The page that begins after the window's last message. */
export function withAfter(thread: Thread, page: MessagePage): Thread {
  const next = { ...thread, messages: merged(thread.messages, page.messages), hasAfter: page.has_more_after };
  return { ...cutFront(next, OPEN_MOST, OPEN_CUT_TO), isLoadingAfter: false };
}

export function cutFront(thread: Thread, most: number, to = most): Thread {
  if (thread.messages.length <= most) return thread;
  return { ...thread, messages: thread.messages.slice(-to), hasBefore: true };
}

/** The messages of a room that was just joined (`isWhole`), or those after what is known. */
export function withRoom(
  thread: Thread,
  mark: ThreadMark,
  messages: readonly Message[],
  hasMore: boolean,
  isWhole: boolean,
): Thread {
  const ready = { ...thread, load: { kind: "ready" as const } };
  const [first, last] = [messages[0], thread.messages.at(-1)];
  // Moved into the past on purpose: what is there stays, and grows by `loadAfter`.
  if (thread.hasAfter && (!isWhole || mark.isFresh)) return ready;
  if (!isWhole) {
    // Events may have brought more than the answer has.
    const isShort = hasMore && (last?.id ?? 0) <= (messages.at(-1)?.id ?? 0);
    const next = { ...ready, messages: merged(thread.messages, messages), hasAfter: isShort };
    return cutFront(next, OPEN_MOST, OPEN_CUT_TO);
  }
  const overlaps = mark.isFresh && first && last && first.id <= last.id;
  // What was not followed may have been withdrawn meanwhile: only what was loaded since then is kept.
  if (overlaps) return { ...ready, messages: merged(thread.messages, messages), hasAfter: false };
  return { ...ready, messages, hasBefore: hasMore, hasAfter: false };
}

export type Window = { thread: Thread; mark: ThreadMark };

/**
 * An answer to sending or to `retry`. It may come after a page or a joined room that had the message already, further on
 * its way; what was told in between is then not told again. So it takes a delivery back only when an event or a retry
 * says from where.
 */
export function putAnswer(window: Window, message: Message, seq?: number, latest = 0): Window {
  const held = find(window.thread.messages, message.id);
  const told = window.mark.said.get(message.id)?.delivery;
  const isBehind = isUnderWay(message.delivery) && held?.delivery && !isUnderWay(held.delivery);
  const isAgain = seq !== undefined && told && told.seq < seq && told.value === held?.delivery;
  const taken = isBehind && !isAgain && held ? { ...message, delivery: held.delivery } : message;
  return put(window, taken, seq ?? latest);
}

/** What is held of it is as new as anything: what comes now is newer. */
export function beforeRetry({ thread, mark }: Window, id: MessageId, latest: number): Window {
  const value = find(thread.messages, id)?.delivery;
  if (!value) return { thread, mark };
  const said = mark.said.get(id);
  return { thread, mark: remember(mark, id, { seq: said?.seq ?? 0, delivery: { seq: latest, value } }) };
}

const isUnderWay = (delivery: Delivery | null) => delivery?.state === "queued" || delivery?.state === "sending";

/** A message that an event tells of, new or changed. */
export function put({ thread, mark }: Window, message: Message, seq: number): Window {
  const said = mark.said.get(message.id);
  const held = find(thread.messages, message.id);
  if (said && said.seq > seq && held) return { thread, mark };
  if (!held && !mayTake(thread, mark, message.id)) return { thread, mark };
  const delivery = said?.delivery && said.delivery.seq > seq ? said.delivery.value : message.delivery;
  const taken = delivery === message.delivery ? message : { ...message, delivery };
  return {
    thread: cutFront({ ...thread, messages: merged(thread.messages, [taken]) }, OPEN_MOST, OPEN_CUT_TO),
    mark: remember(mark, message.id, { seq, delivery: said?.delivery ?? null }),
  };
}

/** How far a message came. It is remembered where the message itself is still to come. */
export function deliver({ thread, mark }: Window, id: MessageId, delivery: Delivery, seq: number): Window {
  const said = mark.said.get(id) ?? { seq: 0, delivery: null };
  if (said.seq > seq || (said.delivery && said.delivery.seq > seq)) return { thread, mark };
  const held = find(thread.messages, id);
  if (!held && !mayTake(thread, mark, id)) return { thread, mark };
  return {
    thread: held ? { ...thread, messages: merged(thread.messages, [{ ...held, delivery }]) } : thread,
    mark: remember(mark, id, { seq: said.seq, delivery: { seq, value: delivery } }),
  };
}

/** Whether a message that is not in the window belongs into it with no gap. */
function mayTake(thread: Thread, mark: ThreadMark, id: MessageId): boolean {
  const [first, last] = [thread.messages[0], thread.messages.at(-1)];
  if (!first || !last) return thread.load.kind === "ready" && mark.isFollowed && !thread.hasAfter && !thread.hasBefore;
  if (id > last.id) return mark.isFollowed && !thread.hasAfter;
  return id > first.id || !thread.hasBefore;
}

function remember(mark: ThreadMark, id: MessageId, said: Said): ThreadMark {
  const all = new Map(mark.said);
  all.set(id, said);
  if (all.size > SAID_MOST) {
    const ids = [...all.keys()].sort((a, b) => a - b);
    for (const old of ids.slice(0, ids.length - SAID_MOST / 2)) all.delete(old);
  }
  return { ...mark, said: all };
}

/** The first of the customer's last `count` up to `upTo`; null when there are not so many. */
function firstOfLast(messages: readonly Message[], count: number, upTo: MessageId): MessageId | null {
  let left = count;
  for (let n = indexOf(messages, upTo + 1) - 1; n >= 0; n--) {
    const one = messages[n];
    if (one?.direction === "INCOMING" && --left === 0) return one.id;
  }
  return null;
}

/** A thread that is opened with so many unread at the end of the room: where the line goes, or that it is to be looked for. */
export function opened(thread: Thread, room: readonly Message[], hasMore: boolean, count: number): Thread {
  const upTo = room.at(-1)?.id;
  if (!count || upTo === undefined) return thread;
  const isElsewhere = thread.hasAfter;
  const next = placed(
    { ...thread, unread: { count, upTo } },
    isElsewhere ? room : thread.messages,
    isElsewhere ? hasMore : thread.hasBefore,
  );
  return { ...next, isSeeking: next.unread !== null && !isElsewhere };
}

/** The same thread once more of it is there: maybe it reaches back to where was read to. */
function placed(thread: Thread, messages: readonly Message[], hasBefore: boolean): Thread {
  const { unread } = thread;
  // Moved elsewhere, the window says nothing of what is in between.
  if (!unread || !find(messages, unread.upTo)) return thread;
  const first = firstOfLast(messages, unread.count, unread.upTo);
  if (first === null && hasBefore) return thread;
  return { ...thread, readUpTo: first === null ? 0 : first - 1, unread: null };
}
