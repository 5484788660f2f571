//! SQLite's write-ahead log: copied back, emptied, and kept short also where somebody always reads.
//!
//! SQLite copies it back by itself, but begins it anew only at a moment at which nobody reads from it. With twenty people on the
//! Grid View there is none: in a run over 500,000 leads the log grew to 2 GB, and every page had to be looked for in all of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::{BUSY, Database, MOVED, Priority};

/// Pages in it before SQLite copies it back (4 kB each, about 80 MB): 2.6 to 4.2 times fewer bytes than with the 1,000 that
/// SQLite starts with.
pub(super) const AUTOCHECKPOINT_PAGES: &str = "20000";

/// Longer than so many bytes it is emptied by force: half as much again as SQLite lets it become where nobody reads.
const LONG: u64 = 120_000_000;
/// Where a reader didn't let that be, the next try comes when it has grown by so many bytes.
const FURTHER: u64 = 16_000_000;
/// Readers are waited for so long, and every writer behind them: better come again soon.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the log may be before it is emptied, in bytes.
#[derive(Debug)]
pub(super) struct Limit(AtomicU64);

impl Default for Limit {
    fn default() -> Self {
        Self(AtomicU64::new(LONG))
    }
}

impl Database {
    /// Copies the write-ahead log back and empties it, so that what was erased isn't left in it. SQLite alone; `false`
    /// where a reader was in the way: call it again.
    pub async fn checkpoint(&self) -> Result<bool, DbErr> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(true);
        }
        let _turn = self.gate.turn(Priority::Queue).await;
        if !self.is_in_place() {
            return Err(DbErr::Custom(MOVED.into()));
        }
        let waiting = |time: Duration| format!("PRAGMA busy_timeout = {}", time.as_millis());
        self.writer.execute_unprepared(&waiting(PATIENCE)).await?;
        let row = self
            .writer
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ))
            .await;
        self.writer.execute_unprepared(&waiting(BUSY)).await?;
        let busy: i32 = row?
            .map(|row| row.try_get_by_index(0))
            .transpose()?
            .unwrap_or(1);
        Ok(busy == 0)
    }

    /// Empties the log where it has become long. Those who write much and can wait call it before each transaction.
    pub(super) async fn keep_log_short(&self) {
        let length = self.log_length();
        if length < self.log_limit.0.load(Ordering::Relaxed) {
            return;
        }
        // Where that fails, so will what is written next, and says it.
        let emptied = self.checkpoint().await.unwrap_or(false);
        let limit = if emptied { LONG } else { length + FURTHER };
        self.log_limit.0.store(limit, Ordering::Relaxed);
    }

    /// In bytes; nothing on PostgreSQL.
    pub fn log_length(&self) -> u64 {
        let Some(file) = &self.file else { return 0 };
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        PathBuf::from(log).metadata().map_or(0, |log| log.len())
    }
}
