//! The database: one URL, SQLite or PostgreSQL.
//!
//! SQLite has one writer: writes go through one connection, people before the queue, and readers beside it. What every
//! connection needs is set on every connection, and checked at start.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use file::{Identity, identity};
use migrations::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use write_ahead_log::Limit;
use write_gate::{Passed, WriteGate};

pub use file::{create, keeps_its_log};
pub use turn::{Hold, Turn};

mod file;
mod postgres;
mod sqlite;
mod turn;
mod write_ahead_log;
mod write_gate;

/// The file in the working folder that is used when nothing else is said.
pub const DEFAULT_URL: &str = "sqlite://layer.db";

/// A write waits at most so long for another process on the same SQLite file.
const BUSY: Duration = Duration::from_secs(30);

/// What people read when the file isn't the one any more that was opened: whatever was written to it now would be lost.
pub const MOVED: &str = "The database's file was moved or replaced while the server ran. Nothing is changed any more: put it back, or \
    start the server again.";

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

impl Database {
    /// Opens the database that `url` names: `sqlite://FILE` (made if it isn't there) or `postgres://…`.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return Ok(Self {
                url: url.to_owned(),
                writer: postgres::connect(url, false).await?,
                readers: postgres::connect(url, true).await?,
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
        match create(&file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| {
                    format!("The database file {} can't be made", file.display())
                });
            }
            _ => {}
        }
        let opened = Arc::default();
        let writer = sqlite::connect(url, 1, false, &opened)
            .await
            .with_context(|| format!("The database file {} can't be opened", file.display()))?;
        let readers = sqlite::connect(url, 4, true, &opened)
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
}
