//! What the page shows: everything at once, and then every change.
//!
//! INVARIANT: the snapshot and the subscription are taken under one lock, so a page misses nothing and sees nothing
//! twice. A page that falls behind is dropped; its browser comes back and starts from a new snapshot.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Json, Response};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use super::answer::Refusal;
use crate::calls::Call;
use crate::customer::{Author, Customer, PhoneMessage};
use crate::feed::{Frame, without_bodies};
use crate::platform::Platform;
use crate::settings::Settings;
use crate::shared::Shared;

/// Customers the page lists: a load test has more than anyone would look through.
const CUSTOMERS: usize = 1_000;
/// Calls the page starts with.
const CALLS: usize = 200;
/// After which a browser comes back.
const COME_BACK: Duration = Duration::from_secs(1);

/// Everything but the threads, which are asked for one by one.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "snapshot", rename_all = "snake_case")]
pub(super) struct Snapshot {
    account_name: String,
    console_url: Option<String>,
    /// Unix ms by the platform's clock.
    now_ms: i64,
    settings: Settings,
    /// The first ones.
    customers: Vec<Listed>,
    customer_count: usize,
    /// The latest, without bodies, oldest first.
    calls: Vec<Call>,
}

#[derive(Debug, Serialize)]
struct Listed {
    customer: Customer,
    last_message: Option<PhoneMessage>,
    /// How many messages on the phone are the account's.
    received: usize,
}

fn snapshot(shared: &Shared, platform: &Platform) -> Snapshot {
    let listed = |customer: &Customer| Listed {
        customer: customer.clone(),
        last_message: platform.messages(&customer.user_id).next_back().cloned(),
        received: platform.messages(&customer.user_id).filter(|message| message.author == Author::Account).count(),
    };
    let calls = platform.calls();
    let skipped = calls.len().saturating_sub(CALLS);
    Snapshot {
        account_name: shared.account_name.clone(),
        console_url: shared.console_url.clone(),
        now_ms: shared.now_ms(),
        settings: platform.settings().clone(),
        customers: platform.customers().take(CUSTOMERS).map(listed).collect(),
        customer_count: platform.threads.len(),
        calls: calls.skip(skipped).map(without_bodies).collect(),
    }
}

/// `GET /sim/state`
pub(super) async fn state(State(shared): State<Arc<Shared>>) -> Json<Snapshot> {
    Json(shared.read(|platform| snapshot(&shared, platform)))
}

/// `GET /sim/events`: the snapshot, then changes, as server-sent events.
pub(super) async fn events(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let place = Arc::clone(&shared.listeners).try_acquire_owned();
    let place = place.map_err(|_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are open."))?;
    let (first, frames) = shared.read(|platform| (snapshot(&shared, platform), shared.subscribe()));
    let first = Event::default().retry(COME_BACK).json_data(first);
    let first =
        first.map_err(|_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "The state could not be written."))?;
    let changes = changes(frames, shared.stop.clone());
    let events = stream::once(async { Ok(first) }).chain(changes).map(move |event| {
        // Given back when the stream is dropped, on whichever way out.
        let _place = &place;
        event
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

fn changes(frames: Receiver<Frame>, stop: CancellationToken) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((frames, stop), |(mut frames, stop)| async {
        // An error is a page too far behind, or the end.
        let frame = stop.run_until_cancelled(frames.recv()).await?.ok()?;
        Some((Ok(Event::default().data(&*frame)), (frames, stop)))
    })
}
