// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { Summary } from "../protocol";
import { lastMessage, ME, message, summary, waiting } from "../testing/fake-desk";
import { asks, bench, room } from "./bench";
import { answer, frame, sessionEvent, settled } from "./testing";
import type { Happening } from "./types";

const scene = bench();

describe("a burst of events", () => {
  it("changes the state once", async () => {
    const desk = await scene.atWork();
    let changes = 0;
    desk.store.subscribe(() => changes++);
    for (let n = 0; n < 200; n++) {
      scene.link.hear(frame("conversation_update", { ...asks, unread_count: n }, 50 + n));
    }
    await settled();
    expect(changes).toBe(0);
    await scene.browser.pass(200);
    expect(changes).toBe(1);
    expect(desk.store.getState().conversations.get(1)?.unread_count).toBe(199);
  });

  it("is counted by the desk now and then, not with every event", async () => {
    const desk = await scene.atWork();
    scene.asked = [];
    for (let n = 0; n < 40; n++) {
      scene.link.hear(frame("session_created", sessionEvent({ conversation_id: 100 + n }), 50 + n));
      await scene.browser.pass(50);
    }
    expect(scene.asked.filter((path) => path.includes("limit=1")).length).toBeLessThanOrEqual(2);
    expect(desk.store.getState().counts.waiting).toBeGreaterThan(1);
  });
});

describe("happenings", () => {
  async function hearing() {
    const desk = await scene.atWork();
    const heard: Happening[] = [];
    desk.onHappening((one) => heard.push(one));
    return { desk, heard };
  }
  const wrote = (id: number, last: number, over: Partial<Summary> = {}) =>
    summary({ id, last_message: lastMessage({ id: last, created_at: "2026-01-31T08:29:59.000Z" }), ...over });

  it("are told once, with the message where it is known", async () => {
    const { desk, heard } = await hearing();
    desk.open(1);
    scene.link.listener?.onRoom(1, room(1, [4], { session: waiting(9) }), true);
    await settled();
    const next = message({ id: 1000, conversation_id: 1 });
    scene.link.hear(frame("conversation_update", wrote(1, 1000), 41), frame("new_message", next, 42));
    scene.link.hear(frame("conversation_update", wrote(1, 1000), 43));
    await scene.browser.pass(200);
    expect(heard).toEqual([{ kind: "customer_wrote", conversation: wrote(1, 1000), message: next }]);
  });

  it("are never of a replay, of one's own doing, or of what was there before", async () => {
    const { heard } = await hearing();
    scene.link.become({ kind: "catching_up" });
    scene.link.hear(frame("conversation_update", wrote(1, 1000), 41));
    scene.link.hear(frame("session_created", sessionEvent({ conversation_id: 1 }), 42));
    scene.link.become({ kind: "live" });
    scene.link.hear(frame("conversation_update", wrote(1, 1000), 43));
    scene.link.hear(
      frame(
        "session_transferred",
        sessionEvent({ conversation_id: 2, to_operator_id: ME.id, status: "ACTIVE" }),
        44,
        "x",
      ),
    );
    const old = lastMessage({ id: 3, created_at: "2026-01-30T08:00:00.000Z" });
    scene.link.hear(frame("conversation_update", summary({ id: 66, last_message: old }), 45));
    await scene.browser.pass(2000);
    expect(heard).toEqual([]);
  });

  it("are told of conversations that no list shows, also when the summary has to be asked for", async () => {
    const { desk, heard } = await hearing();
    desk.showList({ status: "mine", q: "", tag: null });
    await settled();
    const unknown = wrote(70, 1000, { session: waiting(1) });
    scene.link.hear(frame("session_created", sessionEvent({ conversation_id: 70 }), 41));
    scene.link.hear(frame("conversation_update", unknown, 42));
    scene.link.hear(frame("session_created", sessionEvent({ conversation_id: 71 }), 43));
    scene.routes["/conversations/71"] = () => answer({ ...wrote(71, 1), messages: [] });
    await scene.browser.pass(3000);
    expect(heard.map((one) => [one.kind, one.conversation.id])).toEqual([
      ["customer_waits", 70],
      ["customer_wrote", 70],
      ["customer_waits", 71],
    ]);
  });

  it("tell of a customer whom a colleague has put back into the queue, and not of one whom I have", async () => {
    const { heard } = await hearing();
    scene.link.hear(frame("session_released", sessionEvent({ conversation_id: 2, from_operator_id: 9 }), 41));
    scene.link.hear(frame("session_released", sessionEvent({ conversation_id: 1, from_operator_id: ME.id }), 42));
    await scene.browser.pass(2000);
    expect(heard).toMatchObject([{ kind: "customer_waits", conversation: { id: 2, session: { status: "WAITING" } } }]);
  });

  it("tell of a transfer to me with who and why, and of a note that names me", async () => {
    const { heard } = await hearing();
    const event = { status: "ACTIVE" as const, operator_id: ME.id, from_operator_id: 9, to_operator_id: ME.id };
    scene.link.hear(frame("session_transferred", sessionEvent({ conversation_id: 2, ...event, reason: "refund" }), 41));
    const note = message({ id: 9, conversation_id: 2, message_type: "note", operator_id: 9, direction: "OUTGOING" });
    scene.link.hear(frame("new_message", { ...note, content: `look @${ME.display_name}` }, 42));
    await scene.browser.pass(200);
    expect(heard.map((one) => one.kind)).toEqual(["transferred_to_me", "mentioned"]);
    expect(heard[0]).toMatchObject({ from: "Nok", reason: "refund" });
  });
});
