//! `layer import FILE.csv`

use std::path::PathBuf;

use clap::Args;
use domain::import::ImportNumbers;
use domain::text::{count, leads, list, number};
use serde_json::{Value, json};

use crate::import::{Outcome, import_file};
use crate::store::Store;

/// What to bring in. Where a row can't be read, nothing is imported unless --valid-rows says so: each such row is told with its
/// line, and the exit code is 1. It is 0 after an import, and 2 where the file can't be read at all.
#[derive(Debug, Args)]
pub struct Import {
    /// A CSV file with a header, as Salesforce, HubSpot and others export it; 64 MiB at most, and not compressed.
    pub file: PathBuf,
    /// Imports the rows that can be read, and leaves out the others.
    #[arg(long)]
    pub valid_rows: bool,
    /// A JSON object a line: each refused row, each kind of guess, and at the end the numbers.
    #[arg(long)]
    pub json: bool,
}

/// Imports the file and says what came of its rows; the exit code. What is refused or guessed goes to standard error, a
/// sentence a line.
pub async fn run(import: Import, store: &Store) -> anyhow::Result<u8> {
    let outcome = import_file(store, &import.file, import.valid_rows).await?;
    if import.json {
        for line in objects(&outcome) {
            println!("{line}");
        }
    } else {
        say(&outcome);
    }
    Ok(u8::from(outcome.numbers.is_none()))
}

fn say(outcome: &Outcome) {
    let Outcome {
        findings,
        left_out,
        numbers,
    } = outcome;
    for row in &findings.refusals {
        eprintln!("Line {}: {}", row.line, row.cause);
    }
    let untold = findings.refused - findings.refusals.len() as u64;
    if untold > 0 {
        eprintln!("And {} more.", count(untold, "refused row", "refused rows"));
    }
    for sentence in findings.sentences() {
        eprintln!("{sentence}");
    }
    if !left_out.is_empty() {
        eprintln!("Columns that are left out: {}.", list(left_out));
    }
    match numbers {
        Some(numbers) => println!(
            "{} imported, {} unchanged, {} changed, {} refused.",
            leads(numbers.imported),
            number(numbers.unchanged),
            number(numbers.changed),
            number(numbers.refused)
        ),
        None => eprintln!(
            "Nothing was imported: {} of {} can't be read. Mend {}, or import the other {} with --valid-rows.",
            number(findings.refused),
            count(findings.refused + findings.valid, "row", "rows"),
            if findings.refused == 1 { "it" } else { "them" },
            number(findings.valid)
        ),
    }
}

/// The same for machines.
fn objects(outcome: &Outcome) -> Vec<Value> {
    let findings = &outcome.findings;
    let refused = findings.refusals.iter();
    let mut lines: Vec<Value> = refused
        .map(|row| json!({ "what": "refused-row", "line": row.line, "cause": row.cause }))
        .collect();
    lines.extend(findings.guesses.iter().map(|guessed| {
        json!({ "what": "guess", "guess": guessed.guess, "rows": guessed.rows, "lines": guessed.lines })
    }));
    if findings.not_utf8 {
        lines.push(json!({ "what": "guess", "guess": "encoding" }));
    }
    lines.extend(
        outcome
            .left_out
            .iter()
            .map(|column| json!({ "what": "column-left-out", "column": column })),
    );
    let numbers = outcome.numbers.unwrap_or(ImportNumbers {
        refused: findings.refused,
        ..ImportNumbers::default()
    });
    lines.push(json!({
        "what": "numbers", "valid": findings.valid, "imported": numbers.imported, "unchanged": numbers.unchanged,
        "changed": numbers.changed, "refused": numbers.refused
    }));
    lines
}
