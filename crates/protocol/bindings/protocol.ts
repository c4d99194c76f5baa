// Generated from crates/protocol. `LINEDESK_UPDATE_GENERATED=1 cargo test -p linedesk-protocol` rewrites it.

/**
 * A channel's one lasting thread with a contact.
 */
export type ConversationId = number;

/**
 * Anything in a thread. Grows with the order of storing within one conversation.
 */
export type MessageId = number;

/**
 * One hand-over from bot to human inside a conversation.
 */
export type SessionId = number;

/**
 * A person with an account.
 */
export type OperatorId = number;

/**
 * A place in the feed: gap-free and in commit order over the whole desk (WS6). 0 is before the first event.
 */
export type Seq = number;

/**
 * Milliseconds since the Unix epoch, UTC. Written as `2026-01-31T08:30:00.123Z`.
 */
export type Timestamp = string;

/**
 * What went wrong, in a word that a program can act on (ER2).
 */
export type ErrorCode = "auth_missing_token" | "auth_invalid_token" | "auth_expired_token" | "not_authenticated" | "forbidden" | "validation_error" | "invalid_request" | "message_too_long" | "not_found" | "not_in_room" | "conversation_not_found" | "session_not_found" | "session_conflict" | "rate_limit_exceeded" | "unknown_event" | "conflict" | "payload_too_large" | "line_rejected" | "line_unavailable" | "quota_exhausted" | "recipient_unreachable" | "unavailable" | "internal_error";

/**
 * One field that is missing or wrong.
 */
export type FieldError = { 
/**
 * Where, as in `message.text`.
 */
field: string, message: string, };

/**
 * A REST error: RFC 9457 `application/problem+json` (ER1).
 */
export type Problem = { 
/**
 * `about:blank`, as RFC 9457 has it for problems that `code` already names.
 */
type: string, title: string, status: number, detail: string, code: ErrorCode, 
/**
 * The same as in the answer's `x-request-id` and in the log.
 */
request_id: string, errors?: Array<FieldError>, 
/**
 * What a program may want to know besides: why no session could be claimed, and who has it.
 */
details?: unknown, };

/**
 * What an operator may do (AU3).
 */
export type Role = "SUPER_ADMIN" | "ADMIN" | "AGENT";

/**
 * Whether an operator can take chats at the moment. `offline` = no socket.
 */
export type OperatorStatus = "online" | "away" | "busy" | "offline";

/**
 * What kind of chat it is.
 */
export type SourceType = "user" | "group" | "room";

/**
 * Whether the contact can be reached; `UNFOLLOWED` = blocked us or left.
 */
export type FriendStatus = "ACTIVE" | "UNFOLLOWED" | "UNKNOWN";

/**
 * Who answers: HUMAN exactly while a session is open (SE2).
 */
export type ChatMode = "BOT" | "HUMAN";

/**
 * How far a session is. CLOSED is its end.
 */
export type SessionStatus = "WAITING" | "ACTIVE" | "CLOSED";

/**
 * Who ended a session. `SYSTEM_TIMEOUT`: nothing happened in it for too long (SE5).
 */
export type ClosedBy = "OPERATOR" | "USER" | "SYSTEM" | "SYSTEM_TIMEOUT";

/**
 * From the contact, or to them. Notes count as outgoing.
 */
export type Direction = "INCOMING" | "OUTGOING";

/**
 * Who wrote a message. USER is the contact, ADMIN any operator.
 */
export type SenderRole = "USER" | "BOT" | "ADMIN" | "SYSTEM";

/**
 * What a message is (WH6). `system` also stands for what linedesk does not know yet.
 */
export type MessageType = "text" | "image" | "video" | "audio" | "file" | "location" | "sticker" | "flex" | "template" | "imagemap" | "note" | "system";

/**
 * How far an outgoing message came. There is no "read" or "delivered": LINE does not tell.
 */
export type DeliveryState = "queued" | "sending" | "accepted" | "failed" | "unknown" | "withheld";

/**
 * What a delivery cost: a reply is free, a push is paid.
 */
export type DeliveryCost = "free" | "paid";

/**
 * How far the file behind a message came.
 */
export type MediaState = "fetching" | "ready" | "gone" | "failed";

/**
 * The file behind a message.
 */
export type Media = { 
/**
 * `GET /media/{id}` is the file, `GET /media/{id}/preview` the preview of an image or video.
 */
id: string, state: MediaState, 
/**
 * By its content; null until it is here.
 */
content_type: string | null, size_bytes: number | null, 
/**
 * As the sender called it: anybody's text.
 */
file_name: string | null, 
/**
 * In pixels, of an image whose preview could be made.
 */
width: number | null, height: number | null, 
/**
 * Of video and audio.
 */
duration_ms: number | null, has_preview: boolean, 
/**
 * Why it failed.
 */
code?: ErrorCode, 
/**
 * When the link that the customer got stops working.
 */
link_expires_at?: Timestamp, };

/**
 * A member of a group or room.
 */
export type Author = { line_user_id: string, 
/**
 * Null until LINE told it.
 */
display_name: string | null, };

/**
 * A label on a conversation.
 */
export type Tag = { id: number, name: string, color: string, };

/**
 * The newest message of a conversation, cut to 200 characters.
 */
export type LastMessage = { id: MessageId, content: string, message_type: MessageType, direction: Direction, created_at: Timestamp, sender_role: SenderRole, operator_id: OperatorId | null, 
/**
 * When the customer withdrew it; `content` is empty then (WH6).
 */
unsent_at: Timestamp | null, };

/**
 * One hand-over from bot to human.
 */
export type Session = { id: SessionId, status: SessionStatus, operator_id: OperatorId | null, operator_name: string | null, started_at: Timestamp, claimed_at: Timestamp | null, closed_at: Timestamp | null, 
/**
 * When an operator first answered in it.
 */
first_response_at: Timestamp | null, closed_by: ClosedBy | null, transfer_count: number, 
/**
 * It began outside business hours and waits for them (SE5).
 */
after_hours: boolean, };

/**
 * Getting one outgoing message to LINE.
 */
export type Delivery = { state: DeliveryState, cost: DeliveryCost | null, code?: ErrorCode, 
/**
 * One sentence for the operator.
 */
error?: string, 
/**
 * Whether `retry_message` makes sense.
 */
retryable?: boolean, 
/**
 * How many paid messages the call that carried it was counted as: one a recipient, however many messages it had.
 */
recipients?: number, };

/**
 * Anything in a thread. `content` is kept and shown exactly as it was typed; escaping is the viewer's work.
 */
export type Message = { id: MessageId, conversation_id: ConversationId, line_user_id: string, session_id: SessionId | null, direction: Direction, sender_role: SenderRole, operator_id: OperatorId | null, operator_name: string | null, message_type: MessageType, 
/**
 * The text; for other types a plain-text stand-in (a sticker's words, a file's name), possibly empty.
 */
content: string, 
/**
 * What the type needs besides: ids, sizes, coordinates. Null for plain text.
 */
payload: unknown, quoted_message_id: MessageId | null, created_at: Timestamp, 
/**
 * When the customer withdrew it; `content` and `payload` are erased then (WH6).
 */
unsent_at: Timestamp | null, 
/**
 * Null for what does not go to LINE.
 */
delivery: Delivery | null, 
/**
 * The sender's own id for it, given back so that a client can match it with what it shows already.
 */
temp_id?: string, 
/**
 * The file behind an image, video, audio or file. Absent where there is none, and once it is withdrawn.
 */
media?: Media, 
/**
 * Who said it in a group or room, where LINE tells.
 */
author?: Author, };

/**
 * A conversation as a list shows it.
 */
export type Summary = { id: ConversationId, 
/**
 * The channel's name, `default` for the one from the configuration.
 */
channel: string, 
/**
 * The LINE chat id: `U…`, `C…` or `R…` + 32 hex.
 */
line_user_id: string, source_type: SourceType, 
/**
 * Null until LINE told it.
 */
display_name: string | null, picture_url: string | null, friend_status: FriendStatus, chat_mode: ChatMode, 
/**
 * The open session, if any.
 */
session: Session | null, last_message: LastMessage | null, 
/**
 * Messages of the contact after the newest one that any operator has read.
 */
unread_count: number, tags: Array<Tag>, archived: boolean, 
/**
 * People in the group or room besides the account, as far as LINE told: what a push costs. Absent for a user.
 */
member_count?: number, 
/**
 * Until when a reply is expected to be free: the newest unused reply token, for as long as this channel's tokens are
 * known to work (DL3). Absent without one.
 */
free_until?: Timestamp, 
/**
 * Until when a push surely reaches them: nothing tells that they are a friend, and LINE delivers to others for seven
 * days after they wrote; it takes later pushes, and delivers nothing. Absent for friends, groups, rooms, and whoever
 * blocked the account.
 */
reach_until?: Timestamp, };

/**
 * `POST /auth/login` (AU1).
 */
export type LoginRequest = { username: string, password: string, };

/**
 * `POST /auth/password`: also ends every other sign-in of the operator.
 */
export type ChangePasswordRequest = { current_password: string, new_password: string, };

/**
 * The operator who is signed in.
 */
export type User = { id: OperatorId, username: string, display_name: string, role: Role, };

/**
 * The answer to `login` and `refresh`; the refresh token travels in an `HttpOnly` cookie beside it.
 */
export type TokenAnswer = { access_token: string, 
/**
 * Always `bearer`.
 */
token_type: string, 
/**
 * Seconds until the access token expires.
 */
expires_in: number, user: User, };

/**
 * Which conversations a list shows.
 */
export type ListStatus = "all" | "waiting" | "active" | "mine" | "bot" | "closed";

/**
 * `GET /admin/live-chat/conversations`.
 */
export type ConversationList = { 
/**
 * Newest activity first.
 */
conversations: Array<Summary>, next_cursor: string | null, 
/**
 * How many match the filter.
 */
total: number, waiting_count: number, active_count: number, counts: ListCounts, 
/**
 * The feed's place at which this list was true: `resume_after` for a socket that follows it.
 */
seq: Seq, };

/**
 * How many conversations each list has without `q` and `tag`, at the page's instant.
 */
export type ListCounts = { all: number, waiting: number, active: number, 
/**
 * The caller's own.
 */
mine: number, bot: number, closed: number, };

/**
 * `GET …/{key}/contact`: what is known of a contact besides the summary.
 */
export type ContactCard = { 
/**
 * BCP 47, as LINE tells it; of some users only.
 */
language: string | null, 
/**
 * When the desk first heard of the contact.
 */
first_seen_at: Timestamp, 
/**
 * When LINE was last asked for name and picture; null before it answered.
 */
profile_fetched_at: Timestamp | null, 
/**
 * The same LINE user in other channels of this desk, the latest activity first, at most 20: LINE gives a person one id
 * for all channels of a provider.
 */
elsewhere: Array<Elsewhere>, session_count: number, 
/**
 * Newest first, at most 20.
 */
sessions: Array<Session>, note_count: number, 
/**
 * Newest first, at most 20.
 */
notes: Array<Message>, };

/**
 * A conversation with the same person in another channel.
 */
export type Elsewhere = { conversation_id: ConversationId, channel: string, friend_status: FriendStatus, last_activity_at: Timestamp, 
/**
 * A session is open there.
 */
is_open: boolean, };

/**
 * `POST /admin/live-chat/conversations`.
 */
export type StartConversation = { line_user_id: string, initial_message?: string, 
/**
 * As in [`SendMessage`]: the same again sends the first message only once.
 */
temp_id?: string, 
/**
 * The channel's name; `default` without it.
 */
channel?: string, };

/**
 * `GET …/{key}`: the summary with the latest messages, oldest first.
 */
export type ConversationDetail = { messages: Array<Message>, id: ConversationId, 
/**
 * The channel's name, `default` for the one from the configuration.
 */
channel: string, 
/**
 * The LINE chat id: `U…`, `C…` or `R…` + 32 hex.
 */
line_user_id: string, source_type: SourceType, 
/**
 * Null until LINE told it.
 */
display_name: string | null, picture_url: string | null, friend_status: FriendStatus, chat_mode: ChatMode, 
/**
 * The open session, if any.
 */
session: Session | null, last_message: LastMessage | null, 
/**
 * Messages of the contact after the newest one that any operator has read.
 */
unread_count: number, tags: Array<Tag>, archived: boolean, 
/**
 * People in the group or room besides the account, as far as LINE told: what a push costs. Absent for a user.
 */
member_count?: number, 
/**
 * Until when a reply is expected to be free: the newest unused reply token, for as long as this channel's tokens are
 * known to work (DL3). Absent without one.
 */
free_until?: Timestamp, 
/**
 * Until when a push surely reaches them: nothing tells that they are a friend, and LINE delivers to others for seven
 * days after they wrote; it takes later pushes, and delivers nothing. Absent for friends, groups, rooms, and whoever
 * blocked the account.
 */
reach_until?: Timestamp, };

/**
 * `GET …/{key}/messages`: oldest first.
 */
export type MessagePage = { messages: Array<Message>, has_more_before: boolean, has_more_after: boolean, };

/**
 * `POST …/{key}/messages`, and `send_message` on the socket: exactly one of `text` and `line_message`.
 */
export type SendMessage = { 
/**
 * Sent exactly as given, 1 to 5000 UTF-16 code units.
 */
text?: string, 
/**
 * Instead of `text`: a message object as the Messaging API takes it (LINE OpenAPI `Message`): `sticker`, `location`,
 * `flex`, `template`, `imagemap`, `textV2` with mentions, `text` with `quickReply` …
 */
line_message?: { type: string, [field: string]: unknown }, 
/**
 * The sender's own id, ≤ 100 characters: the same again answers the same message and sends nothing twice.
 */
temp_id?: string, 
/**
 * A message of the same conversation that this one answers.
 */
quote_message_id?: MessageId, };

/**
 * `POST …/{key}/notes`: never sent to LINE.
 */
export type WriteNote = { text: string, 
/**
 * As in [`SendMessage`]: the same again writes no second note.
 */
temp_id?: string, };

/**
 * `POST …/{key}/transfer`, and `transfer_session` on the socket.
 */
export type TransferSession = { to_operator_id: OperatorId, 
/**
 * ≤ 255 characters, kept with the hop.
 */
reason?: string, };

/**
 * `POST …/{key}/mode`: HUMAN opens a session of the caller's, BOT closes the open one.
 */
export type SetMode = { mode: ChatMode, };

/**
 * `POST …/{key}/read`, and `mark_read` on the socket.
 */
export type MarkRead = { message_id: MessageId, };

/**
 * An active operator, as those who transfer to them see it.
 */
export type OperatorEntry = { id: OperatorId, display_name: string, role: Role, status: OperatorStatus, 
/**
 * ACTIVE sessions that are theirs.
 */
active_chats: number, };

/**
 * `GET /admin/live-chat/operators`.
 */
export type OperatorList = { operators: Array<OperatorEntry>, };

/**
 * A message that was found, and where.
 */
export type SearchHit = { message: Message, conversation: Summary, };

/**
 * `GET /admin/live-chat/messages/search`: newest first.
 */
export type SearchAnswer = { items: Array<SearchHit>, next_cursor: string | null, };

/**
 * Somebody in a group or room.
 */
export type Member = { line_user_id: string, display_name: string | null, 
/**
 * They left.
 */
has_left: boolean, };

/**
 * `GET …/{key}/members`: who is known to be in a group or room.
 */
export type MemberList = { 
/**
 * By name. Those who spoke or joined: LINE lists nobody.
 */
members: Array<Member>, 
/**
 * As LINE counts, without the account; null until it told.
 */
member_count: number | null, };

/**
 * How much is left.
 */
export type QuotaLevel = "ok" | "low" | "reserve" | "spent";

/**
 * A channel's paid messages this month. Also the payload of `quota_update`.
 */
export type QuotaState = { channel: string, 
/**
 * Paid messages a month; null without a limit.
 */
limit: number | null, 
/**
 * LINE's own count, with what was booked since it was asked.
 */
used: number, 
/**
 * Null without a limit.
 */
left: number | null, 
/**
 * The last so many are kept for people's messages.
 */
reserve: number, 
/**
 * What `used` will be at the month's end if it goes on so; null in the month's first day.
 */
forecast: number | null, level: QuotaLevel, 
/**
 * When LINE was asked.
 */
checked_at: Timestamp, };

/**
 * Accepted calls.
 */
export type Booked = { 
/**
 * Calls by reply.
 */
free_calls: number, 
/**
 * Messages in them.
 */
free_messages: number, 
/**
 * Calls by push.
 */
paid_calls: number, paid_messages: number, 
/**
 * What LINE counts against the quota: one a recipient of a push.
 */
paid_recipients: number, };

/**
 * One day of a month.
 */
export type DayUsage = { 
/**
 * `YYYY-MM-DD`
 */
day: string, booked: Booked, };

/**
 * One channel's month.
 */
export type ChannelUsage = { channel: string, 
/**
 * As LINE tells it now; of the current month only.
 */
quota: QuotaState | null, 
/**
 * What linedesk booked: every call that LINE accepted.
 */
booked: Booked, 
/**
 * The days of the month so far, all of them.
 */
days: Array<DayUsage>, };

/**
 * `GET /admin/usage`: what messages cost, by channel.
 */
export type Usage = { 
/**
 * `YYYY-MM`, in the business time zone.
 */
month: string, channels: Array<ChannelUsage>, };

/**
 * `POST /admin/live-chat/messages/validate`.
 */
export type ValidateMessage = { 
/**
 * As in [`SendMessage`].
 */
line_message: { type: string, [field: string]: unknown }, };

/**
 * What would be wrong about a message.
 */
export type MessageCheck = { 
/**
 * LINE would take it.
 */
valid: boolean, problems: Array<FieldError>, };

/**
 * How a channel's access tokens come about.
 */
export type TokenKind = "long_lived" | "stateless" | "jwt";

/**
 * `GET /admin/channels`.
 */
export type ChannelList = { channels: Array<ChannelState>, };

/**
 * A channel, without its secrets.
 */
export type ChannelState = { id: number, name: string, 
/**
 * Off: LINE's webhooks are refused, and LINE is not called.
 */
is_active: boolean, token_kind: TokenKind, line_channel_id: string | null, 
/**
 * What LINE is to call: to be entered in its console. A path where the desk has no public address.
 */
webhook_url: string, has_secret: boolean, has_access_token: boolean, has_assertion_key: boolean, 
/**
 * The configuration sets its secrets anew at every start.
 */
is_configured: boolean, created_at: Timestamp, updated_at: Timestamp, 
/**
 * As LINE tells it, after a change; null where it was not asked.
 */
account: LineAccount | null, 
/**
 * What LINE says against it, after a change: it is kept all the same.
 */
warning?: string, 
/**
 * Webhooks that were refused since the last change, because they are for another LINE account.
 */
misdirected?: Misdirected, };

/**
 * A LINE Official Account, as LINE tells it.
 */
export type LineAccount = { display_name: string, 
/**
 * Such as `@123abcde`.
 */
basic_id: string, };

/**
 * Webhooks that were signed with a channel's secret and were for another LINE account: the secret is that account's, the
 * access token is not.
 */
export type Misdirected = { 
/**
 * The user id of the account that the latest was for (`destination`).
 */
destination: string, at: Timestamp, };

/**
 * `POST /admin/channels`, and without `name` `POST /admin/channels/{id}`: what is left out stays as it is.
 */
export type ChannelWish = { 
/**
 * 1 to 40 of `a-z`, `0-9`, `-`, `_`; in the webhook's address, and never changed.
 */
name?: string, channel_secret?: string, access_token?: string, token_kind?: TokenKind, 
/**
 * LINE's id of the channel, digits: for `stateless` and `jwt`.
 */
line_channel_id?: string, 
/**
 * The private key as a JSON Web Key, with the `kid` that LINE showed: for `jwt`.
 */
assertion_key?: string, is_active?: boolean, };

/**
 * `POST /admin/doctor`.
 */
export type AskDoctor = { 
/**
 * Let LINE call the webhook.
 */
test: boolean, };

/**
 * What an installation needs, piece by piece.
 */
export type Findings = { findings: Array<Finding>, checked_at: Timestamp, };

/**
 * One thing that was looked at.
 */
export type Finding = { level: FindingLevel, 
/**
 * What was found, in a word that a program can act on, such as `webhook_off`.
 */
code: string, 
/**
 * The channel's name, where it is about one.
 */
channel: string | null, 
/**
 * What the sentence has in it, by name.
 */
values: { [key in string]: string }, 
/**
 * In English.
 */
found: string, 
/**
 * What to do, and where, in English.
 */
todo: string | null, };

/**
 * How a finding stands.
 */
export type FindingLevel = "ok" | "warning" | "wrong";

/**
 * Which conversation a command acts on. With neither: the joined room.
 */
export type Target = { conversation_id?: ConversationId, line_user_id?: string, };

/**
 * A payload without fields; unknown fields are ignored, as everywhere.
 */
export type Empty = Record<symbol, never>;

export type Auth = { token: string, 
/**
 * The last seq the client has seen: what came after it is replayed (WS6).
 */
resume_after?: Seq, };

export type JoinRoom = { after_message_id?: MessageId, conversation_id?: ConversationId, line_user_id?: string, };

/**
 * `{text, temp_id?, quote_message_id?}`, or the same wrapped as `{message: {…}}`.
 */
export type SendCommand = { conversation_id?: ConversationId, line_user_id?: string, 
/**
 * Sent exactly as given, 1 to 5000 UTF-16 code units.
 */
text?: string, 
/**
 * Instead of `text`: a message object as the Messaging API takes it (LINE OpenAPI `Message`): `sticker`, `location`,
 * `flex`, `template`, `imagemap`, `textV2` with mentions, `text` with `quickReply` …
 */
line_message?: { type: string, [field: string]: unknown }, 
/**
 * The sender's own id, ≤ 100 characters: the same again answers the same message and sends nothing twice.
 */
temp_id?: string, 
/**
 * A message of the same conversation that this one answers.
 */
quote_message_id?: MessageId, };

export type MessageCommand = { message_id: MessageId, };

export type MarkReadCommand = { message_id: MessageId, conversation_id?: ConversationId, line_user_id?: string, };

export type TransferCommand = { conversation_id?: ConversationId, line_user_id?: string, to_operator_id: OperatorId, 
/**
 * ≤ 255 characters, kept with the hop.
 */
reason?: string, };

export type SetStatus = { 
/**
 * `online`, `away` or `busy`; `offline` comes by itself.
 */
status: OperatorStatus, };

/**
 * Everything a client can say, by `type`.
 */
export type Command = { "type": "auth", "payload": Auth } | { "type": "ping", "payload": Empty } | { "type": "join_room", "payload": JoinRoom } | { "type": "leave_room", "payload": Empty } | { "type": "send_message", "payload": SendCommand } | { "type": "retry_message", "payload": MessageCommand } | { "type": "cancel_message", "payload": MessageCommand } | { "type": "mark_read", "payload": MarkReadCommand } | { "type": "typing_start", "payload": Target } | { "type": "typing_stop", "payload": Target } | { "type": "claim_session", "payload": Target } | { "type": "release_session", "payload": Target } | { "type": "close_session", "payload": Target } | { "type": "transfer_session", "payload": TransferCommand } | { "type": "set_status", "payload": SetStatus } | { "type": "subscribe_analytics", "payload": Empty } | { "type": "unsubscribe_analytics", "payload": Empty };

export type Limits = { text_units: number, frame_bytes: number, sends_per_minute: number, 
/**
 * Whether pictures and files can be sent.
 */
media: boolean, media_bytes: number, };

export type AuthSuccess = { 
/**
 * The operator's id as a string.
 */
admin_id: string, operator: User, 
/**
 * The feed's place at which live events begin.
 */
seq: Seq, 
/**
 * Whether what came after `resume_after` follows; false without it, or when it was too far behind.
 */
resumed: boolean, 
/**
 * IANA name of the business time zone, in which times are shown.
 */
timezone: string, 
/**
 * Within how many seconds of business time a waiting customer should get a first answer; null without a target.
 */
first_response_target_seconds: number | null, limits: Limits, };

export type AuthError = { code: ErrorCode, message: string, };

/**
 * The answer to a command that was refused (WS5).
 */
export type ErrorPayload = { code: ErrorCode, message: string, reply_to?: string, temp_id?: string, retryable: boolean, 
/**
 * Milliseconds.
 */
retry_after_ms?: number, details?: unknown, };

export type Pong = { server_time: Timestamp, };

export type RoomLeft = { conversation_id: ConversationId | null, line_user_id: string | null, };

/**
 * LINE accepted a message.
 */
export type MessageAck = { message_id: MessageId, temp_id?: string, conversation_id: ConversationId, line_user_id: string, delivery: Delivery, };

/**
 * A message was not sent, may not have arrived, or is withheld.
 */
export type MessageFailed = { message_id: MessageId, temp_id?: string, conversation_id: ConversationId, line_user_id: string, code: ErrorCode, error: string, retryable: boolean, delivery: Delivery, };

/**
 * A summary; as the answer to `join_room` also the messages.
 */
export type ConversationUpdate = { 
/**
 * Oldest first.
 */
messages?: Array<Message>, 
/**
 * Whether there are more messages beyond those: later ones with `after_message_id`, else earlier ones.
 */
has_more?: boolean, id: ConversationId, 
/**
 * The channel's name, `default` for the one from the configuration.
 */
channel: string, 
/**
 * The LINE chat id: `U…`, `C…` or `R…` + 32 hex.
 */
line_user_id: string, source_type: SourceType, 
/**
 * Null until LINE told it.
 */
display_name: string | null, picture_url: string | null, friend_status: FriendStatus, chat_mode: ChatMode, 
/**
 * The open session, if any.
 */
session: Session | null, last_message: LastMessage | null, 
/**
 * Messages of the contact after the newest one that any operator has read.
 */
unread_count: number, tags: Array<Tag>, archived: boolean, 
/**
 * People in the group or room besides the account, as far as LINE told: what a push costs. Absent for a user.
 */
member_count?: number, 
/**
 * Until when a reply is expected to be free: the newest unused reply token, for as long as this channel's tokens are
 * known to work (DL3). Absent without one.
 */
free_until?: Timestamp, 
/**
 * Until when a push surely reaches them: nothing tells that they are a friend, and LINE delivers to others for seven
 * days after they wrote; it takes later pushes, and delivers nothing. Absent for friends, groups, rooms, and whoever
 * blocked the account.
 */
reach_until?: Timestamp, };

export type ConversationRead = { conversation_id: ConversationId, line_user_id: string, 
/**
 * The newest message that is read now.
 */
message_id: MessageId, unread_count: number, };

export type SessionEvent = { line_user_id: string, conversation_id: ConversationId, session_id: SessionId, status: SessionStatus, operator_id: OperatorId | null, operator_name: string | null, from_operator_id?: OperatorId, to_operator_id?: OperatorId, reason?: string, closed_by?: ClosedBy, };

export type OperatorPresence = { id: OperatorId, name: string, status: OperatorStatus, active_chats: number, };

export type PresenceUpdate = { 
/**
 * Those with a socket, by id.
 */
operators: Array<OperatorPresence>, };

export type RoomPresence = { 
/**
 * The operator's id as a string.
 */
admin_id: string, operator_name: string, 
/**
 * The conversation's id as a string.
 */
room_id: string, };

/**
 * Somebody types; without a further one it lapses after 6 s.
 */
export type TypingIndicator = { line_user_id: string, conversation_id: ConversationId, 
/**
 * The operator's id as a string.
 */
admin_id: string, operator_name: string, is_typing: boolean, };

/**
 * The desk's load at the moment, for ADMIN and above.
 */
export type AnalyticsUpdate = { waiting: number, active: number, 
/**
 * Seconds the longest-waiting customer has waited; null when nobody waits.
 */
longest_wait_seconds: number | null, operators_online: number, };

/**
 * Somebody waits too long: told once as `warning` before the target is missed, and once as `breach`.
 */
export type SlaAlert = { 
/**
 * `first_response`: business time until an operator first answers.
 */
metric: string, value_seconds: number, threshold_seconds: number, conversation_id: ConversationId, line_user_id: string, session_id: SessionId, 
/**
 * `warning` or `breach`.
 */
severity: string, };

/**
 * The client is too far behind to be told what it missed: reload.
 */
export type ResyncRequired = { reason: string, };

/**
 * Everything a client can be told, by `type`.
 */
export type Event = { "type": "auth_success", "payload": AuthSuccess } | { "type": "auth_error", "payload": AuthError } | { "type": "error", "payload": ErrorPayload } | { "type": "pong", "payload": Pong } | { "type": "room_left", "payload": RoomLeft } | { "type": "new_message", "payload": Message } | { "type": "message_sent", "payload": Message } | { "type": "message_ack", "payload": MessageAck } | { "type": "message_failed", "payload": MessageFailed } | { "type": "message_updated", "payload": Message } | { "type": "conversation_update", "payload": ConversationUpdate } | { "type": "conversation_read", "payload": ConversationRead } | { "type": "session_created", "payload": SessionEvent } | { "type": "session_claimed", "payload": SessionEvent } | { "type": "session_released", "payload": SessionEvent } | { "type": "session_closed", "payload": SessionEvent } | { "type": "session_transferred", "payload": SessionEvent } | { "type": "presence_update", "payload": PresenceUpdate } | { "type": "operator_joined", "payload": RoomPresence } | { "type": "operator_left", "payload": RoomPresence } | { "type": "typing_indicator", "payload": TypingIndicator } | { "type": "analytics_update", "payload": AnalyticsUpdate } | { "type": "sla_alert", "payload": SlaAlert } | { "type": "quota_update", "payload": QuotaState } | { "type": "resync_required", "payload": ResyncRequired };

/**
 * A frame to a client: `{type, payload, timestamp, seq?, reply_to?}`.
 */
export type ServerFrame = { timestamp: Timestamp, 
/**
 * The feed's place of a durable event (WS6).
 */
seq?: Seq, reply_to?: string, } & ({ "type": "auth_success", "payload": AuthSuccess } | { "type": "auth_error", "payload": AuthError } | { "type": "error", "payload": ErrorPayload } | { "type": "pong", "payload": Pong } | { "type": "room_left", "payload": RoomLeft } | { "type": "new_message", "payload": Message } | { "type": "message_sent", "payload": Message } | { "type": "message_ack", "payload": MessageAck } | { "type": "message_failed", "payload": MessageFailed } | { "type": "message_updated", "payload": Message } | { "type": "conversation_update", "payload": ConversationUpdate } | { "type": "conversation_read", "payload": ConversationRead } | { "type": "session_created", "payload": SessionEvent } | { "type": "session_claimed", "payload": SessionEvent } | { "type": "session_released", "payload": SessionEvent } | { "type": "session_closed", "payload": SessionEvent } | { "type": "session_transferred", "payload": SessionEvent } | { "type": "presence_update", "payload": PresenceUpdate } | { "type": "operator_joined", "payload": RoomPresence } | { "type": "operator_left", "payload": RoomPresence } | { "type": "typing_indicator", "payload": TypingIndicator } | { "type": "analytics_update", "payload": AnalyticsUpdate } | { "type": "sla_alert", "payload": SlaAlert } | { "type": "quota_update", "payload": QuotaState } | { "type": "resync_required", "payload": ResyncRequired });
