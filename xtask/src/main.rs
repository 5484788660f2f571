//! `cargo xtask`: set-up, build and tests of Layer. Nothing else is to be installed by hand but Rust.

mod check;
mod compress;
mod css;
mod dependencies;
mod fuzz;
mod install;
mod metadata;
mod postgres;
mod run;
mod sbom;
mod serve;
mod site;
mod test;
mod torture;
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
    /// Install what is missing and run the tests, the application's on SQLite and on PostgreSQL
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
    /// Kill it, break it, race it: every promise on real databases, with a table of what came of it
    Torture {
        /// The long figures: hours instead of minutes
        #[arg(long)]
        long: bool,
        /// On SQLite alone
        #[arg(long)]
        sqlite: bool,
        /// On PostgreSQL alone
        #[arg(long, conflicts_with = "sqlite")]
        postgres: bool,
        /// The same choices as in the run that printed this number
        #[arg(long)]
        seed: Option<u64>,
        /// These promises alone: `p1 p34`
        promises: Vec<String>,
    },
    /// Feed what reads input with whatever leads further into it; wants a C++ compiler
    Fuzz {
        /// So long for each target
        #[arg(long, default_value_t = 600)]
        seconds: u32,
        /// These alone: `csv`, `filters`, `cursors`, `telephones`, `entries`
        targets: Vec<String>,
    },
    /// Check what the compiler doesn't: who may depend on whom, and what may be compiled in
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
        Command::Torture {
            long,
            sqlite,
            postgres,
            seed,
            promises,
        } => {
            let on = match (sqlite, postgres) {
                (true, _) => torture::On::Sqlite,
                (_, true) => torture::On::Postgres,
                _ => torture::On::Both,
            };
            torture::torture(long, on, seed, &promises)?;
        }
        Command::Fuzz { seconds, targets } => fuzz::fuzz(seconds, &targets)?,
        Command::Check => check::check()?,
    }
    Ok(ExitCode::SUCCESS)
}
