//! Erasing claimed leads: every dependent row, then the lead. What can't be deleted is found by savepoints.

use domain::Result;
use domain::deletion::{FailureCode, MOST_TRIES, next_try};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DatabaseTransaction, DbErr, RuntimeErr, SqlErr};

use super::Writing;
use super::sql::{self, internal, values};

/// Leads are tried again in groups of so many where the whole batch failed. Measured: with 1 % of poison leads plain
/// halving cost ten times the clean time, groups of 64 cost 3.4 times.
const GROUP: i64 = 64;

/// Where something of a lead can lie beside its own row, in the order in which it goes. The erasure map has them all.
const DEPENDENT: [&str; 5] = [
    "open_deletion",
    "draft_lead",
    "lead_key",
    "contact_record",
    "activity",
];

/// Erases every claimed lead that becomes `erased`. A lead that the database refuses to delete becomes `waiting` for its
/// next try, or after the last one `failed`; all others go. Whether there was one.
///
/// Where one is `expected`, it begins with groups: the whole batch would be tried in vain.
pub async fn erase(writing: &Writing<'_>, expected: bool) -> Result<bool> {
    let last: i64 = sql::value::<Option<i64>, _>(
        writing.tx(),
        "SELECT MAX(n) FROM claimed WHERE becomes = 'erased'",
        [],
    )
    .await?
    .flatten()
    .unwrap_or(0);
    if last == 0 || (!expected && attempt(writing, 1, last).await?.is_ok()) {
        return Ok(false);
    }
    // Groups are found by their places; a batch without trouble needs no index for that.
    sql::execute(
        writing.tx(),
        "CREATE INDEX IF NOT EXISTS claimed_place ON claimed (n)",
        [],
    )
    .await?;
    let mut groups: Vec<(i64, i64)> = (1..=last)
        .step_by(GROUP as usize)
        .map(|from| (from, (from + GROUP - 1).min(last)))
        .collect();
    let mut found = false;
    while let Some((from, to)) = groups.pop() {
        let Err(error) = attempt(writing, from, to).await? else {
            continue;
        };
        found = true;
        if from == to {
            refused(writing, from, &error).await?;
        } else {
            let middle = (from + to) / 2;
            groups.extend([(middle + 1, to), (from, middle)]);
        }
    }
    Ok(found)
}

/// Tries to erase the claimed leads with these places, all or none of them.
async fn attempt(
    writing: &Writing<'_>,
    from: i64,
    to: i64,
) -> Result<std::result::Result<(), DbErr>> {
    let savepoint = sql::savepoint(writing.tx()).await?;
    match delete(&savepoint, from, to).await {
        Ok(()) => {
            sql::commit(savepoint).await?;
            Ok(Ok(()))
        }
        // The machine's trouble is no lead's: nothing of the batch stays, and no try is counted.
        Err(error) if !is_refusal(&error) => Err(internal(error)),
        Err(error) => {
            sql::rollback(savepoint).await?;
            Ok(Err(error))
        }
    }
}

async fn delete(on: &DatabaseTransaction, from: i64, to: i64) -> std::result::Result<(), DbErr> {
    const CLAIMED: &str =
        "(SELECT lead FROM claimed WHERE n BETWEEN $1 AND $2 AND becomes = 'erased')";
    for table in DEPENDENT {
        sql::try_execute(
            on,
            &format!("DELETE FROM {table} WHERE lead IN {CLAIMED}"),
            values![from, to],
        )
        .await?;
    }
    sql::try_execute(
        on,
        &format!("DELETE FROM lead WHERE id IN {CLAIMED}"),
        values![from, to],
    )
    .await?;
    Ok(())
}

/// One lead that can't be deleted: its next try, or the end of its tries.
async fn refused(writing: &Writing<'_>, place: i64, error: &DbErr) -> Result<()> {
    let code = failure(error);
    // The lead's number is no personal data; the database's words name tables alone.
    tracing::warn!(code = code.code(), %error, "a lead could not be deleted");
    let tries: i64 = sql::value(
        writing.tx(),
        "SELECT tries FROM claimed WHERE n = $1",
        values![place],
    )
    .await?
    .unwrap_or(0)
        + 1;
    let again = next_try(u32::try_from(tries).unwrap_or(MOST_TRIES));
    let (becomes, due) = match again {
        Some(after) => ("waiting", writing.now.plus(after)),
        None => ("failed", writing.now),
    };
    sql::execute(
        writing.tx(),
        // Not before the undo time is over, also where this try didn't wait for that.
        "UPDATE open_deletion SET tries = $2, due_at = (SELECT CASE WHEN r.undo_until > $3 THEN r.undo_until ELSE $3 END \
           FROM deletion_order r WHERE r.id = open_deletion.deletion_order) \
         WHERE lead = (SELECT lead FROM claimed WHERE n = $1)",
        values![place, tries, due.0],
    )
    .await?;
    sql::execute(
        writing.tx(),
        "UPDATE claimed SET becomes = $2, cause = $3 WHERE n = $1",
        values![
            place,
            becomes,
            if again.is_some() { "" } else { code.code() }
        ],
    )
    .await?;
    Ok(())
}

/// The database's own error.
fn of_database(error: &DbErr) -> Option<&dyn DatabaseError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()
        }
        _ => None,
    }
}

/// Classes of PostgreSQL's codes that say nothing of a lead: the connection, the transaction, a lock, rights and names that all
/// leads share, a full disk, an operator, a fault of the machine or of the database's files.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const OF_THE_MACHINE: [&str; 16] = [
    "08", "0A", "25", "26", "28", "2D", "34", "3D", "3F", "40", "42", "53", "55", "57", "58", "XX",
];

/// One statement took longer than it may: a lead can have so much that it always will.
const TOOK_TOO_LONG: &str = "57014";

/// Whether the database refused this very lead, rather than failed by itself. What isn't known to be the machine's trouble is
/// taken for the lead's, whatever code a trigger made up: so it holds up that lead alone, and never the queue.
fn is_refusal(error: &DbErr) -> bool {
    let Some(code) = of_database(error).and_then(DatabaseError::code) else {
        return false;
    };
    match code.parse::<i32>() {
        // SQLite: the low byte says what kind; 1 is an error in a statement, 19 a constraint, triggers among them.
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 1 | 12 | 18 | 19 | 20),
        _ => code == TOOK_TOO_LONG || !OF_THE_MACHINE.iter().any(|class| code.starts_with(class)),
    }
}

/// What class of failure it is, for a sentence that a person can act on.
pub fn failure(error: &DbErr) -> FailureCode {
    if matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    ) {
        return FailureCode::Referenced;
    }
    // `ON DELETE RESTRICT` has a code of its own in PostgreSQL; in SQLite it is a trigger, and only its words tell.
    let restricts = of_database(error).is_some_and(|error| {
        error.code().is_some_and(|code| code == "23001")
            || error.message().starts_with("FOREIGN KEY")
    });
    if restricts {
        FailureCode::Referenced
    } else {
        FailureCode::Refused
    }
}
