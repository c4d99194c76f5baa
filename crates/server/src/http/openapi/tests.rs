use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use utoipa::OpenApi as _;

use super::document::Document;
use crate::http;

fn document() -> Value {
    serde_json::to_value(Document::openapi()).unwrap()
}

/// Method and path of every operation, with the operation.
fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |m| (path, m)));
    methods.map(|(path, (method, operation))| ((method.clone(), path.clone()), operation)).collect()
}

/// Every `$ref` in a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                found.insert(target);
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// `LINEDESK_UPDATE_GENERATED=1 cargo test -p linedesk-server --lib openapi` rewrites it.
#[test]
fn the_description_in_the_repository_is_that_of_the_code() {
    let text = Document::openapi().to_pretty_json().unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("LINEDESK_UPDATE_GENERATED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/openapi.json is out of date: run with LINEDESK_UPDATE_GENERATED=1");
}

#[test]
fn every_route_is_described_and_every_description_is_routed() {
    let document = document();
    let described: BTreeSet<_> = operations(&document).into_keys().collect();
    let routed: BTreeSet<_> =
        http::routes().table.into_iter().map(|(method, path)| (method.to_owned(), path)).collect();
    // What is also served under `/api/v1` is described there.
    let is_alias = |(method, path): &(String, String)| routed.contains(&(method.clone(), format!("/api/v1{path}")));
    let undescribed: Vec<_> = routed.difference(&described).filter(|route| !is_alias(route)).collect();
    assert!(undescribed.is_empty(), "add `#[utoipa::path]` and a line in `Document` for {undescribed:?}");
    let unrouted: Vec<_> = described.difference(&routed).collect();
    assert!(unrouted.is_empty(), "the router does not know {unrouted:?}");
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in &found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(found.contains(&*format!("#/components/{kind}/{name}")), "nothing refers to {kind}/{name}");
        }
    }
}

#[test]
fn enums_are_described_as_they_are_written() {
    let document = document();
    macro_rules! check {
        ($($name:ident),+) => { $({
            let described = &document["components"]["schemas"][stringify!($name)]["enum"];
            let written: Vec<_> = linedesk_protocol::$name::ALL.iter().map(|value| value.as_str()).collect();
            assert_eq!(*described, serde_json::json!(written), "{}", stringify!($name));
        })+ };
    }
    check!(
        Role,
        OperatorStatus,
        SourceType,
        FriendStatus,
        ChatMode,
        SessionStatus,
        ClosedBy,
        Direction,
        SenderRole,
        MessageType,
        DeliveryState,
        DeliveryCost,
        ErrorCode
    );
}

#[test]
fn every_operation_says_what_a_client_needs() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    for ((method, path), operation) in operations(&document) {
        let at = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{at}: {id} is another operation's id");
        assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{at}: no summary");
        for tag in operation["tags"].as_array().unwrap() {
            assert!(tags.contains(tag.as_str().unwrap()), "{at}: the tag {tag} has no description");
        }
        for requirement in operation["security"].as_array().into_iter().flatten() {
            for scheme in requirement.as_object().unwrap().keys() {
                assert!(schemes.contains_key(scheme), "{at}: there is no scheme {scheme}");
            }
        }
        let declared: BTreeSet<_> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let in_path: BTreeSet<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(declared, in_path, "{at}: the path's parameters");
    }
}

/// Operations that cannot be the caller's fault.
const NEVER_REFUSED: &[&str] = &["healthz", "readyz", "openapi", "docs"];

#[test]
fn er1_every_operation_tells_its_success_and_its_refusals() {
    let document = document();
    for ((method, path), operation) in operations(&document) {
        let at = format!("{method} {path}");
        let answers = operation["responses"].as_object().unwrap();
        let succeeds = |status: &String| status.starts_with('2') || status == "101";
        assert!(answers.keys().any(succeeds), "{at}: no success");
        let is_refused = answers.keys().any(|status| status.starts_with('4'));
        let id = operation["operationId"].as_str().unwrap();
        assert_eq!(is_refused, !NEVER_REFUSED.contains(&id), "{at}: a refusal is missing, or there is one");
        // Signed-in operations refuse whoever is not (AU3).
        assert!(operation.get("security").is_some() || answers.contains_key("401"), "{at}: no 401");
        // What acts is counted (WS7).
        let acts = operation.get("security").is_none() && method != "get";
        assert!(!acts || answers.contains_key("429"), "{at}: no 429");
        for (status, answer) in answers.iter().filter(|(status, _)| !succeeds(status)) {
            let answer = match answer["$ref"].as_str() {
                Some(target) => document.pointer(target.strip_prefix('#').unwrap()).unwrap(),
                None => answer,
            };
            let codes =
                &answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"];
            for code in codes.as_array().unwrap() {
                let code: linedesk_protocol::ErrorCode = code.as_str().unwrap().parse().unwrap();
                assert_eq!(code.http_status().to_string(), *status, "{at}: {code}");
            }
        }
    }
}
