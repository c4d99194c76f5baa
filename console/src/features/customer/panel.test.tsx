import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Message, Summary } from "../../protocol";
import {
  answer,
  at,
  COLLEAGUE,
  fakeDesk,
  message,
  renderWithDesk,
  session,
  summary,
  tag,
  thread,
  waiting,
  withRows,
} from "../../testing/fake-desk";
import { Toasts } from "../../ui/toasts";
import { CustomerPanel } from "./panel";

function show(row: Summary, messages: readonly Message[] = [], hasBefore = false) {
  const desk = fakeDesk({ ...withRows([row]), threads: new Map([[row.id, thread({ messages, hasBefore })]]) });
  const onClose = vi.fn();
  renderWithDesk(
    <>
      <CustomerPanel id={row.id} onClose={onClose} />
      <Toasts />
    </>,
    desk,
  );
  return { desk, onClose, user: userEvent.setup() };
}

describe("who it is", () => {
  it.each([
    [{ friend_status: "ACTIVE" }, "Can receive messages"],
    [{ friend_status: "UNFOLLOWED" }, "Blocked this account: nothing reaches them"],
    [{ friend_status: "UNKNOWN" }, "Not known yet"],
    [{ friend_status: "UNFOLLOWED", source_type: "group" }, "This account has left the chat: nothing reaches it"],
  ] satisfies [Partial<Summary>, string][])("%o is told in words", (over, words) => {
    show(summary(over));
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("shows name, kind, channel, LINE id and tags", () => {
    const row = summary({ display_name: "มาลี", source_type: "group", channel: "shop", tags: [tag({ name: "VIP" })] });
    show(row);
    for (const text of ["มาลี", "Group", "shop", row.line_user_id, "VIP"]) expect(screen.getByText(text)).toBeTruthy();
    expect(screen.getByText("มาลี").lang).toBe("th");
  });

  it("copies the LINE id and says so", async () => {
    const row = summary();
    const { user } = show(row);
    await user.click(screen.getByRole("button", { name: "Copy the LINE id" }));
    expect(await navigator.clipboard.readText()).toBe(row.line_user_id);
    expect(await screen.findByText("LINE id copied.")).toBeTruthy();
  });

  it("tells the first message only when the beginning is there", () => {
    show(summary(), [message()], true);
    expect(screen.queryByText("First message")).toBeNull();
  });
});

describe("who takes care", () => {
  it.each([
    ["the bot", null, "The bot answers"],
    ["nobody", waiting(60), "Nobody yet: waits in the queue"],
    ["me", session(), "You"],
    ["a colleague", session({ operator_id: COLLEAGUE.id, operator_name: "Nok" }), "Nok"],
  ])("%s", (_, one, words) => {
    show(summary({ session: one }));
    expect(screen.getByText("Handled by").nextElementSibling?.textContent).toContain(words);
  });

  it("tells transfers when there were any", () => {
    show(summary({ session: session({ transfer_count: 2 }) }));
    expect(screen.getByText("Transfers").nextElementSibling?.textContent).toBe("2");
  });
});

describe("notes", () => {
  const notes = Array.from({ length: 7 }, (_, at) =>
    answer({ id: at + 1, message_type: "note", content: `Note ${at + 1}`, delivery: null, operator_name: "Nok" }),
  );

  it("lead to their place in the conversation; the newest first, the rest on demand", async () => {
    const { user } = show(summary({ id: 5 }), notes);
    expect(screen.getAllByRole("link")[0]?.getAttribute("href")).toBe("/c/5?m=7");
    expect(screen.queryByText("Note 1")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show all 7 notes" }));
    expect(screen.getByText("Note 1")).toBeTruthy();
  });

  it("say that there may be earlier ones", () => {
    show(summary(), notes, true);
    expect(screen.getByText(/Only notes among the messages loaded/)).toBeTruthy();
  });
});

describe("acts", () => {
  const open = async (user: ReturnType<typeof userEvent.setup>, name: string) => {
    await user.click(screen.getByRole("button", { name: "More for this customer" }));
    return screen.findByRole("menuitem", { name });
  };

  it("refreshes the profile and says when it is done", async () => {
    const { desk, user } = show(summary({ id: 3 }));
    let done = () => {};
    desk.refreshProfile.mockReturnValueOnce(new Promise<void>((resolve) => (done = resolve)));
    await user.click(await open(user, "Refresh the profile"));
    expect(desk.refreshProfile).toHaveBeenCalledWith(3);
    expect(await screen.findByText("Asking LINE…")).toBeTruthy();
    done();
    expect(await screen.findByText("The profile is fresh from LINE.")).toBeTruthy();
    expect(screen.queryByText("Asking LINE…")).toBeNull();
  });

  it("says beside it why the profile was not refreshed", async () => {
    const { desk, user } = show(summary());
    desk.refreshProfile.mockRejectedValueOnce({ code: "line_unavailable", message: "timed out", retryable: true });
    await user.click(await open(user, "Refresh the profile"));
    expect((await screen.findByRole("alert")).textContent).toContain("The profile was not refreshed.");
  });

  it("archives, and can undo it", async () => {
    const { desk, user } = show(summary({ id: 3 }));
    await user.click(await open(user, "Archive"));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(desk.archive.mock.calls).toEqual([
      [3, true],
      [3, false],
    ]);
  });

  it("does not offer to archive what somebody takes care of", async () => {
    const { user } = show(summary({ session: session({ started_at: at(9) }) }));
    expect((await open(user, "Archive")).getAttribute("aria-disabled")).toBe("true");
  });
});

it("closes, and says so while the conversation is not loaded", async () => {
  const desk = fakeDesk();
  const onClose = vi.fn();
  renderWithDesk(<CustomerPanel id={99} onClose={onClose} />, desk);
  expect(screen.getByText("This conversation is not loaded yet.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Hide the customer" }));
  await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
});
