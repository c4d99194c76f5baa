//! The log of calls in both directions: bounded in number and in the size of each body.

use std::collections::VecDeque;

use serde::Serialize;

/// Calls kept.
const CALLS: usize = 2_000;
/// Bytes kept of each body.
const BODY_BYTES: usize = 64 * 1024;

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The desk called LINE's API.
    ToLine,
    /// The platform sent a webhook.
    ToDesk,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With a status.
    Answered,
    /// The connection was cut on purpose.
    CutOff,
    /// The caller went away before the answer, or the platform stopped.
    Abandoned,
    /// A webhook: no answer in time.
    TimedOut,
    /// A webhook: no connection.
    Unreachable,
    /// A webhook: no URL is set.
    NoEndpoint,
}

/// One call, as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Rises by one.
    pub id: u64,
    pub direction: Direction,
    /// Unix ms of its start.
    pub at_ms: i64,
    pub duration_ms: u64,
    pub method: String,
    pub path: String,
    /// A webhook's event types, such as `message` or `message ×20`.
    pub summary: Option<String>,
    pub outcome: Outcome,
    /// With [`Outcome::Answered`].
    pub status: Option<u16>,
    /// `X-Line-Retry-Key`.
    pub retry_key: Option<String>,
    /// `x-line-request-id` of the answer.
    pub request_id: Option<String>,
    /// A webhook that was sent before.
    pub redelivery: bool,
    pub request_body: String,
    pub response_body: String,
}

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    next: u64,
}

impl CallLog {
    /// Numbers the call, keeps it, and returns it as kept.
    pub(crate) fn add(&mut self, mut call: Call) -> &Call {
        self.next += 1;
        call.id = self.next;
        clip(&mut call.request_body);
        clip(&mut call.response_body);
        if self.calls.len() == CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
        self.calls.back().expect("one was just added")
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> + ExactSizeIterator {
        self.calls.iter()
    }

    pub(crate) fn find(&self, id: u64) -> Option<&Call> {
        self.calls.iter().rev().find(|call| call.id == id)
    }
}

fn clip(body: &mut String) {
    if body.len() > BODY_BYTES {
        let mut end = BODY_BYTES;
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        body.truncate(end);
        body.push('…');
    }
}

#[cfg(test)]
pub(crate) fn sample() -> Call {
    Call {
        id: 0,
        direction: Direction::ToLine,
        at_ms: 0,
        duration_ms: 0,
        method: "GET".to_owned(),
        path: "/".to_owned(),
        summary: None,
        outcome: Outcome::Answered,
        status: Some(200),
        retry_key: None,
        request_id: None,
        redelivery: false,
        request_body: String::new(),
        response_body: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_in_number_and_size() {
        let mut log = CallLog::default();
        for _ in 0..CALLS + 5 {
            log.add(sample());
        }
        assert_eq!(log.iter().len(), CALLS);
        assert!(log.find(5).is_none() && log.find(6).is_some());
        let long = log.add(Call { request_body: "あ".repeat(BODY_BYTES), ..sample() });
        assert!(long.request_body.len() <= BODY_BYTES + '…'.len_utf8());
    }
}
