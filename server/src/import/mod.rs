//! Leads from a CSV file: decoded, cut into rows, read under a mapping, and written chunk by chunk, each chunk one act.
//!
//! Importing a file twice adds nothing, so that an import that was cut off is simply done again.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use domain::audit::ActorRef;
use domain::import::{Findings, ImportNumbers, Mapping, RefusedRow};
use domain::{Error, Result};
use jiff::tz::TimeZone;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep, timeout};

use crate::store::import::{Chunk, Standing};
use crate::store::{Store, setting};

pub mod decode;
pub mod row;
pub mod table;

use decode::Unreadable;
use row::{LeadOfRow, Reading};
use table::{Row, Table};

/// Rows written in one transaction: a chunk holds the one writer for some ten milliseconds.
pub const CHUNK_ROWS: usize = 500;

/// It looks around at least so often, also where no bell rings.
const LOOK_AROUND: Duration = Duration::from_secs(15);

/// A file may be so large, in bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// What came of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What it holds.
    pub findings: Findings,
    /// Columns that are left out, by their headers.
    pub left_out: Vec<String>,
    /// How many rows came to what; `None` where nothing was imported, because some are refused.
    pub numbers: Option<ImportNumbers>,
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
    /// Its encoding was guessed.
    pub not_utf8: bool,
}

/// Reads a file's bytes as a table.
pub fn readable(bytes: Vec<u8>) -> Result<Readable, Unreadable> {
    let (text, not_utf8) = decode::text(bytes)?;
    let table = Table::of(&text)?;
    let headers = table.headers.clone();
    let rows = table.count() as u64;
    Ok(Readable {
        text,
        headers,
        rows,
        not_utf8,
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

/// What the file holds under a mapping. Reads all of it, and keeps nothing of a row.
pub fn findings(text: &str, reading: &Reading) -> Findings {
    let mut findings = Findings::default();
    for row in Table::of(text).into_iter().flatten() {
        match read(&row, reading) {
            Ok(lead) => {
                findings.valid += 1;
                findings.guessed(row.number, lead.guesses);
            }
            Err(refused) => findings.refuse(refused),
        }
    }
    findings
}

/// Imports the file at `path`, for the command line: the columns are what their headers say. Where rows are refused nothing
/// is imported, unless only the valid ones are wanted.
pub async fn import_file(store: &Store, path: &Path, valid_rows: bool) -> anyhow::Result<Outcome> {
    let unreadable = || format!("The file {} can't be read", path.display());
    let file = tokio::fs::File::open(path).await.with_context(unreadable)?;
    let mut bytes = Vec::new();
    let mut file = file.take(MOST_BYTES as u64 + 1);
    file.read_to_end(&mut bytes)
        .await
        .with_context(unreadable)?;
    if bytes.len() > MOST_BYTES {
        return Err(Unreadable::TooLarge.into());
    }
    let file = readable(bytes)?;
    let mapping = Mapping::of_headers(&file.headers);
    check(&mapping, file.headers.len()).context(
        "The columns aren't recognised. Rename them to Name, Telephone, E-mail and so on, or map them on the page /import",
    )?;
    let columns = file.headers.iter().zip(&mapping.0);
    let left_out = columns
        .filter(|(_, field)| field.is_none())
        .map(|(header, _)| header.clone())
        .collect();
    let reading = reading(store, mapping).await?;
    let mut outcome = Outcome {
        findings: findings(&file.text, &reading),
        left_out,
        numbers: None,
    };
    outcome.findings.not_utf8 = file.not_utf8;
    if outcome.findings.refused > 0 && !valid_rows {
        return Ok(outcome);
    }
    let mut all = ImportNumbers::default();
    let mut table = Table::of(&file.text)?;
    while let Some(chunk) = next_chunk(&mut table, &reading) {
        let numbers = store
            .write_chunk(&chunk, ActorRef::CommandLine, None)
            .await?;
        // Nobody else goes on with it: it stands nowhere.
        add(&mut all, &numbers.unwrap_or_default());
    }
    outcome.numbers = Some(all);
    Ok(outcome)
}

/// What a row says of a lead, or why it is refused.
pub fn read(row: &Row<'_>, reading: &Reading) -> Result<LeadOfRow, RefusedRow> {
    let cells = row.cells.as_ref().map_err(|cause| (*cause).to_owned());
    cells
        .and_then(|cells| reading.row(cells))
        .map_err(|cause| RefusedRow {
            line: row.number,
            cause,
        })
}

/// Reads the next rows; `None` at the end of the file.
pub fn next_chunk(table: &mut Table<'_>, reading: &Reading) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    for line in table.take(CHUNK_ROWS) {
        match read(&line, reading) {
            Ok(row) => chunk.rows.push(row),
            Err(refused) => chunk.refused.push(refused),
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
    let mut faults = Faults::default();
    loop {
        let bell = store.import_bell().notified();
        let stands = store.standing().await.unwrap_or_default();
        let give_up = faults.are_too_many(stands, Instant::now());
        match store.run_started_import(give_up).await {
            Ok(true) => {}
            // Another node may have been at one and be gone.
            Ok(false) => _ = timeout(LOOK_AROUND, bell).await,
            // Said in the log where it arose. A full disk and a lock pass, however often the bell rings meanwhile.
            Err(_) => {
                faults.met(stands, Instant::now());
                sleep(AFTER_A_FAULT).await;
            }
        }
    }
}

/// After a fault of the database an import is tried again so much later.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);
/// An import that met nothing but faults for so long is given up, and the next one has its turn.
const GIVES_UP_AFTER: Duration = Duration::from_secs(5 * 60);

/// Faults in a row: where the import stood at each of them, and since when.
#[derive(Debug, Default)]
struct Faults(Option<(Standing, Instant)>);

impl Faults {
    /// One more. Another import, or one that came further, begins a new row. Where nothing says how far it is the whole
    /// database is away, which is no import's fault: that ends the row.
    fn met(&mut self, stands: Option<Standing>, now: Instant) {
        let stood = self.0.map(|(stood, _)| stood);
        if stands != stood {
            self.0 = stands.map(|stands| (stands, now));
        }
    }

    /// Whether the import that stands there is to be given up.
    fn are_too_many(&self, stands: Option<Standing>, now: Instant) -> bool {
        self.0.is_some_and(|(stood, since)| {
            stands == Some(stood) && now.duration_since(since) >= GIVES_UP_AFTER
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn standing(import: u128, done: u64) -> Option<Standing> {
        Some(Standing {
            import: Uuid::from_u128(import),
            done,
        })
    }

    #[test]
    fn an_import_is_given_up_after_five_minutes_of_faults_however_many_they_were() {
        let (mut faults, begun) = (Faults::default(), Instant::now());
        let almost = GIVES_UP_AFTER - Duration::from_millis(1);
        assert!(!faults.are_too_many(standing(1, 500), begun));
        for fault in 0..1_000 {
            let now = begun + almost.mul_f64(f64::from(fault) / 1_000.0);
            faults.met(standing(1, 500), now);
        }
        assert!(!faults.are_too_many(standing(1, 500), begun + almost));
        assert!(faults.are_too_many(standing(1, 500), begun + GIVES_UP_AFTER));
    }

    #[test]
    fn one_that_came_further_and_one_that_comes_after_it_have_their_own_five_minutes() {
        let (mut faults, begun) = (Faults::default(), Instant::now());
        faults.met(standing(1, 0), begun);
        let later = begun + GIVES_UP_AFTER;
        for next in [standing(1, 500), standing(2, 0)] {
            assert!(!faults.are_too_many(next, later));
            faults.met(next, later);
            assert!(!faults.are_too_many(next, later));
            assert!(faults.are_too_many(next, later + GIVES_UP_AFTER));
        }
    }

    #[test]
    fn while_the_database_is_away_no_import_is_given_up() {
        let (mut faults, begun) = (Faults::default(), Instant::now());
        let later = begun + GIVES_UP_AFTER;
        faults.met(standing(1, 0), begun);
        faults.met(None, begun);
        assert!(!faults.are_too_many(None, later));
        assert!(!faults.are_too_many(standing(1, 0), later));
    }
}
