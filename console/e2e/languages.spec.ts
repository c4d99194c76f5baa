// The screen in every language of the desk: its words, in the fonts that come with it, and nothing cut off.
import type { Page } from "@playwright/test";
import { messages as ja } from "../src/catalogue/ja/all";
import { messages as th } from "../src/catalogue/th/all";
import { messages as zh } from "../src/catalogue/zh-TW/all";
import type { Console } from "./pages";
import { expect, test } from "./test";

const SCREENS = [
  { name: "ไทย", lang: "th", words: th, customer: "มาลี", font: "Noto Sans Thai" },
  { name: "日本語", lang: "ja", words: ja, customer: "結衣", font: "Noto Sans JP" },
  { name: "繁體中文", lang: "zh-Hant", words: zh, customer: "雅婷", font: "Noto Sans TC" },
];

async function choose(nok: Console, name: string): Promise<void> {
  await nok.page.goto("/settings");
  await nok.page.getByRole("radio", { name }).click();
}

/** Whether the font is here by now, and has the letters of these words. */
function isDrawnIn(page: Page, font: string, words: string): Promise<boolean> {
  return page.evaluate(
    ([family, text]) => {
      const isLoaded = [...document.fonts].some(
        (face) => face.family.replace(/["']/g, "") === family && face.status === "loaded",
      );
      return isLoaded && document.fonts.check(`14px "${family}"`, text);
    },
    [font, words] as const,
  );
}

/** What in the thread's bar is cut off or hangs out of it. */
function clipped(page: Page): Promise<string[]> {
  return page.locator(".thread-bar").evaluate((bar) => {
    const edge = bar.getBoundingClientRect();
    const isOut = (it: Element) => {
      const { left, right, top, bottom, width } = it.getBoundingClientRect();
      if (width === 0) return false;
      const isWider = it instanceof HTMLElement && it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0;
      return left < edge.left || right > edge.right + 0.5 || top < edge.top || bottom > edge.bottom + 0.5 || isWider;
    };
    return [...bar.querySelectorAll("h2, .who2-name, .session-line, button, button span")]
      .filter(isOut)
      .map((it) => `${it.className || it.tagName}: ${it.textContent}`);
  });
}

for (const { name, lang, words, customer, font } of SCREENS) {
  test(`${name}: every main screen, in its own letters`, async ({ desk, open }) => {
    const nok = await open("nok", { viewport: { width: 1440, height: 820 } });
    const { page } = nok;
    await choose(nok, name);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await expect(page.getByRole("heading", { level: 1, name: words.settings.head }).first()).toBeVisible();
    await expect(page.getByRole("heading", { name: words.notify.title })).toBeVisible();

    await desk.waitingCustomer(customer, lang);
    await page.goto("/queue");
    // It is the browser's choice, not the page's: it outlives the page.
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await expect(page.getByPlaceholder(words.list.field)).toBeVisible();
    await expect(page.getByText(words.list.filter.mine).first()).toBeVisible();
    await page.getByRole("link").filter({ hasText: customer }).click();
    await page.getByRole("button", { name: words.session.act.claim, exact: true }).first().click();
    await expect(page.getByRole("button", { name: words.session.act.release, exact: true }).first()).toBeVisible();
    const field = page.getByRole("textbox").last();
    await expect(field).toBeFocused();
    await field.fill(words.session.transferTitle(customer));
    await field.press("Enter");
    await expect(page.getByRole("article").filter({ hasText: words.session.transferTitle(customer) })).toBeVisible();

    for (const width of [1440, 1000]) {
      await page.setViewportSize({ width, height: 820 });
      await expect(page.getByRole("heading", { name: customer }).first()).toBeVisible();
      await expect.poll(() => clipped(page)).toEqual([]);
    }
    const written = `${words.session.act.close}${words.session.act.claim}${customer}`;
    await expect.poll(() => isDrawnIn(page, font, written)).toBe(true);

    await page.goto("/search?q=agent");
    await expect(page.getByRole("heading", { name: words.search.messages })).toBeVisible();
    await page.keyboard.press("Control+k");
    await expect(page.getByPlaceholder(words.keyboard.placeholder)).toBeVisible();
  });
}
