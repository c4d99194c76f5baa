//! Webhooks: made, signed and sent as LINE does.
//!
//! INVARIANT: one customer's webhooks go out one after another, in order, and different customers' at the same time. With
//! redelivery on, a webhook that failed is sent again before the customer's next one; what LINE does out of order is done
//! by [`crate::Simulator::redeliver`]. With redelivery off, one that failed is lost and the log says so.

pub(crate) mod events;
pub(crate) mod lanes;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::calls::{Call, Direction, Outcome};
use crate::faults::{Endpoint, FaultKind};
use crate::shared::Shared;
use lanes::{Dispatch, QueueFull};

/// The user agent of LINE's webhooks.
const USER_AGENT: &str = "LineBotWebhook/2.0";
/// Answers are not read beyond this.
const ANSWER_BYTES: usize = 64 * 1024;

/// Queues a request in its customer's lane.
pub(crate) fn dispatch(shared: &Arc<Shared>, lane: &str, dispatch: Dispatch) -> Result<(), QueueFull> {
    if shared.update(|platform| platform.lanes.push(lane, dispatch))? {
        start(shared, lane);
    }
    Ok(())
}

/// Runs a lane that [`lanes::Lanes::push`] made.
pub(crate) fn start(shared: &Arc<Shared>, lane: &str) {
    shared.spawn(run_lane(Arc::clone(shared), lane.to_owned()));
}

async fn run_lane(shared: Arc<Shared>, lane: String) {
    while let Some(dispatch) = shared.update(|platform| platform.lanes.pop(&lane)) {
        deliver(&shared, dispatch).await;
    }
}

async fn deliver(shared: &Shared, mut dispatch: Dispatch) {
    let mut tries = 0;
    loop {
        tries += 1;
        if send(shared, &dispatch).await {
            return;
        }
        let settings = shared.read(|platform| platform.settings.clone());
        if !settings.redelivery || tries >= settings.redelivery_tries {
            return;
        }
        let doubled = settings.redelivery_backoff_ms.saturating_mul(1 << (tries - 1).min(10));
        tokio::time::sleep(Duration::from_millis(doubled)).await;
        dispatch.mark_as_redelivery();
    }
}

/// Sends once; true when the platform got a 2xx.
async fn send(shared: &Shared, dispatch: &Dispatch) -> bool {
    let Ok(_slot) = shared.webhook_slots.acquire().await else { return false };
    let (fault, _) = shared.next_fault(Endpoint::Webhook);
    if let Some(FaultKind::Delay { delay_ms }) = fault {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    let (url, body) = shared.update(|platform| {
        platform.sent.remember(&dispatch.events);
        let body = json!({"destination": platform.bot_user_id, "events": dispatch.events});
        (platform.settings.webhook_url.clone(), body.to_string())
    });
    let (at_ms, started) = (shared.now_ms(), Instant::now());
    let answer = match (&url, fault) {
        (None, _) => Answer::failed(Outcome::NoEndpoint),
        (_, Some(FaultKind::CutBefore)) => Answer::failed(Outcome::CutOff),
        (_, Some(FaultKind::Hang)) => Answer::failed(Outcome::TimedOut),
        (Some(url), None | Some(FaultKind::Delay { .. })) => post(shared, url, body.clone()).await,
        (Some(url), Some(FaultKind::CutAfter)) => {
            post(shared, url, body.clone()).await;
            Answer::failed(Outcome::CutOff)
        }
        (Some(url), Some(FaultKind::HangAfter)) => {
            post(shared, url, body.clone()).await;
            Answer::failed(Outcome::TimedOut)
        }
        (Some(url), Some(FaultKind::Status { status })) => {
            Answer { outcome: Outcome::Answered, status: Some(status), ..post(shared, url, body.clone()).await }
        }
    };
    let accepted = answer.is_success();
    let call = Call {
        id: 0,
        direction: Direction::ToDesk,
        at_ms,
        duration_ms: millis(started.elapsed()),
        method: "POST".to_owned(),
        path: url.as_deref().map_or_else(String::new, path_of),
        summary: Some(summary(&dispatch.events)),
        outcome: answer.outcome,
        status: answer.status,
        retry_key: None,
        request_id: None,
        redelivery: dispatch.is_redelivery(),
        request_body: body,
        response_body: answer.body,
    };
    shared.update(|platform| platform.log(call));
    accepted
}

/// What came back from the webhook URL.
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
}

impl Answer {
    fn failed(outcome: Outcome) -> Self {
        Self { outcome, status: None, body: String::new() }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Posts a signed body.
pub(crate) async fn post(shared: &Shared, url: &str, body: String) -> Answer {
    let limit = shared.read(|platform| Duration::from_millis(platform.settings.webhook_timeout_ms));
    let request = shared
        .http
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", USER_AGENT)
        .header(
            linedesk_line::signature::HEADER,
            linedesk_line::signature::sign(&shared.channel_secret, body.as_bytes()),
        )
        .body(body)
        .timeout(limit);
    match request.send().await {
        Ok(response) => {
            let status = Some(response.status().as_u16());
            Answer { outcome: Outcome::Answered, status, body: read(response).await }
        }
        Err(error) if error.is_timeout() => Answer::failed(Outcome::TimedOut),
        Err(_) => Answer::failed(Outcome::Unreachable),
    }
}

async fn read(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES - body.len())]);
        if body.len() == ANSWER_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

fn path_of(url: &str) -> String {
    reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.path().to_owned())
}

fn summary(events: &[Value]) -> String {
    let kind = |event: &Value| event["type"].as_str().unwrap_or("?").to_owned();
    match events {
        [] => "verify".to_owned(),
        [one] => kind(one),
        [first, ..] => format!("{} ×{}", kind(first), events.len()),
    }
}

pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
