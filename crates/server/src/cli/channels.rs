//! `linedesk channel …`: LINE accounts from the command line, also while the server runs.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_protocol::rest::ChannelWish;
use linedesk_protocol::{Timestamp, TokenKind};
use linedesk_store::ops::channels::{self, Channel};
use linedesk_store::{Access, Origin, Store, StoreError};

use super::{Failure, say};
use crate::app::open_store;
use crate::channel_setup::{self, SetupError, webhook_url};
use crate::config::Config;
use crate::secrets::{self, Secrets};

/// Secrets and keys, not novels.
const INPUT_BYTES: u64 = 16 * 1024;

pub(crate) fn command() -> Command {
    let name = Arg::new("name").required(true).help("The channel's name: 1 to 40 of a-z, 0-9, - and _");
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let with_what = |command: Command| {
        command
            .arg(Arg::new("token-kind").long("token-kind").help("long_lived, stateless or jwt [long_lived]"))
            .arg(Arg::new("line-channel-id").long("line-channel-id").help("LINE's id of the channel: digits"))
            .arg(flag("secret-stdin", "Read the channel secret from standard input, one line"))
            .arg(flag(
                "access-token-stdin",
                "Read the access token from standard input, after the secret if both are given",
            ))
            .arg(
                Arg::new("assertion-key")
                    .long("assertion-key")
                    .value_name("FILE")
                    .help("The private key of token kind jwt, a JSON Web Key with its kid"),
            )
    };
    Command::new("channel")
        .about("The desk's LINE accounts; works beside a running server")
        .subcommand_required(true)
        .subcommand(with_what(Command::new("add").about("Add a channel").arg(name.clone())))
        .subcommand(Command::new("list").about("List channels"))
        .subcommand(with_what(Command::new("set").about("Change a channel").arg(name.clone())))
        .subcommand(Command::new("disable").about("Refuse a channel's webhooks, and send nothing").arg(name.clone()))
        .subcommand(Command::new("enable").about("Use a channel again").arg(name))
        .subcommand(
            Command::new("rotate-key")
                .about("Seal the channels' secrets with another key; start every server again afterwards")
                .arg(flag("new-key-stdin", "Read the next secret_key from standard input"))
                .arg(flag("lost", "The key is lost: a new one, and channels without their secrets")),
        )
}

pub(crate) async fn run(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let (verb, matches) = matches.subcommand().ok_or_else(|| Failure::Usage("which channel command?".to_owned()))?;
    let name = matches.try_get_one::<String>("name").ok().flatten().cloned().unwrap_or_default();
    // Everything is read before the database is touched.
    let work = match verb {
        "list" => Work::List,
        "add" => Work::Add(ChannelWish { name: Some(name), ..wish(matches)? }),
        "set" => Work::Change(name, wish(matches)?),
        "disable" => Work::Change(name, ChannelWish { is_active: Some(false), ..ChannelWish::default() }),
        "enable" => Work::Change(name, ChannelWish { is_active: Some(true), ..ChannelWish::default() }),
        "rotate-key" if matches.get_flag("lost") => Work::Forget,
        "rotate-key" => {
            let is_given = matches.get_flag("new-key-stdin");
            Work::Rotate(if is_given { Some(read_input()?.trim().to_owned()) } else { None })
        }
        other => return Err(Failure::Usage(format!("channel {other} is not a command"))),
    };
    let store = open_store(config, Access::Command).await?;
    let done = work.run(&store, config).await;
    tokio::task::spawn_blocking(move || store.close()).await.map_err(anyhow::Error::from)?;
    done
}

fn read_input() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(INPUT_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| Failure::Failed(format!("cannot read standard input: {error}")))?;
    Ok(text)
}

fn wish(matches: &ArgMatches) -> Result<ChannelWish, Failure> {
    let text = |key: &str| matches.get_one::<String>(key).cloned();
    let token_kind = text("token-kind")
        .map(|kind| kind.parse::<TokenKind>())
        .transpose()
        .map_err(|_| Failure::Usage("--token-kind is long_lived, stateless or jwt".to_owned()))?;
    let (with_secret, with_token) = (matches.get_flag("secret-stdin"), matches.get_flag("access-token-stdin"));
    let input = if with_secret || with_token { read_input()? } else { String::new() };
    let mut lines = input.lines().map(str::to_owned);
    let mut line = |is_given: bool| if is_given { Some(lines.next().unwrap_or_default()) } else { None };
    let assertion_key = text("assertion-key").map(PathBuf::from).map(|path| {
        std::fs::read_to_string(&path)
            .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))
    });
    Ok(ChannelWish {
        channel_secret: line(with_secret),
        access_token: line(with_token),
        token_kind,
        line_channel_id: text("line-channel-id"),
        assertion_key: assertion_key.transpose()?,
        ..ChannelWish::default()
    })
}

enum Work {
    List,
    Add(ChannelWish),
    Change(String, ChannelWish),
    Rotate(Option<String>),
    Forget,
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Fields(_) => Self::Usage(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl Work {
    async fn run(self, store: &Store, config: &Config) -> Result<(), Failure> {
        let now = Timestamp(SystemClock.now_ms());
        let origin = Origin::system("command");
        let out = &mut std::io::stdout();
        match self {
            Self::List => {
                let secrets = secrets::open(config, store).await?;
                for channel in known(store).await? {
                    say(out, &line(&secrets, channel, config));
                }
            }
            Self::Add(wish) => {
                let secrets = secrets::open(config, store).await?;
                let made = channel_setup::create(store, &secrets, wish, origin, now).await?;
                say(out, &format!("added {}; LINE is to call {}", made.name, webhook_url(config, &made.name)));
            }
            Self::Change(name, wish) => {
                let secrets = secrets::open(config, store).await?;
                let known = known(store).await?.into_iter().find(|channel| channel.name == name);
                let id = known.ok_or(SetupError::NotFound)?.id;
                let changed = channel_setup::change(store, &secrets, id, wish, origin, now).await?;
                let state = if changed.is_active { "on" } else { "off" };
                say(out, &format!("{name} is changed and {state}"));
            }
            Self::Rotate(new_key) => {
                let count = secrets::rotate(config, store, new_key).await?;
                say(out, &format!("the secrets of {count} channels are sealed with another key"));
                say(out, "Start every server again, with the new key where it is a setting.");
            }
            Self::Forget => {
                let count = secrets::forget(config, store).await?;
                say(
                    out,
                    &format!("{count} channels are without their secrets now: give them with `linedesk channel set`"),
                );
            }
        }
        Ok(())
    }
}

async fn known(store: &Store) -> Result<Vec<Channel>, Failure> {
    Ok(store.read::<_, StoreError, _>(|tx| channels::list(tx)).await.map_err(anyhow::Error::from)?)
}

/// For people and for `cut`: name, state, kind of token, what is missing, webhook.
fn line(secrets: &Secrets, kept: Channel, config: &Config) -> String {
    let webhook = webhook_url(config, &kept.name);
    let (name, is_active, kind) = (kept.name.clone(), kept.is_active, kept.token_kind);
    let told = match secrets.open_channel(kept) {
        Some(channel) if channel.secret.is_empty() => "no secret",
        Some(_) => "secret set",
        None => "sealed with another key",
    };
    [name.as_str(), if is_active { "on" } else { "off" }, kind.as_str(), told, webhook.as_str()].join("\t")
}
