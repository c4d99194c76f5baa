import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskState } from "../../desk/types";
import type { Message, Summary } from "../../protocol";
import type { Fault } from "../../realtime/types";
import {
  answer,
  COLLEAGUE,
  change,
  type FakeDesk,
  fakeDesk,
  lastMessage,
  ME,
  message,
  renderWithDesk,
  session,
  summary,
  thread,
  waiting,
} from "../../testing/fake-desk";
import { listenForKeys } from "../keyboard/dispatch";
import { Composer } from "./composer";
import { clearDrafts } from "./drafts";
import { restoreDraft, setQuote } from "./quote";

const MINE = summary({ session: session() });
const FULL: Fault = { code: "outbox_full", message: "full", retryable: false };

beforeEach(() => {
  clearDrafts(ME.id);
  setQuote(1, null);
});

afterEach(() => void vi.useRealTimers());

function open(about: Summary = MINE, messages: readonly Message[] = [], over: Partial<DeskState> = {}): FakeDesk {
  const desk = fakeDesk({
    openId: 1,
    conversations: new Map([[1, about]]),
    threads: new Map([[1, thread({ messages })]]),
    ...over,
  });
  renderWithDesk(<Composer id={1} />, desk);
  return desk;
}

const field = () => screen.getByRole<HTMLTextAreaElement>("textbox");
const type = (value: string) => fireEvent.change(field(), { target: { value } });
const arrive = (desk: FakeDesk, ...messages: Message[]) =>
  act(() => desk.store.setState({ threads: new Map([[1, thread({ messages })]]) }));

describe("sending", () => {
  it("sends with Enter exactly what was typed, and empties the field", async () => {
    const desk = open();
    await userEvent.type(field(), " ขอบคุณค่ะ {Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, " ขอบคุณค่ะ ", null);
    expect(field().value).toBe("");
  });

  it("breaks the line with Shift+Enter", async () => {
    const desk = open();
    await userEvent.type(field(), "one{Shift>}{Enter}{/Shift}two");
    expect(field().value).toBe("one\ntwo");
    expect(desk.send).not.toHaveBeenCalled();
  });

  it("sends nothing when nothing is there", async () => {
    const desk = open();
    await userEvent.type(field(), "  {Enter}");
    expect(desk.send).not.toHaveBeenCalled();
    expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", true);
  });

  it("keeps the text and says why when it was not taken", async () => {
    const desk = open();
    desk.send.mockReturnValueOnce({ ok: false, fault: FULL });
    await userEvent.type(field(), "hello{Enter}");
    expect(field().value).toBe("hello");
    expect(screen.getByRole("alert").textContent).toContain("Not sent; your text is still here.");
    await userEvent.type(field(), "!");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("sends the quote once", async () => {
    const desk = open(MINE, [message({ id: 9, content: "Where is it?" })]);
    act(() => setQuote(1, 9));
    expect(screen.getByText("Where is it?")).toBeTruthy();
    expect(document.activeElement).toBe(field());
    await userEvent.type(field(), "Here{Enter}Again{Enter}");
    expect(desk.send.mock.calls).toEqual([
      [1, "Here", 9],
      [1, "Again", null],
    ]);
  });

  it("neither shows nor sends a quote that was withdrawn, and keeps one that is out of the window", async () => {
    const desk = open(MINE, [message({ id: 9, content: "my card number" })]);
    act(() => setQuote(1, 9));
    expect(screen.getByText("my card number")).toBeTruthy();
    arrive(desk);
    expect(screen.getByText("An earlier message")).toBeTruthy();
    arrive(desk, message({ id: 9, content: "", unsent_at: new Date(0).toISOString() }));
    expect(screen.queryByText("Quoting")).toBeNull();
    expect(document.body.innerHTML).not.toContain("my card number");
    await userEvent.type(field(), "Here{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "Here", null);
  });
});

describe("input methods", () => {
  const enter = (over: object = {}) => fireEvent.keyDown(field(), { key: "Enter", keyCode: 13, ...over });

  it("never sends with the Enter that ends a Japanese composition", () => {
    const desk = open();
    fireEvent.compositionStart(field());
    type("にほん");
    enter({ isComposing: true, keyCode: 229 });
    type("日本");
    fireEvent.compositionEnd(field(), { data: "日本" });
    fireEvent.keyUp(field(), { key: "Enter" });
    expect(desk.send).not.toHaveBeenCalled();
    enter();
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "日本", null);
  });

  it("never sends when the browser says only 229", () => {
    const desk = open();
    type("日本");
    enter({ keyCode: 229 });
    expect(desk.send).not.toHaveBeenCalled();
  });

  it("never sends when Safari ends the composition before it tells the key", () => {
    const desk = open();
    fireEvent.compositionStart(field());
    type("日本");
    fireEvent.compositionEnd(field(), { data: "日本" });
    enter();
    expect(desk.send).not.toHaveBeenCalled();
    fireEvent.keyUp(field(), { key: "Enter" });
    enter();
    expect(desk.send).toHaveBeenCalledOnce();
  });

  it("sends Thai, which needs no composition, with its marks", async () => {
    const desk = open();
    await userEvent.type(field(), "น้ำใจ{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "น้ำใจ", null);
  });

  it("names the language of what is written", () => {
    open();
    type("สวัสดี");
    expect(field().lang).toBe("th");
  });
});

describe("the limit", () => {
  it("shows the count from 4,500 on, in UTF-16 units", () => {
    open();
    type("a".repeat(4499));
    expect(screen.getByRole("status").textContent).toBe("");
    type("😀".repeat(2250));
    expect(screen.getByRole("status").textContent).toBe("4,500 / 5,000");
  });

  it("says how many are too many, and does not send", () => {
    const desk = open();
    type("a".repeat(5012));
    expect(screen.getByRole("status").textContent).toBe("Too long by 12");
    fireEvent.keyDown(field(), { key: "Enter" });
    expect(desk.send).not.toHaveBeenCalled();
    expect(field().value).toHaveLength(5012);
  });
});

describe("drafts", () => {
  it("belong to their conversation", () => {
    const two = summary({ id: 2, session: session() });
    const desk = fakeDesk({
      conversations: new Map([
        [1, MINE],
        [2, two],
      ]),
    });
    const { rerender } = renderWithDesk(<Composer id={1} />, desk);
    type("for one");
    rerender(<Composer id={2} />);
    expect(field().value).toBe("");
    type("for two");
    rerender(<Composer id={1} />);
    expect(field().value).toBe("for one");
  });

  it("take back what could not be sent, before what is there", () => {
    open();
    type("second");
    act(() => restoreDraft(1, "first"));
    expect(field().value).toBe("first\nsecond");
  });

  it("are kept while one may not write", () => {
    const desk = open();
    type("hello");
    act(() => change(desk, summary({ session: session({ operator_id: 2, operator_name: "Nok" }) })));
    expect(screen.getByText(/What you wrote is kept/)).toBeTruthy();
    act(() => change(desk, MINE));
    expect(field().value).toBe("hello");
  });
});

describe("a colleague's answer meanwhile", () => {
  const noks = answer({ id: 5, operator_id: 2, operator_name: "Nok" });

  it("asks before sending, and sends when told to", async () => {
    const desk = open(MINE, [message({ id: 4 })]);
    await userEvent.type(field(), "hello");
    arrive(desk, message({ id: 4 }), noks);
    await userEvent.keyboard("{Enter}");
    expect(desk.send).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("Nok answered");
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Show reply" }));
    await userEvent.click(screen.getByRole("button", { name: "Send anyway" }));
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "hello", null);
  });

  it("shows the answer and asks no more", async () => {
    const desk = open(MINE, [message({ id: 4 })]);
    await userEvent.type(field(), "hello");
    arrive(desk, message({ id: 4 }), noks);
    await userEvent.click(screen.getByRole("button", { name: "Show reply" }));
    expect(location.search).toBe("?m=5");
    await userEvent.keyboard("{Enter}");
    expect(desk.send).toHaveBeenCalledOnce();
  });

  it("asks also while one reads elsewhere in the past", async () => {
    const desk = open(MINE, [], {
      threads: new Map([[1, thread({ messages: [message({ id: 4 })], hasAfter: true })]]),
      operators: [COLLEAGUE],
    });
    await userEvent.type(field(), "hello");
    const last = lastMessage({ id: 5, direction: "OUTGOING", sender_role: "ADMIN", operator_id: COLLEAGUE.id });
    act(() => change(desk, summary({ session: session(), last_message: last })));
    await userEvent.keyboard("{Enter}");
    expect(desk.send).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("Nok answered");
    await userEvent.click(screen.getByRole("button", { name: "Show reply" }));
    expect(location.search).toBe("?m=5");
  });

  it("does not ask for what was there before", async () => {
    const desk = open(MINE, [noks]);
    await userEvent.type(field(), "hello{Enter}");
    expect(desk.send).toHaveBeenCalledOnce();
  });
});

describe("where one may not write", () => {
  const others = session({ operator_id: COLLEAGUE.id, operator_name: "Nok" });

  it.each<[string, Summary, string | RegExp, string[]]>([
    ["waiting", summary({ session: waiting(60) }), /^Waiting [\d:]+, target 05:00$/, ["Note", "Claim"]],
    ["the bot's", summary(), "The bot answers here", ["Note", "Take from bot"]],
    ["a colleague's", summary({ session: others }), "Nok is answering", ["Note"]],
    [
      "blocked",
      summary({ session: session(), friend_status: "UNFOLLOWED" }),
      "They blocked this account",
      ["Note", "Close"],
    ],
  ])("says why and offers what helps: %s", (_name, about, reason, acts) => {
    open(about);
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByText(reason)).toBeTruthy();
    expect(screen.getAllByRole("button").map((one) => one.firstChild?.textContent)).toEqual(acts);
  });

  it("offers an ADMIN to take over", async () => {
    const desk = open(summary({ session: others }), [], {
      signIn: { kind: "signed_in", user: { ...ME, role: "ADMIN" } },
    });
    await userEvent.click(screen.getByRole("button", { name: /Take over/ }));
    expect(desk.takeOver).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("gives the field the focus once it is claimed", async () => {
    const desk = open(summary({ session: waiting(60) }));
    await userEvent.click(screen.getByRole("button", { name: /Claim/ }));
    act(() => change(desk, MINE));
    await waitFor(() => expect(document.activeElement).toBe(field()));
  });
});

describe("notes", () => {
  it("keep the text until they are stored, and go again under the same id", async () => {
    const desk = open(summary());
    desk.writeNote.mockRejectedValueOnce({ code: "no_answer", message: "", retryable: true } satisfies Fault);
    await userEvent.click(screen.getByRole("button", { name: /Note/ }));
    await userEvent.type(field(), "Call first{Enter}");
    expect(field().value).toBe("Call first");
    expect((await screen.findByRole("alert")).textContent).toContain("your text is still here");
    fireEvent.keyDown(field(), { key: "Enter" });
    await waitFor(() => expect(screen.queryByRole("textbox")).toBeNull());
    const [first, second] = desk.writeNote.mock.calls;
    expect(first?.[1]).toBe("Call first");
    expect(second).toEqual(first);
    expect(desk.send).not.toHaveBeenCalled();
  });
});

describe("keys", () => {
  it("r leads to the field, n turns the note on and off, Ctrl+Enter sends and closes", async () => {
    const stop = listenForKeys();
    const desk = open();
    await userEvent.keyboard("r");
    expect(document.activeElement).toBe(field());
    await userEvent.keyboard("{Escape}n");
    expect(screen.getByRole("button", { name: "Note" }).getAttribute("aria-pressed")).toBe("true");
    await userEvent.keyboard("{Escape}bye");
    desk.fateOf.mockReturnValue("stored");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "bye", null);
    await waitFor(() => expect(desk.close).toHaveBeenCalledExactlyOnceWith(1));
    stop();
  });

  it("leaves the conversation open while its last message waits", async () => {
    const stop = listenForKeys();
    const desk = open(MINE, [], { connection: { kind: "offline", retryAt: 0 } });
    desk.send.mockImplementationOnce((conversation_id, text) => {
      const entry = {
        temp_id: "t1",
        conversation_id,
        text: String(text),
        quote_message_id: null,
        at: 0,
        fault: null,
        isTried: false,
      };
      desk.store.setState({ outbox: [{ ...entry, state: "waiting" }] });
      return { ok: true, temp_id: "t1", kept: Promise.resolve() };
    });
    await userEvent.type(field(), "bye{Control>}{Enter}{/Control}");
    expect(desk.send).toHaveBeenCalledOnce();
    expect(desk.close).not.toHaveBeenCalled();
    stop();
  });

  it.each([
    ["stored", 1],
    ["discarded", 0],
    [null, 0],
  ] as const)("closes after its last message went, and only then: %s", async (fate, times) => {
    const stop = listenForKeys();
    const desk = open();
    desk.send.mockImplementationOnce((conversation_id, said) => {
      const text = String(said);
      const entry = { temp_id: "t1", conversation_id, text, quote_message_id: null, at: 0, fault: null, isTried: true };
      desk.store.setState({ outbox: [{ ...entry, state: "sending" }] });
      return { ok: true, temp_id: "t1", kept: Promise.resolve() };
    });
    await userEvent.type(field(), "bye{Control>}{Enter}{/Control}");
    desk.fateOf.mockReturnValue(fate);
    await act(async () => desk.store.setState({ outbox: [] }));
    expect(desk.close).toHaveBeenCalledTimes(times);
    stop();
  });
});

describe("typing", () => {
  it("is told while one writes, and its end when it is sent", async () => {
    const desk = open();
    await userEvent.type(field(), "hi");
    expect(desk.setTyping).toHaveBeenLastCalledWith(1, true);
    await userEvent.keyboard("{Enter}");
    expect(desk.setTyping).toHaveBeenLastCalledWith(1, false);
  });
});

describe("the reply clock", () => {
  it("runs down, then says that it may, and at last that it will be paid", () => {
    const now = Date.parse("2099-01-01T00:00:00Z");
    vi.useFakeTimers({ now });
    open({ ...MINE, free_until: new Date(now + 42_000).toISOString() });
    expect(screen.getByText("free for 0:42")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(2000));
    expect(screen.getByText("free for 0:40")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(40_000));
    expect(screen.getByText("may still be free")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(600_000));
    expect(screen.getByText("will use a paid message")).toBeTruthy();
  });
});

describe("out of reach", () => {
  it("says so before one writes, and sends all the same", async () => {
    const desk = open({ ...MINE, reach_until: "2026-01-01T00:00:00.000Z" });
    expect(screen.getByText(/They have not written for 7 days/)).toBeTruthy();
    await userEvent.type(field(), "still there?{Enter}");
    expect(desk.send).toHaveBeenCalledTimes(1);
  });

  it("says nothing while it surely arrives", () => {
    open({ ...MINE, reach_until: "2199-01-01T00:00:00.000Z" });
    expect(screen.queryByText(/They have not written for 7 days/)).toBeNull();
  });
});

describe("emoji", () => {
  it("goes where the caret is, by keyboard", async () => {
    open();
    await userEvent.type(field(), "ab");
    field().setSelectionRange(1, 1);
    screen.getByRole("button", { name: "Emoji" }).focus();
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "😊" })));
    await userEvent.keyboard("{ArrowRight}{Enter}");
    expect(field().value).toBe("a😀b");
  });
});
