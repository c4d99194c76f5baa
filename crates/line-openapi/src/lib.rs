//! LINE's OpenAPI files, and whether requests, answers and webhooks fit them. The check is stricter than LINE: a field
//! that no schema names is a fault.
//!
//! It is for tests and for the simulated LINE; the desk itself does not use it.

mod schema;

use std::sync::LazyLock;

use serde_json::{Value, json};

macro_rules! document {
    ($name:literal) => {
        LazyLock::new(|| Document::parse(include_str!(concat!("../line/", $name))))
    };
}

static MESSAGING_API: LazyLock<Document> = document!("messaging-api.yml");
static WEBHOOK: LazyLock<Document> = document!("webhook.yml");
static TOKENS: LazyLock<Document> = document!("channel-access-token.yml");

/// The Messaging API: `/v2/bot/…`.
pub fn messaging_api() -> &'static Document {
    &MESSAGING_API
}

/// What LINE sends: its schema `CallbackRequest`.
pub fn webhook() -> &'static Document {
    &WEBHOOK
}

/// Channel access tokens: `/oauth2/…` and `/v2/oauth/…`.
pub fn channel_access_token() -> &'static Document {
    &TOKENS
}

/// One of LINE's files.
#[derive(Debug)]
pub struct Document {
    root: Value,
}

impl Document {
    fn parse(text: &str) -> Self {
        Self { root: serde_yaml_ng::from_str(text).expect("the file is embedded, and a test reads it") }
    }

    /// The tags of a schema's discriminator, with the names of their schemas.
    pub fn mapping(&self, schema: &str) -> Vec<(&str, &str)> {
        let mapping = &self.root["components"]["schemas"][schema]["discriminator"]["mapping"];
        let mapping = mapping.as_object().into_iter().flatten();
        mapping.map(|(tag, pointer)| (tag.as_str(), name_of(text(pointer)))).collect()
    }

    /// What is wrong with a value that should be of a named schema.
    pub fn faults(&self, schema: &str, value: &Value) -> Vec<String> {
        self.faults_of(&json!({"$ref": format!("#/components/schemas/{schema}")}), value)
    }

    fn faults_of(&self, schema: &Value, value: &Value) -> Vec<String> {
        schema::faults(&self.root, schema, value)
    }

    /// The operation behind a method and a path as it is sent; literal segments go before parameters.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let paths = self.root["paths"].as_object().into_iter().flatten();
        let fitting = paths.filter(|(template, _)| fits(template, path));
        let (template, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        let operation = item.get(method.to_lowercase())?;
        Some(Operation { document: self, template, item, details: operation })
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn name_of(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(
            |(part, given)| {
                if part.starts_with('{') { !given.is_empty() } else { *part == given }
            },
        )
}

/// What one method of one path does.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'d> {
    document: &'d Document,
    template: &'d str,
    item: &'d Value,
    details: &'d Value,
}

impl<'d> Operation<'d> {
    pub fn id(&self) -> &'d str {
        text(&self.details["operationId"])
    }

    /// Where it is served.
    pub fn server(&self) -> &'d str {
        let own = [self.details, self.item, &self.document.root].into_iter().find_map(|place| place.get("servers"));
        own.map(|servers| text(&servers[0]["url"])).unwrap_or_default()
    }

    /// Its parameters in a place: `path`, `query` or `header`.
    fn parameters_in(&self, place: &str) -> impl Iterator<Item = &'d Value> {
        let lists = [self.item, self.details].into_iter().filter_map(|holder| holder.get("parameters")?.as_array());
        lists.flatten().filter(move |parameter| parameter["in"] == place)
    }

    /// Their names.
    pub fn parameters(&self, place: &str) -> Vec<&'d str> {
        self.parameters_in(place).map(|parameter| text(&parameter["name"])).collect()
    }

    /// What is wrong with a request to this operation.
    pub fn request_faults(&self, request: &Request<'_>) -> Vec<String> {
        let query: Vec<_> = form_urlencoded::parse(request.query.as_bytes()).map(|(name, _)| name).collect();
        let query: Vec<_> = query.iter().map(AsRef::as_ref).collect();
        let mut faults = self.given_faults("query", &query, true);
        faults.extend(self.given_faults("header", &request.headers, false));
        faults.extend(self.body_faults(request.content_type, request.body));
        faults
    }

    /// A header that is not declared may be anyone's; one of LINE's may not.
    fn given_faults(&self, place: &str, given: &[&str], closed: bool) -> Vec<String> {
        let is = |parameter: &Value, name: &str| text(&parameter["name"]).eq_ignore_ascii_case(name);
        let unknown = given.iter().filter(|name| {
            (closed || name.to_ascii_lowercase().starts_with("x-line-"))
                && !self.parameters_in(place).any(|parameter| is(parameter, name))
        });
        let missing = self
            .parameters_in(place)
            .filter(|parameter| parameter["required"] == true && !given.iter().any(|name| is(parameter, name)));
        unknown
            .map(|name| format!("{place} `{name}`: the operation takes none"))
            .chain(missing.map(|parameter| format!("{place} `{}` is missing", text(&parameter["name"]))))
            .collect()
    }

    /// The names in braces in its path.
    pub fn placeholders(&self) -> Vec<String> {
        let parts = self.template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        parts.map(str::to_owned).collect()
    }

    fn body_faults(&self, content_type: Option<&str>, body: &[u8]) -> Vec<String> {
        let declared = self.details.get("requestBody").and_then(|body| body["content"].as_object());
        let Some((kind, schema)) = declared.and_then(|content| content.iter().next()) else {
            return if body.is_empty() { Vec::new() } else { vec!["the operation takes no body".to_owned()] };
        };
        let given = content_type.and_then(|given| given.split(';').next()).unwrap_or_default().trim();
        if !given.eq_ignore_ascii_case(kind) {
            return vec![format!("the body is `{given}` and not `{kind}`")];
        }
        let value = if kind == FORM { Ok(form(body)) } else { serde_json::from_slice(body) };
        match value {
            Ok(value) => self.document.faults_of(&schema["schema"], &value),
            Err(error) => vec![format!("the body is no JSON: {error}")],
        }
    }

    /// The status of its success.
    pub fn success(&self) -> u16 {
        self.successful().and_then(|(status, _)| status.parse().ok()).unwrap_or_default()
    }

    fn successful(&self) -> Option<(&'d String, &'d Value)> {
        self.details["responses"].as_object()?.iter().find(|(status, _)| status.starts_with('2'))
    }

    /// What is wrong with an answer of success; without a schema there is no answer.
    pub fn answer_faults(&self, answer: Option<&Value>) -> Vec<String> {
        let schema = self.successful().and_then(|(_, response)| response.pointer("/content/application~1json/schema"));
        match (schema, answer) {
            (Some(schema), Some(answer)) => self.document.faults_of(schema, answer),
            (None, None) => Vec::new(),
            (expected, _) => vec![format!("an answer is {}expected", if expected.is_some() { "" } else { "not " })],
        }
    }

    /// LINE's example answers.
    pub fn examples(&self) -> Vec<&'d Value> {
        let Some(content) = self.details.pointer("/responses/200/content/application~1json") else {
            return Vec::new();
        };
        let several = content.get("examples").and_then(Value::as_object).into_iter().flatten();
        content.get("example").into_iter().chain(several.filter_map(|(_, example)| example.get("value"))).collect()
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A form's fields as an object of texts. Where a name comes twice the value is a list, which no schema of LINE's takes.
fn form(body: &[u8]) -> Value {
    let mut fields = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(body).into_owned() {
        let value = if let Some(first) = fields.get(&name) { json!([first, value]) } else { value.into() };
        fields.insert(name, value);
    }
    Value::Object(fields)
}

/// A request as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Request<'r> {
    /// As it follows the `?`.
    pub query: &'r str,
    /// The names of the headers; their values are not looked at.
    pub headers: Vec<&'r str>,
    pub content_type: Option<&'r str>,
    pub body: &'r [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_files_are_read() {
        assert!(messaging_api().operation("POST", "/v2/bot/message/push").is_some());
        assert!(messaging_api().operation("GET", "/v2/bot/message/push").is_none());
        assert!(channel_access_token().operation("POST", "/oauth2/v3/token").is_some());
        assert_eq!(
            webhook().faults("CallbackRequest", &json!({"destination": format!("U{}", "0".repeat(32)), "events": []})),
            [""; 0]
        );
    }

    fn faults(method: &str, path: &str, request: &Request<'_>) -> Vec<String> {
        let document = if path.starts_with("/oauth2") { channel_access_token() } else { messaging_api() };
        document.operation(method, path).unwrap().request_faults(request)
    }

    #[test]
    fn each_part_of_a_request_is_looked_at() {
        let body = br#"{"to":"U1","messages":[{"type":"text","text":"Hi"}]}"#;
        let push = Request { body, content_type: Some("application/json; charset=utf-8"), ..Request::default() };
        let said = |request: &Request<'_>| faults("POST", "/v2/bot/message/push", request);
        assert_eq!(said(&push), [""; 0]);
        let headers = vec!["x-line-retry-key", "accept"];
        assert_eq!(said(&Request { headers, ..push.clone() }), [""; 0]);
        let headers = vec!["x-line-retry"];
        assert_eq!(said(&Request { headers, ..push.clone() }), ["header `x-line-retry`: the operation takes none"]);
        assert_eq!(said(&Request { query: "dry=1", ..push.clone() }), ["query `dry`: the operation takes none"]);
        assert_eq!(
            said(&Request { content_type: None, ..push.clone() }),
            ["the body is `` and not `application/json`"]
        );
        assert_eq!(said(&Request { body: br#"{"to":"U1"}"#, ..push.clone() }), ["$: `messages` is missing"]);
        assert!(said(&Request { body: b"{", ..push.clone() })[0].starts_with("the body is no JSON"));
        let given = faults("GET", "/v2/bot/profile/U1", &push);
        assert_eq!(given, ["the operation takes no body"]);
        let missing = faults("GET", "/oauth2/v2.1/verify", &Request::default());
        assert_eq!(missing, ["query `access_token` is missing"]);
    }

    #[test]
    fn a_form_is_read_by_its_schema() {
        let said = |body: &str| {
            let request = Request { body: body.as_bytes(), content_type: Some(FORM), ..Request::default() };
            faults("POST", "/oauth2/v2.1/token", &request)
        };
        let right = "grant_type=client_credentials&client_assertion_type=urn%3Ax&client_assertion=a.b.c";
        assert_eq!(said(right), [""; 0]);
        assert_eq!(said("grant_type=x&client_assertion=a"), ["$: `client_assertion_type` is missing"]);
        assert_eq!(said(&format!("{right}&grant_type=x")), ["$.grant_type: is not type \"string\""]);
    }
}
