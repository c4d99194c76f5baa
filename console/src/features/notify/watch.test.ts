import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Happening } from "../../desk/types";
import { answer, counts, fakeDesk, ME, message, session, summary, waiting, withRows } from "../../testing/fake-desk";
import { changeSettings, DEFAULTS } from "./settings";
import { play } from "./sound";
import { watch } from "./watch";

vi.mock("./sound", async (original) => ({ ...(await original<typeof import("./sound")>()), play: vi.fn() }));

class FakeNotification {
  static permission: NotificationPermission = "granted";
  static shown: FakeNotification[] = [];
  onclick: (() => void) | null = null;
  close = vi.fn();
  title: string;
  options: NotificationOptions;
  constructor(title: string, options: NotificationOptions) {
    this.title = title;
    this.options = options;
    FakeNotification.shown.push(this);
  }
}

const mine = summary({ id: 7, display_name: "Emma", session: session() });
const wrote: Happening = { kind: "customer_wrote", conversation: mine, message: message({ content: "Hello?" }) };
const waits: Happening = { kind: "customer_waits", conversation: summary({ id: 8, session: waiting(5) }) };

let stop = () => {};
let isFocused = false;

function start(claim = vi.fn(async () => true)) {
  const desk = fakeDesk(withRows([mine]));
  const open = vi.fn();
  const announce = vi.fn();
  stop = watch({ desk, me: ME.id, claims: { claim, stop: () => {} }, open, announce });
  return { desk, open, announce, claim };
}

const settle = () => vi.advanceTimersByTimeAsync(1_000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Notification", FakeNotification);
  vi.spyOn(document, "hasFocus").mockImplementation(() => isFocused);
  isFocused = false;
  FakeNotification.permission = "granted";
  FakeNotification.shown = [];
  vi.mocked(play).mockClear();
  changeSettings(ME.id, DEFAULTS);
  document.head.innerHTML = '<link rel="icon" href="/icon.svg">';
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("rings and notifies when the operator is elsewhere", async () => {
  const { desk } = start();
  desk.happen(wrote);
  await settle();
  expect(play).toHaveBeenCalledWith("bell", DEFAULTS.volume);
  expect(FakeNotification.shown.map((one) => [one.title, one.options.body])).toEqual([["Emma", "Wrote to you"]]);
});

it("shows the text only when that is wanted", async () => {
  changeSettings(ME.id, { shows: "text" });
  const { desk } = start();
  desk.happen(wrote);
  await settle();
  expect(FakeNotification.shown[0]?.options.body).toBe("Hello?");
});

it("opens the conversation on a click", async () => {
  const focus = vi.spyOn(window, "focus").mockImplementation(() => {});
  const { desk, open } = start();
  desk.happen(wrote);
  await settle();
  FakeNotification.shown[0]?.onclick?.();
  expect(focus).toHaveBeenCalled();
  expect(open).toHaveBeenCalledWith("/c/7");
});

describe("where only the service worker may notify (Android)", () => {
  function worker() {
    vi.stubGlobal(
      "Notification",
      class {
        static permission = "granted";
        constructor() {
          throw new TypeError("Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.");
        }
      },
    );
    const close = vi.fn();
    const registration = { showNotification: vi.fn(async () => {}), getNotifications: vi.fn(async () => [{ close }]) };
    const serviceWorker = Object.assign(new EventTarget(), {
      ready: Promise.resolve(registration),
      getRegistration: async () => registration,
    });
    vi.stubGlobal("navigator", Object.create(navigator, { serviceWorker: { value: serviceWorker } }));
    return { close, registration, serviceWorker };
  }

  it("shows by it, opens on its word, and takes down by it", async () => {
    const { close, registration, serviceWorker } = worker();
    const { desk, open } = start();
    desk.happen(wrote);
    await settle();
    expect(registration.showNotification).toHaveBeenCalledExactlyOnceWith(
      "Emma",
      expect.objectContaining({ body: "Wrote to you", silent: true, tag: "linedesk.7", data: { place: "/c/7" } }),
    );
    serviceWorker.dispatchEvent(new MessageEvent("message", { data: { clicked: "/c/7" } }));
    serviceWorker.dispatchEvent(new MessageEvent("message", { data: ["something", "else"] }));
    expect(open.mock.calls).toEqual([["/c/7"]]);
    isFocused = true;
    desk.store.setState({ openId: 7 });
    await settle();
    expect(registration.getNotifications).toHaveBeenCalledWith({ tag: "linedesk.7" });
    expect(close).toHaveBeenCalled();
  });
});

it("is quiet while the tab is looked at, but claims it, so that the other tabs are quiet too", async () => {
  isFocused = true;
  const { desk, claim, announce } = start();
  desk.happen(wrote);
  expect(announce).toHaveBeenCalledWith(wrote);
  await settle();
  expect(claim).toHaveBeenCalledTimes(1);
  expect(play).not.toHaveBeenCalled();
  expect(FakeNotification.shown).toEqual([]);
});

it("ticks for the queue while looked at, when that is chosen", async () => {
  isFocused = true;
  changeSettings(ME.id, { hasTick: true });
  const { desk } = start();
  desk.happen(waits);
  await settle();
  expect(play).toHaveBeenCalledWith("tick", DEFAULTS.volume);
});

it("leaves it to another tab that has it", async () => {
  const { desk } = start(vi.fn(async () => false));
  desk.happen(wrote);
  await settle();
  expect(play).not.toHaveBeenCalled();
  expect(FakeNotification.shown).toEqual([]);
});

it("rings once for what happens at once", async () => {
  const { desk } = start();
  desk.happen(wrote);
  desk.happen(waits);
  await settle();
  expect(play).toHaveBeenCalledTimes(1);
  expect(FakeNotification.shown).toHaveLength(2);
});

it("asks the browser for nothing by itself", async () => {
  FakeNotification.permission = "default";
  const { desk } = start();
  desk.happen(wrote);
  await settle();
  expect(FakeNotification.shown).toEqual([]);
});

it("shows in title and icon what waits, until it does not", async () => {
  const { desk } = start();
  const icon = () => document.querySelector("link")?.getAttribute("href");
  desk.store.setState({ counts: counts({ waiting: 2, active: 1 }) });
  desk.happen({ kind: "mentioned", conversation: mine, message: answer({ message_type: "note" }) });
  await settle();
  expect(document.title).toBe("(3) linedesk");
  expect(icon()).toMatch(/^data:image\/svg\+xml,/);

  desk.store.setState({ counts: counts({ waiting: 0, active: 1 }) });
  isFocused = true;
  desk.store.setState({ openId: 7 });
  await settle();
  expect(document.title).toBe("linedesk");
  expect(icon()).toMatch(/\/icon\.svg$/);
});

it("takes the notification away when the conversation is looked at", async () => {
  const { desk } = start();
  desk.happen(wrote);
  await settle();
  isFocused = true;
  desk.store.setState({ openId: 7 });
  await settle();
  expect(FakeNotification.shown[0]?.close).toHaveBeenCalled();
});

describe("a message that was withdrawn (WH6)", () => {
  const text = message({ id: 50, content: "my card is 4242" });
  const before = summary({ id: 7, display_name: "Emma", session: session(), last_message: text, unread_count: 2 });
  const happening: Happening = { kind: "customer_wrote", conversation: before, message: text };
  const withdrawn = { ...text, content: "", unsent_at: text.created_at };
  const now = (change: Partial<typeof before>) => ({ conversations: new Map([[7, { ...before, ...change }]]) });

  beforeEach(() => changeSettings(ME.id, { shows: "text" }));

  it("is taken from the screen", async () => {
    const { desk } = start();
    desk.store.setState(now({}));
    desk.happen(happening);
    await settle();
    expect(FakeNotification.shown[0]?.options.body).toBe("my card is 4242");
    expect(FakeNotification.shown[0]?.close).not.toHaveBeenCalled();
    desk.store.setState(now({ last_message: withdrawn }));
    await settle();
    expect(FakeNotification.shown[0]?.close).toHaveBeenCalled();
  });

  it("is taken away too when another came after it", async () => {
    const { desk } = start();
    desk.store.setState(now({}));
    desk.happen(happening);
    await settle();
    desk.store.setState(now({ last_message: answer({ id: 51 }) }));
    await settle();
    expect(FakeNotification.shown[0]?.close).not.toHaveBeenCalled();
    desk.store.setState({ withdrawn: [49, 50] });
    await settle();
    expect(FakeNotification.shown[0]?.close).toHaveBeenCalled();
  });

  it("is not told of when it went before the notification was to come", async () => {
    const { desk } = start();
    desk.happen(happening);
    desk.store.setState(now({ last_message: withdrawn }));
    await settle();
    expect(FakeNotification.shown).toEqual([]);
  });
});
