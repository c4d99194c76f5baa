//! LINE accounts of the desk: seen and changed by admins.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use linedesk_line::client::CallError;
use linedesk_protocol::ErrorCode;
use linedesk_protocol::rest::{ChannelList, ChannelState, ChannelWish, LineAccount, Misdirected};
use linedesk_store::ops::channels::{self, Channel, ChannelId};

use super::error::ApiError;
use super::extract::{Caller, InPath, Json};
use super::refused;
use crate::bot_user;
use crate::channel_setup::{self, SetupError};
use crate::desk::Desk;

/// Lists the channels.
///
/// For ADMIN and above. Secrets are never told, only whether they are there.
#[utoipa::path(
    get,
    path = "/api/v1/admin/channels",
    operation_id = "list_channels",
    tag = "Channels",
    responses((status = 200, description = "Every channel, by id.", body = ChannelList), refused::Channels)
)]
pub(crate) async fn list(State(desk): State<Arc<Desk>>, caller: Caller) -> Result<axum::Json<ChannelList>, ApiError> {
    admit(&caller)?;
    desk.load_channels().await?;
    let channels = desk.all_channels().into_iter().map(|channel| state(&desk, channel)).collect();
    Ok(axum::Json(ChannelList { channels }))
}

/// Adds a channel.
///
/// For ADMIN and above. LINE is asked at once whose token it is: `account` tells, or `warning` says what is wrong; the
/// channel is kept all the same. A taken name: `conflict`.
#[utoipa::path(
    post,
    path = "/api/v1/admin/channels",
    operation_id = "add_channel",
    tag = "Channels",
    request_body = ChannelWish,
    responses((status = 201, description = "The channel.", body = ChannelState), refused::NewChannel)
)]
pub(crate) async fn add(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(wish): Json<ChannelWish>,
) -> Result<(StatusCode, axum::Json<ChannelState>), ApiError> {
    admit(&caller)?;
    let made = channel_setup::create(&desk.store, &desk.secrets, wish, caller.origin(), desk.now()).await?;
    Ok((StatusCode::CREATED, axum::Json(taken_up(&desk, made.id).await?)))
}

/// Changes a channel.
///
/// For ADMIN and above. What is left out stays as it is. Each change issues tokens anew.
#[utoipa::path(
    post,
    path = "/api/v1/admin/channels/{id}",
    operation_id = "change_channel",
    tag = "Channels",
    params(("id" = i64, Path, description = "The channel's id.")),
    request_body = ChannelWish,
    responses((status = 200, description = "The channel.", body = ChannelState), refused::Channel)
)]
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    InPath(id): InPath<String>,
    Json(wish): Json<ChannelWish>,
) -> Result<axum::Json<ChannelState>, ApiError> {
    admit(&caller)?;
    let id = id.parse().map(ChannelId).map_err(|_| ApiError::from(SetupError::NotFound))?;
    channel_setup::change(&desk.store, &desk.secrets, id, wish, caller.origin(), desk.now()).await?;
    Ok(axum::Json(taken_up(&desk, id).await?))
}

fn admit(caller: &Caller) -> Result<(), ApiError> {
    if caller.signed_in.staff().may_set_up() {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::Forbidden, "Only an admin may see and change the LINE channels."))
    }
}

/// This node uses it from here on; and what LINE says of it.
async fn taken_up(desk: &Desk, id: ChannelId) -> Result<ChannelState, ApiError> {
    desk.load_channels().await?;
    let channel = desk.get_channel(id).await?;
    let mut told = state(desk, channel.clone());
    if !channel.is_active {
        return Ok(told);
    }
    match desk.call_line(&channel, |token| async move { desk.line.bot_info(&token).await }).await {
        Ok(info) => {
            bot_user::keep(desk, &channel, &info.body.user_id).await;
            told.account = Some(LineAccount { display_name: info.body.display_name, basic_id: info.body.basic_id });
        }
        Err(CallError::Status { status: 401 | 403, .. }) => {
            told.warning = Some("LINE does not take the access token.".to_owned());
        }
        Err(error) => told.warning = Some(format!("LINE could not be asked about it: {error}.")),
    }
    Ok(told)
}

fn state(desk: &Desk, channel: Channel) -> ChannelState {
    ChannelState {
        id: channel.id.0,
        webhook_url: channel_setup::webhook_url(&desk.config, &channel.name),
        has_secret: !channel.secret.is_empty(),
        has_access_token: !channel.access_token.is_empty(),
        has_assertion_key: channel.assertion_key.is_some(),
        is_configured: channel.name == channels::DEFAULT && desk.config.line_channel.is_some(),
        name: channel.name,
        is_active: channel.is_active,
        token_kind: channel.token_kind,
        line_channel_id: channel.line_channel_id,
        created_at: channel.created_at,
        updated_at: channel.updated_at,
        account: None,
        warning: None,
        misdirected: channel.misdirected.map(|(destination, at)| Misdirected { destination, at }),
    }
}

impl From<SetupError> for ApiError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Fields(errors) => {
                Self { errors, ..Self::new(ErrorCode::ValidationError, "The channel cannot be set up like this.") }
            }
            SetupError::NameTaken => Self::new(ErrorCode::Conflict, "There is a channel of this name already."),
            SetupError::NotFound => Self::new(ErrorCode::NotFound, "There is no such channel."),
            SetupError::KeyChanged => Self::new(
                ErrorCode::Conflict,
                "The key of the secrets was changed. Start this server again, then change the channel.",
            ),
            SetupError::Store(error) => error.into(),
            SetupError::Seal(error) => {
                tracing::error!(error = format!("{error:#}"), "a secret could not be sealed");
                Self::plain(ErrorCode::InternalError)
            }
        }
    }
}
