//! `linedesk replay`: a desk made anew from stored webhooks (WH7).
//!
//! It reads the kept events of another desk, in the order in which they came, and takes each as if it came now, with the
//! clock of then. What operators did is not in webhooks, and is not made anew. Files are fetched from LINE again, as far as
//! LINE has them, once the desk is served. Channels come without their secrets, which only the other desk can open.

use std::path::PathBuf;

use clap::ArgMatches;
use linedesk_line::webhook::{self as line, EventKind};
use linedesk_protocol::Timestamp;
use linedesk_store::ops::channels;
use linedesk_store::ops::webhook::{self, Effect, KeptEvent, Withdrawn};
use linedesk_store::{Access, Location, Query, Store, StoreError};

use super::{Failure, say};
use crate::app;
use crate::config::Config;
use crate::inbound;

/// In one commit.
const AT_ONCE: i64 = 200;

pub(crate) async fn run(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let from = matches.get_one::<String>("from").cloned().unwrap_or_default();
    let source = match from.split_once("://") {
        Some(("postgres" | "postgresql", _)) => Location::Postgres { url: from, schema: None },
        Some(_) => return Err(Failure::Usage("--from: expected a data directory or postgres://…".to_owned())),
        None => Location::Sqlite { data_dir: PathBuf::from(from) },
    };
    if let Location::Sqlite { data_dir } = &source
        && !data_dir.join("linedesk.db").exists()
    {
        return Err(Failure::Failed(format!("there is no desk in {}", data_dir.display())));
    }
    if source == config.location {
        return Err(Failure::Usage("--from: this is the desk that would be filled".to_owned()));
    }
    // Beside its server, if one runs: it is only read.
    let source = tokio::task::spawn_blocking(move || Store::open(&source, Access::Command)).await;
    let source = source.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    let target = app::open_store(config, Access::Server).await?;
    let done = replay(config, &source, &target).await;
    let closing = tokio::task::spawn_blocking(move || {
        source.close();
        target.close();
    });
    closing.await.map_err(anyhow::Error::from)?;
    let Done { events, withdrawn, broken } = done?;
    let out = &mut std::io::stdout();
    say(out, &format!("{events} events replayed, {broken} of them could not be handled."));
    if withdrawn > 0 {
        say(
            out,
            &format!("{withdrawn} brought messages that were withdrawn: what they said is gone, and a mark is there."),
        );
    }
    say(
        out,
        "The channels came without their secrets: give them with the configuration, or with `linedesk channel set`.",
    );
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Done {
    events: u64,
    /// Their content was erased since (WH6).
    withdrawn: u64,
    broken: u64,
}

async fn replay(config: &Config, source: &Store, target: &Store) -> anyhow::Result<Done> {
    let is_empty = target.read::<_, StoreError, _>(|tx| Ok(webhook::list_kept(tx, 0, 1)?.is_empty())).await?;
    anyhow::ensure!(is_empty, "the desk has webhooks already: replay fills an empty one");
    let known = source.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
    let copied = known.clone();
    let made = target.write::<_, StoreError, _>(move |tx| {
        // Their secrets were sealed by the other desk, and what this one has stays. When a channel was made does not matter.
        copied
            .iter()
            .map(|channel| channels::find_or_create(tx, &channel.name, Timestamp(0)))
            .collect::<Result<Vec<_>, _>>()
    });
    let made = made.await?.value;
    let (mut after, mut total) = (0, Done::default());
    loop {
        let kept = source.read::<_, StoreError, _>(move |tx| webhook::list_kept(tx, after, AT_ONCE)).await?;
        let Some(last) = kept.last() else { return Ok(total) };
        after = last.id;
        // Of one that was erased to the last letter nothing is left to replay.
        let (erased, kept): (Vec<_>, Vec<_>) = kept.into_iter().partition(|kept| kept.raw.is_empty());
        total.withdrawn += erased.len() as u64;
        let read = source.read::<_, StoreError, _>(move |tx| {
            kept.iter().map(|kept| Ok((kept.clone(), withdrawn(tx, kept)?))).collect::<Result<Vec<_>, _>>()
        });
        let read = read.await?;
        total.withdrawn += read.iter().filter(|(_, withdrawn)| withdrawn.is_some()).count() as u64;
        let read: Vec<_> = read
            .into_iter()
            .filter_map(|(kept, withdrawn)| {
                let at = known.iter().position(|channel| channel.id == kept.channel)?;
                Some((made[at], again(config, &kept, withdrawn), kept.received_at))
            })
            .collect();
        let done = target.write::<_, StoreError, _>(move |tx| {
            let mut counts = (0, 0);
            for (channel, event, received_at) in &read {
                let done = webhook::ingest(tx, *channel, std::slice::from_ref(event), *received_at)?;
                counts.0 += u64::from(done.new);
                counts.1 += u64::from(done.broken);
            }
            Ok(counts)
        });
        let (some, bad) = done.await?.value;
        total.events += some;
        total.broken += bad;
    }
}

fn withdrawn(tx: &mut impl Query, kept: &KeptEvent) -> Result<Option<Withdrawn>, StoreError> {
    let event = line::parse_event(&kept.raw).ok().map(|event| event.kind);
    let Some(EventKind::Message { message }) = event else { return Ok(None) };
    webhook::find_withdrawn(tx, kept, &message.id)
}

fn again(config: &Config, kept: &KeptEvent, withdrawn: Option<Withdrawn>) -> webhook::Event {
    let mut event = inbound::read(config, &kept.raw, kept.received_at);
    // Its words are gone, and what they did is not.
    if let (Effect::Message(message), Some(after_hours)) = (&mut event.effect, withdrawn.and_then(|one| one.opened)) {
        (message.asks_for_person, message.after_hours) = (true, after_hours);
    }
    event
}
