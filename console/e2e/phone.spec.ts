// On a phone: one column at a time.
import { expect, test } from "./test";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

test("on a phone one goes from the list to the thread and back, and answers", async ({ desk, open }) => {
  const customer = await desk.waitingCustomer("Malee");
  const nok = await open("nok", PHONE);
  await nok.row("Malee").tap();
  await expect(nok.list).toBeHidden();
  await nok.button("Claim").first().tap();
  await nok.send("From a phone");
  await expect.poll(() => customer.received()).toEqual(["From a phone"]);
  await nok.button("Back to the list").tap();
  await expect(nok.row("Malee")).toBeVisible();
  await nok.row("Malee").tap();
  await expect(nok.message("From a phone")).toBeVisible();
  // The gesture of the system.
  await nok.page.goBack();
  await expect(nok.row("Malee")).toBeVisible();
  const { width, scrollWidth } = await nok.page.evaluate(() => ({
    width: innerWidth,
    scrollWidth: document.documentElement.scrollWidth,
  }));
  expect(scrollWidth).toBeLessThanOrEqual(width);
});

test("on a phone whatever is pressed is at least 44 px high", async ({ desk, open }) => {
  await desk.waitingCustomer("Malee");
  const nok = await open("nok", PHONE);
  const small = () =>
    nok.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("a[href], button, [role=button], input, textarea, select")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1)
        .map((one) => ({
          name: one.ariaLabel ?? one.textContent,
          height: Math.round(one.getBoundingClientRect().height),
        }))
        .filter(({ height }) => height < 44),
    );
  await expect(nok.row("Malee")).toBeVisible();
  expect(await small()).toEqual([]);
  await nok.row("Malee").tap();
  await nok.claim();
  expect(await small()).toEqual([]);
});
