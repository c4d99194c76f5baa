// @vitest-environment node
// Many small disasters, by seed: at the end the screen shows what the desk has, and each text is there once and in order.
import { expect, test } from "vitest";
import { FakeBrowser } from "./testing/browser";
import { Clock, seeded } from "./testing/clock";
import { CALM, type Chances, ScriptedDesk } from "./testing/desk";
import { Screen } from "./testing/screen";

/** Seeds that once failed. */
const KEPT: readonly number[] = [4, 5, 22, 32, 34];
const SEEDS = Number(process.env.LINEDESK_FUZZ_SEEDS ?? 300);
const FIRST = Number(process.env.LINEDESK_FUZZ_FIRST ?? 1);
const CONVERSATIONS = [1, 2, 3];
const STEPS = 60;

const ROUGH: Chances = {
  twice: 0.05,
  rateLimit: 0.1,
  unavailable: 0.05,
  internal: 0.05,
  forbidden: 0.03,
  dropAfterSend: 0.08,
  lostJoin: 0.05,
};

type Sent = { text: string; temp: string; page: Screen; tab: number; conversation: number };

class Story {
  readonly clock = new Clock();
  readonly random: () => number;
  readonly browser: FakeBrowser;
  readonly desk: ScriptedDesk;
  readonly pages: Screen[] = [];
  readonly sent: Sent[] = [];
  /** By their `temp_id`. */
  readonly discarded = new Set<string>();
  readonly restored = new Set<string>();
  readonly wrong: string[] = [];
  #texts = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.browser = new FakeBrowser(this.clock, this.random);
    this.desk = new ScriptedDesk(this.clock, this.random);
  }

  async run(): Promise<void> {
    const tabs = this.random() < 0.3 ? 2 : 1;
    this.browser.hasLocks = this.random() < 0.8;
    this.browser.failures = tabs === 1 && this.random() < 0.3 ? 0.1 : 0;
    for (const conversation of CONVERSATIONS) this.desk.write(conversation, "hello", "customer");
    if (this.random() < 0.3) for (let n = 0; n < 70; n++) this.desk.write(1, `long ago ${n}`, "customer");
    await this.clock.pass(100);
    for (let tab = 0; tab < tabs; tab++) this.#openPage(tab);
    this.desk.chances = ROUGH;
    for (let step = 0; step < STEPS; step++) {
      this.#act();
      await this.clock.pass(this.random() * 600);
    }
    await this.#heal();
    this.#check();
  }

  #openPage(tab: number): void {
    const page = new Screen(this.browser, this.desk);
    this.pages[tab] = page;
    page.open(this.#any(CONVERSATIONS));
    page.load();
  }

  #any<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.random() * list.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  #act(): void {
    const { desk } = this;
    const tab = Math.floor(this.random() * this.pages.length);
    const page = this.pages[tab];
    if (!page) return;
    const conversation = this.#any(CONVERSATIONS);
    const roll = this.random();
    if (roll < 0.3) this.#send(page, tab, conversation);
    else if (roll < 0.45) desk.write(conversation, `customer ${desk.head}`, "customer");
    else if (roll < 0.52) desk.write(conversation, `colleague ${desk.head}`, "colleague");
    else if (roll < 0.56) desk.withdraw(conversation, this.#any(desk.messages.get(conversation) ?? []).id);
    else if (roll < 0.6) for (let n = 0; n < 25; n++) desk.touch(conversation);
    else if (roll < 0.68) page.open(this.random() < 0.1 ? null : conversation);
    else if (roll < 0.76) this.#cut(this.#any([1006, 1001, 1012, 4002, 4008, null]));
    else if (roll < 0.8) this.#goOffline(page);
    else if (roll < 0.84) this.#reload(page, tab);
    else if (roll < 0.87) desk.goodTokens.clear();
    else if (roll < 0.9) desk.latency = this.#any([2, 50, 400, 3000]);
    else if (roll < 0.93) this.#decide(page);
    else if (roll < 0.95) this.#doubt(page);
    else if (roll < 0.97) page.tab.fire(this.#any(["online", "offline", "return"]));
    else page.realtime.tryNow();
  }

  #send(page: Screen, tab: number, conversation: number): void {
    const burst = this.random() < 0.3 ? 4 : 1;
    for (let n = 0; n < burst; n++) {
      this.#texts++;
      const text = `mine ${this.#texts}`;
      const result = page.realtime.send(conversation, text, null);
      if (result.ok) this.sent.push({ text, temp: result.temp_id, page, tab, conversation });
    }
  }

  #cut(code: number | null): void {
    for (const connection of this.desk.connections) connection.end(code);
  }

  #goOffline(page: Screen): void {
    this.desk.isOnline = false;
    this.#cut(this.random() < 0.5 ? 1006 : null);
    if (this.random() < 0.5) page.tab.fire("offline");
    this.clock.after(this.random() * 5000, () => {
      this.desk.isOnline = true;
      if (!page.tab.isClosed) page.tab.fire("online");
    });
  }

  #reload(page: Screen, tab: number): void {
    this.wrong.push(...page.wrong);
    page.tab.close();
    this.#openPage(tab);
  }

  /** The operator decides about what was refused. */
  #decide(page: Screen): void {
    for (const { state, temp_id } of page.outbox) {
      if (state !== "refused") continue;
      if (this.random() < 0.5) page.realtime.sendAgain(temp_id);
      else this.#discard(page, temp_id);
    }
  }

  /** The operator throws away something that waits, and may want it back. */
  #doubt(page: Screen): void {
    const waiting = page.outbox.filter(({ state }) => state !== "refused");
    if (waiting.length === 0) return;
    const { temp_id } = this.#any(waiting);
    this.#discard(page, temp_id);
    if (this.random() < 0.5) this.clock.after(this.random() * 6000, () => this.#restore(page, temp_id));
  }

  #discard(page: Screen, tempId: string): void {
    const isOnItsWay = page.outbox.find(({ temp_id }) => temp_id === tempId)?.state === "sending";
    const isDone = page.realtime.discard(tempId);
    if (isDone === isOnItsWay) this.wrong.push(`discarding ${tempId}: ${isDone}`);
    if (isDone) this.discarded.add(tempId);
  }

  /** It goes to the end, so its place in the order is no matter any more; that it is there once is. */
  #restore(page: Screen, tempId: string): void {
    if (page.tab.isClosed) return;
    // From now on it must not be lost, once it is kept again.
    this.discarded.delete(tempId);
    this.browser.everKept.delete(tempId);
    this.restored.add(tempId);
    page.realtime.restore(tempId);
  }

  async #heal(): Promise<void> {
    const { desk } = this;
    desk.chances = CALM;
    desk.latency = 5;
    desk.isOnline = true;
    await this.clock.pass(90_000);
    for (const page of this.pages) this.#decide(page);
    for (const conversation of CONVERSATIONS) desk.write(conversation, "goodbye", "customer");
    await this.clock.pass(90_000);
  }

  #check(): void {
    for (const page of this.pages) {
      this.wrong.push(...page.wrong);
      expect(page.realtime.state.kind).toBe("live");
      expect(page.outbox).toEqual([]);
      expect(page.realtime.seq).toBe(this.desk.head);
      for (const conversation of CONVERSATIONS) {
        expect(page.summaries.get(conversation)?.unread_count).toBe(this.desk.versions.get(conversation));
      }
      const shown = [...page.thread.values()].sort((one, other) => one.id - other.id);
      const room = page.realtime.room;
      expect(page.threadOf).toBe(room);
      if (room !== null) {
        expect(shown.length).toBeGreaterThan(0);
        const stored = this.desk.messages.get(room) ?? [];
        expect(shown).toEqual(stored.slice(-shown.length));
      }
    }
    expect(this.browser.rows).toEqual([]);
    expect(this.wrong).toEqual([]);
    for (const conversation of CONVERSATIONS) this.#checkTexts(conversation);
  }

  #checkTexts(conversation: number): void {
    const stored = (this.desk.messages.get(conversation) ?? []).filter(({ temp_id }) => temp_id !== undefined);
    const byTemp = new Map<string, number>();
    for (const { temp_id = "" } of stored) byTemp.set(temp_id, (byTemp.get(temp_id) ?? 0) + 1);
    const order = new Map(stored.map(({ temp_id }, at) => [temp_id, at]));
    const last = new Map<number, number>();
    for (const { text, temp, page, tab, conversation: to } of this.sent) {
      if (to !== conversation) continue;
      const times = byTemp.get(temp) ?? 0;
      const mayBeLost = this.discarded.has(temp) || (page.tab.isClosed && !this.browser.everKept.has(temp));
      if (times !== 1 && !(times === 0 && mayBeLost)) this.wrong.push(`${text} is there ${times} times`);
      const at = order.get(temp);
      if (at === undefined || this.desk.refused.has(text) || this.restored.has(temp)) continue;
      if (at < (last.get(tab) ?? -1)) this.wrong.push(`${text} is out of order`);
      last.set(tab, at);
    }
    expect(this.wrong).toEqual([]);
  }
}

async function failureOf(seed: number): Promise<string | null> {
  try {
    await new Story(seed).run();
    return null;
  } catch (error) {
    const what = error instanceof Error && "actual" in error ? JSON.stringify(error.actual).slice(0, 600) : "";
    return `seed ${seed}: ${error instanceof Error ? error.message : String(error)} ${what}`;
  }
}

test("seeded disasters end in the truth", { timeout: 120_000 }, async () => {
  const failures: string[] = [];
  for (const seed of [...KEPT, ...Array.from({ length: SEEDS }, (_, n) => FIRST + n)]) {
    const failure = await failureOf(seed);
    if (failure) failures.push(failure);
    if (failures.length >= 5) break;
  }
  expect(failures).toEqual([]);
});
