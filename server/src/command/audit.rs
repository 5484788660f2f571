//! `layer audit …`

use std::sync::Arc;

use anyhow::bail;
use clap::Subcommand;
use domain::text::{count, number};

use crate::checkpoint::{CheckpointArgs, Checkpoints};
use crate::store::Store;
use crate::store::audit_verify::Verified;
use crate::store::checkpoint::Agreed;

/// The audit log on the command line.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verifies the whole log, everything it tells of, and its checkpoints. Exit code 0, or 1 and where it is broken.
    Verify(CheckpointArgs),
    /// Writes a signed checkpoint of the log now.
    Checkpoint(CheckpointArgs),
}

/// Runs it; the exit code.
pub async fn run(command: AuditCommand, url: &str, store: &Store) -> anyhow::Result<u8> {
    match command {
        AuditCommand::Verify(kept) => verify(&kept, url, store).await,
        AuditCommand::Checkpoint(kept) => checkpoint(&kept, url, store).await,
    }
}

async fn verify(kept: &CheckpointArgs, url: &str, store: &Store) -> anyhow::Result<u8> {
    if let Some(files) = kept.files(url) {
        if kept.checkpoints.is_some() && !files.checkpoints.exists() {
            bail!(
                "There are no checkpoints in {}.",
                files.checkpoints.display()
            );
        }
        store.keeps_checkpoints_in(&files.checkpoints);
    }
    let (verified, agreed) = store.verify_audit_and_checkpoints(|_| {}).await?;
    match verified {
        Verified::Whole { entries } => {
            println!(
                "The audit log is whole: {}.",
                count(entries.unsigned_abs(), "entry", "entries")
            );
            println!("{}", agreed.unwrap_or_default().words());
            Ok(0)
        }
        Verified::Broken {
            entry: Some(entry),
            why,
        } => {
            println!("The audit log is broken at entry {entry}. {why}");
            Ok(1)
        }
        Verified::Broken { entry: None, why } => {
            println!("The audit log is broken. {why}");
            Ok(1)
        }
    }
}

impl Agreed {
    fn words(&self) -> String {
        match &self.newest {
            Some(newest) => format!(
                "{}; the newest is of entry {}, signed by the key {}.",
                count(self.count, "checkpoint agrees", "checkpoints agree"),
                number(newest.sequence.unsigned_abs()),
                newest.key
            ),
            None => {
                "No checkpoint says how long it was: an end that was cut off wouldn't show.".into()
            }
        }
    }
}

async fn checkpoint(kept: &CheckpointArgs, url: &str, store: &Store) -> anyhow::Result<u8> {
    let Some(files) = kept.files(url) else {
        bail!("Say where checkpoints are kept, with --checkpoints FILE.");
    };
    let checkpoints = Arc::new(Checkpoints::open(&files)?);
    let file = files.checkpoints.display();
    match checkpoints.write(store).await? {
        Some(written) => println!(
            "Checkpoint of entry {}, signed by the key {}, in {file}.",
            number(written.sequence.unsigned_abs()),
            written.key
        ),
        None => println!("The last checkpoint in {file} is of the last entry already."),
    }
    Ok(0)
}
