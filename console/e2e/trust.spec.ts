// Every mark is true, and nothing is lost or sent twice: whatever breaks, and whenever.
import type { Page } from "@playwright/test";
import type { Customer, Desk } from "./desk";
import { type Console, mark } from "./pages";
import { expect, test } from "./test";

/** The phone has got exactly these, in this order; the last of them was sent after the trouble. */
async function arrived(customer: Customer, texts: string[]): Promise<void> {
  await expect.poll(() => customer.received(), { timeout: 30_000 }).toEqual(texts);
}

/** What a new friend's messages leave of them: for adding the account, and for asking for a person. */
const HELLOS = ["hello", "hello again"];

/**
 * From here on everything goes by push, which can be repeated with its key (DL4). A reply that was under way when the
 * server died could not be: nobody knows what became of it (DL3).
 */
async function spendFreeReplies(desk: Desk, nok: Console, customer: Customer): Promise<void> {
  await desk.setLine({ reply: { kind: "status", status: 400 } });
  for (const [at, hello] of HELLOS.entries()) {
    await nok.send(hello);
    await arrived(customer, HELLOS.slice(0, at + 1));
  }
}

test("a message that LINE is being told when the server dies arrives once", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await spendFreeReplies(desk, nok, customer);
  await desk.setLine({ push: { kind: "delay", delay_ms: 1500 } });
  await nok.send("before the crash");
  await expect(nok.message("before the crash")).toBeVisible();
  await desk.kill();
  await expect(nok.page.getByText("You are offline.").first()).toBeVisible();
  await nok.send("during the outage");
  await expect(nok.mark("during the outage", mark.offline)).toBeVisible();
  await desk.setLine({ push: null });
  await desk.startAgain();
  await arrived(customer, [...HELLOS, "before the crash", "during the outage"]);
  await nok.send("after it");
  await arrived(customer, [...HELLOS, "before the crash", "during the outage", "after it"]);
  for (const text of ["before the crash", "during the outage", "after it"]) {
    await expect(nok.message(text)).toHaveCount(1);
  }
  // The last of a group speaks for it.
  await expect(nok.mark("after it", mark.sent)).toBeVisible();
});

test("a message that is on its way to the server when that dies arrives once", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await spendFreeReplies(desk, nok, customer);
  await nok.field.fill("in the very moment");
  await Promise.all([nok.field.press("Enter"), desk.kill()]);
  await desk.startAgain();
  await arrived(customer, [...HELLOS, "in the very moment"]);
  await nok.send("after it");
  await arrived(customer, [...HELLOS, "in the very moment", "after it"]);
  await expect(nok.message("in the very moment")).toHaveCount(1);
});

test("what was written offline survives a reload and arrives once", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await nok.page.context().setOffline(true);
  await expect(nok.page.getByText("You are offline.").first()).toBeVisible();
  await nok.send("written offline");
  await nok.send("and another");
  await expect(nok.mark("written offline", mark.offline)).toBeVisible();
  // The page itself may not be kept yet.
  await nok.page.reload().catch(() => undefined);
  await nok.page.context().setOffline(false);
  await nok.page.goto("/");
  await arrived(customer, ["written offline", "and another"]);
  await nok.open("Malee");
  await nok.send("after it");
  await arrived(customer, ["written offline", "and another", "after it"]);
  await expect(nok.message("written offline")).toHaveCount(1);
});

test("a draft survives a reload", async ({ desk, open }) => {
  const nok = await open("nok");
  await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await nok.field.fill("half a sentence");
  await nok.page.reload();
  await expect(nok.field).toHaveValue("half a sentence");
});

test("a draft goes with the sign-out, and with one that the page did not live to see", async ({ desk, open }) => {
  const nok = await open("nok");
  await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const drafts = () => nok.page.evaluate(() => Object.keys(localStorage).filter((key) => /draft/.test(key)));
  const signOut = async () => {
    await nok.button("You: status, language, theme, sign out").click();
    await nok.page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
    const dialog = nok.page.getByRole("dialog", { name: "Sign out?" });
    await expect(dialog).toContainText("In 1 conversation something is written and not sent.");
    await dialog.getByRole("button", { name: "Sign out" }).click();
  };
  await nok.field.fill("half a sentence");
  expect(await drafts()).toHaveLength(1);
  await signOut();
  await expect(nok.page.getByLabel("User name")).toBeVisible();
  expect(await drafts()).toEqual([]);

  await nok.signIn("nok");
  await nok.open("Malee");
  await nok.field.fill("another half");
  // The desk hears of it, and the page never hears of that.
  const isOut = new Promise<void>((resolve) => {
    void nok.page.route("**/auth/logout", (route) => route.fetch().then(() => resolve()));
  });
  await signOut();
  await isOut;
  expect(await drafts()).toHaveLength(1);
  await nok.page.unroute("**/auth/logout");
  await nok.page.reload();
  await expect(nok.page.getByLabel("User name")).toBeVisible();
  await expect.poll(drafts).toEqual([]);
});

test("a network that swallows everything is not called Live for long, and the message arrives once", async ({
  desk,
  stranger,
}) => {
  const nok = await stranger();
  let swallow = () => {};
  await nok.page.routeWebSocket(/\/ws\//, (socket) => {
    let isSilent = false;
    const server = socket.connectToServer();
    socket.onMessage((text) => isSilent || server.send(text));
    server.onMessage((text) => isSilent || socket.send(text));
    swallow = () => {
      isSilent = true;
    };
  });
  await nok.page.reload();
  await nok.signIn("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const live = nok.page.getByText("Live", { exact: true });
  await expect(live).toBeVisible();
  swallow();
  await nok.send("into the void");
  await expect(live).toBeHidden({ timeout: 6000 });
  await arrived(customer, ["into the void"]);
  await expect(live).toBeVisible();
  await expect(nok.message("into the void")).toHaveCount(1);
});

test("an expired token is renewed unseen, and nothing is missed", async ({ desk, stranger }) => {
  const nok = await stranger();
  const expire = await expiring(nok.page);
  await nok.page.reload();
  await nok.signIn("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  const renewed = nok.page.waitForResponse(/\/api\/v1\/auth\/refresh$/);
  await expire();
  expect((await renewed).status()).toBe(200);
  await customer.says("Are you there?");
  await expect(nok.message("Are you there?")).toBeVisible();
  await expect(nok.page.getByLabel("User name")).toBeHidden();
});

/** Gives the way to close the socket as the server does when the token has expired. */
async function expiring(page: Page): Promise<() => Promise<void>> {
  const open = new Set<() => Promise<void>>();
  await page.routeWebSocket(/\/ws\/live-chat$/, (socket) => {
    const server = socket.connectToServer();
    open.add(async () => {
      await socket.close({ code: 4002, reason: "auth_expired_token" });
      await server.close();
    });
  });
  return async () => {
    const closing = [...open];
    open.clear();
    await Promise.all(closing.map((close) => close()));
  };
}

test("an account that is deactivated is out within seconds, in words", async ({ desk, open }) => {
  const nok = await open("nok");
  await desk.deactivate("nok");
  await expect(nok.page.getByText(/Your sign-in has ended/).first()).toBeVisible();
});

test("a message without quota says so, and goes out by hand once there is some", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  await desk.setLine({ reply: { kind: "status", status: 400 }, quota: 0, used: 0 });
  await nok.send("over the quota");
  await expect(nok.message("over the quota")).toContainText("Held: no paid messages are left");
  await desk.setLine({ quota: null });
  await nok.message("over the quota").getByRole("button", { name: "Retry" }).click();
  await arrived(customer, ["over the quota"]);
  await expect(nok.mark("over the quota", mark.sent)).toBeVisible();
});

test("more unread than a page opens at the first of them, and the pill leads to the end", async ({ desk, open }) => {
  const customer = await desk.waitingCustomer("Malee");
  await desk.waitingCustomer("Somchai");
  const nok = await open("nok");
  await nok.open("Malee");
  await expect(nok.message("I need an agent, please")).toBeVisible();
  await expect(nok.row("Malee")).not.toContainText("unread");
  await nok.open("Somchai");
  await customer.saysAll(Array.from({ length: 90 }, (_, at) => `line ${at + 1} of ninety`));
  await expect(nok.row("Malee")).toContainText("line 90 of ninety", { timeout: 40_000 });
  await nok.open("Malee");
  await expect(nok.thread.getByText("Since you left")).toBeInViewport();
  await expect(nok.message("line 1 of ninety")).toBeInViewport();
  await expect(nok.message("line 90 of ninety")).not.toBeInViewport();
  // What was not in sight is not read.
  await expect(nok.row("Malee")).toContainText(/[1-8]\d unread/);
  await nok.button(/new messages$/).click();
  await expect(nok.message("line 90 of ninety")).toBeInViewport();
  await expect(nok.row("Malee")).not.toContainText("unread");
  // Of who was never there nothing is claimed.
  await customer.says("and one more");
  const ann = await open("ann");
  await ann.open("Malee");
  await expect(ann.message("and one more")).toBeInViewport();
  await expect(ann.thread.getByText("Since you left")).toBeHidden();
});

test("history of 1,000 messages opens as near to the first unread as it can, and scrolls to its beginning", async ({
  desk,
  open,
}) => {
  // A thousand messages have to come in first, whatever else the machine does.
  test.slow();
  const customer = await desk.waitingCustomer("Malee");
  for (let hundred = 0; hundred < 10; hundred += 1) {
    await customer.saysAll(Array.from({ length: 100 }, (_, at) => `line ${hundred * 100 + at + 1} of a thousand`));
  }
  const nok = await open("nok");
  await expect(nok.row("Malee")).toContainText("line 1000 of a thousand", { timeout: 40_000 });
  await nok.open("Malee");
  // Older ones load above the line at once, without moving what is looked at.
  await expect(nok.thread.getByText(/^\d+ more unread above$/)).toBeAttached();
  await expect(nok.message("line 1000 of a thousand")).not.toBeInViewport();
  await nok.button(/new messages$/).click();
  await expect(nok.message("line 1000 of a thousand")).toBeInViewport();
  const first = nok.message("I need an agent, please");
  await expect(async () => {
    await nok.thread.hover();
    await nok.page.mouse.wheel(0, -6000);
    await expect(first).toBeInViewport({ timeout: 50 });
  }).toPass({ timeout: 30_000, intervals: [50] });
});
