//! The run that is on or was asked for: what it was told, and how far it is.

use domain::Result;
use domain::deletion_queue::RunProgress;
use domain::time::Millis;
use sea_orm::ConnectionTrait;

use super::Writing;
use super::sql::{self, values};

/// The cause of a run that somebody asked for: it minds no hours, and begins again where it was broken off.
pub const RUN_NOW: &str = "run-now";
/// The cause of every other run: it is told for its progress alone.
pub const WORKER: &str = "worker";

/// What a run at `$1` takes: what is due, or (`$2`) also what is younger than the undo time.
const TAKEN: &str =
    " FROM open_deletion WHERE state = 'waiting' AND (due_at <= $1 OR ($2 = 1 AND tries <= 1))";

/// Says that a run is on, with what it sets out to do. One that somebody asked for stays theirs, and so does (unless this
/// is the only node that runs, `alone`) one that another node is at.
pub async fn begin(
    writing: &Writing<'_>,
    cause: &str,
    also_younger: bool,
    alone: bool,
) -> Result<()> {
    sql::execute(
        writing.tx(),
        &format!(
            "INSERT INTO queue_run (id, cause, started_at, also_younger, total) SELECT 1, $3, $1, $2, COUNT(*){TAKEN} \
             ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, started_at = excluded.started_at, \
               also_younger = excluded.also_younger, total = excluded.total, done = 0 \
             WHERE queue_run.cause = 'worker' AND $4 = 1 OR excluded.cause = 'run-now'"
        ),
        values![
            writing.now.0,
            i64::from(also_younger),
            cause,
            i64::from(alone)
        ],
    )
    .await?;
    Ok(())
}

/// Says that this run is over, or (`None`) that none is on. One that was asked for meanwhile stays.
pub async fn end(writing: &Writing<'_>, run: Option<&Run>) -> Result<()> {
    match run {
        None => sql::execute(writing.tx(), "DELETE FROM queue_run", []).await?,
        Some(run) => {
            sql::execute(
                writing.tx(),
                "DELETE FROM queue_run WHERE cause = $1 AND also_younger = $2 AND started_at = $3",
                values![
                    run.cause.as_str(),
                    i64::from(run.also_younger),
                    run.started_at
                ],
            )
            .await?
        }
    };
    Ok(())
}

/// A run that was asked for or is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// [`RUN_NOW`] or [`WORKER`].
    pub cause: String,
    /// It takes also what is younger than the undo time.
    pub also_younger: bool,
    started_at: i64,
}

/// The run that was asked for or is on.
pub async fn current<C: ConnectionTrait>(on: &C) -> Result<Option<Run>> {
    let run: Option<(String, i64, i64)> = sql::tuple(
        on,
        "SELECT cause, also_younger, started_at FROM queue_run WHERE id = 1",
        [],
    )
    .await?;
    Ok(run.map(|(cause, also_younger, started_at)| Run {
        cause,
        also_younger: also_younger == 1,
        started_at,
    }))
}

/// Whether there is something that this run takes; also what another transaction, perhaps another node's batch, has in its hands.
pub async fn is_left<C: ConnectionTrait>(on: &C, run: &Run, now: Millis) -> Result<bool> {
    let left: Option<i64> = sql::value(
        on,
        &format!("SELECT lead{TAKEN} LIMIT 1"),
        values![now.0, i64::from(run.also_younger)],
    )
    .await?;
    Ok(left.is_some())
}

/// How far a run is that is on.
pub async fn progress<C: ConnectionTrait>(on: &C, now: Millis) -> Result<Option<RunProgress>> {
    let run: Option<(i64, i64, i64)> = sql::tuple(
        on,
        "SELECT total, done, started_at FROM queue_run WHERE id = 1 AND total > 0",
        [],
    )
    .await?;
    Ok(run.map(|(total, done, started)| {
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        let seconds = number(now.0 - started) / 1_000;
        RunProgress {
            done: number(done.min(total)),
            total: number(total),
            rate: number(done) / seconds.max(1),
        }
    }))
}
