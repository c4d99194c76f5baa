//! The project's ruler: what linedesk costs, each row beside a floor that was measured in the same run.
//!
//! The server under test is a process of its own (this binary again, with a hidden command), so that its CPU time and
//! memory are its own. The load comes from this process, on the same machine: compare ratios, not times.
//!
//! `cargo run -p linedesk-bench --release -- all`

mod child;
mod compare;
mod cpu;
mod database;
mod desk;
mod line;
mod load;
mod past;
mod plot;
mod report;
mod rows;
mod scale;
mod sockets;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::report::Report;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command's last word")]
            {
                eprintln!("linedesk-bench: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    let quick = Arg::new("quick").long("quick").global(true).action(ArgAction::SetTrue).help("A tenth of everything");
    let json = Arg::new("json").long("json").global(true).action(ArgAction::SetTrue).help("JSON instead of a table");
    let large = Arg::new("large")
        .long("large")
        .global(true)
        .action(ArgAction::SetTrue)
        .help("What takes long: 10,000,000 messages, an hour of mixed load");
    let hidden = |name: &'static str| Command::new(name).hide(true).arg(Arg::new("argument").num_args(0..));
    let mut command = Command::new("linedesk-bench")
        .about("Measures linedesk, each row beside its floor")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(quick)
        .arg(json)
        .arg(large)
        .subcommand(Command::new("all").about("Every row"))
        .subcommand(compare_command())
        .subcommand(plot_command())
        .subcommand(Command::new("scale").about("No measurement: desks of any size on paper (docs/SCALE.md)"))
        .subcommand(hidden("child-desk"))
        .subcommand(hidden("child-floor"));
    for row in rows::ALL {
        command = command.subcommand(Command::new(row.name).about(row.about));
    }
    command
}

fn compare_command() -> Command {
    let file = |name: &'static str| Arg::new(name).required(true).value_parser(value_parser!(PathBuf));
    let fail = Arg::new("fail").long("fail").action(ArgAction::SetTrue).help("Exit with 1 if a line became worse");
    Command::new("compare")
        .about("Two runs with --json: how each line's ratio to its floor changed")
        .arg(file("OLD.json"))
        .arg(file("NEW.json"))
        .arg(fail)
}

fn plot_command() -> Command {
    let file = Arg::new("RUN.json").required(true).value_parser(value_parser!(PathBuf));
    Command::new("plot").about("A run with --json: what was measured at several sizes, drawn").arg(file)
}

fn plot(arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    let path = arguments.get_one::<PathBuf>("RUN.json").context("no file")?;
    print(&plot::plot(&compare::read(path)?)?);
    Ok(ExitCode::SUCCESS)
}

fn compare(arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    let file = |name| arguments.get_one::<PathBuf>(name).context("no file").and_then(|path| compare::read(path));
    let (table, worse) = compare::compare(&file("OLD.json")?, &file("NEW.json")?)?;
    print(&table);
    let fails = worse > 0 && arguments.get_flag("fail");
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run() -> anyhow::Result<ExitCode> {
    let matches = command().get_matches();
    let is_large = matches.get_flag("large");
    let scale = if matches.get_flag("quick") { 10 } else { 1 };
    let Some((name, arguments)) = matches.subcommand() else { return Ok(ExitCode::SUCCESS) };
    let argument = || {
        let given = arguments.get_many::<String>("argument").into_iter().flatten();
        given.cloned().collect::<Vec<_>>()
    };
    if name == "scale" {
        scale::run(scale, matches.get_flag("json"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match name {
        "compare" => return compare(arguments),
        "plot" => return plot(arguments),
        "child-desk" | "child-floor" => child::end_with_parent(),
        _ => {}
    }
    match name {
        "child-desk" => return runtime.block_on(child::desk(&argument())).map(|()| ExitCode::SUCCESS),
        "child-floor" => return runtime.block_on(child::floor()).map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    // It fails where one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut report = Report::new(scale);
    runtime.block_on(async {
        for row in rows::ALL.iter().filter(|row| name == "all" || name == row.name) {
            row.run(scale, is_large, &mut report).await?;
        }
        anyhow::Ok(())
    })?;
    report.print(matches.get_flag("json"));
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn print(text: &str) {
    println!("{text}");
}
