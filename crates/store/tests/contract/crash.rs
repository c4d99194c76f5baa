//! kill -9 at any instant (WH1, DL8, WS6): a child process writes and says what was acknowledged; it is killed, and what
//! it said must be there, whole and once, round after round on the same data.

mod child;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use linedesk_protocol::Role;
use linedesk_store::ops::{conversations, outbox, sessions};
use linedesk_store::{Access, Location, Store, StoreError};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::actions::user;
use super::harness::{Desk, Engine, NOW, Place, after, block_on};
use super::worker::LEASE_MS;

const ROUNDS: u32 = 10;
/// Seconds of the desk's time from one round to the next: longer than a lease.
const ROUND_SECONDS: i64 = 10 * LEASE_MS / 1000;
/// Customers whose sessions are answered, and one more whose session is opened and closed.
const ANSWERED: u32 = 3;
const EVENTS_IN_A_REQUEST: usize = 3;

/// What the children have said so far.
#[derive(Default)]
struct Acknowledged {
    requests: BTreeSet<String>,
    /// `temp_id` → message and seq.
    sent: BTreeMap<String, (i64, i64)>,
    /// The seqs of session events.
    acted: BTreeSet<i64>,
    /// Message → how and with which key it was last on its way to LINE.
    called: BTreeMap<i64, (String, String)>,
    accepted: BTreeSet<i64>,
}

impl Acknowledged {
    fn note(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        let number = |word: &str| word.parse::<i64>().unwrap();
        match words[..] {
            ["request", name] => assert!(self.requests.insert(name.to_owned())),
            ["sent", temp_id, message, seq] => {
                let is_new = self.sent.insert(temp_id.to_owned(), (number(message), number(seq))).is_none();
                assert!(is_new);
            }
            ["acted", seq] => assert!(self.acted.insert(number(seq))),
            ["called", method, key, ref messages @ ..] => {
                for message in messages.iter().copied().map(number) {
                    assert!(!self.accepted.contains(&message), "dl8: {message} is sent again");
                    let how = (method.to_owned(), key.to_owned());
                    let before = self.called.insert(message, how.clone());
                    // DL3, DL4: a reply never again, a push only under its key.
                    assert!(before.is_none_or(|before| before == how && method == "push"), "{message} {method}");
                }
            }
            ["accepted", ref messages @ ..] => {
                for message in messages.iter().copied().map(number) {
                    assert!(self.accepted.insert(message), "dl8: {message} was accepted twice");
                }
            }
            _ => panic!("the child said {line:?}"),
        }
    }
}

fn every_acknowledged_write_survives(engine: Engine) {
    let Some(mut place) = Place::new(engine) else { return };
    let mut random = StdRng::seed_from_u64(20_260_131);
    let mut acknowledged = Acknowledged::default();
    for round in 0..ROUNDS {
        place = block_on(async {
            let desk = Desk::open(place).await;
            if round == 0 {
                set_up(&desk).await;
            }
            close(desk)
        });
        run_and_kill(&place, round, random.random_range(1..=250), &mut acknowledged);
        place = block_on(async {
            let desk = Desk::open(place).await;
            check(&desk, &acknowledged, round).await;
            close(desk)
        });
    }
    let Acknowledged { requests, sent, acted, called, accepted } = acknowledged;
    assert!([requests.len(), sent.len(), acted.len(), called.len(), accepted.len()].iter().all(|&count| count > 10));
}

fn close(desk: Desk) -> Place {
    let Desk { store, place, .. } = desk;
    drop(store);
    place
}

async fn set_up(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    for number in 0..=ANSWERED {
        let (chat, channel) = (user(number), desk.channel);
        let id = desk.write(move |tx| conversations::get_or_create(tx, channel, &chat, NOW)).await;
        if number < ANSWERED {
            desk.act(id, sessions::Command::Start(owner)).await.unwrap();
        }
    }
}

fn run_and_kill(place: &Place, round: u32, after_lines: usize, acknowledged: &mut Acknowledged) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([child::TEST, "--exact", "--ignored", "--nocapture"]).env(child::ROUND, round.to_string());
    match place.location() {
        Location::Sqlite { data_dir } => command.env(child::DATA_DIR, data_dir),
        Location::Postgres { url, schema } => {
            command.env(child::POSTGRES_URL, url).env(child::POSTGRES_SCHEMA, schema.unwrap())
        }
    };
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut said = 0;
    while said < after_lines {
        let line = lines.next().expect("the child lives until it is killed").unwrap();
        said += usize::from(note(&line, acknowledged));
    }
    if let Location::Sqlite { .. } = place.location() {
        let second = Store::open(&place.location(), Access::Server);
        assert!(matches!(second, Err(StoreError::Unusable(_))), "the child serves this data directory");
    }
    process.kill().unwrap();
    assert_eq!(process.wait().unwrap().signal(), Some(9));
    // What was said before the end counts too.
    for line in lines {
        note(&line.unwrap(), acknowledged);
    }
}

/// Other lines are the test runner's.
fn note(line: &str, acknowledged: &mut Acknowledged) -> bool {
    let said = line.strip_prefix(child::PREFIX).and_then(|line| line.strip_suffix(child::END));
    if let Some(said) = said {
        acknowledged.note(said);
    }
    said.is_some()
}

async fn check(desk: &Desk, acknowledged: &Acknowledged, round: u32) {
    desk.assert_sound().await;
    assert_eq!(desk.number("SELECT min(seq) FROM feed").await, 1);

    // WH1, WH2: every event of every acknowledged request once, and no request by halves.
    let events = desk.texts(
        "SELECT e.webhook_event_id FROM webhook_events e JOIN messages m ON m.webhook_event_row = e.id ORDER BY e.id",
    );
    let mut of_request: BTreeMap<String, usize> = BTreeMap::new();
    for event in events.await.into_iter().flatten() {
        let (request, _) = event.rsplit_once('.').unwrap();
        *of_request.entry(request.to_owned()).or_default() += 1;
    }
    assert!(of_request.values().all(|&count| count == EVENTS_IN_A_REQUEST), "{of_request:?}");
    assert!(acknowledged.requests.iter().all(|request| of_request.contains_key(request)));
    let all_events = desk.number("SELECT count(*) FROM webhook_events").await;
    assert_eq!(all_events, i64::try_from(of_request.len() * EVENTS_IN_A_REQUEST).unwrap());

    // Every acknowledged message once, with the id and the seq that were told.
    let sent = desk.texts("SELECT temp_id || ' ' || id FROM messages WHERE temp_id IS NOT NULL ORDER BY temp_id").await;
    let stored: BTreeMap<String, i64> = sent
        .iter()
        .flatten()
        .map(|row| row.split_once(' ').unwrap())
        .map(|(temp_id, id)| (temp_id.to_owned(), id.parse().unwrap()))
        .collect();
    assert_eq!(stored.len(), sent.len());
    let told = desk.texts("SELECT seq || ' ' || subject_id FROM feed WHERE kind = 'message_created'").await;
    let told: BTreeSet<String> = told.into_iter().flatten().collect();
    for (temp_id, (message, seq)) in &acknowledged.sent {
        assert_eq!(stored.get(temp_id), Some(message), "{temp_id}");
        assert!(told.contains(&format!("{seq} {message}")), "{temp_id}");
    }
    let acted = desk.texts("SELECT '' || seq FROM feed WHERE kind LIKE 'session%'").await;
    assert!(acknowledged.acted.iter().all(|seq| acted.contains(&Some(seq.to_string()))));

    // DL8: what LINE accepted is accepted; what was on its way is not forgotten.
    let states = desk.texts("SELECT message_id || ' ' || state FROM deliveries").await;
    let states: BTreeSet<String> = states.into_iter().flatten().collect();
    for message in &acknowledged.accepted {
        assert!(states.contains(&format!("{message} accepted")), "{message}");
    }
    for message in acknowledged.called.keys() {
        let stands =
            ["sending", "accepted", "unknown"].iter().any(|state| states.contains(&format!("{message} {state}")));
        assert!(stands, "{message}");
    }

    // What the dead one held is free when its time is over. PostgreSQL may take a moment to see that its client is gone,
    // and rows that are still locked are passed over.
    let free_at = after(i64::from(round + 1) * ROUND_SECONDS);
    let lanes = desk.number("SELECT count(*) FROM lanes").await;
    let mut leased = 0;
    for _ in 0..1000 {
        leased += desk.lease("check", free_at).await.len();
        if i64::try_from(leased).unwrap() == lanes {
            break;
        }
    }
    assert_eq!(i64::try_from(leased).unwrap(), lanes);
    desk.write(outbox::free_all_leases).await;
}

#[test]
fn sqlite_every_acknowledged_write_survives_kill_9() {
    every_acknowledged_write_survives(Engine::Sqlite);
}

#[test]
fn postgres_every_acknowledged_write_survives_kill_9() {
    every_acknowledged_write_survives(Engine::Postgres);
}
