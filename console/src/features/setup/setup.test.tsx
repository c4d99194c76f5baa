// LINE accounts: what is asked for is what the desk is told, secrets are never shown, and faults are said where they are.
import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Finding } from "../../protocol";
import { channelState, fakeDesk, ME, renderWithDesk } from "../../testing/fake-desk";
import { filled } from "./check-up";
import { Setup } from "./setup";

const admin = () => fakeDesk({ signIn: { kind: "signed_in", user: { ...ME, role: "ADMIN" } } });

test("an agent sees nothing of it", () => {
  const desk = fakeDesk();
  renderWithDesk(<Setup />, desk);
  expect(screen.getByText("Only admins see and change the LINE accounts.")).toBeTruthy();
  expect(desk.channels).not.toHaveBeenCalled();
});

test("an account is added with what its kind of token needs, and no more", async () => {
  const desk = admin();
  desk.setChannel.mockResolvedValue(
    channelState({ id: 2, name: "shop", warning: "LINE does not take the access token." }),
  );
  renderWithDesk(<Setup />, desk);
  await userEvent.click(screen.getByRole("button", { name: "Add an account" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(within(dialog).getByLabelText("Channel access token"), "left over");
  await userEvent.click(within(dialog).getByLabelText("Stateless"));
  await userEvent.type(within(dialog).getByLabelText("Name in linedesk"), "shop");
  await userEvent.type(within(dialog).getByLabelText("Channel secret"), " s3cret ");
  await userEvent.type(within(dialog).getByLabelText("Channel ID"), "123");
  expect(within(dialog).queryByLabelText("Private key (JSON Web Key)")).toBeNull();
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(desk.setChannel).toHaveBeenCalledWith(null, {
    token_kind: "stateless",
    name: "shop",
    channel_secret: "s3cret",
    line_channel_id: "123",
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("listitem", { name: "shop" }).textContent).toContain("LINE does not take the access token.");
});

test("what the desk does not like is said at its field, and nothing is lost", async () => {
  const desk = admin();
  desk.channels.mockResolvedValue([channelState()]);
  desk.setChannel.mockRejectedValue({
    code: "validation_error",
    message: "…",
    retryable: false,
    details: [{ field: "channel_secret", message: "…" }],
  });
  renderWithDesk(<Setup />, desk);
  await userEvent.click(await screen.findByRole("button", { name: "Change" }));
  const dialog = await screen.findByRole("dialog");
  const secret = within(dialog).getByLabelText<HTMLInputElement>("Channel secret");
  expect([secret.type, secret.value, secret.placeholder]).toEqual(["password", "", "Stays as it is"]);
  expect(within(dialog).queryByLabelText("Name in linedesk")).toBeNull();
  await userEvent.type(secret, "a b");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect((await within(dialog).findByRole("alert")).textContent).toBe(
    "Paste the channel secret as LINE's console shows it.",
  );
  expect(secret.value).toBe("a b");
});

test("an account is turned off, and the screen says what that means", async () => {
  const desk = admin();
  desk.channels.mockResolvedValue([channelState()]);
  desk.setChannel.mockResolvedValue(channelState({ is_active: false }));
  renderWithDesk(<Setup />, desk);
  await userEvent.click(await screen.findByRole("button", { name: "Turn off" }));
  expect(desk.setChannel).toHaveBeenCalledWith(1, { is_active: false });
  expect(await screen.findByText(/Answers wait until it is on again/)).toBeTruthy();
});

test("the check-up says the worst first, in the operator's words, also for what this console does not know", async () => {
  const desk = admin();
  const finding = (over: Partial<Finding>): Finding => ({
    level: "ok",
    code: "database_ok",
    channel: null,
    values: {},
    found: "in English",
    todo: null,
    ...over,
  });
  desk.examine.mockResolvedValue({
    findings: [
      finding({}),
      finding({ level: "warning", code: "new_code", found: "Something new.", todo: "Do this." }),
      finding({
        level: "wrong",
        code: "webhook_missing",
        channel: "shop",
        values: { wanted: "https://d/line/webhook/shop" },
        todo: "in English",
      }),
    ],
    checked_at: "2026-01-05T03:00:00.000Z",
  });
  renderWithDesk(<Setup />, desk);
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  expect(await screen.findByText("1 thing is wrong, 1 could surprise you.")).toBeTruthy();
  const found = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(found).toEqual([
    "Wrong: shop: LINE has no webhook URL.Enter https://d/line/webhook/shop in the LINE Developers Console, tab “Messaging API”.",
    "Could surprise: Something new.Do this.",
    "Right: The database answers.",
  ]);
});

test("an account whose webhooks are another's says so until it is changed", async () => {
  const desk = admin();
  desk.channels.mockResolvedValue([
    channelState({ misdirected: { destination: "U0bad", at: "2026-01-05T03:00:00.000Z" } }),
  ]);
  renderWithDesk(<Setup />, desk);
  const told = await screen.findByRole("alert");
  expect(told.textContent).toContain("another account (U0bad)");
});

test("a value that was not told leaves no braces", () => expect(filled("{a} of {b}", { a: "1" })).toBe("1 of "));
