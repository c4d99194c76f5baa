//! The delivery workers (DL): lease lanes, write down what will be done, call LINE, write down how it ended.
//!
//! INVARIANT: no LINE call happens inside a transaction (DL1). A lane's lease outlives any call made under it while its node
//! lives ([`alive`](super::alive)), so two nodes never call for one lane at once, and within a node there is one task a lane
//! (DL2).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use linedesk_core::delivery::{self, Call, Method, Outcome, Quota};
use linedesk_line::client::{AccessToken, CallError, SentMessage};
use linedesk_line::message::{PushRequest, ReplyRequest};
use linedesk_protocol::ConversationId;
use linedesk_store::StoreError;
use linedesk_store::ops::outbox::{self, DueCall, Step, StepPolicy, Told};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::config::MarkAsRead;
use crate::desk::Desk;
use crate::outgoing;
use crate::workers::alive::Life;
use crate::workers::quota;

/// Lanes worked on at once by this node: calls to LINE under way. Many, so that a LINE that hangs for some customers holds
/// up nobody else (DL2).
const LANES: usize = 128;
/// Longer than a call with its quota check can take. Only for this node itself, should one of its tasks not give a lane
/// back: of another node the lanes are free when it is dead, and not before.
const LEASE: Duration = Duration::from_secs(60);
/// How long a lost wake-up, or a lane whose pause is over, waits to be seen.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// Runs until `stop`, then finishes the calls under way.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut lanes = Lanes::default();
    let mut taking = Taking::new(&desk);
    loop {
        let free = LANES.saturating_sub(lanes.tasks.len());
        let taken = if free == 0 || stop.is_cancelled() { Ok(Vec::new()) } else { taking.take(&desk, free).await };
        let found_some = match taken {
            Ok(conversations) => {
                let some = !conversations.is_empty();
                for conversation in conversations {
                    lanes.start(&desk, conversation, taking.owner.clone(), &stop);
                }
                if some {
                    taking = Taking::new(&desk);
                }
                some
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(AFTER_A_FAILURE) => {}
                }
                false
            }
        };
        if stop.is_cancelled() {
            while lanes.tasks.join_next().await.is_some() {}
            return;
        }
        if found_some {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.store.signals().outbox(), if lanes.tasks.len() < LANES => {}
            Some(ended) = lanes.tasks.join_next_with_id() => {
                let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
                lanes.ended(&desk, id, &stop);
            }
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// The lanes that are worked on here.
///
/// INVARIANT: one task a conversation, whatever the leases say: a clock that jumps ends them all, and a call may be under
/// way in any.
#[derive(Default)]
struct Lanes {
    tasks: JoinSet<()>,
    by_task: HashMap<task::Id, ConversationId>,
    /// Taken again while an earlier task is at work: goes on when that one has ended.
    again: HashMap<ConversationId, String>,
}

impl Lanes {
    fn start(&mut self, desk: &Arc<Desk>, conversation: ConversationId, owner: String, stop: &CancellationToken) {
        if self.by_task.values().any(|working| *working == conversation) {
            self.again.insert(conversation, owner);
            return;
        }
        let handle = self.tasks.spawn(work(Arc::clone(desk), conversation, owner, stop.clone()));
        self.by_task.insert(handle.id(), conversation);
    }

    fn ended(&mut self, desk: &Arc<Desk>, id: task::Id, stop: &CancellationToken) {
        let Some(conversation) = self.by_task.remove(&id) else { return };
        if let Some(owner) = self.again.remove(&conversation) {
            self.start(desk, conversation, owner, stop);
        }
    }
}

/// Takes lanes under a name of its own. A commit may have happened whose answer was lost with the database's connection: the
/// name tells the lanes that it took, which nobody else would look at before their lease ends.
struct Taking {
    owner: String,
    is_unsure: bool,
}

impl Taking {
    fn new(desk: &Desk) -> Self {
        Self { owner: format!("{}/{}", desk.node, uuid::Uuid::new_v4().simple()), is_unsure: false }
    }

    async fn take(&mut self, desk: &Desk, limit: usize) -> Result<Vec<ConversationId>, StoreError> {
        let (node, owner, now, until) = (desk.node.clone(), self.owner.clone(), desk.now(), desk.after(LEASE));
        let limit = i64::try_from(limit).unwrap_or(1);
        let is_ready = desk.store.read::<_, StoreError, _>(move |tx| outbox::has_ready(tx, &node, now)).await?;
        if !is_ready && !self.is_unsure {
            return Ok(Vec::new());
        }
        let mut is_first = !self.is_unsure;
        let taken = desk.store.write::<_, StoreError, _>(move |tx| {
            let held = if std::mem::take(&mut is_first) { Vec::new() } else { outbox::list_held(tx, &owner)? };
            if held.is_empty() { outbox::lease(tx, &owner, now, until, limit) } else { Ok(held) }
        });
        let taken = taken.await;
        self.is_unsure = taken.is_err();
        Ok(taken?.value)
    }
}

/// Works on one lane until nothing waits in it, it pauses, or the node stops.
async fn work(desk: Arc<Desk>, conversation: ConversationId, owner: String, stop: CancellationToken) {
    let mut rng = StdRng::from_os_rng();
    let mut key = uuid::Uuid::new_v4().to_string();
    loop {
        if stop.is_cancelled() {
            let freed = desk.store.write::<_, StoreError, _>(move |tx| outbox::free(tx, conversation, &owner)).await;
            if let Err(error) = freed {
                tracing::warn!(%error, "a lane could not be given back; it is free when its lease ends");
            }
            return;
        }
        let life = desk.alive.life();
        match step(&desk, conversation, &owner, &key).await {
            Ok(Step::Call(call)) => {
                if let Err(error) = make(&desk, &call, life, &mut rng, &stop).await {
                    // The lane goes on from what is written down: a push under its key, a reply as `unknown`.
                    tracing::error!(%error, call = ?call, "the outcome of a call to LINE could not be written down");
                    return;
                }
            }
            Ok(Step::Again) => {}
            Ok(Step::Idle | Step::Lost) => return,
            Err(error) => {
                tracing::warn!(%error, conversation.id = %conversation, "a lane could not be read");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(AFTER_A_FAILURE) => {}
                }
                // The same step, under the same key: it may have been written down.
                continue;
            }
        }
        key = uuid::Uuid::new_v4().to_string();
    }
}

async fn step(desk: &Desk, conversation: ConversationId, owner: &str, key: &str) -> Result<Step, StoreError> {
    let (owner, key) = (owner.to_owned(), key.to_owned());
    let (now, until) = (desk.now(), desk.after(LEASE));
    let token_life_ms = i64::try_from(desk.config.reply_token_life.as_millis()).unwrap_or(i64::MAX);
    let policy = StepPolicy { token_life_ms, reserve: desk.config.quota_reserve, month_start: desk.month_start() };
    let done = desk
        .store
        .write::<_, StoreError, _>(move |tx| outbox::step(tx, conversation, &owner, &key, policy, now, until))
        .await?;
    Ok(done.value)
}

/// Makes a call that is written down, and writes down how it ended.
async fn make(
    desk: &Desk,
    call: &DueCall,
    life: Life,
    rng: &mut StdRng,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let (outcome, mut told) = read_result(send(desk, call, life).await);
    let quota = match outcome {
        Outcome::Refused(429) if call.method == Method::Push => quota::ask(desk, call.channel).await,
        _ => Quota::Unknown,
    };
    if outcome == Outcome::Refused(429) {
        told.error = None;
    }
    let now = desk.now();
    told.marks_read = desk.config.mark_as_read == MarkAsRead::OnReply
        && call.messages.iter().any(|message| message.operator_name.is_some());
    told.day = desk.config.hours.day_at(now.0);
    let made = Call {
        method: call.method,
        outcome,
        messages: call.messages.len(),
        attempts: call.attempts,
        begun_ms: call.begun_ms,
        may_have_arrived: call.may_have_arrived,
        quota,
    };
    let settlement = delivery::settle(made, now.0, rng);
    metrics::counter!("linedesk_line_calls_total", "method" => call.method.as_str(), "outcome" => outcome_name(outcome)).increment(1);
    tracing::debug!(call = ?call, ?outcome, ?settlement, "LINE was called");
    loop {
        let (call, told) = (call.clone(), told.clone());
        let written =
            desk.store.write::<_, StoreError, _>(move |tx| outbox::settle(tx, &call, settlement, &told, now)).await;
        match written {
            // What LINE said is known only here: it is worth waiting for a database that is locked or reconnects.
            Err(error) if error.is_unavailable() && !stop.is_cancelled() => {
                tracing::warn!(%error, "the outcome of a call to LINE waits for the database");
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
            written => return written.map(drop),
        }
    }
}

/// Without a token LINE is not asked, and the message waits for the channel as it would for LINE.
async fn send(desk: &Desk, call: &DueCall, life: Life) -> Result<Vec<SentMessage>, CallError> {
    desk.call_line_of(call.channel, |token| async move { send_with(desk, &token, call, life).await }).await
}

async fn send_with(
    desk: &Desk,
    token: &AccessToken,
    call: &DueCall,
    life: Life,
) -> Result<Vec<SentMessage>, CallError> {
    if !desk.alive.holds(life) {
        return Err(CallError::NotSent("this node may have been taken for dead, and the lane be another's".into()));
    }
    let messages = call.messages.iter().map(|message| outgoing::for_line(desk, message));
    let messages = messages.collect::<Result<Vec<_>, _>>().map_err(|error| CallError::Invalid(error.to_string()))?;
    if let (Method::Reply, Some(reply_token)) = (call.method, &call.reply_token) {
        let answer = desk.line.reply(token, &ReplyRequest::new(reply_token.clone(), messages)).await?;
        return Ok(answer.body.sent_messages);
    }
    let request = PushRequest::new(call.chat_id.clone(), messages);
    Ok(desk.line.push(token, &request, &call.retry_key).await?.body.sent_messages().to_vec())
}

fn read_result(result: Result<Vec<SentMessage>, CallError>) -> (Outcome, Told) {
    match result {
        Ok(sent) => {
            let sent = sent.into_iter().map(|sent| (sent.id, sent.quote_token)).collect();
            (Outcome::Accepted, Told { sent, ..Told::default() })
        }
        Err(CallError::NotSent(_)) => (Outcome::NotSent, Told { no_effect: true, ..Told::default() }),
        Err(CallError::Ambiguous(_)) => (Outcome::Ambiguous, Told::default()),
        Err(CallError::Status { status, message, details, .. }) => {
            let reasons = std::iter::once(message)
                .chain(details.into_iter().map(|detail| format!("{}: {}", detail.property, detail.message)));
            let reasons: String = reasons.collect::<Vec<_>>().join("; ").chars().take(500).collect();
            let error = (status < 500).then(|| format!("LINE refused this message: {reasons}"));
            (Outcome::Refused(status), Told { error, no_effect: status < 500, ..Told::default() })
        }
        Err(CallError::Invalid(problem)) => {
            // Nothing was sent, and a mended configuration can send it.
            (Outcome::Refused(401), Told { error: Some(problem), no_effect: true, ..Told::default() })
        }
    }
}

const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Refused(429) => "rate_limited",
        Outcome::Refused(500..) => "failed",
        Outcome::Refused(_) => "refused",
        Outcome::NotSent => "not_sent",
        Outcome::Ambiguous => "ambiguous",
    }
}
