// @vitest-environment node
import { expect, test } from "vitest";
import type { Answer } from "./answers";
import { OUTBOX_ENTRIES, Outbox } from "./outbox";
import { CALM, type ScriptedDesk } from "./testing/desk";
import { Screen } from "./testing/screen";
import { livePage, payloadsOf, type Stage, stage } from "./testing/stage";

const kept = (temp_id: string) => ({
  temp_id,
  operator_id: 1,
  conversation_id: 1,
  text: temp_id,
  quote_message_id: null,
  at: 0,
  refusal: null,
  is_tried: false,
});

const textsOf = (desk: ScriptedDesk, id = 1) => (desk.messages.get(id) ?? []).map(({ content }) => content);

/** A page whose connection is gone for good. */
async function offlinePage(scene: Stage): Promise<Screen> {
  const page = await livePage(scene);
  scene.desk.isOnline = false;
  for (const connection of scene.desk.connections) connection.end(1006);
  await scene.clock.pass(50);
  return page;
}

async function reload(scene: Stage, page: Screen): Promise<Screen> {
  page.tab.close();
  const next = new Screen(scene.browser, scene.desk);
  next.load();
  await scene.clock.pass(1_000);
  return next;
}

test("a send is checked in one step: empty, too long by UTF-16 units, full", async () => {
  const scene = stage();
  const page = await offlinePage(scene);
  const { realtime } = page;
  for (const text of ["", " \n\t", "\u3000"]) {
    expect(realtime.send(1, text, null)).toMatchObject({ ok: false, fault: { code: "invalid_request" } });
  }
  expect(realtime.send(1, "😀".repeat(2500), null).ok).toBe(true);
  expect(realtime.send(1, `${"😀".repeat(2500)}x`, null)).toMatchObject({ fault: { code: "message_too_long" } });
  for (let n = 1; n < OUTBOX_ENTRIES; n++) expect(realtime.send(1, `${n}`, null).ok).toBe(true);
  expect(realtime.send(2, "one more", null)).toMatchObject({ ok: false, fault: { code: "outbox_full" } });
  expect(page.outbox.length).toBe(OUTBOX_ENTRIES);
});

test("what is held of one conversation waits, and goes when it is let go; others go at once", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.hold(1, true);
  page.realtime.send(1, "held", null);
  page.realtime.send(2, "free", null);
  await scene.clock.pass(60_000);
  expect([textsOf(scene.desk), textsOf(scene.desk, 2)]).toEqual([[], ["free"]]);
  expect(page.outbox.map(({ state }) => state)).toEqual(["waiting"]);
  page.realtime.hold(1, false);
  await scene.clock.pass(200);
  expect(textsOf(scene.desk)).toEqual(["held"]);
});

test("what is held is not begun by another tab either, and is let go when the page is left", async () => {
  for (const leave of [
    (page: Screen) => page.realtime.hold(1, false),
    (page: Screen) => page.tab.close(),
    (page: Screen) => page.realtime.stop(),
  ]) {
    const scene = stage();
    const [page, second] = [await livePage(scene), await livePage(scene)];
    page.realtime.hold(1, true);
    page.realtime.hold(1, true);
    page.realtime.send(1, "held", null);
    await scene.clock.pass(20_000);
    expect(second.outbox.map(({ text }) => text)).toEqual(["held"]);
    expect(payloadsOf(scene.desk, "send_message")).toEqual([]);
    leave(page);
    await scene.clock.pass(5_000);
    expect(textsOf(scene.desk)).toEqual(["held"]);
  }
});

test("half a character does not break the frame", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.send(1, "a\ud83d", null);
  await scene.clock.pass(200);
  expect(textsOf(scene.desk)).toEqual(["a\u{fffd}"]);
});

test("a message object goes in the text's place, survives a reload, and is checked before", async () => {
  const scene = stage();
  const page = await offlinePage(scene);
  const sticker = { type: "sticker", packageId: "446", stickerId: "1988" };
  expect(page.realtime.send(1, { text: "", message: sticker }, null).ok).toBe(true);
  const words = { type: "text", text: "x".repeat(5001) };
  expect(page.realtime.send(1, { text: "", message: words }, null)).toMatchObject({
    fault: { code: "message_too_long" },
  });
  const large = { type: "flex", altText: "a", contents: { text: "é".repeat(33_000) } };
  expect(page.realtime.send(1, { text: "a", message: large }, null)).toMatchObject({
    fault: { code: "payload_too_large" },
  });
  const half = { type: "flex", altText: "a\ud83d", contents: {} };
  page.realtime.send(1, { text: "a\ud83d", message: half }, null);
  await scene.clock.pass(100);
  const next = await reload(scene, page);
  expect(next.outbox).toEqual([]);
  scene.desk.isOnline = true;
  await scene.clock.pass(3_000);
  const sent = payloadsOf(scene.desk, "send_message");
  expect(sent.map(({ line_message }) => line_message)).toEqual([sticker, { ...half, altText: "a\u{fffd}" }]);
  expect(sent.every((payload) => !("text" in payload))).toBe(true);
});

test("what cannot go now survives a reload, and goes once, in order, under its temp_id", async () => {
  const scene = stage();
  const page = await offlinePage(scene);
  const temps = ["a", "b", "c"].map((text) => page.realtime.send(1, text, null));
  let kept = 0;
  for (const result of temps) if (result.ok) void result.kept.then(() => kept++);
  await Promise.resolve();
  expect([kept, scene.browser.rows.length]).toEqual([0, 0]);
  await scene.clock.pass(100);
  expect([kept, scene.browser.rows.length]).toEqual([3, 3]);
  const next = await reload(scene, page);
  expect(next.outbox).toEqual([]);
  scene.desk.isOnline = true;
  await scene.clock.pass(3_000);
  expect(textsOf(scene.desk)).toEqual(["a", "b", "c"]);
  expect(payloadsOf(scene.desk, "send_message").map(({ temp_id }) => temp_id)).toEqual(
    temps.map((result) => result.ok && result.temp_id),
  );
  expect(next.outbox).toEqual([]);
  expect(scene.browser.rows).toEqual([]);
});

test("one of a conversation is in flight; another conversation does not wait for it", async () => {
  const scene = stage();
  scene.desk.latency = 400;
  const page = await livePage(scene);
  await scene.clock.pass(4_000);
  for (const [id, text] of [
    [1, "a"],
    [1, "b"],
    [2, "c"],
  ] as const)
    page.realtime.send(id, text, null);
  await scene.clock.pass(30);
  expect(page.outbox.map(({ state }) => state)).toEqual(["sending", "waiting", "sending"]);
  await scene.clock.pass(5_000);
  expect(textsOf(scene.desk)).toEqual(["a", "b"]);
});

test("dl1: an answer that was lost sends nothing twice", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, dropAfterSend: 1 };
  page.realtime.send(1, "once", null);
  await scene.clock.pass(50_000);
  expect(textsOf(scene.desk)).toEqual(["once"]);
  expect(page.outbox).toEqual([]);
});

test("dl1: what was tried, discarded and taken back is sent once", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, dropAfterSend: 1 };
  page.realtime.send(1, "once", null);
  page.realtime.send(1, "untried", null);
  await scene.clock.pass(20);
  scene.desk.isOnline = false;
  for (const connection of scene.desk.connections) connection.end(1006);
  await scene.clock.pass(15_000);
  expect(page.outbox.map(({ state, isTried }) => [state, isTried])).toEqual([
    ["waiting", true],
    ["waiting", false],
  ]);
  const second = await reload(scene, page);
  second.realtime.recall(scene.desk.operator.id);
  await scene.clock.pass(100);
  expect(second.outbox.map(({ isTried }) => isTried)).toEqual([true, false]);
  const [tried, untried] = second.outbox;
  if (!tried || !untried) throw new Error("nothing waits");
  expect([second.realtime.discard(tried.temp_id), second.realtime.discard(untried.temp_id)]).toEqual([true, true]);
  expect(second.realtime.discard(tried.temp_id)).toBe(false);
  await scene.clock.pass(100);
  expect(scene.browser.rows).toEqual([]);
  second.realtime.restore(tried.temp_id);
  await scene.clock.pass(100);
  expect(scene.browser.rows.map(({ temp_id, is_tried }) => [temp_id, is_tried])).toEqual([[tried.temp_id, true]]);
  scene.desk.isOnline = true;
  scene.desk.chances = CALM;
  await scene.clock.pass(20_000);
  expect(textsOf(scene.desk)).toEqual(["once"]);
  expect(second.outbox).toEqual([]);
  const fates = [tried, untried].map(({ temp_id }) => second.realtime.fateOf(temp_id));
  expect(fates).toEqual(["stored", "discarded"]);
});

test("what is on its way is not discarded, and another operator takes nothing back", async () => {
  const scene = stage();
  scene.desk.latency = 400;
  const page = await livePage(scene);
  await scene.clock.pass(4_000);
  const sent = page.realtime.send(1, "a", null);
  const later = page.realtime.send(1, "b", null);
  if (!sent.ok || !later.ok) throw new Error("not taken");
  await scene.clock.pass(50);
  expect(page.realtime.discard(sent.temp_id)).toBe(false);
  expect(page.realtime.discard(later.temp_id)).toBe(true);
  page.realtime.stop();
  page.realtime.recall(8);
  page.realtime.restore(later.temp_id);
  await scene.clock.pass(5_000);
  expect(page.outbox).toEqual([]);
});

test("over the limit everything waits as long as the desk says", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, rateLimit: 1 };
  page.realtime.send(1, "a", null);
  await scene.clock.pass(100);
  page.realtime.send(2, "b", null);
  await scene.clock.pass(500);
  expect(payloadsOf(scene.desk, "send_message").length).toBe(1);
  expect(page.outbox.map(({ state, fault }) => [state, fault])).toEqual([
    ["waiting", null],
    ["waiting", null],
  ]);
  scene.desk.chances = CALM;
  await scene.clock.pass(500);
  expect(page.outbox).toEqual([]);
});

test("a refusal stays with its reason over a reload, until the operator decides", async () => {
  const scene = stage();
  let page = await livePage(scene);
  scene.desk.chances = { ...CALM, forbidden: 1 };
  page.realtime.send(1, "a", null);
  page.realtime.send(1, "b", null);
  await scene.clock.pass(500);
  page = await reload(scene, page);
  expect(page.outbox.map(({ text, state, fault }) => [text, state, fault?.code])).toEqual([
    ["a", "refused", "forbidden"],
    ["b", "refused", "forbidden"],
  ]);
  scene.desk.chances = CALM;
  const [a, b] = page.outbox;
  if (a) page.realtime.sendAgain(a.temp_id);
  if (b) page.realtime.discard(b.temp_id);
  await scene.clock.pass(500);
  expect(textsOf(scene.desk)).toEqual(["a"]);
  expect(page.outbox).toEqual([]);
  expect(scene.browser.rows).toEqual([]);
});

test("a fault of the desk's own is tried a few times, then told", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, internal: 1 };
  page.realtime.send(1, "a", null);
  await scene.clock.pass(60_000);
  expect(payloadsOf(scene.desk, "send_message").length).toBe(5);
  expect(page.outbox[0]).toMatchObject({ state: "refused", fault: { code: "internal_error" } });
});

test("another operator of the same browser neither sees nor sends it", async () => {
  const scene = stage();
  const page = await offlinePage(scene);
  page.realtime.send(1, "nok's", null);
  await scene.clock.pass(100);
  page.realtime.stop();
  expect(page.outbox).toEqual([]);
  page.tab.close();
  const nok = scene.desk.operator;
  scene.desk.operator = { ...nok, id: 8 };
  scene.desk.isOnline = true;
  const other = await livePage(scene);
  await scene.clock.pass(2_000);
  expect(other.outbox).toEqual([]);
  expect(textsOf(scene.desk)).toEqual([]);
  other.tab.close();
  scene.desk.operator = nok;
  await livePage(scene);
  expect(textsOf(scene.desk)).toEqual(["nok's"]);
});

test("a database that refuses or hangs is told, and what it cannot keep is sent from memory", async () => {
  for (const isHanging of [false, true]) {
    const scene = stage();
    const page = await offlinePage(scene);
    scene.browser.failures = 1;
    if (isHanging) page.tab.database.add = () => new Promise(() => {});
    const sent = page.realtime.send(1, "a", null);
    await scene.clock.pass(4_000);
    // Whoever waits for it is not held up.
    if (sent.ok) await sent.kept;
    expect(page.outbox[0]).toMatchObject({ state: "waiting", fault: { code: "outbox_unsaved" } });
    scene.desk.isOnline = true;
    await scene.clock.pass(20_000);
    expect(textsOf(scene.desk)).toEqual(["a"]);
    expect(page.outbox).toEqual([]);
  }
});

test("two tabs show the same outbox and send each text once, in order, with locks or without", async () => {
  for (const hasLocks of [true, false]) {
    const scene = stage();
    scene.browser.hasLocks = hasLocks;
    const second = await livePage(scene);
    const first = await offlinePage(scene);
    for (const text of ["a", "b", "c", "d"]) first.realtime.send(1, text, null);
    await scene.clock.pass(100);
    expect(second.outbox.map(({ text }) => text)).toEqual(["a", "b", "c", "d"]);
    scene.desk.isOnline = true;
    await scene.clock.pass(5_000);
    expect(textsOf(scene.desk)).toEqual(["a", "b", "c", "d"]);
    expect([first.outbox, second.outbox]).toEqual([[], []]);
  }
});

test("a sign-out leaves nothing of the operator, be it on its way, being kept, or another tab's", async () => {
  const scene = stage();
  scene.desk.latency = 400;
  const [page, second] = [await livePage(scene), await livePage(scene)];
  await scene.clock.pass(4_000);
  scene.browser.rows = [{ ...kept("x"), operator_id: 99 }];
  page.realtime.send(1, "on its way", null);
  second.realtime.send(2, "another tab's", null);
  await scene.clock.pass(50);
  expect(page.outbox.some(({ state }) => state === "sending")).toBe(true);
  page.realtime.send(1, "being kept", null);
  second.realtime.send(1, "being kept there", null);
  const wiped = [page, second].map(({ realtime }) => {
    const done = realtime.forget(scene.desk.operator.id);
    realtime.stop();
    return done;
  });
  expect([page.outbox, second.outbox]).toEqual([[], []]);
  await scene.clock.pass(1_000);
  expect(await Promise.all(wiped)).toEqual([true, true]);
  expect(scene.browser.rows.map(({ temp_id }) => temp_id)).toEqual(["x"]);
  const next = await livePage(scene);
  await scene.clock.pass(5_000);
  expect(next.outbox).toEqual([]);
  expect([...textsOf(scene.desk, 1), ...textsOf(scene.desk, 2)].filter((text) => text.startsWith("being"))).toEqual([]);
});

test("a sign-out that the browser cannot finish is told", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.tab.database.clear = () => new Promise(() => {});
  const wiped = page.realtime.forget(scene.desk.operator.id);
  await scene.clock.pass(4_000);
  expect(await wiped).toBe(false);
});

test("a room does not outlive the sign-out", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.setRoom(1);
  await scene.clock.pass(200);
  page.realtime.stop();
  expect(page.realtime.room).toBeNull();
});

test("a database that was only slow keeps what it has, and forgets what was discarded", async () => {
  const scene = stage();
  const page = await offlinePage(scene);
  const { add } = page.tab.database;
  page.tab.database.add = async (entry) => {
    await new Promise<void>((done) => scene.clock.after(10_000, done));
    await add(entry);
  };
  const sent = page.realtime.send(1, "discarded", null);
  await scene.clock.pass(4_000);
  expect(page.outbox[0]?.fault?.code).toBe("outbox_unsaved");
  if (sent.ok) page.realtime.discard(sent.temp_id);
  await scene.clock.pass(20_000);
  expect(scene.browser.rows).toEqual([]);
  page.realtime.send(1, "kept", null);
  await scene.clock.pass(4_000);
  expect(page.outbox[0]?.fault?.code).toBe("outbox_unsaved");
  await scene.clock.pass(20_000);
  expect(page.outbox[0]).toMatchObject({ text: "kept", fault: null });
  page.tab.database.add = add;
  page.realtime.send(1, "and this at once", null);
  await scene.clock.pass(100);
  expect(scene.browser.rows.map(({ text }) => text)).toEqual(["kept", "and this at once"]);
});

test("a clock that is set back does not hold up what waits", async () => {
  const scene = stage();
  const tab = scene.browser.openTab((events) => scene.desk.connect(events));
  for (const code of ["unavailable", "no_answer"] as const) {
    let asked = 0;
    const ask = (_: string, __: object, answer: Answer) => {
      asked++;
      if (asked === 1) answer.no({ code, message: "", retryable: true });
      else answer.ok({ type: "pong", payload: { server_time: "" }, timestamp: "" });
    };
    const outbox = new Outbox(
      tab.environment,
      tab.database,
      { isLive: true, ask },
      { frameBytes: () => 65_536, textUnits: () => 10, onChange() {} },
    );
    outbox.begin(7);
    outbox.send(1, "a", null);
    await scene.clock.pass(100);
    expect(asked).toBe(1);
    scene.clock.setBack(3_600_000);
    await scene.clock.pass(2_000);
    expect(asked).toBe(2);
    outbox.end();
  }
});

test("trying again does not overtake what is on its way, without locks either", async () => {
  const scene = stage();
  scene.browser.hasLocks = false;
  const page = await livePage(scene);
  scene.desk.chances = { ...CALM, forbidden: 1 };
  const refused = page.realtime.send(1, "a", null);
  await scene.clock.pass(500);
  scene.desk.chances = CALM;
  scene.desk.latency = 400;
  page.realtime.send(1, "b", null);
  await scene.clock.pass(50);
  if (refused.ok) page.realtime.sendAgain(refused.temp_id);
  await scene.clock.pass(50);
  expect(page.outbox.map(({ state }) => state)).toEqual(["waiting", "sending"]);
});

test("what waits is told before anyone is signed in, and not sent", async () => {
  const scene = stage();
  const { id } = scene.desk.operator;
  scene.browser.rows.push({ ...kept("old"), operator_id: id });
  const page = new Screen(scene.browser, scene.desk);
  page.realtime.recall(id);
  await scene.clock.pass(5_000);
  expect(page.outbox.map(({ text, state }) => [text, state])).toEqual([["old", "waiting"]]);
  expect(scene.desk.connections.size).toBe(0);
  page.load();
  await scene.clock.pass(5_000);
  expect(textsOf(scene.desk)).toEqual(["old"]);
  expect(page.outbox).toEqual([]);
});
