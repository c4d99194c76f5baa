// One operator in two windows of a browser.
import { Console } from "./pages";
import { expect, test } from "./test";

async function second(first: Console): Promise<Console> {
  const page = await first.page.context().newPage();
  await page.goto(first.page.url());
  const other = new Console(page);
  await expect(other.list).toBeVisible();
  return other;
}

test("what is typed in one window is in the other, and is sent once", async ({ desk, open }) => {
  const one = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await one.open("Malee");
  await one.claim();
  const two = await second(one);
  await expect(two.field).toBeEditable();
  await one.field.fill("Written in the first");
  await expect(two.field).toHaveValue("Written in the first");
  await two.field.press("End");
  await two.field.pressSequentially(", ended in the second");
  await expect(one.field).toHaveValue("Written in the first, ended in the second");
  await two.field.press("Enter");
  await expect(one.field).toHaveValue("");
  await expect(one.message("Written in the first, ended in the second")).toBeVisible();
  await expect.poll(() => customer.received()).toEqual(["Written in the first, ended in the second"]);
  await one.page.reload();
  await expect(one.field).toHaveValue("");
});
