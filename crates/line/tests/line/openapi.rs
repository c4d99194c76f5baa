//! LINE's OpenAPI files, which are not part of this repository: `LINEDESK_LINE_OPENAPI_DIR`, or `../shared/line` next
//! to it. Tests that need them are skipped where they are missing, but not in continuous integration (`CI=true`).

use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::schema;

static MESSAGING_API: LazyLock<Option<Document>> = LazyLock::new(|| Document::read("messaging-api.yml"));
static WEBHOOK: LazyLock<Option<Document>> = LazyLock::new(|| Document::read("webhook.yml"));

pub(crate) fn messaging_api() -> Option<&'static Document> {
    MESSAGING_API.as_ref()
}

pub(crate) fn webhook() -> Option<&'static Document> {
    WEBHOOK.as_ref()
}

pub(crate) struct Document {
    root: Value,
}

impl Document {
    fn read(name: &str) -> Option<Self> {
        let dir = std::env::var("LINEDESK_LINE_OPENAPI_DIR").unwrap_or_else(|_| "../shared/line".to_owned());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(dir).join(name);
        let Ok(text) = std::fs::read_to_string(&path) else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{} cannot be read", path.display());
            eprintln!("skipped: {} cannot be read, set LINEDESK_LINE_OPENAPI_DIR", path.display());
            return None;
        };
        Some(Self { root: serde_yaml_ng::from_str(&text).unwrap() })
    }

    /// The tags of a schema's discriminator, with the names of their schemas.
    pub(crate) fn mapping(&self, schema: &str) -> Vec<(&str, &str)> {
        let mapping = &self.root["components"]["schemas"][schema]["discriminator"]["mapping"];
        let mapping = mapping.as_object().expect("the schema has a discriminator");
        mapping.iter().map(|(tag, pointer)| (tag.as_str(), name_of(pointer.as_str().unwrap()))).collect()
    }

    /// What is wrong with a value that should be of a named schema.
    pub(crate) fn faults(&self, schema: &str, value: &Value) -> Vec<String> {
        self.faults_of(&json!({"$ref": format!("#/components/schemas/{schema}")}), value)
    }

    fn faults_of(&self, schema: &Value, value: &Value) -> Vec<String> {
        schema::faults(&self.root, schema, value)
    }

    /// The operation behind a method and a path as it is sent; literal segments go before parameters.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let paths = self.root["paths"].as_object().unwrap();
        let fitting = paths.iter().filter(|(template, _)| fits(template, path));
        let (template, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        let operation = item.get(method.to_lowercase())?;
        Some(Operation { document: self, template, item, details: operation })
    }
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

pub(crate) struct Operation<'d> {
    document: &'d Document,
    template: &'d str,
    item: &'d Value,
    details: &'d Value,
}

impl<'d> Operation<'d> {
    pub(crate) fn id(&self) -> &'d str {
        self.details["operationId"].as_str().unwrap()
    }

    /// Where it is served.
    pub(crate) fn server(&self) -> &'d str {
        let own = [self.details, self.item, &self.document.root].into_iter().find_map(|place| place.get("servers"));
        own.unwrap()[0]["url"].as_str().unwrap()
    }

    /// The names of its parameters in a place: `path`, `query` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> Vec<String> {
        let lists = [self.item, self.details].into_iter().filter_map(|holder| holder.get("parameters")?.as_array());
        let here = lists.flatten().filter(|parameter| parameter["in"] == place);
        here.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The names in braces in its path.
    pub(crate) fn placeholders(&self) -> Vec<String> {
        let parts = self.template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        parts.map(str::to_owned).collect()
    }

    /// What is wrong with a request's body.
    pub(crate) fn body_faults(&self, body: &[u8]) -> Vec<String> {
        match self.details.get("requestBody").map(|body| &body["content"]["application/json"]["schema"]) {
            None if body.is_empty() => Vec::new(),
            None => vec!["the operation takes no body".to_owned()],
            Some(schema) => match serde_json::from_slice(body) {
                Ok(body) => self.document.faults_of(schema, &body),
                Err(error) => vec![format!("the body is no JSON: {error}")],
            },
        }
    }

    /// The status of its success, and what is wrong with an answer to it; without a schema there is no answer.
    pub(crate) fn answer_faults(&self, answer: Option<&Value>) -> (u16, Vec<String>) {
        let responses = self.details["responses"].as_object().unwrap();
        let (status, response) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        let schema = response.pointer("/content/application~1json/schema");
        let faults = match (schema, answer) {
            (Some(schema), Some(answer)) => self.document.faults_of(schema, answer),
            (None, None) => Vec::new(),
            (expected, _) => vec![format!("an answer is {}expected", if expected.is_some() { "" } else { "not " })],
        };
        (status.parse().unwrap(), faults)
    }

    /// LINE's example answers.
    pub(crate) fn examples(&self) -> Vec<&'d Value> {
        let Some(content) = self.details.pointer("/responses/200/content/application~1json") else {
            return Vec::new();
        };
        let several = content.get("examples").and_then(Value::as_object).into_iter().flatten();
        content.get("example").into_iter().chain(several.filter_map(|(_, example)| example.get("value"))).collect()
    }
}
