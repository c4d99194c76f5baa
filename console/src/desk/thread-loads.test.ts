// @vitest-environment node
import { describe, expect, it } from "vitest";
import { ME, message, summary, waiting } from "../testing/fake-desk";
import { bench, room } from "./bench";
import { answer, frame, page, problem, settled } from "./testing";

const scene = bench();

describe("an open conversation", () => {
  it("is what the room tells, and grows by events without doubles", async () => {
    const desk = await scene.atWork();
    desk.open(1);
    expect(scene.link.setRoom).toHaveBeenLastCalledWith(1);
    expect(desk.store.getState().threads.get(1)?.load.kind).toBe("loading");
    scene.link.listener?.onRoom(1, room(1, [4, 5, 6], { unread_count: 2, session: waiting(9) }), true);
    await settled();
    const next = message({ id: 7, conversation_id: 1 });
    scene.link.hear(frame("new_message", next, 41), frame("new_message", next, 41));
    await scene.browser.pass(20);
    const thread = desk.store.getState().threads.get(1);
    expect(thread?.messages.map((one) => one.id)).toEqual([4, 5, 6, 7]);
    expect(thread).toMatchObject({ hasBefore: true, hasAfter: false, readUpTo: 4, load: { kind: "ready" } });
  });

  it("loses nothing that comes while older messages or another place are loaded", async () => {
    const desk = await scene.atWork();
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, [50, 51]), true);
    await settled();
    let reply: (page: unknown) => void = () => {};
    scene.routes["/messages?"] = () => new Promise((done) => (reply = (body) => done(answer(body))));
    const jump = desk.jumpTo(1, 20);
    await settled();
    scene.link.hear(frame("new_message", message({ id: 52, conversation_id: 1 }), 41));
    reply({ ...room(1, [19, 20, 21]), has_more_before: true, has_more_after: true });
    await jump;
    expect(desk.store.getState().threads.get(1)).toMatchObject({ hasBefore: true, hasAfter: true });
    const end = desk.jumpToEnd(1);
    await settled();
    scene.link.hear(frame("new_message", message({ id: 53, conversation_id: 1 }), 42));
    reply({ ...room(1, [51, 52]), has_more_before: true, has_more_after: false });
    await end;
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([51, 52, 53]);
    expect(scene.asked.filter((path) => path.includes("/messages?"))).toEqual([
      expect.stringContaining("around_id=20"),
      expect.not.stringContaining("_id="),
    ]);
  });

  it("tells what went wrong with older messages, and lets one try again", async () => {
    const desk = await scene.atWork();
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, [50, 51]), true);
    await settled();
    scene.routes["/messages?"] = () => problem(503, "unavailable");
    await expect(desk.loadBefore(1)).rejects.toMatchObject({ code: "unavailable" });
    expect(desk.store.getState().threads.get(1)?.isLoadingBefore).toBe(false);
    scene.routes["/messages?"] = () => answer({ ...room(1, [48, 49]), has_more_before: false, has_more_after: true });
    await desk.loadBefore(1);
    expect(desk.store.getState().threads.get(1)).toMatchObject({ hasBefore: false, hasAfter: false });
    expect(desk.store.getState().threads.get(1)?.messages).toHaveLength(4);
  });

  it("comes by REST where the socket is kept out", async () => {
    const desk = await scene.atWork();
    scene.link.become({ kind: "offline", retryAt: 0 });
    scene.routes["/conversations/1"] = () => answer(room(1, [1, 2], { session: waiting(9) }));
    desk.open(1);
    await settled();
    expect(desk.store.getState().threads.get(1)?.messages).toHaveLength(2);
  });

  it("says why it cannot be shown, and is asked for again by opening it again", async () => {
    const desk = await scene.atWork();
    desk.open(77);
    scene.link.listener?.onRoomFault(77, { code: "conversation_not_found", message: "no", retryable: false });
    expect(desk.store.getState().threads.get(77)?.load).toMatchObject({ kind: "failed" });
    desk.open(77);
    expect(desk.store.getState().threads.get(77)?.load.kind).toBe("loading");
    expect(scene.link.setRoom).toHaveBeenCalledTimes(2);
  });
});

describe("opening with more unread than a page", () => {
  const ids = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
  /** Of the customer's messages 1 to `last`: what lies before, as the desk would give it. */
  const history = (path: string) => {
    const query = new URLSearchParams(path.split("?")[1]);
    const [before, limit] = [Number(query.get("before_id")), Number(query.get("limit"))];
    const first = Math.max(1, before - limit);
    return answer({ ...room(1, ids(first, before - 1)), has_more_before: first > 1, has_more_after: true });
  };
  const openWith = async (unread: number, route: (path: string) => Response | Promise<Response>) => {
    const desk = await scene.atWork();
    scene.routes["/messages?"] = route;
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, ids(951, 1000), { unread_count: unread }), true);
    await settled();
    const thread = () => desk.store.getState().threads.get(1);
    return { desk, thread };
  };
  const asked = () => scene.asked.filter((path) => path.includes("/messages?")).length;

  it("loads back to the first of them, and keeps what comes meanwhile", async () => {
    let reply = () => {};
    const { thread } = await openWith(120, (path) => new Promise((done) => (reply = () => done(history(path)))));
    expect(thread()).toMatchObject({ isSeeking: true, readUpTo: null });
    scene.link.hear(frame("new_message", message({ id: 1001 }), 41));
    reply();
    await settled();
    expect(thread()).toMatchObject({ isSeeking: false, readUpTo: 880, unread: null });
    expect(thread()?.messages.map((one) => one.id)).toEqual(ids(851, 1001));
    expect(asked()).toBe(1);
  });

  it("stops at some point, and finds the place when the operator loads on", async () => {
    const { desk, thread } = await openWith(580, history);
    await settled();
    await settled();
    expect(thread()).toMatchObject({ isSeeking: false, readUpTo: null, unread: { count: 580, upTo: 1000 } });
    expect([thread()?.messages.length, asked()]).toEqual([550, 5]);
    await desk.loadBefore(1);
    expect(thread()).toMatchObject({ readUpTo: 420, unread: null });
  });

  it("keeps nobody from what is there for long", async () => {
    const slow = await openWith(120, () => new Promise(() => {}));
    await scene.browser.pass(999);
    expect(slow.thread()?.isSeeking).toBe(true);
    await scene.browser.pass(1);
    expect(slow.thread()).toMatchObject({ isSeeking: false, unread: { count: 120, upTo: 1000 } });
  });

  it("shows what is there when the desk refuses", async () => {
    const { thread } = await openWith(120, () => problem(503, "unavailable"));
    await settled();
    expect(thread()).toMatchObject({ isSeeking: false, isLoadingBefore: false, hasBefore: true });
  });

  it("remembers where this operator left", async () => {
    const { desk, thread } = await openWith(0, history);
    expect(thread()?.leftAt).toBeNull();
    desk.open(2);
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, ids(952, 1001), { unread_count: 1 }), true);
    await settled();
    expect(thread()).toMatchObject({ leftAt: 1000, readUpTo: 1000 });
  });
});

describe("when too much was missed", () => {
  it("loads the list and the open thread anew, and follows from there", async () => {
    const desk = await scene.atWork();
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, [4, 5]), true);
    await settled();
    scene.list = page([summary({ id: 3 })], { seq: 900 });
    scene.link.listener?.onResync();
    await scene.browser.pass(50);
    expect(scene.link.started.at(-1)).toEqual([ME.id, 900]);
    expect(desk.store.getState()).toMatchObject({ openId: 1, list: { ids: [3] } });
    // Old messages stay in sight until the new ones are there, and are not mixed with them.
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([4, 5]);
    scene.link.hear(frame("new_message", message({ id: 90, conversation_id: 1 }), 901));
    scene.link.listener?.onRoom(1, room(1, [88, 89, 90]), true);
    await settled();
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([88, 89, 90]);
  });
});
