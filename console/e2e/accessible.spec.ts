// axe finds nothing on any screen, in light and in dark.
import { busyThread, DIALOG, findNothing } from "./axe";
import { expect, test } from "./test";

test.slow();

test("the sign-in: new, refused, locked, ended", async ({ desk, stranger }) => {
  const screen = await stranger();
  const { page } = screen;
  await expect(page.getByLabel("User name")).toBeVisible();
  await findNothing(page, "sign-in");
  await screen.fillSignIn("nok", "not the password");
  await expect(page.getByText("The name or the password is wrong.")).toBeVisible();
  await findNothing(page, "refused");
  await screen.fillSignIn("nok", "correct horse battery staple");
  await expect(page.getByRole("region", { name: "Conversations" })).toBeVisible();
  await desk.deactivate("nok");
  await expect(page.getByText(/Your sign-in has ended/).first()).toBeVisible();
  await findNothing(page, "ended");
  const guess = { username: "ann", password: "a guess" };
  await Promise.all(Array.from({ length: 12 }, () => page.request.post("/api/v1/auth/login", { data: guess })));
  await screen.fillSignIn("ann", "one guess more");
  await expect(page.getByText(/^Too many tries/).first()).toBeAttached();
  await findNothing(page, "locked");
});

test("an empty desk, the desk away, an address of nothing", async ({ open }) => {
  const nok = await open("nok");
  await findNothing(nok.page, "empty");
  await nok.page.goto("/c/999999");
  await expect(nok.page.getByText("This conversation does not exist.").first()).toBeVisible();
  await findNothing(nok.page, "no such conversation");
  await nok.page.route("**/api/v1/auth/refresh", (route) => route.abort());
  await nok.page.goto("/");
  await expect(nok.page.getByRole("heading", { name: "The desk cannot be reached" })).toBeVisible();
  await findNothing(nok.page, "away");
});

test("the list, the thread and the customer", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await findNothing(nok.page, "thread");
  await nok.row("雅婷").click();
  await expect(nok.button("Claim").first()).toBeVisible();
  await findNothing(nok.page, "waiting");
  await nok.page.goto("/search?q=agent");
  await expect(nok.page.getByText(/Conversations: /).first()).toBeAttached();
  await findNothing(nok.page, "search");
  await nok.page.goto("/search?q=nothing+like+it");
  await expect(nok.page.getByText(/^No message contains/)).toBeVisible();
  await findNothing(nok.page, "nothing found");
  await nok.page.goto("/settings");
  await expect(nok.page.getByRole("heading", { name: "Settings" }).first()).toBeVisible();
  await nok.page.getByLabel("Current password").fill("not my password");
  await nok.page
    .getByLabel(/^New password/)
    .first()
    .fill("short");
  await nok.page.getByLabel("New password again").fill("short");
  await nok.button("Change password").click();
  await expect(nok.page.getByText(/^Too short/)).toBeVisible();
  await findNothing(nok.page, "settings");
});

test("every kind of message and every mark", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const kinds = [
    { type: "sticker", packageId: "1", stickerId: "2", keywords: ["thank you"] },
    { type: "image" },
    { type: "audio", duration: 9_000 },
    { type: "file", fileName: "receipt.pdf", fileSize: 2_500_000 },
    { type: "location", title: "Shop", address: "1 Rama IV Rd", latitude: 13.7, longitude: 100.5 },
    { type: "hologram" },
  ];
  for (const message of kinds) await desk.lineTells(customer.source, message);
  await expect(nok.message("hologram")).toBeVisible();
  await desk.setLine({ reply: { kind: "cut_after", times: 1 } });
  await nok.send("unknown");
  await expect(nok.message("unknown")).toContainText("LINE did not confirm");
  const refuse = { kind: "status" as const, status: 400 };
  await desk.setLine({ reply: refuse, push: { ...refuse, times: 1 } });
  await nok.send("refused");
  await expect(nok.message("refused")).toContainText("Not sent");
  await nok.send("paid");
  await expect(nok.mark("paid", /^Sent · paid/)).toBeVisible();
  await desk.setLine({ push: { kind: "delay", delay_ms: 60_000 } });
  await nok.send("on its way");
  await nok.send("queued");
  await nok.page.keyboard.press("Escape");
  await nok.page.keyboard.press("n");
  await nok.field.fill("a note");
  await findNothing(nok.page, "writing a note");
  await nok.field.press("Enter");
  await expect(nok.message("a note")).toBeVisible();
  await findNothing(nok.page, "kinds and marks");
  await customer.becomes("blocked");
  await expect(nok.page.getByText("They blocked this account").first()).toBeVisible();
  await findNothing(nok.page, "blocked");
});

test("an outage", async ({ desk, open }) => {
  const nok = await open("nok");
  await busyThread(desk, nok);
  await desk.kill();
  await expect(nok.page.getByText("You are offline.").first()).toBeVisible();
  await nok.send("later");
  await findNothing(nok.page, "offline");
  await nok.button(/^You: status/).click();
  await nok.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(nok.page.getByRole("dialog", { name: "Sign out?" })).toContainText("1 message has not been sent yet.");
  await findNothing(nok.page, "sign-out with unsent messages", DIALOG);
});
