// axe finds nothing: by WCAG 2.2 A and AA, and by axe's own good practice.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Customer, Desk } from "./desk";
import type { Console } from "./pages";
import { expect } from "./test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * In both themes, of which the screen follows the system's; only the colours differ. `within`: what opened over a screen
 * that was looked at before.
 */
export async function findNothing(page: Page, screen: string, within?: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // Changed while axe looks, the colours of both themes would be compared.
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    await findNothingNow(page, screen, colorScheme, within);
  }
}

/** In the theme that is shown; of a dark one, only the colours. */
export async function findNothingNow(page: Page, screen: string, colorScheme: "light" | "dark", within?: string) {
  const axe = new AxeBuilder({ page }).options({ preload: false });
  const what = colorScheme === "light" ? axe.withTags(TAGS) : axe.withRules("color-contrast");
  const { violations } = await (within ? what.include(within).disableRules("region") : what).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    at: nodes.map((node) => `${node.target} ${node.html.slice(0, 160)}`),
  }));
  expect.soft(found, `${screen}, ${colorScheme}`).toEqual([]);
}

export const MENU = '[role="menu"]';
export const DIALOG = '[role="dialog"]';

/** A desk with a bit of everything on the screen. Gives มาลี, whose conversation is open and Nok's. */
export async function busyThread(desk: Desk, nok: Console): Promise<Customer> {
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
  return customer;
}
