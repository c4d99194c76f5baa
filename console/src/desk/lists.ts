// The list's pages, and what becomes of the rows that are already there.
import type { ConversationId, ConversationList } from "../protocol";
import type { Draft } from "./draft";
import type { ListFilter } from "./model";
import { activity, fits } from "./rows";

/** Another list: its rows are not known yet. */
export function showList(draft: Draft, filter: ListFilter): void {
  unlist(draft);
  draft.setOrder([]);
  draft.ledger = { ...draft.ledger, cursor: null };
  draft.setList({ ...filter, total: 0, hasMore: false, load: { kind: "loading" } });
  draft.settle();
  pruneAll(draft);
}

/** The first page. `isQuiet`: nobody asked, so rows further down stay and nothing moves under the pointer. */
export function takeFirstPage(draft: Draft, page: ConversationList, isQuiet: boolean): void {
  const last = page.conversations.at(-1);
  const before = draft.order;
  const marks = new Map(before.map((id) => [id, draft.marks.get(id)]));
  unlist(draft);
  const fresh = put(draft, page, []);
  const lastKey = last ? (draft.marks.get(last.id)?.key ?? 0) : 0;
  let order = fresh;
  let cursor = page.next_cursor;
  if (isQuiet && cursor !== null && last) {
    const known = new Set(fresh);
    const below = before.filter((id) => {
      const key = marks.get(id)?.key ?? 0;
      return !known.has(id) && (key < lastKey || (key === lastKey && id < last.id)) && draft.conversations.has(id);
    });
    for (const id of below) {
      const mark = marks.get(id);
      if (mark) draft.marks.set(id, { ...mark, isListed: true });
    }
    if (below.length) {
      order = [...fresh, ...below];
      cursor = draft.ledger.cursor;
    }
  }
  draft.setOrder(order);
  draft.ledger = { ...draft.ledger, cursor };
  takeNumbers(draft, page);
  draft.doubt({ rows: false });
  draft.setList({ hasMore: cursor !== null, load: { kind: "ready" } });
  if (isQuiet && draft.list.isHeld) draft.hold(order);
  else draft.settle();
  pruneAll(draft);
}

/** A further page: its rows come after all others, and do not count as moved. */
export function takeNextPage(draft: Draft, page: ConversationList): void {
  const held = draft.list.ids;
  const order = put(draft, page, draft.order);
  draft.setOrder(order);
  draft.ledger = { ...draft.ledger, cursor: page.next_cursor };
  const known = new Set(held);
  const added = page.conversations.map((one) => one.id).filter((id) => !known.has(id) && draft.marks.get(id)?.isListed);
  draft.setList({ hasMore: page.next_cursor !== null, load: { kind: "ready" }, ids: [...held, ...added] });
  takeNumbers(draft, page);
}

/** What the desk counted, at the page's instant. Events after it are to be applied again. */
export function takeNumbers(draft: Draft, page: ConversationList): void {
  draft.rest.counts = page.counts;
  draft.ledger = { ...draft.ledger, countedTo: page.seq };
  draft.doubt({ counts: false });
  draft.setList({ total: page.total });
}

export function holdList(draft: Draft, isHeld: boolean): void {
  if (draft.list.isHeld === isHeld) return;
  draft.setList({ isHeld });
  if (isHeld) return;
  const moved = [...draft.ledger.moved];
  draft.settle();
  for (const id of moved) draft.prune(id);
}

/** Puts a page's rows behind `order`, in the desk's order: it knows activity that no summary shows. */
function put(draft: Draft, page: ConversationList, order: readonly ConversationId[]): ConversationId[] {
  const next = [...order];
  let last = next.at(-1);
  let least = last === undefined ? Number.POSITIVE_INFINITY : (draft.marks.get(last)?.key ?? 0);
  for (const summary of page.conversations) {
    const { id } = summary;
    const mark = draft.marks.get(id);
    if (mark?.isListed) continue;
    const isKnown = mark && mark.seq > page.seq;
    const shown = isKnown ? draft.conversations.get(id) : draft.laid(summary);
    // What happened since, or is being done to it here, may take it out of this list.
    if (!shown || fits(shown, draft.list, draft.me) === false) continue;
    let key = activity(shown);
    if (key > least || (key === least && id > (last ?? 0))) key = least - 0.001;
    draft.marks.set(id, { seq: isKnown ? mark.seq : page.seq, key, isListed: true });
    draft.conversations.set(id, shown);
    next.push(id);
    [last, least] = [id, key];
  }
  return next;
}

function unlist(draft: Draft): void {
  for (const id of draft.order) {
    const mark = draft.marks.get(id);
    if (mark) draft.marks.set(id, { ...mark, isListed: false });
  }
}

function pruneAll(draft: Draft): void {
  const shown = new Set(draft.list.ids);
  for (const id of [...draft.conversations.value.keys()]) if (!shown.has(id)) draft.prune(id);
}
