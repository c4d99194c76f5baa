// The watch notices what it is there for: a guard that never barks guards nothing.
import { expect, test } from "./test";
import { watch } from "./watch";

test("what a page may not do is noticed", async ({ desk, browser }) => {
  const context = await browser.newContext({ baseURL: desk.url });
  const faults: string[] = [];
  await watch(context, desk.url, faults);
  const page = await context.newPage();
  await page.goto("/");
  await page.evaluate(() => {
    const style = document.createElement("style");
    style.textContent = "body { color: red }";
    document.head.append(style);
  });
  await page.evaluate(() => void fetch("http://127.0.0.1:9/").catch(() => undefined));
  await page.evaluate(() => void setTimeout(() => Promise.reject(new Error("nobody caught this"))));
  await page.evaluate(
    () => void document.body.append(Object.assign(document.createElement("img"), { src: "/nowhere.png" })),
  );
  for (const part of ["refused by the policy: style-src", "nobody caught this", "/nowhere.png: 404"]) {
    await expect.poll(() => faults.join("\n")).toContain(part);
  }
  await expect.poll(() => faults.join("\n")).toMatch(/policy: connect-src|left the origin/);
});
