// The pictures of the README: the demo's own data, worked on a little. `make pictures` takes them anew.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContextOptions, expect, type Page, test } from "@playwright/test";
import { kill, type Running, start } from "../e2e/process";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let demo: Running;
let folder = "";

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "linedesk-pictures-"));
  const listen = ["--listen", "127.0.0.1:0", "--simulator-listen", "127.0.0.1:0"];
  demo = await start(
    ["demo", ...listen],
    { LINEDESK_DATA_DIR: folder },
    (line) => /^\s*Console\s+(http:\S+?)\/?$/.exec(line)?.[1],
  );
});

test.afterAll(async () => {
  await kill(demo);
  await rm(folder, { recursive: true, force: true });
});

test("the console", async ({ browser }) => {
  const wide = { viewport: { width: 1440, height: 900 } };
  const page = await opened(await browser.newContext({ baseURL: demo.found, ...wide }).then((one) => one.newPage()));
  await page.getByRole("link").filter({ hasText: "Emma" }).click();
  await page.getByRole("button", { name: "Claim", exact: true }).first().click();
  const field = page.getByRole("textbox", { name: /^(Reply to|Note)/ });
  await expect(field).toBeEditable();
  await say(page, "Hello Emma, I am looking it up. One moment, please.");
  await say(page, "Order 20417 left our house yesterday and arrives tomorrow before noon.");
  await field.fill("If nobody is in, the courier ");
  await page.mouse.move(0, 0);
  await expect(page.getByRole("link").filter({ hasText: "Emma" }).locator(".count")).toHaveCount(0);
  await both(page, "console");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  await both(page, "console-palette");
  await page.keyboard.press("Escape");

  const phone = await opened(await browser.newContext({ baseURL: demo.found, ...PHONE }).then((one) => one.newPage()));
  await both(phone, "console-phone-list");
  await phone.getByRole("link").filter({ hasText: "Emma" }).tap();
  await expect(phone.getByRole("log")).toContainText("before noon");
  await both(phone, "console-phone");
});

async function opened(page: Page): Promise<Page> {
  await page.goto("/all");
  await page.getByLabel("User name").fill("demo");
  await page.getByLabel("Password", { exact: true }).fill("linedesk-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link").filter({ hasText: "Emma" })).toBeVisible();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: /^(Reply to|Note)/ });
  await field.fill(text);
  await field.press("Enter");
  const sent = page.getByRole("log").getByRole("article").filter({ hasText: text });
  await expect(sent.getByRole("img", { name: /^Sent/ })).toBeVisible();
}

async function both(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    await page.evaluate(() => document.fonts.ready.then(() => {}));
    await page.screenshot({ path: `${IMAGES}${name}-${colorScheme}.png` });
  }
}
