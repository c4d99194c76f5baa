use serde_json::json;

use super::*;

const URL: &str = "https://example.com/a.png";

fn text(text: impl Into<String>) -> OutgoingMessage {
    OutgoingMessage::text(text, None)
}

fn with(common: Common) -> OutgoingMessage {
    OutgoingMessage::Text(TextMessage { text: "hi".to_owned(), common, ..TextMessage::default() })
}

fn buttons(count: usize, action: &Action) -> OutgoingMessage {
    let items = vec![QuickReplyItem { image_url: None, action: action.clone() }; count];
    with(Common { quick_reply: Some(QuickReply { items }), sender: None })
}

#[test]
fn a_text_has_1_to_5000_utf16_units() {
    assert_eq!(text("a").validate(), Ok(()));
    assert_eq!(text("😀".repeat(2500)).validate(), Ok(()));
    assert_eq!(
        text("😀".repeat(2500) + "a").validate(),
        Err(MessageError::TooLong { field: "text", units: 5001, max: 5000 })
    );
    assert_eq!(text("").validate(), Err(MessageError::Empty { field: "text" }));
}

#[test]
fn every_place_of_a_text_with_mentions_has_its_substitution() {
    let check = |text: &str| {
        let who = Substitution::Mention { mentionee: Mentionee::All };
        let substitution = [("who".to_owned(), who)].into();
        OutgoingMessage::TextV2(TextV2Message { text: text.to_owned(), substitution, ..TextV2Message::default() })
            .validate()
    };
    for fine in ["{who}", "hi {who}, {who}", "{{literal}} {who}", "no place"] {
        assert_eq!(check(fine), Ok(()), "{fine}");
    }
    for broken in ["{", "}", "{who", "who}", "{}", "{{who}", "{a{b}}"] {
        assert_eq!(check(broken), Err(MessageError::Malformed { field: "text" }), "{broken}");
    }
    assert_eq!(check("{whom}"), Err(MessageError::Malformed { field: "substitution" }));
    let many = "{who}".repeat(21);
    assert_eq!(check(&many), Err(MessageError::TooMany { field: "substitution", count: 21, max: 20 }));
}

#[test]
fn a_request_has_1_to_5_messages() {
    assert_eq!(validate(&[]), Err(MessagesError::Count { count: 0 }));
    assert_eq!(validate(&vec![text("a"); 5]), Ok(()));
    assert_eq!(validate(&vec![text("a"); 6]), Err(MessagesError::Count { count: 6 }));
    let source = MessageError::Empty { field: "text" };
    assert_eq!(validate(&[text("a"), text("")]), Err(MessagesError::Message { index: 1, source }));
}

#[test]
fn a_request_needs_an_address_and_fits_into_2_mb() {
    assert_eq!(ReplyRequest::new("t", vec![text("a")]).validate(), Ok(()));
    assert_eq!(ReplyRequest::new("", vec![text("a")]).validate(), Err(MessagesError::Empty { field: "replyToken" }));
    assert_eq!(PushRequest::new("", vec![text("a")]).validate(), Err(MessagesError::Empty { field: "to" }));
    let template = json!({"type": "buttons", "text": "x".repeat(REQUEST_BYTES)});
    let large =
        OutgoingMessage::Template(TemplateMessage { alt_text: "a".to_owned(), template, ..TemplateMessage::default() });
    assert!(matches!(PushRequest::new("U", vec![large]).validate(), Err(MessagesError::TooLarge { .. })));
}

#[test]
fn media_is_fetched_from_https_urls_of_at_most_2000_units() {
    let image = |original: &str, preview: &str| {
        OutgoingMessage::Image(ImageMessage {
            original_content_url: original.to_owned(),
            preview_image_url: preview.to_owned(),
            ..ImageMessage::default()
        })
        .validate()
    };
    assert_eq!(image(URL, URL), Ok(()));
    assert_eq!(image("http://example.com", URL), Err(MessageError::NotHttps { field: "originalContentUrl" }));
    assert_eq!(image(URL, "example.com"), Err(MessageError::NotHttps { field: "previewImageUrl" }));
    assert_eq!(image(URL, ""), Err(MessageError::Empty { field: "previewImageUrl" }));
    let long = format!("https://example.com/{}", "a".repeat(2000));
    assert!(matches!(image(&long, URL), Err(MessageError::TooLong { max: 2000, .. })));
}

#[test]
fn an_address_is_sent_as_it_is_and_so_must_be_encoded() {
    let image = |url: &str| {
        let (original_content_url, preview_image_url) = (URL.to_owned(), url.to_owned());
        OutgoingMessage::Image(ImageMessage { original_content_url, preview_image_url, ..ImageMessage::default() })
            .validate()
    };
    for url in ["https://example.com/a%20b.png?x=[1]&y=~#z", "https://[2001:db8::1]:8443/", "HTTPS://example.com"] {
        assert_eq!(image(url), Ok(()), "{url}");
    }
    for url in [
        " https://example.com/",
        "https://example.com/\n",
        "https://example.com/a b",
        "https://example.com/ภาพ.png",
        "https://ร้าน.example/",
        "https:\\\\example.com\\a",
        "https://example.com/%zz",
        "https://example.com/%2",
        "https://example.com/{id}",
        "https://",
    ] {
        assert_eq!(image(url), Err(MessageError::NotHttps { field: "previewImageUrl" }), "{url}");
    }
    let open = |uri: &str| buttons(1, &Action::Uri { label: "Go".to_owned(), uri: uri.to_owned() }).validate();
    assert_eq!(open("tel:+66212345678"), Ok(()));
    assert_eq!(open("line://ti/p/@shop?hello%20there"), Ok(()));
    assert_eq!(open("https://example.com/สวัสดี"), Err(MessageError::Malformed { field: "quickReply.items.action.uri" }));
}

#[test]
fn an_emoji_stands_in_the_place_of_a_dollar_sign() {
    let emoji = |text: &str, index: u32, emoji_id: &str| {
        let (product_id, emoji_id) = ("5ac1bfd5040ab15980c9b435".to_owned(), emoji_id.to_owned());
        let emojis = vec![Emoji { index, product_id, emoji_id }];
        OutgoingMessage::Text(TextMessage { text: text.to_owned(), emojis, ..TextMessage::default() }).validate()
    };
    assert_eq!(emoji("$ hi", 0, "001"), Ok(()));
    // Two units before it.
    assert_eq!(emoji("😀$", 2, "001"), Ok(()));
    assert_eq!(emoji("$", 0, ""), Err(MessageError::Empty { field: "emojis.emojiId" }));
    for (text, index) in [("😀$", 1), ("hi", 0), ("$", 1), ("$", u32::MAX)] {
        assert_eq!(
            emoji(text, index, "001"),
            Err(MessageError::OutOfRange { field: "emojis.index" }),
            "{text} {index}"
        );
    }
}

#[test]
fn places_are_on_the_globe() {
    let place = |title: &str, latitude: f64, longitude: f64| {
        let title = title.to_owned();
        let address = "Bangkok".to_owned();
        OutgoingMessage::Location(LocationMessage { title, address, latitude, longitude, ..LocationMessage::default() })
            .validate()
    };
    assert_eq!(place("Shop", 13.75, 100.5), Ok(()));
    assert_eq!(place("Shop", f64::NAN, 0.0), Err(MessageError::OutOfRange { field: "latitude" }));
    assert_eq!(place("Shop", 0.0, 181.0), Err(MessageError::OutOfRange { field: "longitude" }));
    assert!(matches!(place(&"ก".repeat(101), 0.0, 0.0), Err(MessageError::TooLong { max: 100, .. })));
}

#[test]
fn stickers_have_numeric_ids() {
    let sticker = |package: &str, sticker: &str| {
        let (package_id, sticker_id) = (package.to_owned(), sticker.to_owned());
        OutgoingMessage::Sticker(StickerMessage { package_id, sticker_id, ..StickerMessage::default() }).validate()
    };
    assert_eq!(sticker("446", "1988"), Ok(()));
    assert_eq!(sticker("", "1988"), Err(MessageError::Empty { field: "packageId" }));
    assert_eq!(sticker("446", "x"), Err(MessageError::Malformed { field: "stickerId" }));
}

#[test]
fn flex_bubbles_stay_under_30_kb() {
    let flex = |contents: Value| {
        OutgoingMessage::Flex(FlexMessage { alt_text: "a".to_owned(), contents, ..FlexMessage::default() }).validate()
    };
    let bubble = |bytes: usize| {
        json!({"type": "bubble", "body": {"type": "box", "layout": "vertical",
        "contents": [{"type": "text", "text": "x".repeat(bytes)}]}})
    };
    assert_eq!(flex(bubble(100)), Ok(()));
    assert_eq!(flex(json!({"type": "carousel", "contents": [bubble(100), bubble(29_000)]})), Ok(()));
    assert!(matches!(flex(bubble(31_000)), Err(MessageError::TooLarge { .. })));
    for contents in [
        json!(5),
        json!({"type": "telepathy"}),
        json!({"type": "carousel"}),
        json!({"type": "carousel", "contents": [bubble(100), {"type": "carousel", "contents": []}]}),
        json!({"type": "carousel", "contents": [5]}),
    ] {
        assert_eq!(flex(contents), Err(MessageError::Malformed { field: "contents" }));
    }
}

#[test]
fn a_sender_has_a_short_name_and_an_https_icon() {
    let sender = |name: &str, icon: &str| {
        let sender = Some(Sender { name: Some(name.to_owned()), icon_url: Some(icon.to_owned()) });
        with(Common { sender, quick_reply: None }).validate()
    };
    assert_eq!(sender("Mai", URL), Ok(()));
    assert!(matches!(sender(&"a".repeat(21), URL), Err(MessageError::TooLong { max: 20, .. })));
    assert_eq!(sender("Mai", "data:x"), Err(MessageError::NotHttps { field: "sender.iconUrl" }));
}

#[test]
fn quick_replies_are_1_to_13_with_bounded_actions() {
    let say = Action::Message { label: "Yes".to_owned(), text: "Yes".to_owned() };
    assert_eq!(buttons(13, &say).validate(), Ok(()));
    assert!(matches!(buttons(14, &say).validate(), Err(MessageError::TooMany { count: 14, max: 13, .. })));
    assert!(matches!(buttons(0, &say).validate(), Err(MessageError::Empty { .. })));
    let label = "Yes".to_owned();
    for longest in [
        Action::Message { label: "x".repeat(20), text: "x".repeat(300) },
        Action::Postback { label: label.clone(), data: "x".repeat(300), display_text: Some("x".repeat(300)) },
        Action::Uri { label: label.clone(), uri: format!("https://example.com/{}", "x".repeat(980)) },
        Action::Clipboard { label: label.clone(), clipboard_text: "x".repeat(1000) },
    ] {
        assert_eq!(buttons(1, &longest).validate(), Ok(()));
    }
    for bad in [
        Action::Message { label: "x".repeat(21), text: "Yes".to_owned() },
        Action::Message { label: label.clone(), text: "x".repeat(301) },
        Action::Postback { label: label.clone(), data: "x".repeat(301), display_text: None },
        Action::Postback { label: label.clone(), data: "x".to_owned(), display_text: Some("x".repeat(301)) },
        Action::Uri { label: label.clone(), uri: "javascript:alert(1)".to_owned() },
        Action::Uri { label: label.clone(), uri: format!("https://example.com/{}", "x".repeat(981)) },
        Action::Clipboard { label: label.clone(), clipboard_text: String::new() },
        Action::Clipboard { label, clipboard_text: "x".repeat(1001) },
    ] {
        assert!(buttons(1, &bad).validate().is_err(), "{bad:?}");
    }
}

#[test]
fn imagemaps_and_templates_have_their_outer_shape() {
    let imagemap = |base_size: Value, actions: Vec<Value>| {
        let (base_url, alt_text) = (URL.to_owned(), "a".to_owned());
        OutgoingMessage::Imagemap(ImagemapMessage {
            base_url,
            alt_text,
            base_size,
            actions,
            ..ImagemapMessage::default()
        })
        .validate()
    };
    let size = json!({"width": 1040, "height": 700});
    assert_eq!(imagemap(size.clone(), vec![json!({"type": "uri"})]), Ok(()));
    for bad in [json!({}), json!({"width": 0, "height": 700}), json!({"width": 1040, "height": 2_147_483_648_u32})] {
        assert_eq!(imagemap(bad, vec![]), Err(MessageError::Malformed { field: "baseSize" }));
    }
    assert_eq!(imagemap(size, vec![json!(5)]), Err(MessageError::Malformed { field: "actions" }));
    let template =
        OutgoingMessage::Template(TemplateMessage { alt_text: "a".to_owned(), ..TemplateMessage::default() });
    assert_eq!(template.validate(), Err(MessageError::Malformed { field: "template" }));
}

#[test]
fn messages_are_written_as_line_names_them_and_read_back() {
    let say = Action::Message { label: "Yes".to_owned(), text: "Yes".to_owned() };
    let request = ReplyRequest::new("token", vec![text("hi"), buttons(1, &say)]);
    let written = serde_json::to_value(&request).unwrap();
    assert_eq!(
        written,
        json!({"replyToken": "token", "messages": [
            {"type": "text", "text": "hi"},
            {"type": "text", "text": "hi", "quickReply": {"items": [
                {"type": "action", "action": {"type": "message", "label": "Yes", "text": "Yes"}}]}},
        ]})
    );
    assert_eq!(serde_json::from_value::<ReplyRequest>(written).unwrap(), request);
}
