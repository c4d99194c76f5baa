// @vitest-environment node
import { expect, test } from "vitest";
import { livePage, payloadsOf, stage } from "./testing/stage";

test("marks are told once they have settled, and never go back", async () => {
  const scene = stage();
  const page = await livePage(scene);
  const { realtime } = page;
  for (const message of [3, 5, 4]) realtime.markRead(1, message);
  realtime.markRead(2, 9);
  await scene.clock.pass(600);
  realtime.markRead(1, 5);
  realtime.markRead(1, 2);
  await scene.clock.pass(600);
  expect(payloadsOf(scene.desk, "mark_read")).toEqual([
    { conversation_id: 1, message_id: 5 },
    { conversation_id: 2, message_id: 9 },
  ]);
});

test("a mark waits for the connection, and for the page to be looked at", async () => {
  const scene = stage();
  const page = await livePage(scene);
  for (const connection of scene.desk.connections) connection.end(1006);
  await scene.clock.pass(10);
  page.realtime.markRead(1, 5);
  await scene.clock.pass(5_000);
  expect(payloadsOf(scene.desk, "mark_read").length).toBe(1);
  page.tab.isHidden = true;
  page.realtime.markRead(1, 6);
  await scene.clock.pass(5_000);
  expect(payloadsOf(scene.desk, "mark_read").length).toBe(1);
  page.tab.isHidden = false;
  page.tab.fire("return");
  await scene.clock.pass(100);
  expect(payloadsOf(scene.desk, "mark_read").at(-1)).toEqual({ conversation_id: 1, message_id: 6 });
});

test("a mark is told again to a desk that was put back to an earlier day", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.markRead(1, 500);
  await scene.clock.pass(600);
  // What follows a resync.
  page.load();
  await scene.clock.pass(500);
  page.realtime.markRead(1, 12);
  await scene.clock.pass(600);
  expect(payloadsOf(scene.desk, "mark_read").at(-1)).toEqual({ conversation_id: 1, message_id: 12 });
});
