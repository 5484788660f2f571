//! The database itself refuses to change or delete what was written to the log, and to erase one lead twice.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use server::database::Priority;
use server::store::{Store, sql};

use crate::busy_log::BusyLog;
use crate::test_database::{skips_on_postgres, skips_on_sqlite};

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
async fn nothing_that_was_written_to_the_log_is_replaced() {
    if skips_on_postgres("PostgreSQL has no REPLACE") {
        return;
    }
    let log = BusyLog::with(60, 16, 10).await;
    let before = log.app.everything().await;
    let file = log.app.store.database().file().unwrap();
    for (statement, of_anybody) in [
        (
            "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry",
            true,
        ),
        (
            "REPLACE INTO audit_entry (sequence, at, act, actor_kind, kind, facts, hash) \
             SELECT 9999, at, act, actor_kind, kind, facts, hash FROM audit_entry WHERE sequence = 2",
            true,
        ),
        (
            "INSERT OR REPLACE INTO audit_text (act, name, text, salt) SELECT act, name, 'Nothing', salt FROM audit_text",
            true,
        ),
        (
            "INSERT OR REPLACE INTO audit_head SELECT * FROM audit_head",
            true,
        ),
        (
            "INSERT OR REPLACE INTO audit_head SELECT id, sequence - 1, hash FROM audit_head",
            true,
        ),
        (
            "INSERT OR REPLACE INTO audit_about SELECT * FROM audit_about",
            false,
        ),
        (
            "INSERT OR REPLACE INTO deletion SELECT * FROM deletion",
            false,
        ),
        (
            "INSERT OR REPLACE INTO deletion (lead, deletion_order, state, act, at) \
             SELECT lead, deletion_order, state, act, at + 1 FROM deletion WHERE state = 'erased'",
            false,
        ),
    ] {
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let refused = sql::try_execute(writing.tx(), statement, []).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("is append-only"), "{statement}: {why}");
        drop(writing);
        if of_anybody {
            // Another program's connection, which isn't told to ask the triggers.
            let other = sea_orm::Database::connect(format!("sqlite://{}", file.display()));
            let other = other.await.unwrap();
            let why = other
                .execute_unprepared(statement)
                .await
                .unwrap_err()
                .to_string();
            assert!(why.contains("is append-only"), "{statement}: {why}");
            other.close().await.unwrap();
        }
    }
    assert_eq!(log.app.everything().await, before);
}

#[tokio::test]
async fn nothing_that_was_written_to_the_log_is_emptied() {
    if skips_on_sqlite("SQLite has no TRUNCATE, and its DELETE asks the triggers") {
        return;
    }
    let log = BusyLog::with(60, 16, 11).await;
    let before = log.app.everything().await;
    for tables in [
        "audit_entry",
        "audit_about",
        "audit_text",
        "audit_head",
        "deletion",
        "member CASCADE",
        "deletion_order CASCADE",
    ] {
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let truncate = format!("TRUNCATE {tables}");
        let refused = writing.tx().execute_unprepared(&truncate).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("is append-only"), "{truncate}: {why}");
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
