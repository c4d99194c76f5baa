//! One event of each kind that LINE documents, and one of each kind of message, as LINE's schema has them.

use serde_json::{Value, json};

use super::server::USER;

pub(crate) const GROUP: &str = "Ca56f94637c8d4c2f8a1b3e5d7f9a0b1c";
pub(crate) const ROOM: &str = "Ra8dbf4673c9e4c8b8f5c1b2a3d4e5f60";

fn event(kind: &str, parts: Value) -> Value {
    let mut event = json!({
        "type": kind,
        "timestamp": 1_692_251_666_727_i64,
        "mode": "active",
        "webhookEventId": "01H810YECXQQZ37VAXPF6H9E6T",
        "deliveryContext": {"isRedelivery": false},
    });
    let Value::Object(parts) = parts else { panic!("{parts}") };
    event.as_object_mut().unwrap().extend(parts);
    event
}

fn user() -> Value {
    json!({"type": "user", "userId": USER})
}

fn group() -> Value {
    json!({"type": "group", "groupId": GROUP, "userId": USER})
}

pub(crate) fn message(message: &Value) -> Value {
    event("message", json!({"replyToken": "nHuyWiB7yP5Zw52FIkcQ", "source": user(), "message": message}))
}

/// Message contents, of each kind at least one.
pub(crate) fn contents() -> Vec<Value> {
    let line = || json!({"type": "line"});
    let external = json!({"type": "external", "originalContentUrl": "https://example.com/a.jpg",
        "previewImageUrl": "https://example.com/p.jpg"});
    vec![
        json!({"type": "text", "id": "444573844083572737", "text": "Hello", "quoteToken": "q3Plxr4AgKd",
            "quotedMessageId": "444573844083572700", "markAsReadToken": "30yhdy232"}),
        json!({"type": "text", "id": "444573844083572738", "quoteToken": "q3Plxr4AgKd",
            "text": "@All @Desk Good morning (love)",
            "emojis": [{"index": 24, "length": 6, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}],
            "mention": {"mentionees": [
                {"type": "all", "index": 0, "length": 4},
                {"type": "user", "index": 5, "length": 5, "userId": USER, "isSelf": true},
                {"type": "user", "index": 5, "length": 5}]}}),
        json!({"type": "image", "id": "354718705033693859", "quoteToken": "q3Plxr4AgKd", "contentProvider": line(),
            "imageSet": {"id": "E005D41A7288F41B", "index": 1, "total": 2}}),
        json!({"type": "image", "id": "354718705033693861", "quoteToken": "q3Plxr4AgKd", "contentProvider": external}),
        json!({"type": "video", "id": "325708", "quoteToken": "q3Plxr4AgKd", "duration": 60000, "contentProvider": line()}),
        json!({"type": "audio", "id": "325709", "duration": 60000, "contentProvider": line()}),
        json!({"type": "file", "id": "325710", "fileName": "order.pdf", "fileSize": 2138}),
        json!({"type": "location", "id": "325711", "title": "Shop", "address": "1 Rama IV", "latitude": 13.7276,
            "longitude": 100.5345}),
        json!({"type": "sticker", "id": "1501597916", "quoteToken": "q3Plxr4AgKd", "stickerId": "52002738",
            "packageId": "11537", "stickerResourceType": "ANIMATION", "keywords": ["cony", "sally"]}),
        json!({"type": "sticker", "id": "1501597917", "quoteToken": "q3Plxr4AgKd", "stickerId": "738",
            "packageId": "12287", "stickerResourceType": "MESSAGE", "text": "Let's go!", "quotedMessageId": "1"}),
    ]
}

/// Events of every type.
pub(crate) fn events() -> Vec<Value> {
    let reply = "nHuyWiB7yP5Zw52FIkcQ";
    let room = json!({"type": "room", "roomId": ROOM});
    let members = json!({"members": [user(), {"type": "user"}]});
    let mut events: Vec<_> = contents().iter().map(message).collect();
    let attached = json!({"type": "attached", "botId": USER, "scopes": ["message:send"]});
    events.extend([
        event("unsend", json!({"source": group(), "unsend": {"messageId": "325708"}})),
        event("follow", json!({"source": user(), "replyToken": reply, "follow": {"isUnblocked": true}})),
        event("unfollow", json!({"source": user()})),
        event("join", json!({"source": group(), "replyToken": reply})),
        event("leave", json!({"source": room})),
        event("memberJoined", json!({"source": group(), "replyToken": reply, "joined": members})),
        event("memberLeft", json!({"source": group(), "left": members})),
        event(
            "postback",
            json!({"source": user(), "replyToken": reply, "postback": {"data": "storeId=12345",
            "params": {"datetime": "2017-12-25T01:00"}}}),
        ),
        event("postback", json!({"source": user(), "postback": {"data": "richmenu"}})),
        event(
            "videoPlayComplete",
            json!({"source": user(), "replyToken": reply,
            "videoPlayComplete": {"trackingId": "video-1"}}),
        ),
        event(
            "beacon",
            json!({"source": user(), "replyToken": reply, "beacon": {"hwid": "d41d8cd98f", "type": "enter"}}),
        ),
        event("accountLink", json!({"source": user(), "replyToken": reply, "link": {"result": "ok", "nonce": "x"}})),
        event(
            "membership",
            json!({"source": user(), "replyToken": reply,
            "membership": {"type": "renewed", "membershipId": 3189}}),
        ),
        event("module", json!({"module": attached})),
        event("module", json!({"module": {"type": "detached", "botId": USER, "reason": "bot_deleted"}})),
        event("activated", json!({"chatControl": {"expireAt": 1_462_629_479_859_i64}})),
        event("deactivated", json!({})),
        event("botSuspended", json!({})),
        event("botResumed", json!({})),
        event("delivery", json!({"source": user(), "delivery": {"data": "15034552939884E28681A7D668CEA94C"}})),
    ]);
    events
}
