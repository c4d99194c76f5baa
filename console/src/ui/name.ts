// What a conversation is called, and what a message says in one line.

import { currentMessages } from "../catalogue/catalogue";
import type { Messages } from "../catalogue/messages";
import type { Direction, MessageType, SenderRole, SourceType } from "../protocol";
import type { IconName } from "./icon";

/** The display name, or a stand-in made of the LINE id's end. */
export function nameOf(summary: {
  display_name: string | null;
  source_type: SourceType;
  line_user_id: string;
}): string {
  if (summary.display_name) return summary.display_name;
  return currentMessages().common.unnamed[summary.source_type](summary.line_user_id.slice(-4));
}

const ICONS: Partial<Record<MessageType, IconName>> = {
  image: "image",
  video: "video",
  audio: "audio",
  file: "file",
  location: "pin",
  sticker: "sticker",
  note: "lock",
};

/** The parts of a message (or of a list's last message) that its gist is made of. */
export type GistSource = {
  content: string;
  message_type: MessageType;
  direction: Direction;
  sender_role: SenderRole;
  unsent_at: string | null;
  operator_id?: number | null;
  operator_name?: string | null;
};

export type Gist = {
  icon?: IconName;
  text: string;
  /** Who said it, when it was not the customer; `operator` is a colleague or oneself: compare `operator_id`. */
  who: "customer" | "bot" | "operator" | "system";
};

export function gist(message: GistSource, t: Messages["common"]): Gist {
  const who = whoSaid(message.sender_role);
  const { message_type: type, content } = message;
  if (message.unsent_at) return { icon: "undo", text: t.withdrawn, who: "system" };
  if (type === "text") return { text: who === "operator" ? withMentions(content) : content, who };
  if (type === "note") return { icon: "lock", text: content, who };
  if (type === "system") return { text: content ? t.pressed(content) : t.unknownKind, who: "system" };
  const kind = t.kind[type];
  const icon = ICONS[type];
  return { ...(icon ? { icon } : {}), text: content ? t.kindWith(kind, content) : kind, who };
}

/** LINE is given keys for those who are mentioned, and of a message's line there is only the text: see `said.ts`. */
const MENTION = /\{at_(\w+)\}/g;

function withMentions(text: string): string {
  if (text.search(MENTION) < 0) return text;
  const named = text.replace(MENTION, (_, name: string) => (/^\d+$/.test(name) ? "@…" : `@${name}`));
  return named.replaceAll("{{", "{").replaceAll("}}", "}");
}

function whoSaid(role: SenderRole): Gist["who"] {
  switch (role) {
    case "USER":
      return "customer";
    case "BOT":
      return "bot";
    case "ADMIN":
      return "operator";
    case "SYSTEM":
      return "system";
  }
}
