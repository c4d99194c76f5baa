// Finding the way: by find, search, quotes, keys, the address, and back.
import { expect, test } from "./test";

test.slow();

const many = (words: string) => Array.from({ length: 100 }, (_, at) => `${words} ${at + 1}`);

test("find walks through the thread, and Esc leads back to the field", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await customer.says("the blue one first");
  await customer.saysAll(many("chatter").slice(0, 40));
  await customer.says("the blue one again");
  // A hit that comes while one is shown leaves that one shown.
  await expect(nok.row("Malee")).toContainText("the blue one again");
  await nok.open("Malee");
  await nok.claim();
  await nok.page.keyboard.press("Control+Shift+F");
  const find = nok.page.getByRole("searchbox", { name: "Find in the messages shown here" });
  await expect(find).toBeFocused();
  await find.fill("BLUE one");
  const bar = nok.page.getByRole("search").filter({ has: find });
  await expect(bar).toContainText("1 of 2");
  await expect(nok.message("the blue one again")).toBeInViewport();
  await find.press("Enter");
  await expect(bar).toContainText("2 of 2");
  await expect(nok.message("the blue one first")).toBeInViewport();
  await find.press("Shift+Enter");
  await expect(nok.message("the blue one again")).toBeInViewport();
  await find.fill("no such words");
  await expect(bar).toContainText("Nothing found");
  await find.press("Escape");
  await expect(find).toBeHidden();
  await expect(nok.field).toBeFocused();
});

test("a search hit opens at its message, and so does its address, and back leads to the search", async ({
  desk,
  open,
  stranger,
}) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await customer.says("order 8841 is broken");
  for (const words of ["chatter", "more chatter", "even more"]) await customer.saysAll(many(words));
  await expect(nok.row("Malee")).toContainText("even more 100");
  await nok.page.goto("/search?q=8841");
  const hit = nok.page.getByRole("link", { name: /order 8841 is broken/ });
  await hit.click();
  await expect(nok.page).toHaveURL(/\/c\/\d+\?m=\d+$/);
  await expect(nok.message("order 8841 is broken")).toBeInViewport();
  const address = new URL(nok.page.url());
  await nok.page.goBack();
  await expect(nok.page).toHaveURL(/\/search\?q=8841$/);
  await expect(hit).toBeVisible();
  await nok.page.goForward();
  await expect(nok.message("order 8841 is broken")).toBeInViewport();

  const ann = await stranger();
  await ann.page.goto(address.pathname + address.search);
  await ann.fillSignIn("ann", "correct horse battery staple");
  await expect(ann.message("order 8841 is broken")).toBeInViewport();
  expect(ann.page.url()).toBe(address.href);
});

test("a quote leads to what it quotes, however far back; one's own quote reaches the phone", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  const first = await customer.says("Is the shop open today?");
  await customer.saysAll(many("chatter"));
  await customer.says("I meant this", first);
  await nok.open("Malee");
  await nok.claim();
  await nok
    .message("I meant this")
    .getByRole("button", { name: /^Quotes / })
    .click();
  const quoted = nok.thread.getByRole("article", { name: /: Is the shop open today\?$/ });
  await expect(quoted).toBeInViewport();
  await quoted.hover();
  await quoted.getByRole("button", { name: "Quote" }).click();
  await nok.send("Yes, until nine");
  await expect
    .poll(async () => (await customer.phone()).at(-1))
    .toMatchObject({
      text: "Yes, until nine",
      quoted_message_id: first,
    });
  // It is not loaded any more: the thread is at its end again.
  await nok
    .message("Yes, until nine")
    .getByRole("button", { name: /^Quotes / })
    .click();
  await expect(quoted).toBeInViewport();
});

test("Ctrl+Enter sends and closes; Alt+Down goes to the next unread", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await desk.waitingCustomer("Yui");
  await desk.waitingCustomer("Somchai");
  await expect(nok.row("Somchai")).toBeVisible();
  await expect(nok.row("Yui")).toBeVisible();
  await nok.field.fill("Goodbye");
  await nok.field.press("Control+Enter");
  await expect(nok.page.getByText("Closed the conversation with Malee")).toBeVisible();
  await expect.poll(() => customer.received()).toEqual(["Goodbye"]);
  await nok.page.keyboard.press("Alt+ArrowDown");
  await nok.page.keyboard.press("Alt+ArrowDown");
  const heading = (name: string) => nok.page.getByRole("heading", { name });
  await expect(heading("Somchai").or(heading("Yui"))).toBeVisible();
});

test("every list has its keys and its address, and back and forward go through them", async ({ desk, open }) => {
  const nok = await open("nok");
  await desk.waitingCustomer("Malee");
  await desk.waitingCustomer("Yui");
  await expect(nok.row("Yui")).toBeVisible();
  for (const [key, place] of [
    ["q", "/queue"],
    ["m", "/mine"],
    ["a", "/all"],
  ] as const) {
    await nok.page.keyboard.press("g");
    await nok.page.keyboard.press(key);
    await expect(nok.page).toHaveURL(new RegExp(`${place}$`));
  }
  await nok.open("Malee");
  const malee = nok.page.url();
  await nok.open("Yui");
  const yui = nok.page.url();
  await nok.page.goBack();
  await expect(nok.page).toHaveURL(malee);
  await expect(nok.page.getByRole("heading", { name: "Malee" })).toBeVisible();
  await nok.page.goForward();
  await expect(nok.page).toHaveURL(yui);
  await expect(nok.page.getByRole("heading", { name: "Yui" })).toBeVisible();
  for (const place of ["/all", "/mine", "/queue"]) {
    await nok.page.goto(place);
    await expect(nok.list.locator('[aria-current="page"]').first()).toBeVisible();
  }
  await expect(nok.row("Malee")).toBeVisible();
  await nok.page.goto("/mine");
  await expect(nok.list).toContainText("You have no conversations.");
});

test("a place that needs a sign-in is where one comes out after it", async ({ desk, stranger }) => {
  await desk.waitingCustomer("Malee");
  const screen = await stranger();
  await screen.page.goto("/search?q=agent");
  await screen.fillSignIn("nok", "correct horse battery staple");
  await expect(screen.page).toHaveURL(/\/search\?q=agent$/);
  await expect(screen.page.getByRole("searchbox", { name: "Search messages and names" })).toHaveValue("agent");
  await expect(screen.page.getByRole("main").getByRole("link", { name: /I need an agent, please/ })).toBeVisible();
  await screen.page.goto("/queue");
  await expect(screen.row("Malee")).toBeVisible();
});
