// @vitest-environment node
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ListStatus, Summary } from "../protocol";
import { lastMessage, session, summary, tag, waiting } from "../testing/fake-desk";
import { applyFrames } from "./apply";
import { Draft } from "./draft";
import { holdList, showList, takeFirstPage, takeNextPage } from "./lists";
import { emptyModel, type Model } from "./model";
import { activity, fits } from "./rows";
import { AT, frame, page } from "./testing";

const ME = 1;
const NOW = Date.parse(AT);
const row = (id: number, minute: number, over: Partial<Summary> = {}) =>
  summary({
    id,
    session: null,
    last_message: lastMessage({ id: minute, created_at: new Date(NOW + minute * 60_000).toISOString() }),
    ...over,
  });

function changed(model: Model, change: (draft: Draft) => void): Model {
  const draft = new Draft(model);
  change(draft);
  return draft.finish();
}

function listed(rows: Summary[], status: ListStatus = "all", cursor: string | null = null): Model {
  const empty = changed(emptyModel(ME), (draft) => showList(draft, { status, q: "", tag: null }));
  return changed(empty, (draft) => takeFirstPage(draft, page(rows, { next_cursor: cursor }), false));
}

let seq = 100;
const tell = (model: Model, ...rows: Summary[]) =>
  applyFrames(
    model,
    rows.map((one) => frame("conversation_update", one, ++seq)),
    NOW,
  );
const ids = (model: Model) => [...model.state.list.ids];

describe("which conversations a list has", () => {
  const bot = row(1, 1);
  const asks = row(2, 2, { session: waiting(9) });
  const mine = row(3, 3, { session: session({ operator_id: ME }) });
  const other = row(4, 4, { session: session({ operator_id: 2 }) });
  const filed = row(5, 5, { archived: true });
  const all = [bot, asks, mine, other, filed];
  const of = (status: ListStatus, q = "", tagged: string | null = null) =>
    all.filter((one) => fits(one, { status, q, tag: tagged }, ME)).map((one) => one.id);

  it("goes by session, owner and archive as on the desk", () => {
    expect(of("all")).toEqual([1, 2, 3, 4]);
    expect(of("waiting")).toEqual([2]);
    expect(of("active")).toEqual([3, 4]);
    expect(of("mine")).toEqual([3]);
    expect(of("bot")).toEqual([1]);
  });

  it("knows a closed one only when it saw it close", () => {
    const filter = { status: "closed" as const, q: "", tag: null };
    expect(fits(bot, filter, ME)).toBeUndefined();
    expect(fits(bot, filter, ME, mine)).toBe(true);
    expect(fits(mine, filter, ME)).toBe(false);
  });

  it("goes by name in any case and width, by whole id, and by tag; archived ones are found", () => {
    const named = { ...filed, display_name: "ＳOMSAK" };
    expect(fits(named, { status: "all", q: "soms", tag: null }, ME)).toBe(true);
    expect(fits(named, { status: "all", q: named.line_user_id, tag: null }, ME)).toBe(true);
    expect(fits(named, { status: "all", q: "nobody", tag: null }, ME)).toBe(false);
    const tagged = { ...bot, tags: [tag({ name: "VIP" })] };
    expect(fits(tagged, { status: "all", q: "", tag: "VIP" }, ME)).toBe(true);
    expect(fits(bot, { status: "all", q: "", tag: "VIP" }, ME)).toBe(false);
  });
});

describe("the order of rows", () => {
  it("is that of newest activity, whatever comes in which order", () => {
    const aRow = fc.record({ id: fc.integer({ min: 1, max: 30 }), minute: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 20 }), fc.array(aRow, { maxLength: 40 }), (first, then) => {
        const start = [...new Map(first.map((one) => [one.id, row(one.id, one.minute)])).values()].sort(
          (a, b) => activity(b) - activity(a) || b.id - a.id,
        );
        let model = listed(start);
        for (const one of then) model = tell(model, row(one.id, one.minute));
        const rows = [...model.state.conversations.values()];
        const wanted = rows.sort((a, b) => activity(b) - activity(a) || b.id - a.id).map((one) => one.id);
        expect(ids(model)).toEqual(wanted);
      }),
    );
  });

  it("is the desk's where it knows of activity that a row does not show", () => {
    const model = listed([row(1, 5), row(2, 9), row(3, 1)]);
    expect(ids(model)).toEqual([1, 2, 3]);
    expect(ids(tell(model, row(3, 30)))).toEqual([3, 1, 2]);
    expect(ids(tell(model, { ...row(2, 9), unread_count: 4 }))).toEqual([1, 2, 3]);
  });

  it("takes in nothing that belongs to a page not loaded yet", () => {
    const model = listed([row(1, 9), row(2, 8)], "all", "more");
    expect(ids(tell(model, row(3, 7)))).toEqual([1, 2]);
    expect(ids(tell(model, row(3, 10)))).toEqual([3, 1, 2]);
    const whole = changed(model, (draft) => takeNextPage(draft, page([row(3, 7), row(2, 8)])));
    expect(ids(whole)).toEqual([1, 2, 3]);
    expect(whole.state.list.hasMore).toBe(false);
  });
});

describe("a conversation that stops matching", () => {
  it("leaves the list, and the total", () => {
    const model = tell(
      listed([row(2, 2, { session: waiting(5) }), row(1, 1, { session: waiting(9) })], "waiting"),
      row(2, 2),
    );
    expect(ids(model)).toEqual([1]);
    expect(model.state.list.total).toBe(1);
    expect(model.state.conversations.has(2)).toBe(false);
  });

  it("asks the desk where only the desk can tell", () => {
    expect(tell(listed([], "closed"), row(1, 1)).ledger.doubt.rows).toBe(true);
    expect(tell(listed([], "bot"), row(1, 1)).ledger.doubt.rows).toBe(false);
  });
});

describe("a list that is held", () => {
  const start = () => changed(listed([row(3, 3), row(2, 2), row(1, 1)]), (draft) => holdList(draft, true));

  it("moves nothing until it is let go, and says how many rows wait", () => {
    let model = tell(start(), row(1, 10), row(1, 11), row(4, 12));
    expect(ids(model)).toEqual([3, 2, 1]);
    expect(model.state.list.pending).toBe(2);
    expect(model.state.conversations.get(1)?.last_message?.id).toBe(11);
    model = changed(model, (draft) => holdList(draft, false));
    expect(ids(model)).toEqual([4, 1, 3, 2]);
    expect(model.state.list.pending).toBe(0);
  });

  it("keeps a row that has ceased to match, with its summary, until it is let go", () => {
    let model = tell(start(), row(2, 2, { archived: true }));
    expect(ids(model)).toEqual([3, 2, 1]);
    expect(model.state.conversations.get(2)?.archived).toBe(true);
    expect(model.state.list.pending).toBe(1);
    model = changed(model, (draft) => holdList(draft, false));
    expect(ids(model)).toEqual([3, 1]);
    expect(model.state.conversations.has(2)).toBe(false);
  });

  it("does not move when it is loaded again quietly either; further pages come at its end", () => {
    let model = changed(start(), (draft) => takeFirstPage(draft, page([row(5, 9), row(1, 8), row(3, 3)]), true));
    expect(ids(model)).toEqual([3, 2, 1]);
    expect(model.state.list.pending).toBe(3);
    model = changed(model, (draft) => takeNextPage(draft, page([row(7, 0)])));
    expect(ids(model)).toEqual([3, 2, 1, 7]);
    model = changed(model, (draft) => holdList(draft, false));
    expect(ids(model)).toEqual([5, 1, 3, 7]);
  });
});

describe("a first page that is loaded again quietly", () => {
  it("keeps the rows further down", () => {
    let model = listed([row(9, 9), row(8, 8)], "all", "a");
    model = changed(model, (draft) => takeNextPage(draft, page([row(7, 7), row(6, 6)], { next_cursor: "b" })));
    model = changed(model, (draft) => takeFirstPage(draft, page([row(10, 10), row(9, 9)], { next_cursor: "c" }), true));
    expect(ids(model)).toEqual([10, 9, 8, 7, 6]);
    expect(model.ledger.cursor).toBe("b");
  });

  it("does not undo what an event said later than the page", () => {
    const model = tell(listed([row(1, 1), row(2, 0)]), row(2, 5));
    const late = changed(model, (draft) => takeFirstPage(draft, page([row(1, 1), row(2, 0)], { seq: 50 }), true));
    expect(late.state.conversations.get(2)?.last_message?.id).toBe(5);
  });
});

it("10,000 rows take an event at no cost that grows with them", () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => row(10_000 - n, 10_000 - n));
  let model = listed(rows);
  const began = performance.now();
  for (let n = 0; n < 100; n++) model = tell(model, row(1 + ((n * 37) % 10_000), 20_000 + n));
  expect((performance.now() - began) / 100).toBeLessThan(16);
});
