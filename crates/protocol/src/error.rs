//! The one error table, shared by REST and the socket (ER2).

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal, $status:literal, $retryable:literal, $title:literal;)+) => {
        /// What went wrong, in a word that a program can act on (ER2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode { $($(#[$doc])* $variant,)+ }

        impl ErrorCode {
            /// Every code, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is written on the wire.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $wire,)+ } }

            /// The status of a REST answer that carries it.
            pub const fn http_status(self) -> u16 { match self { $(Self::$variant => $status,)+ } }

            /// Whether the same request may succeed later without being changed.
            pub const fn retryable(self) -> bool { match self { $(Self::$variant => $retryable,)+ } }

            /// A short sentence for people, the same for every occurrence (RFC 9457 `title`).
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ } }
        }
    };
}

codes! {
    AuthMissingToken = "auth_missing_token", 401, false, "Sign in first.";
    AuthInvalidToken = "auth_invalid_token", 401, false, "This sign-in is not valid.";
    AuthExpiredToken = "auth_expired_token", 401, false, "This sign-in has expired.";
    /// Socket only: a frame came before `auth`.
    NotAuthenticated = "not_authenticated", 401, false, "The first frame must be `auth`.";
    Forbidden = "forbidden", 403, false, "You may not do this.";
    /// The request can be read but a field is wrong; `errors` or `details` names it.
    ValidationError = "validation_error", 422, false, "A field is missing or wrong.";
    /// The request cannot be read, or asks for something that makes no sense.
    InvalidRequest = "invalid_request", 400, false, "The request cannot be read.";
    MessageTooLong = "message_too_long", 422, false, "The text is longer than LINE allows.";
    NotFound = "not_found", 404, false, "There is nothing here.";
    /// Socket only: the command names no conversation and no room was joined.
    NotInRoom = "not_in_room", 409, false, "Name a conversation or join its room first.";
    ConversationNotFound = "conversation_not_found", 404, false, "There is no such conversation.";
    SessionNotFound = "session_not_found", 404, false, "No session is open for this.";
    SessionConflict = "session_conflict", 409, false, "The session is in another state.";
    RateLimitExceeded = "rate_limit_exceeded", 429, true, "Too many requests.";
    /// Socket only: the frame's `type` is unknown.
    UnknownEvent = "unknown_event", 400, false, "This frame type is unknown.";
    Conflict = "conflict", 409, false, "This does not fit the present state.";
    PayloadTooLarge = "payload_too_large", 413, false, "The request is too large.";
    /// LINE refused the message; sending the same again will not help.
    LineRejected = "line_rejected", 502, false, "LINE refused this.";
    LineUnavailable = "line_unavailable", 503, true, "LINE cannot be reached.";
    QuotaExhausted = "quota_exhausted", 429, true, "This month's paid messages are used up.";
    /// The contact blocked the account.
    RecipientUnreachable = "recipient_unreachable", 409, false, "This customer has blocked the account.";
    Unavailable = "unavailable", 503, true, "The desk cannot answer at the moment.";
    InternalError = "internal_error", 500, true, "Something went wrong on our side.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ErrorCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}

/// Why the server ended a socket (WS3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    Normal = 1000,
    GoingAway = 1001,
    /// The node stops; connect again, another one or the next start answers.
    Restart = 1012,
    /// No `auth` within the time allowed.
    SignInMissing = 4001,
    /// The token is invalid, expired or revoked.
    TokenInvalid = 4002,
    Forbidden = 4003,
    /// The client reads too slowly or floods.
    TooSlow = 4008,
    FrameTooLarge = 4009,
    Malformed = 4010,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The close frame's reason: for a developer who looks at it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "bye",
            Self::GoingAway => "going away",
            Self::Restart => "restarting, connect again",
            Self::SignInMissing => "no sign-in in time",
            Self::TokenInvalid => "token invalid, expired or revoked",
            Self::Forbidden => "forbidden",
            Self::TooSlow => "reading too slowly or flooding",
            Self::FrameTooLarge => "frame over 64 KiB",
            Self::Malformed => "too many malformed frames",
        }
    }
}

/// A REST error: RFC 9457 `application/problem+json` (ER1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Problem {
    /// `about:blank`, as RFC 9457 has it for problems that `code` already names.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: ErrorCode,
    /// The same as in the answer's `x-request-id` and in the log.
    pub request_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What a program may want to know besides: why no session could be claimed, and who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub details: Option<serde_json::Value>,
}

/// One field that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct FieldError {
    /// Where, as in `message.text`.
    pub field: String,
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn er2_codes_are_written_as_in_the_table() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert!((400..600).contains(&code.http_status()));
        }
        let table = "auth_missing_token auth_invalid_token auth_expired_token not_authenticated forbidden validation_error \
            invalid_request message_too_long not_found not_in_room conversation_not_found session_not_found \
            session_conflict rate_limit_exceeded unknown_event conflict payload_too_large line_rejected line_unavailable \
            quota_exhausted recipient_unreachable unavailable internal_error";
        let ours: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(table.split_whitespace().collect::<Vec<_>>(), ours);
    }
}
