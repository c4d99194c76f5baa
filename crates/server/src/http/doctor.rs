//! The installation, looked at piece by piece.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use linedesk_protocol::ErrorCode;
use linedesk_protocol::rest::{AskDoctor, Findings};

use super::error::ApiError;
use super::extract::{Caller, Json};
use super::refused;
use crate::desk::Desk;
use crate::doctor;

/// LINE tests a webhook 60 times an hour at most (LINE Messaging API reference "Rate limits").
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Looks at everything that an installation needs.
///
/// For ADMIN and above. As `linedesk doctor`: database, disk, public address, and for each channel its token, webhook, chat
/// and read modes, and quota. With `test`, LINE calls each webhook, which also tells whether the clock is right. One at a
/// time on a node: `rate_limit_exceeded`.
#[utoipa::path(
    post,
    path = "/api/v1/admin/doctor",
    operation_id = "examine",
    tag = "Node",
    request_body = AskDoctor,
    responses((status = 200, description = "What was found.", body = Findings), refused::Doctor)
)]
pub(crate) async fn examine(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(asked): Json<AskDoctor>,
) -> Result<axum::Json<Findings>, ApiError> {
    if !caller.signed_in.staff().may_set_up() {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only an admin may look at the installation."));
    }
    let _one = desk.examining.try_acquire().map_err(|_| ApiError::retry_after(AGAIN_AFTER))?;
    desk.load_channels().await?;
    let now = desk.now();
    let mut findings = vec![doctor::database(&desk.config)];
    findings.extend(doctor::machine(&desk.config));
    let channels = desk.all_channels();
    if channels.is_empty() {
        findings.push(doctor::no_channel());
    }
    for channel in channels {
        if !channel.is_active {
            findings.push(doctor::channel_off(&channel.name));
            continue;
        }
        let token = desk.tried_line_token(&channel).await;
        let about = (channel.name.as_str(), channel.misdirected.as_ref());
        findings.extend(doctor::channel(&desk.config, &desk.line, about, token, now.0, asked.test).await);
    }
    Ok(axum::Json(Findings { findings, checked_at: now }))
}
