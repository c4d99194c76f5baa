//! How calls fail, told apart by what LINE may have done.

use serde_json::Value;

/// LINE documents short messages; more than this is not worth keeping.
const MESSAGE_CHARS: usize = 500;
const DETAILS: usize = 20;

/// What went wrong underneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection was made (name lookup, TCP or TLS): LINE surely did not get the request.
    #[error("no connection to LINE")]
    NotSent(#[source] BoxError),
    /// LINE may have got the request and may have acted on it.
    #[error("what became of a request to LINE is unknown")]
    Ambiguous(#[source] Doubt),
    /// LINE, or something on the way to it, refused. The message and the details are no stable contract (LINE doc); they
    /// are empty where the body was not LINE's.
    #[error("LINE answered {status}{}", about(message, details))]
    Status { status: u16, message: String, details: Vec<ErrorDetail>, request_id: Option<String> },
    /// The request cannot be made: an address, a token or a retry key is not what it should be. Trying again is no use.
    #[error("the request to LINE cannot be made: {0}")]
    Invalid(String),
}

/// Why the outcome is unknown.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    #[error("LINE did not answer in time")]
    Timeout,
    #[error("the connection to LINE was lost")]
    ConnectionLost(#[source] BoxError),
    /// A 2xx whose body is cut, too long, or not LINE's. Only a body of LINE's proves that LINE said it, and not a
    /// box on the way.
    #[error("an answer with status {status} cannot be read")]
    AnswerUnreadable { status: u16 },
}

/// One fault that LINE found in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetail {
    pub message: String,
    /// Where, e.g. `messages[0].text`.
    pub property: String,
}

impl CallError {
    /// The status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::NotSent(_) | Self::Ambiguous(_) | Self::Invalid(_) => None,
        }
    }

    /// Reads a refusal, whatever its body is.
    pub(super) fn refused(status: u16, request_id: Option<String>, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let details = body.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self::Status {
            status,
            message: [short(&body, "message"), short(&body, "error_description")]
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_default(),
            details: details
                .iter()
                .take(DETAILS)
                .map(|detail| ErrorDetail { message: short(detail, "message"), property: short(detail, "property") })
                .collect(),
            request_id,
        }
    }

    /// What a failed attempt to send means. Its address is taken out: it holds user ids.
    pub(super) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            Self::Invalid(error.to_string())
        } else if error.is_connect() {
            Self::NotSent(error.into())
        } else if error.is_timeout() {
            Self::Ambiguous(Doubt::Timeout)
        } else {
            Self::Ambiguous(Doubt::ConnectionLost(error.into()))
        }
    }
}

fn short(object: &Value, field: &str) -> String {
    let text = object.get(field).and_then(Value::as_str).unwrap_or_default();
    text.chars().take(MESSAGE_CHARS).collect()
}

fn about(message: &str, details: &[ErrorDetail]) -> String {
    let details = details.iter().map(|detail| format!("{}: {}", detail.property, detail.message));
    let parts: Vec<String> =
        std::iter::once(message.to_owned()).filter(|message| !message.is_empty()).chain(details).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(body: &str) -> (String, Vec<ErrorDetail>, String) {
        let error = CallError::refused(400, None, body.as_bytes());
        let text = error.to_string();
        let CallError::Status { message, details, .. } = error else { panic!("{text}") };
        (message, details, text)
    }

    #[test]
    fn a_refusal_tells_what_line_found() {
        let (message, details, text) = refused(
            r#"{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"messages[0].text"}]}"#,
        );
        assert_eq!(message, "The request body has 1 error(s)");
        assert_eq!(details[0].property, "messages[0].text");
        assert_eq!(text, "LINE answered 400: The request body has 1 error(s); messages[0].text: May not be empty");
    }

    #[test]
    fn a_refusal_with_garbage_is_still_a_refusal() {
        for body in ["", "<html>502</html>", "[]", "5", r#"{"message":5,"details":"x"}"#, r#"{"details":[1,{}]}"#] {
            let (message, ..) = refused(body);
            assert_eq!(message, "");
        }
        assert_eq!(refused("<html>").2, "LINE answered 400");
    }

    #[test]
    fn a_refusal_is_kept_short() {
        let long = "ก".repeat(10_000);
        let detail = serde_json::json!({"message": long, "property": long});
        let body = serde_json::json!({"message": long, "details": vec![detail; 100]});
        let (message, details, _) = refused(&body.to_string());
        assert_eq!((message.chars().count(), details.len()), (MESSAGE_CHARS, DETAILS));
    }

    proptest! {
        #[test]
        fn any_refusal_can_be_read(status in any::<u16>(), body in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(CallError::refused(status, None, &body).status(), Some(status));
        }
    }
}
