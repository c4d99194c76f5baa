// The console opens without its desk, says so, and goes on by itself; and its worker goes when it is not wanted.
import type { Page, Route } from "@playwright/test";
import { mark } from "./pages";
import { expect, test } from "./test";

/** What the worker has of the page, by version; the newest last. */
function versions(page: Page): Promise<{ name: string; isWhole: boolean }[]> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const isWhole = async (name: string) => (await (await caches.open(name)).match("/")) !== undefined;
    return Promise.all(names.map(async (name) => ({ name, isWhole: await isWhole(name) })));
  });
}

async function isKept(page: Page): Promise<void> {
  await expect.poll(() => versions(page)).toEqual([{ name: expect.any(String), isWhole: true }]);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

const away = (page: Page) => page.getByRole("heading", { name: "The desk cannot be reached" });

test("a reload while the desk is away opens the console, which goes on by itself", async ({ desk, open }) => {
  // The pauses between tries grow while the desk is away.
  test.slow();
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await isKept(nok.page);
  await desk.kill();
  await expect(nok.page.getByText("You are offline.").first()).toBeVisible();
  await nok.send("written offline");
  await nok.send("and another");
  await expect(nok.mark("and another", mark.offline)).toBeVisible();
  await nok.page.reload();
  const second = await nok.page.context().newPage();
  await second.goto("/queue");
  for (const page of [nok.page, second]) {
    await expect(away(page)).toBeVisible();
    await expect(page.getByText("2 messages will go out when you are back.")).toBeVisible();
    await expect(page.getByText(/^(Next try in \d+ s\.|Trying now…)$/)).toBeVisible();
    await expect(page.getByLabel("User name")).toBeHidden();
    expect(await page.locator("body").innerText()).not.toMatch(/Malee|written|another/);
  }
  await desk.startAgain();
  await expect(nok.message("and another")).toBeVisible({ timeout: 40_000 });
  await expect.poll(() => customer.received(), { timeout: 30_000 }).toEqual(["written offline", "and another"]);
  await nok.send("after it");
  await expect
    .poll(() => customer.received(), { timeout: 30_000 })
    .toEqual(["written offline", "and another", "after it"]);
  await expect(nok.message("written offline")).toHaveCount(1);
});

test("the worker asks for pages and files, for nothing else, and is watched like them", async ({ desk, open }) => {
  const nok = await open("nok");
  await isKept(nok.page);
  const asked: string[] = [];
  nok.page.context().on("request", (request) => {
    if (request.serviceWorker()) asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await desk.waitingCustomer("Malee");
  await nok.page.reload();
  await nok.open("Malee");
  await nok.claim();
  await nok.send("hello");
  await expect(nok.mark("hello", mark.sent)).toBeVisible();
  await nok.page.evaluate(() => Promise.all(["/docs", "/openapi.json", "/healthz"].map((path) => fetch(path))));
  await expect.poll(() => asked).toContain("GET /");
  for (const one of asked) expect(one).toMatch(/^GET \/($|all$|c\/|assets\/|sw\.js$)/);
});

test("another version of the page takes the place of the old one at the next load", async ({ desk, stranger }) => {
  const { page } = await stranger();
  await isKept(page);
  const [old] = await versions(page);
  await page.context().route(`${desk.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}<!-- another version -->` });
  });
  await page.reload();
  const others = [{ name: expect.not.stringMatching(String(old?.name)), isWhole: true }];
  await expect.poll(() => versions(page)).toEqual(others);
});

test("a page that a proxy refuses, or that does not come, is the kept one", async ({ desk, browser }) => {
  const context = await browser.newContext({ baseURL: desk.url });
  const page = await context.newPage();
  await page.goto("/");
  await isKept(page);
  const troubles = [
    (route: Route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }),
    () => undefined,
  ];
  for (const trouble of troubles) {
    await context.route(`${desk.url}/all`, trouble);
    await page.goto("/all");
    await expect(page.getByLabel("User name")).toBeVisible();
    await context.unroute(`${desk.url}/all`);
  }
});

test("a desk that has no worker is rid of it, and nothing stays", async ({ desk, browser }) => {
  const context = await browser.newContext({ baseURL: desk.url });
  const page = await context.newPage();
  await page.goto("/");
  await isKept(page);
  await context.route("**/sw.js", (route) => route.fulfill({ status: 404 }));
  await context.route(`${desk.url}/`, (route) =>
    route.fulfill({ contentType: "text/html", body: "<h1>The server was built without its console.</h1>" }),
  );
  await page.reload();
  const registrations = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  await expect.poll(registrations).toBe(0);
  await expect.poll(() => versions(page)).toEqual([]);
});
