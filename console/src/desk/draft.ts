// A model while a batch is applied to it: what changes is copied once, what does not stays the same object.
import type { ConversationId, OperatorId, Summary } from "../protocol";
import type { Ledger, Model, ThreadMark } from "./model";
import { activity, fits, isMine, placeOf } from "./rows";
import { Sketch } from "./sketch";
import type { DeskState, ListView, Thread } from "./types";
import { emptyMark } from "./windows";

export class Draft {
  readonly conversations;
  readonly threads;
  readonly typing;
  readonly looking;
  readonly marks;
  readonly acts;
  readonly threadMarks;
  readonly typingUntil;
  /** The rest of the two, replaced whole. */
  rest: Partial<DeskState> = {};
  ledger: Ledger;

  #model: Model;
  #order: ConversationId[] | null = null;
  #moved: Set<ConversationId> | null = null;
  #list: ListView;

  constructor(model: Model) {
    const { state, ledger } = model;
    this.#model = model;
    this.ledger = ledger;
    this.#list = state.list;
    this.conversations = new Sketch(state.conversations);
    this.threads = new Sketch(state.threads);
    this.typing = new Sketch(state.typing);
    this.looking = new Sketch(state.looking);
    this.marks = new Sketch(ledger.marks);
    this.acts = new Sketch(ledger.acts);
    this.threadMarks = new Sketch(ledger.threadMarks);
    this.typingUntil = new Sketch(ledger.typingUntil);
  }

  get me(): OperatorId {
    return this.ledger.me;
  }

  /** The state as the batch found it, with what it replaced whole. */
  get state(): DeskState {
    return { ...this.#model.state, ...this.rest };
  }

  get openId(): ConversationId | null {
    return "openId" in this.rest ? (this.rest.openId ?? null) : this.#model.state.openId;
  }

  get list(): ListView {
    return this.#list;
  }

  setList(change: Partial<ListView>): void {
    this.#list = { ...this.#list, ...change };
  }

  get order(): readonly ConversationId[] {
    return this.#order ?? this.ledger.order;
  }

  setOrder(order: ConversationId[]): void {
    this.#order = order;
  }

  /** Forgets which rows moved: they are where they belong. */
  settle(): void {
    this.#moved = new Set();
    this.setList({ ids: this.order });
  }

  /** Rows that came, went or overtook another count as moved; what they overtook does not. */
  hold(order: readonly ConversationId[]): void {
    const shown = new Map(this.list.ids.map((id, at) => [id, at]));
    const moved = new Set(this.list.ids.filter((id) => !this.marks.get(id)?.isListed));
    let least = Number.POSITIVE_INFINITY;
    for (const id of order.toReversed()) {
      const at = shown.get(id) ?? -1;
      if (at < 0 || at > least) moved.add(id);
      else least = at;
    }
    this.#moved = moved;
  }

  doubt(what: Partial<Ledger["doubt"]>): void {
    this.ledger = { ...this.ledger, doubt: { ...this.ledger.doubt, ...what } };
  }

  threadMark(id: ConversationId): ThreadMark {
    return this.threadMarks.get(id) ?? emptyMark;
  }

  setThread(id: ConversationId, thread: Thread, mark: ThreadMark): void {
    this.threads.set(id, thread);
    this.threadMarks.set(id, mark);
  }

  /** What the desk holds true, whatever an unanswered command makes of it on the screen. */
  truth(id: ConversationId): Summary | undefined {
    return this.acts.get(id)?.truth ?? this.conversations.get(id);
  }

  /** A summary as it is now on the desk, or was at `seq`. */
  putSummary(summary: Summary, seq: number): void {
    const { id } = summary;
    const mark = this.marks.get(id);
    if (mark && seq < mark.seq) return;
    this.show(this.laid(summary), seq);
  }

  /** A summary of the desk as the screen is to show it. */
  laid(summary: Summary): Summary {
    const act = this.acts.get(summary.id);
    if (!act) return summary;
    this.acts.set(summary.id, { ...act, truth: summary });
    return act.patch(summary);
  }

  /** Shows a summary, and gives it its place in the list, or none. */
  show(summary: Summary, seq: number): void {
    const { id } = summary;
    const before = this.conversations.get(id);
    const mark = this.marks.get(id);
    const isSame = mark && before && before.last_message?.id === summary.last_message?.id;
    const key = isSame ? mark.key : activity(summary);
    const wasListed = mark?.isListed ?? false;
    const fit = fits(summary, this.list, this.me, before);
    const isListed = wasListed ? fit !== false : fit === true && this.#isInWindow(id, key);
    if (fit === undefined && !wasListed) this.doubt({ rows: true });
    // One that begins or ceases to match changes the total; which of the two only the desk knows for all.
    if (before && wasListed && !isListed) this.setList({ total: Math.max(this.list.total - 1, 0) });
    if (wasListed !== isListed) this.doubt({ counts: true });
    this.#place(id, wasListed ? (mark?.key ?? 0) : null, isListed ? key : null);
    this.marks.set(id, { seq, key, isListed });
    this.conversations.set(id, summary);
    this.prune(id);
  }

  /** Lets go of what is neither listed nor open nor mine. */
  prune(id: ConversationId): void {
    const summary = this.conversations.get(id);
    if (!summary || this.marks.get(id)?.isListed || id === this.openId || isMine(summary, this.me)) return;
    if (this.threads.has(id) || this.acts.has(id) || (this.#moved ?? this.ledger.moved).has(id)) return;
    this.conversations.delete(id);
    this.marks.delete(id);
  }

  #keyOf = (id: ConversationId): number => this.marks.get(id)?.key ?? 0;

  #isInWindow(id: ConversationId, key: number): boolean {
    if (this.ledger.cursor === null) return true;
    return placeOf(this.order, id, key, this.#keyOf) < this.order.length;
  }

  #place(id: ConversationId, from: number | null, to: number | null): void {
    if (from === to) return;
    this.#order ??= [...this.ledger.order];
    const order = this.#order;
    // The mark still has the old key, by which it is found.
    const at = from === null ? -1 : placeOf(order, id, from, this.#keyOf);
    if (at >= 0 && order[at] === id) order.splice(at, 1);
    const next = to === null ? -1 : placeOf(order, id, to, this.#keyOf);
    if (next >= 0) order.splice(next, 0, id);
    if (at === next || !this.list.isHeld) return;
    this.#moved ??= new Set(this.ledger.moved);
    this.#moved.add(id);
  }

  patchThread(
    id: ConversationId,
    change: (window: { thread: Thread; mark: ThreadMark }) => { thread: Thread; mark: ThreadMark },
  ): void {
    const thread = this.threads.get(id);
    if (!thread) return;
    const next = change({ thread, mark: this.threadMark(id) });
    this.setThread(id, next.thread, next.mark);
  }

  finish(): Model {
    const before = this.#model.state;
    const moved = this.#moved ?? this.ledger.moved;
    if (!this.list.isHeld) {
      if (this.list.ids !== this.order) this.setList({ ids: this.order });
    }
    if (this.list.pending !== moved.size) this.setList({ pending: moved.size });
    const state: DeskState = {
      ...before,
      ...this.rest,
      list: this.#list,
      conversations: this.conversations.value,
      threads: this.threads.value,
      typing: this.typing.value,
      looking: this.looking.value,
    };
    const ledger: Ledger = {
      ...this.ledger,
      marks: this.marks.value,
      acts: this.acts.value,
      threadMarks: this.threadMarks.value,
      typingUntil: this.typingUntil.value,
      order: this.order,
      moved,
    };
    return { state, ledger };
  }
}
