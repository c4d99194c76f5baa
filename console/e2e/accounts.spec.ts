// LINE accounts in the console: one is added and answered from, what is wrong is said, and nobody else gets in.
import { findNothing } from "./axe";
import { expect, test } from "./test";

test.slow();

test("an admin adds a LINE account, checks it, and turns it off", async ({ desk, open }) => {
  const lead = await open("lead");
  await lead.page.getByRole("link", { name: "Settings" }).click();
  await lead.page.getByRole("link", { name: "LINE accounts and check-up" }).click();
  const first = lead.page.getByRole("listitem", { name: "default" });
  await expect(first).toContainText("/line/webhook");
  await lead.button("Add an account").click();
  const dialog = lead.page.getByRole("dialog");
  await dialog.getByLabel("Name in linedesk").fill("Shop");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Use 1 to 40 small letters, digits, - and _.")).toBeVisible();
  await findNothing(lead.page, "the form, refused");
  await dialog.getByLabel("Name in linedesk").fill("shop");
  await dialog.getByLabel("Channel secret").fill("simulated-channel-secret");
  await dialog.getByLabel("Channel access token").fill("not-this-one");
  await dialog.getByRole("button", { name: "Save" }).click();
  const shop = lead.page.getByRole("listitem", { name: "shop" });
  await expect(shop).toContainText("LINE does not take the access token.");
  await shop.getByRole("button", { name: "Change" }).click();
  await dialog.getByLabel("Channel access token").fill("simulated-channel-access-token");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(shop).toContainText("Citizen services");

  await lead.button("Check now").click();
  await expect(lead.page.getByText("LINE's test of the webhook succeeds.").first()).toBeVisible();
  await expect(lead.page.getByText(/LINE calls another address/)).toBeVisible();
  await findNothing(lead.page, "accounts");
  await shop.getByRole("button", { name: "Turn off" }).click();
  await expect(shop).toContainText("Answers wait until it is on again");

  const nok = await open("nok");
  await nok.page.goto("/setup");
  await expect(nok.page.getByText("Only admins see and change the LINE accounts.")).toBeVisible();
  await desk.waitingCustomer("Malee");
  await expect(nok.row("Malee")).toBeVisible();
});
