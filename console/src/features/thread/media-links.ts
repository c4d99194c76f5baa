// Where a file is, and how its name may be shown.
import type { Media } from "../../protocol";

/** The browser signs in to these by the cookie for media. */
export const fileLink = (media: Media, isDownload = false): string =>
  `/media/${encodeURIComponent(media.id)}${isDownload ? "?download=1" : ""}`;

export const previewLink = (media: Media): string => `/media/${encodeURIComponent(media.id)}/preview`;

/** What cannot be seen, or turns the text around, could make a program look like a picture. */
const HIDDEN = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;
const MOST = 120;

export function shownName(name: string): string {
  const plain = name.replace(HIDDEN, " ").trim();
  const letters = [...plain];
  if (letters.length <= MOST) return plain;
  // The ending tells what it is.
  return `${letters.slice(0, MOST - 12).join("")}…${letters.slice(-10).join("")}`;
}
