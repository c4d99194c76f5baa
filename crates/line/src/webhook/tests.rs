use proptest::prelude::*;

use super::*;

const TEXT: &str = r#"{"type":"message","message":{"type":"text","id":"468789577898262530","quoteToken":"q3Plx","text":"Hello, world","newField":[1]},
    "webhookEventId":"01H810YECXQQZ37VAXPF6H9E6T","deliveryContext":{"isRedelivery":true},"timestamp":1692251666727,
    "source":{"type":"group","groupId":"C0123456789abcdef0123456789abcdef","userId":"U0123456789abcdef0123456789abcdef"},
    "replyToken":"38ef843bde154d9b91c21320ffd17a0f","mode":"active","somethingNew":true}"#;

#[test]
fn a_text_event_is_read_whole() {
    let event = parse_event(TEXT).unwrap();
    let EventKind::Message { message } = &event.kind else { panic!("{event:?}") };
    assert_eq!((message.id.as_str(), message.text.as_deref()), ("468789577898262530", Some("Hello, world")));
    assert_eq!(event.source.as_ref().and_then(Source::chat_id), Some("C0123456789abcdef0123456789abcdef"));
    assert_eq!(event.source.as_ref().and_then(Source::member_id), Some("U0123456789abcdef0123456789abcdef"));
    assert!(event.delivery_context.is_redelivery);
    assert_eq!(event.timestamp, 1_692_251_666_727);
}

#[test]
fn wh3_one_broken_event_leaves_the_others_whole() {
    let body = format!(r#"{{"destination":"Ux","events":[{TEXT},{{"type":"message","message":5}},7,{TEXT}]}}"#);
    let envelope = parse_envelope(body.as_bytes()).unwrap();
    let read: Vec<bool> = envelope.events.iter().map(|raw| parse_event(raw.get()).is_ok()).collect();
    assert_eq!(read, [true, false, false, true]);
}

#[test]
fn wh3_unknown_events_sources_and_modes_are_read() {
    let event =
        parse_event(r#"{"type":"telepathy","mode":"dreaming","source":{"type":"planet","planetId":"x"}}"#).unwrap();
    assert_eq!((event.kind, event.mode, event.source), (EventKind::Unknown, Mode::Other, Some(Source::Other)));
}

#[test]
fn wh6_what_redaction_keeps_stays_as_it_was_written() {
    let raw =
        r#"{"mode":"a\u0062c","timestamp":1767582000000767582000000,"type":"postback","webhookEventId":1.10e400}"#;
    assert_eq!(redact_unsent(raw), raw);
}

#[test]
fn wh6_a_redacted_event_keeps_ids_only() {
    let redacted = redact_unsent(TEXT);
    assert!(!redacted.contains("Hello") && !redacted.contains("q3Plx") && !redacted.contains("newField"));
    assert!(redacted.contains("468789577898262530") && redacted.contains("01H810YECXQQZ37VAXPF6H9E6T"));
}

proptest! {
    #[test]
    fn reading_anything_never_panics(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_envelope(&bytes);
        let _ = parse_event(&text);
        let _ = redact_unsent(&text);
        let _ = peek(&text);
    }

    #[test]
    fn wh6_redaction_never_leaves_the_text(text in "[a-z]{12,40}", key in "(text|emojis|fileName|keywords|title|custom)") {
        let raw = serde_json::json!({"type": "message", "message": {"id": "1", "type": "text", key: [text.clone()], "mention": {"x": text.clone()}}});
        prop_assert!(!redact_unsent(&raw.to_string()).contains(&text));
    }
}
