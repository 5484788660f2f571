//! The torture suite: built, given a PostgreSQL of its own, and run.

use std::fs::{self, File};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::fuzz::fuzz;
use crate::postgres::Postgres;
use crate::run::{cargo, run, target};

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

/// In the long run each target is fuzzed for so many seconds.
const FUZZED: u32 = 600;

/// What takes longest on PostgreSQL.
const LONGEST: &str = "p9";

/// Which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// SQLite alone.
    Sqlite,
    /// PostgreSQL alone.
    Postgres,
    /// Both: beside each other, but for what measures time.
    Both,
}

/// Builds the suite and the program that it kills, and runs it: all promises, or those that are named. The long run
/// fuzzes, and asks the application's tests too, which every change asks in their short form.
pub fn torture(long: bool, on: On, seed: Option<u64>, promises: &[String]) -> Result<()> {
    let postgres = match on {
        On::Sqlite => None,
        On::Postgres | On::Both => Some(Postgres::start_durable()?),
    };
    let server = postgres.as_ref();
    let suite = |on: On, postgres: Option<&Postgres>, words: &[&str]| {
        let mut suite = test("torture", long);
        suite.args(long.then_some("--long")).args(words);
        if let Some(seed) = seed {
            suite.args(["--seed", &seed.to_string()]);
        }
        if on == On::Postgres {
            suite.arg("--postgres");
        }
        if let (Some(postgres), false) = (postgres, on == On::Sqlite) {
            suite.env(POSTGRES, postgres.url());
            suite.env(RESTART, postgres.restart_at_once());
        }
        suite
    };
    if on == On::Both && promises.is_empty() {
        // One database has little to do while the other has much; what measures time has the machine for itself. The longest
        // has a server of its own: others stop theirs.
        let longest = Postgres::start_durable()?;
        beside(vec![
            ("SQLite", suite(On::Sqlite, None, &["--beside"])),
            (
                "PostgreSQL",
                suite(On::Postgres, server, &["--beside", "--except", LONGEST]),
            ),
            (
                "PostgreSQL-longest",
                suite(On::Postgres, Some(&longest), &[LONGEST]),
            ),
        ])?;
        drop(longest);
        run(&mut suite(On::Both, server, &["--alone"]))?;
    } else {
        run(suite(on, server, &[]).args(promises))?;
    }
    if !long || !promises.is_empty() {
        return Ok(());
    }
    fuzz(FUZZED, &[])?;
    for server in [
        (on != On::Postgres).then_some(None),
        postgres.as_ref().map(Some),
    ] {
        let Some(server) = server else { continue };
        let mut tests = test("application", long);
        if let Some(server) = server {
            tests.env(POSTGRES, server.url());
        }
        run(tests
            .env(LONG, "1")
            .arg("--include-ignored")
            .args(OF_THE_APPLICATION))?;
    }
    Ok(())
}

/// Runs these beside each other, and prints what each has printed once all have ended.
fn beside(commands: Vec<(&str, Command)>) -> Result<()> {
    let mut running = Vec::new();
    for (name, mut command) in commands {
        let file = target().join(format!("torture-{name}.log"));
        let child = command.stdout(File::create(&file)?).spawn()?;
        running.push((name, file, child));
    }
    let mut failed = Vec::new();
    for (name, file, mut child) in running {
        let status = child.wait()?;
        println!("{}", fs::read_to_string(&file)?.trim_end());
        if !status.success() {
            failed.push(name);
        }
    }
    ensure!(
        failed.is_empty(),
        "the torture failed on {}",
        failed.join(" and ")
    );
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
