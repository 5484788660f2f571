//! What differs between SQLite and PostgreSQL outside the schema.

use sea_orm::DbBackend;

/// Locks the rows that a `SELECT` reads. SQLite needs none: its transactions begin with the write lock.
pub fn for_update(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        " FOR UPDATE"
    } else {
        ""
    }
}

/// Locks the rows that a `SELECT` claims, and passes over those that another node has.
pub fn skip_locked(backend: DbBackend, of: &str) -> String {
    if backend == DbBackend::Postgres {
        format!(" FOR UPDATE OF {of} SKIP LOCKED")
    } else {
        String::new()
    }
}
