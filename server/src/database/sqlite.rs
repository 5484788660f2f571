//! SQLite's connections: what each is told, and what is checked at start.

use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};
use sea_orm::sqlx::{self, Connection};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::file::{Identity, identity};
use super::write_ahead_log::AUTOCHECKPOINT_PAGES;
use super::{BUSY, Database, MOVED};

/// So many connections to the file, with everything set that erasing and keeping rest on.
pub(super) async fn connect(
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
            .busy_timeout(BUSY)
            .foreign_keys(true)
            .row_buffer_size(512)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("secure_delete", "ON")
            // What is replaced is deleted: the log's tables refuse both.
            .pragma("recursive_triggers", "ON")
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

impl Database {
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
    pub(super) async fn check_sqlite(&self) -> anyhow::Result<()> {
        let numbers = [
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("recursive_triggers", 1),
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
