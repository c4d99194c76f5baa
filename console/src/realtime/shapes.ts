// The shapes that the desk's frames and its REST answers share. What this version does not know does no harm: unknown
// fields are left out, and an unknown word in a known field is passed on as it is.
import * as v from "valibot";
import type * as p from "../protocol";

/** One word of a set that may grow: any text passes. */
export function word<T extends string>() {
  return v.custom<T>((input) => typeof input === "string");
}

export const id = v.pipe(v.number(), v.integer());
export const text = v.string();
export const amount = v.number();
export const flag = v.boolean();
export const orNull = v.nullable;
export const may = v.exactOptional;

export const operator = v.object({ id, username: text, display_name: text, role: word<p.Role>() });

export const delivery = v.object({
  state: word<p.DeliveryState>(),
  cost: orNull(word<p.DeliveryCost>()),
  code: may(word<p.ErrorCode>()),
  error: may(text),
  retryable: may(flag),
  recipients: may(amount),
});

export const session = v.object({
  id,
  status: word<p.SessionStatus>(),
  operator_id: orNull(id),
  operator_name: orNull(text),
  started_at: text,
  claimed_at: orNull(text),
  closed_at: orNull(text),
  first_response_at: orNull(text),
  closed_by: orNull(word<p.ClosedBy>()),
  transfer_count: amount,
  after_hours: flag,
});

const media = v.object({
  id: text,
  state: word<p.MediaState>(),
  content_type: orNull(text),
  size_bytes: orNull(amount),
  file_name: orNull(text),
  width: orNull(amount),
  height: orNull(amount),
  duration_ms: orNull(amount),
  has_preview: flag,
  code: may(word<p.ErrorCode>()),
  link_expires_at: may(text),
});

export const message = v.object({
  id,
  conversation_id: id,
  line_user_id: text,
  session_id: orNull(id),
  direction: word<p.Direction>(),
  sender_role: word<p.SenderRole>(),
  operator_id: orNull(id),
  operator_name: orNull(text),
  message_type: word<p.MessageType>(),
  content: text,
  payload: v.unknown(),
  quoted_message_id: orNull(id),
  created_at: text,
  unsent_at: orNull(text),
  delivery: orNull(delivery),
  temp_id: may(text),
  media: may(media),
  author: may(v.object({ line_user_id: text, display_name: orNull(text) })),
});

const lastMessage = v.object({
  id,
  content: text,
  message_type: word<p.MessageType>(),
  direction: word<p.Direction>(),
  created_at: text,
  sender_role: word<p.SenderRole>(),
  operator_id: orNull(id),
  unsent_at: orNull(text),
});

export const summaryFields = {
  id,
  channel: text,
  line_user_id: text,
  source_type: word<p.SourceType>(),
  display_name: orNull(text),
  picture_url: orNull(text),
  friend_status: word<p.FriendStatus>(),
  chat_mode: word<p.ChatMode>(),
  session: orNull(session),
  last_message: orNull(lastMessage),
  unread_count: amount,
  tags: v.array(v.object({ id, name: text, color: text })),
  archived: flag,
  member_count: may(amount),
  free_until: may(text),
  reach_until: may(text),
};

export const quotaState = v.object({
  channel: text,
  limit: orNull(amount),
  used: amount,
  left: orNull(amount),
  reserve: amount,
  forecast: orNull(amount),
  level: word<p.QuotaLevel>(),
  checked_at: text,
});
