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

/// Locks the rows of these tables alone that a `SELECT` reads.
pub fn for_update_of(backend: DbBackend, of: &str) -> String {
    if backend == DbBackend::Postgres {
        format!(" FOR UPDATE OF {of}")
    } else {
        String::new()
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

/// What stands before and after a value that is a JSON list of numbers, so that ten thousand ids are one value.
pub fn numbers_of_json(backend: DbBackend) -> (&'static str, &'static str) {
    if backend == DbBackend::Postgres {
        (
            "(SELECT CAST(n AS BIGINT) FROM json_array_elements_text(CAST(",
            " AS JSON)) AS n)",
        )
    } else {
        ("(SELECT value FROM json_each(", "))")
    }
}
