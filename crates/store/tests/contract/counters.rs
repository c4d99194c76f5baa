//! Random operations beside a model: the lists and their counts are always those of counting by hand.

use linedesk_core::permission::Staff;
use linedesk_protocol::rest::{ListCounts, ListStatus};
use linedesk_protocol::{ConversationId, Role, Timestamp};
use linedesk_store::Origin;
use linedesk_store::ops::conversations::{self, Filter};
use linedesk_store::ops::sessions::Command;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::actions::{act_through, hand_off, text, user};
use super::harness::{Desk, Engine, Place, after, block_on};

const CUSTOMERS: usize = 4;
const OPERATORS: usize = 2;

#[derive(Clone, Debug)]
enum Op {
    Message { customer: usize, asks_for_person: bool },
    Start { customer: usize, by: usize },
    Claim { customer: usize, by: usize },
    Release { customer: usize, by: usize },
    Transfer { customer: usize, by: usize },
    Close { customer: usize, by: usize },
    TimeOut { customer: usize },
    Archive { customer: usize, archived: bool },
}

fn op() -> impl Strategy<Value = Op> {
    let customer = 0..CUSTOMERS;
    let both = (0..CUSTOMERS, 0..OPERATORS);
    prop_oneof![
        3 => (customer.clone(), any::<bool>())
            .prop_map(|(customer, asks_for_person)| Op::Message { customer, asks_for_person }),
        2 => both.clone().prop_map(|(customer, by)| Op::Start { customer, by }),
        1 => both.clone().prop_map(|(customer, by)| Op::Claim { customer, by }),
        1 => both.clone().prop_map(|(customer, by)| Op::Release { customer, by }),
        1 => both.clone().prop_map(|(customer, by)| Op::Transfer { customer, by }),
        2 => both.prop_map(|(customer, by)| Op::Close { customer, by }),
        1 => customer.clone().prop_map(|customer| Op::TimeOut { customer }),
        3 => (customer, any::<bool>()).prop_map(|(customer, archived)| Op::Archive { customer, archived }),
    ]
}

/// An open session as the model has it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    Waiting,
    Active(usize),
}

/// A conversation as the model has it.
#[derive(Clone, Debug, Default)]
struct Modelled {
    session: Option<Open>,
    had_session: bool,
    archived: bool,
    last_activity: i64,
}

#[derive(Default)]
struct Model(Vec<Modelled>);

impl Model {
    fn apply(&mut self, op: &Op, now: i64) {
        let (Op::Message { customer, .. }
        | Op::Start { customer, .. }
        | Op::Claim { customer, .. }
        | Op::Release { customer, .. }
        | Op::Transfer { customer, .. }
        | Op::Close { customer, .. }
        | Op::TimeOut { customer }
        | Op::Archive { customer, .. }) = op;
        let it = &mut self.0[*customer];
        match (op, it.session) {
            (Op::Message { asks_for_person, .. }, session) => {
                it.archived = false;
                it.last_activity = now;
                if *asks_for_person && session.is_none() {
                    it.session = Some(Open::Waiting);
                    it.had_session = true;
                }
            }
            (Op::Start { by, .. }, None) => {
                (it.session, it.had_session, it.archived) = (Some(Open::Active(*by)), true, false);
            }
            (Op::Start { by, .. } | Op::Claim { by, .. }, Some(Open::Waiting)) => it.session = Some(Open::Active(*by)),
            (Op::Release { by, .. }, Some(Open::Active(owner))) if owner == *by => it.session = Some(Open::Waiting),
            (Op::Transfer { by, .. }, Some(Open::Active(owner))) if owner == *by => {
                it.session = Some(Open::Active(1 - by));
            }
            (Op::Close { by, .. }, Some(Open::Active(owner))) if owner == *by => it.session = None,
            (Op::TimeOut { .. }, Some(_)) => it.session = None,
            (Op::Archive { archived, .. }, None) => it.archived = *archived,
            // Bringing back what is not archived, and everything that is refused.
            _ => {}
        }
    }

    fn listed(&self, status: ListStatus) -> Vec<usize> {
        let shown = |it: &Modelled| match status {
            ListStatus::All => !it.archived,
            ListStatus::Waiting => it.session == Some(Open::Waiting),
            ListStatus::Active => matches!(it.session, Some(Open::Active(_))),
            ListStatus::Mine => it.session == Some(Open::Active(0)),
            ListStatus::Bot => !it.archived && it.session.is_none(),
            ListStatus::Closed => !it.archived && it.session.is_none() && it.had_session,
        };
        let mut listed: Vec<_> = (0..CUSTOMERS).filter(|&customer| shown(&self.0[customer])).collect();
        listed.sort_by_key(|&customer| std::cmp::Reverse((self.0[customer].last_activity, customer)));
        listed
    }
}

async fn perform(desk: &Desk, op: &Op, ids: &[ConversationId], staff: &[Staff], step: i64, now: Timestamp) {
    let (customer, command) = match *op {
        Op::Message { customer, asks_for_person } => {
            let (chat, id) = (user(u32::try_from(customer).unwrap()), format!("step-{step}"));
            let event = if asks_for_person { hand_off(&chat, &id) } else { text(&chat, &id, "hello") };
            desk.ingest_at(vec![event], now).await;
            return;
        }
        Op::Archive { customer, archived } => {
            let id = ids[customer];
            let origin = Origin::system("rest");
            // Refused while a session is open, as the model has it.
            let _ = desk.store.write(move |tx| conversations::set_archived(tx, id, archived, &origin, now)).await;
            return;
        }
        Op::Start { customer, by } => (customer, Command::Start(staff[by])),
        Op::Claim { customer, by } => (customer, Command::Claim(staff[by])),
        Op::Release { customer, by } => (customer, Command::Release(staff[by])),
        Op::Transfer { customer, by } => {
            (customer, Command::Transfer { by: staff[by], to: staff[1 - by].id, reason: None })
        }
        Op::Close { customer, by } => (customer, Command::Close(staff[by])),
        Op::TimeOut { customer } => (customer, Command::TimeOut),
    };
    // Refusals are the model's business too.
    let _ = act_through(&desk.store, ids[customer], command, now).await;
}

async fn compare(desk: &Desk, ops: &[Op]) -> Result<(), TestCaseError> {
    let staff = [desk.operator("a", Role::Agent).await, desk.operator("b", Role::Agent).await];
    let mut model = Model::default();
    let mut ids = Vec::new();
    for customer in 0..CUSTOMERS {
        let (chat, channel) = (user(u32::try_from(customer).unwrap()), desk.channel);
        ids.push(desk.write(move |tx| conversations::get_or_create(tx, channel, &chat, after(0))).await);
        model.0.push(Modelled { last_activity: 0, ..Modelled::default() });
    }
    for (step, op) in ops.iter().enumerate() {
        let number = i64::try_from(step).unwrap();
        // Three steps share an instant.
        let now = number / 3;
        perform(desk, op, &ids, &staff, number, after(now)).await;
        model.apply(op, now);
        for status in [
            ListStatus::All,
            ListStatus::Waiting,
            ListStatus::Active,
            ListStatus::Mine,
            ListStatus::Bot,
            ListStatus::Closed,
        ] {
            let filter = Filter { status, operator: Some(staff[0].id), ..Filter::default() };
            let page = desk.read(move |tx| conversations::list(tx, &filter, None, 50)).await;
            let expected: Vec<_> = model.listed(status).into_iter().map(|customer| ids[customer]).collect();
            let found: Vec<_> = page.conversations.iter().map(|summary| summary.id).collect();
            prop_assert_eq!(page.total, i64::try_from(expected.len()).unwrap(), "total of {:?} at {}", status, step);
            prop_assert_eq!(found, expected, "list of {:?} at {}", status, step);
            let count = |status| i64::try_from(model.listed(status).len()).unwrap();
            let counts = ListCounts {
                all: count(ListStatus::All),
                waiting: count(ListStatus::Waiting),
                active: count(ListStatus::Active),
                mine: count(ListStatus::Mine),
                bot: count(ListStatus::Bot),
                closed: count(ListStatus::Closed),
            };
            prop_assert_eq!(page.counts, counts, "at {}", step);
        }
    }
    Ok(())
}

fn lists_and_counts_are_those_of_the_model(engine: Engine, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let ops = proptest::collection::vec(op(), 1..50);
    let result = runner.run(&ops, |ops| {
        let Some(place) = Place::new(engine) else { return Ok(()) };
        block_on(async {
            let desk = Desk::open(place).await;
            compare(&desk, &ops).await?;
            desk.assert_sound().await;
            Ok(())
        })
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

mod sqlite {
    #[test]
    fn lists_and_counts_are_those_of_the_model() {
        super::lists_and_counts_are_those_of_the_model(super::Engine::Sqlite, 12);
    }
}

mod postgres {
    #[test]
    fn lists_and_counts_are_those_of_the_model() {
        super::lists_and_counts_are_those_of_the_model(super::Engine::Postgres, 4);
    }
}
