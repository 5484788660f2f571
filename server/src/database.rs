//! The database: one URL, SQLite or PostgreSQL.
//!
//! SQLite has one writer: writes go through one connection, people before the queue, and readers beside it. What every
//! connection needs is set on every connection, and checked at start.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use migrations::Migrator;
use sea_orm::sqlx::postgres::{PgConnection, PgListener};
use sea_orm::sqlx::{self, Connection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::timeout;
use write_ahead_log::{AUTOCHECKPOINT_PAGES, Limit};

mod write_ahead_log;

/// The file in the working folder that is used when nothing else is said.
pub const DEFAULT_URL: &str = "sqlite://layer.db";

/// A write waits at most so long for another process on the same SQLite file.
const BUSY: Duration = Duration::from_secs(30);

/// A node has at most so many connections to PostgreSQL for what it writes, and so many to read.
const POSTGRES_CONNECTIONS: u32 = 8;

/// What people read when the file isn't the one any more that was opened: whatever was written to it now would be lost.
pub const MOVED: &str = "The database's file was moved or replaced while the server ran. Nothing is changed any more: put it back, or \
    start the server again.";

/// What only one transaction, or one process, is at: a lock of PostgreSQL that is no row's. SQLite needs none, because one
/// process serves and works on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Bringing the schema up to date, and founding.
    Schema,
    /// Batches beside each other; pausing alone.
    Queue,
    /// Writing the rows of an import.
    Import,
    /// Carrying out imports: one node at a time.
    Importing,
    /// Being at a run: nodes beside each other; who finds itself alone knows that no run is on.
    Running,
    /// Counting tries of a password.
    SignIn,
}

impl Turn {
    /// PostgreSQL's number for it: `layer` and a place.
    pub fn key(self) -> i64 {
        0x6c61_7965_7200 + self as i64
    }
}

/// A [`Turn`] of this process. It ends when this is dropped, or the process ends however it does.
#[derive(Debug)]
pub struct Hold {
    /// What holds it on PostgreSQL.
    _connection: Option<PgConnection>,
}

/// An open database.
// No `Debug`: the URL has the password.
pub struct Database {
    url: String,
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    gate: WriteGate,
    log_limit: Limit,
    file: Option<PathBuf>,
    /// Which file it was, whatever its name, when it was opened.
    opened: Arc<OnceLock<Identity>>,
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
    _turn: Option<Passed<'a>>,
}

/// What a connection to PostgreSQL is told, since statements here take milliseconds: compiling one takes a second, and one
/// that takes several processors takes them from the pages that people wait for.
const SMALL_STATEMENTS: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0";

/// What one that reads is told besides: a plan that is made once for all values reads every lead where a search wants one.
/// Not one that writes: there it would also plan each row's foreign keys anew, which makes writing three times as slow.
const READS: &str = "SET plan_cache_mode = force_custom_plan";

impl Database {
    /// Opens the database that `url` names: `sqlite://FILE` (made if it isn't there) or `postgres://…`.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // Two pools, so that transactions that want to read something beside them never wait for each other.
            let pool = async |words: &'static str| {
                let mut options = ConnectOptions::new(url);
                options
                    .sqlx_logging(false)
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(BUSY);
                options.map_sqlx_postgres_pool_opts(move |pool| {
                    pool.after_connect(move |connection, _| {
                        Box::pin(async move {
                            sqlx::raw_sql(SMALL_STATEMENTS)
                                .execute(&mut *connection)
                                .await?;
                            sqlx::raw_sql(words).execute(connection).await?;
                            Ok(())
                        })
                    })
                });
                sea_orm::Database::connect(options)
                    .await
                    .context("The database can't be reached. Check the URL after --database")
            };
            return Ok(Self {
                url: url.to_owned(),
                writer: pool("").await?,
                readers: pool(READS).await?,
                gate: WriteGate::default(),
                log_limit: Limit::default(),
                file: None,
                opened: Arc::default(),
            });
        }
        if !url.starts_with("sqlite:") {
            bail!(
                "--database takes sqlite://FILE or postgres://USER@HOST/NAME, not `{}`.",
                url.split(':').next().unwrap_or("")
            );
        }
        let file = Self::sqlite_file(url).unwrap_or_default();
        keeps_its_log(&file)?;
        let opened = Arc::default();
        let writer = sqlite(url, 1, false, &opened)
            .await
            .with_context(|| format!("The database file {} can't be opened", file.display()))?;
        let readers = sqlite(url, 4, true, &opened)
            .await
            .context("The database file can't be read")?;
        let database = Self {
            url: url.to_owned(),
            writer,
            readers,
            gate: WriteGate::default(),
            log_limit: Limit::default(),
            opened,
            file: Some(file),
        };
        database.check_sqlite().await?;
        Ok(database)
    }

    /// The file that a URL of SQLite names.
    pub fn sqlite_file(url: &str) -> Option<PathBuf> {
        let file = url.strip_prefix("sqlite:")?.trim_start_matches("//");
        Some(PathBuf::from(file.split('?').next().unwrap_or_default()))
    }

    /// Brings the schema up to date. Of nodes that start at once one does it, and the others wait. A schema that a newer Layer
    /// made is refused.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let _alone = self.hold(Turn::Schema, true).await?;
        // A database without the table has no steps yet.
        let applied = self.applied().await.unwrap_or_default();
        let steps = Migrator::migrations();
        let ours = |version: &String| steps.iter().any(|step| step.name() == version);
        if let Some(newer) = applied.iter().find(|version| !ours(version)) {
            bail!(
                "This database was made by a newer Layer: its schema has the step {newer}, which this one doesn't know. Start the \
                 newer one, or restore a backup from before."
            );
        }
        Migrator::up(&self.writer, None)
            .await
            .context("The schema could not be brought up to date")
    }

    /// Whether every step of the schema is applied. It only reads: a standby of PostgreSQL answers too.
    pub async fn is_migrated(&self) -> Result<bool, DbErr> {
        let applied = self.applied().await?;
        let steps = Migrator::migrations();
        Ok(steps.iter().all(|step| applied.contains(step.name())))
    }

    /// The schema's steps that were applied.
    async fn applied(&self) -> Result<BTreeSet<String>, DbErr> {
        let applied =
            Statement::from_string(self.backend(), "SELECT version FROM seaql_migrations");
        let rows = self.readers.query_all_raw(applied).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Whether Layer was ever here: an empty database has no schema.
    pub async fn has_schema(&self) -> Result<bool, DbErr> {
        let statement = match self.backend() {
            DbBackend::Postgres => "SELECT to_regclass('audit_head') IS NOT NULL",
            _ => "SELECT COUNT(*) FROM sqlite_master WHERE name = 'audit_head'",
        };
        let row = self
            .readers
            .query_one_raw(Statement::from_string(self.backend(), statement))
            .await?;
        let Some(row) = row else { return Ok(false) };
        match self.backend() {
            DbBackend::Postgres => row.try_get_by_index(0),
            _ => Ok(row.try_get_by_index::<i64>(0)? > 0),
        }
    }

    /// For reading alone. Nothing is decided on what it says.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// PostgreSQL's clock, in milliseconds since the epoch; `None` on SQLite, whose clock is this machine's.
    pub async fn now(&self) -> Result<Option<i64>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let statement = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let row = self
            .readers
            .query_one_raw(Statement::from_string(DbBackend::Postgres, statement))
            .await?;
        row.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Waits for a turn of this process, on a connection of its own: beside others, or (`alone`) when nobody is at it.
    pub async fn hold(&self, turn: Turn, alone: bool) -> Result<Hold, DbErr> {
        let statement = if alone {
            "SELECT pg_advisory_lock($1) IS NOT NULL"
        } else {
            "SELECT pg_advisory_lock_shared($1) IS NOT NULL"
        };
        self.ask_turn(statement, turn).await.map(|(hold, _)| hold)
    }

    /// A turn alone, if nobody is at it now.
    pub async fn try_hold(&self, turn: Turn) -> Result<Option<Hold>, DbErr> {
        let (hold, taken) = self
            .ask_turn("SELECT pg_try_advisory_lock($1)", turn)
            .await?;
        Ok(taken.then_some(hold))
    }

    async fn ask_turn(&self, statement: &'static str, turn: Turn) -> Result<(Hold, bool), DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok((Hold { _connection: None }, true));
        }
        let failed = |error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
        let mut connection = PgConnection::connect(&self.url).await.map_err(failed)?;
        let taken: bool = sqlx::query_scalar(statement)
            .bind(turn.key())
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        let hold = Hold {
            _connection: Some(connection),
        };
        Ok((hold, taken))
    }

    /// What hears the other nodes, on a connection of its own; `None` on SQLite.
    pub async fn listener(&self) -> Result<Option<PgListener>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let listener = PgListener::connect(&self.url).await;
        let failed = |error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
        listener.map(Some).map_err(failed)
    }

    /// For what is neither a transaction of a person nor of the queue: copying the whole database, attaching another.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Whether SQLite's file is still the one that was opened.
    fn is_in_place(&self) -> bool {
        match (&self.file, self.opened.get()) {
            (Some(file), Some(opened)) => identity(file) == Some(*opened),
            _ => true,
        }
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
        if priority == Priority::Queue {
            self.keep_log_short().await;
        }
        let turn = self.gate.turn(priority).await;
        if !self.is_in_place() {
            return Err(DbErr::Custom(MOVED.into()));
        }
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

/// Refuses a write-ahead log whose database isn't there, or is empty: SQLite would throw it away, or copy it into a database
/// that it isn't of.
pub fn keeps_its_log(file: &Path) -> anyhow::Result<()> {
    let bytes = |file: &Path| std::fs::metadata(file).map_or(0, |file| file.len());
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    if bytes(file) == 0 && bytes(&log) > 0 {
        bail!(
            "{log} is there, and its database {file} isn't. What was last written may be in it alone: put {file} back beside it, or, if \
             that is lost, move {log} away and restore a backup.",
            log = log.display(),
            file = file.display()
        );
    }
    Ok(())
}

/// A file, whatever its name: device and inode.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(file: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let is = std::fs::metadata(file).ok()?;
    Some((is.dev(), is.ino()))
}

/// Windows doesn't let an open file be moved.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

async fn sqlite(
    url: &str,
    connections: u32,
    read_only: bool,
    opened: &Arc<OnceLock<Identity>>,
) -> Result<DatabaseConnection, DbErr> {
    let file = Database::sqlite_file(url).unwrap_or_default();
    let opened = opened.clone();
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(connections)
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
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        // All at once and for good: where the file is replaced later, they go on reading the one that was opened.
        let pool = pool
            .min_connections(connections)
            .max_lifetime(None)
            .idle_timeout(None);
        let (file, opened) = (file.clone(), opened.clone());
        // The first connection says which file it is; a later one to another file would read another database.
        let pool = pool.after_connect(move |_, _| {
            let is = identity(&file);
            let same = is.is_none_or(|is| *opened.get_or_init(|| is) == is);
            Box::pin(async move {
                if same {
                    Ok(())
                } else {
                    Err(sqlx::Error::Configuration(MOVED.into()))
                }
            })
        });
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

/// The queue lets people go first for so long, and then waits in one line with them: where somebody always waits it would never
/// come. A batch takes about 100 ms, so it gets a sixth of the time then, and people five sixths.
const QUEUE_PATIENCE: Duration = Duration::from_millis(500);

/// SQLite's one writer, handed to people before the queue.
#[derive(Debug)]
struct WriteGate {
    turn: Mutex<()>,
    people: AtomicUsize,
    people_through: Notify,
    /// Who of the queue has waited for long enough: one of them at a time stands in the line, so that people wait for no more
    /// than one.
    in_line: Mutex<()>,
    patience: Duration,
}

impl Default for WriteGate {
    fn default() -> Self {
        Self {
            turn: Mutex::default(),
            people: AtomicUsize::default(),
            people_through: Notify::default(),
            in_line: Mutex::default(),
            patience: QUEUE_PATIENCE,
        }
    }
}

/// The turn to write: over when this is dropped, and only then the next one's of the queue stands in the line.
#[derive(Debug)]
struct Passed<'a> {
    _turn: MutexGuard<'a, ()>,
    _in_line: Option<MutexGuard<'a, ()>>,
}

impl WriteGate {
    async fn turn(&self, priority: Priority) -> Passed<'_> {
        let (turn, in_line) = match priority {
            Priority::Person => {
                let _waiting = Waiting::new(self);
                (self.turn.lock().await, None)
            }
            Priority::Queue => match timeout(self.patience, self.after_people()).await {
                Ok(turn) => (turn, None),
                Err(_) => {
                    let in_line = self.in_line.lock().await;
                    (self.turn.lock().await, Some(in_line))
                }
            },
        };
        Passed {
            _turn: turn,
            _in_line: in_line,
        }
    }

    /// The turn, when nobody else waits for it.
    async fn after_people(&self) -> MutexGuard<'_, ()> {
        loop {
            let through = self.people_through.notified();
            if self.people.load(Ordering::SeqCst) == 0 {
                let turn = self.turn.lock().await;
                if self.people.load(Ordering::SeqCst) == 0 {
                    return turn;
                }
                drop(turn);
            }
            through.await;
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use tokio::task::{JoinSet, yield_now};

    #[tokio::test]
    async fn where_people_always_wait_the_queue_gets_its_turn() {
        let gate = Arc::new(WriteGate::default());
        let mut people = JoinSet::new();
        // Each comes again as soon as they are through: one of the two always waits.
        for _ in 0..2 {
            let gate = gate.clone();
            people.spawn(async move {
                loop {
                    let turn = gate.turn(Priority::Person).await;
                    yield_now().await;
                    drop(turn);
                }
            });
        }
        while gate.people.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        let queue = timeout(Duration::from_secs(10), gate.turn(Priority::Queue)).await;
        assert!(queue.is_ok(), "it never came");
    }

    #[tokio::test]
    async fn of_a_queue_that_lost_its_patience_a_person_waits_for_one_batch_alone() {
        let gate = Arc::new(WriteGate {
            patience: Duration::ZERO,
            ..WriteGate::default()
        });
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut waiting = JoinSet::new();
        let mut waits = |who: &'static str, priority| {
            let (gate, order) = (gate.clone(), order.clone());
            waiting.spawn(async move {
                let _turn = gate.turn(priority).await;
                order.lock().unwrap().push(who);
            })
        };
        let held = gate.turn(Priority::Person).await;
        waits("first person", Priority::Person);
        while gate.people.load(Ordering::SeqCst) < 1 {
            yield_now().await;
        }
        waits("batch", Priority::Queue);
        while gate.in_line.try_lock().is_ok() {
            yield_now().await;
        }
        waits("batch", Priority::Queue);
        waits("person behind it", Priority::Person);
        while gate.people.load(Ordering::SeqCst) < 2 {
            yield_now().await;
        }
        drop(held);
        while waiting.join_next().await.is_some() {}
        assert_eq!(
            *order.lock().unwrap(),
            ["first person", "batch", "person behind it", "batch"]
        );
    }
}
