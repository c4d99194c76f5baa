//! Whether message objects have LINE's form. Text is checked whole; of the other types, that they have what they must
//! and that their texts and lists are within their limits. The inside of flex, templates and imagemaps is not checked.

use serde_json::Value;

use super::answer::Detail;
use crate::media::is_fetchable;

/// LINE counts text in UTF-16 code units.
const TEXT_UNITS: usize = 5_000;

/// A property of a message type.
enum Rule {
    Present(&'static str),
    /// A text that must be there, with its limit in UTF-16 code units.
    Text(&'static str, usize),
    /// An `https` address of at most 2000 characters.
    Url(&'static str),
}

use Rule::{Present, Text, Url};

const TYPES: [(&str, &[Rule]); 11] = [
    ("text", &[Text("text", TEXT_UNITS)]),
    ("textV2", &[Text("text", TEXT_UNITS)]),
    ("sticker", &[Text("packageId", 100), Text("stickerId", 100)]),
    ("image", &[Url("originalContentUrl"), Url("previewImageUrl")]),
    ("video", &[Url("originalContentUrl"), Url("previewImageUrl")]),
    ("audio", &[Url("originalContentUrl"), Present("duration")]),
    ("location", &[Text("title", 100), Text("address", 100), Present("latitude"), Present("longitude")]),
    ("imagemap", &[Url("baseUrl"), Text("altText", 1_500), Present("baseSize"), Present("actions")]),
    ("template", &[Text("altText", 1_500), Present("template")]),
    ("flex", &[Text("altText", 1_500), Present("contents")]),
    ("coupon", &[Text("couponId", 2_000)]),
];

/// Everything that is wrong with the `messages` of a request.
pub(super) fn messages(messages: Option<&Value>) -> Vec<Detail> {
    match messages {
        None | Some(Value::Null) => vec![Detail::empty("messages")],
        Some(Value::Array(messages)) if (1..=5).contains(&messages.len()) => {
            messages.iter().enumerate().flat_map(|(index, message)| check(index, message)).collect()
        }
        Some(_) => vec![Detail::new("Size must be between 1 and 5", "messages")],
    }
}

fn check(index: usize, message: &Value) -> Vec<Detail> {
    let path = |name: &str| format!("messages[{index}].{name}");
    let kind = message.get("type").and_then(Value::as_str).unwrap_or("");
    if kind.is_empty() {
        return vec![Detail::empty(path("type"))];
    }
    let Some((_, rules)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        let known: Vec<_> = TYPES.iter().map(|(name, _)| *name).collect();
        return vec![Detail::new(format!("Must be one of the following values: [{}]", known.join(", ")), path("type"))];
    };
    let mut details: Vec<_> = rules.iter().filter_map(|rule| apply(rule, message, &path)).collect();
    if message["quickReply"]["items"].as_array().is_some_and(|items| items.len() > 13) {
        details.push(Detail::new("Size must be between 0 and 13", path("quickReply.items")));
    }
    if message["sender"]["name"].as_str().is_some_and(|name| units(name) > 20) {
        details.push(Detail::new("Length must be between 0 and 20", path("sender.name")));
    }
    details
}

fn apply(rule: &Rule, message: &Value, path: &impl Fn(&str) -> String) -> Option<Detail> {
    let (Present(name) | Text(name, _) | Url(name)) = rule;
    let value = message.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""));
    let Some(value) = value else { return Some(Detail::empty(path(name))) };
    match (rule, value.as_str()) {
        (Present(_), _) => None,
        (_, None) => Some(Detail::new("Must be a string", path(name))),
        (Text(_, limit), Some(text)) if units(text) > *limit => {
            Some(Detail::new(format!("Length must be between 0 and {limit}"), path(name)))
        }
        (Url(_), Some(url)) if units(url) > 2_000 => Some(Detail::new("Length must be between 0 and 2000", path(name))),
        (Url(_), Some(url)) if !is_fetchable(url) => Some(Detail::new("Invalid URI", path(name))),
        (Text(..) | Url(_), Some(_)) => None,
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(list: &Value) -> Vec<(String, String)> {
        messages(Some(list)).into_iter().map(|detail| (detail.property, detail.message)).collect()
    }

    fn one(property: &str, message: &str) -> Vec<(String, String)> {
        vec![(property.to_owned(), message.to_owned())]
    }

    #[test]
    fn text_is_counted_in_utf_16_units() {
        assert!(said(&json!([{"type": "text", "text": "𠮷".repeat(2_500)}])).is_empty());
        let over = json!([{"type": "text", "text": "𠮷".repeat(2_500) + "a"}]);
        assert_eq!(said(&over), one("messages[0].text", "Length must be between 0 and 5000"));
    }

    #[test]
    fn every_error_is_named_with_its_place() {
        let list =
            json!([{"type": "text", "text": ""}, {"type": "hologram"}, {"text": "x"}, {"type": "text", "text": 5}]);
        let said = said(&list);
        assert_eq!(said.len(), 4);
        assert_eq!(said[0], ("messages[0].text".to_owned(), "May not be empty".to_owned()));
        assert!(said[1].1.starts_with("Must be one of the following values: [text, "));
        assert_eq!(said[2], ("messages[2].type".to_owned(), "May not be empty".to_owned()));
        assert_eq!(said[3], ("messages[3].text".to_owned(), "Must be a string".to_owned()));
    }

    #[test]
    fn one_to_five_messages() {
        assert_eq!(messages(None), vec![Detail::empty("messages")]);
        let text = json!({"type": "text", "text": "x"});
        for (count, fine) in [(0, false), (1, true), (5, true), (6, false)] {
            let list = Value::Array(vec![text.clone(); count]);
            assert_eq!(said(&list).is_empty(), fine, "{count}");
        }
        assert_eq!(said(&json!("x")), one("messages", "Size must be between 1 and 5"));
    }

    #[test]
    fn other_types_must_have_what_they_need() {
        let picture = json!([{"type": "image", "originalContentUrl": "http://x/y.png"}]);
        assert_eq!(said(&picture).len(), 2);
        let location =
            json!([{"type": "location", "title": "t".repeat(101), "address": "a", "latitude": 1, "longitude": 2}]);
        assert_eq!(said(&location), one("messages[0].title", "Length must be between 0 and 100"));
        let quick = json!([{"type": "text", "text": "x", "quickReply": {"items": vec![json!({}); 14]}}]);
        assert_eq!(said(&quick), one("messages[0].quickReply.items", "Size must be between 0 and 13"));
    }
}
