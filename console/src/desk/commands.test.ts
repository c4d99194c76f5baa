// @vitest-environment node
import { describe, expect, it } from "vitest";
import { ME, message, session, summary } from "../testing/fake-desk";
import { asks, bench, other } from "./bench";
import { createDesk } from "./desk";
import { answer, FakeLink, frame, page, problem, sessionEvent, settled } from "./testing";
import type { Desk } from "./types";

const scene = bench();

it("a retry shows that the message is on its way again", async () => {
  const desk = await scene.atWork();
  desk.open(1);
  const mine = (state: "failed" | "queued") =>
    message({ id: 4, conversation_id: 1, direction: "OUTGOING", delivery: { state, cost: null } });
  scene.link.listener?.onRoom(1, { ...asks, messages: [mine("failed")], has_more: false }, true);
  await settled();
  scene.link.request.mockImplementation(async () => {
    const told = frame("message_sent", mine("queued"), 41, "r");
    scene.link.hear(told);
    return told;
  });
  await desk.retry(4);
  expect(desk.store.getState().threads.get(1)?.messages[0]?.delivery?.state).toBe("queued");
});

describe("a session command", () => {
  it("shows at once, and stays when the desk agrees", async () => {
    const desk = await scene.atWork();
    desk.showList({ status: "waiting", q: "", tag: null });
    await settled();
    let agree = () => {};
    scene.link.request.mockImplementation(
      () =>
        new Promise((done) => {
          agree = () => {
            const event = sessionEvent({ status: "ACTIVE", operator_id: ME.id, operator_name: ME.display_name });
            const told = frame("session_claimed", event, 41, "c");
            scene.link.hear(told);
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
    expect(desk.store.getState().counts).toMatchObject({ waiting: 0, active: 2 });
  });

  it("is taken back with the fault when the desk refuses, whatever came in the meantime", async () => {
    const desk = await scene.atWork();
    const fault = { code: "forbidden" as const, message: "no", retryable: false };
    let refuse = () => {};
    scene.link.request.mockImplementation(() => new Promise((_, no) => (refuse = () => no(fault))));
    const done = desk.close(2);
    expect(desk.store.getState().conversations.get(2)?.session).toBeNull();
    scene.link.hear(
      frame("conversation_read", { conversation_id: 2, line_user_id: "U", message_id: 1, unread_count: 0 }, 41),
    );
    await scene.browser.pass(200);
    expect(desk.store.getState().conversations.get(2)?.session).toBeNull();
    refuse();
    await expect(done).rejects.toEqual(fault);
    expect(desk.store.getState().conversations.get(2)).toMatchObject({ session: other.session, unread_count: 0 });
    expect(desk.store.getState().list.ids).toEqual([1, 2]);
  });

  it("shows who was first when the claim is lost (SE3)", async () => {
    const desk = await scene.atWork();
    const details = { reason: "already_claimed", operator_id: 9, operator_name: "Nok" };
    scene.link.request.mockRejectedValue({ code: "session_not_found", message: "taken", retryable: false, details });
    await expect(desk.claim(1)).rejects.toMatchObject({ details });
    expect(desk.store.getState().conversations.get(1)?.session).toMatchObject({
      status: "ACTIVE",
      operator_name: "Nok",
    });
  });

  it("takes a colleague's session over by transferring it to oneself (SE4)", async () => {
    const desk = await scene.atWork();
    scene.link.request.mockResolvedValue(frame("pong", { server_time: "" }));
    await desk.takeOver(2);
    expect(scene.link.request).toHaveBeenCalledWith("transfer_session", { conversation_id: 2, to_operator_id: ME.id });
  });

  describe("that takes a chat from the bot", () => {
    const botHas = summary({ id: 3 });
    const waitingForHuman = async () => {
      scene.list = page([botHas, other]);
      const desk = await scene.atWork();
      let reply: (response: Response) => void = () => {};
      scene.routes["/mode"] = () => new Promise((done) => (reply = done));
      const done = desk.takeFromBot(3);
      await settled();
      return { desk, done, reply: (response: Response) => reply(response) };
    };
    const held = (desk: Desk) => desk.store.getState().conversations.get(3);

    it("shows at once, and stays when the desk agrees", async () => {
      const { desk, done, reply } = await waitingForHuman();
      expect(held(desk)).toMatchObject({
        chat_mode: "HUMAN",
        session: { status: "ACTIVE", operator_id: ME.id, operator_name: ME.display_name },
      });
      reply(answer(summary({ id: 3, session: session({ id: 12 }) })));
      await done;
      expect(held(desk)?.session?.id).toBe(12);
    });

    it("is taken back with the fault when the desk refuses, and shows who was first", async () => {
      const { desk, done, reply } = await waitingForHuman();
      const refused = expect(done).rejects.toMatchObject({ code: "session_conflict" });
      reply(problem(409, "session_conflict"));
      await refused;
      expect(held(desk)).toEqual(botHas);
      const again = desk.takeFromBot(3);
      const theirs = sessionEvent({ conversation_id: 3, status: "ACTIVE", operator_id: 9, operator_name: "Nok" });
      scene.link.hear(frame("session_created", theirs, 41));
      await scene.browser.pass(200);
      expect(held(desk)?.session).toMatchObject({ operator_name: "Nok" });
      reply(answer(summary({ id: 3, session: session({ operator_id: 9, operator_name: "Nok" }) })));
      await again;
    });

    it("holds what is written until the desk has answered: by the socket it would be too early", async () => {
      const { done, reply } = await waitingForHuman();
      expect(scene.link.hold.mock.calls).toEqual([[3, true]]);
      reply(problem(503, "unavailable"));
      await expect(done).rejects.toMatchObject({ code: "unavailable" });
      expect(scene.link.hold.mock.calls).toEqual([
        [3, true],
        [3, false],
      ]);
    });
  });

  it("starts one conversation with one first message, however often it is tried", async () => {
    const desk = await scene.atWork();
    const sent: unknown[] = [];
    let isAway = true;
    const environment = scene.browser.tab(async (path, init) => {
      if (!path.endsWith("/conversations")) return scene.respond(path);
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
