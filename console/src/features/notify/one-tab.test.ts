import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Channel, channelClaims, makeClaims } from "./one-tab";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Channels that hear each other after `delay` milliseconds. */
function connected(count: number, delay = 5): Channel[] {
  const all: Channel[] = [];
  for (let at = 0; at < count; at += 1) {
    const channel: Channel = {
      onmessage: null,
      close: () => {},
      postMessage: (data) => {
        for (const other of all) {
          if (other !== channel) setTimeout(() => other.onmessage?.(new MessageEvent("message", { data })), delay);
        }
      },
    };
    all.push(channel);
  }
  return all;
}

async function results(claims: readonly Promise<boolean>[]): Promise<readonly boolean[]> {
  await vi.advanceTimersByTimeAsync(500);
  return Promise.all(claims);
}

it("gives it to one of five tabs that ask at once", async () => {
  const tabs = connected(5).map((channel, at) => channelClaims(channel, (at * 3) % 5));
  const got = await results(tabs.map((tab) => tab.claim("a")));
  expect(got.filter(Boolean)).toHaveLength(1);
});

it("gives it to the one that asked first, whatever its number", async () => {
  const [first, second] = connected(2).map((channel, at) => channelClaims(channel, 9 - at));
  const one = first?.claim("a");
  await vi.advanceTimersByTimeAsync(20);
  const other = second?.claim("a");
  expect(await results([one, other].filter((claim) => claim !== undefined))).toEqual([true, false]);
});

it("keeps different happenings apart", async () => {
  const [one, other] = connected(2).map((channel) => channelClaims(channel));
  const claims = [one?.claim("a"), other?.claim("b")].filter((claim) => claim !== undefined);
  expect(await results(claims)).toEqual([true, true]);
});

it("uses locks where there are any, and holds on for those who hear of it later", async () => {
  const held = new Set<string>();
  const request = async (name: string, _: unknown, run: (lock: object | null) => Promise<void> | undefined) => {
    if (held.has(name)) return run(null);
    held.add(name);
    await run({});
    held.delete(name);
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const claims = makeClaims();
  expect(await claims.claim("a")).toBe(true);
  expect(await claims.claim("a")).toBe(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await claims.claim("a")).toBe(true);
});

it("tells it anyway when the browser can do neither", async () => {
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("BroadcastChannel", undefined);
  expect(await makeClaims().claim("a")).toBe(true);
});
