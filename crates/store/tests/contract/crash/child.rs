//! The child that is killed: a mixed load from several tasks, each write told of as soon as it is acknowledged.

use std::io::Write;
use std::sync::Arc;

use linedesk_core::delivery::{Method, Settlement};
use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, DeliveryCost, DeliveryState, Role, Timestamp};
use linedesk_store::ops::channels::ChannelId;
use linedesk_store::ops::conversations::{self, Key};
use linedesk_store::ops::outbox::{self, DueCall, Step, Told};
use linedesk_store::ops::sessions::Command;
use linedesk_store::ops::webhook::{self, Event};
use linedesk_store::ops::{channels, operators};
use linedesk_store::{Access, Location, Store, StoreError};
use tokio::task::JoinSet;

use super::super::actions::{act_through, draft, origin, send_through, text, user};
use super::super::harness::{after, block_on};
use super::super::worker::{LEASE_MS, POLICY, ids_of, lease_through};
use super::{ANSWERED, EVENTS_IN_A_REQUEST, ROUND_SECONDS};

pub(super) const TEST: &str = "contract::crash::child::load";
pub(super) const ROUND: &str = "LINEDESK_TEST_CRASH_ROUND";
pub(super) const DATA_DIR: &str = "LINEDESK_TEST_CRASH_DATA_DIR";
pub(super) const POSTGRES_URL: &str = "LINEDESK_TEST_CRASH_POSTGRES_URL";
pub(super) const POSTGRES_SCHEMA: &str = "LINEDESK_TEST_CRASH_POSTGRES_SCHEMA";
pub(super) const PREFIX: &str = "acknowledged: ";
/// A line without it was cut.
pub(super) const END: &str = ";";

fn acknowledge(what: &str) {
    let mut stdout = std::io::stdout().lock();
    // In one piece: the kill must not leave half a line. Whoever listened may be gone.
    let _ = stdout.write_all(format!("{PREFIX}{what}{END}\n").as_bytes());
    let _ = stdout.flush();
}

/// What the tasks share.
struct Load {
    store: Store,
    round: String,
    now: Timestamp,
    channel: ChannelId,
    owner: Staff,
    conversations: Vec<ConversationId>,
}

#[test]
#[ignore = "the crash tests run it as a child process"]
fn load() {
    let Ok(round) = std::env::var(ROUND) else { return };
    let (location, access) = if let Some(data_dir) = std::env::var_os(DATA_DIR) {
        (Location::Sqlite { data_dir: data_dir.into() }, Access::Server)
    } else {
        let (url, schema) = (std::env::var(POSTGRES_URL).unwrap(), std::env::var(POSTGRES_SCHEMA).unwrap());
        // One writer: among so few customers several would wait a second for each of their deadlocks.
        (Location::Postgres { url, schema: Some(schema) }, Access::Command)
    };
    let store = Store::open(&location, access).unwrap();
    // The runner's own words end here.
    println!();
    block_on(async {
        let (channel, owner, conversations) = store
            .read::<_, StoreError, _>(|tx| {
                let owner = operators::find_by_username(tx, "owner")?.unwrap().id;
                let find = |number| conversations::find(tx, &Key::Chat(user(number))).map(Option::unwrap);
                let conversations = (0..=ANSWERED).map(find).collect::<Result<Vec<_>, _>>()?;
                Ok((channels::list(tx)?[0].id, owner, conversations))
            })
            .await
            .unwrap();
        let now = after(round.parse::<i64>().unwrap() * ROUND_SECONDS);
        let owner = Staff { id: owner, role: Role::Agent };
        let load = Arc::new(Load { store, round, now, channel, owner, conversations });
        let mut tasks = JoinSet::new();
        for task in 0..2 {
            tasks.spawn(receive(load.clone(), task));
            tasks.spawn(send(load.clone(), task));
        }
        tasks.spawn(open_and_close(load.clone()));
        tasks.spawn(deliver(load));
        tasks.join_all().await;
    });
}

async fn receive(load: Arc<Load>, task: u32) {
    for request in 0_u32.. {
        let name = format!("{}-{task}-{request}", load.round);
        let events: Vec<_> = (0..EVENTS_IN_A_REQUEST)
            .map(|number| {
                let id = format!("{name}.{number}");
                let chat = user((request + u32::try_from(number).unwrap()) % (ANSWERED + 2));
                Event { reply_token: Some(format!("token-{id}")), ..text(&chat, &id, "hello") }
            })
            .collect();
        let (channel, now) = (load.channel, load.now);
        let ingested = loop {
            let events = events.clone();
            match load.store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, now)).await {
                // Another writer stood in the way; LINE's client, too, would bring it again.
                Err(error) if error.is_unavailable() => {}
                done => break done.unwrap().value,
            }
        };
        assert_eq!(usize::try_from(ingested.new).unwrap(), EVENTS_IN_A_REQUEST);
        acknowledge(&format!("request {name}"));
    }
}

async fn send(load: Arc<Load>, task: u32) {
    for number in 0_usize.. {
        let temp_id = format!("{}-{task}-{number}", load.round);
        let conversation = load.conversations[number % usize::try_from(ANSWERED).unwrap()];
        let new = draft(conversation, load.owner, "an answer", &temp_id);
        let done = send_through(&load.store, new, load.now).await.unwrap();
        let seq = done.seq(done.value.event.unwrap());
        acknowledge(&format!("sent {temp_id} {} {seq}", done.value.message.id));
    }
}

/// Opens and closes a session, and archives the conversation in between.
async fn open_and_close(load: Arc<Load>) {
    let (conversation, by, now) = (*load.conversations.last().unwrap(), load.owner, load.now);
    loop {
        for command in [Command::Start(by), Command::Close(by)] {
            // The one that was killed may have left it either way.
            let Ok(done) = act_through(&load.store, conversation, command, now).await else { continue };
            if let Some(event) = done.value.event {
                acknowledge(&format!("acted {}", done.seq(event)));
            }
        }
        let archive =
            load.store.write(move |tx| conversations::set_archived(tx, conversation, true, &origin(by), now)).await;
        archive.unwrap();
    }
}

/// A delivery worker whose LINE accepts everything.
async fn deliver(load: Arc<Load>) {
    let until = Timestamp(load.now.0 + LEASE_MS);
    loop {
        for conversation in lease_through(&load.store, "child", load.now, 10).await {
            for step in 0_u64.. {
                let key =
                    format!("key-{}-{conversation}-{}", load.round, step + u64::from(std::process::id()) * 1_000_000);
                let now = load.now;
                let next = load.store.write::<_, StoreError, _>(move |tx| {
                    outbox::step(tx, conversation, "child", &key, POLICY, now, until)
                });
                match next.await.unwrap().value {
                    Step::Call(call) => accept(&load, *call).await,
                    Step::Again => {}
                    Step::Idle | Step::Lost => break,
                }
            }
        }
        tokio::task::yield_now().await;
    }
}

async fn accept(load: &Load, call: DueCall) {
    let messages: Vec<_> = ids_of(&call).iter().map(ToString::to_string).collect();
    let messages = messages.join(" ");
    acknowledge(&format!("called {} {} {messages}", call.method.as_str(), call.retry_key));
    let cost = if call.method == Method::Reply { DeliveryCost::Free } else { DeliveryCost::Paid };
    let settlement = Settlement::Rest {
        state: DeliveryState::Accepted,
        cost: Some(cost),
        code: None,
        retryable: false,
        spare_token: false,
    };
    let now = load.now;
    let done = load
        .store
        .write::<_, StoreError, _>(move |tx| outbox::settle(tx, &call, settlement, &Told::default(), now))
        .await;
    done.unwrap();
    acknowledge(&format!("accepted {messages}"));
}
