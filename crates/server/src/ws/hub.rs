//! The hub: which sockets are open on this node, in which rooms, and handing them frames.
//!
//! A frame is serialised once and shared. Handing over never waits: a socket whose queue is full is dropped (WS8).
//!
//! INVARIANT: frames reach a socket's queue in the order in which they were published. The lock is held for bookkeeping
//! only, never across an await.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use linedesk_core::permission::Staff;
use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{Event, OperatorPresence, PresenceUpdate, RoomPresence, ServerFrame};
use linedesk_protocol::limits::SOCKET_QUEUE_BYTES;
use linedesk_protocol::{ConversationId, OperatorId, OperatorStatus, Role, Seq, Timestamp};
use linedesk_store::ops::channels::{ChannelAccess, ChannelId};
use tokio::sync::{Notify, mpsc};

use super::encoded::Encoded;
pub(crate) use super::presence::Here;
use super::presence::{Changes, NodeView, Presence};
use crate::desk::SignedIn;

/// Frames waiting in one socket's queue; their bytes are bounded besides.
const QUEUED_FRAMES: usize = 8192;

/// One socket of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketId(u64);

/// A frame as it is handed out.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) seq: Option<Seq>,
    pub(crate) scope: Scope,
    /// Only those who see this channel are handed it.
    pub(crate) channel: Option<ChannelId>,
    pub(crate) encoded: Encoded,
}

/// To whom of those who were handed a frame it is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Everybody,
    /// Only those who are in this room.
    Room(ConversationId),
    /// Everybody, but those in this room only if it is newer than what they were told on joining.
    About(ConversationId),
}

impl Frame {
    pub(crate) fn new(event: Event, seq: Option<Seq>, scope: Scope, now: Timestamp) -> Arc<Self> {
        Self::of_channel(event, seq, scope, None, now)
    }

    /// Something of a channel's.
    pub(crate) fn of_channel(
        event: Event,
        seq: Option<Seq>,
        scope: Scope,
        channel: Option<ChannelId>,
        now: Timestamp,
    ) -> Arc<Self> {
        let frame = ServerFrame { event, timestamp: now, seq, reply_to: None };
        Arc::new(Self { seq, scope, channel, encoded: Encoded::new(&frame) })
    }

    pub(crate) fn is_for(&self, access: &ChannelAccess) -> bool {
        self.channel.is_none_or(|channel| access.allows(channel))
    }
}

/// What a socket's queue holds.
#[derive(Debug)]
pub(crate) enum Item {
    Frame(Arc<Frame>),
    /// Here belongs the answer to the socket's own command that caused this event.
    Own(Seq),
}

/// The hub's side of a socket's life, shared with its actor.
#[derive(Debug, Default)]
pub(crate) struct Control {
    queued_bytes: AtomicUsize,
    close: OnceLock<CloseCode>,
    wake: Notify,
}

impl Control {
    /// Asks the actor to end; the first reason stands.
    fn close(&self, code: CloseCode) {
        if self.close.set(code).is_ok() {
            // All: a socket waits for it in what it does, and in what it does meanwhile.
            self.wake.notify_waiters();
        }
    }

    /// Returns when the hub wants the socket closed.
    pub(crate) async fn closed(&self) -> CloseCode {
        loop {
            let mut woken = pin!(self.wake.notified());
            // From here on it is heard; what came before is seen.
            woken.as_mut().enable();
            if let Some(code) = self.close.get() {
                return *code;
            }
            woken.await;
        }
    }

    /// The actor has written so much of its queue.
    pub(crate) fn written(&self, bytes: usize) {
        self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Whom an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    All,
    Room(ConversationId),
    /// The room, and wherever else this operator is.
    RoomAnd(ConversationId, OperatorId),
}

struct Entry {
    queue: mpsc::Sender<Item>,
    control: Arc<Control>,
    staff: Staff,
    name: String,
    family: String,
    channels: ChannelAccess,
    room: Option<ConversationId>,
    wants_analytics: bool,
}

/// An operator with sockets here.
struct Own {
    sockets: HashSet<SocketId>,
    status: OperatorStatus,
    status_at_ms: i64,
}

#[derive(Default)]
struct Inner {
    sockets: HashMap<SocketId, Entry>,
    rooms: HashMap<ConversationId, HashSet<SocketId>>,
    operators: HashMap<OperatorId, Own>,
    presence: Presence,
    active_chats: HashMap<OperatorId, i64>,
    /// The list of operators, a status or a count is another one than was told last.
    has_news: bool,
}

/// The sockets of this node.
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    next: AtomicU64,
    node: String,
    /// Somebody came, went, moved or has another status: see [`super::announcer`].
    pub(crate) changed: Notify,
}

/// A socket that is registered: its queue, and the hub's side of its life.
pub(crate) struct Registered {
    pub(crate) id: SocketId,
    pub(crate) queue: mpsc::Receiver<Item>,
    pub(crate) control: Arc<Control>,
}

impl Hub {
    pub(crate) fn new(node: String) -> Self {
        Self { inner: Mutex::default(), next: AtomicU64::new(1), node, changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A socket's name among all nodes, as the feed keeps it.
    pub(crate) fn socket_name(&self, id: SocketId) -> String {
        format!("{}/{}", self.node, id.0)
    }

    fn own_socket(&self, name: Option<&str>) -> Option<SocketId> {
        let number = name?.strip_prefix(self.node.as_str())?.strip_prefix('/')?;
        number.parse().ok().map(SocketId)
    }

    /// Adds a socket whose operator has signed in. From here on it is handed every event that is published.
    pub(crate) fn register(&self, signed_in: &SignedIn, now: Timestamp) -> Registered {
        let staff = signed_in.staff();
        let id = SocketId(self.next.fetch_add(1, Ordering::Relaxed));
        let (queue, receiver) = mpsc::channel(QUEUED_FRAMES);
        let control = Arc::new(Control::default());
        let entry = Entry {
            queue,
            control: Arc::clone(&control),
            staff,
            name: signed_in.operator.display_name.clone(),
            family: signed_in.family.clone(),
            channels: signed_in.operator.channels.clone(),
            room: None,
            wants_analytics: false,
        };
        let mut inner = self.lock();
        inner.sockets.insert(id, entry);
        let own = inner.operators.entry(staff.id).or_insert_with(|| Own {
            sockets: HashSet::new(),
            status: OperatorStatus::Online,
            status_at_ms: now.0,
        });
        own.sockets.insert(id);
        metrics::gauge!("linedesk_sockets").increment(1.0);
        self.refresh(&mut inner, staff.id, now);
        Registered { id, queue: receiver, control }
    }

    /// Removes a socket with every trace of it (WS9).
    pub(crate) fn remove(&self, id: SocketId, now: Timestamp) {
        let mut inner = self.lock();
        let Some(entry) = inner.sockets.remove(&id) else { return };
        metrics::gauge!("linedesk_sockets").decrement(1.0);
        leave(&mut inner, id, entry.room);
        let operator = entry.staff.id;
        if let Some(own) = inner.operators.get_mut(&operator) {
            own.sockets.remove(&id);
            if own.sockets.is_empty() {
                inner.operators.remove(&operator);
            }
        }
        self.refresh(&mut inner, operator, now);
    }

    /// Puts a socket into a room, out of the one it was in.
    pub(crate) fn join(&self, id: SocketId, room: Option<ConversationId>, now: Timestamp) {
        let mut inner = self.lock();
        let Some(entry) = inner.sockets.get_mut(&id) else { return };
        let operator = entry.staff.id;
        let before = std::mem::replace(&mut entry.room, room);
        leave(&mut inner, id, before);
        if let Some(room) = room {
            inner.rooms.entry(room).or_default().insert(id);
        }
        self.refresh(&mut inner, operator, now);
        if let Some(room) = room {
            tell_who_is_in(&inner, id, room, now);
        }
    }

    pub(crate) fn set_status(&self, operator: OperatorId, status: OperatorStatus, now: Timestamp) {
        let mut inner = self.lock();
        let Some(own) = inner.operators.get_mut(&operator) else { return };
        (own.status, own.status_at_ms) = (status, now.0);
        self.refresh(&mut inner, operator, now);
    }

    /// The socket's token was renewed, maybe under another sign-in.
    pub(crate) fn set_family(&self, id: SocketId, family: String) {
        if let Some(entry) = self.lock().sockets.get_mut(&id) {
            entry.family = family;
        }
    }

    pub(crate) fn set_wants_analytics(&self, id: SocketId, wants: bool) {
        if let Some(entry) = self.lock().sockets.get_mut(&id) {
            entry.wants_analytics = wants;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().sockets.is_empty()
    }

    pub(crate) fn anybody_wants_analytics(&self) -> bool {
        self.lock().sockets.values().any(|entry| entry.wants_analytics)
    }

    pub(crate) fn has_room(&self, room: ConversationId) -> bool {
        self.lock().rooms.contains_key(&room)
    }

    /// Hands a frame to its audience. The socket that caused it gets [`Item::Own`] in its place.
    pub(crate) fn publish(&self, frame: &Arc<Frame>, audience: Audience, cause: Option<&str>) {
        let cause = self.own_socket(cause);
        let inner = self.lock();
        let give = |id: SocketId, entry: &Entry| {
            if Some(id) != cause && frame.is_for(&entry.channels) {
                push(entry, frame);
            }
        };
        match audience {
            Audience::All => inner.sockets.iter().for_each(|(id, entry)| give(*id, entry)),
            Audience::Room(room) => inner.in_room(room).for_each(|(id, entry)| give(id, entry)),
            Audience::RoomAnd(room, operator) => {
                inner.in_room(room).for_each(|(id, entry)| give(id, entry));
                let elsewhere = inner.of_operator(operator).filter(|(_, entry)| entry.room != Some(room));
                elsewhere.for_each(|(id, entry)| give(id, entry));
            }
        }
        if let (Some(seq), Some(entry)) = (frame.seq, cause.and_then(|id| inner.sockets.get(&id)))
            && entry.queue.try_send(Item::Own(seq)).is_err()
        {
            entry.control.close(CloseCode::TooSlow);
        }
    }

    /// Hands a frame to a room, one socket excepted: for what is not durable.
    pub(crate) fn publish_to_others(&self, frame: &Arc<Frame>, room: ConversationId, except: Option<SocketId>) {
        let inner = self.lock();
        inner.in_room(room).filter(|(id, _)| Some(*id) != except).for_each(|(_, entry)| push(entry, frame));
    }

    pub(crate) fn publish_analytics(&self, frame: &Arc<Frame>) {
        let inner = self.lock();
        inner.sockets.values().filter(|entry| entry.wants_analytics).for_each(|entry| push(entry, frame));
    }

    /// What another node says of its sockets.
    pub(crate) fn hear(&self, node: &str, view: NodeView, now: Timestamp) {
        let mut inner = self.lock();
        let changes = inner.presence.apply(node, view, now.0);
        self.note(&mut inner, &changes, now);
    }

    pub(crate) fn forget_silent_nodes(&self, now: Timestamp) {
        let mut inner = self.lock();
        let changes = inner.presence.forget_silent(&self.node, now.0);
        self.note(&mut inner, &changes, now);
    }

    /// What other nodes are told of this one.
    pub(crate) fn own_view(&self) -> NodeView {
        self.lock().presence.of_node(&self.node).cloned().unwrap_or_default()
    }

    /// Notes how many chats each operator has.
    pub(crate) fn set_active_chats(&self, chats: HashMap<OperatorId, i64>) {
        let mut inner = self.lock();
        if inner.active_chats != chats {
            inner.active_chats = chats;
            inner.has_news = true;
            self.changed.notify_one();
        }
    }

    /// Tells everybody here who is there, if that is news.
    pub(crate) fn publish_presence(&self, now: Timestamp) {
        let mut inner = self.lock();
        if std::mem::take(&mut inner.has_news) {
            let frame = Frame::new(Event::PresenceUpdate(presence_update(&inner)), None, Scope::Everybody, now);
            inner.sockets.values().for_each(|entry| push(entry, &frame));
        }
    }

    pub(crate) fn presence_update(&self) -> PresenceUpdate {
        presence_update(&self.lock())
    }

    /// Everybody's status; who is not in it is offline.
    pub(crate) fn statuses(&self) -> BTreeMap<OperatorId, OperatorStatus> {
        self.lock().presence.everybody().iter().map(|(id, here)| (*id, here.status)).collect()
    }

    /// An operator's sockets on this node, with the sign-in and role each has.
    pub(crate) fn sockets_of(&self, operator: OperatorId) -> Vec<(SocketId, String, Role, ChannelAccess)> {
        let inner = self.lock();
        let told =
            |(id, entry): (SocketId, &Entry)| (id, entry.family.clone(), entry.staff.role, entry.channels.clone());
        inner.of_operator(operator).map(told).collect()
    }

    pub(crate) fn close(&self, id: SocketId, code: CloseCode) {
        if let Some(entry) = self.lock().sockets.get(&id) {
            entry.control.close(code);
        }
    }

    pub(crate) fn close_all(&self, code: CloseCode) {
        self.lock().sockets.values().for_each(|entry| entry.control.close(code));
    }

    /// Works out where an operator is after a change here.
    fn refresh(&self, inner: &mut Inner, operator: OperatorId, now: Timestamp) {
        let here = inner.here(operator);
        let changes = inner.presence.apply_one(&self.node, operator, here, now.0);
        self.note(inner, &changes, now);
        self.changed.notify_one();
    }

    /// Tells the rooms at once who came and went; the list of operators is told a moment later, with what else changes.
    fn note(&self, inner: &mut Inner, changes: &Changes, now: Timestamp) {
        if changes.list {
            inner.has_news = true;
            self.changed.notify_one();
        }
        tell_rooms(inner, changes, now);
    }
}

impl Inner {
    fn in_room(&self, room: ConversationId) -> impl Iterator<Item = (SocketId, &Entry)> {
        let ids = self.rooms.get(&room).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.sockets.get(id)?)))
    }

    fn of_operator(&self, operator: OperatorId) -> impl Iterator<Item = (SocketId, &Entry)> {
        let ids = self.operators.get(&operator).into_iter().flat_map(|own| &own.sockets);
        ids.filter_map(|id| Some((*id, self.sockets.get(id)?)))
    }

    /// Where an operator is on this node.
    fn here(&self, operator: OperatorId) -> Option<Here> {
        let own = self.operators.get(&operator)?;
        let rooms = self.of_operator(operator).filter_map(|(_, entry)| entry.room).collect();
        let (_, any) = self.of_operator(operator).next()?;
        Some(Here { name: any.name.clone(), status: own.status, status_at_ms: own.status_at_ms, rooms })
    }
}

fn leave(inner: &mut Inner, id: SocketId, room: Option<ConversationId>) {
    let Some(room) = room else { return };
    if let Some(sockets) = inner.rooms.get_mut(&room) {
        sockets.remove(&id);
        if sockets.is_empty() {
            inner.rooms.remove(&room);
        }
    }
}

fn push(entry: &Entry, frame: &Arc<Frame>) {
    let bytes = frame.encoded.len();
    let queued = entry.control.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
    let is_full = queued > SOCKET_QUEUE_BYTES || entry.queue.try_send(Item::Frame(Arc::clone(frame))).is_err();
    if is_full {
        metrics::counter!("linedesk_sockets_dropped_total").increment(1);
        entry.control.close(CloseCode::TooSlow);
    }
}

fn presence_update(inner: &Inner) -> PresenceUpdate {
    let operators = inner.presence.everybody().iter().map(|(id, here)| OperatorPresence {
        id: *id,
        name: here.name.clone(),
        status: here.status,
        active_chats: inner.active_chats.get(id).copied().unwrap_or(0),
    });
    PresenceUpdate { operators: operators.collect() }
}

/// Whoever comes into a room is told who is in it.
fn tell_who_is_in(inner: &Inner, id: SocketId, room: ConversationId, now: Timestamp) {
    let Some(entry) = inner.sockets.get(&id) else { return };
    let others = inner.presence.everybody().iter().filter(|(operator, _)| **operator != entry.staff.id);
    for (operator, here) in others.filter(|(_, here)| here.rooms.contains(&room)) {
        let event = Event::OperatorJoined(room_presence(room, *operator, &here.name));
        push(entry, &Frame::new(event, None, Scope::Room(room), now));
    }
}

fn room_presence(room: ConversationId, operator: OperatorId, name: &str) -> RoomPresence {
    RoomPresence { admin_id: operator.to_string(), operator_name: name.to_owned(), room_id: room.to_string() }
}

fn tell_rooms(inner: &Inner, changes: &Changes, now: Timestamp) {
    let rooms =
        changes.joined.iter().map(|change| (change, true)).chain(changes.left.iter().map(|change| (change, false)));
    for ((room, operator, name), has_joined) in rooms {
        let payload = room_presence(*room, *operator, name);
        let event = if has_joined { Event::OperatorJoined(payload) } else { Event::OperatorLeft(payload) };
        let frame = Frame::new(event, None, Scope::Room(*room), now);
        inner
            .in_room(*room)
            .filter(|(_, entry)| entry.staff.id != *operator)
            .for_each(|(_, entry)| push(entry, &frame));
    }
}
