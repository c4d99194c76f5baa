// axe finds nothing on a phone, in light and in dark.
import { DIALOG, findNothing, MENU } from "./axe";
import { expect, test } from "./test";

test.slow();

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

test("a phone: the screens", async ({ desk, stranger }) => {
  const nok = await stranger(PHONE);
  const { page } = nok;
  await findNothing(page, "sign-in");
  await nok.signIn("nok");
  const customer = await desk.waitingCustomer("Malee");
  await expect(nok.row("Malee")).toBeVisible();
  await findNothing(page, "list");
  await nok.row("Malee").tap();
  await customer.says("hello?");
  await expect(nok.message("hello?")).toBeVisible();
  await findNothing(page, "thread");
  await nok.button("Customer").tap();
  await expect(page.getByRole("complementary", { name: "Customer" })).toBeVisible();
  await findNothing(page, "customer");
  await page.goto("/search?q=agent");
  await expect(page.getByText(/Conversations: /).first()).toBeAttached();
  await findNothing(page, "search");
  await page.goto("/settings");
  await expect(page.getByRole("heading", { name: "Settings" }).first()).toBeVisible();
  await findNothing(page, "settings");
});

test("a phone: what opens", async ({ desk, open }) => {
  const nok = await open("nok", PHONE);
  const { page } = nok;
  await desk.waitingCustomer("Malee");
  const shut = async () => {
    await page.keyboard.press("Escape");
    await expect(page.locator(`${MENU}, ${DIALOG}`)).toHaveCount(0);
  };
  await nok.button(/^You: status/).tap();
  await expect(page.getByRole("menu")).toBeVisible();
  await findNothing(page, "me", MENU);
  await shut();
  await nok.button("New conversation").tap();
  await expect(page.getByRole("dialog")).toBeVisible();
  await findNothing(page, "new conversation", DIALOG);
  await shut();
  await nok.row("Malee").tap();
  await nok.claim();
  await nok.send("From a phone");
  await nok.message("I need an agent").tap();
  await nok.button("What to do with this message").tap();
  await expect(page.getByRole("menuitem", { name: "Quote" })).toBeVisible();
  await findNothing(page, "a message's menu", MENU);
  await page.getByRole("menuitem", { name: "Quote" }).tap();
  await expect(nok.button("Do not quote it")).toBeVisible();
  await findNothing(page, "quoting");
  await nok.button("More for this conversation").tap();
  await expect(page.getByRole("menu")).toBeVisible();
  await findNothing(page, "a conversation's menu", MENU);
  await page.getByRole("menuitem", { name: "Transfer to…" }).tap();
  await expect(page.getByRole("option", { name: /^Ann/ })).toBeVisible();
  await findNothing(page, "transfer", DIALOG);
});
