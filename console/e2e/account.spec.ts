// One's own account: the password, and being signed in elsewhere.
import { PASSWORD } from "./desk";
import type { Console } from "./pages";
import { expect, test } from "./test";

async function change(screen: Console, current: string, next: string, again = next): Promise<void> {
  await screen.page.getByLabel("Current password").fill(current);
  await screen.page.getByLabel("New password", { exact: false }).first().fill(next);
  await screen.page.getByLabel("New password again").fill(again);
  await screen.button("Change password").click();
}

test("the password is changed only by who knows it, and ends the other sign-ins in words", async ({ open }) => {
  const [here, there] = await Promise.all([open("nok"), open("nok")]);
  await here.page.goto("/settings");
  const said = (words: string) => expect(here.page.getByText(words)).toBeVisible();
  await change(here, PASSWORD, "short");
  await said("Too short. Use 8 characters or more.");
  await change(here, PASSWORD, "a whole new sentence", "another sentence");
  await said("The two new passwords differ. Type the same in both fields.");
  await change(here, "not my password", "a whole new sentence");
  await said("The current password is wrong. Check it and try again.");
  await expect(there.list).toBeVisible();
  await change(here, PASSWORD, "a whole new sentence");
  await said("Password changed. You are signed out everywhere else.");
  await expect(there.page.getByText(/Your sign-in has ended/).first()).toBeVisible();
  await there.fillSignIn("nok", PASSWORD);
  await expect(there.page.getByText("The name or the password is wrong.")).toBeVisible();
  await there.signIn("nok", "a whole new sentence");
  await here.page.goto("/");
  await expect(here.list).toBeVisible();
});

test("signing out everywhere ends the other browser too, in words, and here leads to the sign-in", async ({ open }) => {
  const [here, there] = await Promise.all([open("nok"), open("nok")]);
  await here.page.goto("/settings");
  await here.button("Sign out everywhere").click();
  const dialog = here.page.getByRole("dialog", { name: "Sign out everywhere?" });
  await dialog.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(here.page.getByLabel("User name")).toBeVisible();
  await expect(here.page.getByText(/Your sign-in has ended/)).toHaveCount(0);
  await expect(there.page.getByText(/Your sign-in has ended/).first()).toBeVisible();
});
