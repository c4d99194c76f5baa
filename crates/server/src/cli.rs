//! The command line (CF): `serve`, `demo`, `simulate`, `operator …`, `channel …`, `doctor`, `replay`,
//! `backup`, `restore`, `migrate`.
//!
//! Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration, with one clear line on stderr.

mod accounts;
mod backup;
mod channels;
mod demo;
mod doctor;
mod replay;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};
use linedesk_core::clock::SystemClock;
use linedesk_store::Access;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{self, App};
use crate::config::{Config, ConfigError, KEYS, Settings};
use crate::secrets::KeyError;

/// How a command failed.
pub(crate) enum Failure {
    /// Wrong usage or configuration: exit code 2.
    Usage(String),
    /// Exit code 1.
    Failed(String),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        if let Some(error) = error.downcast_ref::<KeyError>() {
            return Self::Usage(error.to_string());
        }
        Self::Failed(format!("{error:#}"))
    }
}

/// Runs the command line.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() && !is_help(error.kind()) => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            say(&mut std::io::stderr(), &format!("linedesk: {}", line.strip_prefix("error: ").unwrap_or(line)));
            return ExitCode::from(2);
        }
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let (code, line) = match run(&matches) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(line)) => (2, line),
        Err(Failure::Failed(line)) => (1, line),
    };
    say(&mut std::io::stderr(), &format!("linedesk: {}", line.replace('\n', " ")));
    ExitCode::from(code)
}

/// Asked for, or shown instead of an empty command line: whole.
const fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// Prints a line; whoever closed the pipe does not want it.
pub(crate) fn say(out: &mut impl std::io::Write, line: &str) {
    let _ = writeln!(out, "{line}");
}

fn command() -> Command {
    let password = Arg::new("password-stdin")
        .long("password-stdin")
        .action(ArgAction::SetTrue)
        .required(true)
        .help("Read the password from standard input");
    let name = Arg::new("name").required(true).help("The operator's user name");
    let operator = Command::new("operator")
        .about("Accounts of the people who answer; works beside a running server")
        .subcommand_required(true)
        .subcommand(
            Command::new("add")
                .about("Add an operator")
                .arg(Arg::new("username").long("username").required(true))
                .arg(Arg::new("role").long("role").required(true).help("SUPER_ADMIN, ADMIN or AGENT"))
                .arg(
                    Arg::new("display-name").long("display-name").help("What colleagues see; the user name if missing"),
                )
                .arg(password.clone()),
        )
        .subcommand(Command::new("list").about("List operators"))
        .subcommand(Command::new("passwd").about("Give an operator another password").arg(name.clone()).arg(password))
        .subcommand(
            Command::new("role")
                .about("Give an operator another role")
                .arg(name.clone())
                .arg(Arg::new("role").long("role").required(true).help("SUPER_ADMIN, ADMIN or AGENT")),
        )
        .subcommand(
            Command::new("channels")
                .about("Limit an agent to some LINE accounts, or to none of them no more")
                .arg(name.clone())
                .arg(Arg::new("only").long("only").value_name("NAMES").help("Names of channels, with commas between"))
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .conflicts_with("only")
                        .help("Every channel, also those that come later"),
                ),
        )
        .subcommand(Command::new("deactivate").about("Take an operator's right to sign in").arg(name));
    let simulate = Command::new("simulate")
        .about("The simulated LINE platform alone, with its phone page")
        .arg(
            Arg::new("simulator-listen")
                .long("simulator-listen")
                .default_value("127.0.0.1:8090")
                .help("Address of the phone page"),
        )
        .arg(
            Arg::new("webhook-url")
                .long("webhook-url")
                .help("Where webhooks go, such as http://127.0.0.1:8080/line/webhook"),
        );
    let demo = Command::new("demo").about("Server, simulated LINE and sample data: no account needed").arg(
        Arg::new("simulator-listen")
            .long("simulator-listen")
            .default_value("127.0.0.1:8090")
            .help("Address of the phone page"),
    );
    let mut command = Command::new("linedesk")
        .about("The live-chat desk for LINE Official Accounts")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("config")
                .long("config")
                .global(true)
                .value_name("FILE")
                .help("Configuration file; ./linedesk.toml if it exists"),
        )
        .subcommand(Command::new("serve").about("Run the server"))
        .subcommand(demo)
        .subcommand(simulate)
        .subcommand(operator)
        .subcommand(channels::command())
        .subcommand(
            Command::new("doctor")
                .about("Look at everything that an installation needs; works beside a running server")
                .arg(
                    Arg::new("no-test")
                        .long("no-test")
                        .action(ArgAction::SetTrue)
                        .help("Do not let LINE call the webhook"),
                ),
        )
        .subcommand(
            Command::new("replay").about("Fill an empty desk from the webhooks of another").arg(
                Arg::new("from")
                    .long("from")
                    .required(true)
                    .value_name("PLACE")
                    .help("The other desk: its data directory, or postgres://…"),
            ),
        )
        .subcommands(backup::commands())
        .subcommand(Command::new("migrate").about("Bring the database's schema up to date and stop"));
    for key in KEYS {
        let help = if key.default.is_empty() { key.help.to_owned() } else { format!("{} [{}]", key.help, key.default) };
        command = command.arg(
            Arg::new(key.name)
                .long(key.name.replace('_', "-"))
                .global(true)
                .value_name("VALUE")
                .help(help)
                .help_heading("Settings (also as LINEDESK_… in the environment, or in linedesk.toml)"),
        );
    }
    command
}

fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let (name, matches) = matches.subcommand().ok_or_else(|| Failure::Usage("which command?".to_owned()))?;
    let mut settings = settings(matches)?;
    if name == "demo" {
        demo::prepare(&mut settings)?;
    }
    let config = Config::from_settings(&settings)?;
    if name == "operator" {
        return accounts::run(matches, &config);
    }
    start_logging(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    match name {
        "serve" => runtime.block_on(serve(config)),
        "migrate" => runtime.block_on(async {
            // Alone: a server of an older version must not be left with a schema it does not know.
            let store = app::open_store(&config, Access::Server).await?;
            drop(tokio::task::spawn_blocking(move || store.close()).await);
            Ok(())
        }),
        "channel" => runtime.block_on(channels::run(matches, &config)),
        "doctor" => runtime.block_on(doctor::run(matches, &config)),
        "replay" => runtime.block_on(replay::run(matches, &config)),
        "backup" => backup::back_up(matches, &config),
        "restore" => runtime.block_on(backup::restore(matches, &config)),
        "demo" => runtime.block_on(demo::demo(matches, config)),
        "simulate" => runtime.block_on(demo::simulate(matches, &config)),
        other => Err(Failure::Usage(format!("{other} is not a command"))),
    }
}

fn settings(matches: &ArgMatches) -> Result<Settings, Failure> {
    let flags = KEYS
        .iter()
        .filter_map(|key| matches.get_one::<String>(key.name).map(|value| (key.name.to_owned(), value.clone())));
    let named = matches.get_one::<String>("config").map(PathBuf::from);
    let path = named.clone().unwrap_or_else(|| PathBuf::from("linedesk.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => None,
        Err(error) => return Err(Failure::Usage(format!("cannot read {}: {error}", path.display()))),
    };
    let file = text.as_ref().map(|text| (Path::new(&path), text.as_str()));
    // Names and values that are no text are nobody's but the system's, unless they are ours.
    let environment = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    let environment = environment.filter(|(name, _)| name.starts_with("LINEDESK_")).map(|(name, value)| {
        value
            .into_string()
            .map(|value| (name.clone(), value))
            .map_err(|_| Failure::Usage(format!("{name} is not UTF-8")))
    });
    let environment = environment.collect::<Result<Vec<_>, _>>()?;
    Ok(Settings::collect(flags, environment, file)?)
}

fn start_logging(config: &Config) -> Result<(), Failure> {
    let filter =
        tracing_subscriber::EnvFilter::try_new(&config.log).map_err(|error| Failure::Usage(format!("log: {error}")))?;
    // Below that it tells its server's address with the password in it.
    let filter = filter.add_directive("async_nats=info".parse().map_err(|_| Failure::Usage("log".to_owned()))?);
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr);
    let started = if config.log_json { builder.json().try_init() } else { builder.with_target(false).try_init() };
    // Already started by whoever runs us inside of their own process.
    drop(started);
    Ok(())
}

fn start_metrics(config: &Config) -> Option<PrometheusHandle> {
    config.metrics_listen?;
    PrometheusBuilder::new().install_recorder().ok()
}

async fn serve(config: Config) -> Result<(), Failure> {
    let metrics = start_metrics(&config);
    let mut signals = Signals::listen()?;
    let app = App::start(config, Arc::new(SystemClock), metrics).await?;
    run_until_stopped(app, &mut signals).await
}

/// Serves until a signal comes, or until a part of the node is gone.
pub(crate) async fn run_until_stopped(mut app: App, signals: &mut Signals) -> Result<(), Failure> {
    let failed = tokio::select! {
        () = signals.wait() => None,
        what = app.failed() => Some(what),
    };
    if let Some(what) = failed {
        tracing::error!("{what} unexpectedly; stopping");
    }
    app.stop().await;
    failed.map_or(Ok(()), |what| Err(Failure::Failed(format!("{what} unexpectedly; see the log"))))
}

/// SIGINT and SIGTERM. Listened for before anything starts, so that neither ends the process in the middle.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::Failed(format!("cannot listen for signals: {error}"));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    /// Returns when the process is to stop.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
