//! `linedesk demo` and `linedesk simulate`.

use clap::ArgMatches;

use super::Failure;
use crate::config::Config;

pub(crate) async fn demo(_: &ArgMatches, _: Config) -> Result<(), Failure> {
    Err(Failure::Failed("the simulator comes next".to_owned()))
}

pub(crate) async fn simulate(_: &ArgMatches, _: &Config) -> Result<(), Failure> {
    Err(Failure::Failed("the simulator comes next".to_owned()))
}
