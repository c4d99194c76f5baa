import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ContactCard, Message, Summary } from "../../protocol";
import {
  answer,
  at,
  COLLEAGUE,
  change,
  contactCard,
  fakeDesk,
  renderWithDesk,
  session,
  summary,
  tag,
  thread,
  waiting,
  withRows,
} from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { Toasts } from "../../ui/toasts";
import { CustomerPanel } from "./panel";

afterEach(forgetAll);

function show(row: Summary, messages: readonly Message[] = [], card: Partial<ContactCard> = {}) {
  const desk = fakeDesk({ ...withRows([row]), threads: new Map([[row.id, thread({ messages })]]) });
  desk.contact.mockResolvedValue(contactCard(card));
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

describe("members", () => {
  const member = (display_name: string | null, n: number, has_left = false) => ({
    line_user_id: `U${String(n).padStart(32, "0")}`,
    display_name,
    has_left,
  });

  it("of a group have their names, and those who left say so, at the end", async () => {
    const desk = fakeDesk({ ...withRows([summary({ source_type: "group" })]), threads: new Map([[1, thread()]]) });
    const members = [member("Ann", 1), member("Bo", 2, true), member(null, 3)];
    desk.members.mockResolvedValue({ members, member_count: 5 });
    renderWithDesk(<CustomerPanel id={1} onClose={() => {}} />, desk);
    await screen.findByRole("heading", { name: "Members (5)" });
    const lines = [...document.querySelectorAll(".members li")].map((one) => one.textContent);
    expect(lines.map((line) => line?.replace(/^../, ""))).toEqual([
      expect.stringMatching(/Ann$/),
      expect.stringMatching(/Member 0003$/),
      expect.stringMatching(/Boleft$/),
    ]);
    screen.getByText("and 3 more that LINE does not name");
  });

  it("that are many are a button away", async () => {
    const desk = fakeDesk({ ...withRows([summary({ source_type: "room" })]), threads: new Map([[1, thread()]]) });
    const members = Array.from({ length: 30 }, (_, n) => member(`N${n}`, n));
    desk.members.mockResolvedValue({ members, member_count: null });
    renderWithDesk(<CustomerPanel id={1} onClose={() => {}} />, desk);
    await userEvent.click(await screen.findByRole("button", { name: "Show all 30" }));
    expect(document.querySelectorAll(".members li")).toHaveLength(30);
  });

  it("that do not load can be asked for again; one person has none", async () => {
    const desk = fakeDesk({ ...withRows([summary({ source_type: "group" })]), threads: new Map([[1, thread()]]) });
    desk.members.mockRejectedValueOnce({ code: "unavailable", message: "", retryable: true });
    renderWithDesk(<CustomerPanel id={1} onClose={() => {}} />, desk);
    expect((await screen.findByRole("alert")).textContent).toContain("The members did not load.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByText("Nobody known yet. LINE tells of those who write or join.");
    const { desk: other } = show(summary({ id: 2 }));
    expect(other.members).not.toHaveBeenCalled();
  });
});

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

  it("tells language and when the desk first heard of them", async () => {
    show(summary(), [], { language: "th", first_seen_at: "2026-01-05T03:00:00Z" });
    expect((await screen.findByText("Language")).nextElementSibling?.textContent).toBe("Thai");
    const seen = screen.getByText("First seen").nextElementSibling?.querySelector("time");
    expect(seen?.getAttribute("datetime")).toBe("2026-01-05T03:00:00Z");
  });

  it("says so when the desk did not tell, and tries again", async () => {
    const { desk, user } = show(summary());
    desk.contact.mockReset().mockRejectedValueOnce({ code: "unavailable", message: "no", retryable: true });
    desk.contact.mockResolvedValue(contactCard({ language: "ja" }));
    change(desk, summary({ display_name: "another" }));
    expect((await screen.findByRole("alert")).textContent).toContain("did not load");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Japanese")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
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

  it("say how many more there are", async () => {
    const { user } = show(summary(), notes, { note_count: 30 });
    await user.click(screen.getByRole("button", { name: "Show all 7 notes" }));
    expect(await screen.findByText("23 older notes are in the conversation.")).toBeTruthy();
  });

  it("say that there are none only when the desk said so", async () => {
    show(summary());
    expect(screen.queryByText("No notes yet")).toBeNull();
    expect(await screen.findByText("No notes yet")).toBeTruthy();
  });
});

describe("sessions", () => {
  it("tell who, how they ended, and how many there were", async () => {
    const closed = session({ id: 1, status: "CLOSED", closed_by: "USER", operator_name: "Nok", transfer_count: 2 });
    show(summary({ session: session({ id: 2 }) }), [], { sessions: [closed], session_count: 25 });
    expect(await screen.findByText("Sessions (25)")).toBeTruthy();
    expect(screen.getByText("Ended by the customer · transferred 2 times")).toBeTruthy();
    expect(screen.getByText("Open")).toBeTruthy();
    expect(screen.getByText("and 23 before")).toBeTruthy();
  });

  it("are asked for again when one begins or ends", async () => {
    const { desk } = show(summary({ session: session({ id: 2 }) }));
    await waitFor(() => expect(desk.contact).toHaveBeenCalledTimes(1));
    change(desk, summary({ session: null }));
    await waitFor(() => expect(desk.contact).toHaveBeenCalledTimes(2));
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
