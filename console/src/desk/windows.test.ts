// @vitest-environment node
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../protocol";
import { message } from "../testing/fake-desk";
import {
  deliver,
  emptyMark,
  emptyThread,
  find,
  fromPage,
  indexOf,
  merged,
  OPEN_MOST,
  opened,
  put,
  withAfter,
  withBefore,
  withRoom,
} from "./windows";

const of = (...ids: number[]) => ids.map((id) => message({ id, content: `m${id}` }));
const ids = (messages: readonly Message[]) => messages.map((one) => one.id);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const page = (from: number, to: number, before = false, after = false) => ({
  messages: of(...range(from, to)),
  has_more_before: before,
  has_more_after: after,
});
const anIdSet = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((all) => all.sort((a, b) => a - b));

describe("a window of messages", () => {
  it("is merged in ascending order without doubles, and the newer version wins", () => {
    fc.assert(
      fc.property(anIdSet, anIdSet, (under, over) => {
        const newer = over.map((id) => message({ id, content: "newer" }));
        const all = merged(of(...under), newer);
        expect(ids(all)).toEqual([...new Set([...under, ...over])].sort((a, b) => a - b));
        for (const one of all) expect(one.content).toBe(over.includes(one.id) ? "newer" : `m${one.id}`);
      }),
    );
  });

  it("finds a message, or its place", () => {
    fc.assert(
      fc.property(anIdSet, fc.integer({ min: 0, max: 61 }), (all, id) => {
        expect(find(of(...all), id)?.id).toBe(all.includes(id) ? id : undefined);
        expect(indexOf(of(...all), id)).toBe(all.filter((one) => one < id).length);
      }),
    );
  });

  it("is gap-free whatever is loaded at which end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.constantFrom<"before" | "after">("before", "after"), { maxLength: 15 }),
        (start, steps) => {
          let thread = fromPage(emptyThread, page(start, Math.min(start + 9, 300), start > 1, start < 291));
          for (const step of steps) {
            const [first, last] = [thread.messages[0]?.id ?? 0, thread.messages.at(-1)?.id ?? 0];
            if (step === "before" && thread.hasBefore) {
              const from = Math.max(first - 50, 1);
              thread = withBefore(thread, page(from, first - 1, from > 1, true));
            } else if (step === "after" && thread.hasAfter) {
              const to = Math.min(last + 50, 300);
              thread = withAfter(thread, page(last + 1, to, true, to < 300));
            }
          }
          const [first, last] = [thread.messages[0]?.id ?? 0, thread.messages.at(-1)?.id ?? 0];
          expect(ids(thread.messages)).toEqual(range(first, last));
          expect(thread.hasBefore).toBe(first > 1);
          expect(thread.hasAfter).toBe(last < 300);
        },
      ),
    );
  });

  it("lets go of its far end when it has grown too long", () => {
    const long = fromPage(emptyThread, page(1001, 1000 + OPEN_MOST, true, false));
    const older = withBefore(long, page(951, 1000, true, true));
    expect(older.messages[0]?.id).toBe(951);
    expect(older.messages.length).toBeLessThan(OPEN_MOST);
    expect(older.hasAfter).toBe(true);
    const mark = { ...emptyMark, isFollowed: true };
    const grown = put({ thread: long, mark }, message({ id: 1001 + OPEN_MOST }), 1).thread;
    expect(grown.messages.at(-1)?.id).toBe(1001 + OPEN_MOST);
    expect(grown.messages.length).toBeLessThan(OPEN_MOST);
    expect(grown.hasBefore).toBe(true);
  });

  it("takes live messages only where none can be missing before them", () => {
    const mark = { ...emptyMark, isFollowed: true };
    const end = fromPage(emptyThread, page(5, 7, true, false));
    const past = fromPage(emptyThread, page(5, 7, true, true));
    expect(ids(put({ thread: end, mark }, message({ id: 8 }), 1).thread.messages)).toEqual([5, 6, 7, 8]);
    expect(ids(put({ thread: end, mark: emptyMark }, message({ id: 8 }), 1).thread.messages)).toEqual([5, 6, 7]);
    expect(ids(put({ thread: past, mark }, message({ id: 8 }), 1).thread.messages)).toEqual([5, 6, 7]);
    expect(ids(put({ thread: end, mark }, message({ id: 4 }), 1).thread.messages)).toEqual([5, 6, 7]);
  });

  it("keeps what a delivery said before the message itself came", () => {
    const start = { thread: fromPage(emptyThread, page(5, 7)), mark: { ...emptyMark, isFollowed: true } };
    const accepted = { state: "accepted" as const, cost: "free" as const };
    const queued = message({ id: 8, delivery: { state: "queued", cost: null } });
    const after = put(deliver(start, 8, accepted, 14), queued, 12);
    expect(find(after.thread.messages, 8)?.delivery).toEqual(accepted);
  });

  describe("of a room that is joined", () => {
    const cached = fromPage(emptyThread, page(1, 40));

    it("is replaced when it was not followed: something in it may have been withdrawn", () => {
      const next = withRoom(cached, emptyMark, of(41, 42), true, true);
      expect(ids(next.messages)).toEqual([41, 42]);
      expect(next.hasBefore).toBe(true);
    });

    it("keeps what was loaded since it was opened, where the two meet", () => {
      const next = withRoom(cached, { ...emptyMark, isFresh: true }, of(40, 41), true, true);
      expect(ids(next.messages)).toEqual(range(1, 41));
      expect(next.hasBefore).toBe(false);
    });

    it("stays in the past where the operator went on purpose", () => {
      const past = fromPage(emptyThread, page(1, 40, false, true));
      const next = withRoom(past, { ...emptyMark, isFresh: true }, of(100, 101), true, true);
      expect(next.messages).toBe(past.messages);
      expect(next.hasAfter).toBe(true);
    });

    it("grows by what came after, also when events have brought it already", () => {
      const next = withRoom(cached, { ...emptyMark, isFollowed: true }, of(39, 40, 41), false, false);
      expect(ids(next.messages)).toEqual(range(1, 41));
      expect(withRoom(cached, emptyMark, of(30, 31), true, false).hasAfter).toBe(false);
      expect(withRoom(cached, emptyMark, of(41, 42), true, false).hasAfter).toBe(true);
    });
  });

  describe("where it was read to", () => {
    const all = [
      message({ id: 11 }),
      message({ id: 12, direction: "OUTGOING" }),
      message({ id: 13 }),
      message({ id: 15 }),
    ];
    const places = (count: number, hasMore: boolean) => {
      const { readUpTo, unread, isSeeking } = opened(
        { ...emptyThread, messages: all, hasBefore: hasMore },
        all,
        hasMore,
        count,
      );
      return { readUpTo, unread, isSeeking };
    };
    const at = (readUpTo: number | null) => ({ readUpTo, unread: null, isSeeking: false });

    it("is before as many of the customer's as are unread", () => {
      expect(places(0, true)).toEqual(at(null));
      expect(places(1, true)).toEqual(at(14));
      expect(places(2, true)).toEqual(at(12));
      // The first of the window, with more before it.
      expect(places(3, true)).toEqual(at(10));
      expect(places(9, false)).toEqual(at(0));
    });

    it("is looked for above, where the window has not so many", () => {
      expect(places(5, true)).toEqual({ readUpTo: null, unread: { count: 5, upTo: 15 }, isSeeking: true });
    });

    it("is found by the page that reaches it, whatever came meanwhile", () => {
      const thread = opened(fromPage(emptyThread, page(51, 100, true)), of(...range(51, 100)), true, 70);
      const live = put({ thread, mark: { ...emptyMark, isFollowed: true } }, message({ id: 101 }), 1).thread;
      const still = withBefore(live, page(41, 50, true));
      expect(still.unread).toEqual({ count: 70, upTo: 100 });
      expect(withBefore(still, page(21, 40, true))).toMatchObject({ readUpTo: 30, unread: null });
    });

    it("is not guessed where the window is elsewhere, and known once it is back at the end", () => {
      const past = { ...fromPage(emptyThread, page(1, 20, false, true)) };
      const room = of(...range(51, 100));
      const thread = opened(past, room, true, 70);
      expect(thread).toMatchObject({ readUpTo: null, isSeeking: false });
      expect(withBefore(thread, page(1, 1)).readUpTo).toBeNull();
      expect(fromPage(thread, page(21, 100, true)).readUpTo).toBe(30);
      expect(opened(past, room, true, 20).readUpTo).toBe(80);
    });
  });
});
