//! The database: one URL, SQLite or PostgreSQL.
//!
//! SQLite has one writer: writes go through one connection, people before the queue, and readers beside it. What every
//! connection needs is set on every connection, and checked at start.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use migrations::Migrator;
use sea_orm::sqlx::Connection;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, MutexGuard, Notify};

/// The file in the working folder that is used when nothing else is said.
pub const DEFAULT_URL: &str = "sqlite://layer.db";

/// A write waits at most so long for another process on the same SQLite file.
const BUSY: Duration = Duration::from_secs(30);

/// Pages in the write-ahead log before it is copied back (4 kB each, about 80 MB): 2.6 to 4.2 times fewer bytes than
/// with the 1,000 that SQLite starts with.
const AUTOCHECKPOINT_PAGES: &str = "20000";

/// An open database.
#[derive(Debug)]
pub struct Database {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    gate: WriteGate,
    file: Option<PathBuf>,
}

/// Who waits for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A person waits for the answer.
    Person,
    /// The queue's worker: lets people go first.
    Queue,
}

/// A write transaction, and the writer it holds.
#[derive(Debug)]
pub struct WriteTransaction<'a> {
    /// The transaction: rolled back when dropped.
    pub tx: DatabaseTransaction,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl Database {
    /// Opens the database that `url` names: `sqlite://FILE` (made if it isn't there) or `postgres://…`.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut options = ConnectOptions::new(url);
            options
                .sqlx_logging(false)
                .max_connections(16)
                .acquire_timeout(BUSY);
            let pool = sea_orm::Database::connect(options)
                .await
                .context("The database can't be reached. Check the URL after --database")?;
            return Ok(Self {
                writer: pool.clone(),
                readers: pool,
                gate: WriteGate::default(),
                file: None,
            });
        }
        if !url.starts_with("sqlite:") {
            bail!(
                "--database takes sqlite://FILE or postgres://USER@HOST/NAME, not `{}`.",
                url.split(':').next().unwrap_or("")
            );
        }
        let file = PathBuf::from(
            url.trim_start_matches("sqlite:")
                .trim_start_matches("//")
                .split('?')
                .next()
                .unwrap_or_default(),
        );
        let writer = sqlite(url, 1, false)
            .await
            .with_context(|| format!("The database file {} can't be opened", file.display()))?;
        let readers = sqlite(url, 4, true)
            .await
            .context("The database file can't be read")?;
        let database = Self {
            writer,
            readers,
            gate: WriteGate::default(),
            file: Some(file),
        };
        database.check_sqlite().await?;
        Ok(database)
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        Migrator::up(&self.writer, None)
            .await
            .context("The schema could not be brought up to date")
    }

    /// Whether every step of the schema is applied.
    pub async fn is_migrated(&self) -> Result<bool, DbErr> {
        Ok(Migrator::get_pending_migrations(&self.readers)
            .await?
            .is_empty())
    }

    /// For reading alone. Nothing is decided on what it says.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// SQLite's file.
    pub fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }

    /// Begins to write. On SQLite at once with the write lock, so that what is read in it holds until it commits.
    pub async fn write(&self, priority: Priority) -> Result<WriteTransaction<'_>, DbErr> {
        if self.backend() == DbBackend::Postgres {
            return Ok(WriteTransaction {
                tx: self.writer.begin().await?,
                _turn: None,
            });
        }
        let turn = self.gate.turn(priority).await;
        let tx = self
            .writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        Ok(WriteTransaction {
            tx,
            _turn: Some(turn),
        })
    }

    /// Copies the write-ahead log back and empties it, so that what was erased isn't left in it. SQLite alone; `false`
    /// where a reader was in the way: call it again.
    pub async fn checkpoint(&self) -> Result<bool, DbErr> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(true);
        }
        let _turn = self.gate.turn(Priority::Queue).await;
        // It waits for readers as long as a write would, and every writer behind it: better come again soon.
        self.writer
            .execute_unprepared("PRAGMA busy_timeout = 50")
            .await?;
        let row = self
            .writer
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ))
            .await;
        self.writer
            .execute_unprepared(&format!("PRAGMA busy_timeout = {}", BUSY.as_millis()))
            .await?;
        let row = row?;
        let busy: i32 = row
            .map(|row| row.try_get_by_index(0))
            .transpose()?
            .unwrap_or(1);
        Ok(busy == 0)
    }

    /// Ends every connection; what is in the write-ahead log is copied back.
    pub async fn close(&self) {
        let _ = self.readers.close_by_ref().await;
        let _ = self.writer.close_by_ref().await;
    }

    async fn pragma<T: sea_orm::TryGetable>(&self, name: &str) -> anyhow::Result<T> {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = self
            .writer
            .query_one_raw(statement)
            .await?
            .with_context(|| format!("SQLite has no {name}"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// What erasing and keeping rest on is really set.
    async fn check_sqlite(&self) -> anyhow::Result<()> {
        let numbers = [
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("synchronous", 2),
        ];
        for (name, wanted) in numbers {
            let set: i32 = self.pragma(name).await?;
            if set != wanted {
                bail!(
                    "SQLite was opened with {name} = {set}, which would break Layer's promises. It must be {wanted}."
                );
            }
        }
        let journal: String = self.pragma("journal_mode").await?;
        if journal != "wal" {
            bail!(
                "SQLite could not turn on its write-ahead log (journal_mode is {journal}). Put the file on a local disk."
            );
        }
        let statement = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version()");
        let row = self
            .writer
            .query_one_raw(statement)
            .await?
            .context("SQLite tells no version")?;
        let version: String = row.try_get_by_index(0)?;
        let numbers: Vec<u32> = version
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        if numbers < vec![3, 51, 3] {
            bail!(
                "SQLite {version} is too old: 3.51.3 mended a corruption of the write-ahead log."
            );
        }
        Ok(())
    }
}

async fn sqlite(url: &str, connections: u32, read_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(BUSY);
    options.map_sqlx_sqlite_opts(move |options| {
        options
            .create_if_missing(!read_only)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            .row_buffer_size(512)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("secure_delete", "ON")
            .pragma("mmap_size", "0")
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("wal_autocheckpoint", AUTOCHECKPOINT_PAGES)
            .pragma("cache_size", if read_only { "-16384" } else { "-65536" })
            .pragma("query_only", if read_only { "ON" } else { "OFF" })
    });
    // SQLite rolls back by itself on a full disk or a fault of it, and sqlx doesn't count that: its next transaction would
    // be a savepoint that nobody commits. Such a connection is closed, which ends whatever it holds.
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async move {
                // The rollback of a dropped transaction is carried out by then.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
    sea_orm::Database::connect(options).await
}

/// SQLite's one writer, handed to people before the queue.
#[derive(Debug, Default)]
struct WriteGate {
    turn: Mutex<()>,
    people: AtomicUsize,
    people_through: Notify,
}

impl WriteGate {
    async fn turn(&self, priority: Priority) -> MutexGuard<'_, ()> {
        match priority {
            Priority::Person => {
                let _waiting = Waiting::new(self);
                self.turn.lock().await
            }
            Priority::Queue => loop {
                let through = self.people_through.notified();
                if self.people.load(Ordering::SeqCst) == 0 {
                    let turn = self.turn.lock().await;
                    if self.people.load(Ordering::SeqCst) == 0 {
                        return turn;
                    }
                    drop(turn);
                }
                through.await;
            },
        }
    }
}

/// A person who waits; also one who stops waiting is counted out.
struct Waiting<'a>(&'a WriteGate);

impl<'a> Waiting<'a> {
    fn new(gate: &'a WriteGate) -> Self {
        gate.people.fetch_add(1, Ordering::SeqCst);
        Self(gate)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.people.fetch_sub(1, Ordering::SeqCst);
        self.0.people_through.notify_waiters();
    }
}
