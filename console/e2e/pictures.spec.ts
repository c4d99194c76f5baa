// Contacts' pictures: by way of the desk, never from LINE itself.
import { expect, test } from "./test";

test("a contact with a picture is shown with it, from the desk's own address", async ({ desk, open }) => {
  const nok = await open("nok");
  await desk.waitingCustomer("Malee", "en", "cat");
  await desk.waitingCustomer("Somsak");
  await nok.open("Malee");
  const pictures = nok.page.locator('img[src^="/media/pictures/"]');
  await expect(nok.row("Malee").locator("img")).toHaveAttribute("src", /^\/media\/pictures\/\d+\?v=\w+$/);
  // In the row, by the messages, and in the panel.
  await expect.poll(() => pictures.count()).toBeGreaterThan(1);
  const widths = () =>
    pictures.evaluateAll((all) => all.map((it) => (it instanceof HTMLImageElement ? it.naturalWidth : 0)));
  await expect.poll(async () => (await widths()).every((width) => width > 0)).toBe(true);
  await expect(nok.row("Somsak").locator("img")).toHaveCount(0);
  await expect(nok.row("Somsak")).toContainText("SO");
});
