//! `layer queue …`

use anyhow::bail;
use clap::Subcommand;
use domain::audit::ActorRef;
use domain::text::{leads, number};
use serde_json::json;

use crate::store::Store;
use crate::store::lead_stats::lead_stats;
use crate::store::setting;
use crate::worker;

/// The Deletion Queue on the command line.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// How it stands.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs it now, whatever the business hours and the undo time; not while it is paused.
    Run,
}

/// Runs it.
pub async fn run(command: QueueCommand, store: &Store) -> anyhow::Result<()> {
    match command {
        QueueCommand::Status { json } => status(store, json).await,
        QueueCommand::Run => {
            if setting::paused(store.reader()).await?.is_some() {
                bail!(
                    "The queue is paused: nothing was deleted. A Layer Admin resumes it on Lead Management."
                );
            }
            let settled = worker::drain(store, false, ActorRef::CommandLine).await?;
            println!(
                "{} deleted, {} kept, {} failed.",
                leads(settled.erased.unsigned_abs()),
                number(settled.skipped.unsigned_abs()),
                number(settled.failed.unsigned_abs())
            );
            Ok(())
        }
    }
}

async fn status(store: &Store, as_json: bool) -> anyhow::Result<()> {
    let on = store.reader();
    let times = store.times(on).await?;
    let status = store.queue_status(on, &times).await?;
    let stats = lead_stats(on, times.now).await?;
    if as_json {
        let due = match status.paused {
            None => store.next_due(on).await?,
            Some(_) => None,
        };
        // Of what could leave by now, since when it could.
        let next = due.map(|due| match times.calendar.next_run(due.max(times.now)) {
            next if next == times.now => times.calendar.next_run(due),
            next => next,
        });
        let run = status
            .run
            .map(|run| json!({ "done": run.done, "total": run.total, "rate": run.rate }));
        println!(
            "{}",
            json!({
                "waiting": stats.deletions_waiting,
                "held": stats.held,
                "failed": stats.failed,
                "overdue": stats.overdue,
                "younger_than_undo_time": status.younger,
                "paused": status.paused.is_some(),
                "run": run,
                "next_run": status.next_run,
                "next_run_at": next.map(|at| at.timestamp().to_string()),
            })
        );
        return Ok(());
    }
    if let Some(paused) = status.paused {
        println!("Paused by {paused}.");
    }
    println!("{}", status.next_run);
    println!(
        "{} waiting, {} held, {} failed, {} overdue.",
        number(stats.deletions_waiting),
        number(stats.held),
        number(stats.failed),
        number(stats.overdue)
    );
    Ok(())
}
