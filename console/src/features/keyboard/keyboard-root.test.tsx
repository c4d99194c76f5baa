import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { fakeDesk, renderWithDesk, summary, withRows } from "../../testing/fake-desk";
import { showToast, Toasts } from "../../ui/toasts";
import { useCommand } from "./commands";
import { KeyboardRoot } from "./keyboard-root";

const claim = vi.fn();

function Feature({ onTransfer }: { onTransfer: () => void }) {
  useCommand({ id: "session.claim", keys: ["c"], label: "Claim", run: claim });
  useCommand({ id: "session.transfer", keys: ["t"], label: "Transfer", run: onTransfer });
  useCommand({ id: "session.close", keys: ["e"], label: "Close", run: () => {}, isEnabled: false });
  return <textarea aria-label="Reply" />;
}

function show(path = "/all", isNarrow = false) {
  vi.stubGlobal("matchMedia", () => ({ matches: isNarrow }));
  const { hook, history } = memoryLocation({ path, record: true });
  const desk = fakeDesk(withRows([summary({ id: 1, display_name: "Emma" }), summary({ id: 2, display_name: "ครูตรี" })]));
  const transfer = vi.fn();
  renderWithDesk(
    <Router hook={hook}>
      <KeyboardRoot />
      <Feature onTransfer={transfer} />
    </Router>,
    desk,
  );
  return { transfer, history, user: userEvent.setup() };
}

beforeEach(() => claim.mockClear());
afterEach(() => vi.unstubAllGlobals());

async function openPalette(user: ReturnType<typeof userEvent.setup>) {
  await user.keyboard("{Control>}k{/Control}");
  return screen.findByRole("combobox");
}

it("takes what is typed before the palette is there for no shortcuts", async () => {
  // The first of these tests: its code has not come yet.
  const { user, transfer } = show();
  await user.keyboard("{Control>}k{/Control}tc");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect([transfer.mock.calls.length, claim.mock.calls.length]).toEqual([0, 0]);
  await screen.findByRole("combobox");
});

it("opens the palette with Ctrl+K, finds a command and runs it", async () => {
  const { user, transfer } = show();
  const field = await openPalette(user);
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard("tran");
  const option = screen.getByRole("option", { name: /Transfer/ });
  expect(option.getAttribute("aria-selected")).toBe("true");
  expect(field.getAttribute("aria-activedescendant")).toBe(option.id);
  await user.keyboard("{Enter}");
  expect(transfer).toHaveBeenCalledTimes(1);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("undoes what was done last with Z, while that can be undone, but never from a field", async () => {
  const { user } = show();
  renderWithDesk(<Toasts />, fakeDesk());
  const [first, second] = [vi.fn(), vi.fn()];
  await user.keyboard("z");
  act(() => {
    showToast({ text: "Closed A", action: { label: "Undo", run: first } });
    showToast({ text: "Closed B", action: { label: "Undo", run: second } });
    showToast({ text: "Copied", ms: 100 });
  });
  await user.type(screen.getByLabelText("Reply"), "z");
  expect(second).not.toHaveBeenCalled();
  act(() => screen.getByLabelText("Reply").blur());
  await user.keyboard("z");
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
  expect(screen.queryByText("Closed B")).toBeNull();
  await user.keyboard("z");
  await user.keyboard("z");
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
});

it("lists what can be done now with its key, and not what cannot", async () => {
  const { user } = show();
  await openPalette(user);
  expect(within(screen.getByRole("option", { name: /Claim/ })).getByText("C").tagName).toBe("KBD");
  expect(screen.queryByRole("option", { name: /^Close/ })).toBeNull();
});

it("finds a conversation by name and goes there", async () => {
  const { user, history } = show();
  await openPalette(user);
  await user.keyboard("ครู{Enter}");
  expect(history.at(-1)).toBe("/c/2");
});

it("offers the full search for what it does not know", async () => {
  const { user, history } = show();
  await openPalette(user);
  await user.keyboard("parcel 12{Enter}");
  expect(history.at(-1)).toBe("/search?q=parcel%2012");
});

it("walks round with the arrows", async () => {
  const { user } = show();
  const field = await openPalette(user);
  const options = screen.getAllByRole("option");
  await user.keyboard("{ArrowUp}");
  expect(field.getAttribute("aria-activedescendant")).toBe(options.at(-1)?.id);
  await user.keyboard("{ArrowDown}");
  expect(field.getAttribute("aria-activedescendant")).toBe(options[0]?.id);
});

it("closes with Esc and gives the focus back", async () => {
  const { user } = show();
  const reply = screen.getByLabelText("Reply");
  await user.click(reply);
  await openPalette(user);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(reply));
});

it("shows all commands with their keys on ?", async () => {
  const { user } = show();
  await user.keyboard("?");
  const help = await screen.findByRole("dialog", { name: "Keys" });
  expect(within(help).getByText("Claim")).toBeTruthy();
  // What is not possible at the moment has a key all the same.
  expect(within(help).getByText("Close")).toBeTruthy();
});

it("goes back one step at a time: the field first, then the conversation on a narrow screen", async () => {
  const { user, history } = show("/c/1", true);
  await user.click(screen.getByLabelText("Reply"));
  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(document.body);
  expect(history.at(-1)).toBe("/c/1");
  await user.keyboard("{Escape}");
  expect(history.at(-1)).toBe("/all");
});

it("stays in the conversation where both fit", async () => {
  const { user, history } = show("/c/1");
  await user.keyboard("{Escape}{Escape}");
  expect(history.at(-1)).toBe("/c/1");
});
