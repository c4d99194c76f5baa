//! Webhook events: LINE's own shapes, shapes that it may have one day, and shapes that nobody should send.

use linedesk_line::webhook::{
    Event, EventKind, Message, Mode, Source, parse_envelope, parse_event, peek, plain_text, redact_unsent,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::samples::{GROUP, ROOM, contents, events, message};
use super::server::USER;

fn parse(event: &Value) -> Event {
    parse_event(&event.to_string()).unwrap_or_else(|error| panic!("{event}: {error}"))
}

fn parse_message(content: &Value) -> Message {
    match parse(&message(content)).kind {
        EventKind::Message { message } => message,
        other => panic!("{other:?}"),
    }
}

/// The name of a kind as Rust has it, with the first letter in lower case: LINE's.
fn name(kind: &EventKind) -> String {
    let shown = format!("{kind:?}");
    let name = shown.split(|each: char| !each.is_alphanumeric()).next().unwrap();
    name[..1].to_lowercase() + &name[1..]
}

#[test]
fn every_event_type_of_lines_is_known() {
    let api = linedesk_line_openapi::webhook();
    let documented = api.mapping("Event");
    assert_eq!(documented.len(), 19);
    for (tag, schema) in documented {
        let samples: Vec<_> = events().into_iter().filter(|event| event["type"] == tag).collect();
        assert!(!samples.is_empty(), "no sample of {tag}");
        for sample in samples {
            assert_eq!(api.faults("Event", &sample), [""; 0], "{sample}");
            assert_eq!(api.faults(schema, &sample), [""; 0], "{sample}");
            assert_eq!(name(&parse(&sample).kind), tag);
        }
    }
}

#[test]
fn every_message_kind_of_lines_has_a_sample() {
    let api = linedesk_line_openapi::webhook();
    let documented = api.mapping("MessageContent");
    assert_eq!(documented.len(), 7);
    for (tag, _) in documented {
        assert!(contents().iter().any(|content| content["type"] == tag), "no sample of {tag}");
    }
}

#[test]
fn every_sample_is_read_whole() {
    for sample in events() {
        let event = parse(&sample);
        assert_eq!(name(&event.kind), sample["type"].as_str().unwrap());
        assert_eq!(event.webhook_event_id.as_deref(), sample["webhookEventId"].as_str());
        assert_eq!(Some(event.timestamp), sample["timestamp"].as_i64());
        assert_eq!(event.reply_token.as_deref(), sample.get("replyToken").and_then(Value::as_str));
        assert_eq!(event.source.is_some(), sample.get("source").is_some());
        assert_eq!(event.mode, Mode::Active);
    }
}

#[test]
fn a_message_keeps_every_field_of_its_kind() {
    for content in contents() {
        let Message {
            id,
            kind,
            quote_token,
            quoted_message_id,
            mark_as_read_token,
            text,
            file_name,
            title,
            address,
            keywords,
            rest,
        } = parse_message(&content);
        let mut read = rest;
        for (name, value) in [
            ("id", Some(id)),
            ("type", Some(kind)),
            ("quoteToken", quote_token),
            ("quotedMessageId", quoted_message_id),
            ("markAsReadToken", mark_as_read_token),
            ("text", text),
            ("fileName", file_name),
            ("title", title),
            ("address", address),
        ] {
            if let Some(value) = value {
                assert_eq!(read.insert(name.to_owned(), json!(value)), None, "{name} is read twice");
            }
        }
        if !keywords.is_empty() {
            read.insert("keywords".to_owned(), json!(keywords));
        }
        assert_eq!(Value::Object(read), content);
    }
}

#[test]
fn what_lists_show_of_a_message() {
    let shown: Vec<_> = contents().iter().map(|content| plain_text(&parse_message(content)).into_owned()).collect();
    assert_eq!(
        shown,
        ["Hello", "@All @Desk Good morning (love)", "", "", "", "", "order.pdf", "Shop", "cony", "Let's go!"]
    );
    let place = json!({"type": "location", "id": "1", "address": "1 Rama IV", "latitude": 1, "longitude": 1});
    assert_eq!(plain_text(&parse_message(&place)), "1 Rama IV");
}

#[test]
fn what_follows_unsends_and_postbacks_say_is_read() {
    let kinds: Vec<_> = events().iter().map(|event| parse(event).kind).collect();
    let unblocked = kinds.iter().find_map(|kind| match kind {
        EventKind::Follow { follow } => Some(follow.is_unblocked),
        _ => None,
    });
    assert_eq!(unblocked, Some(true));
    let unsent = kinds.iter().find_map(|kind| match kind {
        EventKind::Unsend { unsend } => Some(unsend.message_id.as_str()),
        _ => None,
    });
    assert_eq!(unsent, Some("325708"));
    let postbacks = kinds.iter().filter_map(|kind| match kind {
        EventKind::Postback { postback } => Some((postback.data.as_str(), postback.params.clone())),
        _ => None,
    });
    let postbacks: Vec<_> = postbacks.collect();
    assert_eq!(postbacks, [("storeId=12345", Some(json!({"datetime": "2017-12-25T01:00"}))), ("richmenu", None)]);
}

#[test]
fn sources_tell_whom_to_answer_and_who_it_was() {
    let of = |source: Value| parse(&json!({"type": "join", "source": source})).source;
    let user = of(json!({"type": "user", "userId": USER})).unwrap();
    assert_eq!((user.chat_id(), user.member_id()), (Some(USER), None));
    let group = of(json!({"type": "group", "groupId": GROUP, "userId": USER})).unwrap();
    assert_eq!((group.chat_id(), group.member_id()), (Some(GROUP), Some(USER)));
    let group = of(json!({"type": "group", "groupId": GROUP})).unwrap();
    assert_eq!((group.chat_id(), group.member_id()), (Some(GROUP), None));
    let room = of(json!({"userId": USER, "roomId": ROOM, "type": "room"})).unwrap();
    assert_eq!((room.chat_id(), room.member_id()), (Some(ROOM), Some(USER)));
    assert_eq!(of(Value::Null), None);
    for odd in [
        json!({"type": "user"}),
        json!({"type": "user", "userId": null}),
        json!({"type": "user", "groupId": GROUP}),
        json!({"type": "group", "userId": USER}),
        json!({"type": "room"}),
        json!({"type": "planet", "planetId": "x"}),
        json!({"userId": USER}),
        json!({}),
    ] {
        assert_eq!(of(odd.clone()), Some(Source::Other), "{odd}");
    }
}

#[test]
fn wh3_what_is_missing_or_null_costs_no_event() {
    let common = ["webhookEventId", "timestamp", "mode", "deliveryContext", "source", "replyToken"];
    for sample in events() {
        for name in common {
            let mut without = sample.clone();
            without.as_object_mut().unwrap().remove(name);
            let mut null = sample.clone();
            null[name] = Value::Null;
            let event = parse(&without);
            assert_eq!(event, parse(&null), "{name}");
            assert_eq!(event.kind, parse(&sample).kind, "{name}");
        }
    }
    let bare = parse(&json!({"type": "follow", "follow": null, "deliveryContext": {"isRedelivery": null}}));
    assert_eq!((bare.timestamp, bare.mode, bare.source, bare.webhook_event_id), (0, Mode::Active, None, None));
    assert!(!bare.delivery_context.is_redelivery);
    let sticker = parse_message(&json!({"type": "sticker", "id": "1", "keywords": null, "text": null}));
    assert_eq!((sticker.keywords.len(), sticker.text), (0, None));
}

#[test]
fn wh3_what_line_adds_costs_no_event() {
    for sample in events() {
        let mut newer = sample.clone();
        newer["novelty"] = json!({"deep": [1, {"type": "x"}]});
        newer["deliveryContext"]["attempt"] = json!(3);
        newer["message2"] = json!([null]);
        if newer.get("source").is_some() {
            newer["source"]["novelty"] = json!([1]);
        }
        assert_eq!(parse(&newer), parse(&sample));
        newer["mode"] = json!("dreaming");
        assert_eq!(parse(&newer).mode, Mode::Other);
    }
    // A field that other events have may be anything in an event of another type.
    for name in ["message", "unsend", "postback", "follow"] {
        let event = json!({"type": "telepathy", "webhookEventId": "01", name: [1, 2]});
        assert_eq!(parse(&event).kind, EventKind::Unknown, "{name}");
    }
    let content = json!({"type": "hologram", "id": "1", "stickerResourceType": "SMELL", "beam": {"width": 5}});
    let message = parse_message(&content);
    assert_eq!((message.kind.as_str(), &message.rest["beam"]), ("hologram", &json!({"width": 5})));
}

#[test]
fn wh3_an_event_without_what_it_is_about_is_broken_and_can_be_named() {
    for broken in [
        json!({"type": "message", "webhookEventId": "01"}),
        json!({"type": "message", "webhookEventId": "01", "message": null}),
        json!({"type": "message", "webhookEventId": "01", "message": {"type": "text"}}),
        json!({"type": "message", "webhookEventId": "01", "message": {"id": "1"}}),
        json!({"type": "unsend", "webhookEventId": "01", "unsend": {}}),
        json!({"type": "postback", "webhookEventId": "01", "postback": "x"}),
    ] {
        let raw = broken.to_string();
        assert!(parse_event(&raw).is_err(), "{raw}");
        assert_eq!(peek(&raw), (Some("01".to_owned()), broken["type"].as_str().map(str::to_owned)));
    }
    for raw in ["", "{", "null", "5", "[]", "{}", r#"{"type":5,"webhookEventId":[]}"#] {
        assert!(parse_event(raw).is_err(), "{raw}");
        assert_eq!(peek(raw), (None, None), "{raw}");
    }
}

#[test]
fn wh3_a_broken_event_leaves_the_others_of_its_request_whole() {
    let all = events();
    for place in 0..=all.len() {
        for broken in [json!(7), json!({"type": "message", "message": 5}), json!({}), json!([[]])] {
            let mut mixed = all.clone();
            mixed.insert(place, broken);
            let envelope =
                parse_envelope(json!({"destination": USER, "events": mixed}).to_string().as_bytes()).unwrap();
            assert_eq!(envelope.destination, USER);
            let read: Vec<_> = envelope.events.iter().filter_map(|raw| parse_event(raw.get()).ok()).collect();
            assert!(read.iter().eq(all.iter().map(parse).collect::<Vec<_>>().iter()), "{place}");
        }
    }
}

#[test]
fn an_envelope_may_be_empty_and_have_more_than_we_know() {
    for body in
        [r#"{"destination":"U1","events":[]}"#, r#"{"events":[],"destination":null,"x":1}"#, " {\"events\" : [ ] }\n"]
    {
        assert_eq!(parse_envelope(body.as_bytes()).unwrap().events.len(), 0, "{body}");
    }
    for body in ["", "{}", "[]", r#"{"events":5}"#, r#"{"events":[}"#, r#"{"events":[]}x"#, "\u{feff}{\"events\":[]}"] {
        assert!(parse_envelope(body.as_bytes()).is_err(), "{body}");
    }
    assert!(parse_envelope(b"{\"events\":[{\"type\":\"\xff\"}]}").is_err());
}

#[test]
fn an_event_is_kept_as_the_bytes_it_came_as() {
    let raw = "{ \"type\" : \"join\",\n \"x\": 1.50, \"y\":\"\\u0e01ก\" }";
    let envelope = parse_envelope(format!("{{\"events\":[ {raw} ]}}").as_bytes()).unwrap();
    assert_eq!(envelope.events[0].get(), raw);
}

#[test]
fn wh6_a_redacted_event_still_tells_what_when_and_from_whom() {
    for content in contents() {
        let sample = message(&content);
        let (before, after) = (parse(&sample), parse_event(&redact_unsent(&sample.to_string())).unwrap());
        assert_eq!(
            (before.webhook_event_id, before.timestamp, before.mode, before.source, before.delivery_context),
            (after.webhook_event_id, after.timestamp, after.mode, after.source, after.delivery_context)
        );
        let EventKind::Message { message } = after.kind else { panic!("{:?}", after.kind) };
        assert_eq!((json!(message.id), json!(message.kind)), (content["id"].clone(), content["type"].clone()));
        assert_eq!((message.rest.len(), message.text, message.quote_token, after.reply_token), (0, None, None, None));
    }
}

#[test]
fn wh6_what_is_kept_is_kept_as_plain_values_only() {
    let sample = message(&contents()[0]);
    for place in ["/message", "/message/id", "/message/type", "/source", "/source/userId", "/deliveryContext", "/mode"]
    {
        for odd in [json!({"x": "s3cret-words"}), json!(["s3cret-words"]), json!({"id": {"id": "s3cret-words"}})] {
            let mut event = sample.clone();
            *event.pointer_mut(place).unwrap() = odd;
            let redacted = redact_unsent(&event.to_string());
            assert!(!redacted.contains("s3cret-words"), "{place}: {redacted}");
        }
    }
    for raw in ["", "\"Hello\"", "[\"Hello\"]", "{\"message\":{\"text\":\"Hello\"}"] {
        assert_eq!(redact_unsent(raw), "");
    }
}

/// Any JSON, not deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        select(vec!["message", "text", "user", "group", "active", "unsend"]).prop_map(Value::from),
    ];
    let name = prop_oneof![
        select(vec!["type", "id", "message", "source", "userId", "events", "mode", "timestamp", "follow", "text"])
            .prop_map(str::to_owned),
        ".{0,4}",
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(name.clone(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Every place in a value.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), into));
        }
        _ => {}
    }
}

/// A sample in which one place is something else.
fn near_miss() -> impl Strategy<Value = Value> {
    (select(events()), any::<Index>(), any_json()).prop_map(|(mut event, index, other)| {
        let mut all = Vec::new();
        places(&event, "", &mut all);
        *event.pointer_mut(&all[index.index(all.len())]).unwrap() = other;
        event
    })
}

fn read_all(raw: &str) {
    if let Ok(Event { kind: EventKind::Message { message }, .. }) = parse_event(raw) {
        let _ = plain_text(&message);
    }
    let _ = (peek(raw), redact_unsent(raw));
}

proptest! {
    #[test]
    fn near_misses_never_panic_and_leave_their_neighbours_whole(event in near_miss()) {
        let raw = event.to_string();
        read_all(&raw);
        let body = json!({"destination": USER, "events": [event, {"type": "join"}]}).to_string();
        let envelope = parse_envelope(body.as_bytes()).unwrap();
        prop_assert_eq!(envelope.events[0].get(), raw);
        prop_assert_eq!(parse_event(envelope.events[1].get()).unwrap().kind, EventKind::Join {});
    }

    #[test]
    fn broken_bytes_never_panic(event in select(events()), cut: Index, at: Index, byte: u8) {
        let mut bytes = json!({"destination": USER, "events": [event]}).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len()) + 1);
        if let Ok(envelope) = parse_envelope(&bytes) {
            envelope.events.iter().for_each(|raw| read_all(raw.get()));
        }
        read_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_json_never_panics(value in any_json(), depth in 0..2000_usize) {
        read_all(&value.to_string());
        let deep = format!("{}{value}{}", r#"{"type":"message","message":["#.repeat(depth), "]}".repeat(depth));
        read_all(&deep);
        let _ = parse_envelope(format!(r#"{{"events":[{deep}]}}"#).as_bytes());
    }

    #[test]
    fn wh6_nothing_said_survives_wherever_it_stands(content in select(contents()), index: Index, name in "[a-z]{1,8}") {
        let secret = "s3cret-words";
        let mut event = message(&content);
        // All that a message says, and all that LINE may one day say around it.
        for (field, value) in event["message"].as_object_mut().unwrap() {
            if field != "id" && field != "type" {
                *value = json!({"nested": [secret]});
            }
        }
        event["message"][format!("new-{name}")] = json!(secret);
        let mut all = Vec::new();
        places(&event, "", &mut all);
        all.retain(|place| !place.is_empty() && event.pointer(place).is_some_and(Value::is_object));
        all.push(String::new());
        let place = &all[index.index(all.len())];
        event.pointer_mut(place).unwrap()[format!("new-{name}")] = json!([secret]);
        prop_assert!(!redact_unsent(&event.to_string()).contains(secret), "{}", place);
    }
}
