// The list as an operator meets it. jsdom lays nothing out, so sizes are given.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { setLocale } from "../../catalogue/catalogue";
import type { Locale } from "../../catalogue/messages";
import type { DeskState } from "../../desk/types";
import type { LastMessage, Session, Summary } from "../../protocol";
import {
  answer,
  change,
  counts,
  fakeDesk,
  lastMessage,
  ME,
  NOW,
  renderWithDesk,
  session,
  summary,
  tag,
  thread,
  waiting,
  withRows,
} from "../../testing/fake-desk";
import { listenForKeys } from "../keyboard/dispatch";
import { ConversationList } from "./list";

const drawn = vi.hoisted(() => new Map<string, number>());
// Every row draws one picture each time it renders: a render counter that production code knows nothing of.
vi.mock("../../ui/avatar", async (original) => ({
  ...(await original<typeof import("../../ui/avatar")>()),
  Avatar: ({ name }: { name: string }) => {
    drawn.set(name, (drawn.get(name) ?? 0) + 1);
    return null;
  },
}));

const VIEWPORT = 600;

// The shared ticker outlives a test, so time never goes back.
let now = NOW;
function nextHour() {
  now += 3_600_000;
  vi.useFakeTimers({ now });
}
const waits = (seconds: number, over: Partial<Session> = {}) =>
  waiting(0, { started_at: new Date(now - seconds * 1000).toISOString(), ...over });

beforeEach(() => {
  drawn.clear();
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(VIEWPORT);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(340);
  vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(1_000_000);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(60);
  HTMLElement.prototype.scrollTo = function (this: HTMLElement, options?: ScrollToOptions | number) {
    if (typeof options === "object") this.scrollTop = options.top ?? 0;
    this.dispatchEvent(new Event("scroll"));
  };
});

function show(over: Partial<DeskState> = {}, path = "/all") {
  const desk = fakeDesk(over);
  const place = memoryLocation({ path, record: true });
  renderWithDesk(
    <Router hook={place.hook} searchHook={place.searchHook}>
      <ConversationList />
    </Router>,
    desk,
  );
  return { desk, place };
}

const many = (count: number): Summary[] =>
  Array.from({ length: count }, (_, n) => summary({ id: n + 1, display_name: `Customer ${n + 1}` }));

const rows = () => within(screen.getByRole("list", { name: "Conversations" })).getAllByRole("link");

describe("rows", () => {
  it("draws few of ten thousand, and says how many there are", () => {
    show(withRows(many(10_000)));
    expect(rows().length).toBeLessThan(40);
    const first = rows()[0]?.closest("li");
    expect(first?.getAttribute("aria-setsize")).toBe("10000");
    expect(first?.getAttribute("aria-posinset")).toBe("1");
  });

  it("renders one row for one event", () => {
    const all = many(8);
    const { desk } = show(withRows(all));
    drawn.clear();
    act(() => change(desk, summary({ id: 3, display_name: "Customer 3", unread_count: 2 })));
    expect([...drawn]).toEqual([["Customer 3", 1]]);
    act(() => desk.store.setState({ typing: new Map([[5, [{ id: 2, name: "Nok" }]]]) }));
    expect([...drawn.keys()]).toEqual(["Customer 3", "Customer 5"]);
  });

  it("renders no row when the clock moves", () => {
    nextHour();
    show(withRows([summary({ session: waits(72) })]));
    expect(screen.getByText("01:12")).toBeTruthy();
    drawn.clear();
    act(() => vi.advanceTimersByTime(2000));
    expect(screen.getByText("01:14")).toBeTruthy();
    expect(drawn.size).toBe(0);
    vi.useRealTimers();
  });

  it("says in one sentence what the marks show", () => {
    const row = summary({
      source_type: "group",
      display_name: "三年二班家長群",
      unread_count: 12,
      session: session({ operator_id: 2, operator_name: "Nok" }),
      tags: [tag(), tag({ id: 2, name: "VIP" }), tag({ id: 3, name: "Late" })],
      last_message: lastMessage({ message_type: "image", content: "" }),
    });
    show({ ...withRows([row]), typing: new Map([[1, [{ id: 3, name: "Ken" }]]]) });
    const link = screen.getByRole("link", { name: /三年二班家長群/ });
    const name = link.querySelector(".sr")?.textContent;
    expect(name).toMatch(
      /^三年二班家長群, Group, 12 unread, Photo, .*, Answered by Nok, Ken is typing, Tags: Refund, VIP, Late$/,
    );
    expect(link.querySelector('.sr [lang="zh-Hant"]')).toBeTruthy();
    expect(link.querySelector(".tag.more")?.textContent).toBe("+1");
  });

  it("names who said it", () => {
    const mine = summary({
      id: 1,
      session: session(),
      last_message: lastMessage({ sender_role: "ADMIN", direction: "OUTGOING", operator_id: ME.id, content: "Yes" }),
    });
    const bots = summary({
      id: 2,
      last_message: lastMessage({ sender_role: "BOT", direction: "OUTGOING", content: "Hi" }),
    });
    show(withRows([mine, bots]));
    expect(rows()[0]?.querySelector(".snip")?.textContent).toBe("You: Yes");
    expect(rows()[1]?.querySelector(".snip")?.textContent).toBe("Bot: Hi");
  });

  it.each<[Locale, string, string]>([
    ["en", "You: Yes", "Bot: Hi"],
    ["th", "คุณ: Yes", "บอต: Hi"],
    ["ja", "あなた：Yes", "ボット：Hi"],
    ["zh-TW", "您：Yes", "機器人：Hi"],
  ])("puts the words right after the name, as %s does", async (locale, mine, bots) => {
    await setLocale(locale);
    const of = (id: number, over: Partial<LastMessage>) =>
      summary({ id, last_message: lastMessage({ direction: "OUTGOING", ...over }) });
    show(
      withRows([
        of(1, { sender_role: "ADMIN", operator_id: ME.id, content: "Yes" }),
        of(2, { sender_role: "BOT", content: "Hi" }),
      ]),
    );
    const said = [...document.querySelectorAll(".snip")].map((one) => one.textContent);
    await setLocale("en");
    expect(said).toEqual([mine, bots]);
    expect(document.body.textContent).not.toContain("： ");
  });

  it("says that something of mine did not go out, when it is known", () => {
    const row = summary({ last_message: lastMessage({ id: 9, content: "Hello" }) });
    const failed = answer({ id: 9, content: "Hello", delivery: { state: "failed", cost: null } });
    show({ ...withRows([row]), threads: new Map([[1, thread({ messages: [failed] })]]) });
    expect(rows()[0]?.querySelector(".snip.bad")?.textContent).toBe("Not sent: Hello");
  });

  it("marks the one that is open", () => {
    show({ ...withRows(many(3)), openId: 2 });
    expect(rows().map((row) => row.getAttribute("aria-current"))).toEqual([null, "true", null]);
    expect(rows()[1]?.tabIndex).toBe(0);
  });

  it("keeps what is in sight when another row goes to the top", () => {
    const all = many(100);
    const { desk } = show(withRows(all));
    const box = document.querySelector<HTMLElement>(".rows");
    act(() => box?.scrollTo({ top: 2000 }));
    const last = all.at(-1);
    act(() => desk.store.setState(withRows([...(last ? [last] : []), ...all.slice(0, -1)])));
    expect(box?.scrollTop).toBe(2062);
  });

  it("loads more once as the end comes near", async () => {
    const { desk } = show(withRows(many(25), { hasMore: true, total: 90 }));
    await waitFor(() => expect(desk.loadMoreRows).toHaveBeenCalledTimes(1));
    act(() => desk.store.setState(withRows(many(60), { hasMore: true, total: 90 })));
    expect(desk.loadMoreRows).toHaveBeenCalledTimes(1);
  });
});

describe("waiting", () => {
  beforeEach(() => {
    nextHour();
    return () => {
      vi.useRealTimers();
    };
  });
  const phase = () => document.querySelector(".when")?.className;

  it("comes near its target and passes it", () => {
    show(withRows([summary({ session: waits(239) })]));
    expect(phase()).toBe("when is-wait");
    act(() => vi.advanceTimersByTime(1000));
    expect(phase()).toBe("when is-wait is-near");
    act(() => vi.advanceTimersByTime(60_000));
    expect(document.querySelector(".when")?.textContent).toBe("05:00 over");
  });

  it("takes the target that the desk told", () => {
    show({ ...withRows([summary({ session: waits(50) })]), targetSeconds: 60 });
    expect(phase()).toBe("when is-wait is-near");
    expect(document.querySelector<HTMLElement>(".wait i")?.style.getPropertyValue("--f")).toBe("83%");
  });

  it("makes room for its bar as it begins, and gives it back", () => {
    const { desk } = show({ ...withRows(many(3)), targetSeconds: null });
    const places = () => [...document.querySelectorAll("li")].map(({ style }) => `${style.height} ${style.transform}`);
    const plain = ["60px translateY(4px)", "60px translateY(66px)", "60px translateY(128px)"];
    expect(places()).toEqual(plain);
    act(() => change(desk, summary({ id: 1, session: waits(10) })));
    expect(places()).toEqual(plain);
    act(() => desk.store.setState({ targetSeconds: 300 }));
    expect(places()).toEqual(["70px translateY(4px)", "60px translateY(76px)", "60px translateY(138px)"]);
    act(() => change(desk, summary({ id: 1, session: null })));
    expect(places()).toEqual(plain);
  });

  it("shows no bar where the desk has no target", () => {
    show({ ...withRows([summary({ session: waits(40_000) })]), targetSeconds: null });
    expect(phase()).toBe("when is-wait");
    expect(document.querySelector(".wait")).toBeNull();
    expect(screen.getByRole("link", { name: /Waiting 11:06:40/ })).toBeTruthy();
  });

  it("shows no bar for what began outside business hours", () => {
    show(withRows([summary({ session: waits(40_000, { after_hours: true }) })]));
    expect(phase()).toBe("when is-wait");
    expect(document.querySelector(".wait")).toBeNull();
  });

  it("tells the longest wait only when all who wait are known", () => {
    const both = [summary({ id: 1, session: waits(30) }), summary({ id: 2, session: waits(90) })];
    const { desk } = show({ ...withRows(both), counts: counts({ waiting: 2, active: 0 }) });
    expect(screen.getByRole("link", { name: /longest wait: 01:30/ })).toBeTruthy();
    act(() => desk.store.setState({ counts: counts({ waiting: 3, active: 0 }) }));
    expect(screen.queryByRole("link", { name: /longest wait/ })).toBeNull();
  });
});

describe("keys", () => {
  it("moves one stop through the rows, and opens it", async () => {
    const user = userEvent.setup();
    const { place } = show({ ...withRows(many(100)), openId: 2 });
    rows()[1]?.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.getAttribute("data-id")).toBe("4");
    await user.keyboard("{End}");
    expect(document.activeElement?.getAttribute("data-id")).toBe("100");
    await user.keyboard("{Home}{ArrowUp}");
    expect(document.activeElement?.getAttribute("data-id")).toBe("1");
    expect(rows().filter((row) => row.tabIndex === 0)).toHaveLength(1);
    await user.keyboard("{Enter}");
    expect(place.history.at(-1)).toBe("/c/1");
  });

  it("steps with j and k from the open conversation, and goes to lists and to the next unread", async () => {
    const stop = listenForKeys();
    const user = userEvent.setup();
    const all = many(10).map((one) => (one.id === 2 || one.id === 8 ? { ...one, unread_count: 1 } : one));
    const { place } = show({ ...withRows(all), openId: 5 });
    await user.keyboard("j");
    expect(document.activeElement?.getAttribute("data-id")).toBe("6");
    await user.keyboard("kk");
    expect(document.activeElement?.getAttribute("data-id")).toBe("4");
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    expect(place.history.at(-1)).toBe("/c/8");
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(place.history.at(-1)).toBe("/c/2");
    await user.keyboard("gq");
    expect(place.history.at(-1)).toBe("/queue");
    await user.keyboard("{Control>}/{/Control}");
    expect(place.history.at(-1)).toBe("/search");
    stop();
  });
});

describe("holding", () => {
  it("holds while the pointer or the keyboard's focus is in the rows", async () => {
    const user = userEvent.setup();
    const { desk } = show(withRows(many(3)));
    await user.hover(rows()[0] ?? document.body);
    expect(desk.holdList.mock.lastCall).toEqual([true]);
    await user.unhover(rows()[0] ?? document.body);
    await user.hover(screen.getByRole("heading"));
    expect(desk.holdList.mock.lastCall).toEqual([false]);
    act(() => rows()[0]?.focus());
    expect(desk.holdList.mock.lastCall).toEqual([true]);
    act(() => screen.getByRole("searchbox").focus());
    expect(desk.holdList.mock.lastCall).toEqual([false]);
  });

  it("lets a click's leftover focus hold nothing", async () => {
    const user = userEvent.setup();
    const { desk } = show(withRows(many(3)));
    await user.click(rows()[0] ?? document.body);
    await user.hover(screen.getByRole("heading"));
    expect(desk.holdList.mock.lastCall).toEqual([false]);
  });

  it("offers what waits to move, and lets it", async () => {
    const user = userEvent.setup();
    const { desk } = show(withRows(many(3), { isHeld: true, pending: 2 }));
    await user.click(screen.getByRole("button", { name: "2 changed, show" }));
    expect(desk.holdList.mock.calls.slice(-2)).toEqual([[false], [true]]);
  });
});

describe("filters and states", () => {
  it("shows the desk's counts, and none where none is known", () => {
    show({
      ...withRows(many(2), { status: "bot", total: 48 }),
      counts: counts({ waiting: 3, active: 12, mine: 4, bot: 48, closed: 0, all: 12_345 }),
      presence: [{ id: ME.id, name: "Arisa", status: "online", active_chats: 5 }],
    });
    const filters = within(screen.getByRole("navigation", { name: "Filters" })).getAllByRole("link");
    expect(filters.map((one) => one.textContent)).toEqual(["Queue3", "Mine5", "Active12", "Bot48", "Closed", "All12K"]);
    expect(filters[3]?.getAttribute("aria-current")).toBe("page");
    expect(filters[0]?.getAttribute("href")).toBe("/queue");
  });

  it.each([
    ["waiting", "Nobody waits. Well done."],
    ["closed", "Nothing was closed yet."],
  ] as const)("says why %s is empty", (status, words) => {
    show(withRows([], { status }));
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("shows a skeleton only after 200 ms", () => {
    vi.useFakeTimers();
    show(withRows([], { load: { kind: "loading" } }));
    expect(screen.queryByRole("status", { name: "Loading…" })).toBeNull();
    act(() => vi.advanceTimersByTime(200));
    expect(screen.getByRole("status", { name: "Loading…" })).toBeTruthy();
    vi.useRealTimers();
  });

  it("keeps its rows when loading failed, and tries again", async () => {
    const user = userEvent.setup();
    const fault = { code: "unavailable" as const, message: "busy", retryable: true };
    const { desk } = show(withRows(many(2), { load: { kind: "failed", fault }, status: "mine" }));
    expect(rows()).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.showList).toHaveBeenCalledWith({ status: "mine", q: "", tag: null });
  });
});

describe("the field", () => {
  it("asks when the typing pauses, by name and by tag", () => {
    vi.useFakeTimers();
    const { desk } = show(withRows(many(2), { status: "mine" }));
    const field = screen.getByRole("searchbox");
    fireEvent.change(field, { target: { value: "em" } });
    fireEvent.change(field, { target: { value: "emm" } });
    expect(desk.showList).not.toHaveBeenCalled();
    act(() => vi.advanceTimersByTime(200));
    expect(desk.showList.mock.calls).toEqual([[{ status: "mine", q: "emm", tag: null }]]);
    fireEvent.change(field, { target: { value: "#Refund" } });
    act(() => vi.advanceTimersByTime(200));
    expect(desk.showList).toHaveBeenLastCalledWith({ status: "mine", q: "", tag: "Refund" });
    vi.useRealTimers();
  });

  it("asks for no half of a word that an input method is putting together", () => {
    nextHour();
    const { desk } = show(withRows(many(3)));
    const field = screen.getByRole("searchbox");
    fireEvent.compositionStart(field);
    fireEvent.change(field, { target: { value: "に" } });
    act(() => void vi.advanceTimersByTime(2000));
    expect(desk.showList).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: "日本" } });
    fireEvent.compositionEnd(field);
    act(() => void vi.advanceTimersByTime(2000));
    expect(desk.showList.mock.calls).toEqual([[{ status: "all", q: "日本", tag: null }]]);
    vi.useRealTimers();
  });

  it("opens the full search with Enter, not while composing", async () => {
    const user = userEvent.setup();
    const { place } = show(withRows(many(2)));
    const field = screen.getByRole("searchbox");
    await user.type(field, "返金");
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    expect(place.history.at(-1)).toBe("/all");
    await user.keyboard("{Enter}");
    expect(decodeURIComponent(place.history.at(-1) ?? "")).toBe("/search?q=返金");
  });
});

describe("a new conversation", () => {
  const ID = `U${"0a".repeat(16)}`;

  it("checks both fields, starts, and opens it", async () => {
    const user = userEvent.setup();
    const { desk, place } = show(withRows([]));
    desk.startConversation.mockResolvedValueOnce(77);
    await user.click(screen.getByRole("button", { name: "New conversation" }));
    await user.click(await screen.findByRole("button", { name: "Start and send" }));
    expect(screen.getByText(/This is not a LINE user id/)).toBeTruthy();
    expect(desk.startConversation).not.toHaveBeenCalled();
    await user.type(screen.getByLabelText(/LINE user id/), ` ${ID.toUpperCase()}`);
    await user.type(screen.getByLabelText(/First message/), "Your parcel is here.");
    await user.click(await screen.findByRole("button", { name: "Start and send" }));
    expect(desk.startConversation).toHaveBeenCalledWith(ID, "Your parcel is here.");
    await waitFor(() => expect(place.history.at(-1)).toBe("/c/77"));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("keeps what was written when the desk refuses", async () => {
    const user = userEvent.setup();
    const { desk } = show(withRows([]));
    desk.startConversation.mockRejectedValueOnce({ code: "unavailable", message: "", retryable: true });
    await user.click(screen.getByRole("button", { name: "New conversation" }));
    await user.type(screen.getByLabelText(/LINE user id/), ID);
    await user.type(screen.getByLabelText(/First message/), "Hello");
    await user.click(await screen.findByRole("button", { name: "Start and send" }));
    expect(await screen.findByText(/Your text is still here/)).toBeTruthy();
    expect(screen.getByDisplayValue("Hello")).toBeTruthy();
  });
});
