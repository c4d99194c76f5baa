//! `linedesk doctor`: looks at everything that an installation needs, and says what is wrong and where to change it.

use clap::ArgMatches;
use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_line::client::{AccessToken, CallError, LineClient};
use linedesk_protocol::Timestamp;
use linedesk_protocol::rest::{Finding, FindingLevel};
use linedesk_store::ops::channels;
use linedesk_store::{Access, Store, StoreError};

use super::{Failure, say};
use crate::app;
use crate::config::Config;
use crate::line_tokens::{LineTokens, With};
use crate::{doctor, secrets};

/// A channel to look at.
struct Subject {
    name: String,
    /// What there is to ask LINE with; none where the channel is off.
    token: Option<Result<AccessToken, CallError>>,
    misdirected: Option<(String, Timestamp)>,
}

pub(crate) async fn run(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let out = &mut std::io::stdout();
    let line = app::line_client(config)?;
    let now = Timestamp(SystemClock.now_ms());
    let mut findings = Vec::new();
    let subjects = match app::open_store(config, Access::Command).await {
        Ok(store) => {
            let subjects = subjects(config, &line, &store, now).await;
            tokio::task::spawn_blocking(move || store.close()).await.map_err(anyhow::Error::from)?;
            findings.push(doctor::database(config));
            subjects?
        }
        Err(error) => {
            findings.push(doctor::no_database(&error));
            Vec::new()
        }
    };
    findings.extend(doctor::machine(config));
    let subjects = with_configured(config, subjects);
    if subjects.is_empty() {
        findings.push(doctor::no_channel());
    }
    for Subject { name, token, misdirected } in subjects {
        let Some(token) = token else {
            findings.push(doctor::channel_off(&name));
            continue;
        };
        let with_test = !matches.get_flag("no-test");
        let about = (name.as_str(), misdirected.as_ref());
        findings.extend(doctor::channel(config, &line, about, token, now.0, with_test).await);
    }
    for finding in &findings {
        print(out, finding);
    }
    let wrong = findings.iter().filter(|finding| finding.level == FindingLevel::Wrong).count();
    if wrong > 0 { Err(Failure::Failed(format!("{wrong} things are wrong; see above"))) } else { Ok(()) }
}

fn print(out: &mut impl std::io::Write, finding: &Finding) {
    let mark = match finding.level {
        FindingLevel::Ok => "ok   ",
        FindingLevel::Warning => "warn ",
        FindingLevel::Wrong => "WRONG",
    };
    let about = finding.channel.as_ref().map_or_else(String::new, |channel| format!("channel {channel}: "));
    say(out, &format!("{mark}  {about}{}", finding.found));
    if let Some(todo) = &finding.todo {
        say(out, &format!("       → {todo}"));
    }
}

async fn subjects(config: &Config, line: &LineClient, store: &Store, now: Timestamp) -> anyhow::Result<Vec<Subject>> {
    let secrets = secrets::open(config, store).await?;
    let tokens = LineTokens::default();
    let known = store.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
    let mut subjects = Vec::with_capacity(known.len());
    for channel in known.into_iter().filter_map(|channel| secrets.open_channel(channel)) {
        let with = With { line, store, secrets: &secrets, now };
        let token = if channel.is_active { Some(tokens.tried_token(with, &channel).await) } else { None };
        subjects.push(Subject { name: channel.name, token, misdirected: channel.misdirected });
    }
    Ok(subjects)
}

/// The configuration's channel comes first, as the next start would make it.
fn with_configured(config: &Config, mut subjects: Vec<Subject>) -> Vec<Subject> {
    if let Some((_, token)) = &config.line_channel {
        let known = subjects.iter().position(|subject| subject.name == channels::DEFAULT);
        let misdirected = known.and_then(|at| subjects.remove(at).misdirected);
        let token = Some(Ok(AccessToken(token.clone())));
        subjects.insert(0, Subject { name: channels::DEFAULT.to_owned(), token, misdirected });
    }
    subjects
}
