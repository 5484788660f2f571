//! The program `layer`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use server::clock::SystemClock;
use server::command::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    command::start_log();
    command::exit(command::run(Cli::parse(), Arc::new(SystemClock::default()), None).await)
}
