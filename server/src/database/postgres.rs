//! PostgreSQL's connections: what each is told, and what is asked at start.

use anyhow::Context;
use sea_orm::sqlx;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::{BUSY, Database};

/// A node has at most so many connections to PostgreSQL for what it writes, and so many to read.
const CONNECTIONS: u32 = 8;

/// What a connection is told, since statements here take milliseconds: compiling one takes a second, and one that takes
/// several processors takes them from the pages that people wait for.
const SMALL_STATEMENTS: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0";

/// What one that reads is told besides: a plan that is made once for all values reads every lead where a search wants one.
/// Not one that writes: there it would also plan each row's foreign keys anew, which makes writing three times as slow.
const READS: &str = "SET plan_cache_mode = force_custom_plan";

/// A pool of connections: what writes has one of its own beside what `reads`, so that transactions that want to read something
/// beside them never wait for each other.
pub(super) async fn connect(url: &str, reads: bool) -> anyhow::Result<DatabaseConnection> {
    let besides = if reads { READS } else { "" };
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(CONNECTIONS)
        .acquire_timeout(BUSY);
    options.map_sqlx_postgres_pool_opts(move |pool| {
        pool.after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(SMALL_STATEMENTS)
                    .execute(&mut *connection)
                    .await?;
                sqlx::raw_sql(besides).execute(connection).await?;
                Ok(())
            })
        })
    });
    sea_orm::Database::connect(options)
        .await
        .context("The database can't be reached. Check the URL after --database")
}

impl Database {
    /// What PostgreSQL is told that lets a power cut take what Layer answered as done: the settings' names, none where it
    /// waits for the disk. Layer turns none of them on by itself, since whoever turned it off knows why. SQLite is refused
    /// without them at start.
    pub async fn forgetful_settings(&self) -> Result<Vec<String>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(Vec::new());
        }
        let statement = "SELECT name FROM pg_settings WHERE setting = 'off' \
             AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";
        let statement = Statement::from_string(DbBackend::Postgres, statement);
        let rows = self.writer.query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
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
}
