// Reads what a message's kind brings besides its text. Nothing in it is trusted to be there or to be of its type.

export type Payload = {
  text(name: string): string | null;
  number(name: string): number | null;
  part(name: string): Payload;
};

const NOTHING: Payload = { text: () => null, number: () => null, part: () => NOTHING };

export function readPayload(payload: unknown): Payload {
  if (typeof payload !== "object" || payload === null) return NOTHING;
  const fields = new Map<string, unknown>(Object.entries(payload));
  return {
    text(name) {
      const value = fields.get(name);
      return typeof value === "string" && value !== "" ? value : null;
    },
    number(name) {
      const value = fields.get(name);
      return typeof value === "number" && Number.isFinite(value) ? value : null;
    },
    part: (name) => readPayload(fields.get(name)),
  };
}

/** Where a person's map opens; null when the place is none. */
export function mapLink(payload: Payload): string | null {
  const latitude = payload.number("latitude");
  const longitude = payload.number("longitude");
  if (latitude === null || longitude === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return `https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`;
}

/** "12.4 MB". */
export function fileSize(bytes: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = value < 10 && step > 0 ? 1 : 0;
  const unit = units[step] ?? "byte";
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(value);
}
