// The eye's place in the scrolled thread: the end, or a row and how far below the upper edge it is. Whatever is put in
// above, and whatever grows there once it is drawn (`content-visibility`), the place is held. Knows no React.

type Anchor = { kind: "end" } | { kind: "row"; row: Element; top: number };

/** Closer than this to the end counts as at the end. */
const END_PX = 48;
/** Room for the day's pill. */
const HEAD_PX = 48;

export class ScrollPlace {
  /** Later messages than those shown exist: the end of what is there is not the end. */
  hasAfter = false;

  #scroller: HTMLElement | null = null;
  #anchor: Anchor = { kind: "end" };
  /** Where this side scrolled to: the event of that is no move of the eye. */
  #written = -1;
  /** Of the box, when the place was taken or held last. */
  #height = 0;

  attach(scroller: HTMLElement | null): void {
    this.#scroller = scroller;
  }

  get isAtEnd(): boolean {
    const it = this.#scroller;
    return !it || (!this.hasAfter && it.scrollHeight - it.scrollTop - it.clientHeight <= END_PX);
  }

  /** Whether the end is the place that is held. */
  get isHeldAtEnd(): boolean {
    return this.#anchor.kind === "end";
  }

  /** How much is left to scroll, above and below; infinite while nothing is laid out. */
  get left(): { above: number; below: number } {
    const it = this.#scroller;
    if (!it?.clientHeight) return { above: Number.POSITIVE_INFINITY, below: Number.POSITIVE_INFINITY };
    return { above: it.scrollTop, below: it.scrollHeight - it.scrollTop - it.clientHeight };
  }

  /** Takes where the eye is now as the place to hold. */
  remember(): void {
    const it = this.#scroller;
    if (!it || it.scrollTop === this.#written) return;
    // The browser scrolled, as the composer grew or shrank: the eye did not move.
    if (it.clientHeight !== this.#height) {
      this.restore();
      return;
    }
    this.#written = -1;
    const row = this.isAtEnd ? undefined : firstInSight(it);
    this.#anchor = row ? { kind: "row", row, top: topOf(row) - topOf(it) } : { kind: "end" };
  }

  /** Puts the eye back where it was, after the rows changed. */
  restore(): void {
    const it = this.#scroller;
    const anchor = this.#anchor;
    if (!it) return;
    this.#height = it.clientHeight;
    if (anchor.kind === "end") {
      if (!this.hasAfter) this.#write(it, it.scrollHeight);
    } else if (anchor.row.isConnected) {
      const moved = topOf(anchor.row) - topOf(it) - anchor.top;
      // A touch that glides would be stopped by every write.
      if (Math.abs(moved) >= 1) this.#write(it, it.scrollTop + moved);
    }
  }

  toEnd(): void {
    this.#anchor = { kind: "end" };
    this.restore();
  }

  /** Brings a line to the upper edge, or as near as there is to scroll. Lines come and go: the row below it is held. */
  toTop(line: Element): void {
    const row = line.nextElementSibling ?? line;
    this.#move(row, HEAD_PX + topOf(row) - topOf(line));
  }

  toMiddle(row: Element): void {
    const height = this.#scroller?.clientHeight ?? 0;
    this.#move(row, Math.max(HEAD_PX, (height - row.getBoundingClientRect().height) / 2));
  }

  /** The row itself is held: those around it get their real height only when they are drawn. */
  #move(row: Element, top: number): void {
    this.#anchor = { kind: "row", row, top };
    this.restore();
    const it = this.#scroller;
    if (this.isAtEnd) this.#anchor = { kind: "end" };
    // Not so far as wished, when there is no more to scroll.
    else if (it) this.#anchor = { kind: "row", row, top: topOf(row) - topOf(it) };
  }

  #write(it: HTMLElement, top: number): void {
    it.scrollTop = top;
    // As far as there is to scroll.
    this.#written = it.scrollTop;
  }
}

const topOf = (element: Element): number => element.getBoundingClientRect().top;

/** The rows are in order, so halving finds it: a scroll through thousands must stay cheap. */
function firstInSight(scroller: HTMLElement): Element | undefined {
  const rows = scroller.getElementsByClassName("msg");
  const edge = topOf(scroller);
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && row.getBoundingClientRect().bottom <= edge) low = middle + 1;
    else high = middle;
  }
  return rows[low] ?? rows[rows.length - 1];
}
