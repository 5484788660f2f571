//! How this node is: anybody may ask, so it costs a few index lookups, and at most once a second, if all is well, a lock that is
//! let go at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::health::{Health, QueueHealth};
use domain::time::{Millis, SECOND};
use domain::{Error, Result};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::lead_stats::lead_stats;
use super::sql::{self, internal};
use super::{Store, setting};
use crate::database::Priority;

/// A database whose write lock can't be had in that time isn't writable for a person.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the probe says where another process, or a transaction that doesn't end, has the write lock.
const LOCKED: &str = "The database is locked by another process.";

/// That the database takes writes is believed for so long; that it doesn't never, so that whoever mended it sees it at once.
const BELIEVED: i64 = SECOND;

/// Looks whether the database takes writes, for all who ask: one at a time.
#[derive(Debug, Default)]
pub struct Probe {
    begun: AtomicU64,
    last: Mutex<Option<Looked>>,
}

/// What was seen.
#[derive(Debug)]
struct Looked {
    /// The how many-eth time it was.
    number: u64,
    at: Millis,
    trouble: Option<String>,
}

impl Looked {
    fn is_believed(&self, now: Millis) -> bool {
        let age = now.0 - self.at.0;
        self.trouble.is_none() && (0..BELIEVED).contains(&age)
    }
}

impl Probe {
    /// What is the trouble, if any. Who had to wait takes what was seen meanwhile, where that look began after they asked.
    async fn ask(
        &self,
        now: impl Fn() -> Millis,
        look: impl Future<Output = Option<String>>,
    ) -> Option<String> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        let seen = last.as_ref();
        if let Some(seen) = seen.filter(|seen| seen.number > asked || seen.is_believed(now())) {
            return seen.trouble.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let at = now();
        let trouble = look.await;
        *last = Some(Looked {
            number,
            at,
            trouble: trouble.clone(),
        });
        trouble
    }
}

impl Store {
    /// As it stands. An error is a database that can't be read.
    pub async fn health(&self) -> Result<Health> {
        let (on, now) = (self.reader(), self.now());
        let closed = sql::value(on, "SELECT at FROM deletion ORDER BY id DESC LIMIT 1", []);
        // A page waits for a connection for longer; who asks this has given up by then.
        let closed: Option<i64> = timeout(PATIENCE, closed)
            .await
            .unwrap_or(Err(Error::Busy))?;
        let stats = lead_stats(on, now).await?;
        let trouble = self.probe.ask(|| self.now(), self.cannot_write()).await;
        Ok(Health {
            migrated: self.database().is_migrated().await.map_err(internal)?,
            writable: trouble.is_none(),
            trouble,
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

    /// Why the database takes no writes, where it doesn't.
    async fn cannot_write(&self) -> Option<String> {
        match timeout(PATIENCE, self.can_write()).await {
            Ok(Ok(())) => None,
            Ok(Err(Error::Busy)) | Err(_) => Some(LOCKED.into()),
            Ok(Err(error)) => Some(error.to_string()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use futures::poll;
    use std::pin::pin;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn of_many_who_ask_at_once_two_look_and_all_are_told_what_was_seen_after_they_asked() {
        let (probe, looks, may_end) = (Probe::default(), AtomicU64::new(0), Semaphore::new(0));
        let ask = || {
            probe.ask(|| Millis(0), async {
                let look = looks.fetch_add(1, Ordering::SeqCst) + 1;
                let _may_end = may_end.acquire().await;
                Some(look.to_string())
            })
        };
        let mut first = pin!(ask());
        assert!(poll!(&mut first).is_pending());
        let mut others = pin!(join_all((0..19).map(|_| ask())));
        assert!(poll!(&mut others).is_pending());
        may_end.add_permits(2);
        assert_eq!(first.await.as_deref(), Some("1"));
        // The first look may have been over, but for its answer, when they asked.
        for told in others.await {
            assert_eq!(told.as_deref(), Some("2"));
        }
        assert_eq!(looks.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_look_to_the_next() {
        let probe = Probe::default();
        let now = || Millis(0);
        {
            let mut given_up = pin!(probe.ask(now, std::future::pending()));
            assert!(poll!(&mut given_up).is_pending());
        }
        assert_eq!(probe.ask(now, async { None }).await, None);
    }
}
