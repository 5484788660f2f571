//! How this node is: asked by whoever watches it, so it costs a few index lookups and one lock that is let go at once.

use std::time::Duration;

use domain::health::{Health, QueueHealth};
use domain::time::Millis;
use domain::{Error, Result};
use tokio::time::timeout;

use super::lead_stats::lead_stats;
use super::sql::{self, internal};
use super::{Store, setting};
use crate::database::Priority;

/// A database whose write lock can't be had in that time isn't writable for a person.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the probe says where another process, or a transaction that doesn't end, has the write lock.
const LOCKED: &str = "The database is locked by another process.";

impl Store {
    /// As it stands. An error is a database that can't be read.
    pub async fn health(&self) -> Result<Health> {
        let (on, now) = (self.reader(), self.now());
        let closed: Option<i64> =
            sql::value(on, "SELECT at FROM deletion ORDER BY id DESC LIMIT 1", []).await?;
        let stats = lead_stats(on, now).await?;
        let writes = match timeout(PATIENCE, self.can_write()).await {
            Ok(writes) => writes,
            Err(_) => Err(Error::Busy),
        };
        Ok(Health {
            migrated: self.database().is_migrated().await.map_err(internal)?,
            writable: writes.is_ok(),
            trouble: writes.err().map(|error| match error {
                Error::Busy => LOCKED.into(),
                error => error.to_string(),
            }),
            queue: QueueHealth::of(
                &self.calendar(self.reader()).await?,
                setting::paused(on).await?.is_some(),
                self.next_due(on).await?,
                closed.map(Millis),
                now,
            ),
            failed: stats.failed,
            overdue: stats.overdue,
        })
    }

    /// Takes the write lock and lets it go. After a write that wasn't committed it writes, too: a full disk shows in that alone,
    /// and so does that there is room again.
    async fn can_write(&self) -> Result<()> {
        let writing = self.begin(Priority::Queue).await?;
        // Refused where the file, or the node of PostgreSQL, is there for reading alone. It changes nothing.
        // Every database has its `All leads`; nothing has a 2.
        let all = if self.last_write_failed() { 1 } else { 2 };
        sql::execute(
            writing.tx(),
            "UPDATE work_stack SET position = position WHERE is_all = $1",
            sql::values![all],
        )
        .await?;
        writing.commit_quietly().await
    }
}
