//! `cargo xtask`: set-up, build and tests of Layer. Nothing else is to be installed by hand but Rust.

mod check;
mod compress;
mod css;
mod install;
mod run;
mod serve;
mod site;
mod test;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// What the browser's half is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Quick to build, big to load: while one is working on it.
    Dev,
    /// As people get it: small, with its size held to a limit.
    Release,
}

/// Set-up, build and tests of Layer.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build both halves and run `layer serve`, with `--demo` unless arguments follow `--`
    Serve {
        /// Handed to `layer serve` as they are
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build the release: `target/release/layer` with the site inside
    Build,
    /// Install what is missing and run the tests
    Test {
        /// Which half; both when nothing is said
        half: Option<test::Half>,
        /// The browser's half as `serve` builds it: in a fraction of the time, and not what is shipped
        #[arg(long)]
        dev: bool,
        /// Handed to that half's runner as they are: `cargo xtask test e2e -- delete-all --project phone`
        #[arg(last = true, requires = "half")]
        arguments: Vec<String>,
    },
    /// Check what the compiler doesn't: who may depend on whom
    Check,
}

fn main() -> ExitCode {
    run(Arguments::parse().command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve { arguments } => serve::serve(&arguments)?,
        Command::Build => serve::build()?,
        Command::Test {
            half,
            dev,
            arguments,
        } => {
            let flavour = if dev { Flavour::Dev } else { Flavour::Release };
            return Ok(test::test(half, flavour, &arguments));
        }
        Command::Check => check::check()?,
    }
    Ok(ExitCode::SUCCESS)
}
