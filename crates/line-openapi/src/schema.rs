//! A small check of JSON values against OpenAPI 3.0 schemas, as strict as LINE: fields that no schema names are faults,
//! and so are keywords that this check does not know, so that nothing passes for lack of understanding.

use serde_json::{Map, Value, json};

/// Keywords that say nothing about a value, or that are read along with others.
const PASSIVE: [&str; 13] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "externalDocs",
    "nullable",
    "oneOf",
    "properties",
    "title",
];

/// What is wrong with a value; empty where nothing is.
pub(crate) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check { document, faults: Vec::new(), open: false };
    check.value("$", schema, value);
    check.faults
}

struct Check<'d> {
    document: &'d Value,
    faults: Vec<String>,
    /// Fields that no schema names are fine: only a part of the schemas is looked at.
    open: bool,
}

impl<'d> Check<'d> {
    fn fault(&mut self, at: &str, what: impl AsRef<str>) {
        self.faults.push(format!("{at}: {}", what.as_ref()));
    }

    fn value(&mut self, at: &str, schema: &'d Value, value: &Value) {
        let mut parts = Vec::new();
        self.gather(at, schema, value, false, &mut Vec::new(), &mut parts);
        if value.is_null() && parts.iter().any(|part| part.get("nullable") == Some(&json!(true))) {
            return;
        }
        for part in &parts {
            self.part(at, part, value);
        }
        if let Value::Object(fields) = value {
            self.fields(at, &parts, fields);
        }
    }

    /// All schemas that a value must fit at once: what is referred to, what is combined, what the discriminator picks.
    fn gather(
        &mut self,
        at: &str,
        schema: &'d Value,
        value: &Value,
        is_base: bool,
        seen: &mut Vec<&'d str>,
        parts: &mut Vec<&'d Value>,
    ) {
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            if !seen.contains(&pointer) {
                seen.push(pointer);
                match resolve(self.document, pointer) {
                    Some(schema) => self.gather(at, schema, value, is_base, seen, parts),
                    None => self.fault(at, format!("`{pointer}` is not in the document")),
                }
            }
            return;
        }
        parts.push(schema);
        for base in list(schema, "allOf") {
            self.gather(at, base, value, true, seen, parts);
        }
        if let Some(discriminator) = schema.get("discriminator") {
            self.discriminated(at, discriminator, value, is_base, seen, parts);
        }
        let alternatives = list(schema, "oneOf");
        if !alternatives.is_empty() {
            let fitting: Vec<_> = alternatives.iter().filter(|schema| self.fits(schema, value)).collect();
            match fitting.as_slice() {
                [one] => self.gather(at, one, value, false, seen, parts),
                several => self.fault(at, format!("fits {} of the alternatives", several.len())),
            }
        }
    }

    fn discriminated(
        &mut self,
        at: &str,
        discriminator: &'d Value,
        value: &Value,
        is_base: bool,
        seen: &mut Vec<&'d str>,
        parts: &mut Vec<&'d Value>,
    ) {
        let name = discriminator["propertyName"].as_str().unwrap_or_default();
        let Some(tag) = value.get(name).and_then(Value::as_str) else {
            return self.fault(at, format!("`{name}` is missing, which tells the schema"));
        };
        let Some(pointer) = discriminator["mapping"][tag].as_str() else {
            return self.fault(at, format!("`{name}` cannot be `{tag}`"));
        };
        if seen.contains(&pointer) {
            return;
        }
        if is_base {
            return self.fault(at, format!("`{name}` cannot be `{tag}` here"));
        }
        seen.push(pointer);
        match resolve(self.document, pointer) {
            Some(schema) => self.gather(at, schema, value, false, seen, parts),
            None => self.fault(at, format!("`{pointer}` is not in the document")),
        }
    }

    fn fits(&self, schema: &'d Value, value: &Value) -> bool {
        let mut check = Check { document: self.document, faults: Vec::new(), open: true };
        check.value("$", schema, value);
        check.faults.is_empty()
    }

    fn part(&mut self, at: &str, part: &'d Value, value: &Value) {
        for (keyword, rule) in part.as_object().into_iter().flatten() {
            let fine = match keyword.as_str() {
                "type" => is_of_type(rule, value),
                "enum" => rule.as_array().is_some_and(|values| values.contains(value)),
                "format" => is_of_format(rule, value),
                "minimum" => value.as_f64() >= rule.as_f64(),
                "maximum" => value.as_f64() <= rule.as_f64(),
                "minLength" => units(value) >= rule.as_u64(),
                "maxLength" => units(value) <= rule.as_u64(),
                "pattern" => fits_pattern(rule, value),
                "minItems" => items(value) >= rule.as_u64(),
                "maxItems" => items(value) <= rule.as_u64(),
                "required" => {
                    for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                        if value.get(name).is_none() {
                            self.fault(at, format!("`{name}` is missing"));
                        }
                    }
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(&format!("{at}[{index}]"), rule, item);
                    }
                    true
                }
                known if PASSIVE.contains(&known) => true,
                unknown => {
                    self.fault(at, format!("the schema says `{unknown}`, which this check does not know"));
                    true
                }
            };
            if !fine {
                self.fault(at, format!("is not {keyword} {rule}"));
            }
        }
    }

    fn fields(&mut self, at: &str, parts: &[&'d Value], fields: &Map<String, Value>) {
        for (name, field) in fields {
            let at = format!("{at}.{name}");
            let schemas: Vec<_> = parts.iter().filter_map(|part| part.get("properties")?.get(name)).collect();
            for schema in &schemas {
                self.value(&at, schema, field);
            }
            if schemas.is_empty() {
                match parts.iter().find_map(|part| part.get("additionalProperties")) {
                    Some(schema @ Value::Object(_)) => self.value(&at, schema, field),
                    Some(Value::Bool(true)) => {}
                    _ if self.open => {}
                    _ => self.fault(&at, "no schema names it"),
                }
            }
        }
    }
}

fn resolve<'d>(document: &'d Value, pointer: &str) -> Option<&'d Value> {
    document.pointer(pointer.strip_prefix('#')?)
}

fn list<'d>(schema: &'d Value, keyword: &str) -> &'d [Value] {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    match rule.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}

fn is_of_format(rule: &Value, value: &Value) -> bool {
    match rule.as_str() {
        Some("uri") => value.as_str().is_some_and(is_uri),
        Some("date-time") => value.as_str().is_some_and(is_date_time),
        Some("int32") => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Some("int64") => value.is_i64(),
        Some("double") => value.is_number(),
        _ => false,
    }
}

/// RFC 3986, roughly: a scheme and only characters that a URI may have.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|each| each.is_ascii_alphanumeric() || "+-.".contains(each));
    let is_allowed = |each: char| each.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(each);
    let is_escaped = |part: &str| part.len() >= 2 && part.chars().take(2).all(|each| each.is_ascii_hexdigit());
    is_scheme && rest.chars().all(is_allowed) && rest.split('%').skip(1).all(is_escaped)
}

/// RFC 3339, roughly: its digits and separators in their places.
fn is_date_time(text: &str) -> bool {
    let is_zone = |zone: &str| zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-']));
    text.get(..19).is_some_and(|start| {
        start.chars().zip("0000-00-00T00:00:00".chars()).all(|(each, model)| match model {
            '0' => each.is_ascii_digit(),
            separator => each == separator,
        })
    }) && is_zone(text[19..].trim_start_matches(|each: char| each == '.' || each.is_ascii_digit()))
}

fn fits_pattern(rule: &Value, value: &Value) -> bool {
    let pattern = rule.as_str().and_then(|pattern| regex::Regex::new(pattern).ok());
    pattern.is_some_and(|pattern| value.as_str().is_some_and(|text| pattern.is_match(text)))
}

/// LINE counts UTF-16 code units.
fn units(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.encode_utf16().fold(0, |count, _| count + 1))
}

fn items(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.iter().fold(0, |count, _| count + 1))
}

/// A check that finds nothing is worth nothing: each rule refuses something.
#[cfg(test)]
mod tests {
    use super::*;

    fn animals() -> Value {
        json!({"schemas": {
            "Animal": {
                "type": "object",
                "required": ["type", "name"],
                "properties": {"type": {"type": "string"}, "name": {"type": "string", "minLength": 2, "maxLength": 4}},
                "discriminator": {"propertyName": "type", "mapping": {"cat": "#/schemas/Cat", "dog": "#/schemas/Dog"}}
            },
            "Cat": {"allOf": [{"$ref": "#/schemas/Animal"}, {"type": "object", "required": ["lives"], "properties": {
                "lives": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9},
                "color": {"type": "string", "enum": ["red", "black"]},
                "home": {"type": "string", "format": "uri", "nullable": true},
                "friends": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"$ref": "#/schemas/Animal"}},
                "born": {"type": "string", "format": "date-time"},
                "tags": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "weight": {"oneOf": [{"type": "number"}, {"type": "string"}]},
            }}]},
            "Dog": {"allOf": [{"$ref": "#/schemas/Animal"}]},
            "Plate": {"type": "string", "pattern": "^x[0-9]{2}$"},
            "Odd": {"type": "string", "multipleOf": 2},
        }})
    }

    fn found(schema: &str, value: &Value) -> Vec<String> {
        let document = animals();
        faults(&document, &json!({"$ref": format!("#/schemas/{schema}")}), value)
    }

    #[test]
    fn right_values_have_no_faults() {
        let cat = json!({"type": "cat", "name": "Mimi", "lives": 9, "color": "red", "home": "https://example.com/%20?a=b",
            "friends": [{"type": "dog", "name": "Rex"}], "tags": {"shy": true}, "weight": 4.5, "born": "2020-09-30T05:38:20.031Z"});
        assert_eq!(found("Animal", &cat), [""; 0]);
        assert_eq!(found("Cat", &cat), [""; 0]);
        assert_eq!(found("Animal", &json!({"type": "cat", "name": "Mimi", "lives": 1, "home": null})), [""; 0]);
    }

    #[test]
    fn each_rule_refuses_something() {
        let with = |change: Value| {
            let mut cat = json!({"type": "cat", "name": "Mimi", "lives": 9});
            cat.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            found("Animal", &cat)
        };
        for (change, fault) in [
            (json!({"type": "cow"}), "$: `type` cannot be `cow`"),
            (json!({"name": "M"}), "$.name: is not minLength 2"),
            (json!({"name": "😀😀😀"}), "$.name: is not maxLength 4"),
            (json!({"name": null}), "$.name: is not type \"string\""),
            (json!({"lives": 0}), "$.lives: is not minimum 1"),
            (json!({"lives": 10}), "$.lives: is not maximum 9"),
            (json!({"lives": "9"}), "$.lives: is not type \"integer\""),
            (json!({"lives": 1.5}), "$.lives: is not type \"integer\""),
            (json!({"lives": 3_000_000_000_u32}), "$.lives: is not format \"int32\""),
            (json!({"color": "blue"}), "$.color: is not enum [\"red\",\"black\"]"),
            (json!({"home": "example.com"}), "$.home: is not format \"uri\""),
            (json!({"home": "https://example.com/a b"}), "$.home: is not format \"uri\""),
            (json!({"home": "https://example.com/%2"}), "$.home: is not format \"uri\""),
            (json!({"born": "2020-09-30"}), "$.born: is not format \"date-time\""),
            (json!({"born": "2020-09-30T05:38:20"}), "$.born: is not format \"date-time\""),
            (json!({"friends": []}), "$.friends: is not minItems 1"),
            (json!({"friends": {}}), "$.friends: is not type \"array\""),
            (json!({"friends": [{"type": "dog"}]}), "$.friends[0]: `name` is missing"),
            (json!({"friends": [{"name": "Rex"}]}), "$.friends[0]: `type` is missing, which tells the schema"),
            (
                json!({"friends": [{"type": "dog", "name": "Rex", "lives": 1}]}),
                "$.friends[0].lives: no schema names it",
            ),
            (json!({"tags": {"shy": 1}}), "$.tags.shy: is not type \"boolean\""),
            (json!({"weight": true}), "$: fits 0 of the alternatives"),
            (json!({"nmae": "Mimi"}), "$.nmae: no schema names it"),
        ] {
            let faults = with(change.clone());
            let fault = fault.replace("$: fits", "$.weight: fits");
            assert!(faults.contains(&fault), "{change}: {faults:?} lacks {fault}");
        }
        let three = vec![json!({"type": "dog", "name": "Rex"}); 3];
        assert_eq!(with(json!({"friends": three})), ["$.friends: is not maxItems 2"]);
        assert_eq!(found("Animal", &json!({"type": "cat", "name": "Mimi"})), ["$: `lives` is missing"]);
    }

    #[test]
    fn a_pattern_is_looked_for() {
        assert_eq!(found("Plate", &json!("x12")), [""; 0]);
        assert_eq!(found("Plate", &json!("x1")), ["$: is not pattern \"^x[0-9]{2}$\""]);
    }

    #[test]
    fn a_sibling_does_not_pass_for_the_schema_that_is_asked_for() {
        assert_eq!(
            found("Cat", &json!({"type": "dog", "name": "Rex", "lives": 1})),
            ["$: `type` cannot be `dog` here"]
        );
    }

    #[test]
    fn what_the_check_does_not_know_is_a_fault() {
        assert_eq!(found("Odd", &json!("x")), ["$: the schema says `multipleOf`, which this check does not know"]);
        assert_eq!(found("None", &json!("x")), ["$: `#/schemas/None` is not in the document"]);
    }
}
