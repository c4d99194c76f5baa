// Whatever a customer sends is shown for what it is, in the list and in the thread.
import type { Desk, Source } from "./desk";
import type { Console } from "./pages";
import { expect, test } from "./test";

type Kind = { message: { type: string; [field: string]: unknown }; row: string; thread: string[] };

const KINDS: readonly Kind[] = [
  {
    message: { type: "sticker", packageId: "1", stickerId: "2", keywords: ["thank you", "bow"] },
    row: "Sticker: thank you",
    thread: ["Sticker: thank you"],
  },
  { message: { type: "sticker", packageId: "1", stickerId: "2" }, row: "Sticker", thread: ["Sticker"] },
  {
    message: { type: "image", contentProvider: { type: "line" }, imageSet: { id: "s", index: 1, total: 3 } },
    row: "Photo",
    thread: ["Photo", "LINE has it no more."],
  },
  {
    message: { type: "video", duration: 65_000, contentProvider: { type: "line" } },
    row: "Video",
    thread: ["Video", "01:05", "LINE has it no more."],
  },
  {
    message: { type: "audio", duration: 9_000, contentProvider: { type: "line" } },
    row: "Voice message",
    thread: ["Voice message", "00:09"],
  },
  {
    message: { type: "file", fileName: "ใบเสร็จ.pdf", fileSize: 2_500_000 },
    row: "ใบเสร็จ.pdf",
    thread: ["ใบเสร็จ.pdf", "2.5 MB"],
  },
  {
    message: { type: "location", title: "Shop", address: "1 Rama IV Rd, Bangkok", latitude: 13.7, longitude: 100.5 },
    row: "Shop",
    thread: ["Shop", "1 Rama IV Rd, Bangkok", "Open map"],
  },
  {
    message: { type: "hologram", depth: 3 },
    row: "Customer sent something that this desk cannot show",
    thread: ["Something that this desk cannot show yet: hologram"],
  },
  {
    message: { type: "textWithSound", text: "Listen to this" },
    row: "Customer sent something that this desk cannot show",
    thread: ["Listen to this", "Something that this desk cannot show yet: textWithSound"],
  },
];

async function findAll(desk: Desk, nok: Console, source: Source, name: string, kinds: readonly Kind[]) {
  for (const { message, row, thread } of kinds) {
    await desk.lineTells(source, message);
    await expect(nok.row(name)).toContainText(row);
    const last = nok.thread.getByRole("article").last();
    for (const words of thread) await expect(last).toContainText(words);
  }
}

test("every kind of message is shown for what it is", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("Malee");
  await nok.open("Malee");
  await findAll(desk, nok, customer.source, "Malee", KINDS);
  await expect(nok.thread.getByRole("link", { name: "Open map" })).toHaveAttribute("href", /13\.7.*100\.5/);
});

test("groups and rooms are marked, and each message says which member wrote it", async ({ desk, open }) => {
  const nok = await open("nok");
  const groupId = `C${"5".repeat(32)}`;
  const roomId = `R${"6".repeat(32)}`;
  const one = `U${"a".repeat(28)}1111`;
  const other = `U${"a".repeat(28)}2222`;
  await desk.lineTells({ type: "group", groupId, userId: one }, { type: "text", text: "I need an agent, please" });
  const row = nok.row("Group 5555");
  await expect(row).toContainText("I need an agent, please");
  await row.click();
  await desk.lineTells({ type: "group", groupId, userId: other }, { type: "text", text: "Me too" });
  await expect(nok.message("I need an agent, please")).toContainText("Member 1111");
  await expect(nok.message("Me too")).toContainText("Member 2222");
  await nok.claim();
  await nok.send("Hello everyone");
  await expect(nok.message("Hello everyone")).toBeVisible();
  await desk.lineTells({ type: "room", roomId, userId: one }, { type: "sticker", packageId: "1", stickerId: "1" });
  await expect(nok.row("Chat 6666")).toContainText("Sticker");
});
