// @vitest-environment node
import { describe, expect, test } from "vitest";
import { localFault } from "./faults";
import { Realtime } from "./realtime";
import { livePage, payloadsOf, type Stage, stage } from "./testing/stage";
import type { ConnectionState } from "./types";

/** A realtime layer alone, with a token that the test decides about. */
function alone(token: (force: boolean) => Promise<string>) {
  const scene = stage();
  const tab = scene.browser.openTab((events) => scene.desk.connect(events));
  const states: ConnectionState[] = [];
  const quiet = { onFrame() {}, onRoom() {}, onRoomFault() {}, onResync() {}, onOutbox() {} };
  const realtime = new Realtime({
    token,
    environment: tab.environment,
    database: tab.database,
    listener: { ...quiet, onState: (state) => states.push(state) },
  });
  return { ...scene, tab, realtime, states, kinds: () => states.map(({ kind }) => kind) };
}

test("ws1: auth is the first frame, with where to resume; live is said after the replay", async () => {
  const scene = stage();
  scene.desk.write(1, "hello", "customer");
  await scene.clock.pass(100);
  const page = await livePage(scene);
  expect(scene.desk.received.map(({ type }) => type)).toEqual(["auth", "ping"]);
  expect(scene.desk.received[0]?.payload).toEqual({ token: "t0", resume_after: 2 });
  expect(page.states).toEqual(["connecting", "catching_up", "live"]);
});

test("ws9: a ping every 25 s; without any answer the connection is lost, and comes back", async () => {
  const scene = stage();
  const page = await livePage(scene);
  await scene.clock.pass(75_000);
  expect(payloadsOf(scene.desk, "ping").length).toBe(4);
  for (const connection of scene.desk.connections) connection.end(null);
  await scene.clock.pass(24_000);
  expect(page.realtime.state.kind).toBe("live");
  await scene.clock.pass(11_000 + 1_000);
  expect(page.states.slice(3)).toEqual(["offline", "connecting", "catching_up", "live"]);
});

test("a desk that accepts and says nothing is given up", async () => {
  const { clock, realtime, desk, kinds } = alone(() => Promise.resolve("t0"));
  desk.connect = (events) => {
    clock.after(1, () => events.opened());
    const wire = Object.create(null);
    return Object.assign(wire, { send() {}, close() {} });
  };
  realtime.start(7, 0);
  await clock.pass(10_100);
  expect(kinds()).toEqual(["connecting", "offline"]);
});

test("backoff grows from half a second to thirty, with jitter, for ever", async () => {
  const { clock, realtime, desk, states } = alone(() => Promise.resolve("t0"));
  desk.isOnline = false;
  realtime.start(7, 0);
  await clock.pass(20 * 60_000);
  const waits: number[] = [];
  let at = 0;
  const seen = states.filter(({ kind }) => kind === "offline");
  for (const state of seen) {
    if (state.kind === "offline") waits.push(state.retryAt - at);
    if (state.kind === "offline") at = state.retryAt;
  }
  expect(seen.length).toBeGreaterThan(40);
  for (const [n, wait] of waits.slice(1).entries()) {
    const most = Math.min(500 * 2 ** (n + 1), 30_000);
    expect(wait).toBeGreaterThanOrEqual(most / 2);
    expect(wait).toBeLessThanOrEqual(most + 50);
  }
  expect(new Set(waits.slice(-10).map(Math.round)).size).toBeGreaterThan(5);
});

test("it connects at once when the network or the operator returns, or says so", async () => {
  for (const event of ["online", "return", "tryNow"] as const) {
    const { clock, realtime, desk, tab } = alone(() => Promise.resolve("t0"));
    desk.isOnline = false;
    realtime.start(7, 0);
    await clock.pass(5 * 60_000);
    desk.isOnline = true;
    if (realtime.state.kind !== "offline") await clock.pass(100);
    if (event === "tryNow") realtime.tryNow();
    else tab.fire(event);
    await clock.pass(100);
    expect(realtime.state.kind).toBe("live");
  }
});

test("a browser that says offline is not believed, but the desk is asked", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.tab.fire("offline");
  await scene.clock.pass(5_000);
  expect(page.realtime.state.kind).toBe("live");
  for (const connection of scene.desk.connections) connection.end(null);
  scene.desk.isOnline = false;
  page.tab.fire("offline");
  await scene.clock.pass(3_001);
  expect(page.realtime.state.kind).toBe("offline");
});

describe("without an answer to what the operator did", () => {
  /** What the desk says is held back while the gate is shut. */
  function gated(scene: Stage) {
    const held: (() => void)[] = [];
    const gate = { isShut: false, held };
    const connect = scene.desk.connect.bind(scene.desk);
    scene.desk.connect = (events) =>
      connect({
        ...events,
        heard: (text) => (gate.isShut ? void gate.held.push(() => events.heard(text)) : events.heard(text)),
      });
    return gate;
  }

  test("live is not said for longer than three seconds, and what was sent arrives once", async () => {
    const scene = stage();
    const page = await livePage(scene);
    for (const connection of scene.desk.connections) connection.end(null);
    page.realtime.send(1, "hello", null);
    await scene.clock.pass(2_900);
    expect(page.realtime.state.kind).toBe("live");
    await scene.clock.pass(200);
    expect(page.realtime.state.kind).toBe("catching_up");
    await scene.clock.pass(5_000);
    expect(page.states.slice(3)).toEqual(["catching_up", "offline", "connecting", "catching_up", "live"]);
    expect(scene.desk.messages.get(1)?.map(({ content }) => content)).toEqual(["hello"]);
  });

  test("it is said again once a slow desk speaks, on the same connection and in the same room", async () => {
    const scene = stage();
    const gate = gated(scene);
    const page = await livePage(scene);
    page.open(1);
    await scene.clock.pass(100);
    gate.isShut = true;
    page.realtime.send(1, "hello", null);
    await scene.clock.pass(5_000);
    expect(page.realtime.state.kind).toBe("catching_up");
    gate.isShut = false;
    for (const hear of gate.held) hear();
    await scene.clock.pass(100);
    expect(page.states.slice(3)).toEqual(["catching_up", "live"]);
    expect([page.outbox, scene.desk.connections.size, payloadsOf(scene.desk, "join_room").length]).toEqual([[], 1, 1]);
  });

  test("a desk that speaks is not doubted, however late one answer is", async () => {
    const scene = stage();
    const page = await livePage(scene);
    scene.desk.chances = { ...scene.desk.chances, lostJoin: 1 };
    page.realtime.setRoom(1);
    await scene.clock.pass(15_000);
    expect(page.states.slice(3)).toEqual([]);
  });

  test("live is not said at once where the browser says offline", async () => {
    const scene = stage();
    const page = await livePage(scene);
    page.tab.fire("offline");
    expect(page.realtime.state.kind).toBe("catching_up");
    await scene.clock.pass(100);
    expect(page.realtime.state.kind).toBe("live");
  });
});

test("a refused token is renewed silently, and at once", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.goodTokens.clear();
  for (const code of [4001, 4002, 4003]) {
    page.states = [];
    page.tokens = [];
    await scene.clock.pass(6_000);
    for (const connection of scene.desk.connections) connection.end(code);
    await scene.clock.pass(100);
    expect(page.states).toEqual(["connecting", "catching_up", "live"]);
    expect(page.tokens).toEqual([true]);
  }
});

test("a new token that is refused too is no hot loop, and no end", async () => {
  const asked: boolean[] = [];
  const { clock, realtime, kinds } = alone((force) => {
    asked.push(force);
    return Promise.resolve("bad");
  });
  realtime.start(7, 0);
  await clock.pass(60_000);
  expect(asked[0]).toBe(false);
  expect(asked.slice(1).every((force) => force)).toBe(true);
  expect(asked.length).toBeLessThan(12);
  expect(kinds()).not.toContain("refused");
});

test("refused is said only when the renewal is refused", async () => {
  const faults = [localFault("offline"), { code: "auth_invalid_token", message: "", retryable: false } as const];
  const { clock, realtime } = alone((force) => (force ? Promise.reject(faults[0]) : Promise.resolve("bad")));
  realtime.start(7, 0);
  await clock.pass(5_000);
  expect(["offline", "connecting"]).toContain(realtime.state.kind);
  faults.shift();
  await clock.pass(30_000);
  expect(realtime.state.kind).toBe("refused");
  realtime.tryNow();
  await clock.pass(60_000);
  expect(realtime.state.kind).toBe("refused");
});

test("ws2: a renewed token goes over the open socket", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.renewed("t0");
  await scene.clock.pass(100);
  expect(payloadsOf(scene.desk, "auth").at(-1)).toEqual({ token: "t0" });
  expect(page.states).toEqual(["connecting", "catching_up", "live"]);
  expect(scene.desk.connections.size).toBe(1);
});

test("somebody else's sign-in on this browser ends this one", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.operator = { ...scene.desk.operator, id: 8 };
  for (const connection of scene.desk.connections) connection.end(1012);
  await scene.clock.pass(2_000);
  expect(page.realtime.state.kind).toBe("refused");
});

test("a command is rejected with a fault: refused, without a connection, or when it breaks", async () => {
  const scene = stage();
  const page = await livePage(scene);
  scene.desk.chances = { ...scene.desk.chances, forbidden: 1 };
  const payload = { conversation_id: 1, text: "x", temp_id: "x" };
  const refused = page.realtime.request("send_message", payload);
  const checked = expect(refused).rejects.toMatchObject({ code: "forbidden", retryable: false });
  await scene.clock.pass(100);
  await checked;
  const broken = expect(page.realtime.request("ping", {})).rejects.toMatchObject({ code: "disconnected" });
  for (const connection of scene.desk.connections) connection.end(1006);
  await scene.clock.pass(10);
  await broken;
  await expect(page.realtime.request("ping", {})).rejects.toMatchObject({ code: "offline" });
});

test("stop and older generations change nothing any more", async () => {
  const scene = stage();
  const page = await livePage(scene);
  page.realtime.stop();
  await scene.clock.pass(120_000);
  expect(page.states.at(-1)).toBe("idle");
  expect(page.states.filter((kind) => kind === "idle").length).toBe(1);
  expect(scene.desk.connections.size).toBe(0);
});
