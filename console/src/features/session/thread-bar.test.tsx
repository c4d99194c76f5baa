import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskState } from "../../desk/types";
import type { Summary } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { change, fakeDesk, ME, renderWithDesk, session, summary, waiting } from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { Toasts } from "../../ui/toasts";
import { listenForKeys } from "../keyboard/dispatch";
import { ThreadBar } from "./thread-bar";

let stop = () => {};
beforeEach(() => {
  stop = listenForKeys();
});
afterEach(() => {
  stop();
  forgetAll();
});

const TAKEN: Fault = {
  code: "session_not_found",
  message: "Nok has taken it.",
  retryable: false,
  details: { reason: "already_claimed", operator_id: 2, operator_name: "Nok" },
};

function open(about: Summary, over: Partial<DeskState> = {}) {
  const desk = fakeDesk({ openId: 1, conversations: new Map([[1, about]]), ...over });
  renderWithDesk(
    <>
      <ThreadBar id={1} onPanel={() => {}} />
      <Toasts />
    </>,
    desk,
  );
  return desk;
}

const acts = () =>
  screen
    .getAllByRole("button")
    .map((one) => one.getAttribute("aria-label"))
    .filter((label) => label !== "Customer" && label !== "More for this conversation");

describe("the bar", () => {
  it("says whose it is, since when, and whether the customer can be reached", () => {
    open(summary({ session: session({ claimed_at: "2026-01-31T01:31:00.000Z" }) }));
    expect(screen.getByRole("heading").textContent).toContain("Emma");
    expect(screen.getByText(/Yours since 08:31/).parentElement?.textContent).toBe(
      "Yours since 08:31 · can receive messages",
    );
    expect(acts()).toEqual(["Transfer", "To queue", "Close"]);
  });

  it("offers no one what they may not do", () => {
    open(summary({ session: session({ operator_id: 2, operator_name: "Nok" }) }));
    expect(acts()).toEqual([]);
    expect(screen.getByText("Nok is answering")).toBeTruthy();
  });

  it("says who looks", () => {
    open(summary(), { looking: new Map([[1, [{ id: 2, name: "Nok" }]]]) });
    expect(screen.getByTitle("Looking at this too: Nok")).toBeTruthy();
  });
});

describe("claiming", () => {
  it("shows at once that it is under way, and asks once", async () => {
    const desk = open(summary({ session: waiting(60) }));
    let done = () => {};
    desk.claim.mockImplementationOnce(() => new Promise((resolve) => (done = resolve)));
    const button = screen.getByRole("button", { name: "Claim" });
    await userEvent.click(button);
    expect(button.getAttribute("aria-busy")).toBe("true");
    await userEvent.click(button);
    expect(desk.claim).toHaveBeenCalledExactlyOnceWith(1);
    await act(async () => done());
    expect(button.getAttribute("aria-busy")).toBe("false");
  });

  it("says by the bar who was first", async () => {
    const desk = open(summary({ session: waiting(60) }));
    desk.claim.mockRejectedValueOnce(TAKEN);
    await userEvent.keyboard("c");
    expect((await screen.findByRole("alert")).textContent).toContain("You did not get it. Nok has taken it.");
    await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("takes from the bot with the same key", async () => {
    const desk = open(summary());
    await userEvent.keyboard("c");
    expect(desk.takeFromBot).toHaveBeenCalledExactlyOnceWith(1);
    expect(desk.claim).not.toHaveBeenCalled();
  });

  it("tells in a toast when one has gone on to another conversation", async () => {
    const desk = open(summary({ session: waiting(60) }));
    let fail: (fault: Fault) => void = () => {};
    desk.claim.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
    await userEvent.keyboard("c");
    act(() => desk.store.setState({ openId: 2 }));
    await act(async () => fail(TAKEN));
    expect(await screen.findByText(/Emma: You did not get it. Nok has taken it/)).toBeTruthy();
  });
});

describe("closing", () => {
  it("can be undone for a while", async () => {
    const desk = open(summary({ session: session() }));
    await userEvent.keyboard("e");
    expect(desk.close).toHaveBeenCalledExactlyOnceWith(1);
    act(() => change(desk, summary()));
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(desk.takeFromBot).toHaveBeenCalledExactlyOnceWith(1);
  });

  describe("with messages that wait", () => {
    const entry = {
      temp_id: "t",
      conversation_id: 1,
      text: "one moment",
      quote_message_id: null,
      at: 0,
      fault: null,
      isTried: false,
    };

    it.each(["close", "release"] as const)("%s lets them go first", async (what) => {
      const desk = open(summary({ session: session() }), {
        connection: { kind: "catching_up" },
        outbox: [{ ...entry, state: "waiting" }],
      });
      await userEvent.keyboard(what === "close" ? "e" : "b");
      act(() => desk.store.setState({ connection: { kind: "live" }, outbox: [{ ...entry, state: "sending" }] }));
      expect(desk[what]).not.toHaveBeenCalled();
      await act(async () => desk.store.setState({ outbox: [] }));
      expect(desk[what]).toHaveBeenCalledExactlyOnceWith(1);
    });

    it("is refused with what to do when they cannot go", async () => {
      const desk = open(summary({ session: session() }), {
        connection: { kind: "offline", retryAt: 0 },
        outbox: [{ ...entry, state: "waiting" }],
      });
      await userEvent.keyboard("e");
      expect((await screen.findByRole("alert")).textContent).toContain("still wait to be sent");
      expect(desk.close).not.toHaveBeenCalled();
    });

    it("does not mind those that the desk refused, or of others", async () => {
      const desk = open(summary({ session: session() }), {
        outbox: [
          { ...entry, state: "refused" },
          { ...entry, temp_id: "u", conversation_id: 2, state: "waiting" },
        ],
      });
      await userEvent.keyboard("e");
      expect(desk.close).toHaveBeenCalledExactlyOnceWith(1);
    });
  });

  describe("to the queue", () => {
    // Toasts outlive a test: each has a name of its own.
    const release = async (name: string) => {
      const desk = open(summary({ display_name: name, session: session() }));
      await userEvent.keyboard("b");
      expect(desk.release).toHaveBeenCalledExactlyOnceWith(1);
      act(() => change(desk, summary({ display_name: name, session: waiting(0) })));
      const toast = screen.getByText(`Back in the queue: ${name}`).closest(".toast");
      if (!(toast instanceof HTMLElement)) throw new Error("no toast");
      return { desk, undo: within(toast).getByRole("button", { name: "Undo" }) };
    };

    it("is taken back by claiming, and says who was first", async () => {
      const { desk, undo } = await release("Bo");
      desk.claim.mockRejectedValueOnce(TAKEN);
      await userEvent.click(undo);
      expect(desk.claim).toHaveBeenCalledExactlyOnceWith(1);
      expect((await screen.findByRole("alert")).textContent).toContain("It was not undone. Nok has taken it.");
    });

    it("has no undo any more once a colleague has it", async () => {
      const { desk, undo } = await release("Cy");
      expect(undo.isConnected).toBe(true);
      act(() => change(desk, summary({ session: session({ operator_id: 2, operator_name: "Nok" }) })));
      expect(undo.isConnected).toBe(false);
    });
  });

  it("does nothing with keys that are not for this operator", async () => {
    const desk = open(summary({ session: session({ operator_id: 2, operator_name: "Nok" }) }));
    await userEvent.keyboard("cebt");
    expect(desk.close).not.toHaveBeenCalled();
    expect(desk.claim).not.toHaveBeenCalled();
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("transferring", () => {
  const operators = [
    { id: 1, display_name: "Arisa", role: "AGENT", status: "online", active_chats: 2 },
    { id: 2, display_name: "Nok", role: "ADMIN", status: "online", active_chats: 5 },
    { id: 3, display_name: "Mei", role: "AGENT", status: "online", active_chats: 3 },
    { id: 4, display_name: "Tan", role: "AGENT", status: "offline", active_chats: 0 },
  ] as const;
  const dialog = async (over: Partial<DeskState> = {}) => {
    const desk = open(summary({ session: session() }), { operators, ...over });
    await userEvent.keyboard("t");
    await screen.findByRole("dialog");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("combobox")));
    return desk;
  };
  const chosen = () => screen.getByRole("option", { selected: true }).textContent;

  it("lists real colleagues, without oneself, with presence and load", async () => {
    const desk = await dialog();
    expect(desk.loadOperators).toHaveBeenCalledOnce();
    const lines = screen.getAllByRole("option").map((one) => one.querySelector(".who")?.textContent);
    expect(lines).toEqual(["Mei Online", "Nok AdminOnline", "Tan Offline: will see it after signing in"]);
    expect(chosen()).toContain("3 active");
  });

  it("is done by keyboard alone", async () => {
    const desk = await dialog();
    await userEvent.keyboard("{ArrowDown}");
    expect(chosen()).toContain("Nok");
    await userEvent.keyboard("{Enter}Counter 4");
    expect(screen.getByText("9 / 255")).toBeTruthy();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(desk.transfer).toHaveBeenCalledExactlyOnceWith(1, 2, "Counter 4");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(await screen.findByText("Transferred to Nok")).toBeTruthy();
    // An AGENT cannot fetch it back, so nothing says they could.
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  it("filters by name", async () => {
    await dialog();
    await userEvent.keyboard("ta");
    expect(screen.getAllByRole("option")).toHaveLength(1);
    expect(chosen()).toContain("Tan");
    await userEvent.keyboard("x");
    expect(screen.getByText(/Nobody is called “tax”/)).toBeTruthy();
  });

  it("does not take a reason that is too long", async () => {
    const desk = await dialog();
    await userEvent.click(screen.getByRole("textbox", { name: /Reason/ }));
    await userEvent.paste("x".repeat(256));
    expect(screen.getByText("Too long by 1")).toBeTruthy();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(desk.transfer).not.toHaveBeenCalled();
  });

  it("says in the dialog why it was refused", async () => {
    const desk = await dialog();
    desk.transfer.mockRejectedValueOnce({ code: "session_conflict", message: "", retryable: false } satisfies Fault);
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect((await screen.findByRole("alert")).textContent).toContain("It was not transferred.");
    expect(screen.getByRole("dialog")).toBeTruthy();
  });

  it("lets an ADMIN take it back", async () => {
    const desk = await dialog({ signIn: { kind: "signed_in", user: { ...ME, role: "ADMIN" } } });
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(desk.takeOver).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("says when the colleagues could not be loaded, and tries again", async () => {
    const failed: Fault = { code: "offline", message: "", retryable: true };
    const desk = open(summary({ session: session() }));
    vi.mocked(desk.loadOperators).mockRejectedValueOnce(failed);
    await userEvent.keyboard("t");
    expect((await screen.findByRole("alert")).textContent).toContain("The colleagues were not loaded.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.loadOperators).toHaveBeenCalledTimes(2);
  });
});
