//! The program `layer`.

use std::process::ExitCode;

use clap::Parser;
use server::command::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    command::start_log();
    command::exit(command::run(Cli::parse()).await)
}
