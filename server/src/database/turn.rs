//! Turns: what only one transaction, or one process, is at, over all nodes; and hearing what the others did.

use std::sync::Arc;

use sea_orm::sqlx::postgres::{PgConnection, PgListener};
use sea_orm::sqlx::{self, Connection};
use sea_orm::{DbBackend, DbErr, RuntimeErr};

use super::Database;

/// What only one transaction, or one process, is at: a lock of PostgreSQL that is no row's. On SQLite it is
/// everybody's at once: one process serves and works on a file, and what a command does beside it is but its batches.
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

impl Database {
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
}
