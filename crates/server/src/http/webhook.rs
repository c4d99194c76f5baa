//! `POST /line/webhook` (WH): verify the raw body, store its events with their effects, then answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use linedesk_line::{signature, webhook};
use linedesk_protocol::{ErrorCode, limits};
use linedesk_store::StoreError;
use linedesk_store::ops::channels::{self, ChannelId};
use linedesk_store::ops::webhook::{self as store, Effect, Event, Ingested};

use super::error::ApiError;
use super::extract::{InPath, read_body};
use super::refused;
use crate::bot_user;
use crate::desk::Desk;
use crate::inbound;

/// Takes LINE's webhooks for the channel `default`.
///
/// The raw body is verified, then stored with its events in one commit, then answered: a crash after the 200 loses nothing
/// (WH1). An event has its effects once, however often it is delivered (WH2). An event that cannot be handled is kept and
/// does not hold up the others (WH3). At most 1 MiB; `events: []` is answered 200 (WH5). Events for another LINE account
/// than the channel's access token is of are refused with `conflict`, so that LINE sends them again. Also at
/// `/line/webhook`.
#[utoipa::path(
    post,
    path = "/api/v1/line/webhook",
    operation_id = "receive_webhook",
    tag = "LINE",
    security(("line_signature" = [])),
    request_body(content = Object, description = "A webhook request as LINE's Messaging API defines it."),
    responses(
        (status = 200, description = "`OK`: stored.", body = String, content_type = "text/plain"),
        refused::Webhook,
    )
)]
pub(crate) async fn receive_default(desk: State<Arc<Desk>>, request: Request) -> Result<&'static str, ApiError> {
    receive(desk, InPath(channels::DEFAULT.to_owned()), request).await
}

/// Takes LINE's webhooks for a channel.
///
/// As the one without a name. Also at `/line/webhook/{channel}`.
#[utoipa::path(
    post,
    path = "/api/v1/line/webhook/{channel}",
    operation_id = "receive_channel_webhook",
    tag = "LINE",
    security(("line_signature" = [])),
    params(("channel" = String, Path, description = "The channel's name.")),
    request_body(content = Object, description = "A webhook request as LINE's Messaging API defines it."),
    responses(
        (status = 200, description = "`OK`: stored.", body = String, content_type = "text/plain"),
        refused::Webhook,
    )
)]
pub(crate) async fn receive(
    State(desk): State<Arc<Desk>>,
    InPath(name): InPath<String>,
    request: Request,
) -> Result<&'static str, ApiError> {
    // With an empty secret anybody could sign.
    let find = || desk.channel(&name).filter(|channel| channel.is_active && !channel.secret.is_empty());
    let mut found = find();
    if found.is_none() {
        desk.renew_channels().await?;
        found = find();
    }
    let mut channel = found.ok_or_else(|| {
        ApiError::new(ErrorCode::NotFound, "There is no such channel, or it is off. Set its secret and access token.")
    })?;
    let given = request.headers().get(signature::HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = read_body(request, limits::WEBHOOK_BYTES).await?;
    let given = given.ok_or_else(|| ApiError::new(ErrorCode::InvalidRequest, "The signature is missing."))?;
    let mut is_lines = signature::verify(&channel.secret, &body, &given);
    if !is_lines {
        // It may have another secret by now. LINE does not repeat what is refused: it would be lost.
        desk.renew_channels().await?;
        if let Some(renewed) = find() {
            is_lines = signature::verify(&renewed.secret, &body, &given);
            channel = renewed;
        }
    }
    if !is_lines {
        metrics::counter!("linedesk_webhook_refused_total").increment(1);
        return Err(ApiError::new(ErrorCode::InvalidRequest, "The signature is not that of this body and channel."));
    }
    let envelope = webhook::parse_envelope(&body)
        .map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "The body is not a webhook request."))?;
    if envelope.events.is_empty() {
        return Ok("OK");
    }
    if bot_user::is_misdirected(&desk, &channel, &envelope.destination).await? {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "The webhook is for another LINE account than the channel's access token. Set the secret of the same account.",
        ));
    }
    let now = desk.now();
    let events = envelope.events.iter().map(|raw| inbound::read(&desk.config, raw.get(), now)).collect();
    let done = store_events(&desk, channel.id, events).await?;
    metrics::counter!("linedesk_webhook_events_total").increment(u64::from(done.new));
    metrics::counter!("linedesk_webhook_events_repeated_total").increment(u64::from(done.repeated));
    if done.broken > 0 {
        metrics::counter!("linedesk_webhook_events_broken_total").increment(u64::from(done.broken));
        tracing::warn!(channel.name = %channel.name, events = done.broken, "events of a webhook cannot be handled; they are kept");
    }
    Ok("OK")
}

/// One commit for a request's events. If one of them cannot be stored with its effects, each goes alone, and the one
/// that fails is kept without them (WH3).
async fn store_events(desk: &Desk, channel: ChannelId, events: Vec<Event>) -> Result<Ingested, ApiError> {
    let events = Arc::new(events);
    match ingest(desk, channel, Arc::clone(&events)).await {
        Ok(done) => return Ok(done),
        Err(error) if error.is_unavailable() => return Err(error.into()),
        Err(error) => tracing::error!(%error, "a webhook's events cannot be stored together"),
    }
    let mut total = Ingested::default();
    for event in events.iter() {
        let done = match ingest(desk, channel, Arc::new(vec![event.clone()])).await {
            Err(error) if !error.is_unavailable() => {
                // Without its id too: that may be what cannot be stored.
                let effect = Effect::Broken { error: error.to_string() };
                let kept = Event { effect, webhook_event_id: None, ..event.clone() };
                ingest(desk, channel, Arc::new(vec![kept])).await?
            }
            other => other?,
        };
        total.new += done.new;
        total.repeated += done.repeated;
        total.broken += done.broken;
    }
    Ok(total)
}

async fn ingest(desk: &Desk, channel: ChannelId, events: Arc<Vec<Event>>) -> Result<Ingested, StoreError> {
    let now = desk.now();
    let chat =
        events.iter().find_map(|event| event.chat.as_ref()).map_or_else(String::new, |chat| chat.chat_id.clone());
    let done = desk.store.write_in_order(&chat, move |tx| store::ingest(tx, channel, &events, now)).await?;
    Ok(done.value)
}
