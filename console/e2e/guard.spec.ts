// Two hands on one customer: nothing is answered twice unasked, and nothing that was written is lost.
import { expect, test } from "./test";

test.slow();

test("what was typed without seeing a colleague's answer is not sent unasked", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await nok.field.fill("We open at nine");
  const answer = `/admin/live-chat/conversations/${customer.id}/messages`;
  await desk.as("lead", "POST", answer, { text: "We open at ten" });
  const question = nok.page.getByText(/answered .* ago\. Read it first\?/).first();
  await expect(question).toBeAttached();
  await nok.field.press("Enter");
  await expect(nok.button("Show reply")).toBeFocused();
  await expect(nok.field).toHaveValue("We open at nine");
  expect(await customer.received()).toEqual(["We open at ten"]);
  await nok.page.keyboard.press("Enter");
  await expect(nok.field).toBeFocused();
  await expect(nok.button("Show reply")).toBeHidden();
  await nok.field.fill("We open at ten, as my colleague says");
  await nok.field.press("Enter");
  await expect.poll(() => customer.received()).toEqual(["We open at ten", "We open at ten, as my colleague says"]);

  await nok.field.fill("Anything else?");
  await desk.as("lead", "POST", answer, { text: "Bye" });
  await nok.button("Send anyway").click();
  await expect(nok.field).toHaveValue("");
  await expect.poll(async () => (await customer.received()).slice(2)).toEqual(["Bye", "Anything else?"]);
});

test("who is taken over keeps what they wrote, and is asked when the chat comes back", async ({ desk, open }) => {
  const [nok, lead] = await Promise.all([open("nok"), open("lead")]);
  const customer = await desk.waitingCustomer("Malee");
  await Promise.all([nok.open("Malee"), lead.open("Malee")]);
  await nok.claim();
  await nok.field.fill("On my way to an answer");
  await lead.button("Take over").first().click();
  const write = nok.page.getByRole("region", { name: "Write" });
  await expect(write).toContainText("lead is answering");
  await expect(write).toContainText("What you wrote is kept.");
  await lead.send("The lead answers");
  await lead.button("Transfer").click();
  const dialog = lead.page.getByRole("dialog");
  await dialog.getByRole("option", { name: /^Nok/ }).click();
  await dialog.getByRole("button", { name: "Transfer to Nok" }).click();
  await expect(nok.field).toHaveValue("On my way to an answer");
  await nok.field.press("Enter");
  await expect(nok.button("Show reply")).toBeFocused();
  expect(await customer.received()).toEqual(["The lead answers"]);
});
