// The stickers that an account may send, and those that were sent from this browser lately.
// LINE's list: https://developers.line.biz/en/docs/messaging-api/sticker-list/
import { keep, kept } from "../../kept";
import type { LineMessage } from "../../realtime/types";

export type StickerSet = { id: string; title: string; first: number; count: number };
export type Sticker = { set: string; id: string };

export const LIST_PAGE = "https://developers.line.biz/en/docs/messaging-api/sticker-list/";

/** Titles are names: LINE gives them in English everywhere. */
export const SETS: readonly StickerSet[] = [
  { id: "11537", title: "Brown, Cony & Sally: Animated Special", first: 52002734, count: 40 },
  { id: "11538", title: "CHOCO & Friends: Animated Special", first: 51626494, count: 40 },
  { id: "11539", title: "UNIVERSTAR BT21: Animated Special", first: 52114110, count: 40 },
  { id: "446", title: "Moon: Special Edition", first: 1988, count: 40 },
  { id: "789", title: "Sally: Special Edition", first: 10855, count: 40 },
  { id: "1070", title: "Moon: Special Edition", first: 17839, count: 40 },
  { id: "6136", title: "LINE Characters: Making Amends", first: 10551376, count: 24 },
  { id: "6325", title: "Brown and Cony Fun Size Pack", first: 10979904, count: 24 },
  { id: "6359", title: "Brown and Cony Fun Size Pack", first: 11069848, count: 24 },
  { id: "6362", title: "Brown and Cony Fun Size Pack", first: 11087920, count: 24 },
  { id: "6370", title: "Brown and Cony Fun Size Pack", first: 11088016, count: 24 },
  { id: "6632", title: "LINE Characters: Making Amends", first: 11825374, count: 24 },
  { id: "8515", title: "LINE Characters: Pretty Phrases", first: 16581242, count: 24 },
  { id: "8522", title: "LINE Characters: Pretty Phrases", first: 16581266, count: 24 },
  { id: "8525", title: "LINE Characters: Pretty Phrases", first: 16581290, count: 24 },
];

export const stickersOf = ({ id, first, count }: StickerSet): Sticker[] =>
  Array.from({ length: count }, (_, n) => ({ set: id, id: String(first + n) }));

export const stickerMessage = ({ set, id }: Sticker): LineMessage => ({
  type: "sticker",
  packageId: set,
  stickerId: id,
});

const KEY = "linedesk.stickers";
const MAX_RECENT = 15;

/** Newest first. What the list does not have, or no more, is left out. */
export function recentStickers(): Sticker[] {
  const words = (kept(KEY) ?? "").split(" ");
  return words.flatMap((word) => {
    const [set = "", id = ""] = word.split("/");
    const known = SETS.find((one) => one.id === set);
    const at = known && /^\d+$/.test(id) ? Number(id) - known.first : -1;
    return known && at >= 0 && at < known.count ? [{ set, id }] : [];
  });
}

export function keepRecent({ set, id }: Sticker): void {
  const others = recentStickers().filter((one) => one.id !== id);
  const words = [{ set, id }, ...others].slice(0, MAX_RECENT).map((one) => `${one.set}/${one.id}`);
  keep(KEY, words.join(" "));
}
