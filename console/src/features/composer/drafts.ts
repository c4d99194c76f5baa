// What was written and not sent, for each conversation. It survives a reload and ends with the operator's sign-out.
// One entry of localStorage a conversation, so that two tabs do not write over each other's; in the same conversation
// they show the same draft.
import { array, boolean, exactOptional, nullable, number, object, safeParse, string } from "valibot";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ConversationId, MessageId, OperatorId } from "../../protocol";

export type Draft = {
  text: string;
  isNote: boolean;
  /** The newest message when the writing began; null while nothing is written. */
  since: MessageId | null;
  /** Quick replies that go with the text; their bar is open while there is a list. */
  replies?: readonly string[];
  /** Who was picked as `@name` in the text. */
  mentions?: readonly Mention[];
  /** What is being made in a dialog of its own. */
  card?: string;
  place?: Place;
};

export type Mention = { name: string; line_user_id: string };

/** As it stands in the fields. */
export type Place = { title: string; address: string; latitude: string; longitude: string };

/** Of one operator, on this device; the oldest go when there are more. */
export const MAX_DRAFTS = 60;
/** What is longer lives in this tab only. */
const MAX_KEPT_UNITS = 60_000;

const EMPTY: Draft = { text: "", isNote: false, since: null };
const PREFIX = "linedesk.draft.";
const KEPT = object({
  text: string(),
  isNote: boolean(),
  since: nullable(number()),
  replies: exactOptional(array(string())),
  mentions: exactOptional(array(object({ name: string(), line_user_id: string() }))),
  card: exactOptional(string()),
  place: exactOptional(object({ title: string(), address: string(), latitude: string(), longitude: string() })),
  at: number(),
});

const store = createStore<{ drafts: ReadonlyMap<string, Draft> }>(() => ({ drafts: new Map() }));
/** As it was on the disk when it was first asked for. */
const read = new Map<string, Draft>();

const keyOf = (me: OperatorId, id: ConversationId): string => `${PREFIX}${me}.${id}`;
const find = (key: string): Draft => store.getState().drafts.get(key) ?? load(key);

export function useDraft(me: OperatorId, id: ConversationId): Draft {
  const key = keyOf(me, id);
  return useStore(store, () => find(key));
}

export const getDraft = (me: OperatorId, id: ConversationId): Draft => find(keyOf(me, id));

export function setDraft(me: OperatorId, id: ConversationId, draft: Draft): void {
  const key = keyOf(me, id);
  show(key, draft);
  keep(key, me, draft);
}

/** What is left of a draft when its text, or what was made in a dialog, is sent. */
export const without = {
  text: ({ replies: _, mentions: __, ...rest }: Draft): Draft => ({ ...rest, text: "", since: null }),
  card: ({ card: _, ...rest }: Draft): Draft => rest,
  place: ({ place: _, ...rest }: Draft): Draft => rest,
};

export const isWritten = ({ text, replies = [], card = "", place }: Draft): boolean =>
  text !== "" || replies.length > 0 || card !== "" || Object.values(place ?? {}).some((words) => words !== "");

/** Empties the field at once, and the disk only when the text is `kept` elsewhere: a crash between the two would lose it. */
export function handOver(me: OperatorId, id: ConversationId, kept: Promise<void>, leave = without.text): void {
  const key = keyOf(me, id);
  const empty = leave(find(key));
  show(key, empty);
  // What was written meanwhile, here or in another tab, has the place on the disk.
  void kept.then(() => store.getState().drafts.get(key) === empty && keep(key, me, empty));
}

function show(key: string, draft: Draft): void {
  store.setState((state) => ({ drafts: new Map(state.drafts).set(key, draft) }));
}

/** In how many conversations something is written and not sent. */
export function countDrafts(me: OperatorId): number {
  const { drafts } = store.getState();
  const shown = [...drafts.keys()].filter((key) => key.startsWith(`${PREFIX}${me}.`));
  return [...new Set([...shown, ...keptKeys(me)])].filter((key) => isWritten(find(key))).length;
}

/** What one wrote goes with the sign-out. A sign-in that merely ended keeps it: the same person comes back. */
export function clearDrafts(me: OperatorId): void {
  for (const key of keptKeys(me)) drop(key);
  read.clear();
  store.setState({ drafts: new Map() });
}

/** Shows what another tab writes, and lets go of what it sends: else it would be sent twice, or written over. */
export function followDrafts(): void {
  addEventListener("storage", ({ key, oldValue, newValue }) => {
    // One that is gone from the disk made room for others; one that was emptied says so.
    if (!key?.startsWith(PREFIX) || newValue === null) return;
    const mine = store.getState().drafts.get(key) ?? read.get(key);
    // What this tab alone has, the disk being full, is not written over.
    if (!mine || (isWritten(mine) && contentOf(mine) !== contentOf(draftIn(oldValue)))) return;
    show(key, draftIn(newValue));
  });
}

function load(key: string): Draft {
  const known = read.get(key);
  if (known) return known;
  const found = draftIn(kept(key));
  read.set(key, found);
  return found;
}

function draftIn(value: string | null): Draft {
  const { at: _, ...draft } = parse(value) ?? { ...EMPTY, at: 0 };
  return draft;
}

const contentOf = ({ text, replies = [], mentions = [], card = "", place }: Draft): string =>
  JSON.stringify([text, replies, mentions, card, place?.title, place?.address, place?.latitude, place?.longitude]);

// The disk may be full, closed to us, or hold what another version wrote: a draft is then kept by this tab alone.
function keep(key: string, me: OperatorId, draft: Draft): void {
  const { isNote, since } = draft;
  const isKept = isWritten(draft) && draft.text.length + (draft.card?.length ?? 0) <= MAX_KEPT_UNITS;
  try {
    const isThere = localStorage.getItem(key) !== null;
    if (isKept && !isThere) makeRoom(me);
    // Emptied first, for the other tabs: see `followDrafts`.
    if (isKept || isThere)
      localStorage.setItem(key, JSON.stringify({ ...(isKept ? draft : { ...EMPTY, isNote, since }), at: Date.now() }));
    if (!isKept) drop(key);
  } catch {
    drop(key);
  }
}

function makeRoom(me: OperatorId): void {
  const keys = keptKeys(me);
  if (keys.length < MAX_DRAFTS) return;
  const byAge = keys.map((key) => ({ key, at: parse(kept(key))?.at ?? 0 })).sort((a, b) => a.at - b.at);
  for (const { key } of byAge.slice(0, keys.length - MAX_DRAFTS + 1)) drop(key);
}

function keptKeys(me: OperatorId): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${me}.`));
  } catch {
    return [];
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function parse(value: string | null) {
  try {
    const parsed = safeParse(KEPT, JSON.parse(value ?? "null"));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function drop(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept there either.
  }
}
