// A message that the desk does not have yet, as it will be told once it has: so that it looks the same before and after.
import type { Message, MessageType } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";

const KINDS: readonly MessageType[] = [
  "sticker",
  "image",
  "video",
  "audio",
  "location",
  "flex",
  "template",
  "imagemap",
];

export function messageOf(entry: OutboxEntry): Message {
  const { line_message: said } = entry;
  return {
    // No id of the desk's.
    id: 0,
    conversation_id: entry.conversation_id,
    line_user_id: "",
    session_id: null,
    direction: "OUTGOING",
    sender_role: "ADMIN",
    operator_id: null,
    operator_name: null,
    message_type: KINDS.find((kind) => kind === said?.type) ?? "text",
    content: entry.text,
    // The text is there as it was typed, with names where LINE is given numbers.
    payload: said?.type === "textV2" ? { ...said, type: "text" } : (said ?? null),
    quoted_message_id: entry.quote_message_id,
    created_at: new Date(entry.at).toISOString(),
    unsent_at: null,
    delivery: null,
    temp_id: entry.temp_id,
  };
}
