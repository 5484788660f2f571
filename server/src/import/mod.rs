//! Leads from a CSV file: decoded, cut into rows, read under a mapping, and written chunk by chunk, each chunk one act.
//!
//! Importing a file twice adds nothing, so that an import that was cut off is simply done again.

use std::path::Path;

use anyhow::Context;
use domain::audit::ActorRef;
use domain::import::{ImportNumbers, Mapping, RefusedRow};
use domain::{Error, Result};
use jiff::tz::TimeZone;

use crate::store::import::Chunk;
use crate::store::{Store, setting};

pub mod decode;
pub mod row;
pub mod table;

use decode::Unreadable;
use row::Reading;
use table::Table;

/// Rows written in one transaction: a chunk holds the one writer for some ten milliseconds.
pub const CHUNK_ROWS: usize = 500;

/// A refused row is told of up to so many times; all are counted.
pub const MOST_REFUSALS: usize = 1_000;

/// What came of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows came to what.
    pub numbers: ImportNumbers,
    /// The first refused rows.
    pub refused: Vec<RefusedRow>,
}

/// A file that can be read as a table with a header.
#[derive(Debug)]
pub struct Readable {
    /// Its text in UTF-8.
    pub text: String,
    /// The header.
    pub headers: Vec<String>,
    /// Rows behind the header.
    pub rows: u64,
}

/// Reads a file's bytes as a table.
pub fn readable(bytes: Vec<u8>) -> Result<Readable, Unreadable> {
    let text = decode::text(bytes)?;
    let table = Table::of(&text)?;
    let headers = table.headers.clone();
    let rows = table.count() as u64;
    Ok(Readable {
        text,
        headers,
        rows,
    })
}

/// Refuses a mapping under which no row would name a lead, or that gives one field two columns.
pub fn check(mapping: &Mapping, columns: usize) -> Result<()> {
    let refuse = |sentence: &str| Err(Error::field("Columns", sentence));
    if mapping.0.len() != columns {
        return refuse("The file has other columns. Reload the page and choose again.");
    }
    for (i, field) in mapping.0.iter().enumerate() {
        if let Some(field) = field
            && mapping.0[..i].contains(&Some(*field))
        {
            return refuse(&format!(
                "Two columns are chosen as {}. Leave one of them out.",
                field.label()
            ));
        }
    }
    if !mapping.names_leads() {
        return refuse(
            "No column names the lead. Choose at least one as Name, Company, Telephone or E-mail.",
        );
    }
    Ok(())
}

/// What every row is read with.
pub async fn reading(store: &Store, mapping: Mapping) -> Result<Reading> {
    let region = setting::region(store.reader()).await?;
    let hours = setting::business_hours(store.reader()).await?;
    Ok(Reading {
        mapping,
        zone: crate::store::zone(&hours.zone).unwrap_or(TimeZone::UTC),
        region,
        now: store.now(),
    })
}

/// Imports the file at `path`, for the command line: the columns are what their headers say.
pub async fn import_file(store: &Store, path: &Path) -> anyhow::Result<Outcome> {
    let bytes = tokio::fs::read(path)
        .await
        .with_context(|| format!("The file {} can't be read", path.display()))?;
    let file = readable(bytes)?;
    let mapping = Mapping::of_headers(&file.headers);
    check(&mapping, file.headers.len()).context(
        "The columns aren't recognised. Rename them to Name, Telephone, E-mail and so on, or map them on the page /import",
    )?;
    let reading = reading(store, mapping).await?;
    let mut outcome = Outcome::default();
    let mut table = Table::of(&file.text)?;
    while let Some(chunk) = next_chunk(&mut table, &reading) {
        let numbers = store
            .import_chunk(&chunk, ActorRef::CommandLine, None)
            .await?;
        add(&mut outcome.numbers, &numbers);
        let room = MOST_REFUSALS - outcome.refused.len();
        outcome.refused.extend(chunk.refused.into_iter().take(room));
    }
    Ok(outcome)
}

/// Reads the next rows; `None` at the end of the file.
pub fn next_chunk(table: &mut Table<'_>, reading: &Reading) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    for line in table.take(CHUNK_ROWS) {
        let read = line
            .cells
            .map_err(str::to_owned)
            .and_then(|cells| reading.row(&cells));
        match read {
            Ok(row) => chunk.rows.push(row),
            Err(cause) => chunk.refused.push(RefusedRow {
                line: line.number,
                cause,
            }),
        }
    }
    (!chunk.rows.is_empty() || !chunk.refused.is_empty()).then_some(chunk)
}

/// Adds what came of a chunk.
pub fn add(numbers: &mut ImportNumbers, chunk: &ImportNumbers) {
    numbers.imported += chunk.imported;
    numbers.unchanged += chunk.unchanged;
    numbers.changed += chunk.changed;
    numbers.refused += chunk.refused;
}

/// Carries out the imports that were started on the page, one after the other, also those that a stop cut off. Runs
/// until it is dropped: a chunk is one transaction, so that nothing is left half done.
pub async fn work(store: std::sync::Arc<Store>) {
    loop {
        let bell = store.import_bell().notified();
        match store.run_started_import().await {
            Ok(true) => {}
            Ok(false) => bell.await,
            // Said in the log where it arose. The next start, of an import or of Layer, tries again.
            Err(_) => bell.await,
        }
    }
}
