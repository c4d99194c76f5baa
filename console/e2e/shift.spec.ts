// An ordinary shift: what every operator does all day, alone and beside colleagues.
import { mark } from "./pages";
import { expect, test } from "./test";

test("a wrong password is told in words, the right one opens the desk", async ({ stranger }) => {
  const screen = await stranger();
  await screen.fillSignIn("nok", "not the password");
  await expect(screen.page.getByText("The name or the password is wrong. Check both and try again.")).toBeVisible();
  await screen.signIn("nok");
  // The sign-in outlives the page.
  await screen.page.reload();
  await expect(screen.list).toBeVisible();
});

test("a customer writes, an operator claims and answers, and the answer arrives once", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await expect(nok.message("I need an agent, please")).toBeVisible();
  await nok.claim();
  await nok.send("Hello Malee, how can I help?");
  await expect(nok.mark("Hello Malee, how can I help?", mark.sent)).toBeVisible();
  await nok.send("And one more line");
  await expect.poll(() => customer.received()).toEqual(["Hello Malee, how can I help?", "And one more line"]);

  await customer.says("Where is my order?");
  await expect(nok.message("Where is my order?")).toBeVisible();
  await nok.button("Close").first().click();
  await expect(nok.page.getByText("Closed the conversation with Malee")).toBeVisible();
});

test("what a customer writes is never markup", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  const text = '<img src=x onerror="alert(1)"><b>bold</b> & </script> https://example.com/?a=1&b="2"';
  await customer.says(text);
  await nok.open("Malee");
  await expect(nok.message("bold")).toContainText(text);
});

test("of two who claim at once one gets it, and the other is told who did", async ({ desk, open }) => {
  const [nok, ann] = await Promise.all([open("nok"), open("ann")]);
  await desk.waitingCustomer("Malee");
  await Promise.all([nok.open("Malee"), ann.open("Malee")]);
  await Promise.all([nok, ann].map((one) => expect(one.button("Claim").first()).toBeVisible()));
  await Promise.all([nok, ann].map((one) => one.page.keyboard.press("c")));
  const hasIt = (one: typeof nok) => one.field.isVisible();
  await expect.poll(async () => [await hasIt(nok), await hasIt(ann)].filter(Boolean).length).toBe(1);
  const [loser, winnersName] = (await hasIt(nok)) ? [ann, "Nok"] : [nok, "Ann"];
  await expect(loser.page.getByText(`${winnersName} is answering`).first()).toBeVisible();
  await expect(loser.field).toBeHidden();
});

test("a transferred conversation is the colleague's, with the reason", async ({ desk, open }) => {
  const [nok, ann] = await Promise.all([open("nok"), open("ann")]);
  const customer = await desk.waitingCustomer("Malee");
  await Promise.all([nok.open("Malee"), ann.open("Malee")]);
  await nok.claim();
  await nok.button("Transfer").click();
  const dialog = nok.page.getByRole("dialog");
  await dialog.getByRole("option", { name: /^Ann/ }).click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("speaks Japanese");
  await dialog.getByRole("button", { name: "Transfer to Ann" }).click();
  await expect(nok.page.getByText("Ann is answering").first()).toBeVisible();
  await expect(ann.field).toBeEditable();
  await ann.send("Ann here");
  await expect.poll(() => customer.received()).toEqual(["Ann here"]);
  await expect(nok.message("Ann here")).toBeVisible();
});

test("a colleague's writing, looking and answer are seen at once", async ({ desk, open }) => {
  const [nok, ann] = await Promise.all([open("nok"), open("ann")]);
  await desk.waitingCustomer("Malee");
  await Promise.all([nok.open("Malee"), ann.open("Malee")]);
  await nok.claim();
  await expect(ann.page.getByText(/Nok is answering/).first()).toBeVisible();
  await nok.field.pressSequentially("Hel");
  await expect(ann.page.getByText(/Nok is (typing|writing)/i).first()).toBeAttached();
  await nok.send("Hello");
  await expect(ann.message("Hello")).toBeVisible();
});

test("a withdrawn message leaves no trace of its text", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  const secret = await customer.says("my card is 4242");
  await nok.open("Malee");
  await expect(nok.message("my card is 4242")).toBeVisible();
  await customer.withdraws(secret);
  await expect(nok.thread.getByText("withdrew a message")).toBeVisible();
  await expect(nok.page.getByText("my card is 4242")).toHaveCount(0);
});

test("an admin's four acts leave the session line whole", async ({ desk, open }) => {
  const [nok, lead] = await Promise.all([open("nok"), open("lead", { viewport: { width: 1440, height: 820 } })]);
  await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await lead.open("Malee");
  for (const name of ["Take over", "Transfer", "To queue", "Close"]) {
    await expect(lead.button(name).first()).toBeVisible();
    await expect(lead.button(name).first()).toHaveAttribute("title", /\w/);
  }
  const line = lead.page.getByText("Nok is answering · can receive messages");
  await expect(line).toBeVisible();
  expect(await line.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
});

test("to someone who blocked the account one cannot write", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await customer.becomes("blocked");
  await expect(nok.page.getByText("They blocked this account").first()).toBeVisible();
});
