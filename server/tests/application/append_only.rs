//! The database itself refuses to change or delete what was written to the log, and to erase one lead twice.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use server::database::Priority;
use server::store::{Store, sql};

use crate::busy_log::BusyLog;

/// Takes the refusals away, as who owns the database can.
async fn unlock(tx: &DatabaseTransaction) {
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    let triggers = if postgres {
        "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || CAST(tgrelid AS regclass) FROM pg_trigger WHERE NOT tgisinternal"
    } else {
        "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'"
    };
    let mut drops: Vec<String> = sql::column(tx, triggers, []).await.unwrap();
    drops.push("DROP INDEX IF EXISTS deletion_erased_once".into());
    for drop in drops {
        tx.execute_unprepared(&drop).await.unwrap();
    }
}

/// The same, committed.
pub async fn unlocked(store: &Store) {
    let writing = store.begin(Priority::Person).await.unwrap();
    unlock(writing.tx()).await;
    writing.commit_quietly().await.unwrap();
}

#[tokio::test]
async fn nothing_that_was_written_to_the_log_is_changed_or_deleted() {
    let log = BusyLog::with(60, 16, 8).await;
    let before = log.app.everything().await;
    for statement in [
        "UPDATE audit_entry SET at = at + 1 WHERE sequence = 1",
        "DELETE FROM audit_entry WHERE sequence = 1",
        "UPDATE audit_about SET sequence = sequence + 1000",
        "DELETE FROM audit_about",
        "UPDATE deletion SET cause = 'x'",
        "DELETE FROM deletion",
        "DELETE FROM audit_text",
        "UPDATE audit_text SET text = 'Nothing of the kind' WHERE text IS NOT NULL",
        "UPDATE audit_text SET text = NULL WHERE text IS NOT NULL",
        "UPDATE audit_text SET text = NULL, redacted_at = 1 WHERE text IS NOT NULL",
        "UPDATE audit_text SET redacted_at = redacted_at + 1 WHERE text IS NULL",
        "UPDATE audit_head SET sequence = sequence - 1",
        "UPDATE audit_head SET sequence = sequence",
        "DELETE FROM audit_head",
    ] {
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let refused = sql::try_execute(writing.tx(), statement, []).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("is append-only"), "{statement}: {why}");
        drop(writing);
    }
    assert_eq!(log.app.everything().await, before);
}

#[tokio::test]
async fn nothing_of_the_log_is_emptied_or_written_over() {
    let log = BusyLog::with(60, 16, 10).await;
    let before = log.app.everything().await;
    let is_postgres = log.app.store.database().backend() == DbBackend::Postgres;
    for (table, columns) in [
        ("audit_entry", "*"),
        ("audit_about", "*"),
        ("audit_text", "*"),
        ("audit_head", "*"),
        ("deletion", "*"),
        // Under a new number, in the place of what was erased.
        (
            "deletion",
            "id + 1000000, lead, deletion_order, state, cause, act, at, member, contact_records, activities, revision, kept_lead",
        ),
    ] {
        let statement = if is_postgres {
            format!("TRUNCATE {table} CASCADE")
        } else {
            format!("INSERT OR REPLACE INTO {table} SELECT {columns} FROM {table}")
        };
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let refused = sql::try_execute(writing.tx(), &statement, []).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("is append-only"), "{statement}: {why}");
        drop(writing);
    }
    assert_eq!(log.app.everything().await, before);
}

#[tokio::test]
async fn a_lead_is_erased_once_and_each_time_by_one_entry() {
    let log = BusyLog::with(60, 16, 9).await;
    let erased = "SELECT COUNT(*) FROM deletion WHERE state = 'erased'";
    assert!(log.app.number(erased).await > 3);
    let told = "SELECT COUNT(*) FROM deletion d JOIN audit_entry e ON e.act = d.act WHERE d.state = 'erased'";
    assert_eq!(log.app.number(told).await, log.app.number(erased).await);
    let writing = log.app.store.begin(Priority::Person).await.unwrap();
    let again = "INSERT INTO deletion (lead, deletion_order, state, act, at) \
                 SELECT lead, deletion_order, state, act, at FROM deletion WHERE state = 'erased' LIMIT 1";
    let refused = sql::try_execute(writing.tx(), again, []).await;
    assert!(refused.is_err(), "{refused:?}");
}
