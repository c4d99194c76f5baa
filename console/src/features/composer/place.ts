// Where something is: read out of what people paste, and checked as LINE does.
import type { LineMessage } from "../../realtime/types";
import type { Place } from "./drafts";

export const EMPTY_PLACE: Place = { title: "", address: "", latitude: "", longitude: "" };
/** Of title and address (Messaging API reference, "Location message"). */
export const MAX_WORDS = 100;

const NUMBER = "(-?\\d{1,3}(?:\\.\\d+)?)";
/** In the order of trust: a pin before the middle of the map that it is on. */
const IN_LINKS = [
  `!3d${NUMBER}!4d${NUMBER}`,
  `[?&]mlat=${NUMBER}&mlon=${NUMBER}`,
  `[?&](?:q|query|ll|destination|daddr|coordinate|center|sll|cp)=(?:loc:)?${NUMBER}[,~ +]+${NUMBER}`,
  `^geo:${NUMBER},${NUMBER}`,
  `/(?:search|dir|place)/(?:[^/@]*/)?\\+?${NUMBER},[+ ]*${NUMBER}`,
  `@${NUMBER},${NUMBER}`,
  `#map=\\d+(?:\\.\\d+)?/${NUMBER}/${NUMBER}`,
].map((pattern) => new RegExp(pattern));
const PAIR = /^\(?(-?\d{1,3}(?:\.\d+)?)\s*°?\s*([NS])?\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*([EW])?\)?$/i;
const NAME = /\/place\/([^/@]+)\//;

/** The numbers, and the name where a link has one; null when there is no place in it. */
export function placeIn(pasted: string): (Pick<Place, "latitude" | "longitude"> & { title?: string }) | null {
  const text = readable(pasted.normalize("NFKC").trim());
  for (const pattern of IN_LINKS) {
    const [, latitude, longitude] = pattern.exec(text) ?? [];
    if (latitude === undefined || longitude === undefined || !isOnEarth(latitude, longitude)) continue;
    const name = NAME.exec(text)?.[1]?.replaceAll("+", " ").trim();
    const isName = name !== undefined && name !== "" && !/^-?\d/.test(name);
    return { latitude, longitude, ...(isName ? { title: name.slice(0, MAX_WORDS) } : {}) };
  }
  const [, north = "", southern = "", east = "", western = ""] = PAIR.exec(text) ?? [];
  const latitude = southern.toUpperCase() === "S" ? `-${north.replace("-", "")}` : north;
  const longitude = western.toUpperCase() === "W" ? `-${east.replace("-", "")}` : east;
  return isOnEarth(latitude, longitude) ? { latitude, longitude } : null;
}

function readable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const isOnEarth = (latitude: string, longitude: string): boolean => isWithin(latitude, 90) && isWithin(longitude, 180);

export function isWithin(number: string, most: number): boolean {
  const text = number.normalize("NFKC").trim();
  return /^[-+]?\d+(\.\d+)?$/.test(text) && Math.abs(Number(text)) <= most;
}

export type PlaceFlaw = "missing" | "tooLong" | "badLatitude" | "badLongitude";

/** What LINE would refuse, by field. */
export function flawsOf(place: Place): Partial<Record<keyof Place, PlaceFlaw>> {
  const title = wordsFlaw(place.title);
  const address = wordsFlaw(place.address);
  return {
    ...(title ? { title } : {}),
    ...(address ? { address } : {}),
    ...(isWithin(place.latitude, 90) ? {} : { latitude: "badLatitude" as const }),
    ...(isWithin(place.longitude, 180) ? {} : { longitude: "badLongitude" as const }),
  };
}

function wordsFlaw(words: string): PlaceFlaw | null {
  if (words.trim() === "") return "missing";
  return words.trim().length > MAX_WORDS ? "tooLong" : null;
}

export const placeMessage = ({ title, address, latitude, longitude }: Place): LineMessage => ({
  type: "location",
  title: title.trim(),
  address: address.trim(),
  latitude: Number(latitude.normalize("NFKC")),
  longitude: Number(longitude.normalize("NFKC")),
});

/** Back into the fields. */
export function placeOf(message: LineMessage): Place {
  const words = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
  return {
    title: words(message.title),
    address: words(message.address),
    latitude: words(message.latitude),
    longitude: words(message.longitude),
  };
}
