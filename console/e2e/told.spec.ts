// Being told: once for all tabs of a browser, and quietly while one of them is looked at.
import type { BrowserContext, Page } from "@playwright/test";
import type { Customer, Desk } from "./desk";
import { Console } from "./pages";
import { expect, test } from "./test";

test.slow();

declare global {
  interface Window {
    told: (what: string) => Promise<void>;
    isLookedAt: boolean;
  }
}

/** What the browser showed and sounded, in all tabs of it. */
async function listen(context: BrowserContext): Promise<string[]> {
  const told: string[] = [];
  await context.exposeFunction("told", (what: string) => void told.push(what));
  await context.addInitScript(() => {
    class Shown extends EventTarget {
      static readonly permission = "granted";
      onclick: (() => void) | null = null;
      constructor(title: string) {
        super();
        void window.told(title);
      }
      close() {}
    }
    Object.defineProperty(window, "Notification", { value: Shown });
    const connect = AudioNode.prototype.connect;
    Object.defineProperty(AudioNode.prototype, "connect", {
      value(this: AudioNode, ...to: Parameters<typeof connect>) {
        if (to[0] instanceof AudioDestinationNode) void window.told("a sound");
        return connect.apply(this, to);
      },
    });
    // To the browser under test every tab is in front.
    window.isLookedAt = false;
    document.hasFocus = () => window.isLookedAt;
  });
  return told;
}

async function look(page: Page, isLookedAt: boolean): Promise<void> {
  await page.evaluate((is) => {
    window.isLookedAt = is;
    dispatchEvent(new Event(is ? "focus" : "blur"));
  }, isLookedAt);
}

/** Chromium keeps a page silent that nobody has touched. */
async function touch(screen: Console): Promise<void> {
  await screen.page.getByRole("heading", { name: "Conversations" }).first().click();
}

/** Known by name before asking for a person: a stranger's name comes a moment after the first message. */
async function known(desk: Desk, screen: Console, name: string): Promise<Customer> {
  const customer = await desk.customer(name);
  await customer.says("hello");
  await expect(screen.row(name)).toBeVisible();
  return customer;
}

const hasDot = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel~="icon"]')?.href.startsWith("data:") ?? false);

test("of two tabs one rings, both are marked, and the one that is looked at keeps both quiet", async ({
  desk,
  open,
}) => {
  const one = await open("nok");
  const told = await listen(one.page.context());
  await one.page.reload();
  const two = new Console(await one.page.context().newPage());
  await two.page.goto("/");
  const tabs = [one, two];
  for (const tab of tabs) await touch(tab);
  await expect(one.page).toHaveTitle("linedesk");
  expect(await hasDot(one.page)).toBe(false);

  const [malee, somchai, yui] = [
    await known(desk, one, "Malee"),
    await known(desk, one, "Somchai"),
    await known(desk, one, "Yui"),
  ];
  const agent = "I need an agent, please";
  await malee.says(agent);
  await expect.poll(() => told.toSorted()).toEqual(["Malee", "a sound"]);
  // A second sound within 1.5 s is left out.
  const notes = () => told.filter((one) => one !== "a sound");
  for (const tab of tabs) {
    await expect(tab.page).toHaveTitle("(1) linedesk");
    expect(await hasDot(tab.page)).toBe(true);
  }

  await look(two.page, true);
  await somchai.says(agent);
  for (const tab of tabs) await expect(tab.page).toHaveTitle("(2) linedesk");
  await look(two.page, false);
  await yui.says(agent);
  await expect.poll(notes).toEqual(["Malee", "Yui"]);

  // Claimed and read: nothing of it waits, until the customer writes again.
  await look(two.page, true);
  await two.open("Yui");
  await two.claim();
  for (const tab of tabs) await expect(tab.page).toHaveTitle("(2) linedesk");
  await look(two.page, false);
  await yui.says("Still there?");
  await expect.poll(notes).toEqual(["Malee", "Yui", "Yui"]);
  for (const tab of tabs) await expect(tab.page).toHaveTitle("(3) linedesk");
  await look(two.page, true);
  for (const tab of tabs) await expect(tab.page).toHaveTitle("(2) linedesk");
  expect(told.length - notes().length).toBeLessThanOrEqual(notes().length);
});
