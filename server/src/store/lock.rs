//! The locks that PostgreSQL needs, where SQLite has one writer for everybody: what a transaction counts and decides on
//! stays so until it commits. On SQLite nothing is asked.
//!
//! Rows are locked in the order that holds everywhere: leads by ascending number, their open deletions, orders. The leads come
//! first because no open deletion can be made of a lead that is locked: whoever has the leads meets no new one.

use domain::Result;
use sea_orm::{ConnectionTrait, DbBackend};

use super::Writing;
use super::query::Query;
use super::sql::{self, values};
use crate::database::Turn;

/// Locks these leads (a statement of their numbers) with their open deletions: nobody deletes, removes, erases or edits one
/// of them meanwhile, and the queue passes over them.
pub async fn leads(writing: &Writing<'_>, numbers: &Query) -> Result<()> {
    if !is_postgres(writing) {
        return Ok(());
    }
    for (table, key) in [("lead", "id"), ("open_deletion", "lead")] {
        let mut query = Query::new(&format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {table} t WHERE t.{key} IN ("
        ));
        query
            .append(numbers)
            .add(&format!(") ORDER BY t.{key} FOR UPDATE OF t) locked"));
        query.count(writing.tx()).await?;
    }
    Ok(())
}

/// Locks the orders whose deletions are claimed, before their numbers move: another node may be moving those of the same
/// ones. Not against references to them, which both have made by then.
pub async fn claimed_orders(writing: &Writing<'_>) -> Result<()> {
    if !is_postgres(writing) {
        return Ok(());
    }
    let locked = "SELECT COUNT(*) FROM (SELECT 1 FROM deletion_order r WHERE r.id IN \
                  (SELECT deletion_order FROM claimed) ORDER BY r.id FOR NO KEY UPDATE OF r) locked";
    sql::value::<i64, _>(writing.tx(), locked, []).await?;
    Ok(())
}

/// Waits until nobody else is at this; the next one waits until this transaction ends.
pub async fn alone(writing: &Writing<'_>, turn: Turn) -> Result<()> {
    take(writing, "pg_advisory_xact_lock", turn).await
}

/// Beside others that are at this, and never while somebody is [`alone`] at it.
pub async fn together(writing: &Writing<'_>, turn: Turn) -> Result<()> {
    take(writing, "pg_advisory_xact_lock_shared", turn).await
}

async fn take(writing: &Writing<'_>, function: &str, turn: Turn) -> Result<()> {
    if is_postgres(writing) {
        // The lock's own answer is of no type that anything reads.
        let statement = format!("SELECT COUNT(*) FROM (SELECT {function}($1)) locked");
        sql::value::<i64, _>(writing.tx(), &statement, values![turn.key()]).await?;
    }
    Ok(())
}

fn is_postgres(writing: &Writing<'_>) -> bool {
    writing.tx().get_database_backend() == DbBackend::Postgres
}
