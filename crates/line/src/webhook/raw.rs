//! Events as JSON has them, before they are told apart by their type.
//!
//! The part that an event is about is kept as text until its type is known: a field of the same name in an event of
//! another type may hold anything.

use serde::de::Error as _;
use serde::{Deserialize, de};
use serde_json::value::RawValue;

use super::{DeliveryContext, Event, EventKind, Mode, Source};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEvent {
    #[serde(rename = "type")]
    kind: String,
    webhook_event_id: Option<String>,
    timestamp: Option<i64>,
    mode: Option<Mode>,
    delivery_context: Option<DeliveryContext>,
    source: Option<Source>,
    reply_token: Option<String>,
    message: Option<Box<RawValue>>,
    unsend: Option<Box<RawValue>>,
    follow: Option<Box<RawValue>>,
    postback: Option<Box<RawValue>>,
    joined: Option<Box<RawValue>>,
    left: Option<Box<RawValue>>,
    video_play_complete: Option<Box<RawValue>>,
    beacon: Option<Box<RawValue>>,
    link: Option<Box<RawValue>>,
    membership: Option<Box<RawValue>>,
}

impl TryFrom<RawEvent> for Event {
    type Error = serde_json::Error;

    fn try_from(raw: RawEvent) -> Result<Self, Self::Error> {
        let kind = match raw.kind.as_str() {
            "message" => EventKind::Message { message: part("message", raw.message.as_deref())? },
            "unsend" => EventKind::Unsend { unsend: part("unsend", raw.unsend.as_deref())? },
            "follow" => {
                let follow = raw.follow.map_or(Ok(None), |follow| part("follow", Some(&follow)).map(Some))?;
                EventKind::Follow { follow: follow.unwrap_or_default() }
            }
            "unfollow" => EventKind::Unfollow {},
            "join" => EventKind::Join {},
            "leave" => EventKind::Leave {},
            "memberJoined" => EventKind::MemberJoined { joined: loose(raw.joined.as_deref()) },
            "memberLeft" => EventKind::MemberLeft { left: loose(raw.left.as_deref()) },
            "postback" => EventKind::Postback { postback: part("postback", raw.postback.as_deref())? },
            "videoPlayComplete" => {
                EventKind::VideoPlayComplete { video_play_complete: loose(raw.video_play_complete.as_deref()) }
            }
            "beacon" => EventKind::Beacon { beacon: loose(raw.beacon.as_deref()) },
            "accountLink" => EventKind::AccountLink { link: loose(raw.link.as_deref()) },
            "membership" => EventKind::Membership { membership: loose(raw.membership.as_deref()) },
            "module" => EventKind::Module {},
            "activated" => EventKind::Activated {},
            "deactivated" => EventKind::Deactivated {},
            "botSuspended" => EventKind::BotSuspended {},
            "botResumed" => EventKind::BotResumed {},
            "delivery" => EventKind::Delivery {},
            _ => EventKind::Unknown,
        };
        Ok(Self {
            kind,
            webhook_event_id: raw.webhook_event_id,
            timestamp: raw.timestamp.unwrap_or_default(),
            mode: raw.mode.unwrap_or_default(),
            delivery_context: raw.delivery_context.unwrap_or_default(),
            source: raw.source,
            reply_token: raw.reply_token,
        })
    }
}

/// What is only told of: an event without it is still the event.
fn loose<T: de::DeserializeOwned + Default>(raw: Option<&RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn part<T: de::DeserializeOwned>(name: &'static str, raw: Option<&RawValue>) -> Result<T, serde_json::Error> {
    raw.map_or_else(|| Err(serde_json::Error::missing_field(name)), |raw| serde_json::from_str(raw.get()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSource {
    #[serde(rename = "type")]
    kind: Option<SourceKind>,
    user_id: Option<String>,
    group_id: Option<String>,
    room_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SourceKind {
    User,
    Group,
    Room,
    #[serde(other)]
    Other,
}

impl From<RawSource> for Source {
    fn from(RawSource { kind, user_id, group_id, room_id }: RawSource) -> Self {
        match (kind, user_id, group_id, room_id) {
            (Some(SourceKind::User), Some(user_id), ..) => Self::User { user_id },
            (Some(SourceKind::Group), user_id, Some(group_id), _) => Self::Group { group_id, user_id },
            (Some(SourceKind::Room), user_id, _, Some(room_id)) => Self::Room { room_id, user_id },
            _ => Self::Other,
        }
    }
}
