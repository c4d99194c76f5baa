//! What each operation may be refused with, for the description: `responses(…, refused::Claim)`.
//!
//! An answer of OpenAPI stands for a status, so the codes of one status (ER2) are told in one answer. Those that are the
//! same everywhere are described once, under `#/components/responses`.

use std::collections::BTreeMap;

use linedesk_protocol::ErrorCode;
use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};

use ErrorCode::{
    AuthExpiredToken, AuthInvalidToken, AuthMissingToken, Conflict, ConversationNotFound, Forbidden, InternalError,
    InvalidRequest, LineUnavailable, MessageTooLong, NotFound, PayloadTooLarge, RateLimitExceeded, SessionConflict,
    SessionNotFound, Unavailable, ValidationError,
};

/// What needs the database can fail.
const STORE: &[ErrorCode] = &[InternalError, Unavailable];
/// `extract::Caller`.
const CALLER: &[ErrorCode] = &[AuthMissingToken, AuthInvalidToken, AuthExpiredToken, InternalError, Unavailable];
/// The same, where the caller acts and does not only read: each is counted (WS7).
const ACTS: &[ErrorCode] = &[RateLimitExceeded];
/// `extract::Query`.
const QUERY: &[ErrorCode] = &[ValidationError];
/// `extract::Named`.
const NAMED: &[ErrorCode] = &[ConversationNotFound, ValidationError];
/// `extract::Json`.
const BODY: &[ErrorCode] = &[InvalidRequest, PayloadTooLarge, ValidationError];

macro_rules! refused {
    ($($operation:ident: $($codes:expr),+;)+) => { $(
        pub(crate) struct $operation;

        // Only a test builds the description; without this, nothing here would be in use for the server.
        const _: $operation = $operation;

        impl IntoResponses for $operation {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                answers(&[$(&$codes[..]),+].concat())
            }
        }
    )+ };
}

refused! {
    Ready: [Unavailable];
    Webhook: [InvalidRequest, NotFound, Conflict, PayloadTooLarge], STORE;
    Login: BODY, [AuthInvalidToken, Forbidden, RateLimitExceeded], STORE;
    Refresh: [AuthMissingToken, AuthInvalidToken, Forbidden], STORE;
    Logout: QUERY, [Forbidden], STORE;
    Me: CALLER;
    Password: CALLER, ACTS, BODY, [Conflict];
    List: CALLER, QUERY;
    Start: CALLER, ACTS, BODY, [MessageTooLong, Conflict, SessionNotFound];
    Detail: CALLER, NAMED;
    Contact: CALLER, NAMED;
    Members: CALLER, NAMED;
    Messages: CALLER, NAMED, QUERY;
    Send: CALLER, ACTS, NAMED, BODY, [MessageTooLong, SessionNotFound, Forbidden];
    Note: CALLER, ACTS, NAMED, BODY, [MessageTooLong];
    Operators: CALLER;
    Search: CALLER, QUERY, [ConversationNotFound];
    Claim: CALLER, ACTS, NAMED, [SessionNotFound];
    Release: CALLER, ACTS, NAMED, [SessionNotFound, Forbidden, SessionConflict];
    Close: CALLER, ACTS, NAMED, [SessionNotFound, Forbidden];
    Transfer: CALLER, ACTS, NAMED, BODY, [SessionNotFound, Forbidden, SessionConflict];
    Mode: CALLER, ACTS, NAMED, BODY, [SessionNotFound, Forbidden];
    Read: CALLER, ACTS, NAMED, BODY, [NotFound];
    RefreshProfile: CALLER, ACTS, NAMED;
    Archive: CALLER, ACTS, NAMED, [SessionConflict];
    Unarchive: CALLER, ACTS, NAMED;
    Sticker: CALLER, [NotFound, LineUnavailable];
    Picture: CALLER, NAMED, [NotFound, LineUnavailable];
    Upload: CALLER, ACTS, NAMED, BODY, [Conflict, SessionNotFound, Forbidden];
    Validate: CALLER, ACTS, BODY, [Conflict, LineUnavailable];
    Channels: CALLER, [Forbidden];
    NewChannel: CALLER, ACTS, BODY, [Forbidden, Conflict];
    Channel: CALLER, ACTS, BODY, [Forbidden, NotFound, Conflict];
    Doctor: CALLER, ACTS, BODY, [Forbidden];
    Usage: CALLER, QUERY, [Forbidden];
    File: CALLER, QUERY, [NotFound, Unavailable];
    Fetch: CALLER, ACTS, [NotFound, Conflict];
    Socket: [InvalidRequest, Forbidden, Unavailable];
}

/// The answers that many operations share, by the name of their component.
pub(crate) const SHARED: &[(&str, &[ErrorCode])] = &[
    ("SignInFirst", &[AuthMissingToken, AuthInvalidToken, AuthExpiredToken]),
    ("NoSuchConversation", &[ConversationNotFound]),
    ("NoSuchConversationOrSession", &[ConversationNotFound, SessionNotFound]),
    ("NotYours", &[Forbidden]),
    ("Unreadable", &[InvalidRequest]),
    ("TooLarge", &[PayloadTooLarge]),
    ("WrongField", &[ValidationError]),
    ("WrongFieldOrTooLong", &[ValidationError, MessageTooLong]),
    ("TooMany", &[RateLimitExceeded]),
    ("OurFault", &[InternalError]),
    ("NotNow", &[Unavailable]),
];

fn answers(codes: &[ErrorCode]) -> BTreeMap<String, RefOr<Response>> {
    // In the table's order, so that the same codes always make the same answer.
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in ErrorCode::ALL.iter().filter(|code| codes.contains(code)) {
        by_status.entry(code.http_status()).or_default().push(*code);
    }
    let answer = |codes: Vec<ErrorCode>| match SHARED.iter().find(|(_, shared)| same(shared, &codes)) {
        Some((name, _)) => RefOr::Ref(Ref::from_response_name(*name)),
        None => RefOr::T(problem(&codes)),
    };
    by_status.into_iter().map(|(status, codes)| (status.to_string(), answer(codes))).collect()
}

fn same(one: &[ErrorCode], other: &[ErrorCode]) -> bool {
    one.len() == other.len() && one.iter().all(|code| other.contains(code))
}

/// The answer that carries one of these codes, all of one status (ER1).
pub(crate) fn problem(codes: &[ErrorCode]) -> Response {
    let has = |code| codes.contains(&code);
    let words = Some(codes.iter().map(|code| code.as_str()));
    let mut told =
        ObjectBuilder::new().property("code", ObjectBuilder::new().schema_type(Type::String).enum_values(words));
    if has(SessionNotFound) || has(Forbidden) {
        told = told.property("details", details());
    }
    let schema = Schema::from(AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(told));
    let lines: Vec<_> = codes.iter().map(|code| format!("`{code}`: {}", code.title())).collect();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new().description(lines.join("\n\n"));
    response = response.content("application/problem+json", content);
    let header = |kind: Type, text: &str| {
        HeaderBuilder::new().schema(ObjectBuilder::new().schema_type(kind).build()).description(Some(text)).build()
    };
    if has(RateLimitExceeded) {
        response = response.header("Retry-After", header(Type::Integer, "Seconds until it may be tried again."));
    }
    if codes.iter().any(|code| code.http_status() == 401) {
        response = response.header("WWW-Authenticate", header(Type::String, "Always `Bearer`."));
    }
    response.build()
}

/// Who holds the session, where that is why.
fn details() -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some("Who holds the session, where that is the reason."))
        .property(
            "reason",
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some([json!("none"), json!("already_claimed")])),
        )
        .property("operator_id", Ref::from_schema_name("OperatorId"))
        .property("operator_name", ObjectBuilder::new().schema_type(Type::String))
}
