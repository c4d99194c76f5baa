//! Messages made at random: what `validate` accepts, LINE's schema accepts.

use linedesk_line::message::{
    Action, AudioMessage, Common, Emoji, FlexMessage, ImageMessage, ImagemapMessage, LocationMessage, OutgoingMessage,
    PushRequest, QuickReply, QuickReplyItem, ReplyRequest, Sender, StickerMessage, TemplateMessage, TextMessage,
    VideoMessage, validate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Messages as LINE takes them; or, `wild`, with a field now and then that it may not take.
#[derive(Clone, Copy)]
struct Make {
    wild: bool,
}

impl Make {
    fn or<T: std::fmt::Debug + 'static>(
        self,
        fitting: impl Strategy<Value = T> + 'static,
        wild: impl Strategy<Value = T> + 'static,
    ) -> BoxedStrategy<T> {
        if self.wild { prop_oneof![9 => fitting, 1 => wild].boxed() } else { fitting.boxed() }
    }

    /// 1 to `max` units.
    fn words(self, max: usize) -> BoxedStrategy<String> {
        let long = select(vec!["ก", "a", "漢"]).prop_map(move |each| each.repeat(max));
        let pairs = (1..=max / 2).prop_map(|count| "😀".repeat(count));
        let fitting = prop_oneof![6 => "[a-zA-Zก-๙ぁ-ん!?$ ]{1,20}", 1 => long, 1 => pairs];
        let wild = prop_oneof![Just(String::new()), any::<String>(), Just("😀".repeat(max / 2 + 1))];
        self.or(fitting, wild)
    }

    fn url(self) -> BoxedStrategy<String> {
        let path = "[a-z0-9/._~!$&'()*+,;=:@-]{0,30}(%[0-9A-F]{2})?([?][a-z0-9=&/?]{0,10})?";
        let fitting = path.prop_map(|path| format!("https://cdn.example.com/{path}"));
        let wild = prop_oneof![
            any::<String>(),
            any::<String>().prop_map(|path| format!("https://example.com/{path}")),
            "[ -~]{0,20}".prop_map(|path| format!("https://example.com/{path}")),
            "[ -~]{0,12}".prop_map(|host| format!("https://{host}/a.png")),
            "[a-z+.:/-]{0,12}".prop_map(|scheme| format!("{scheme}://example.com/a.png")),
            Just(format!("https://example.com/{}", "a".repeat(2000))),
        ];
        self.or(fitting, wild)
    }

    fn action(self) -> BoxedStrategy<Action> {
        let uri = prop_oneof![self.url(), Just("tel:+66212345678".to_owned()), Just("line://ti/p/@shop".to_owned())];
        let words = |max| self.words(max);
        prop_oneof![
            (words(20), words(300)).prop_map(|(label, text)| Action::Message { label, text }),
            (words(20), words(300), option::of(words(300))).prop_map(|(label, data, display_text)| Action::Postback {
                label,
                data,
                display_text
            }),
            (words(20), uri).prop_map(|(label, uri)| Action::Uri { label, uri }),
            (words(20), words(1000)).prop_map(|(label, clipboard_text)| Action::Clipboard { label, clipboard_text }),
            words(20).prop_map(|label| Action::Camera { label }),
            words(20).prop_map(|label| Action::CameraRoll { label }),
            words(20).prop_map(|label| Action::Location { label }),
        ]
        .boxed()
    }

    fn common(self) -> BoxedStrategy<Common> {
        let item = (option::of(self.url()), self.action())
            .prop_map(|(image_url, action)| QuickReplyItem { image_url, action });
        let items = self.or(vec(item.clone(), 1..=13), vec(item, 0..20));
        let quick_reply = option::weighted(0.3, items.prop_map(|items| QuickReply { items }));
        let sender = (option::of(self.words(20)), option::of(self.url()));
        let sender = option::weighted(0.3, sender.prop_map(|(name, icon_url)| Sender { name, icon_url }));
        (quick_reply, sender).prop_map(|(quick_reply, sender)| Common { quick_reply, sender }).boxed()
    }

    fn quote(self) -> BoxedStrategy<Option<String>> {
        option::of(self.or("[A-Za-z0-9]{1,60}", Just(String::new()))).boxed()
    }

    fn text(self) -> impl Strategy<Value = OutgoingMessage> {
        let places = vec(self.or(0..5_u32, prop_oneof![5..20_u32, any::<u32>()]), 0..5);
        (self.words(4995), places, self.quote(), self.common()).prop_map(|(text, places, quote_token, common)| {
            let emoji =
                |index| Emoji { index, product_id: "5ac1bfd5040ab15980c9b435".to_owned(), emoji_id: "001".to_owned() };
            let text = format!("$$$$${text}");
            let emojis = places.into_iter().map(emoji).collect();
            OutgoingMessage::Text(TextMessage { text, emojis, quote_token, common })
        })
    }

    fn sticker(self) -> impl Strategy<Value = OutgoingMessage> {
        let id = || self.or("[0-9]{1,9}", any::<String>());
        (id(), id(), self.quote(), self.common()).prop_map(|(package_id, sticker_id, quote_token, common)| {
            OutgoingMessage::Sticker(StickerMessage { package_id, sticker_id, quote_token, common })
        })
    }

    fn media(self) -> impl Strategy<Value = OutgoingMessage> {
        let duration = self.or(0..600_000_u64, any::<u64>());
        let tracking = option::of("[a-z0-9-]{1,20}");
        (0..3, self.url(), self.url(), tracking, duration, self.common()).prop_map(
            |(which, original_content_url, preview_image_url, tracking_id, duration_ms, common)| match which {
                0 => OutgoingMessage::Image(ImageMessage { original_content_url, preview_image_url, common }),
                1 => OutgoingMessage::Video(VideoMessage {
                    original_content_url,
                    preview_image_url,
                    tracking_id,
                    common,
                }),
                _ => OutgoingMessage::Audio(AudioMessage { original_content_url, duration_ms, common }),
            },
        )
    }

    fn location(self) -> impl Strategy<Value = OutgoingMessage> {
        let (latitude, longitude) = (self.or(-90.0..=90.0, any::<f64>()), self.or(-180.0..=180.0, any::<f64>()));
        (self.words(100), self.words(100), latitude, longitude, self.common()).prop_map(
            |(title, address, latitude, longitude, common)| {
                OutgoingMessage::Location(LocationMessage { title, address, latitude, longitude, common })
            },
        )
    }

    fn flex(self) -> impl Strategy<Value = OutgoingMessage> {
        let contents = self.or(select(flex_contents()), select(odd_values()));
        (self.words(400), contents, self.common())
            .prop_map(|(alt_text, contents, common)| OutgoingMessage::Flex(FlexMessage { alt_text, contents, common }))
    }

    fn template(self) -> impl Strategy<Value = OutgoingMessage> {
        let template = self.or(select(templates()), select(vec![Value::Null, json!(5), json!({}), json!({"type": 5})]));
        (self.words(400), template, self.common()).prop_map(|(alt_text, template, common)| {
            OutgoingMessage::Template(TemplateMessage { alt_text, template, common })
        })
    }

    fn imagemap(self) -> impl Strategy<Value = OutgoingMessage> {
        let side = || {
            self.or(
                (1..5000).prop_map(Value::from),
                prop_oneof![
                    any::<i64>().prop_map(Value::from),
                    any::<f64>().prop_map(Value::from),
                    Just(Value::Null),
                    Just(json!("1040")),
                ],
            )
        };
        let base_size = (side(), side()).prop_map(|(width, height)| json!({"width": width, "height": height}));
        let base_size = self.or(base_size, select(odd_values()));
        let video =
            option::of(self.or(select(vec![imagemap_video()]), select(vec![Value::Null, json!("x"), json!([])])));
        let actions = self.or(vec(select(imagemap_actions()), 0..4), Just(vec![json!(5)]));
        (self.url(), self.words(400), base_size, actions, video, self.common()).prop_map(
            |(base_url, alt_text, base_size, actions, video, common)| {
                OutgoingMessage::Imagemap(ImagemapMessage { base_url, alt_text, base_size, actions, video, common })
            },
        )
    }

    fn message(self) -> BoxedStrategy<OutgoingMessage> {
        prop_oneof![
            self.text().boxed(),
            self.sticker().boxed(),
            self.media().boxed(),
            self.location().boxed(),
            self.flex().boxed(),
            self.template().boxed(),
            self.imagemap().boxed(),
        ]
        .boxed()
    }

    fn messages(self) -> BoxedStrategy<Vec<OutgoingMessage>> {
        self.or(vec(self.message(), 1..=5), vec(self.message(), 0..8))
    }
}

fn odd_values() -> Vec<Value> {
    let bubble = json!({"type": "bubble"});
    vec![
        Value::Null,
        json!(5),
        json!([]),
        json!({}),
        json!({"type": "telepathy"}),
        json!({"type": "carousel"}),
        json!({"type": "carousel", "contents": 5}),
        json!({"type": "carousel", "contents": [bubble, 5]}),
        json!({"type": "carousel", "contents": [{"type": "carousel", "contents": []}]}),
    ]
}

pub(crate) fn flex_contents() -> Vec<Value> {
    let bubble = json!({"type": "bubble", "size": "mega", "direction": "ltr",
        "hero": {"type": "image", "url": "https://example.com/hero.png", "aspectMode": "cover"},
        "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": [
            {"type": "text", "text": "Iced tea", "weight": "bold", "wrap": true},
            {"type": "separator", "margin": "md"},
            {"type": "text", "contents": [{"type": "span", "text": "45"}, {"type": "span", "text": " THB"}]},
        ]},
        "footer": {"type": "box", "layout": "horizontal", "contents": [{"type": "button", "style": "primary",
            "action": {"type": "uri", "label": "Order", "uri": "https://example.com/order"}}]},
        "styles": {"footer": {"separator": true}}});
    vec![bubble.clone(), json!({"type": "bubble"}), json!({"type": "carousel", "contents": [bubble.clone(), bubble]})]
}

pub(crate) fn templates() -> Vec<Value> {
    let say = json!({"type": "message", "label": "Yes", "text": "Yes"});
    let pick = json!({"type": "datetimepicker", "label": "When", "data": "when", "mode": "datetime"});
    vec![
        json!({"type": "buttons", "title": "Menu", "text": "Choose", "thumbnailImageUrl": "https://example.com/a.png",
            "actions": [say, pick]}),
        json!({"type": "confirm", "text": "Sure?", "actions": [say, say]}),
        json!({"type": "carousel", "columns": [{"text": "One", "actions": [say]}, {"text": "Two", "actions": [pick]}]}),
        json!({"type": "image_carousel", "columns": [{"imageUrl": "https://example.com/a.png", "action": say}]}),
    ]
}

pub(crate) fn imagemap_actions() -> Vec<Value> {
    let area = json!({"x": 0, "y": 0, "width": 520, "height": 1040});
    vec![
        json!({"type": "uri", "label": "Shop", "linkUri": "https://example.com/", "area": area}),
        json!({"type": "message", "text": "Hello", "area": area}),
        json!({"type": "clipboard", "clipboardText": "CODE", "area": area}),
    ]
}

pub(crate) fn imagemap_video() -> Value {
    json!({"originalContentUrl": "https://example.com/v.mp4", "previewImageUrl": "https://example.com/v.png",
        "area": {"x": 0, "y": 0, "width": 1040, "height": 585},
        "externalLink": {"linkUri": "https://example.com/more", "label": "More"}})
}

proptest! {
    #[test]
    fn what_line_takes_is_accepted_by_both(messages in Make { wild: false }.messages()) {
        prop_assert_eq!(validate(&messages), Ok(()));
        let api = linedesk_line_openapi::messaging_api();
        let request = serde_json::to_value(PushRequest::new("U1", messages)).unwrap();
        prop_assert_eq!(api.faults("PushMessageRequest", &request), [""; 0]);
    }

    #[test]
    fn what_validate_accepts_the_schema_accepts(
        messages in Make { wild: true }.messages(),
        address in "[A-Za-z0-9]{0,9}",
        notification_disabled: bool,
    ) {
        let api = linedesk_line_openapi::messaging_api();
        for message in messages.iter().filter(|message| message.validate().is_ok()) {
            prop_assert_eq!(api.faults("Message", &serde_json::to_value(message).unwrap()), [""; 0]);
        }
        let push = PushRequest { notification_disabled, ..PushRequest::new(address.clone(), messages.clone()) };
        if push.validate().is_ok() {
            prop_assert_eq!(api.faults("PushMessageRequest", &serde_json::to_value(&push).unwrap()), [""; 0]);
        }
        let reply = ReplyRequest { notification_disabled, ..ReplyRequest::new(address, messages) };
        prop_assert_eq!(reply.validate().is_ok(), push.validate().is_ok());
        if reply.validate().is_ok() {
            prop_assert_eq!(api.faults("ReplyMessageRequest", &serde_json::to_value(&reply).unwrap()), [""; 0]);
        }
    }

    #[test]
    fn messages_are_read_back_as_they_were_written(messages in Make { wild: false }.messages()) {
        // Through a `Value`: from text, the last digit of a coordinate may become its neighbour.
        let written = serde_json::to_value(&messages).unwrap();
        prop_assert_eq!(serde_json::from_value::<Vec<OutgoingMessage>>(written).unwrap(), messages);
    }
}
