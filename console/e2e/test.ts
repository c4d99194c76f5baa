// `test` with a desk of its own and as many operators' browsers as it likes; each is watched, and a fault fails the test.
import { type BrowserContextOptions, test as base, expect } from "@playwright/test";
import { Desk } from "./desk";
import { Console } from "./pages";
import { watch } from "./watch";

export { expect };

type Fixtures = {
  /** With two operators beside "lead": "nok" (AGENT) and "ann" (AGENT). */
  desk: Desk;
  /** Opens the console in a browser of its own, signed in. */
  open: (username: string, options?: BrowserContextOptions) => Promise<Console>;
  /** As `open`, but nobody is signed in. */
  stranger: (options?: BrowserContextOptions) => Promise<Console>;
};

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern.
  desk: async ({}, use) => {
    const desk = await Desk.start();
    await desk.addOperator("nok", "AGENT", "Nok");
    await desk.addOperator("ann", "AGENT", "Ann");
    await use(desk);
    const unfit = await desk.unfit();
    await desk.stop();
    expect(unfit, "what went to LINE in a form that LINE does not know").toEqual([]);
  },

  stranger: async ({ browser, desk }, use) => {
    const faults: string[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: desk.url, ...options });
      await watch(context, desk.url, faults);
      const page = await context.newPage();
      await page.goto("/");
      return new Console(page);
    });
    for (const context of browser.contexts()) await context.close();
    expect(faults).toEqual([]);
  },

  open: async ({ stranger }, use) => {
    await use(async (username, options) => {
      const opened = await stranger(options);
      await opened.signIn(username);
      return opened;
    });
  },
});
