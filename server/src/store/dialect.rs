//! What differs between SQLite and PostgreSQL outside the schema.

use sea_orm::DbBackend;

/// A batch of the queue takes about so long, in milliseconds. On SQLite it keeps every writer waiting: measured faster, with
/// fewer bytes written and shorter locks, than any fixed number of leads. On PostgreSQL it locks its own rows alone, and some
/// forty statements travel for each batch, whatever its size.
pub fn batch_millis(backend: DbBackend) -> f64 {
    if backend == DbBackend::Postgres {
        500.0
    } else {
        100.0
    }
}

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

/// Keeps the leads `l` that a `SELECT` reads from being erased until the transaction ends, by ascending number, and leaves
/// out those that are just being erased.
pub fn kept_from_erasing(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        " ORDER BY l.id FOR KEY SHARE OF l"
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

/// What is said before rows are claimed by ascending lead: that they are read in this order, and not all of them to be sorted
/// where a batch takes a few. PostgreSQL can't know that nearly every row is due: 500,000 were read for each batch.
pub fn in_order(backend: DbBackend) -> Option<&'static str> {
    (backend == DbBackend::Postgres).then_some("SET LOCAL enable_sort = off")
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

/// Moves the number of Lead stats named `$1` by `$2`. On SQLite there is one writer; on PostgreSQL everybody would wait for
/// that one row, so each adds a row of its own, and the worker sums them up.
pub fn add_to_stat(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "INSERT INTO lead_stat_delta (name, delta) VALUES ($1, $2)"
    } else {
        "INSERT INTO lead_stat (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
    }
}

/// This `CREATE TEMPORARY TABLE` of a transaction, whose columns of bytes are `BYTES`. On PostgreSQL rows that are only deleted
/// would stay in its file as long as the connection lives.
pub fn temporary(backend: DbBackend, table: &str) -> String {
    if backend == DbBackend::Postgres {
        table.replace("BYTES", "BYTEA") + " ON COMMIT DELETE ROWS"
    } else {
        table.replace("BYTES", "BLOB")
    }
}
