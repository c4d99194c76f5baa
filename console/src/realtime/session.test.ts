// @vitest-environment node
import { expect, test } from "vitest";
import { CALM } from "./testing/desk";
import { livePage, payloadsOf, stage } from "./testing/stage";

function cut(scene: ReturnType<typeof stage>, code = 1006): void {
  for (const connection of scene.desk.connections) connection.end(code);
}

test("ws6: what was missed is told once, before live", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, twice: 1 };
  cut(scene);
  for (let n = 0; n < 3; n++) scene.desk.write(1, `missed ${n}`, "customer");
  await scene.clock.pass(2_000);
  const texts = page.frames.flatMap((frame) => (frame.type === "new_message" ? [frame.payload.content] : []));
  expect(texts).toEqual(["missed 0", "missed 1", "missed 2"]);
  expect(page.wrong).toEqual([]);
  expect(page.realtime.seq).toBe(scene.desk.head);
});

test("ws6: too far behind, the screen is loaded anew, and live waits for it", async () => {
  const scene = stage();
  const page = await livePage(scene);
  const { realtime } = page;
  scene.desk.replayMost = 2;
  let resyncs = 0;
  page.onResync = () => {
    resyncs++;
  };
  const before = realtime.seq;
  cut(scene);
  for (let n = 0; n < 9; n++) scene.desk.touch(1);
  await scene.clock.pass(2_000);
  expect(resyncs).toBe(1);
  expect(realtime.state.kind).toBe("catching_up");
  // What is live goes nowhere while something before it is missing.
  scene.desk.touch(1);
  await scene.clock.pass(60_000);
  expect(realtime.seq).toBe(before);
  expect(realtime.state.kind).toBe("catching_up");
  page.load();
  await scene.clock.pass(2_000);
  expect(realtime.state.kind).toBe("live");
  expect(realtime.seq).toBe(scene.desk.head);
});

test("a room is whole on entering, and goes on after what is known on coming back", async () => {
  const scene = stage();
  for (let n = 0; n < 60; n++) scene.desk.write(1, `old ${n}`, "customer");
  await scene.clock.pass(100);
  const page = await livePage(scene);
  page.open(1);
  await scene.clock.pass(100);
  expect(page.thread.size).toBe(50);
  scene.desk.chances = CALM;
  cut(scene);
  await scene.clock.pass(2_000);
  const joins = payloadsOf(scene.desk, "join_room");
  expect(joins[0]).toEqual({ conversation_id: 1 });
  expect(joins[1]).toEqual({ conversation_id: 1, after_message_id: 30 });
  expect(page.thread.size).toBe(50);
});

test("more than one page of catching up is asked for until it is whole", async () => {
  const scene = stage();
  for (let n = 0; n < 60; n++) scene.desk.write(1, `old ${n}`, "customer");
  await scene.clock.pass(100);
  const page = await livePage(scene);
  page.open(1);
  await scene.clock.pass(100);
  // The replay tells nothing of it: the messages come between its end and the joining.
  cut(scene);
  let isWritten = false;
  const original = page.onFrame.bind(page);
  page.onFrame = (frame) => {
    original(frame);
    if (frame.type !== "auth_success" || isWritten) return;
    isWritten = true;
    for (let n = 0; n < 20; n++) scene.desk.write(1, `new ${n}`, "customer");
  };
  await scene.clock.pass(2_000);
  const after = payloadsOf(scene.desk, "join_room").map(({ after_message_id }) => after_message_id);
  expect(after).toEqual([undefined, 30, 68]);
  expect([...page.thread.keys()].at(-1)).toBe(80);
  expect(page.thread.size).toBe(70);
});

test("held arrow keys join where they end, and a room that was left is whole again", async () => {
  const scene = stage();
  for (const id of [1, 2, 3, 4]) scene.desk.write(id, "hi", "customer");
  await scene.clock.pass(100);
  const page = await livePage(scene);
  for (const id of [1, 2, 3, 4, 1]) page.open(id);
  await scene.clock.pass(200);
  expect(payloadsOf(scene.desk, "join_room").length).toBeLessThanOrEqual(2);
  expect(page.threadOf).toBe(1);
  page.open(null);
  await scene.clock.pass(100);
  expect(payloadsOf(scene.desk, "leave_room").length).toBe(1);
});

test("a room left and entered again while catching up is told whole", async () => {
  const scene = stage();
  for (let n = 0; n < 60; n++) scene.desk.write(1, `old ${n}`, "customer");
  await scene.clock.pass(100);
  const page = await livePage(scene);
  page.open(1);
  await scene.clock.pass(100);
  scene.desk.latency = 200;
  cut(scene);
  let isDone = false;
  const original = page.onState.bind(page);
  page.onState = (state) => {
    original(state);
    if (state.kind !== "catching_up" || isDone) return;
    isDone = true;
    // The joining is on its way then.
    scene.clock.after(1, () => {
      page.open(2);
      page.open(1);
    });
  };
  await scene.clock.pass(5_000);
  expect(page.wrong).toEqual([]);
  expect(page.threadOf).toBe(1);
  expect(page.thread.size).toBe(50);
});
