//! The torture suite: built, given a PostgreSQL of its own, and run.

use anyhow::Result;

use crate::postgres::Postgres;
use crate::run::{cargo, run};

/// Where the suite looks for a PostgreSQL server, and for the command that stops and starts it again.
const POSTGRES: &str = "LAYER_TEST_POSTGRES";
const RESTART: &str = "LAYER_TEST_POSTGRES_RESTART";

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

/// Builds the suite and the program that it kills, and runs it: all promises, or those that are named.
pub fn torture(long: bool, on: On, seed: Option<u64>, promises: &[String]) -> Result<()> {
    // With the features that the whole workspace gives its crates, so that what the tests compiled is used again.
    let mut suite = cargo();
    suite.args(["test", "--quiet", "--workspace", "--exclude", "frontend"]);
    // Hours are worth an optimised build; and what poison costs is promised of one.
    if long {
        suite.arg("--release");
    }
    suite.args(["--test", "torture", "--"]);
    if long {
        suite.arg("--long");
    }
    if let Some(seed) = seed {
        suite.args(["--seed", &seed.to_string()]);
    }
    suite.args(promises);
    if on == On::Postgres {
        suite.arg("--postgres");
    }
    if on == On::Sqlite {
        return run(suite.env_remove(POSTGRES));
    }
    let postgres = Postgres::start_durable()?;
    run(suite
        .env(POSTGRES, postgres.url())
        .env(RESTART, postgres.restart_at_once()))
}
