// The parts of a text whose braces stand for something (Messaging API reference, "Text message (v2)"). Pure.
import type { Payload } from "./payload";

export type MentionPart = { kind: "text"; text: string } | { kind: "member"; id: string } | { kind: "all" };

export function mentionParts(message: Payload): MentionPart[] {
  const parts: MentionPart[] = [];
  let words = "";
  // A brace that is meant as one is written twice.
  for (const [piece] of (message.text("text") ?? "").matchAll(/\{\{|\}\}|\{[^{}]+\}|[^{}]+|[{}]/g)) {
    const part = piece.length > 2 && piece.startsWith("{") ? placeOf(message, piece.slice(1, -1)) : null;
    if (part) {
      if (words !== "") parts.push({ kind: "text", text: words });
      words = "";
      parts.push(part);
    } else words += piece === "{{" || piece === "}}" ? piece.charAt(0) : piece;
  }
  if (words !== "") parts.push({ kind: "text", text: words });
  return parts;
}

function placeOf(message: Payload, key: string): MentionPart | null {
  const mentionee = message.part("substitution").part(key).part("mentionee");
  const id = mentionee.text("userId");
  if (id !== null) return { kind: "member", id };
  return mentionee.text("type") === "all" ? { kind: "all" } : null;
}
