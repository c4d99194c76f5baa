// Every kind of message that LINE takes is sent from the console, and arrives on the phone as it was meant.
import type { Locator } from "@playwright/test";
import { DIALOG, findNothing } from "./axe";
import type { Customer } from "./desk";
import type { Console } from "./pages";
import { expect, test } from "./test";

/** What the account sent to this phone, as the Messaging API was given it. */
const arrived = async (customer: Customer) =>
  (await customer.phone()).filter((one) => one.author === "account").map(({ kind, content }) => ({ kind, ...content }));

async function more(nok: Console, item: string): Promise<Locator> {
  await nok.button("More to send").click();
  await nok.page.getByRole("menuitem", { name: item }).click();
  const dialog = nok.page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  return dialog;
}

test("a sticker, by the keys alone", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await nok.field.fill("half a thought");
  await nok.button("Stickers").focus();
  await nok.page.keyboard.press("Enter");
  const tray = nok.page.getByRole("dialog", { name: "Stickers" });
  await expect(tray.getByRole("button").first()).toBeFocused();
  await findNothing(nok.page, "stickers", DIALOG);
  await nok.page.keyboard.press("Escape");
  await expect(tray).toBeHidden();
  await nok.button("Stickers").press("Enter");
  await tray.getByRole("combobox").selectOption("446");
  await tray.getByRole("button").first().focus();
  await nok.page.keyboard.press("ArrowDown");
  await nok.page.keyboard.press("Enter");
  await expect(nok.field).toBeFocused();
  await expect(nok.field).toHaveValue("half a thought");
  await expect.poll(() => arrived(malee)).toMatchObject([{ kind: "sticker", packageId: "446", stickerId: "1992" }]);
  await expect(nok.thread.getByText("Sticker: #1992")).toHaveCount(1);
  await expect(nok.row("Malee")).toContainText("Sticker");
});

test("a place out of a map link", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const dialog = await more(nok, "Location");
  await dialog
    .getByLabel("Map link or coordinates")
    .fill("https://www.google.com/maps/place/Grand+Palace/@13.7,100.4,17z/data=!3d13.75!4d100.4913");
  await expect(dialog.getByLabel("Latitude")).toHaveValue("13.75");
  await dialog.getByRole("button", { name: "Send the location" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("LINE needs it.");
  await findNothing(nok.page, "a place", DIALOG);
  // It waits for whoever is called away.
  await nok.page.keyboard.press("Escape");
  await nok.page.reload();
  await more(nok, "Location");
  await expect(dialog.getByLabel("Title")).toHaveValue("Grand Palace");
  await dialog.getByLabel("Address").fill("Na Phra Lan Rd");
  await dialog.getByLabel("Address").press("Enter");
  await expect(dialog).toBeHidden();
  await expect
    .poll(() => arrived(malee))
    .toMatchObject([
      { kind: "location", title: "Grand Palace", address: "Na Phra Lan Rd", latitude: 13.75, longitude: 100.4913 },
    ]);
  await expect(nok.message("Grand Palace").getByRole("link", { name: "Open map" })).toBeVisible();
});

test("quick replies, which the customer presses", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await nok.button("More to send").click();
  await nok.page.getByRole("menuitemcheckbox", { name: "Quick replies" }).click();
  await nok.page.getByRole("textbox", { name: "Words of the next button" }).fill("Yes");
  await nok.page.keyboard.press("Enter");
  await nok.page.keyboard.type("No");
  await nok.page.keyboard.press("Enter");
  await findNothing(nok.page, "quick replies", ".compose");
  await nok.send("Shall we send it again?");
  await expect.poll(() => malee.received()).toEqual(["Shall we send it again?"]);
  const [message] = await arrived(malee);
  const items = ["Yes", "No"].map((label) => ({ type: "action", action: { type: "message", label, text: label } }));
  expect(message).toMatchObject({ quickReply: { items } });
  const buttons = nok.message("Shall we send it again?").getByRole("list", { name: "Quick replies of this message" });
  await expect(buttons.getByRole("listitem")).toHaveText(["Yes", "No"]);
  await expect(nok.page.getByRole("group", { name: "Quick replies" })).toBeHidden();
});

test("a card and a menu as JSON, checked before they go", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  // By the keys alone, too.
  await nok.page.keyboard.press("Control+k");
  await nok.page.getByRole("combobox").fill("send a card");
  await nok.page.getByRole("option", { name: "Send a card or menu" }).click();
  const dialog = nok.page.getByRole("dialog", { name: "Send a card or menu" });
  await expect(dialog.getByRole("textbox")).toBeFocused();
  const send = dialog.getByRole("button", { name: "Send it" });
  const json = dialog.getByRole("textbox");
  await expect(send).toBeDisabled();
  await json.fill('{"type": "flex"');
  await expect(dialog.getByRole("status")).toContainText("This is not valid JSON yet.");
  await expect(send).toBeDisabled();
  await json.fill('{"type": "flex", "altText": "Hello", "contents": {"type": "box"}}');
  await dialog.getByRole("button", { name: "Check with LINE" }).click();
  await expect(dialog.getByRole("listitem")).toContainText("contents");
  await findNothing(nok.page, "a card", DIALOG);
  await json.fill("");
  await dialog.getByRole("button", { name: "Card", exact: true }).click();
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("It left us today.");
  await dialog.getByRole("button", { name: "Check with LINE" }).click();
  await expect(dialog.getByRole("status")).toContainText("LINE would take it.");
  await findNothing(nok.page, "a card that is fine", DIALOG);
  await send.click();
  await expect(dialog).toBeHidden();
  await more(nok, "Card or menu (JSON)");
  await dialog.getByRole("button", { name: "Question" }).click();
  await send.click();
  await expect
    .poll(() => arrived(malee))
    .toMatchObject([
      { kind: "flex", altText: "Your order", contents: { type: "bubble" } },
      { kind: "template", altText: "Is that right?", template: { type: "confirm" } },
    ]);
  await expect(nok.thread.getByText("It left us today.")).toHaveCount(1);
  await expect(nok.thread.getByText("Is that right?", { exact: true })).toHaveCount(1);
  await findNothing(nok.page, "cards in the thread");
});

test("what is made without a connection goes once it is back, and only once", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  // What is shown only now and then is fetched ahead, for an hour like this one.
  await nok.page.waitForFunction(() =>
    ["card-dialog", "menu-popup"].every((name) =>
      performance.getEntriesByType("resource").some((one) => one.name.includes(name)),
    ),
  );
  await desk.kill();
  const dialog = await more(nok, "Card or menu (JSON)");
  await dialog.getByRole("button", { name: "Buttons" }).click();
  await dialog.getByRole("button", { name: "Send it" }).click();
  await expect(nok.thread.getByText("Choose one")).toBeVisible();
  await nok.page
    .getByRole("log")
    .getByRole("img", { name: /^Will send when you are back online/ })
    .waitFor();
  await desk.startAgain();
  await expect.poll(() => arrived(malee)).toMatchObject([{ kind: "template", altText: "How can we help?" }]);
  await expect(nok.thread.getByText("Choose one")).toHaveCount(1);
});

test("members of a group are listed, and mentioned", async ({ desk, open }) => {
  const nok = await open("nok");
  const [malee, somsak] = [await desk.customer("Malee"), await desk.customer("สมศักดิ์", "th")];
  const group = await desk.group("Neighbours", [malee, somsak]);
  await desk.sends(group.id, "text", { text: "สวัสดีครับ" }, undefined, somsak.id);
  await desk.sends(group.id, "text", { text: "I need an agent, please" }, undefined, malee.id);
  await nok.open("Neighbours");
  const panel = nok.page.getByRole("complementary", { name: "Customer" });
  await expect(panel.getByRole("heading", { name: /^Members/ })).toBeVisible();
  await expect(panel.getByRole("listitem").filter({ hasText: "Malee" })).toBeVisible();
  await nok.claim();
  await nok.field.pressSequentially("Hi @สม");
  await expect(nok.page.getByRole("option", { name: /สมศักดิ์/ })).toBeVisible();
  await findNothing(nok.page, "whom to mention");
  await nok.page.keyboard.press("Enter");
  await expect(nok.field).toHaveValue("Hi @สมศักดิ์ ");
  // At once, as quick fingers do.
  await nok.page.keyboard.type("{welcome}");
  await nok.page.keyboard.press("Enter");
  const text = "Hi {at_1} {{welcome}}";
  await expect
    .poll(() => arrived(group))
    .toMatchObject([{ text, substitution: { at_1: { mentionee: { userId: somsak.id } } } }]);
  await expect(nok.thread.getByText("@สมศักดิ์")).toBeVisible();
  await expect(nok.message("@สมศักดิ์ {welcome}")).toHaveCount(1);
  await expect(nok.row("Neighbours")).toContainText("Hi @… {welcome}");
  await desk.changeMembers(group, { leave: [malee.id] });
  await expect(panel.getByRole("listitem").filter({ hasText: "Malee" })).toContainText("left");
});
