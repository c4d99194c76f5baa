//! Every call of the client, as it reaches LINE, against LINE's OpenAPI file: method, host, path, headers and body; and
//! the answers of that file as the client reads them.

use linedesk_line::client::{LineClientConfig, PushOutcome};
use linedesk_line::message::{
    Action, AudioMessage, Common, Emoji, FlexMessage, ImageMessage, ImagemapMessage, LocationMessage, Mentionee,
    OutgoingMessage, PushRequest, QuickReply, QuickReplyItem, ReplyRequest, Sender, StickerMessage, Substitution,
    TemplateMessage, TextMessage, TextV2Message, VideoMessage,
};
use linedesk_line_openapi::Document;
use serde_json::{Value, json};

use super::messages::{flex_contents, imagemap_actions, imagemap_video, templates};
use super::server::{Host, KEY, Line, Request, USER, answer, token};

const GROUP: &str = "C4af4980629fb4b6c9a7f3a1d2c3b4a59";
const ROOM: &str = "Ra8dbf4673c9e4c8b8f5c1b2a3d4e5f60";
const ASSET: &str = "https://cdn.example.com/media/a%20b?size=1";

/// Checks a request against the operation that its method and path name, and returns that operation's id.
fn operation(api: &Document, request: &Request) -> String {
    let Request { host, method, path, query, headers, body } = request;
    let operation = api.operation(method.as_str(), path).unwrap_or_else(|| panic!("{method} {path} is no operation"));
    let id = operation.id();
    let host = match host {
        Host::Api => LineClientConfig::default().api_url,
        Host::Data => LineClientConfig::default().data_api_url,
    };
    assert_eq!(operation.server(), host, "{id}");
    assert_eq!(operation.placeholders(), operation.parameters("path"), "{id}");
    assert_eq!(query.as_deref(), None, "{id}");
    assert_eq!(headers.get("content-type").is_some(), !body.is_empty(), "{id}");
    let headers = headers.keys().map(http::HeaderName::as_str).collect();
    let content_type = request.header("content-type");
    let checked = linedesk_line_openapi::Request { query: "", headers, content_type, body };
    assert_eq!(operation.request_faults(&checked), [""; 0], "{id}: {}", String::from_utf8_lossy(body));
    id.to_owned()
}

/// An answer to each operation, where LINE's file has no example of one.
fn made_up(operation: &str) -> Option<Value> {
    Some(match operation {
        "replyMessage" | "pushMessage" => {
            json!({"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]})
        }
        "getGroupSummary" => json!({"groupId": GROUP, "groupName": "Regulars", "pictureUrl": "https://example.com/g"}),
        "showLoadingAnimation" => json!({}),
        _ => return None,
    })
}

async fn line(api: &'static Document) -> Line {
    Line::new(move |request| {
        let operation = api.operation(request.method.as_str(), &request.path).expect("an operation of LINE's");
        if operation.id() == "getMessageContent" {
            return answer(200, "file");
        }
        let body = operation.examples().first().map(|example| (*example).clone()).or(made_up(operation.id()));
        let (status, faults) = (operation.success(), operation.answer_faults(body.as_ref()));
        // Without a schema, LINE's answer has no body.
        match body {
            Some(body) if faults.is_empty() => answer(status, body.to_string()),
            None if faults.is_empty() => answer(status, ""),
            _ => answer(599, json!({"message": faults.join("; ")}).to_string()),
        }
    })
    .await
}

#[tokio::test]
async fn every_call_is_an_operation_of_lines_and_its_answer_is_read() {
    let api = linedesk_line_openapi::messaging_api();
    let line = line(api).await;
    let (client, token) = (&line.client, &token());
    let last = || operation(api, &line.last());

    let text = || vec![OutgoingMessage::text("Hello", None)];
    let sent = client.reply(token, &ReplyRequest::new("nHuyWiB7yP5Zw52FIkcQ", text())).await.unwrap().body;
    assert_eq!((last().as_str(), sent.sent_messages.len()), ("replyMessage", 1));
    let sent = client.push(token, &PushRequest::new(USER, text()), KEY).await.unwrap().body;
    assert!(matches!(sent, PushOutcome::Accepted { ref sent_messages } if sent_messages.len() == 1));
    assert_eq!(last(), "pushMessage");

    let profile = client.profile(token, USER).await.unwrap().body;
    assert_eq!((last().as_str(), &*profile.display_name), ("getProfile", "LINE taro"));
    assert_eq!(profile.language.as_deref(), Some("en"));
    let profile = client.group_member_profile(token, GROUP, USER).await.unwrap().body;
    assert_eq!((last().as_str(), &*profile.display_name), ("getGroupMemberProfile", "LINE taro"));
    let profile = client.room_member_profile(token, ROOM, USER).await.unwrap().body;
    assert_eq!((last().as_str(), &*profile.display_name), ("getRoomMemberProfile", "LINE taro"));
    let group = client.group_summary(token, GROUP).await.unwrap().body;
    assert_eq!(last(), "getGroupSummary");
    assert!(!group.group_id.is_empty() && !group.group_name.is_empty(), "{group:?}");

    assert!(client.group_member_count(token, GROUP).await.unwrap().body.count > 0);
    assert_eq!(last(), "getGroupMemberCount");
    assert!(client.room_member_count(token, ROOM).await.unwrap().body.count > 0);
    assert_eq!(last(), "getRoomMemberCount");

    let quota = client.quota(token).await.unwrap().body;
    assert_eq!((last().as_str(), &*quota.kind), ("getMessageQuota", "limited"));
    assert!(quota.value.is_some());
    let used = client.quota_consumption(token).await.unwrap().body;
    assert_eq!(last(), "getMessageQuotaConsumption");
    assert!(used.total_usage > 0, "{used:?}");
    let bot = client.bot_info(token).await.unwrap().body;
    assert_eq!((last().as_str(), &*bot.chat_mode, &*bot.mark_as_read_mode), ("getBotInfo", "chat", "manual"));
    assert!(bot.user_id.starts_with('U') && bot.basic_id.starts_with('@') && !bot.display_name.is_empty(), "{bot:?}");

    client.loading_start(token, USER, 20).await.unwrap();
    assert_eq!(last(), "showLoadingAnimation");
    client.mark_as_read(token, "30yhdy232").await.unwrap();
    assert_eq!(last(), "markMessagesAsReadByToken");

    let endpoint = client.webhook_endpoint(token).await.unwrap().body;
    assert_eq!((last().as_str(), endpoint.active), ("getWebhookEndpoint", true));
    client.set_webhook_endpoint(token, "https://desk.example.com/line/webhook").await.unwrap();
    assert_eq!(last(), "setWebhookEndpoint");
    let test = client.test_webhook_endpoint(token).await.unwrap().body;
    assert_eq!((last().as_str(), test.success, test.status_code), ("testWebhookEndpoint", true, 200));

    client.validate_push(token, &text()).await.unwrap();
    assert_eq!(last(), "validatePush");
    client.content(token, "461230966842064897").await.unwrap();
    assert_eq!(last(), "getMessageContent");
    client.content_preview(token, "461230966842064897").await.unwrap();
    assert_eq!(last(), "getMessageContentPreview");
}

/// Of each type one, with everything that it can have.
fn messages() -> Vec<OutgoingMessage> {
    let label = || "Go".to_owned();
    let text = || "สวัสดี".to_owned();
    let actions = vec![
        Action::Message { label: label(), text: text() },
        Action::Postback { label: label(), data: "a=1".to_owned(), display_text: Some(text()) },
        Action::Postback { label: label(), data: "a=1".to_owned(), display_text: None },
        Action::Uri { label: label(), uri: "tel:+66212345678".to_owned() },
        Action::Clipboard { label: label(), clipboard_text: "CODE".to_owned() },
        Action::Camera { label: label() },
        Action::CameraRoll { label: label() },
        Action::Location { label: label() },
    ];
    let items = actions
        .into_iter()
        .enumerate()
        .map(|(index, action)| QuickReplyItem { image_url: (index % 2 == 0).then(|| ASSET.to_owned()), action });
    let common = Common {
        quick_reply: Some(QuickReply { items: items.collect() }),
        sender: Some(Sender { name: Some("Mai".to_owned()), icon_url: Some(ASSET.to_owned()) }),
    };
    let common = || common.clone();
    let asset = || ASSET.to_owned();
    let quote_token = || Some("IStG5h1Tz7b".to_owned());
    let emojis =
        vec![Emoji { index: 0, product_id: "5ac1bfd5040ab15980c9b435".to_owned(), emoji_id: "001".to_owned() }];
    let mut all = vec![
        OutgoingMessage::Text(TextMessage {
            text: "$ hi".to_owned(),
            emojis,
            quote_token: quote_token(),
            common: common(),
        }),
        OutgoingMessage::Sticker(StickerMessage {
            package_id: "446".to_owned(),
            sticker_id: "1988".to_owned(),
            quote_token: quote_token(),
            common: common(),
        }),
        OutgoingMessage::Image(ImageMessage {
            original_content_url: asset(),
            preview_image_url: asset(),
            common: common(),
        }),
        OutgoingMessage::Video(VideoMessage {
            original_content_url: asset(),
            preview_image_url: asset(),
            tracking_id: Some("video-1".to_owned()),
            common: common(),
        }),
        OutgoingMessage::Audio(AudioMessage { original_content_url: asset(), duration_ms: 60_000, common: common() }),
        OutgoingMessage::Location(LocationMessage {
            title: text(),
            address: text(),
            latitude: 13.0,
            longitude: 100.5018,
            common: common(),
        }),
        OutgoingMessage::Imagemap(ImagemapMessage {
            base_url: asset(),
            alt_text: text(),
            base_size: json!({"width": 1040, "height": 1040}),
            actions: imagemap_actions(),
            video: Some(imagemap_video()),
            common: common(),
        }),
        OutgoingMessage::TextV2(TextV2Message {
            text: "{who}, {all}: {{hi}} {smile}".to_owned(),
            substitution: [
                ("who", Substitution::Mention { mentionee: Mentionee::User { user_id: USER.to_owned() } }),
                ("all", Substitution::Mention { mentionee: Mentionee::All }),
                (
                    "smile",
                    Substitution::Emoji {
                        product_id: "5ac1bfd5040ab15980c9b435".to_owned(),
                        emoji_id: "001".to_owned(),
                    },
                ),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            quote_token: quote_token(),
            common: common(),
        }),
    ];
    for contents in flex_contents() {
        all.push(OutgoingMessage::Flex(FlexMessage { alt_text: text(), contents, common: common() }));
    }
    for template in templates() {
        all.push(OutgoingMessage::Template(TemplateMessage { alt_text: text(), template, common: common() }));
    }
    all
}

#[tokio::test]
async fn every_message_is_sent_as_lines_schema_has_it() {
    let api = linedesk_line_openapi::messaging_api();
    let line = line(api).await;
    let all = messages();
    let documented: Vec<_> = api.mapping("Message").into_iter().map(|(tag, _)| tag).collect();
    let unsent = ["coupon"];
    for tag in documented {
        assert!(all.iter().any(|message| message.type_name() == tag) != unsent.contains(&tag), "{tag}");
    }
    for messages in all.chunks(5) {
        for notification_disabled in [false, true] {
            let request =
                ReplyRequest { notification_disabled, ..ReplyRequest::new("nHuyWiB7yP5Zw52FIkcQ", messages.to_vec()) };
            request.validate().unwrap();
            line.client.reply(&token(), &request).await.unwrap();
            assert_eq!(operation(api, &line.last()), "replyMessage");
            assert_eq!(line.last().json(), serde_json::to_value(&request).unwrap());

            let request = PushRequest { notification_disabled, ..PushRequest::new(USER, messages.to_vec()) };
            request.validate().unwrap();
            line.client.push(&token(), &request, KEY).await.unwrap();
            assert_eq!(operation(api, &line.last()), "pushMessage");
            assert_eq!(line.last().json(), serde_json::to_value(&request).unwrap());
        }
    }
}

#[test]
fn a_request_with_a_typo_or_without_a_field_is_found_out() {
    let api = linedesk_line_openapi::messaging_api();
    let right = serde_json::to_value(ReplyRequest::new("nHuyWiB7yP5Zw52FIkcQ", messages()[..5].to_vec())).unwrap();
    assert_eq!(api.faults("ReplyMessageRequest", &right), [""; 0]);
    for (pointer, field, change) in [
        ("", "replyToken", None),
        ("", "messages", Some(json!([]))),
        ("", "notificationDisabled", Some(json!("yes"))),
        ("", "reply_token", Some(json!("x"))),
        ("/messages/0", "type", Some(json!("txet"))),
        ("/messages/0", "type", None),
        ("/messages/0", "text", None),
        ("/messages/0", "quote_token", Some(json!("x"))),
        ("/messages/0/emojis/0", "index", Some(json!("0"))),
        ("/messages/0/emojis/0", "product_id", Some(json!("x"))),
        ("/messages/0/quickReply", "item", Some(json!([]))),
        ("/messages/0/quickReply/items/0", "imageUrl", Some(json!("a b"))),
        ("/messages/0/quickReply/items/0/action", "type", Some(json!("shout"))),
        ("/messages/0/quickReply/items/1/action", "data", Some(json!("x".repeat(301)))),
        ("/messages/0/quickReply/items/4/action", "clipboardText", None),
        ("/messages/0/sender", "name", Some(json!("x".repeat(21)))),
        ("/messages/1", "stickerId", Some(json!(1988))),
        ("/messages/2", "previewImageUrl", None),
        ("/messages/3", "trackingID", Some(json!("x"))),
        ("/messages/4", "duration", Some(json!(1.5))),
    ] {
        let mut wrong = right.clone();
        let place = wrong.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap();
        match change {
            Some(value) => drop(place.insert(field.to_owned(), value)),
            None => drop(place.remove(field).unwrap()),
        }
        assert_ne!(api.faults("ReplyMessageRequest", &wrong), [""; 0], "{pointer}/{field}");
    }
    assert!(api.operation("GET", "/v2/bot/message/reply").is_none());
    assert!(api.operation("POST", "/v2/bot/message/relpy").is_none());
}
