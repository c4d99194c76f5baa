// The desk's frames, checked where they come in. What this version does not know does no harm: unknown fields are left
// out, unknown types of frames are ignored, and an unknown word in a known field is passed on as it is.
// INVARIANT: the schemas and `src/protocol.ts` have the same fields; `NoDrift` below does not compile otherwise.
import * as v from "valibot";
import type * as p from "../protocol";
import {
  amount,
  delivery,
  flag,
  id,
  may,
  message,
  operator,
  orNull,
  quotaState,
  summaryFields,
  text,
  word,
} from "./shapes";

const limits = v.object({
  text_units: amount,
  frame_bytes: amount,
  sends_per_minute: amount,
  media: flag,
  media_bytes: amount,
});

const conversationUpdate = v.object({ messages: may(v.array(message)), has_more: may(flag), ...summaryFields });

const ofMessage = { message_id: id, temp_id: may(text), conversation_id: id, line_user_id: text };

const sessionEvent = v.object({
  line_user_id: text,
  conversation_id: id,
  session_id: id,
  status: word<p.SessionStatus>(),
  operator_id: orNull(id),
  operator_name: orNull(text),
  from_operator_id: may(id),
  to_operator_id: may(id),
  reason: may(text),
  closed_by: may(word<p.ClosedBy>()),
});

const roomPresence = v.object({ admin_id: text, operator_name: text, room_id: text });

const payloads = {
  auth_success: v.object({
    admin_id: text,
    operator,
    seq: id,
    resumed: flag,
    timezone: text,
    first_response_target_seconds: orNull(amount),
    limits,
  }),
  auth_error: v.object({ code: word<p.ErrorCode>(), message: text }),
  error: v.object({
    code: word<p.ErrorCode>(),
    message: text,
    reply_to: may(text),
    temp_id: may(text),
    retryable: flag,
    retry_after_ms: may(amount),
    details: may(v.unknown()),
  }),
  pong: v.object({ server_time: text }),
  room_left: v.object({ conversation_id: orNull(id), line_user_id: orNull(text) }),
  new_message: message,
  message_sent: message,
  message_ack: v.object({ ...ofMessage, delivery }),
  message_failed: v.object({ ...ofMessage, code: word<p.ErrorCode>(), error: text, retryable: flag, delivery }),
  message_updated: message,
  conversation_update: conversationUpdate,
  conversation_read: v.object({ conversation_id: id, line_user_id: text, message_id: id, unread_count: amount }),
  session_created: sessionEvent,
  session_claimed: sessionEvent,
  session_released: sessionEvent,
  session_closed: sessionEvent,
  session_transferred: sessionEvent,
  presence_update: v.object({
    operators: v.array(v.object({ id, name: text, status: word<p.OperatorStatus>(), active_chats: amount })),
  }),
  operator_joined: roomPresence,
  operator_left: roomPresence,
  typing_indicator: v.object({
    line_user_id: text,
    conversation_id: id,
    admin_id: text,
    operator_name: text,
    is_typing: flag,
  }),
  analytics_update: v.object({
    waiting: amount,
    active: amount,
    longest_wait_seconds: orNull(amount),
    operators_online: amount,
  }),
  sla_alert: v.object({
    metric: text,
    value_seconds: amount,
    threshold_seconds: amount,
    conversation_id: id,
    line_user_id: text,
    session_id: id,
    severity: text,
  }),
  quota_update: quotaState,
  resync_required: v.object({ reason: text }),
};

const head = { timestamp: text, seq: may(id), reply_to: may(text) };

function of<const T extends p.Event["type"], S extends v.GenericSchema>(type: T, payload: S) {
  return v.object({ ...head, type: v.literal(type), payload });
}

const frame = v.variant("type", [
  of("auth_success", payloads.auth_success),
  of("auth_error", payloads.auth_error),
  of("error", payloads.error),
  of("pong", payloads.pong),
  of("room_left", payloads.room_left),
  of("new_message", payloads.new_message),
  of("message_sent", payloads.message_sent),
  of("message_ack", payloads.message_ack),
  of("message_failed", payloads.message_failed),
  of("message_updated", payloads.message_updated),
  of("conversation_update", payloads.conversation_update),
  of("conversation_read", payloads.conversation_read),
  of("session_created", payloads.session_created),
  of("session_claimed", payloads.session_claimed),
  of("session_released", payloads.session_released),
  of("session_closed", payloads.session_closed),
  of("session_transferred", payloads.session_transferred),
  of("presence_update", payloads.presence_update),
  of("operator_joined", payloads.operator_joined),
  of("operator_left", payloads.operator_left),
  of("typing_indicator", payloads.typing_indicator),
  of("analytics_update", payloads.analytics_update),
  of("sla_alert", payloads.sla_alert),
  of("quota_update", payloads.quota_update),
  of("resync_required", payloads.resync_required),
]);

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Flat<T> = { [K in keyof T]: T[K] };
type Payloads = { [E in p.Event as E["type"]]: Flat<E["payload"]> };
type Checked = { [T in keyof typeof payloads]: Flat<v.InferOutput<(typeof payloads)[T]>> };
type Drift = {
  [T in keyof Payloads | keyof Checked]: T extends keyof Payloads & keyof Checked
    ? Same<Payloads[T], Checked[T]> extends true
      ? never
      : T
    : T;
}[keyof Payloads | keyof Checked];

type Forgotten = Exclude<p.Event["type"], v.InferOutput<typeof frame>["type"]>;
type Nothing<T extends never> = T;
/** Does not compile when a schema and its type differ, and then names the frames. */
export type NoDrift = Nothing<Drift> | Nothing<Forgotten>;

/** A frame of the desk, or null when it cannot be read or is of an unknown type. */
export function parseFrame(text: string): p.ServerFrame | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const read = v.safeParse(frame, json);
  return read.success ? read.output : null;
}
