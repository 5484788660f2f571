//! The tests: Rust's, the application's again on PostgreSQL, those in a browser, then one line that counts them all.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::postgres::Postgres;
use crate::run::{cargo, command, root, run, say};
use crate::serve::BUILD_SERVER;
use crate::{Flavour, install, site};

/// One half of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Half {
    /// `cargo test`, and the application's tests on PostgreSQL too
    Rust,
    /// Playwright in Chromium
    E2e,
}

/// Runs that half, or both, to the end whatever fails. The last line says how many passed and failed.
pub fn test(half: Option<Half>, flavour: Flavour, arguments: &[String]) -> ExitCode {
    let start = Instant::now();
    let mut count = Count::default();
    let mut results = Vec::new();
    if half != Some(Half::E2e) {
        results.push(rust(&mut count, arguments).context("cargo test"));
        // Arguments may choose among the workspace's tests: what they leave of the application's runs on both.
        results.push(on_postgres(&mut count, arguments).context("cargo test on PostgreSQL"));
    }
    if half != Some(Half::Rust) {
        // `cargo test` compiles the programs that its tests may start: both servers are there.
        let built = half.is_none();
        results.push(end2end(&mut count, flavour, built, arguments).context("Playwright"));
    }
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    for error in &errors {
        eprintln!("error: {error:#}");
    }
    say(format!("the tests took {} s", start.elapsed().as_secs()));
    println!("{} passed, {} failed", count.passed, count.failed);
    if errors.is_empty() && count.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    /// Adds what a line of `cargo test` says: `test result: ok. 12 passed; 0 failed; …`.
    fn add_line(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            match part.split_whitespace().collect::<Vec<_>>()[..] {
                [number, "passed"] => self.passed += number.parse().unwrap_or(0),
                [number, "failed"] => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

fn rust(count: &mut Count, arguments: &[String]) -> Result<()> {
    say("running the tests in Rust");
    counted(count, cargo_test().arg("--no-fail-fast").args(arguments))
}

/// The application's tests again, on a PostgreSQL that is thrown away afterwards.
fn on_postgres(count: &mut Count, arguments: &[String]) -> Result<()> {
    let postgres = Postgres::start()?;
    say("running the application's tests on PostgreSQL");
    let mut tests = cargo_test();
    tests
        .args(["--test", "application"])
        .env("LAYER_TEST_POSTGRES", postgres.url());
    counted(count, tests.args(arguments))
}

/// The tests of all crates: asked for the same way each time, so that nothing is compiled twice.
fn cargo_test() -> Command {
    let mut tests = cargo();
    // `frontend` is for wasm32 alone, and its features must not meet the server's.
    tests.args(["test", "--workspace", "--exclude", "frontend"]);
    tests
}

/// Runs `cargo test`, shows what it prints and counts its results.
fn counted(count: &mut Count, tests: &mut Command) -> Result<()> {
    let mut tests = tests
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo could not be started")?;
    if let Some(stdout) = tests.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            println!("{line}");
            count.add_line(&line);
        }
    }
    let status = tests.wait()?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

fn end2end(count: &mut Count, flavour: Flavour, built: bool, arguments: &[String]) -> Result<()> {
    install::chromium()?;
    install::node_modules()?;
    site::build(flavour)?;
    if !built {
        say("building the server, and the one with a clock that tests set");
        run(cargo()
            .args(BUILD_SERVER)
            .args(["--bin", "layer", "--bin", "layer-test"]))?;
    }

    say("running the tests in Chromium");
    let end2end = root().join("end2end");
    let report = end2end.join("test-results/report.json");
    // A report of an earlier run must not be counted.
    let _ = fs::remove_file(&report);
    let status = command("node")
        .current_dir(&end2end)
        .arg("node_modules/@playwright/test/cli.js")
        .arg("test")
        .args(arguments)
        .status()
        .context("node could not be started")?;
    let report = fs::read_to_string(&report).context("Playwright wrote no report")?;
    let stats = &serde_json::from_str::<serde_json::Value>(&report)?["stats"];
    let number = |name: &str| stats[name].as_u64().unwrap_or(0);
    count.passed += number("expected") + number("flaky");
    count.failed += number("unexpected");
    if !status.success() {
        bail!("{status}");
    }
    if number("expected") == 0 {
        bail!("no test was run");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_cargo_test_are_added_up() {
        let mut count = Count::default();
        count.add_line("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        count.add_line("test tests::passed ... ok");
        count.add_line(
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
        );
        assert_eq!(
            count,
            Count {
                passed: 15,
                failed: 2
            }
        );
    }
}
