//! How the queue stands, for who watches it by machine. Numbers alone.

use domain::Result;
use domain::lead_stats::LeadStats;
use domain::time::SECOND;

use super::lead_stats::lead_stats;
use super::{Store, audit, setting, sql};

/// The numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Lead stats.
    pub stats: LeadStats,
    /// The age of the oldest open deletion; 0 where none is open.
    pub oldest_seconds: u64,
    /// The queue is paused.
    pub paused: bool,
    /// Entries of the audit log.
    pub entries: u64,
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
            paused: setting::paused(on).await?.is_some(),
            entries: u64::try_from(audit::sequence(on).await?).unwrap_or(0),
        })
    }
}
