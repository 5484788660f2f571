//! The torture suite: built, given a PostgreSQL of its own, and run.

use std::process::Command;

use anyhow::Result;

use crate::postgres::Postgres;
use crate::run::{cargo, run};

/// Where the suite looks for a PostgreSQL server, and for the command that stops and starts it again.
const POSTGRES: &str = "LAYER_TEST_POSTGRES";
const RESTART: &str = "LAYER_TEST_POSTGRES_RESTART";

/// Makes the application's tests of promises take the long figures.
const LONG: &str = "LAYER_TORTURE_LONG";
/// The promises that are asked of pages and server functions, where the application's tests ask them: p18, p20, p21 and p24
/// to p26.
const OF_THE_APPLICATION: [&str; 6] = [
    "access",
    "audit_million",
    "redaction",
    "rights_withdrawn",
    "tamper",
    "verify_audit_log",
];

/// Which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// SQLite alone.
    Sqlite,
    /// PostgreSQL alone.
    Postgres,
    /// One after the other.
    Both,
}

/// Builds the suite and the program that it kills, and runs it: all promises, or those that are named. The long run asks the
/// application's tests too, which every change asks in their short form.
pub fn torture(long: bool, on: On, seed: Option<u64>, promises: &[String]) -> Result<()> {
    let postgres = match on {
        On::Sqlite => None,
        On::Postgres | On::Both => Some(Postgres::start_durable()?),
    };
    let mut suite = test("torture", long);
    if long {
        suite.arg("--long");
    }
    if let Some(seed) = seed {
        suite.args(["--seed", &seed.to_string()]);
    }
    if on == On::Postgres {
        suite.arg("--postgres");
    }
    if let Some(postgres) = &postgres {
        suite.env(POSTGRES, postgres.url());
        suite.env(RESTART, postgres.restart_at_once());
    }
    run(suite.args(promises))?;
    if !long || !promises.is_empty() {
        return Ok(());
    }
    let mut databases = Vec::new();
    if on != On::Postgres {
        databases.push(None);
    }
    databases.extend(postgres.iter().map(|postgres| Some(postgres.url())));
    for server in databases {
        let mut tests = test("application", long);
        if let Some(server) = server {
            tests.env(POSTGRES, server);
        }
        run(tests
            .env(LONG, "1")
            .args(["--include-ignored"])
            .args(OF_THE_APPLICATION))?;
    }
    Ok(())
}

/// A test program of the server, optimised where it takes hours: what poison costs is promised of such a build.
fn test(name: &str, optimised: bool) -> Command {
    let mut test = cargo();
    // With the features that the whole workspace gives its crates, so that what other tests compiled is used again.
    test.args(["test", "--quiet", "--workspace", "--exclude", "frontend"]);
    if optimised {
        test.arg("--release");
    }
    test.args(["--test", name, "--"])
        .env_remove(POSTGRES)
        .env_remove(RESTART);
    test
}
