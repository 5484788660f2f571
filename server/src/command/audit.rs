//! `layer audit …`

use clap::Subcommand;

use crate::store::Store;
use crate::store::audit_verify::Verified;

/// The audit log on the command line.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verifies the whole log and everything it tells of. Exit code 0, or 1 and where it is broken.
    Verify,
}

/// Runs it; the exit code.
pub async fn run(command: AuditCommand, store: &Store) -> anyhow::Result<u8> {
    let AuditCommand::Verify = command;
    match store.verify_audit().await? {
        Verified::Whole { entries } => {
            println!(
                "The audit log is whole: {}.",
                domain::text::count(entries.unsigned_abs(), "entry", "entries")
            );
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
