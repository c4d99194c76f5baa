// Message objects written as JSON: read, and begun from an example. What LINE thinks of them, LINE says.
import type { LineMessage } from "../../realtime/types";

export type Card =
  | { kind: "empty" }
  /** `detail`: what the browser says about the place, in English. */
  | { kind: "not_json"; detail: string }
  | { kind: "no_message" }
  | { kind: "message"; message: LineMessage };

/** LINE's own designer gives what is inside of a flex message: that is put into one. */
const INSIDES: readonly unknown[] = ["bubble", "carousel"];
/** Of `altText` (Messaging API reference, "Flex message"). */
const MAX_ALT = 400;

export function readCard(text: string): Card {
  if (text.trim() === "") return { kind: "empty" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "not_json", detail: error instanceof Error ? error.message : "" };
  }
  if (!isObject(value) || typeof value.type !== "string" || value.type === "") return { kind: "no_message" };
  const message: LineMessage = { ...value, type: value.type };
  if (!INSIDES.includes(value.type)) return { kind: "message", message };
  const altText = (firstText(value, 0) ?? "Flex").slice(0, MAX_ALT);
  return { kind: "message", message: { type: "flex", altText, contents: value } };
}

/** The words that tell of a message where it is not drawn. */
export function wordsOf({ text, altText, title }: LineMessage): string {
  return [text, altText, title].find((words) => typeof words === "string" && words !== "")?.toString() ?? "";
}

function firstText(value: unknown, depth: number): string | null {
  if (depth > 20 || typeof value !== "object" || value === null) return null;
  if (isObject(value) && value.type === "text" && typeof value.text === "string" && value.text.trim() !== "")
    return value.text;
  for (const inside of Object.values(value)) {
    const found = firstText(inside, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const say = (label: string) => ({ type: "message", label, text: label });
const line = (text: string, more: object = {}) => ({ type: "text", text, wrap: true, ...more });

export const EXAMPLES = {
  flex: {
    type: "flex",
    altText: "Your order",
    contents: {
      type: "bubble",
      body: {
        type: "box",
        layout: "vertical",
        spacing: "md",
        contents: [
          line("Your order", { weight: "bold", size: "lg" }),
          { type: "separator" },
          line("It left us today."),
        ],
      },
      footer: {
        type: "box",
        layout: "vertical",
        contents: [{ type: "button", style: "primary", action: say("Thank you") }],
      },
    },
  },
  buttons: {
    type: "template",
    altText: "How can we help?",
    template: {
      type: "buttons",
      title: "How can we help?",
      text: "Choose one",
      actions: [say("Hours"), say("Prices")],
    },
  },
  confirm: {
    type: "template",
    altText: "Is that right?",
    template: { type: "confirm", text: "Is that right?", actions: [say("Yes"), say("No")] },
  },
  carousel: {
    type: "template",
    altText: "Our rooms",
    template: {
      type: "carousel",
      columns: ["Garden", "Sea"].map((room) => ({ title: room, text: "From 1,200", actions: [say(`Book ${room}`)] })),
    },
  },
} as const;
