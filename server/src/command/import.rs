//! `layer import FILE.csv`

use std::path::PathBuf;

use clap::Args;
use domain::text::{leads, number};

use crate::import::{Outcome, import_file};
use crate::store::Store;

/// What to bring in.
#[derive(Debug, Args)]
pub struct Import {
    /// A CSV file with a header, as Salesforce, HubSpot and others export it.
    pub file: PathBuf,
    /// The numbers as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Imports the file and says what came of its rows; refused ones on standard error, by line and cause.
pub async fn run(import: Import, store: &Store) -> anyhow::Result<()> {
    let Outcome { numbers, refused } = import_file(store, &import.file).await?;
    for row in &refused {
        eprintln!("line {}: {}", row.line, row.cause);
    }
    if numbers.refused > refused.len() as u64 {
        let more = numbers.refused - refused.len() as u64;
        eprintln!("and {} more refused rows", number(more));
    }
    if import.json {
        println!("{}", serde_json::to_string(&numbers)?);
    } else {
        println!(
            "{} imported, {} unchanged, {} changed, {} refused.",
            leads(numbers.imported),
            number(numbers.unchanged),
            number(numbers.changed),
            number(numbers.refused)
        );
    }
    Ok(())
}
