// REST answers, checked where they come in; as lenient as the frames are.
import * as v from "valibot";
import type * as p from "../protocol";
import {
  amount,
  flag,
  id,
  message,
  operator,
  orNull,
  quotaState,
  session,
  summaryFields,
  text,
  word,
} from "../realtime/shapes";

export const MessageSchema = message;

export const SummarySchema = v.object(summaryFields);

export const DetailSchema = v.object({ ...summaryFields, messages: v.array(message) });

export const TokenAnswerSchema = v.object({ access_token: text, token_type: text, expires_in: amount, user: operator });

export const ListSchema = v.object({
  conversations: v.array(SummarySchema),
  next_cursor: orNull(text),
  total: amount,
  waiting_count: amount,
  active_count: amount,
  counts: v.object({ all: amount, waiting: amount, active: amount, mine: amount, bot: amount, closed: amount }),
  seq: amount,
});

export const ContactSchema = v.object({
  language: orNull(text),
  first_seen_at: text,
  profile_fetched_at: orNull(text),
  elsewhere: v.array(
    v.object({
      conversation_id: id,
      channel: text,
      friend_status: word<p.FriendStatus>(),
      last_activity_at: text,
      is_open: flag,
    }),
  ),
  session_count: amount,
  sessions: v.array(session),
  note_count: amount,
  notes: v.array(message),
});

const booked = v.object({
  free_calls: amount,
  free_messages: amount,
  paid_calls: amount,
  paid_messages: amount,
  paid_recipients: amount,
});

export const UsageSchema = v.object({
  month: text,
  channels: v.array(
    v.object({
      channel: text,
      quota: orNull(quotaState),
      booked,
      days: v.array(v.object({ day: text, booked })),
    }),
  ),
});

export const ChannelSchema = v.object({
  id,
  name: text,
  is_active: flag,
  token_kind: word<p.TokenKind>(),
  line_channel_id: orNull(text),
  webhook_url: text,
  has_secret: flag,
  has_access_token: flag,
  has_assertion_key: flag,
  is_configured: flag,
  created_at: text,
  updated_at: text,
  account: orNull(v.object({ display_name: text, basic_id: text })),
  warning: v.exactOptional(text),
  misdirected: v.exactOptional(v.object({ destination: text, at: text })),
});

export const ChannelsSchema = v.object({ channels: v.array(ChannelSchema) });

export const FindingsSchema = v.object({
  findings: v.array(
    v.object({
      level: word<p.FindingLevel>(),
      code: text,
      channel: orNull(text),
      values: v.record(text, text),
      found: text,
      todo: orNull(text),
    }),
  ),
  checked_at: text,
});

export const PageSchema = v.object({
  messages: v.array(message),
  has_more_before: flag,
  has_more_after: flag,
});

export const MembersSchema = v.object({
  members: v.array(v.object({ line_user_id: text, display_name: orNull(text), has_left: flag })),
  member_count: orNull(amount),
});

export const CheckSchema = v.object({
  valid: flag,
  problems: v.array(v.object({ field: text, message: text })),
});

export const OperatorsSchema = v.object({
  operators: v.array(
    v.object({
      id,
      display_name: text,
      role: word<p.Role>(),
      status: word<p.OperatorStatus>(),
      active_chats: amount,
    }),
  ),
});

export const SearchSchema = v.object({
  items: v.array(v.object({ message, conversation: SummarySchema })),
  next_cursor: orNull(text),
});
