//! `linedesk operator …`: accounts from the command line, also while the server runs.

use std::io::Read as _;

use clap::ArgMatches;
use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_protocol::{Role, Timestamp};
use linedesk_store::ops::channels::{self, ChannelAccess};
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::{Access, Origin, Store, StoreError};

use super::{Failure, say};
use crate::app::open_store;
use crate::auth::password;
use crate::config::Config;

/// Standard input is a password, not a novel.
const PASSWORD_BYTES: u64 = 4096;

pub(crate) fn run(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let (name, matches) = matches.subcommand().ok_or_else(|| Failure::Usage("which operator command?".to_owned()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let text = |key: &str| matches.get_one::<String>(key).cloned().unwrap_or_default();
    let role = || -> Result<Role, Failure> {
        text("role").parse().map_err(|_| Failure::Usage("--role is SUPER_ADMIN, ADMIN or AGENT".to_owned()))
    };
    // Everything is checked before the database is touched.
    let work = match name {
        "list" => Work::List,
        "add" => {
            let username = operators::normalized(&text("username"));
            if username.is_empty() || username.chars().count() > 64 {
                return Err(Failure::Usage("--username has 1 to 64 characters".to_owned()));
            }
            let role = role()?;
            let display_name = Some(text("display-name")).filter(|name| !name.trim().is_empty());
            let password_hash = password::hash_blocking(&read_password()?)?;
            Work::Add(NewOperator {
                display_name: display_name.unwrap_or_else(|| username.clone()),
                username,
                role,
                password_hash,
            })
        }
        "passwd" => Work::Passwd(text("name"), password::hash_blocking(&read_password()?)?),
        "role" => Work::Role(text("name"), role()?),
        "channels" => match matches.get_one::<String>("only") {
            Some(names) => Work::Limit(text("name"), names.split(',').map(|name| name.trim().to_owned()).collect()),
            None if matches.get_flag("all") => Work::Unlimit(text("name")),
            None => return Err(Failure::Usage("give --only NAMES or --all".to_owned())),
        },
        "deactivate" => Work::Deactivate(text("name")),
        other => return Err(Failure::Usage(format!("operator {other} is not a command"))),
    };
    runtime.block_on(async {
        let store = open_store(config, Access::Command).await?;
        let done = work.run(&store).await.map_err(|error| Failure::Failed(error.to_string()));
        drop(tokio::task::spawn_blocking(move || store.close()).await);
        done
    })
}

fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(PASSWORD_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Failure::Failed(format!("cannot read the password: {error}")))?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    password::check(&password).map_err(|why| Failure::Usage(why.to_owned()))?;
    Ok(password)
}

enum Work {
    List,
    Add(NewOperator),
    Passwd(String, String),
    Role(String, Role),
    Limit(String, Vec<String>),
    Unlimit(String),
    Deactivate(String),
}

impl Work {
    async fn run(self, store: &Store) -> Result<(), OperatorError> {
        let now = Timestamp(SystemClock.now_ms());
        let origin = Origin::system("command");
        let out = &mut std::io::stdout();
        match self {
            Self::List => {
                let read = store.read::<_, StoreError, _>(|tx| Ok((operators::list(tx)?, channels::list(tx)?)));
                let (all, known) = read.await?;
                for operator in all {
                    let channels = match &operator.channels {
                        ChannelAccess::All => "all".to_owned(),
                        ChannelAccess::Only(_) => {
                            let seen = known.iter().filter(|channel| operator.channels.allows(channel.id));
                            seen.map(|channel| channel.name.as_str()).collect::<Vec<_>>().join(",")
                        }
                    };
                    let state = if operator.is_active { "active" } else { "deactivated" };
                    let line = [
                        &operator.id.to_string(),
                        &operator.username,
                        operator.role.as_str(),
                        state,
                        &operator.display_name,
                        &channels,
                    ];
                    say(out, &line.join("\t"));
                }
            }
            Self::Add(new) => {
                let name = new.username.clone();
                let done = store.write(move |tx| operators::create(tx, &new, &origin, now)).await?;
                say(out, &format!("added {name} ({})", done.value));
            }
            Self::Passwd(name, hash) => {
                let shown = name.clone();
                store
                    .write(move |tx| {
                        let operator = operators::find_by_username(tx, &name)?.ok_or(OperatorError::NotFound)?;
                        operators::set_password(tx, operator.id, &hash, None, &origin, now)
                    })
                    .await?;
                say(out, &format!("{shown} has another password and is signed out everywhere"));
            }
            Self::Role(name, role) => {
                let shown = name.clone();
                store
                    .write(move |tx| {
                        let operator = operators::find_by_username(tx, &name)?.ok_or(OperatorError::NotFound)?;
                        operators::set_role(tx, operator.id, role, &origin, now)
                    })
                    .await?;
                say(out, &format!("{shown} is {} now", role.as_str()));
            }
            Self::Limit(name, channels) => {
                let shown =
                    format!("{name} sees {} only; what they had elsewhere is back in the queue", channels.join(", "));
                limit(store, name, Some(channels), origin, now).await?;
                say(out, &shown);
            }
            Self::Unlimit(name) => {
                let shown = format!("{name} sees every channel");
                limit(store, name, None, origin, now).await?;
                say(out, &shown);
            }
            Self::Deactivate(name) => {
                let shown = name.clone();
                store
                    .write(move |tx| {
                        let operator = operators::find_by_username(tx, &name)?.ok_or(OperatorError::NotFound)?;
                        operators::deactivate(tx, operator.id, &origin, now)
                    })
                    .await?;
                say(out, &format!("{shown} cannot sign in any more; their customers are back in the queue"));
            }
        }
        Ok(())
    }
}

/// None of them is every one.
async fn limit(
    store: &Store,
    name: String,
    channels: Option<Vec<String>>,
    origin: Origin,
    now: Timestamp,
) -> Result<(), OperatorError> {
    let written = store.write(move |tx| {
        let operator = operators::find_by_username(tx, &name)?.ok_or(OperatorError::NotFound)?;
        let known = channels::list(tx)?;
        let find = |name: &String| {
            let found = known.iter().find(|channel| channel.name == *name).map(|channel| channel.id);
            found.ok_or_else(|| OperatorError::NoSuchChannel(name.clone()))
        };
        let access = match &channels {
            Some(names) => ChannelAccess::Only(names.iter().map(find).collect::<Result<_, _>>()?),
            None => ChannelAccess::All,
        };
        operators::set_channels(tx, operator.id, &access, &origin, now)
    });
    written.await.map(drop)
}
