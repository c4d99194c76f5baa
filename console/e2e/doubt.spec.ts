// When a message did not simply go out: what the mark says, and what can be done about it.
import type { Console } from "./pages";
import { expect, test } from "./test";

test.slow();

const UNKNOWN = "LINE did not confirm. It may have arrived.";

async function claimed(nok: Console): Promise<void> {
  await nok.open("Malee");
  await nok.claim();
}

test("what LINE did not confirm says so, and is sent again only when one says yes", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  await desk.setLine({ reply: { kind: "cut_after", times: 1 } });
  await nok.send("Your code is 7");
  const message = nok.message("Your code is 7");
  await expect(message).toContainText(UNKNOWN);
  await expect(nok.row("Malee")).toContainText("Not confirmed: Your code is 7");
  expect(await customer.received()).toEqual(["Your code is 7"]);

  const question = nok.page.getByRole("dialog", { name: "Send this again?" });
  await message.getByRole("button", { name: "Send again?" }).click();
  await expect(question).toContainText("Malee will see it twice");
  await question.getByRole("button", { name: "Leave it" }).click();
  await expect(question).toBeHidden();
  await expect(message).toContainText(UNKNOWN);

  await message.getByRole("button", { name: "Send again?" }).click();
  await question.getByRole("button", { name: "Send again" }).click();
  await expect(message).not.toContainText(UNKNOWN);
  await expect(nok.mark("Your code is 7", /^Sent/)).toBeVisible();
  await expect.poll(() => customer.received()).toEqual(["Your code is 7", "Your code is 7"]);
  await nok.send("and 8");
  await expect.poll(() => customer.received()).toEqual(["Your code is 7", "Your code is 7", "and 8"]);
  await expect(message).toHaveCount(1);
});

test("what LINE refused says why, can be tried again, and can be deleted", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  const refuse = (status: number) => ({ kind: "status" as const, status });
  await desk.setLine({ reply: refuse(401), push: refuse(401) });
  await nok.send("while the token was wrong");
  const first = nok.message("while the token was wrong");
  await expect(first).toContainText("Not sent: LINE refused it.");
  await expect(nok.row("Malee")).toContainText("Not sent: while the token was wrong");
  await first.getByText("Details").click();
  await expect(first).toContainText("line_rejected");
  await desk.setLine({ reply: null, push: null });
  await first.getByRole("button", { name: "Retry" }).click();
  await expect.poll(() => customer.received()).toEqual(["while the token was wrong"]);
  await expect(nok.mark("while the token was wrong", /^Sent/)).toBeVisible();

  await desk.setLine({ reply: refuse(400), push: refuse(400) });
  await nok.send("malformed");
  const second = nok.message("malformed");
  await expect(second).toContainText("Not sent: LINE refused it.");
  await expect(second.getByRole("button", { name: "Retry" })).toHaveCount(0);
  await second.getByRole("button", { name: "Delete" }).click();
  await expect(second).toContainText("Taken back before it was sent");
  await desk.setLine({ reply: null, push: null });
  await nok.send("well-formed");
  await expect.poll(() => customer.received()).toEqual(["while the token was wrong", "well-formed"]);
});

test("a message that still waits can be taken back, and what follows it goes out", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  await desk.setLine({ reply: { kind: "delay", delay_ms: 8000, times: 1 } });
  await nok.send("first");
  await expect(nok.mark("first", /^(Waiting to send|Sending)/)).toBeVisible();
  await nok.send("a mistake");
  await nok.send("last");
  // The offer comes with the third second.
  await nok.message("a mistake").getByRole("button", { name: "Take back" }).click();
  await expect(nok.message("a mistake")).toContainText("Taken back before it was sent");
  await expect.poll(() => customer.received()).toEqual(["first", "last"]);
});

test("while LINE does not answer the mark says that the desk keeps trying", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  await desk.setLine({ reply: { kind: "status", status: 400 }, push: { kind: "status", status: 503 } });
  await nok.send("patience");
  await expect(nok.message("patience")).toContainText("LINE does not answer; the desk keeps trying");
  await desk.setLine({ push: null });
  await expect.poll(() => customer.received(), { timeout: 30_000 }).toEqual(["patience"]);
  await expect(nok.mark("patience", /^Sent/)).toBeVisible();
});

test("who blocks the account is shown as such everywhere, before anyone writes, until they add it again", async ({
  desk,
  open,
}) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  await nok.field.fill("half a sentence");
  await customer.becomes("blocked");
  const write = nok.page.getByRole("region", { name: "Write" });
  await expect(write).toContainText("They blocked this account");
  await expect(write).toContainText("What you wrote is kept.");
  await expect(nok.field).toBeHidden();
  await expect(nok.row("Malee")).toContainText("Has blocked this account");
  const panel = nok.page.getByRole("complementary", { name: "Customer" });
  await expect(panel).toContainText("Blocked this account: nothing reaches them");
  await customer.becomes("friend");
  await expect(nok.field).toHaveValue("half a sentence");
  await expect(nok.row("Malee")).not.toContainText("Has blocked this account");
  await expect(panel).toContainText("Can receive messages");
  await nok.field.press("Enter");
  await expect.poll(() => customer.received()).toEqual(["half a sentence"]);
});

test("what is written when the customer blocks the account is withheld, and says so", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await claimed(nok);
  await desk.setLine({ reply: { kind: "delay", delay_ms: 4000, times: 1 } });
  await nok.send("first");
  await expect(nok.mark("first", /^(Waiting to send|Sending)/)).toBeVisible();
  await nok.send("too late");
  await customer.becomes("blocked");
  await expect(nok.message("too late")).toContainText("Not sent: they blocked this account");
});
