//! How the queue stands, for who watches it by machine. Numbers alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::Result;
use domain::lead_stats::LeadStats;
use domain::time::SECOND;

use super::lead_stats::lead_stats;
use super::{Store, audit, setting, sql};

/// The numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Lead stats.
    pub stats: LeadStats,
    /// The age of the oldest open deletion; 0 where none is open.
    pub oldest_seconds: u64,
    /// Failed deletions by their code, in its order.
    pub failures: Vec<(String, i64)>,
    /// The queue is paused.
    pub paused: bool,
    /// Entries of the audit log.
    pub entries: u64,
    /// Batches that this node's worker committed since its start.
    pub batches: u64,
    /// How long they took together.
    pub batch_time: Duration,
}

/// What this node counts since its start.
#[derive(Debug, Default)]
pub struct Counters {
    batches: AtomicU64,
    batch_micros: AtomicU64,
}

impl Counters {
    /// A batch was committed.
    pub fn batch(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.batch_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Store {
    /// As they stand; each from a sum or an index.
    pub async fn metrics(&self) -> Result<Numbers> {
        let (on, now) = (self.reader(), self.now());
        let oldest: Option<Option<i64>> =
            sql::value(on, "SELECT MIN(ordered_at) FROM open_deletion", []).await?;
        let age = oldest.flatten().map_or(0, |at| (now.0 - at) / SECOND);
        Ok(Numbers {
            stats: lead_stats(on, now).await?,
            oldest_seconds: u64::try_from(age).unwrap_or(0),
            failures: sql::tuples(
                on,
                "SELECT cause, COUNT(*) FROM open_deletion WHERE state = 'failed' GROUP BY cause ORDER BY cause",
                [],
            )
            .await?,
            paused: setting::paused(on).await?.is_some(),
            entries: u64::try_from(audit::sequence(on).await?).unwrap_or(0),
            batches: self.counters.batches.load(Ordering::Relaxed),
            batch_time: Duration::from_micros(self.counters.batch_micros.load(Ordering::Relaxed)),
        })
    }
}
