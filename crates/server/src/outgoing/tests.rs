use serde_json::json;

use super::*;

fn ask(line_message: Value) -> SendMessage {
    SendMessage { text: None, line_message: Some(line_message), temp_id: None, quote_message_id: None }
}

fn field_of(error: &ApiError) -> String {
    error.errors.first().map_or_else(|| error.code.to_string(), |error| error.field.clone())
}

#[test]
fn every_kind_is_kept_as_what_it_is() {
    for (message, message_type, content) in [
        (
            json!({"type": "text", "text": "hi", "quickReply": {"items": [{"type": "action", "action":
            {"type": "message", "label": "yes", "text": "yes"}}]}}),
            MessageType::Text,
            "hi",
        ),
        (
            json!({"type": "textV2", "text": "{all} hi", "substitution":
            {"all": {"type": "mention", "mentionee": {"type": "all"}}}}),
            MessageType::Text,
            "{all} hi",
        ),
        (json!({"type": "sticker", "packageId": "446", "stickerId": "1988"}), MessageType::Sticker, ""),
        (
            json!({"type": "location", "title": "Office", "address": "Road 1", "latitude": 13.5, "longitude": 100.25}),
            MessageType::Location,
            "Office",
        ),
        (json!({"type": "flex", "altText": "card", "contents": {"type": "bubble"}}), MessageType::Flex, "card"),
        (json!({"type": "template", "altText": "ask", "template": {"type": "confirm"}}), MessageType::Template, "ask"),
    ] {
        let written = read(&ask(message.clone())).unwrap();
        assert_eq!((written.message_type, written.content.as_str()), (message_type, content));
        assert_eq!(serde_json::from_str::<Value>(&written.payload.unwrap()).unwrap(), message);
    }
}

#[test]
fn what_line_would_refuse_is_refused_with_its_field() {
    for (message, field) in [
        (json!({"type": "shout"}), "line_message.type"),
        (json!({"text": "hi"}), "line_message"),
        (json!({"type": "text"}), "line_message"),
        (json!({"type": "text", "text": "hi", "sender": {"name": "LINE"}}), "line_message.sender"),
        (json!({"type": "text", "text": "hi", "quoteToken": "x"}), "line_message.quoteToken"),
        (json!({"type": "sticker", "packageId": "x", "stickerId": "1"}), "line_message.packageId"),
        (json!({"type": "location", "title": "", "address": "a", "latitude": 0, "longitude": 0}), "line_message.title"),
        (json!({"type": "flex", "altText": "a", "contents": {"type": "box"}}), "line_message.contents"),
        (
            json!({"type": "image", "originalContentUrl": "http://x/a.jpg", "previewImageUrl": "https://x/a.jpg"}),
            "line_message.originalContentUrl",
        ),
    ] {
        assert_eq!(field_of(&read(&ask(message.clone())).unwrap_err()), field, "{message}");
    }
    let long = json!({"type": "text", "text": "x".repeat(5001)});
    assert_eq!(read(&ask(long)).unwrap_err().code, ErrorCode::MessageTooLong);
    let blank = json!({"type": "text", "text": " "});
    assert_eq!(read(&ask(blank)).unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn the_sender_is_shown_by_policy_and_short_enough_for_line() {
    let policy =
        |shows_operator, icon: Option<&str>| SenderPolicy { shows_operator, icon_url: icon.map(str::to_owned) };
    assert_eq!(sender(&policy(false, None), Some("Mai")), None);
    assert_eq!(sender(&policy(true, None), None), None, "the desk itself speaks as the account");
    let name = |text| sender(&policy(true, None), Some(text)).unwrap().name.unwrap();
    assert_eq!(name("Mai"), "Mai");
    assert_eq!(name(&"😀".repeat(30)), "😀".repeat(10));
    let icon = sender(&policy(false, Some("https://x/i.png")), Some("Mai")).unwrap();
    assert_eq!((icon.name, icon.icon_url.as_deref()), (None, Some("https://x/i.png")));
}

#[test]
fn a_links_end_is_told_in_the_business_time_zone() {
    assert_eq!(local_minute("Asia/Bangkok", Timestamp(0)), "1970-01-01 07:00");
    assert_eq!(local_minute("nowhere", Timestamp(60_000)), "1970-01-01 00:01");
}
