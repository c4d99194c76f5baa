// What the console costs the person at the keyboard, against a real desk. `make bench-console` prints the table.
// Each figure has its bar beside it; nothing here fails for being slow, because machines differ.
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type CDPSession, expect, type Page } from "@playwright/test";
import type { Desk } from "../e2e/desk";
import { test } from "../e2e/test";

const CONVERSATIONS = Number(process.env.BENCH_CONVERSATIONS ?? 10_000);
const EVENTS = Number(process.env.BENCH_EVENTS ?? 500_000);
const EVENTS_PER_SECOND = 50;
const KEYS = 400;
/** As fast as a held key repeats; nobody types as fast. */
const KEY_EVERY_MS = 33;
const OPENINGS = 60;
/** Few enough for a socket's queue (WS8), so that nothing is left out and loaded anew instead. */
const EVENTS_AT_ONCE = 400;

test.setTimeout(30 * 60_000);

test("initial JavaScript", () => {
  const dist = fileURLToPath(new URL("../dist/", import.meta.url));
  const page = readFileSync(`${dist}index.html`, "utf8");
  const named = [...page.matchAll(/assets\/[^"]+\.js/g)].map((hit) => hit[0]);
  const bytes = named.reduce((sum, file) => sum + gzipSync(readFileSync(dist + file), { level: 9 }).length, 0);
  const all = readdirSync(`${dist}assets`).filter((file) => file.endsWith(".js"));
  row(
    "initial JavaScript, gzip",
    `${(bytes / 1000).toFixed(1)} kB in ${named.length} of ${all.length} files`,
    "≤ 150 kB",
  );
});

test("keys and openings under load", async ({ desk, open }) => {
  for (let first = 0; first < CONVERSATIONS; first += 100) {
    await webhook(
      desk,
      Array.from({ length: 100 }, (_, i) => event(first + i, `hello from ${first + i}`)),
    );
  }
  const { page, list } = await open("lead");
  const loaded = await loadAllRows(page);
  await list.getByRole("listitem").getByRole("link").first().click();
  const field = page.getByRole("textbox", { name: /^(Reply to|Note)/ });
  await page.getByRole("button", { name: "Take from bot" }).first().click();
  await expect(field).toBeEditable();
  await field.focus();
  // Begins here: nothing is clicked while the rows move.
  const feed = every(1000 / EVENTS_PER_SECOND, (turn) =>
    webhook(desk, [event((turn * 7919) % CONVERSATIONS, `more ${turn}`)]),
  );
  const typed = await keysToFrames(page, KEYS, () => "k");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await list.getByRole("listitem").getByRole("link").first().focus();
  const walked = await keysToFrames(page, KEYS, (turn) => (turn % 40 < 20 ? "ArrowDown" : "ArrowUp"));
  const floor = await keysOnAnEmptyPage(page, KEYS);
  row(
    `key → next frame while typing, ${loaded} rows, ${EVENTS_PER_SECOND} events/s`,
    times(typed),
    `p95 ≤ 50 ms`,
    times(floor),
  );
  row(
    `key → next frame in the list, ${loaded} rows, ${EVENTS_PER_SECOND} events/s`,
    times(walked),
    `p95 ≤ 50 ms`,
    times(floor),
  );
  feed.stop();

  await page.goto("/all");
  await expect(list.getByRole("listitem").getByRole("link").first()).toBeVisible();
  row("opening a conversation → its messages on the screen", times(await openings(page, OPENINGS)), "p95 ≤ 100 ms");
});

test("heap after many events", async ({ desk, open }) => {
  const people = 2_000;
  for (let first = 0; first < people; first += 100)
    await webhook(
      desk,
      Array.from({ length: 100 }, (_, i) => event(first + i, "hello")),
    );
  const { page, list } = await open("lead");
  await list.getByRole("listitem").getByRole("link").first().click();
  const log = page.getByRole("log");
  await expect(log).toContainText("hello");
  const name = new URL(page.url()).pathname;
  const watched = people - 1;
  const cdp = await page.context().newCDPSession(page);
  const pour = async (from: number, to: number) => {
    for (let at = from; at < to; at += EVENTS_AT_ONCE) {
      const events = Array.from({ length: EVENTS_AT_ONCE - 1 }, (_, i) => event((at + i) % people, `event ${at + i}`));
      await webhook(desk, [...events, event(watched, `mark ${at}`)]);
      await page.waitForFunction(
        (mark) => document.querySelector("[role=log]")?.textContent?.includes(mark),
        `mark ${at}`,
        {
          timeout: 60_000,
        },
      );
    }
  };
  expect(name).toMatch(/^\/c\//);
  const warm = Math.round(EVENTS / 25);
  await pour(0, warm);
  const before = await heapBytes(cdp);
  const began = performance.now();
  await pour(warm, warm + EVENTS);
  const seconds = (performance.now() - began) / 1000;
  const after = await heapBytes(cdp);
  const grown = ((after - before) / 1e6).toFixed(1);
  row(
    `heap after GC over ${EVENTS} events (${Math.round(EVENTS / seconds)}/s)`,
    `${grown} MB more (${(before / 1e6).toFixed(1)} → ${(after / 1e6).toFixed(1)} MB)`,
    "≤ 10 MB more",
  );
});

function row(what: string, measured: string, bar: string, floor = "(none)"): void {
  console.log(`| ${what} | ${measured} | ${bar} | ${floor} |`);
}

function times(all: readonly number[]): string {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (${sorted.length})`;
}

let events = 0;

function event(person: number, text: string): object {
  events++;
  return {
    type: "message",
    mode: "active",
    timestamp: Date.now(),
    webhookEventId: `01BENCH${events.toString(36).toUpperCase().padStart(19, "0")}`,
    deliveryContext: { isRedelivery: false },
    source: { type: "user", userId: `U${person.toString(16).padStart(32, "0")}` },
    message: { id: String(500_000_000_000 + events), type: "text", text, quoteToken: "q" },
  };
}

async function webhook(desk: Desk, all: readonly object[]): Promise<void> {
  const body = JSON.stringify({ destination: `U${"f".repeat(32)}`, events: all });
  const signature = createHmac("sha256", "simulated-channel-secret").update(body).digest("base64");
  const headers = { "content-type": "application/json", "x-line-signature": signature };
  const answer = await fetch(`${desk.url}/line/webhook`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`webhook: ${answer.status} ${await answer.text()}`);
}

function every(ms: number, act: (turn: number) => Promise<void>): { stop: () => void } {
  let turn = 0;
  const timer = setInterval(() => void act(turn++), ms);
  return { stop: () => clearInterval(timer) };
}

/** Scrolls until the desk has no more rows; how many there are then. */
async function loadAllRows(page: Page): Promise<number> {
  return await page.evaluate(async (most) => {
    const scroller = () => document.querySelector<HTMLElement>(".rows");
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let height = 0;
    for (let still = 0; still < 120; ) {
      const box = scroller();
      if (box) box.scrollTop = box.scrollHeight;
      await frame();
      still = box && box.scrollHeight > height ? 0 : still + 1;
      height = box?.scrollHeight ?? 0;
    }
    const last = [...document.querySelectorAll("[aria-posinset]")].map((one) =>
      Number(one.getAttribute("aria-posinset")),
    );
    const box = scroller();
    if (box) box.scrollTop = 0;
    await frame();
    return Math.min(most, Math.max(...last));
  }, CONVERSATIONS);
}

/** From the key's own time stamp to after the frame that follows it, in milliseconds. */
async function keysToFrames(page: Page, keys: number, key: (turn: number) => string): Promise<number[]> {
  await page.evaluate(() => {
    const taken: number[] = [];
    Object.assign(window, { taken });
    addEventListener(
      "keydown",
      (pressed) => {
        const at = pressed.timeStamp;
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => taken.push(performance.now() - at);
          port2.postMessage(null);
        });
      },
      true,
    );
  });
  for (let turn = 0; turn < keys; turn++) {
    const next = performance.now() + KEY_EVERY_MS;
    await page.keyboard.press(key(turn));
    await setTimeout(next - performance.now());
  }
  return await page.evaluate(() => {
    const { taken } = Object.assign({ taken: [] }, window);
    return [...taken].map(Number);
  });
}

/** The same keys where nothing happens: what the browser and the machine cost. */
async function keysOnAnEmptyPage(page: Page, keys: number): Promise<number[]> {
  const empty = await page.context().newPage();
  await empty.goto("/healthz");
  const taken = await keysToFrames(empty, keys, () => "k");
  await empty.close();
  return taken;
}

/** Rows that were not open before, one after the other. */
async function openings(page: Page, count: number): Promise<number[]> {
  return await page.evaluate(async (most) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const taken: number[] = [];
    for (let place = 1; place <= most; place++) {
      const row = document.querySelector<HTMLElement>(
        `[aria-posinset="${place + 1}"] a, a[aria-posinset="${place + 1}"]`,
      );
      if (!row) break;
      row.scrollIntoView({ block: "nearest" });
      await frame();
      await frame();
      const href = row.getAttribute("href") ?? "";
      // The thread before does not count.
      const left = document.querySelector("[role=log]");
      const isThere = () => {
        const log = document.querySelector("[role=log]");
        return location.pathname === href && log !== left && log?.querySelector("article, [role=article]");
      };
      const began = performance.now();
      row.click();
      while (!isThere() && performance.now() - began < 5_000) await frame();
      taken.push(performance.now() - began);
    }
    return taken;
  }, count);
}

async function heapBytes(cdp: CDPSession): Promise<number> {
  for (let turn = 0; turn < 3; turn++) await cdp.send("HeapProfiler.collectGarbage");
  return (await cdp.send("Runtime.getHeapUsage")).usedSize;
}
