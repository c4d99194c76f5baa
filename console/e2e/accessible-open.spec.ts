// axe finds nothing in whatever opens over the page, in light and in dark.
import { busyThread, DIALOG, findNothing, MENU } from "./axe";
import { expect, test } from "./test";

test.slow();

test("the menus and the panes", async ({ desk, open }) => {
  const [nok] = await Promise.all([open("nok"), open("ann")]);
  await busyThread(desk, nok);
  const { page } = nok;
  const { keyboard } = page;
  const shut = async () => {
    await keyboard.press("Escape");
    await expect(page.locator(`${MENU}, ${DIALOG}`)).toHaveCount(0);
  };
  await nok.button(/^You: status/).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await findNothing(page, "me", MENU);
  await shut();
  await nok.button(/^Colleagues: /).click();
  await expect(page.getByRole("dialog", { name: "Colleagues" })).toBeVisible();
  await findNothing(page, "team", DIALOG);
  await shut();
  await nok.button("More for this customer").click();
  await expect(page.getByRole("menu")).toBeVisible();
  await findNothing(page, "customer's menu", MENU);
  await shut();
  await nok.button("Emoji").click();
  await expect(page.getByRole("button", { name: "😊" })).toBeVisible();
  await findNothing(page, "emoji", DIALOG);
  await shut();
  await nok.message("ขอบคุณค่ะ").hover();
  await nok.button("Quote").click();
  await nok.field.fill("x".repeat(5001));
  await expect(page.getByText("Too long by 1")).toBeVisible();
  await keyboard.press("Control+Shift+F");
  await keyboard.type("ค่ะ");
  await expect(page.getByText("1 of 2")).toBeVisible();
  await nok.message("สวัสดีค่ะ").hover();
  await findNothing(page, "find, quote, too long, tools of a message");
  await keyboard.press("Escape");
  await nok.field.fill("");
  await page.setViewportSize({ width: 1000, height: 800 });
  await nok.button("Customer").click();
  await expect(page.getByRole("complementary", { name: "Customer" })).toBeVisible();
  await findNothing(page, "customer as a drawer");
});

test("the dialogs", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  const { page } = nok;
  const { keyboard } = page;
  const shut = async () => {
    await keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  await nok.field.press("Escape");
  await keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeVisible();
  await findNothing(page, "palette", DIALOG);
  await keyboard.type("雅");
  await expect(page.getByRole("option", { name: /雅婷/ }).first()).toBeVisible();
  await findNothing(page, "palette with results", DIALOG);
  await shut();
  await keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await findNothing(page, "keys", DIALOG);
  await shut();
  await nok.button("Transfer").click();
  await expect(page.getByRole("dialog").getByRole("option", { name: /^Ann/ })).toBeVisible();
  await findNothing(page, "transfer", DIALOG);
  await page.getByRole("combobox").fill("nobody of that name");
  await findNothing(page, "transfer to nobody", DIALOG);
  await shut();
  await nok.button("New conversation").click();
  await page.getByRole("dialog").getByLabel("LINE user id").fill("no id");
  await nok.button("Start and send").click();
  await expect(page.getByText(/This is not a LINE user id/)).toBeVisible();
  await findNothing(page, "new conversation", DIALOG);
  await shut();
  await page.goto("/settings");
  await nok.button("Sign out everywhere").click();
  await expect(page.getByRole("dialog", { name: "Sign out everywhere?" })).toBeVisible();
  await findNothing(page, "sign-out everywhere", DIALOG);
});

test("the questions and the toasts", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await busyThread(desk, nok);
  const { page } = nok;
  await desk.setLine({ reply: { kind: "cut_after", times: 1 } });
  await nok.send("unconfirmed");
  await nok.button("Send again?").click();
  await expect(page.getByRole("dialog", { name: "Send this again?" })).toBeVisible();
  await findNothing(page, "send again?", DIALOG);
  await page.keyboard.press("Escape");
  await nok.field.fill("half a sentence");
  const answers = `/admin/live-chat/conversations/${malee.id}/messages`;
  await desk.as("lead", "POST", answers, { text: "the lead's answer" });
  await expect(nok.button("Send anyway")).toBeVisible();
  await findNothing(page, "a colleague answered");
  await nok.field.fill("");
  await nok.button("Close").first().click();
  await expect(page.getByText("Closed the conversation with มาลี")).toBeVisible();
  await findNothing(page, "toast");
});
