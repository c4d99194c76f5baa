//! The control API that the page uses, under `/sim/`: what the customers do, how the platform behaves, and everything as
//! it happens.
//!
//! INVARIANT: only the simulator's own page and programs on this machine get here; see [`guard`]. Errors are
//! `{"message": "…"}`, in words that the page can show.

mod answer;
mod chats;
mod feed;
mod files;
mod guard;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Json;
use axum::routing::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};

use crate::calls::Call;
use crate::customer::{Customer, Friendship, PhoneMessage};
use crate::incoming::IncomingMessage;
use crate::page;
use crate::settings::{Patch, Settings};
use crate::shared::Shared;
use crate::simulator::actions;
use crate::simulator::{ControlError, SentMessage};
use answer::{Input, Refusal};

pub(crate) use guard::own_host_only;

/// Twenty messages of the longest text fit.
const BODY_BYTES: usize = 512 * 1024;
/// A file of 6 MB fits.
const FILE_BYTES: usize = 8 * 1024 * 1024;
/// Messages of one request to send several at once.
const AT_ONCE: usize = 100;
/// Messages of a thread that the page shows.
const SHOWN: usize = 300;
/// Characters of a language tag (BCP 47, section 4.4.1: 35 are enough for all that occur).
const LANGUAGE_CHARS: usize = 35;

pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let sim = Router::new()
        .route("/state", get(feed::state))
        .route("/events", get(feed::events))
        .route("/customers", post(add_customer))
        .route("/customers/{user_id}/messages", get(list_messages).post(send_text))
        .route("/customers/{user_id}/messages/at-once", post(send_texts_at_once))
        .route("/customers/{user_id}/friendship", put(set_friendship))
        .route("/chats/{chat_id}/messages", post(chats::send_message).layer(DefaultBodyLimit::max(FILE_BYTES)))
        .route("/chats/{chat_id}/messages/{message_id}/original", get(files::original))
        .route("/chats/{chat_id}/messages/{message_id}/preview", get(files::preview))
        .route("/chats/{chat_id}/messages/{message_id}/linked", get(files::linked))
        .route("/chats/{chat_id}/events", post(chats::send_event))
        .route("/groups", post(chats::add_group))
        .route("/groups/{chat_id}/members", post(chats::change_members))
        .route("/messages/{message_id}", delete(unsend))
        .route("/settings", patch(change_settings))
        .route("/settings/reset", post(reset_settings))
        .route("/webhooks/redeliver", post(redeliver))
        .route("/calls/{id}", get(get_call))
        .route("/unfit", get(list_unfit))
        .fallback(|| async { Refusal::new(StatusCode::NOT_FOUND, "There is nothing at this address.") })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(answer::errors_as_json))
        .layer(from_fn(guard::own_page_only))
        .layer(from_fn_with_state(Arc::clone(shared), own_host_only));
    Router::new().nest("/sim", sim)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    name: String,
    /// BCP 47.
    language: String,
    /// One of the page's own pictures.
    #[serde(default)]
    picture: Option<String>,
}

/// `POST /sim/customers`
async fn add_customer(
    State(shared): State<Arc<Shared>>,
    Input(new): Input<NewCustomer>,
) -> Result<(StatusCode, Json<Customer>), Refusal> {
    let is_tag = |tag: &str| {
        (2..=LANGUAGE_CHARS).contains(&tag.len())
            && tag.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    if !is_tag(&new.language) {
        return Err(Refusal::invalid("The language must be a tag such as th or zh-Hant."));
    }
    let picture_url = match &new.picture {
        Some(name) if !page::is_picture(name) => return Err(Refusal::invalid("There is no such picture.")),
        picture => picture.as_ref().map(|name| page::picture_url(&shared, name)),
    };
    let customer = actions::add_customer(&shared, &new.name, &new.language, picture_url)?;
    Ok((StatusCode::CREATED, Json(customer)))
}

#[derive(Debug, Serialize)]
struct Messages {
    /// Oldest first; the newest [`SHOWN`].
    messages: Vec<PhoneMessage>,
}

/// `GET /sim/customers/{user_id}/messages`
async fn list_messages(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
) -> Result<Json<Messages>, Refusal> {
    let messages = shared.read(|platform| {
        platform.find_customer(&user_id)?;
        let newest = platform.messages(&user_id).rev().take(SHOWN).cloned();
        Some(newest.collect::<Vec<_>>().into_iter().rev().collect())
    });
    Ok(Json(Messages { messages: messages.ok_or(ControlError::UnknownCustomer)? }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
    #[serde(default)]
    quoted_message_id: Option<String>,
}

/// `POST /sim/customers/{user_id}/messages`
async fn send_text(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
    Input(text): Input<Text>,
) -> Result<(StatusCode, Json<SentMessage>), Refusal> {
    let sent = {
        let message = IncomingMessage { quoted: text.quoted_message_id, ..IncomingMessage::text(&text.text) };
        actions::send_message(&shared, &user_id, None, &message)?
    };
    Ok((StatusCode::CREATED, Json(sent)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    texts: Vec<String>,
}

/// `POST /sim/customers/{user_id}/messages/at-once`
async fn send_texts_at_once(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
    Input(Texts { texts }): Input<Texts>,
) -> Result<(StatusCode, Json<Vec<SentMessage>>), Refusal> {
    if !(1..=AT_ONCE).contains(&texts.len()) {
        return Err(Refusal::invalid("Send 1 to 100 messages at once."));
    }
    let messages: Vec<_> = texts.iter().map(|text| IncomingMessage::text(text)).collect();
    Ok((StatusCode::CREATED, Json(actions::send_at_once(&shared, &user_id, &messages)?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFriendship {
    friendship: Friendship,
}

/// `PUT /sim/customers/{user_id}/friendship`
async fn set_friendship(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
    Input(new): Input<NewFriendship>,
) -> Result<StatusCode, Refusal> {
    actions::set_friendship(&shared, &user_id, new.friendship)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sim/messages/{message_id}`: the customer withdraws it.
async fn unsend(State(shared): State<Arc<Shared>>, Path(message_id): Path<String>) -> Result<StatusCode, Refusal> {
    actions::unsend(&shared, &message_id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH /sim/settings`
async fn change_settings(
    State(shared): State<Arc<Shared>>,
    Input(patch): Input<Patch>,
) -> Result<Json<Settings>, Refusal> {
    let changed = shared.update(|platform| {
        platform.settings.apply(&patch).map(|()| {
            platform.settings_changed();
            platform.settings.clone()
        })
    });
    changed.map(Json).map_err(|reason| Refusal::invalid(format!("Nothing was changed: {reason}.")))
}

/// `POST /sim/settings/reset`
async fn reset_settings(State(shared): State<Arc<Shared>>) -> Json<Settings> {
    Json(shared.update(|platform| {
        platform.reset_settings();
        platform.settings.clone()
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redelivery {
    /// The last webhook when absent.
    #[serde(default)]
    event_id: Option<String>,
}

/// `POST /sim/webhooks/redeliver`
async fn redeliver(
    State(shared): State<Arc<Shared>>,
    Input(redelivery): Input<Redelivery>,
) -> Result<StatusCode, Refusal> {
    actions::redeliver(&shared, redelivery.event_id.as_deref())?;
    Ok(StatusCode::ACCEPTED)
}

/// `GET /sim/calls/{id}`: with its bodies.
async fn get_call(State(shared): State<Arc<Shared>>, Path(id): Path<u64>) -> Result<Json<Call>, Refusal> {
    let call = shared.read(|platform| platform.calls.find(id).cloned());
    call.map(Json).ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "This call is no longer in the log."))
}

#[derive(Debug, Serialize)]
struct Unfit {
    faults: Vec<String>,
}

/// `GET /sim/unfit`: what was not as LINE's OpenAPI files describe it.
async fn list_unfit(State(shared): State<Arc<Shared>>) -> Json<Unfit> {
    Json(Unfit { faults: shared.read(|platform| platform.unfit.clone()) })
}
