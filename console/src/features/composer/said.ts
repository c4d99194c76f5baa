// What is sent of a draft's text: the text itself, or a message object where LINE needs one.
import type { LineMessage, Said } from "../../realtime/types";
import { type MentionPart, mentionParts } from "../thread/mention-parts";
import { readPayload } from "../thread/payload";
import type { Draft, Mention } from "./drafts";

/** LINE shows no more (Messaging API reference, "Quick reply"). */
export const MAX_REPLIES = 13;
export const MAX_LABEL = 20;
/** Places in one text (Messaging API reference, "Text message (v2)"). */
export const MAX_MENTIONS = 20;
/** LINE's own names are far shorter. */
const MAX_NAME = 200;

export function saidOf({ text, replies = [], mentions = [] }: Draft): Said {
  const quickReply = replies.length > 0 ? { quickReply: { items: replies.map(replyItem) } } : null;
  const mentioning = withMentions(text, mentions);
  if (!mentioning && !quickReply) return text;
  return { text, message: { ...(mentioning ?? { type: "text", text }), ...quickReply } };
}

/** A tap sends the words back. */
const replyItem = (label: string) => ({ type: "action", action: { type: "message", label, text: label } });

/** A text in which braces stand for members; null when it mentions nobody. */
function withMentions(text: string, mentions: readonly Mention[]): LineMessage | null {
  const byLength = [...mentions].sort((one, other) => other.name.length - one.name.length);
  const keys = new Map<string, string>();
  let out = "";
  let places = 0;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const found = places < MAX_MENTIONS ? byLength.find(({ name }) => rest.startsWith(`@${name}`)) : undefined;
    if (found) {
      const key = keys.get(found.line_user_id) ?? keyOf(found.name, [...keys.values()]);
      keys.set(found.line_user_id, key);
      out += `{${key}}`;
      places++;
      at += found.name.length + 1;
    } else {
      const unit = text.charAt(at);
      // A brace that is meant as one is written twice.
      out += unit === "{" || unit === "}" ? unit + unit : unit;
      at++;
    }
  }
  if (places === 0) return null;
  const substitution = Object.fromEntries(
    [...keys].map(([userId, key]) => [key, { type: "mention", mentionee: { type: "user", userId } }]),
  );
  return { type: "textV2", text: out, substitution };
}

/** With the name where LINE allows it: see `ui/name.ts`, which has only the text. */
function keyOf(name: string, taken: readonly string[]): string {
  const key = `at_${name}`;
  return /^at_(?!\d+$)\w{1,17}$/.test(key) && !taken.includes(key) ? key : `at_${taken.length + 1}`;
}

/**
 * Who was mentioned in a message that `saidOf` made, and by which name. The message has no names, and the text no members:
 * the one is laid over the other.
 */
export function mentionsIn(text: string, message: LineMessage): Mention[] {
  const parts = message.type === "textV2" ? mentionParts(readPayload(message)) : [];
  const names = namesIn(text, parts);
  const found = new Map<string, Mention>();
  for (const [at, part] of parts.entries()) {
    const name = names?.[at] ?? "";
    if (part.kind === "member" && name !== "" && !found.has(name)) found.set(name, { name, line_user_id: part.id });
  }
  return [...found.values()];
}

/** What of the text each part stands for, without the `@` of a member; null where they do not fit. */
function namesIn(text: string, parts: readonly MentionPart[]): string[] | null {
  const dead = new Set<string>();
  const from = (part: number, start: number): string[] | null => {
    const one = parts[part];
    if (!one) return start === text.length ? [] : null;
    const key = `${part} ${start}`;
    if (dead.has(key)) return null;
    const isText = one.kind === "text";
    if (isText ? text.startsWith(one.text, start) : text.charAt(start) === "@") {
      const [least, most] = isText ? [one.text.length, one.text.length] : [2, 1 + MAX_NAME];
      for (let end = start + least; end <= Math.min(start + most, text.length); end++) {
        const rest = from(part + 1, end);
        if (rest) return [isText ? "" : text.slice(start + 1, end), ...rest];
      }
    }
    dead.add(key);
    return null;
  };
  return from(0, 0);
}

/** The labels of a message's quick replies. */
export function repliesIn(message: LineMessage): string[] {
  const { quickReply } = message;
  if (typeof quickReply !== "object" || quickReply === null || !("items" in quickReply)) return [];
  const items: unknown[] = Array.isArray(quickReply.items) ? quickReply.items : [];
  return items.flatMap((item) => {
    if (typeof item !== "object" || item === null || !("action" in item)) return [];
    const { action } = item;
    if (typeof action !== "object" || action === null || !("label" in action)) return [];
    return typeof action.label === "string" ? [action.label] : [];
  });
}
