// axe finds nothing, on every screen and dialog, in light and in dark (WCAG 2.2 AA).
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Desk } from "./desk";
import type { Console } from "./pages";
import { expect, test } from "./test";

test.slow();

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** In both themes; the screen follows the system's. */
async function findNothing(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).options({ runOnly: TAGS, preload: false }).analyze();
    const found = violations.map(({ id, help, nodes }) => ({
      id,
      help,
      at: nodes.map((node) => `${node.target} ${node.html.slice(0, 160)}`),
    }));
    expect.soft(found, `${screen}, ${colorScheme}`).toEqual([]);
  }
}

/** A desk with a bit of everything on the screen. */
async function busyThread(desk: Desk, nok: Console): Promise<void> {
  const waiting = await desk.waitingCustomer("雅婷", "zh-TW");
  await waiting.says("可以找真人客服嗎？");
  const customer = await desk.waitingCustomer("มาลี", "th");
  const secret = await customer.says("ความลับ");
  await nok.open("มาลี");
  await nok.claim();
  await nok.send("สวัสดีค่ะ");
  await customer.withdraws(secret);
  await customer.says("ขอบคุณค่ะ");
  await expect(nok.message("ขอบคุณค่ะ")).toBeVisible();
}

test("the sign-in", async ({ stranger }) => {
  const screen = await stranger();
  await expect(screen.page.getByLabel("User name")).toBeVisible();
  await findNothing(screen.page, "sign-in");
});

test("an empty desk", async ({ open }) => {
  const nok = await open("nok");
  await findNothing(nok.page, "empty");
});

test("the list, the thread and the customer", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await findNothing(nok.page, "thread");
  await nok.row("雅婷").click();
  await expect(nok.button("Claim").first()).toBeVisible();
  await findNothing(nok.page, "waiting");
});

test("the search and the settings", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await nok.page.goto("/search?q=agent");
  await expect(nok.page.getByText(/Conversations: /).first()).toBeAttached();
  await findNothing(nok.page, "search");
  await nok.page.goto("/settings");
  await expect(nok.page.getByRole("heading", { name: "Settings" }).first()).toBeVisible();
  await findNothing(nok.page, "settings");
});

test("the palette, the help and the transfer", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await nok.field.press("Escape");
  await nok.page.keyboard.press("Control+k");
  await expect(nok.page.getByRole("combobox")).toBeVisible();
  await findNothing(nok.page, "palette");
  await nok.page.keyboard.press("Escape");
  await nok.page.keyboard.press("?");
  await expect(nok.page.getByRole("dialog")).toBeVisible();
  await findNothing(nok.page, "keys");
  await nok.page.keyboard.press("Escape");
  await nok.button("Transfer").click();
  await expect(nok.page.getByRole("dialog").getByRole("option", { name: /^Ann/ })).toBeVisible();
  await findNothing(nok.page, "transfer");
});

test("an outage", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await desk.kill();
  await expect(nok.page.getByText("You are offline.").first()).toBeVisible();
  await nok.send("later");
  await findNothing(nok.page, "offline");
});

test("a phone", async ({ desk, open }) => {
  const nok = await open("nok", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const customer = await desk.waitingCustomer("Malee");
  await expect(nok.row("Malee")).toBeVisible();
  await findNothing(nok.page, "list on a phone");
  await nok.row("Malee").tap();
  await customer.says("hello?");
  await expect(nok.message("hello?")).toBeVisible();
  await findNothing(nok.page, "thread on a phone");
});
