// Reads what a message's kind brings besides its text. Nothing in it is trusted to be there or to be of its type.

export type Payload = {
  text(name: string): string | null;
  number(name: string): number | null;
  flag(name: string): boolean;
  part(name: string): Payload;
  parts(name: string): readonly Payload[];
};

const NOTHING: Payload = {
  text: () => null,
  number: () => null,
  flag: () => false,
  part: () => NOTHING,
  parts: () => [],
};

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
    flag: (name) => fields.get(name) === true,
    parts(name) {
      const value = fields.get(name);
      return Array.isArray(value) ? value.map(readPayload) : [];
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
