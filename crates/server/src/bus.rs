//! What nodes tell each other over NATS. Hints only: the database is the truth, and a lost hint costs milliseconds.
//!
//! Without NATS there is one node and nothing to tell. With it, what is told goes through a bounded queue that drops when
//! it is full, so that a dead bus holds up nothing.

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use linedesk_protocol::frame::{Event, TypingIndicator};
use linedesk_protocol::{OperatorId, Seq};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::ws::hub::{Frame, Here, Scope};
use crate::ws::limits::Class;

/// How often a node says who is there, whether anything changed or not.
const PRESENCE_EVERY: Duration = Duration::from_secs(2);
const QUEUED_NOTES: usize = 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// One thing told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    /// The feed has come so far.
    Feed {
        seq: Seq,
    },
    /// Who is on a node.
    Presence {
        view: Vec<(OperatorId, Here)>,
    },
    Typing(TypingIndicator),
    /// One of an operator's limits was drawn on.
    Taken {
        operator: OperatorId,
        class: Class,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: String,
    #[serde(flatten)]
    note: Note,
}

/// The way to the other nodes.
pub(crate) struct Bus {
    link: Option<Link>,
}

struct Link {
    client: async_nats::Client,
    subject: String,
    notes: mpsc::Sender<Note>,
}

/// What the bus's task needs.
pub(crate) struct Outgoing {
    notes: mpsc::Receiver<Note>,
    inbox: async_nats::Subscriber,
}

impl Bus {
    /// For a single node.
    pub(crate) const fn none() -> Self {
        Self { link: None }
    }

    /// Connects. `desk_id` keeps desks apart that share a bus.
    pub(crate) async fn connect(url: &str, desk_id: &str) -> anyhow::Result<(Self, Outgoing)> {
        let connect = async_nats::ConnectOptions::new().name("linedesk").connect(url);
        let client = tokio::time::timeout(CONNECT_WITHIN, connect)
            .await
            .map_err(|_| anyhow::anyhow!("the message bus did not answer within 5 s"))?
            .map_err(|error| anyhow::anyhow!("cannot connect to the message bus: {error}"))?;
        let subject = format!("linedesk.{desk_id}");
        let inbox = client.subscribe(subject.clone()).await?;
        client.flush().await?;
        let (notes, receiver) = mpsc::channel(QUEUED_NOTES);
        Ok((Self { link: Some(Link { client, subject, notes }) }, Outgoing { notes: receiver, inbox }))
    }

    /// Tells the other nodes, if there is room in the queue.
    pub(crate) fn tell(&self, note: Note) {
        if let Some(link) = &self.link
            && link.notes.try_send(note).is_err()
        {
            metrics::counter!("linedesk_bus_notes_dropped_total").increment(1);
        }
    }

    /// Whether the other nodes can be reached; a single node needs none.
    pub(crate) fn is_connected(&self) -> bool {
        self.link.as_ref().is_none_or(|link| link.client.connection_state() == State::Connected)
    }

    /// Publishes a note, or gives up at `stop`: with a bus that is gone it may take for ever.
    async fn publish(&self, from: &str, note: Note, stop: &CancellationToken) {
        let Some(link) = &self.link else { return };
        let Ok(body) = serde_json::to_vec(&Envelope { from: from.to_owned(), note }) else { return };
        let published = stop.run_until_cancelled(link.client.publish(link.subject.clone(), body.into())).await;
        if let Some(Err(error)) = published {
            tracing::debug!(%error, "telling the other nodes failed");
        }
    }
}

/// Carries notes both ways until `stop`; the last one says that nobody is here any more.
pub(crate) async fn run(desk: Arc<Desk>, mut outgoing: Outgoing, stop: CancellationToken) {
    use futures_util::StreamExt as _;
    let mut presence = tokio::time::interval(PRESENCE_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = presence.tick() => {
                desk.hub.forget_silent_nodes(desk.now());
                desk.bus.publish(&desk.node, Note::Presence { view: desk.hub.own_view().into_iter().collect() }, &stop).await;
            }
            Some(note) = outgoing.notes.recv() => desk.bus.publish(&desk.node, note, &stop).await,
            message = outgoing.inbox.next() => match message {
                Some(message) => hear(&desk, &message.payload),
                None => break,
            },
        }
    }
    let goodbye = async {
        desk.bus.publish(&desk.node, Note::Presence { view: Vec::new() }, &CancellationToken::new()).await;
        if let Some(link) = &desk.bus.link {
            let _ = link.client.flush().await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
}

fn hear(desk: &Desk, payload: &[u8]) {
    let Ok(Envelope { from, note }) = serde_json::from_slice(payload) else {
        tracing::debug!("a note of another node cannot be read");
        return;
    };
    if from == desk.node {
        return;
    }
    match note {
        Note::Feed { seq } => {
            desk.store.signals().advance(seq);
            desk.store.signals().wake_outbox();
        }
        Note::Presence { view } => desk.hub.hear(&from, view.into_iter().collect(), desk.now()),
        Note::Typing(indicator) => {
            let room = indicator.conversation_id;
            let frame = Frame::new(Event::TypingIndicator(indicator), None, Scope::Room(room), desk.now());
            desk.hub.publish_to_others(&frame, room, None);
        }
        Note::Taken { operator, class } => desk.limits.taken_elsewhere(desk, operator, class),
    }
}
