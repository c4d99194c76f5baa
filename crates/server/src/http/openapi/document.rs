//! Puts the document together. Only the test that writes `docs/openapi.json` needs it, so the server does not carry it.

use linedesk_protocol::{ErrorCode, OperatorId, Problem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Modify, OpenApi};

use crate::http::refused;
use crate::http::{
    actions, auth, channels, conversations, doctor, files, health, media, openapi, upload, usage, validate, webhook,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "linedesk",
        description = include_str!("about.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        auth::login,
        auth::refresh,
        auth::logout,
        auth::me,
        auth::password,
        conversations::list,
        conversations::start,
        conversations::detail,
        conversations::contact,
        conversations::members,
        conversations::messages,
        conversations::send,
        conversations::note,
        conversations::operators,
        conversations::search,
        actions::claim,
        actions::release,
        actions::close,
        actions::transfer,
        actions::mode,
        actions::read,
        actions::refresh_profile,
        actions::archive,
        actions::unarchive,
        channels::list,
        channels::add,
        channels::change,
        usage::usage,
        upload::send,
        validate::validate,
        files::fetch_again,
        files::file,
        files::preview,
        media::picture,
        media::sticker,
        webhook::receive_default,
        webhook::receive,
        socket,
        health::healthz,
        health::readyz,
        doctor::examine,
        openapi::json,
        openapi::page,
    ),
    components(schemas(Problem, OperatorId)),
    security(("access_token" = [])),
    tags(
        (name = "Sign-in", description = "Access tokens and the refresh cookie (AU)."),
        (name = "Conversations", description = "A channel's one lasting thread with a contact, and the lists of them."),
        (name = "Messages", description = "Reading, sending, notes and search."),
        (name = "Sessions", description = "A hand-over from bot to human: WAITING → ACTIVE → CLOSED (SE)."),
        (name = "Media", description = "What pages show that is no text."),
        (name = "Channels", description = "The desk's LINE accounts."),
        (name = "Usage", description = "What messages cost."),
        (name = "Operators", description = "The people who answer."),
        (name = "Socket", description = "Everything as it happens (WS)."),
        (name = "LINE", description = "What LINE calls (WH)."),
        (name = "Node", description = "Health, and this description."),
    ),
    modifiers(&Shared),
)]
pub(super) struct Document;

/// Opens the socket.
///
/// WebSocket: JSON frames both ways, of which the first is `auth` with an access token (WS1); no header and no cookie is
/// needed for the upgrade. Commands, events, limits and close codes are in docs/PROTOCOL.md. Browsers are refused when their
/// page is of another origin (WS3).
#[utoipa::path(
    get,
    path = "/api/v1/ws/live-chat",
    operation_id = "live_chat_socket",
    tag = "Socket",
    security(()),
    responses((status = 101, description = "The socket is open."), refused::Socket)
)]
#[expect(dead_code, reason = "the description of `ws::upgrade`")]
fn socket() {}

/// What no single handler says: the ways to be known, the answers that many share, the table of codes.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, scheme) in schemes() {
            components.add_security_scheme(name, scheme);
        }
        for (name, codes) in refused::SHARED {
            components.responses.insert((*name).to_owned(), refused::problem(codes).into());
        }
        if let Some(RefOr::T(Schema::Object(codes))) = components.schemas.get_mut("ErrorCode") {
            codes.description = Some(code_table());
        }
    }
}

fn schemes() -> [(&'static str, SecurityScheme); 4] {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(
        "The access token of `login` or `refresh`: `Authorization: Bearer …`. Who one is comes from it only (AU3).",
    ));
    let cookie =
        ApiKeyValue::with_description("linedesk_refresh", "Set by `login` and `refresh`, for /api/v1/auth only.");
    let media =
        ApiKeyValue::with_description("linedesk_media", "Set by `login` and `refresh`, for reading below /media only.");
    let signature = ApiKeyValue::with_description(
        "x-line-signature",
        "Base64 of the HMAC-SHA256 of the raw body under the channel's secret.",
    );
    [
        ("access_token", SecurityScheme::Http(token.build())),
        ("refresh_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        ("media_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(media))),
        ("line_signature", SecurityScheme::ApiKey(ApiKey::Header(signature))),
    ]
}

/// The one table of ER2, for people.
fn code_table() -> String {
    let line = |code: &ErrorCode| {
        let again = if code.retryable() { " The same may succeed later." } else { "" };
        format!("\n- `{code}` ({}): {}{again}", code.http_status(), code.title())
    };
    let lines: String = ErrorCode::ALL.iter().map(line).collect();
    format!("What went wrong, in a word that a program can act on (ER2).\n{lines}")
}
