// The simulated LINE's page beside the console: whatever one sends, the other shows.
import type { BrowserContextOptions, Locator } from "@playwright/test";
import { findNothingNow } from "./axe";
import type { Desk } from "./desk";
import { LinePhone } from "./line-phone";
import { test as base, expect } from "./test";
import { watch } from "./watch";

/** Opens the simulated LINE's page in a browser of its own, watched as the console is. */
const test = base.extend<{ phone: (options?: BrowserContextOptions) => Promise<LinePhone> }>({
  phone: async ({ browser, desk }, use) => {
    const faults: string[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: desk.line, ...options });
      await watch(context, desk.line, faults);
      const page = await context.newPage();
      await page.goto("/");
      await expect(page.getByText("Live", { exact: true })).toBeVisible();
      return new LinePhone(page);
    });
    expect(faults).toEqual([]);
  },
});

test.slow();

const SAMPLES = "../crates/simulator/assets/samples";
const PICTURES = "../crates/simulator/assets/pictures";

const isDecoded = (image: Locator) =>
  image.evaluate((it) => it instanceof HTMLImageElement && it.complete && it.naturalWidth > 0);

const plays = (player: Locator) =>
  player.evaluate(
    (it) =>
      new Promise<number>((resolve, reject) => {
        if (!(it instanceof HTMLMediaElement)) return reject(new Error("no player"));
        if (it.readyState > 0) return resolve(it.duration);
        it.addEventListener("loadedmetadata", () => resolve(it.duration), { once: true });
        it.addEventListener("error", () => reject(new Error("it does not play")), { once: true });
        it.load();
      }),
  );

const send = (desk: Desk, chat: string, line_message: object) =>
  desk.as("lead", "POST", `/admin/live-chat/conversations/${chat}/messages`, { line_message });

/** Straight to the simulated LINE: also what the desk would not send to the real one. */
async function push(desk: Desk, to: string, message: object): Promise<void> {
  const headers = { authorization: "Bearer simulated-channel-access-token", "content-type": "application/json" };
  const body = JSON.stringify({ to, messages: [message] });
  const answer = await fetch(`${desk.line}/v2/bot/message/push`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
}

test("every kind that the phone sends is on it and in the console", async ({ desk, open, phone }) => {
  const malee = await desk.waitingCustomer("Malee");
  const nok = await open("nok");
  await nok.open("Malee");
  const line = await phone();
  await line.show("Malee");

  await line.sends("Sample photo");
  await expect(nok.thread.getByRole("img", { name: "Photo" })).toHaveCount(1);
  await expect.poll(() => isDecoded(line.last.getByRole("img", { name: "Photo" }))).toBe(true);
  // Whatever the picture was, LINE makes a JPEG of it.
  await line.picks("Photo", [`${SAMPLES}/photo.jpg`, `${PICTURES}/cat.png`]);
  await expect(nok.thread.getByRole("img", { name: "Photo" })).toHaveCount(3);
  for (const picture of await nok.thread.getByRole("img", { name: "Photo" }).all()) {
    await expect.poll(() => isDecoded(picture)).toBe(true);
  }
  const sets = (await malee.phone()).map((message) => message.content?.imageSet).filter(Boolean);
  expect(sets).toEqual([
    expect.objectContaining({ index: 1, total: 2 }),
    expect.objectContaining({ index: 2, total: 2 }),
  ]);

  await line.picks("Video", `${SAMPLES}/video.mp4`);
  await expect(nok.thread.locator("video")).toBeVisible();
  expect(await plays(line.last.locator("video"))).toBeGreaterThan(1.5);
  await line.picks("Voice", `${SAMPLES}/sound.m4a`);
  await expect(nok.thread.locator("audio")).toBeVisible();
  expect(await plays(line.last.locator("audio"))).toBeGreaterThan(1.5);
  const [video, audio] = (await malee.phone()).slice(-2);
  expect(Number(video?.content?.duration)).toBeGreaterThan(1500);
  expect(Number(audio?.content?.duration)).toBeGreaterThan(1500);

  await line.picks("File", { name: "ใบเสร็จ.txt", mimeType: "text/plain", buffer: Buffer.from("paid") });
  await expect(nok.thread.getByRole("link", { name: "ใบเสร็จ.txt" })).toBeVisible();
  const download = line.page.waitForEvent("download");
  await line.last.getByRole("link", { name: "ใบเสร็จ.txt" }).click();
  expect((await download).suggestedFilename()).toBe("ใบเสร็จ.txt");

  await line.sends("Sticker");
  await line.button("Sticker: hello, cat").click();
  await expect(nok.thread.getByRole("article").last()).toContainText("Sticker: hello");
  await expect.poll(() => isDecoded(line.last.getByRole("img", { name: "Sticker: hello, cat" }))).toBe(true);
  await line.sends("Location");
  await line.page.getByLabel("Title").fill("Our shop");
  await line.button("Send the location").click();
  await expect(nok.thread.getByRole("article").last()).toContainText("Our shop");
  await expect(line.last).toContainText("13.7307, 100.5418");
  for (const [name, words] of [
    ["Sample video", "Video"],
    ["Sample voice", "Voice message"],
    ["Sample document", "document.pdf"],
  ] as const) {
    await line.sends(name);
    await expect(nok.row("Malee")).toContainText(words);
  }

  await line.says("I take it back");
  await expect(nok.message("I take it back")).toBeVisible();
  await line.does("Withdraw", line.message("I take it back"));
  await expect(line.talk).toContainText("You withdrew a message");
  await expect(nok.message("I take it back")).toHaveCount(0);
});

test("what cannot be sent is told, and nothing travels", async ({ desk, phone }) => {
  const malee = await desk.customer("Malee");
  const line = await phone();
  await line.show("Malee");
  const told = line.page.getByRole("alert");
  await line.picks("File", { name: "large.bin", mimeType: "application/zip", buffer: Buffer.alloc(6_000_001) });
  await expect(told.filter({ hasText: "large.bin is too large" })).toBeVisible();
  await line.picks("Photo", { name: "no.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<svg/>") });
  await expect(told.filter({ hasText: "no.jpg is no photo" })).toBeVisible();
  expect(await malee.phone()).toEqual([]);
  await line.picks("File", { name: "just.bin", mimeType: "application/zip", buffer: Buffer.alloc(6_000_000) });
  await expect(line.last).toContainText("just.bin");
  await expect(line.last).toContainText("6 MB");
});

test("what the account sends is drawn, and its buttons work", async ({ desk, open, phone }) => {
  const malee = await desk.waitingCustomer("Malee");
  const nok = await open("nok");
  await nok.open("Malee");
  await nok.claim();
  const line = await phone();
  await line.show("Malee");
  const picture = `${desk.line}/sim/pictures/cup.png`;

  await nok.page
    .locator("input[type=file]")
    .setInputFiles([`${SAMPLES}/photo.jpg`, `${SAMPLES}/video.mp4`, `${SAMPLES}/sound.m4a`]);
  await nok.button("Send 3 files").click();
  await expect.poll(() => isDecoded(line.talk.getByRole("img", { name: "Photo" }))).toBe(true);
  expect(await plays(line.talk.locator("video"))).toBeGreaterThan(1.5);
  expect(await plays(line.talk.locator("audio"))).toBeGreaterThan(1.5);

  await send(desk, malee.id, { type: "sticker", packageId: "446", stickerId: "1988" });
  await expect.poll(() => isDecoded(line.last.getByRole("img", { name: "Sticker" }))).toBe(true);
  await send(desk, malee.id, {
    type: "location",
    title: "Office",
    address: "1 Rama IV Rd",
    latitude: 13.7,
    longitude: 100.5,
  });
  await expect(line.last).toContainText("1 Rama IV Rd");
  await send(desk, malee.id, {
    type: "textV2",
    text: "Hello {who}, {{here}} you are {smile}",
    substitution: {
      who: { type: "mention", mentionee: { type: "user", userId: malee.id } },
      smile: { type: "emoji", productId: "5ac1bfd5040ab15980c9b435", emojiId: "001" },
    },
  });
  await expect(line.last).toContainText("Hello @Malee, {here} you are");
  await expect(line.last.getByRole("img", { name: "LINE emoji" })).toBeVisible();

  await send(desk, malee.id, {
    type: "template",
    altText: "Opening hours",
    template: {
      type: "buttons",
      thumbnailImageUrl: picture,
      title: "Opening hours",
      text: "Which office?",
      actions: [
        { type: "postback", label: "City hall", data: "office=city", displayText: "City hall, please" },
        { type: "message", label: "Another", text: "Another office" },
        { type: "datetimepicker", label: "Choose a day", data: "day", mode: "date", initial: "2026-12-01" },
        { type: "uri", label: "Our site", uri: "https://example.com/hours" },
      ],
    },
  });
  await expect.poll(() => isDecoded(line.last.locator("img").first())).toBe(true);
  const card = line.last;
  await expect(card.getByRole("link", { name: "Our site" })).toHaveAttribute("href", "https://example.com/hours");
  await expect(card.getByRole("link", { name: "Our site" })).toHaveAttribute("target", "_blank");
  const hours = line.message("Which office?");
  await hours.getByRole("button", { name: "City hall", exact: true }).click();
  await expect(nok.thread).toContainText("Customer pressed a button: office=city");
  await expect(line.last).toContainText("City hall, please");
  await hours.getByRole("button", { name: "Another", exact: true }).click();
  await expect(nok.message("Another office")).toBeVisible();
  await hours.getByRole("button", { name: "Choose a day" }).click();
  const dialog = line.page.getByRole("dialog", { name: "Choose a day" });
  await expect(dialog.getByLabel("Choose a day")).toHaveValue("2026-12-01");
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(nok.thread).toContainText("Customer pressed a button: day");

  await line.does("Quote", hours);
  await line.says("About these offices");
  await expect(line.last).toContainText("Opening hours");
  await expect(nok.message("About these offices")).toBeVisible();
  expect((await malee.phone()).at(-1)?.quoted_message_id).toBeTruthy();

  const yes = { type: "message", label: "Yes", text: "Yes, please" };
  const no = { type: "postback", label: "No", data: "no" };
  await send(desk, malee.id, {
    type: "template",
    altText: "Sure?",
    template: { type: "confirm", text: "Are you sure?", actions: [yes, no] },
  });
  await line.last.getByRole("button", { name: "Yes", exact: true }).click();
  await expect(nok.message("Yes, please")).toBeVisible();
  const column = (text: string) => ({
    thumbnailImageUrl: picture,
    title: text,
    text,
    actions: [{ ...no, label: `No ${text}` }],
  });
  await send(desk, malee.id, {
    type: "template",
    altText: "Some",
    template: { type: "carousel", columns: [column("one"), column("two")] },
  });
  await expect(line.last.getByRole("button", { name: "No two" })).toBeAttached();
  const pictured = (label: string) => ({ imageUrl: picture, action: { ...yes, label } });
  await send(desk, malee.id, {
    type: "template",
    altText: "Pictures",
    template: { type: "image_carousel", columns: [pictured("A"), pictured("B")] },
  });
  await expect(line.last.getByRole("button", { name: "B", exact: true })).toBeAttached();
  await push(desk, malee.id, {
    type: "imagemap",
    // With the width behind it, still the picture.
    baseUrl: `${picture}?w=`,
    altText: "The floor",
    baseSize: { width: 1040, height: 520 },
    actions: [
      { type: "message", label: "First floor", text: "First floor", area: { x: 0, y: 0, width: 520, height: 520 } },
    ],
  });
  await expect.poll(() => isDecoded(line.last.getByRole("img", { name: "The floor" }))).toBe(true);
  await line.last.getByRole("button", { name: "First floor" }).click();
  await expect(nok.message("First floor")).toBeVisible();

  await send(desk, malee.id, {
    type: "flex",
    altText: "Your booking",
    contents: {
      type: "bubble",
      hero: { type: "image", url: picture, size: "full", aspectRatio: "20:13", aspectMode: "cover" },
      body: {
        type: "box",
        layout: "vertical",
        contents: [
          { type: "text", text: "Booking", weight: "bold", size: "xl" },
          { type: "separator", margin: "md" },
          { type: "text", text: "Tuesday at ten", wrap: true, color: "#666666", margin: "md" },
        ],
      },
      footer: {
        type: "box",
        layout: "vertical",
        contents: [
          { type: "button", style: "primary", action: { type: "postback", label: "Confirm", data: "booked" } },
        ],
      },
    },
    quickReply: {
      items: [
        { type: "action", action: { type: "message", label: "Later", text: "Ask me later" } },
        { type: "action", action: { type: "location", label: "Where I am" } },
      ],
    },
  });
  await expect(line.last).toContainText("Tuesday at ten");
  await expect.poll(() => isDecoded(line.last.locator("img").first())).toBe(true);
  await line.last.getByRole("button", { name: "Confirm" }).click();
  await expect(nok.thread).toContainText("Customer pressed a button: booked");
  await expect(line.quick.getByRole("button", { name: "Where I am" })).toBeVisible();
  await line.quick.getByRole("button", { name: "Where I am" }).click();
  await expect(line.page.getByLabel("Latitude")).toBeVisible();
  await line.page.keyboard.press("Escape");
  await expect(line.page.getByLabel("Latitude")).toBeHidden();
  await line.quick.getByRole("button", { name: "Later" }).click();
  await expect(nok.message("Ask me later")).toBeVisible();
  await expect(line.quick).toBeHidden();
});

test("a group is made, its members write, come and go, and so does the account", async ({ desk, open, phone }) => {
  await desk.customer("Malee");
  await desk.customer("Somsak");
  await desk.customer("Emma");
  const nok = await open("nok");
  const line = await phone();
  await line.button("Add a group or a room").click();
  const { page } = line;
  await page.getByLabel("Name").last().fill("Neighbours");
  await line.button("Add").click();
  await expect(page.getByText("Choose at least one member.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Malee" }).check();
  await page.getByRole("checkbox", { name: "Somsak" }).check();
  await line.button("Add").click();
  await expect(page.getByLabel("Write as")).toBeVisible();
  await line.says("I need an agent, please");
  await nok.open("Neighbours");
  await expect(nok.message("I need an agent, please")).toContainText("Malee");
  await page.getByLabel("Write as").selectOption("Somsak");
  // On Somsak's phone what Malee wrote is another's.
  await expect(line.message("I need an agent, please")).toContainText("Malee");
  await line.sends("Sample photo");
  await expect(nok.thread.getByRole("article").last()).toContainText("Somsak");
  await nok.claim();
  await nok.send("Hello all");
  await expect(line.message("Hello all")).toBeVisible();

  await page.getByLabel("Person to invite").selectOption("Emma");
  await line.button("Invite").click();
  await expect(page.getByText("3 members").first()).toBeVisible();
  await expect(nok.thread).toContainText("joined");
  await line.button("Remove Malee").click();
  await expect(nok.thread).toContainText("left");
  await expect(page.getByText("2 members").first()).toBeVisible();
  await page.getByRole("switch", { name: "The account is in it" }).click();
  await expect(page.getByText("The account is not in this chat.")).toBeVisible();
  await expect(line.field).toBeHidden();
  await line.button("Invite it").click();
  await expect(line.field).toBeVisible();

  await line.button("Add a group or a room").click();
  await page.getByLabel("Kind").selectOption("Room (no name)");
  await page.getByRole("checkbox", { name: "Emma" }).check();
  await line.button("Add").click();
  await expect(line.button(/^Room: Emma/)).toBeVisible();
  await line.says("Only us");
  await expect(nok.list.getByText("Only us").first()).toBeVisible();
});

test("an account is linked, and the drawer says how the account's chat is set", async ({ desk, open, phone }) => {
  await desk.waitingCustomer("Malee");
  const nok = await open("nok");
  await nok.open("Malee");
  const line = await phone();
  const { page } = line;
  await line.show("Malee");
  for (const result of ["Linked", "Failed"]) {
    await line.button("Link the account…").click();
    await page.getByLabel("Nonce").fill("n-1");
    await page.getByLabel("Result").selectOption(result);
    await line.button("Send the event").click();
    await expect(page.getByLabel("Nonce")).toBeHidden();
  }
  await expect(nok.thread).toContainText("Customer linked their account");
  const info = async () => {
    const headers = { authorization: "Bearer simulated-channel-access-token" };
    return (await fetch(`${desk.line}/v2/bot/info`, { headers })).json();
  };
  await page.getByRole("radio", { name: /chatMode bot/ }).check();
  await page.getByRole("radio", { name: /markAsReadMode auto/ }).check();
  await expect.poll(info).toMatchObject({ chatMode: "bot", markAsReadMode: "auto" });
  await line.says("Read at once?");
  await expect(line.message("Read at once?")).toContainText("Read");
});

test("axe finds nothing on the phone's page", async ({ desk, phone }) => {
  const malee = await desk.customer("Malee");
  const somsak = await desk.customer("Somsak");
  await desk.group("Neighbours", [malee, somsak]);
  const line = await phone();
  const { page } = line;
  await line.show("Malee");
  for (const name of ["Sample photo", "Sample video", "Sample voice", "Sample document"]) await line.sends(name);
  await expect(line.last).toContainText("document.pdf");
  await line.sends("Sticker");
  await line.button("Sticker: hello, cat").click();
  await line.sends("Location");
  await line.button("Send the location").click();
  await expect(line.last).toContainText("Lumphini");
  const picture = `${desk.line}/sim/pictures/cup.png`;
  const act = { type: "message", label: "Yes", text: "Yes" };
  const column = { imageUrl: picture, action: act };
  const body = {
    type: "box",
    layout: "vertical",
    contents: [
      { type: "text", text: "Booking" },
      { type: "button", style: "primary", action: act },
      { type: "button", style: "secondary", action: act },
      { type: "button", action: act },
    ],
  };
  await desk.happens(malee.id, "teleport");
  for (const message of [
    { type: "template", altText: "Sure?", template: { type: "confirm", text: "Sure?", actions: [act, act] } },
    { type: "template", altText: "Pictures", template: { type: "image_carousel", columns: [column, column] } },
    {
      type: "flex",
      altText: "Booking",
      contents: { type: "bubble", body },
      quickReply: { items: [{ type: "action", action: act }] },
    },
  ]) {
    await push(desk, malee.id, message);
  }
  await expect(line.last).toContainText("Booking");
  const look = async (screen: string, within?: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await findNothingNow(page, screen, colorScheme, within);
    }
  };
  await look("a chat of every kind");
  await line.button("Send something else").click();
  await look("the tray", "#tray");
  await line.button("Location").click();
  await look("a location", "#tray");
  await line.button("Add a group or a room").click();
  await look("a new group", "#new-group");
  await line.button("Cancel").first().click();
  await line.button("Link the account…").click();
  await look("linking", "#acts");
  await line.show("Neighbours");
  await look("a group");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(line.button("Send")).toBeInViewport({ ratio: 1 });
  await look("narrow");
});
