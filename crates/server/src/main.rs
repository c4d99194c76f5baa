//! The `linedesk` binary. Everything is in the library; see `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    linedesk_server::cli::main(std::env::args_os())
}
