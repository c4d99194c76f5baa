// @vitest-environment node
import { beforeEach, describe, expect, it } from "vitest";
import type { ConversationList, Summary } from "../protocol";
import { lastMessage, ME, message, session, summary, waiting } from "../testing/fake-desk";
import { createDesk } from "./desk";
import { answer, FakeBrowser, FakeLink, frame, page, problem, sessionEvent, settled, tokens } from "./testing";
import type { Happening } from "./types";

const asks = summary({ id: 1, session: waiting(9), unread_count: 1 });
const other = summary({ id: 2, session: session({ id: 2, operator_id: 9, operator_name: "Nok" }) });

let browser: FakeBrowser;
let link: FakeLink;
let list: ConversationList;
let asked: string[];
let routes: Record<string, (path: string) => Response | Promise<Response>>;

beforeEach(() => {
  browser = new FakeBrowser();
  link = new FakeLink();
  list = page([asks, other], { waiting_count: 1, active_count: 1, seq: 40 });
  asked = [];
  routes = {};
});

async function respond(path: string): Promise<Response> {
  asked.push(path);
  const route = Object.keys(routes).find((one) => path.includes(one));
  const own = route === undefined ? undefined : routes[route];
  if (own) return own(path);
  if (path.includes("/auth/")) return answer(tokens(1));
  if (path.includes("/conversations?")) return answer(list);
  return problem(404, "not_found");
}

async function atWork() {
  const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
  desk.start();
  await desk.signIn("arisa", "right");
  await browser.pass(50);
  return desk;
}

const room = (id: number, ids: number[], over: Partial<Summary> = {}) => ({
  ...summary({ id, ...over }),
  messages: ids.map((one) => message({ id: one, conversation_id: id })),
  has_more: true,
});

describe("beginning", () => {
  it("asks for a sign-in where there was none", async () => {
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
    expect(asked).toEqual([]);
  });

  it("goes on from the cookie: the list, then the socket where the list was true", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50);
    expect(desk.store.getState()).toMatchObject({
      signIn: { kind: "signed_in", user: ME },
      connection: { kind: "live" },
      list: { ids: [1, 2], total: 2 },
      counts: { waiting: 1, active: 1 },
    });
    expect(link.started).toEqual([[ME.id, 40]]);
  });

  it("tries on while the desk is away", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    routes["/auth/refresh"] = () => Promise.reject(new TypeError("Failed to fetch"));
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "away" });
    routes = {};
    await browser.pass(3000);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("says when it tries again and what waits to be sent, ever later, and tries at once when the network is back", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    routes["/auth/refresh"] = () => problem(502, "unavailable");
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50);
    expect(link.recall).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState().conversations.size).toBe(0);
    await browser.pass(120_000);
    const tries = asked.length;
    expect(tries).toBeLessThan(15);
    const { connection } = desk.store.getState();
    expect(connection.kind === "offline" && connection.retryAt > browser.time).toBe(true);
    routes = {};
    browser.returns();
    await browser.pass(50);
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_in" }, connection: { kind: "live" } });
  });

  it("waits as long as a desk that is there asks for", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    routes["/auth/refresh"] = () =>
      new Response(JSON.stringify({ code: "rate_limit_exceeded" }), { status: 429, headers: { "retry-after": "60" } });
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50_000);
    expect(asked).toHaveLength(1);
    expect(desk.store.getState().connection.kind).toBe("offline");
  });

  it("does not keep whoever opens it looking at nothing while no answer comes", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    let answers = () => {};
    routes["/auth/refresh"] = () =>
      new Promise((done) => {
        answers = () => done(answer(tokens(1)));
      });
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(3500);
    expect(desk.store.getState().signIn.kind).toBe("starting");
    await browser.pass(1000);
    expect(desk.store.getState()).toMatchObject({
      signIn: { kind: "signed_out", reason: "away" },
      connection: { kind: "connecting" },
    });
    answers();
    await browser.pass(50);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("says that the sign-in has ended when the cookie is refused", async () => {
    browser.stored.set("linedesk.signed_in", "1");
    routes["/auth/refresh"] = () => problem(401, "auth_expired_token");
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
  });

  it("says what is wrong when the list does not come, and goes on by itself when it does", async () => {
    routes["/conversations?"] = () => problem(503, "unavailable");
    const desk = await atWork();
    expect(desk.store.getState().list.load).toMatchObject({ kind: "failed", fault: { code: "unavailable" } });
    expect(desk.store.getState().connection.kind).toBe("offline");
    routes = {};
    await browser.pass(3000);
    expect(desk.store.getState().list.load.kind).toBe("ready");
    expect(link.started).toEqual([[ME.id, 40]]);
  });

  it("starts the socket also when the first list is overtaken by another", async () => {
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    await desk.signIn("arisa", "right");
    desk.showList({ status: "waiting", q: "", tag: null });
    await browser.pass(50);
    expect(link.started).toHaveLength(1);
    expect(desk.store.getState().list).toMatchObject({ status: "waiting", ids: [1] });
  });

  it("renews a token that has run out, once, before it gives up", async () => {
    const desk = await atWork();
    let tries = 0;
    routes["/operators"] = () => (++tries === 1 ? problem(401, "auth_expired_token") : answer({ operators: [] }));
    await desk.loadOperators();
    expect(asked.filter((path) => path.endsWith("/auth/refresh"))).toHaveLength(1);
    routes["/operators"] = () => problem(401, "auth_invalid_token");
    routes["/auth/refresh"] = () => problem(401, "auth_invalid_token");
    await expect(desk.loadOperators()).rejects.toMatchObject({ code: "auth_invalid_token" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    expect(link.refuse).toHaveBeenCalled();
  });

  it("goes on where it was when the same operator signs in again", async () => {
    const desk = await atWork();
    link.hear(frame("conversation_update", { ...asks, unread_count: 5 }, 41));
    link.become({ kind: "refused" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    await desk.signIn("arisa", "right");
    await browser.pass(50);
    expect(link.started.at(-1)).toEqual([ME.id, 41]);
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
  });

  it("starts from nothing for another operator", async () => {
    const desk = await atWork();
    desk.open(1);
    link.become({ kind: "refused" });
    routes["/auth/"] = () => answer(tokens(2, { ...ME, id: 7 }));
    routes["/conversations?"] = () => new Promise(() => {});
    await desk.signIn("nok", "right");
    expect(desk.store.getState()).toMatchObject({ openId: null, list: { ids: [], load: { kind: "loading" } } });
    expect(desk.store.getState().conversations.size).toBe(0);
  });

  it("leaves nothing behind on signing out", async () => {
    const desk = await atWork();
    const entry = { temp_id: "t", conversation_id: 1, text: "x", quote_message_id: null, at: 0, fault: null };
    link.listener?.onOutbox([{ ...entry, state: "waiting" }]);
    await settled();
    routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    expect(link.forget).toHaveBeenCalledWith(ME.id);
    expect(link.stop).toHaveBeenCalled();
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_out", reason: "new" }, outbox: [] });
    expect(desk.store.getState().conversations.size).toBe(0);
    expect([...browser.stored.keys()]).toEqual([]);
  });

  it("leaves nothing behind in the other tabs either", async () => {
    const [one, two] = [await atWork(), link];
    link = new FakeLink();
    const desk = await atWork();
    desk.open(1);
    routes["/auth/logout"] = () => answer(null, 204);
    await one.signOut();
    await settled();
    for (const each of [two, link]) expect(each.forget).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState()).toMatchObject({ signIn: { kind: "signed_out", reason: "new" }, openId: null });
    expect(desk.store.getState().conversations.size).toBe(0);
  });

  it("wipes at the next start what a page that was closed in mid sign-out has left", async () => {
    const gone = await atWork();
    routes["/auth/logout"] = () => new Promise(() => {});
    void gone.signOut();
    await settled();
    link = new FakeLink();
    routes["/auth/refresh"] = () => problem(401, "auth_invalid_token");
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    desk.start();
    await browser.pass(50);
    expect(link.forget).toHaveBeenCalledWith(ME.id);
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "new" });
    expect([...browser.stored.keys()]).toEqual([]);
  });

  it("wipes before the next sign-in where the browser could not at once", async () => {
    const desk = await atWork();
    link.forget.mockResolvedValueOnce(false);
    routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    link.start.mockClear();
    await desk.signIn("arisa", "right");
    await browser.pass(50);
    expect(link.forget).toHaveBeenCalledTimes(2);
    expect(link.forget.mock.invocationCallOrder[1]).toBeLessThan(link.start.mock.invocationCallOrder[0] ?? 0);
    expect(browser.stored.has("linedesk.leaving")).toBe(false);
  });

  it("wipes nothing when the desk did not agree, and ends where the desk had ended it", async () => {
    const desk = await atWork();
    let refuse = () => {};
    routes["/auth/logout"] = () =>
      new Promise((done) => {
        refuse = () => done(problem(503, "unavailable"));
      });
    const leaving = desk.signOut();
    await settled();
    link.become({ kind: "refused" });
    expect(desk.store.getState().signIn.kind).toBe("signed_in");
    refuse();
    await expect(leaving).rejects.toMatchObject({ code: "unavailable" });
    expect(desk.store.getState().signIn).toEqual({ kind: "signed_out", reason: "ended" });
    expect(link.forget).not.toHaveBeenCalled();
  });

  it("takes no answer in that was asked for before", async () => {
    const desk = await atWork();
    let late = () => {};
    routes["/refresh-profile"] = () =>
      new Promise((done) => {
        late = () => done(answer(asks));
      });
    const refreshed = desk.refreshProfile(1);
    await settled();
    routes["/auth/logout"] = () => answer(null, 204);
    await desk.signOut();
    late();
    await refreshed;
    expect(desk.store.getState().conversations.size).toBe(0);
    expect(desk.store.getState().list.ids).toEqual([]);
  });

  it("begins once the desk is back also where another list was chosen meanwhile", async () => {
    const desk = createDesk({ environment: browser.tab(respond), connect: link.connect });
    routes["/conversations?"] = () => problem(503, "unavailable");
    await desk.signIn("arisa", "right");
    desk.showList({ status: "waiting", q: "", tag: null });
    await browser.pass(50);
    expect(desk.store.getState().connection.kind).toBe("offline");
    delete routes["/conversations?"];
    await browser.pass(3000);
    expect(link.started).toHaveLength(1);
  });
});

it("a retry shows that the message is on its way again", async () => {
  const desk = await atWork();
  desk.open(1);
  const mine = (state: "failed" | "queued") =>
    message({ id: 4, conversation_id: 1, direction: "OUTGOING", delivery: { state, cost: null } });
  link.listener?.onRoom(1, { ...asks, messages: [mine("failed")], has_more: false }, true);
  await settled();
  link.request.mockImplementation(async () => {
    const told = frame("message_sent", mine("queued"), 41, "r");
    link.hear(told);
    return told;
  });
  await desk.retry(4);
  expect(desk.store.getState().threads.get(1)?.messages[0]?.delivery?.state).toBe("queued");
});

describe("a session command", () => {
  it("shows at once, and stays when the desk agrees", async () => {
    const desk = await atWork();
    desk.showList({ status: "waiting", q: "", tag: null });
    await settled();
    let agree = () => {};
    link.request.mockImplementation(
      () =>
        new Promise((done) => {
          agree = () => {
            const event = sessionEvent({ status: "ACTIVE", operator_id: ME.id, operator_name: ME.display_name });
            const told = frame("session_claimed", event, 41, "c");
            link.hear(told);
            done(told);
          };
        }),
    );
    const done = desk.claim(1);
    expect(desk.store.getState().conversations.get(1)?.session).toMatchObject({ status: "ACTIVE", operator_id: ME.id });
    expect(desk.store.getState().list.ids).toEqual([]);
    agree();
    await done;
    expect(desk.store.getState().conversations.get(1)?.session).toMatchObject({ status: "ACTIVE", operator_id: ME.id });
    expect(desk.store.getState().counts).toEqual({ waiting: 0, active: 2 });
  });

  it("is taken back with the fault when the desk refuses, whatever came in the meantime", async () => {
    const desk = await atWork();
    const fault = { code: "forbidden" as const, message: "no", retryable: false };
    let refuse = () => {};
    link.request.mockImplementation(() => new Promise((_, no) => (refuse = () => no(fault))));
    const done = desk.close(2);
    expect(desk.store.getState().conversations.get(2)?.session).toBeNull();
    link.hear(
      frame("conversation_read", { conversation_id: 2, line_user_id: "U", message_id: 1, unread_count: 0 }, 41),
    );
    await browser.pass(200);
    expect(desk.store.getState().conversations.get(2)?.session).toBeNull();
    refuse();
    await expect(done).rejects.toEqual(fault);
    expect(desk.store.getState().conversations.get(2)).toMatchObject({ session: other.session, unread_count: 0 });
    expect(desk.store.getState().list.ids).toEqual([1, 2]);
  });

  it("shows who was first when the claim is lost (SE3)", async () => {
    const desk = await atWork();
    const details = { reason: "already_claimed", operator_id: 9, operator_name: "Nok" };
    link.request.mockRejectedValue({ code: "session_not_found", message: "taken", retryable: false, details });
    await expect(desk.claim(1)).rejects.toMatchObject({ details });
    expect(desk.store.getState().conversations.get(1)?.session).toMatchObject({
      status: "ACTIVE",
      operator_name: "Nok",
    });
  });

  it("takes a colleague's session over by transferring it to oneself (SE4)", async () => {
    const desk = await atWork();
    link.request.mockResolvedValue(frame("pong", { server_time: "" }));
    await desk.takeOver(2);
    expect(link.request).toHaveBeenCalledWith("transfer_session", { conversation_id: 2, to_operator_id: ME.id });
  });

  it("starts one conversation with one first message, however often it is tried", async () => {
    const desk = await atWork();
    const sent: unknown[] = [];
    let isAway = true;
    const environment = browser.tab(async (path, init) => {
      if (!path.endsWith("/conversations")) return respond(path);
      sent.push(JSON.parse(String(init.body)).temp_id);
      return isAway ? problem(503, "unavailable") : answer(summary({ id: 5 }), 201);
    });
    const second = createDesk({ environment, connect: new FakeLink().connect });
    await second.signIn("arisa", "right");
    await expect(second.startConversation("U1", "hi")).rejects.toMatchObject({ code: "unavailable", retryable: true });
    isAway = false;
    await expect(second.startConversation("U1", "hi")).resolves.toBe(5);
    expect(new Set(sent).size).toBe(1);
    expect(desk).toBeDefined();
  });
});

describe("an open conversation", () => {
  it("is what the room tells, and grows by events without doubles", async () => {
    const desk = await atWork();
    desk.open(1);
    expect(link.setRoom).toHaveBeenLastCalledWith(1);
    expect(desk.store.getState().threads.get(1)?.load.kind).toBe("loading");
    link.listener?.onRoom(1, room(1, [4, 5, 6], { unread_count: 2, session: waiting(9) }), true);
    await settled();
    const next = message({ id: 7, conversation_id: 1 });
    link.hear(frame("new_message", next, 41), frame("new_message", next, 41));
    await browser.pass(20);
    const thread = desk.store.getState().threads.get(1);
    expect(thread?.messages.map((one) => one.id)).toEqual([4, 5, 6, 7]);
    expect(thread).toMatchObject({ hasBefore: true, hasAfter: false, readUpTo: 4, load: { kind: "ready" } });
  });

  it("loses nothing that comes while older messages or another place are loaded", async () => {
    const desk = await atWork();
    desk.open(1);
    link.listener?.onRoom(1, room(1, [50, 51]), true);
    await settled();
    let reply: (page: unknown) => void = () => {};
    routes["/messages?"] = () => new Promise((done) => (reply = (body) => done(answer(body))));
    const jump = desk.jumpTo(1, 20);
    await settled();
    link.hear(frame("new_message", message({ id: 52, conversation_id: 1 }), 41));
    reply({ ...room(1, [19, 20, 21]), has_more_before: true, has_more_after: true });
    await jump;
    expect(desk.store.getState().threads.get(1)).toMatchObject({ hasBefore: true, hasAfter: true });
    const end = desk.jumpToEnd(1);
    await settled();
    link.hear(frame("new_message", message({ id: 53, conversation_id: 1 }), 42));
    reply({ ...room(1, [51, 52]), has_more_before: true, has_more_after: false });
    await end;
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([51, 52, 53]);
    expect(asked.filter((path) => path.includes("/messages?"))).toEqual([
      expect.stringContaining("around_id=20"),
      expect.not.stringContaining("_id="),
    ]);
  });

  it("tells what went wrong with older messages, and lets one try again", async () => {
    const desk = await atWork();
    desk.open(1);
    link.listener?.onRoom(1, room(1, [50, 51]), true);
    await settled();
    routes["/messages?"] = () => problem(503, "unavailable");
    await expect(desk.loadBefore(1)).rejects.toMatchObject({ code: "unavailable" });
    expect(desk.store.getState().threads.get(1)?.isLoadingBefore).toBe(false);
    routes["/messages?"] = () => answer({ ...room(1, [48, 49]), has_more_before: false, has_more_after: true });
    await desk.loadBefore(1);
    expect(desk.store.getState().threads.get(1)).toMatchObject({ hasBefore: false, hasAfter: false });
    expect(desk.store.getState().threads.get(1)?.messages).toHaveLength(4);
  });

  it("comes by REST where the socket is kept out", async () => {
    const desk = await atWork();
    link.become({ kind: "offline", retryAt: 0 });
    routes["/conversations/1"] = () => answer(room(1, [1, 2], { session: waiting(9) }));
    desk.open(1);
    await settled();
    expect(desk.store.getState().threads.get(1)?.messages).toHaveLength(2);
  });

  it("says why it cannot be shown, and is asked for again by opening it again", async () => {
    const desk = await atWork();
    desk.open(77);
    link.listener?.onRoomFault(77, { code: "conversation_not_found", message: "no", retryable: false });
    expect(desk.store.getState().threads.get(77)?.load).toMatchObject({ kind: "failed" });
    desk.open(77);
    expect(desk.store.getState().threads.get(77)?.load.kind).toBe("loading");
    expect(link.setRoom).toHaveBeenCalledTimes(2);
  });
});

describe("when too much was missed", () => {
  it("loads the list and the open thread anew, and follows from there", async () => {
    const desk = await atWork();
    desk.open(1);
    link.listener?.onRoom(1, room(1, [4, 5]), true);
    await settled();
    list = page([summary({ id: 3 })], { seq: 900 });
    link.listener?.onResync();
    await browser.pass(50);
    expect(link.started.at(-1)).toEqual([ME.id, 900]);
    expect(desk.store.getState()).toMatchObject({ openId: 1, list: { ids: [3] } });
    // Old messages stay in sight until the new ones are there, and are not mixed with them.
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([4, 5]);
    link.hear(frame("new_message", message({ id: 90, conversation_id: 1 }), 901));
    link.listener?.onRoom(1, room(1, [88, 89, 90]), true);
    await settled();
    expect(
      desk.store
        .getState()
        .threads.get(1)
        ?.messages.map((one) => one.id),
    ).toEqual([88, 89, 90]);
  });
});

describe("a burst of events", () => {
  it("changes the state once", async () => {
    const desk = await atWork();
    let changes = 0;
    desk.store.subscribe(() => changes++);
    for (let n = 0; n < 200; n++) {
      link.hear(frame("conversation_update", { ...asks, unread_count: n }, 50 + n));
    }
    await settled();
    expect(changes).toBe(0);
    await browser.pass(120);
    expect(changes).toBe(1);
    expect(desk.store.getState().conversations.get(1)?.unread_count).toBe(199);
  });

  it("is counted by the desk now and then, not with every event", async () => {
    const desk = await atWork();
    asked = [];
    for (let n = 0; n < 40; n++) {
      link.hear(frame("session_created", sessionEvent({ conversation_id: 100 + n }), 50 + n));
      await browser.pass(50);
    }
    expect(asked.filter((path) => path.includes("limit=1")).length).toBeLessThanOrEqual(2);
    expect(desk.store.getState().counts.waiting).toBeGreaterThan(1);
  });
});

describe("happenings", () => {
  async function hearing() {
    const desk = await atWork();
    const heard: Happening[] = [];
    desk.onHappening((one) => heard.push(one));
    return { desk, heard };
  }
  const wrote = (id: number, last: number, over: Partial<Summary> = {}) =>
    summary({ id, last_message: lastMessage({ id: last, created_at: "2026-01-31T08:29:59.000Z" }), ...over });

  it("are told once, with the message where it is known", async () => {
    const { desk, heard } = await hearing();
    desk.open(1);
    link.listener?.onRoom(1, room(1, [4], { session: waiting(9) }), true);
    await settled();
    const next = message({ id: 1000, conversation_id: 1 });
    link.hear(frame("conversation_update", wrote(1, 1000), 41), frame("new_message", next, 42));
    link.hear(frame("conversation_update", wrote(1, 1000), 43));
    await browser.pass(200);
    expect(heard).toEqual([{ kind: "customer_wrote", conversation: wrote(1, 1000), message: next }]);
  });

  it("are never of a replay, of one's own doing, or of what was there before", async () => {
    const { heard } = await hearing();
    link.become({ kind: "catching_up" });
    link.hear(frame("conversation_update", wrote(1, 1000), 41));
    link.hear(frame("session_created", sessionEvent({ conversation_id: 1 }), 42));
    link.become({ kind: "live" });
    link.hear(frame("conversation_update", wrote(1, 1000), 43));
    link.hear(
      frame(
        "session_transferred",
        sessionEvent({ conversation_id: 2, to_operator_id: ME.id, status: "ACTIVE" }),
        44,
        "x",
      ),
    );
    const old = lastMessage({ id: 3, created_at: "2026-01-30T08:00:00.000Z" });
    link.hear(frame("conversation_update", summary({ id: 66, last_message: old }), 45));
    await browser.pass(2000);
    expect(heard).toEqual([]);
  });

  it("are told of conversations that no list shows, also when the summary has to be asked for", async () => {
    const { desk, heard } = await hearing();
    desk.showList({ status: "mine", q: "", tag: null });
    await settled();
    const unknown = wrote(70, 1000, { session: waiting(1) });
    link.hear(frame("session_created", sessionEvent({ conversation_id: 70 }), 41));
    link.hear(frame("conversation_update", unknown, 42));
    link.hear(frame("session_created", sessionEvent({ conversation_id: 71 }), 43));
    routes["/conversations/71"] = () => answer({ ...wrote(71, 1), messages: [] });
    await browser.pass(3000);
    expect(heard.map((one) => [one.kind, one.conversation.id])).toEqual([
      ["customer_waits", 70],
      ["customer_wrote", 70],
      ["customer_waits", 71],
    ]);
  });

  it("tell of a transfer to me with who and why, and of a note that names me", async () => {
    const { heard } = await hearing();
    const event = { status: "ACTIVE" as const, operator_id: ME.id, from_operator_id: 9, to_operator_id: ME.id };
    link.hear(frame("session_transferred", sessionEvent({ conversation_id: 2, ...event, reason: "refund" }), 41));
    const note = message({ id: 9, conversation_id: 2, message_type: "note", operator_id: 9, direction: "OUTGOING" });
    link.hear(frame("new_message", { ...note, content: `look @${ME.display_name}` }, 42));
    await browser.pass(200);
    expect(heard.map((one) => one.kind)).toEqual(["transferred_to_me", "mentioned"]);
    expect(heard[0]).toMatchObject({ from: "Nok", reason: "refund" });
  });
});
