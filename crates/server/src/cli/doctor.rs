//! `linedesk doctor`: looks at everything that an installation needs, and says what is wrong and where to change it.

use clap::ArgMatches;
use linedesk_store::Access;
use linedesk_store::ops::channels;
use linedesk_store::{Store, StoreError};

use super::{Failure, say};
use crate::app;
use crate::config::Config;
use crate::doctor::{self, Level};

pub(crate) async fn run(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let out = &mut std::io::stdout();
    let opened = app::open_store(config, Access::Command).await;
    let (store, database) = match opened {
        Ok(store) => (Some(store), doctor::database(&config.location)),
        Err(error) => (None, doctor::no_database(&error)),
    };
    let mut findings = vec![database];
    findings.extend(doctor::machine(config));
    let channels = match &store {
        Some(store) => store.read::<_, StoreError, _>(|tx| channels::list(tx)).await.map_err(anyhow::Error::from)?,
        None => Vec::new(),
    };
    let channels = doctor::with_configured(config, channels);
    if channels.is_empty() {
        findings.push(doctor::no_channel());
    }
    for (name, token) in &channels {
        findings.extend(doctor::channel(config, name, token, matches.get_flag("no-test")).await?);
    }
    if let Some(store) = store {
        close(store).await?;
    }
    for finding in &findings {
        let mark = match finding.level {
            Level::Ok => "ok   ",
            Level::Warning => "warn ",
            Level::Wrong => "WRONG",
        };
        say(out, &format!("{mark}  {}: {}", finding.about, finding.found));
        if let Some(todo) = &finding.todo {
            say(out, &format!("       → {todo}"));
        }
    }
    let wrong = findings.iter().filter(|finding| finding.level == Level::Wrong).count();
    if wrong > 0 { Err(Failure::Failed(format!("{wrong} things are wrong; see above"))) } else { Ok(()) }
}

async fn close(store: Store) -> Result<(), Failure> {
    tokio::task::spawn_blocking(move || store.close()).await.map_err(anyhow::Error::from)?;
    Ok(())
}
