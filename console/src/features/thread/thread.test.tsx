import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DeskState, Thread } from "../../desk/types";
import type { Message } from "../../protocol";
import type { Fault, OutboxEntry } from "../../realtime/types";
import {
  answer,
  at,
  change as changeRow,
  type FakeDesk,
  fakeDesk,
  message,
  renderWithDesk,
  session,
  summary,
  thread,
} from "../../testing/fake-desk";
import { Toasts } from "../../ui/toasts";
import { takeRestored } from "../composer/quote";
import { ThreadView } from "./thread";

/** What the browser would tell of what is in sight. */
class Sight implements IntersectionObserver {
  static all: Sight[] = [];
  readonly root = null;
  readonly rootMargin = "";
  readonly scrollMargin = "";
  readonly thresholds = [];
  readonly observed = new Set<Element>();
  readonly #told: IntersectionObserverCallback;
  constructor(told: IntersectionObserverCallback) {
    this.#told = told;
    Sight.all.push(this);
  }
  observe = (target: Element) => void this.observed.add(target);
  unobserve = (target: Element) => void this.observed.delete(target);
  disconnect = () => this.observed.clear();
  takeRecords = () => [];
  see(...ids: number[]): void {
    const rect = new DOMRect();
    const seen = [...this.observed].filter((one) => one instanceof HTMLElement && ids.includes(Number(one.dataset.id)));
    const entries = seen.map((target) => ({
      target,
      isIntersecting: true,
      intersectionRatio: 1,
      boundingClientRect: rect,
      intersectionRect: rect,
      rootBounds: null,
      time: 0,
    }));
    act(() => this.#told(entries, this));
  }
}

beforeEach(() => {
  Sight.all = [];
  vi.stubGlobal("IntersectionObserver", Sight);
  vi.stubGlobal("DOMRect", class {});
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  history.replaceState(null, "", "/c/1");
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const MINE = summary({ session: session() });

function show(messages: readonly Message[], over: Partial<Thread> = {}, state: Partial<DeskState> = {}): FakeDesk {
  const desk = fakeDesk({
    conversations: new Map([[1, MINE]]),
    threads: new Map([[1, thread({ messages, ...over })]]),
    openId: 1,
    ...state,
  });
  renderWithDesk(<ThreadView id={1} />, desk);
  return desk;
}

function change(desk: FakeDesk, over: Partial<Thread>): void {
  act(() =>
    desk.store.setState(({ threads }) => ({
      threads: new Map(threads).set(1, { ...thread(), ...threads.get(1), ...over }),
    })),
  );
}

const log = () => screen.getByRole("log");
const row = (id: number) => {
  const found = log().querySelector(`[data-id="${id}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`no row ${id}`);
  return found;
};

/** Lays the log out: `below` pixels are left to scroll. */
function layOut(below: number): void {
  const it = log();
  Object.defineProperties(it, {
    clientHeight: { configurable: true, value: 500 },
    scrollHeight: { configurable: true, value: 5000 },
    scrollTop: { configurable: true, writable: true, value: 4500 },
  });
  // The box has its height; only then does the eye move.
  fireEvent.scroll(it);
  it.scrollTop = 4500 - below;
  fireEvent.scroll(it);
}

describe("delivery marks", () => {
  test.each<[NonNullable<Message["delivery"]>, string]>([
    [{ state: "queued", cost: null }, "Waiting to send"],
    [{ state: "sending", cost: null }, "Sending"],
    [{ state: "accepted", cost: "free" }, "Sent · free reply"],
    [{ state: "accepted", cost: "paid" }, "Sent · paid message"],
  ])("%j is a mark with words for those who cannot see it", (delivery, words) => {
    show([answer({ id: 2, delivery })]);
    const mark = screen.getByRole("img", { name: words });
    expect(mark.title).toBe(words);
  });

  test("failed: the reason in words, the code under details, retry and delete", async () => {
    const delivery = { state: "failed", cost: null, code: "line_unavailable", error: "503", retryable: true } as const;
    const desk = show([answer({ id: 2, delivery })]);
    const mine = within(row(2));
    expect(row(2).textContent).toContain("Not sent: LINE could not be reached. Try again.");
    expect(mine.getByText("line_unavailable · 503").closest("details")?.open).toBe(false);
    await userEvent.click(mine.getByRole("button", { name: "Retry" }));
    expect(desk.retry).toHaveBeenCalledWith(2);
    await userEvent.click(mine.getByRole("button", { name: "Delete" }));
    expect(desk.cancel).toHaveBeenCalledWith(2);
  });

  test("a refused retry says why, beside its message", async () => {
    const desk = show([
      answer({ id: 2, delivery: { state: "failed", cost: null, code: "line_unavailable", retryable: true } }),
    ]);
    const fault: Fault = { code: "forbidden", message: "no", retryable: false, request_id: "r-1" };
    desk.retry.mockRejectedValueOnce(fault);
    await userEvent.click(screen.getByRole("button", { name: "Retry" }));
    const note = await within(row(2)).findByRole("alert");
    expect(note.textContent).toContain("It was not sent again.");
    expect(note.textContent).toContain("r-1");
  });

  test("unknown: asked before it is sent twice", async () => {
    const desk = show([
      answer({ id: 2, delivery: { state: "unknown", cost: null, code: "line_unavailable", retryable: true } }),
    ]);
    expect(row(2).textContent).toContain("LINE did not confirm. It may have arrived.");
    await userEvent.click(screen.getByRole("button", { name: "Send again?" }));
    const asked = await screen.findByRole("dialog");
    expect(asked.textContent).toContain("Emma will see it twice");
    expect(desk.retry).not.toHaveBeenCalled();
    await userEvent.click(within(asked).getByRole("button", { name: "Send again" }));
    expect(desk.retry).toHaveBeenCalledWith(2);
  });

  test("withheld says why", () => {
    show([answer({ id: 2, delivery: { state: "withheld", cost: null, code: "recipient_unreachable" } })]);
    expect(row(2).textContent).toContain("Not sent: they blocked this account");
  });

  test("nobody else may act on it", () => {
    const others = summary({ session: session({ operator_id: 2, operator_name: "Nok" }) });
    const failed = answer({
      id: 2,
      delivery: { state: "failed", cost: null, code: "line_unavailable", retryable: true },
    });
    show([failed], {}, { conversations: new Map([[1, others]]) });
    expect(screen.queryByRole("button", { name: "Retry" })).toBeNull();
  });
});

describe("unsent messages", () => {
  const entry = (over: Partial<OutboxEntry> = {}): OutboxEntry => ({
    temp_id: "a",
    conversation_id: 1,
    text: "On its way",
    quote_message_id: null,
    at: Date.parse(at(10)),
    state: "waiting",
    fault: null,
    isTried: false,
    ...over,
  });

  test("offline: say that they go out later, and can be discarded", async () => {
    const desk = show([message()], {}, { outbox: [entry()], connection: { kind: "offline", retryAt: 0 } });
    screen.getByRole("img", { name: "Will send when you are back online" });
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    expect(desk.discard).toHaveBeenCalledWith("a");
  });

  test("not kept by the browser: say so, as a reload loses it", () => {
    const fault: Fault = { code: "outbox_unsaved", message: "", retryable: false };
    show([message()], {}, { outbox: [entry({ fault })], connection: { kind: "offline", retryAt: 0 } });
    expect(log().textContent).toContain(
      "Will send when you are back online · This browser could not keep the message: leave this page open",
    );
  });

  test("discarded: it can be had back", async () => {
    const bo = new Map([[1, summary({ display_name: "Bo", session: session() })]]);
    const desk = show(
      [message()],
      {},
      { conversations: bo, outbox: [entry()], connection: { kind: "offline", retryAt: 0 } },
    );
    render(<Toasts />);
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    const toast = screen.getByText("Discarded your message to Bo").closest<HTMLElement>(".toast");
    await userEvent.click(within(toast ?? document.body).getByRole("button", { name: "Undo" }));
    // The message itself: its words in the field would go under another id, and perhaps twice.
    expect(desk.restore).toHaveBeenCalledExactlyOnceWith("a");
    expect(takeRestored(1)).toBeNull();
  });

  test("discarded after a try: that it may have been sent is said", async () => {
    show([message()], {}, { outbox: [entry({ isTried: true })], connection: { kind: "offline", retryAt: 0 } });
    render(<Toasts />);
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    screen.getByText(/It may have been sent before/);
  });

  test("what can be discarded no longer is not said to be", async () => {
    const cy = new Map([[1, summary({ display_name: "Cy", session: session() })]]);
    const desk = show(
      [message()],
      {},
      { conversations: cy, outbox: [entry()], connection: { kind: "offline", retryAt: 0 } },
    );
    desk.discard.mockReturnValue(false);
    render(<Toasts />);
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.queryByText(/message to Cy/)).toBeNull();
  });

  test("refused: the reason, and what can be done", async () => {
    const fault: Fault = { code: "message_too_long", message: "5001", retryable: false };
    const desk = show([message()], {}, { outbox: [entry({ state: "refused", fault })] });
    expect(log().textContent).toContain("Not sent.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.sendAgain).toHaveBeenCalledWith("a");
    await userEvent.click(screen.getByRole("button", { name: "Edit" }));
    expect(desk.discard).toHaveBeenCalledWith("a");
  });

  test("those of other conversations are not here", () => {
    show([message()], {}, { outbox: [entry({ conversation_id: 2, text: "Elsewhere" })] });
    expect(screen.queryByText("Elsewhere")).toBeNull();
  });
});

test("a withdrawn message leaves no trace, not in quotes either", () => {
  const gone = message({ id: 1, content: "my card number", payload: { text: "my card number" }, unsent_at: at(10) });
  show([gone, answer({ id: 2, quoted_message_id: 1 })]);
  expect(document.body.innerHTML).not.toContain("my card number");
  within(row(1)).getByText("Customer withdrew a message");
  within(row(2)).getByText("A withdrawn message");
});

describe("kinds", () => {
  test("unknown ones are shown with what there is to say", () => {
    show([
      message({ id: 1, message_type: "system", content: "", payload: { line_type: "hologram" } }),
      message({ id: 2, message_type: "flex", content: "", payload: { altText: "Your receipt" } }),
      answer({ id: 3, message_type: "imagemap", content: "" }),
    ]);
    within(row(1)).getByText("Something that this desk cannot show yet: hologram");
    within(row(2)).getByText("Your receipt");
    within(row(3)).getByText("Picture menu");
  });

  test("what the desk has no file of says what it is, and asks nobody for it", () => {
    show([
      message({ id: 2, message_type: "file", content: "a.pdf", payload: { file_name: "a.pdf", fileSize: 2138 } }),
      message({ id: 3, message_type: "sticker", content: "thanks", payload: { stickerId: "1" } }),
      message({ id: 4, message_type: "video", content: "", payload: { duration: 65_000 } }),
    ]);
    expect(row(2).textContent).toContain("a.pdf");
    expect(row(2).textContent).toContain("2.1 kB");
    within(row(3)).getByText("Sticker: thanks");
    expect(row(4).textContent).toContain("01:05");
    expect(log().querySelector("img, video, audio, iframe")).toBeNull();
  });

  test("links lead outside safely", () => {
    show([
      message({ id: 1, content: "see https://example.com/x. <b>no</b>" }),
      message({
        id: 2,
        message_type: "location",
        content: "Work",
        payload: { title: "Work", latitude: 13.7, longitude: 100.5 },
      }),
    ]);
    for (const link of screen.getAllByRole("link")) {
      expect(link).toHaveProperty("target", "_blank");
      expect(link.getAttribute("rel")).toContain("noopener");
      expect(link.getAttribute("href")).toMatch(/^https:/);
    }
    expect(row(1).querySelector("b")).toBeNull();
  });

  test("notes are told apart by words, bots by their mark", () => {
    show([
      answer({ id: 1, message_type: "note", content: "Call first", delivery: null }),
      answer({ id: 2, sender_role: "BOT", operator_id: null, operator_name: null }),
    ]);
    expect(row(1).textContent).toContain("only your team sees this");
    within(row(2)).getByText("Bot");
  });
});

describe("quotes", () => {
  test("a press goes to the message and marks it", async () => {
    show([message({ id: 1 }), answer({ id: 2, quoted_message_id: 1 })]);
    await userEvent.click(within(row(2)).getByRole("button", { name: /Quotes Emma/ }));
    await waitFor(() => expect(row(1).dataset.flash).toBe(""));
  });

  test("one that is not loaded is fetched first", async () => {
    const desk = show([answer({ id: 92, quoted_message_id: 3 })], { hasBefore: true });
    await userEvent.click(screen.getByRole("button", { name: /An earlier message/ }));
    expect(desk.jumpTo).toHaveBeenCalledWith(1, 3);
    change(desk, { messages: [message({ id: 3 })], hasAfter: true });
    await waitFor(() => expect(row(3).dataset.flash).toBe(""));
  });

  test("so is the one that the address names", async () => {
    history.replaceState(null, "", "/c/1?m=3");
    const desk = show([message({ id: 92 })], { hasBefore: true });
    await waitFor(() => expect(desk.jumpTo).toHaveBeenCalledWith(1, 3));
    expect(desk.jumpTo).toHaveBeenCalledTimes(1);
  });
});

describe("what is new", () => {
  test("below the fold is told by a pill, and the view stays", () => {
    const desk = show([message({ id: 1 })]);
    layOut(2000);
    change(desk, { messages: [message({ id: 1 }), message({ id: 2 }), message({ id: 3 })] });
    expect(log().scrollTop).toBe(2500);
    const pill = screen.getByRole("button", { name: "2 new messages" });
    fireEvent.click(pill);
    expect(log().scrollTop).toBe(5000);
    expect(screen.queryByRole("button", { name: /new message/ })).toBeNull();
  });

  test("at the end is simply there", () => {
    const desk = show([message({ id: 1 })]);
    layOut(0);
    change(desk, { messages: [message({ id: 1 }), message({ id: 2 })] });
    expect(screen.queryByRole("button", { name: /new message/ })).toBeNull();
    expect(log().scrollTop).toBe(5000);
  });

  test("is announced once; the history is not", () => {
    const desk = show([message({ id: 1, content: "Old" })]);
    const live = document.querySelector('[aria-live="polite"]');
    expect(live?.textContent).toBe("");
    change(desk, { messages: [message({ id: 1, content: "Old" }), message({ id: 2, content: "News" })] });
    expect(live?.textContent).toBe("Emma: News");
    expect(log().getAttribute("aria-live")).toBe("off");
  });

  test("unread has a line above it, which says since I left only where I was", () => {
    const desk = show([message({ id: 1 }), message({ id: 2 })], { readUpTo: 1 });
    expect(screen.getByText("Unread").nextElementSibling).toBe(row(2));
    expect(screen.queryByText("Since you left")).toBeNull();
    change(desk, { leftAt: 1 });
    expect(screen.getByText("Since you left").nextElementSibling).toBe(row(2));
  });

  test("while I was away has a line that says so", () => {
    const desk = show([message({ id: 1 })]);
    const shown = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
    change(desk, { messages: [message({ id: 1 }), message({ id: 2 })] });
    shown.mockRestore();
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
    expect(screen.getByText("Since you left").nextElementSibling).toBe(row(2));
  });

  test("is not shown from its end while its beginning is looked for, and not taken for read", () => {
    vi.useFakeTimers();
    const some = { conversations: new Map([[1, summary({ session: session(), unread_count: 3 })]]) };
    const last = [message({ id: 8 }), message({ id: 9 })];
    const unread = { count: 3, upTo: 9 };
    const desk = show(last, { hasBefore: true, isSeeking: true, unread }, some);
    expect(log().querySelector("[data-id]")).toBeNull();
    expect(screen.queryByText("No messages yet")).toBeNull();
    change(desk, {
      messages: [message({ id: 6 }), message({ id: 7 }), ...last],
      isSeeking: false,
      unread: null,
      readUpTo: 6,
    });
    expect(screen.getByText("Unread").nextElementSibling).toBe(row(7));
    vi.advanceTimersByTime(2000);
    expect(desk.markRead).not.toHaveBeenCalled();
  });

  test("has its pill also where some of the thread was there before", () => {
    const desk = show([message({ id: 1 })]);
    layOut(0);
    const unread = { count: 3, upTo: 9 };
    change(desk, { messages: [message({ id: 8 }), message({ id: 9 })], hasBefore: true, isSeeking: true, unread });
    change(desk, {
      messages: [message({ id: 1 }), message({ id: 7 }), message({ id: 8 }), message({ id: 9 })],
      isSeeking: false,
      unread: null,
      readUpTo: 6,
    });
    layOut(2000);
    screen.getByRole("button", { name: "3 new messages" });
  });

  test("says how much more of it is above, where there is too much", () => {
    show([message({ id: 8 }), message({ id: 9 })], { hasBefore: true, unread: { count: 700, upTo: 9 } });
    expect(screen.getByText("698 more unread above").nextElementSibling).toBe(row(8));
  });

  test("in a window of the past there is a way to the newest", async () => {
    const desk = show([message({ id: 1 })], { hasAfter: true });
    await userEvent.click(screen.getByRole("button", { name: "To the newest messages" }));
    expect(desk.jumpToEnd).toHaveBeenCalledWith(1);
  });
});

describe("reading marks", () => {
  const UNREAD = { conversations: new Map([[1, summary({ session: session(), unread_count: 2 })]]) };

  test("only what was in sight, while someone looks", () => {
    vi.useFakeTimers();
    const desk = show([message({ id: 1 }), message({ id: 2 })], {}, UNREAD);
    vi.advanceTimersByTime(1000);
    expect(desk.markRead).not.toHaveBeenCalled();
    Sight.all[0]?.see(1);
    vi.advanceTimersByTime(1000);
    expect(desk.markRead.mock.calls).toEqual([[1, 1]]);
  });

  test("not by one who looks on while a colleague answers, until the chat is theirs", () => {
    vi.useFakeTimers();
    const theirs = summary({ session: session({ operator_id: 2, operator_name: "Nok" }), unread_count: 2 });
    const desk = show([message({ id: 1 })], {}, { conversations: new Map([[1, theirs]]) });
    Sight.all[0]?.see(1);
    vi.advanceTimersByTime(1000);
    expect(desk.markRead).not.toHaveBeenCalled();
    act(() => changeRow(desk, { ...theirs, session: session() }));
    vi.advanceTimersByTime(1000);
    expect(desk.markRead).toHaveBeenCalledWith(1, 1);
  });

  test("not while the page is in the background, but on the return", () => {
    vi.useFakeTimers();
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const desk = show([message({ id: 1 })], {}, UNREAD);
    Sight.all[0]?.see(1);
    vi.advanceTimersByTime(1000);
    expect(desk.markRead).not.toHaveBeenCalled();
    focus.mockReturnValue(true);
    act(() => void dispatchEvent(new Event("focus")));
    vi.advanceTimersByTime(1000);
    expect(desk.markRead).toHaveBeenCalledWith(1, 1);
  });
});

describe("history", () => {
  test("loads the page before near the upper edge", () => {
    const desk = show([message({ id: 51 })], { hasBefore: true });
    layOut(4400);
    expect(desk.loadBefore).toHaveBeenCalledWith(1);
  });

  test("what failed waits for the operator", async () => {
    const desk = show([message({ id: 51 })], { hasBefore: true });
    const fault: Fault = { code: "unavailable", message: "", retryable: true };
    desk.loadBefore.mockRejectedValue(fault);
    layOut(4400);
    await screen.findByRole("alert");
    const asked = desk.loadBefore.mock.calls.length;
    fireEvent.scroll(log());
    expect(desk.loadBefore).toHaveBeenCalledTimes(asked);
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.loadBefore).toHaveBeenCalledTimes(asked + 1);
  });

  test("its beginning is said, and so is an empty thread", () => {
    const desk = show([message()]);
    screen.getByText("This is where it began.");
    change(desk, { messages: [] });
    screen.getByText("No messages yet");
  });

  test("a thread that cannot be loaded says why, and can be asked for again", () => {
    const fault: Fault = { code: "unavailable", message: "", retryable: true };
    const desk = show([], { load: { kind: "failed", fault } });
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.open).toHaveBeenCalledWith(1);
  });
});

describe("by keys", () => {
  test("arrows walk through the messages", async () => {
    show([message({ id: 1 }), message({ id: 2 })]);
    log().focus();
    await userEvent.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(row(2));
    await userEvent.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(row(1));
    expect(row(1).getAttribute("aria-label")).toContain("Where is my parcel?");
    within(row(1)).getByRole("button", { name: "Quote" });
  });

  test("a row has its tools only while it is pointed at or focused", () => {
    show([message({ id: 1 })]);
    expect(screen.queryByRole("button", { name: "Copy text" })).toBeNull();
    fireEvent.pointerEnter(row(1));
    screen.getByRole("button", { name: "Copy text" });
    fireEvent.pointerLeave(row(1));
    expect(screen.queryByRole("button", { name: "Copy text" })).toBeNull();
  });
});

test("colleagues who write are told", () => {
  show([message()], {}, { typing: new Map([[1, [{ id: 2, name: "Nok" }]]]) });
  screen.getByText("Nok is typing");
});
