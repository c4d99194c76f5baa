// Files and events both ways: what customers send is shown, what operators send arrives as LINE takes it.
import { writeFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { expect, test } from "./test";

const isDecoded = (image: Locator) =>
  image.evaluate((it) => it instanceof HTMLImageElement && it.complete && it.naturalWidth > 0);

test("pictures of one set are an album, open large, and are gone when they are withdrawn", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  const sent: string[] = [];
  for (const index of [1, 2, 3]) {
    sent.push(await desk.sends(malee.id, "image", { imageSet: { id: "set", index, total: 3 } }, { sample: "photo" }));
  }
  const pictures = nok.thread.getByRole("img", { name: "Photo" });
  await expect(pictures).toHaveCount(3);
  for (const picture of await pictures.all()) await expect.poll(() => isDecoded(picture)).toBe(true);
  await nok.thread.getByRole("button", { name: "Show large: Photo" }).first().click();
  const box = nok.page.getByRole("dialog");
  await expect(box).toContainText("1 of 3");
  await nok.page.keyboard.press("Tab");
  await box.getByRole("button", { name: "Next photo" }).click();
  await expect(box).toContainText("2 of 3");
  await expect.poll(() => isDecoded(box.getByRole("img"))).toBe(true);
  await nok.page.keyboard.press("Escape");
  await expect(box).toBeHidden();
  await malee.withdraws(sent[0] ?? "");
  await expect(pictures).toHaveCount(2);
  await expect(nok.thread).toContainText("Customer withdrew a message");
});

test("video and sound play, a document is a download with its own name", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await desk.sends(malee.id, "video", { duration: 3000 }, { sample: "video", preparing: 1 });
  await desk.sends(malee.id, "audio", { duration: 2000 }, { sample: "sound" });
  await desk.sends(malee.id, "file", { fileName: "ใบเสร็จ.pdf", fileSize: 592 }, { sample: "document" });
  const video = nok.thread.locator("video");
  await expect(video).toHaveAttribute("poster", /^\/media\/.+\/preview$/);
  for (const player of [video, nok.thread.locator("audio")]) {
    await expect(player).toBeVisible();
    const seconds = player.evaluate(
      (it) =>
        new Promise<number>((resolve, reject) => {
          if (!(it instanceof HTMLMediaElement)) return reject(new Error("no player"));
          it.addEventListener("loadedmetadata", () => resolve(it.duration), { once: true });
          it.addEventListener("error", () => reject(new Error(it.error?.message ?? "it does not play")), {
            once: true,
          });
          it.preload = "metadata";
          it.load();
        }),
    );
    expect(await seconds).toBeGreaterThan(1.5);
  }
  const download = nok.page.waitForEvent("download");
  await nok.thread.getByRole("link", { name: "ใบเสร็จ.pdf" }).click();
  expect((await download).suggestedFilename()).toBe("ใบเสร็จ.pdf");
});

test("what does not come says so", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await desk.sends(malee.id, "image", {}, { sample: "photo", missing: true });
  await expect(nok.thread).toContainText("LINE has it no more. Ask the customer to send it again.");
  await desk.sends(malee.id, "image", {}, { sample: "photo", delay_ms: 3000 });
  await expect(nok.thread).toContainText("On its way from LINE");
  await expect(nok.thread.getByRole("img", { name: "Photo" })).toHaveCount(1);
  // A page that calls itself a picture.
  const page = Buffer.from("<!DOCTYPE html><script>document.title = 'owned'</script>").toString("base64");
  await desk.sends(malee.id, "image", {}, { base64: page });
  await expect(nok.thread).toContainText("This is no photo that a browser can show");
  await expect(nok.thread.getByRole("img", { name: "Photo" })).toHaveCount(1);
});

test("pictures, videos, sounds and documents arrive on the phone as LINE takes them", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const samples = "../crates/simulator/assets/samples";
  await nok.page
    .locator("input[type=file]")
    .setInputFiles([`${samples}/photo.jpg`, `${samples}/video.mp4`, `${samples}/sound.m4a`, `${samples}/document.pdf`]);
  await nok.page.getByRole("button", { name: "Send 4 files" }).click();
  const phone = async () => (await malee.phone()).filter((message) => message.author === "account");
  await expect
    .poll(async () => (await phone()).map((message) => message.kind))
    .toEqual(["image", "video", "audio", "text"]);
  const [image, video, audio, file] = await phone();
  for (const url of [
    image?.content?.originalContentUrl,
    video?.content?.previewImageUrl,
    audio?.content?.originalContentUrl,
  ]) {
    expect((await fetch(String(url))).status).toBe(200);
  }
  // What the browser saw in the video, and not the desk's stand-in of 640 × 360.
  const poster = nok.thread.locator("video");
  await expect(poster).toHaveAttribute("poster", /preview$/);
  const [width, height] = await poster.evaluate(async (it) => {
    const picture = new Image();
    picture.src = it instanceof HTMLVideoElement ? it.poster : "";
    await picture.decode();
    return [picture.naturalWidth, picture.naturalHeight];
  });
  expect([width, height]).toEqual([320, 180]);
  expect(file?.text).toMatch(/^document\.pdf\nhttp/);
  await expect(nok.thread.locator("video")).toBeVisible();
  await expect(nok.thread.locator("audio")).toBeVisible();
  await expect(nok.thread).toContainText("Sent as a link that works until");
});

test("a file that is too large is refused before it travels", async ({ desk, open }, info) => {
  const nok = await open("nok");
  await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await nok.claim();
  const large = info.outputPath("large.bin");
  await writeFile(large, Buffer.alloc(0));
  const { truncate } = await import("node:fs/promises");
  await truncate(large, 201_000_000);
  await nok.page.locator("input[type=file]").setInputFiles(large);
  await expect(nok.page.getByRole("alert")).toContainText("Too large: at most 200 MB");
  await expect(nok.page.getByRole("button", { name: "Send 0 files" })).toBeDisabled();
});

test("what happens besides messages is a line in the thread", async ({ desk, open }) => {
  const nok = await open("nok");
  const malee = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await expect(nok.thread).toContainText("Customer added this account as a friend");
  await desk.happens(malee.id, "postback", ["postback", { data: "menu=hours" }]);
  await expect(nok.thread).toContainText("Customer pressed a button: menu=hours");
  await expect(nok.row("Malee")).toContainText("menu=hours");
  for (const [type, part, words] of [
    ["videoPlayComplete", ["videoPlayComplete", { trackingId: "v" }], "Customer watched the video to its end"],
    ["beacon", ["beacon", { hwid: "d41d8cd98f", type: "enter" }], "Customer came near a beacon"],
    ["accountLink", ["link", { result: "ok", nonce: "n" }], "Customer linked their account"],
    ["membership", ["membership", { type: "left", membershipId: 1 }], "Customer left a membership"],
    ["teleport", undefined, "LINE told of something that this desk does not know: teleport"],
  ] as const) {
    await desk.happens(malee.id, type, part ? [part[0], part[1]] : undefined);
    await expect(nok.thread).toContainText(words);
  }
  await malee.becomes("blocked");
  await expect(nok.thread).toContainText("Customer blocked this account");
  await malee.becomes("friend");
  await expect(nok.thread).toContainText("Customer unblocked this account");
  await expect(nok.row("Malee")).toContainText("menu=hours");
});

test("a group has its name, its members' names, and a price", async ({ desk, open }) => {
  const nok = await open("nok");
  const [malee, somsak] = [await desk.customer("Malee"), await desk.customer("Somsak")];
  const group = await desk.group("Neighbours", [malee, somsak]);
  await desk.sends(group.id, "text", { text: "I need an agent, please" }, undefined, malee.id);
  await nok.open("Neighbours");
  await expect(nok.thread).toContainText("This account was added to the chat");
  await expect(nok.message("I need an agent, please")).toContainText("Malee");
  await desk.changeMembers(group, { leave: [somsak.id] });
  await expect(nok.thread).toContainText("left");
  await nok.claim();
  await nok.send("Hello all");
  await expect.poll(() => group.received()).toEqual(["Hello all"]);
});

test("admins see what messages cost, others do not", async ({ desk, open }) => {
  const lead = await open("lead");
  const malee = await desk.waitingCustomer("Malee");
  await lead.open("Malee");
  await lead.claim();
  await lead.send("free");
  await expect.poll(() => malee.received()).toEqual(["free"]);
  await lead.page.getByRole("link", { name: "Usage" }).click();
  await expect(lead.page.getByRole("heading", { name: "Usage" })).toBeVisible();
  await expect(lead.page.getByText("100% of all calls were free")).toBeVisible();
  await expect(lead.page.getByRole("img", { name: "Free and paid messages by day" })).toBeVisible();
  const nok = await open("nok");
  await expect(nok.page.getByRole("link", { name: "Usage" })).toHaveCount(0);
  await nok.page.goto("/usage");
  await expect(nok.page.getByText("Only admins see what messages cost.")).toBeVisible();
});
