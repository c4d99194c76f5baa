//! The pump: follows the feed and hands it to the hub, in order, exactly once per node.
//!
//! It is woken by commits of this node and by hints of others, and looks by itself in between: a lost hint costs a moment,
//! never a message. What it reads is committed, so what a screen shows is what is stored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{AnalyticsUpdate, Event};
use linedesk_protocol::{OperatorId, Seq};
use linedesk_store::StoreError;
use linedesk_store::feed::{self, EventKind, FeedEvent};
use linedesk_store::ops::{sessions, sign_in};
use tokio_util::sync::CancellationToken;

use super::hub::{Frame, Scope};
use super::render::{self, Rendered};
use crate::bus::Note;
use crate::desk::Desk;

const EVENTS_AT_ONCE: usize = 512;
/// How long a lost hint can hold something up.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, mut cursor: Seq, stop: CancellationToken) {
    let mut head = desk.store.signals().head();
    let mut is_looking = false;
    let mut follow_up = FollowUp::default();
    loop {
        if !is_looking {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = head.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            head.borrow_and_update();
            if let Some(seq) = desk.store.signals().take_own_head() {
                desk.bus.tell(Note::Feed { seq });
            }
        }
        match carry(&desk, cursor, &mut follow_up).await {
            Ok((next, is_full)) => {
                cursor = next;
                desk.store.signals().advance(cursor);
                is_looking = is_full;
                // Not before the cursor has moved: what was handed out must not be handed out again.
                if let Err(error) = follow_up.run(&desk).await {
                    tracing::warn!(%error, "what follows from events waits for the next look");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "reading the feed failed");
                is_looking = false;
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AFTER_A_FAILURE) => {}
                }
            }
        }
    }
}

/// Carries what came after `cursor`; tells how far it came and whether there is more.
async fn carry(desk: &Arc<Desk>, cursor: Seq, follow_up: &mut FollowUp) -> Result<(Seq, bool), StoreError> {
    if desk.hub.is_empty() {
        // Nobody listens. Who registers before the head is read may begin earlier than it, so then nothing is skipped.
        let head = desk.store.read::<_, StoreError, _>(|tx| feed::head(tx)).await?;
        return Ok(if desk.hub.is_empty() { (head, false) } else { (cursor, true) });
    }
    let reader = Arc::clone(desk);
    let (events, rendered) = desk
        .store
        .read::<_, StoreError, _>(move |tx| {
            let events = feed::list_after(tx, cursor, EVENTS_AT_ONCE)?;
            let is_wanted = |event: &FeedEvent| {
                matches!(event.kind, EventKind::DeliveryChanged | EventKind::MessageUpdated)
                    || event.conversation.is_some_and(|room| reader.hub.has_room(room))
            };
            let rows = render::load(tx, &events, is_wanted)?;
            let rendered = render::render(&events, &rows);
            Ok((events, rendered))
        })
        .await?;
    let Some(last) = events.last() else { return Ok((cursor, false)) };
    let (next, is_full) = (last.seq, events.len() == EVENTS_AT_ONCE);
    for Rendered { frame, audience, cause } in &rendered {
        desk.hub.publish(frame, *audience, cause.as_deref());
    }
    follow_up.note(&events);
    Ok((next, is_full))
}

/// What follows from events besides their frames: chat counts, analytics, sockets that may not stay. It is kept until it
/// is done.
#[derive(Debug, Default)]
struct FollowUp {
    load: bool,
    operators: BTreeSet<OperatorId>,
}

impl FollowUp {
    fn note(&mut self, events: &[FeedEvent]) {
        for event in events {
            self.load |= is_session_event(event.kind);
            if let (EventKind::OperatorChanged | EventKind::SignedOut, Some(id)) = (event.kind, event.subject) {
                self.operators.insert(OperatorId(id));
            }
        }
    }

    async fn run(&mut self, desk: &Desk) -> Result<(), StoreError> {
        while let Some(operator) = self.operators.first().copied() {
            check_sockets(desk, operator).await?;
            self.operators.remove(&operator);
        }
        if self.load {
            refresh_load(desk).await?;
            self.load = false;
        }
        Ok(())
    }
}

const fn is_session_event(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::SessionCreated
            | EventKind::SessionClaimed
            | EventKind::SessionReleased
            | EventKind::SessionClosed
            | EventKind::SessionTransferred
    )
}

/// Reads how many chats each operator has, and tells it.
pub(crate) async fn refresh_load(desk: &Desk) -> Result<(), StoreError> {
    let chats = desk.store.read::<_, StoreError, _>(|tx| sessions::active_chats(tx)).await?;
    desk.hub.set_active_chats(chats.into_iter().collect());
    if desk.hub.anybody_wants_analytics() {
        let update = analytics(desk).await?;
        let frame = Frame::new(Event::AnalyticsUpdate(update), None, Scope::Everybody, desk.now());
        desk.hub.publish_analytics(&frame);
    }
    Ok(())
}

/// The desk's load at the moment.
pub(crate) async fn analytics(desk: &Desk) -> Result<AnalyticsUpdate, StoreError> {
    let (waiting, active, since) = desk.store.read::<_, StoreError, _>(|tx| sessions::load(tx)).await?;
    let now = desk.now();
    Ok(AnalyticsUpdate {
        waiting,
        active,
        longest_wait_seconds: since.map(|since| (now.0 - since.0).max(0) / 1000),
        operators_online: i64::try_from(desk.hub.statuses().len()).unwrap_or(i64::MAX),
    })
}

/// Ends the sockets of an operator whose sign-in or role they no longer have (AU3).
async fn check_sockets(desk: &Desk, operator: OperatorId) -> Result<(), StoreError> {
    for (socket, family, role, channels) in desk.hub.sockets_of(operator) {
        let standing =
            desk.store.read::<_, StoreError, _>(move |tx| sign_in::find_signed_in(tx, operator, &family)).await?;
        // With another role or other channels the socket comes back, as what its operator is now.
        if standing.is_none_or(|operator| operator.role != role || operator.channels != channels) {
            desk.hub.close(socket, CloseCode::TokenInvalid);
        }
    }
    Ok(())
}
