// @vitest-environment node
import { describe, expect, it } from "vitest";
import { lastMessage, ME } from "../testing/fake-desk";
import { asks, bench, other } from "./bench";
import { AT, answer, FakeLink, frame, page, problem, sessionEvent, settled, tokens } from "./testing";
import type { Happening } from "./types";

const scene = bench();

describe("beginning", () => {
  it("asks for a sign-in where there was none", async () => {
    const desk = scene.desk();
    desk.start();
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
    expect(scene.asked).toEqual([]);
  });

  it("goes on from the cookie: the list, then the socket where the list was true", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50);
    expect(desk.store.getState()).toMatchObject({
      signIn: { kind: "signed_in", user: ME },
      connection: { kind: "live" },
      list: { ids: [1, 2], total: 2 },
      counts: { waiting: 1, active: 1 },
    });
    expect(scene.link.started).toEqual([[ME.id, 40]]);
  });

  it("tries on while the desk is away", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    scene.routes["/auth/refresh"] = () => Promise.reject(new TypeError("Failed to fetch"));
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "away" });
    scene.routes = {};
    await scene.browser.pass(3000);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("says when it tries again and what waits to be sent, ever later, and tries at once when the network is back", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    scene.routes["/auth/refresh"] = () => problem(502, "unavailable");
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50);
    expect(scene.link.recall).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState().conversations.size).toBe(0);
    await scene.browser.pass(120_000);
    const tries = scene.asked.length;
    expect(tries).toBeLessThan(15);
    const { connection } = desk.store.getState();
    expect(connection.kind === "offline" && connection.retryAt > scene.browser.time).toBe(true);
    scene.routes = {};
    scene.browser.returns();
    await scene.browser.pass(50);
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_in" }, connection: { kind: "live" } });
  });

  it("waits as long as a desk that is there asks for", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    scene.routes["/auth/refresh"] = () =>
      new Response(JSON.stringify({ code: "rate_limit_exceeded" }), { status: 429, headers: { "retry-after": "60" } });
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50_000);
    expect(scene.asked).toHaveLength(1);
    expect(desk.store.getState().connection.kind).toBe("offline");
  });

  it("does not keep whoever opens it looking at nothing while no answer comes", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    let answers = () => {};
    scene.routes["/auth/refresh"] = () =>
      new Promise((done) => {
        answers = () => done(answer(tokens(1)));
      });
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(3500);
    expect(desk.store.getState().signIn.kind).toBe("starting");
    await scene.browser.pass(1000);
    expect(desk.store.getState()).toMatchObject({
      signIn: { kind: "signed_out", reason: "away" },
      connection: { kind: "connecting" },
    });
    answers();
    await scene.browser.pass(50);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("says that the sign-in has ended when the cookie is refused", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    scene.routes["/auth/refresh"] = () => problem(401, "auth_expired_token");
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
  });

  it("says what is wrong when the list does not come, and goes on by itself when it does", async () => {
    scene.routes["/conversations?"] = () => problem(503, "unavailable");
    const desk = await scene.atWork();
    expect(desk.store.getState().list.load).toMatchObject({ kind: "failed", fault: { code: "unavailable" } });
    expect(desk.store.getState().connection.kind).toBe("offline");
    scene.routes = {};
    await scene.browser.pass(3000);
    expect(desk.store.getState().list.load.kind).toBe("ready");
    expect(scene.link.started).toEqual([[ME.id, 40]]);
  });

  it("starts the socket also when the first list is overtaken by another", async () => {
    const desk = scene.desk();
    await desk.signIn("arisa", "right");
    desk.showList({ status: "waiting", q: "", tag: null });
    await scene.browser.pass(50);
    expect(scene.link.started).toHaveLength(1);
    expect(desk.store.getState().list).toMatchObject({ status: "waiting", ids: [1] });
  });

  it("renews a token that has run out, once, before it gives up", async () => {
    const desk = await scene.atWork();
    let tries = 0;
    scene.routes["/operators"] = () => (++tries === 1 ? problem(401, "auth_expired_token") : answer({ operators: [] }));
    await desk.loadOperators();
    expect(scene.asked.filter((path) => path.endsWith("/auth/refresh"))).toHaveLength(1);
    scene.routes["/operators"] = () => problem(401, "auth_invalid_token");
    scene.routes["/auth/refresh"] = () => problem(401, "auth_invalid_token");
    await expect(desk.loadOperators()).rejects.toMatchObject({ code: "auth_invalid_token" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    expect(scene.link.refuse).toHaveBeenCalled();
  });

  it("goes on where it was when the same operator signs in again", async () => {
    const desk = await scene.atWork();
    scene.link.hear(frame("conversation_update", { ...asks, unread_count: 5 }, 41));
    scene.link.become({ kind: "refused" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    await desk.signIn("arisa", "right");
    await scene.browser.pass(50);
    expect(scene.link.started.at(-1)).toEqual([ME.id, 41]);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("starts from nothing for another operator", async () => {
    const desk = await scene.atWork();
    desk.open(1);
    scene.link.become({ kind: "refused" });
    scene.routes["/auth/"] = () => answer(tokens(2, { ...ME, id: 7 }));
    scene.routes["/conversations?"] = () => new Promise(() => {});
    await desk.signIn("nok", "right");
    expect(desk.store.getState()).toMatchObject({ openId: null, list: { ids: [], load: { kind: "loading" } } });
    expect(desk.store.getState().conversations.size).toBe(0);
  });

  describe("what one operator asked for", () => {
    /** A note of the first operator's is on its way, and the desk has not yet said that their sign-in has ended. */
    async function noteOnItsWay() {
      const desk = await scene.atWork();
      let refuse = () => {};
      scene.routes["/notes"] = () =>
        new Promise((done) => {
          refuse = () => done(problem(401, "auth_expired_token"));
        });
      const written = desk.writeNote(1, "their order is lost", "n1").catch((fault) => fault);
      await settled();
      scene.link.become({ kind: "refused" });
      scene.routes["/auth/"] = () => answer(tokens(2, { ...ME, id: 7 }));
      return { desk, written, refuse };
    }

    it("is not asked again in the name of who signed in meanwhile", async () => {
      const { desk, written, refuse } = await noteOnItsWay();
      await desk.signIn("nok", "right");
      refuse();
      expect(await written).toMatchObject({ code: "auth_missing_token" });
      expect(scene.asked.filter((path) => path.endsWith("/notes"))).toHaveLength(1);
    });

    it("nor in that of who signed in in another tab", async () => {
      const { desk, written, refuse } = await noteOnItsWay();
      scene.browser.tab(scene.respond).tell({ kind: "signed_in", operator: 7 });
      refuse();
      expect(await written).toMatchObject({ code: "auth_missing_token" });
      expect(scene.asked.filter((path) => path.endsWith("/notes"))).toHaveLength(1);
      expect(desk.store.getState().signIn.kind).toBe("signed_out");
    });
  });

  it("leaves nothing behind on signing out", async () => {
    const desk = await scene.atWork();
    const entry = {
      temp_id: "t",
      conversation_id: 1,
      text: "x",
      quote_message_id: null,
      at: 0,
      fault: null,
      isTried: false,
    };
    scene.link.listener?.onOutbox([{ ...entry, state: "waiting" }]);
    await settled();
    scene.routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    expect(scene.link.forget).toHaveBeenCalledWith(ME.id);
    expect(scene.link.stop).toHaveBeenCalled();
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_out", reason: "new" }, outbox: [] });
    expect(desk.store.getState().conversations.size).toBe(0);
    expect([...scene.browser.stored.keys()]).toEqual([]);
  });

  it("leaves nothing behind in the other tabs either", async () => {
    const [one, two] = [await scene.atWork(), scene.link];
    scene.link = new FakeLink();
    const desk = await scene.atWork();
    desk.open(1);
    scene.routes["/auth/logout"] = () => answer(null, 204);
    await one.signOut();
    await settled();
    for (const each of [two, scene.link]) expect(each.forget).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_out", reason: "new" }, openId: null });
    expect(desk.store.getState().conversations.size).toBe(0);
  });

  it("wipes at the next start what a page that was closed in mid sign-out has left", async () => {
    const gone = await scene.atWork();
    scene.routes["/auth/logout"] = () => new Promise(() => {});
    void gone.signOut();
    await settled();
    scene.link = new FakeLink();
    scene.routes["/auth/refresh"] = () => problem(401, "auth_invalid_token");
    const desk = scene.desk();
    desk.start();
    await scene.browser.pass(50);
    expect(scene.link.forget).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
    expect([...scene.browser.stored.keys()]).toEqual([]);
  });

  it("wipes what a page has left that broke its sign-out off by going away", async () => {
    scene.browser.stored.set("linedesk.signed_in", "1");
    const gone = scene.desk();
    gone.start();
    await scene.browser.pass(50);
    scene.routes["/auth/logout"] = () => Promise.reject(new TypeError("Failed to fetch"));
    await expect(gone.signOut()).rejects.toBeDefined();
    // The page is gone before a second is over; the next one finds that somebody was leaving.
    expect(scene.browser.stored.get("linedesk.leaving")).toBe(String(ME.id));
    await scene.browser.pass(1000);
    expect(scene.browser.stored.has("linedesk.leaving")).toBe(false);
  });

  it("has left where the desk ended the sign-in and only its answer was lost", async () => {
    const desk = await scene.atWork();
    let lose = () => {};
    scene.routes["/auth/logout"] = () =>
      new Promise((_, reject) => {
        lose = () => reject(new TypeError("Failed to fetch"));
      });
    const leaving = desk.signOut();
    await settled();
    scene.link.become({ kind: "refused" });
    lose();
    await leaving;
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
    expect(scene.link.forget).toHaveBeenCalledWith(ME.id);
  });

  it("wipes before the next sign-in where the browser could not at once", async () => {
    const desk = await scene.atWork();
    scene.link.forget.mockResolvedValueOnce(false);
    scene.routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    scene.link.start.mockClear();
    await desk.signIn("arisa", "right");
    await scene.browser.pass(50);
    expect(scene.link.forget).toHaveBeenCalledTimes(2);
    expect(scene.link.forget.mock.invocationCallOrder[1]).toBeLessThan(
      scene.link.start.mock.invocationCallOrder[0] ?? 0,
    );
    expect(scene.browser.stored.has("linedesk.leaving")).toBe(false);
  });

  it("wipes nothing when the desk did not agree, and ends where the desk had ended it", async () => {
    const desk = await scene.atWork();
    let refuse = () => {};
    scene.routes["/auth/logout"] = () =>
      new Promise((done) => {
        refuse = () => done(problem(503, "unavailable"));
      });
    const leaving = desk.signOut();
    await settled();
    scene.link.become({ kind: "refused" });
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
    refuse();
    await expect(leaving).rejects.toMatchObject({ code: "unavailable" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    expect(scene.link.forget).not.toHaveBeenCalled();
  });

  it("takes no answer in that was asked for before", async () => {
    const desk = await scene.atWork();
    let late = () => {};
    scene.routes["/refresh-profile"] = () =>
      new Promise((done) => {
        late = () => done(answer(asks));
      });
    const refreshed = desk.refreshProfile(1);
    await settled();
    scene.routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    late();
    await refreshed;
    expect(desk.store.getState().conversations.size).toBe(0);
    expect(desk.store.getState().list.ids).toEqual([]);
  });

  it("begins once the desk is back also where another list was chosen meanwhile", async () => {
    const desk = scene.desk();
    scene.routes["/conversations?"] = () => problem(503, "unavailable");
    await desk.signIn("arisa", "right");
    desk.showList({ status: "waiting", q: "", tag: null });
    await scene.browser.pass(50);
    expect(desk.store.getState().connection.kind).toBe("offline");
    delete scene.routes["/conversations?"];
    await scene.browser.pass(3000);
    expect(scene.link.started).toHaveLength(1);
  });

  describe("who has left", () => {
    it("is told where the sign-out was done, in this tab or another", async () => {
      const one = await scene.atWork();
      scene.link = new FakeLink();
      await scene.atWork();
      // Its own sign-in has ended by then.
      scene.link.become({ kind: "refused" });
      expect(scene.left).toEqual([]);
      scene.routes["/auth/logout"] = () => answer(null, 204);
      await one.signOut();
      await settled();
      expect(scene.left).toEqual([ME.id, ME.id]);
    });

    it("is told at the next start where the page was gone in the middle of it", async () => {
      const gone = await scene.atWork();
      scene.routes["/auth/logout"] = () => new Promise(() => {});
      void gone.signOut();
      await settled();
      scene.link = new FakeLink();
      scene.routes["/auth/refresh"] = () => new Promise(() => {});
      scene.desk().start();
      expect(scene.left).toEqual([ME.id]);
    });

    it("is not told of a sign-in that merely ended, nor of the start after it", async () => {
      const desk = await scene.atWork();
      scene.routes["/auth/refresh"] = () => problem(401, "auth_expired_token");
      scene.routes["/operators"] = () => problem(401, "auth_expired_token");
      await expect(desk.loadOperators()).rejects.toMatchObject({ code: "auth_expired_token" });
      expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
      const next = scene.desk();
      next.start();
      expect(next.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
      await next.signIn("arisa", "right");
      expect(scene.left).toEqual([]);
    });
  });
});

describe("a desk that was put back to an earlier day", () => {
  const later = { ...asks, display_name: "As it was to be", last_message: lastMessage({ id: 900 }) };
  const earlier = { ...asks, display_name: "As it is", last_message: lastMessage({ id: 5 }) };

  async function putBack() {
    const desk = await scene.atWork();
    const heard: Happening[] = [];
    desk.onHappening((one) => heard.push(one));
    scene.link.hear(frame("conversation_update", later, 900));
    await scene.browser.pass(200);
    heard.length = 0;
    scene.list = page([earlier, other], { waiting_count: 3, seq: 60 });
    scene.link.listener?.onResync();
    await scene.browser.pass(50);
    return { desk, heard };
  }

  it("is shown as it is, and followed from there", async () => {
    const { desk } = await putBack();
    expect(desk.store.getState().conversations.get(1)).toEqual(earlier);
    scene.link.hear(frame("conversation_update", { ...earlier, unread_count: 7 }, 61));
    scene.link.hear(frame("session_created", sessionEvent({ conversation_id: 9, session_id: 9 }), 62));
    await scene.browser.pass(200);
    expect(desk.store.getState().conversations.get(1)?.unread_count).toBe(7);
    expect(desk.store.getState().counts.waiting).toBe(4);
  });

  it("does not get back what was on its way to be laid over an answer", async () => {
    const desk = await scene.atWork();
    let come = () => {};
    scene.routes["/refresh-profile"] = () =>
      new Promise((done) => {
        come = () => done(answer(earlier));
      });
    const refreshed = desk.refreshProfile(1);
    await settled();
    scene.link.hear(frame("conversation_update", later, 900));
    await scene.browser.pass(200);
    scene.list = page([earlier, other], { seq: 60 });
    scene.link.listener?.onResync();
    await scene.browser.pass(50);
    come();
    await refreshed;
    expect(desk.store.getState().conversations.get(1)).toEqual(earlier);
  });

  it("is heard: ids that were used before are news again", async () => {
    const { heard } = await putBack();
    const last_message = lastMessage({ id: 6, created_at: AT });
    scene.link.hear(frame("conversation_update", { ...earlier, last_message }, 61));
    await scene.browser.pass(200);
    expect(heard.map(({ kind }) => kind)).toEqual(["customer_wrote"]);
  });
});
