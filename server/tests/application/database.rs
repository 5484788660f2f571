//! The database in trouble: a sentence, nothing half done, and afterwards everything as before.

use crate::queue::Queue;
use crate::test_app::{TestApp, request};
use crate::test_database::{is_postgres, skips_on_postgres, skips_on_sqlite};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::audit::ActorRef;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use server::store::audit_verify::Verified;
use server::store::batch::{Due, Pass};
use server::store::sql;
use server::worker;

const NO_DRAFT: &str = r#"{"confirmation":{"draft":"00000000-0000-0000-0000-000000000001","reason":"duplicate","details":"","typed":"","sentence_confirmed":false}}"#;
const PAUSED: &str = "SELECT COUNT(*) FROM setting WHERE name = 'queue_paused'";

/// A file of three megabytes.
fn upload(session: &str) -> Request<Body> {
    let head = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName,Phone\n";
    let rows = "Ann Example,07911 123456\n".repeat(120_000);
    request("POST", "/import/upload", Some(session))
        .header("content-type", "multipart/form-data; boundary=x")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(format!("{head}{rows}\r\n--x--\r\n")))
        .unwrap()
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_half_written_and_what_is_answered_afterwards_stays() {
    if skips_on_postgres("SQLite's file is kept from growing") {
        return;
    }
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    // Not a page more than there is.
    app.write("PRAGMA max_page_count = 1", []).await;
    let full = app.send(upload(&admin)).await;
    assert_eq!(full.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(full.body.contains("nothing was changed"), "{}", full.body);
    assert_eq!(app.everything().await, before);
    assert_eq!(
        app.page(Some(&admin), "/work-stacks/1").await.status,
        StatusCode::OK
    );

    // There is room again. One call is refused and rolled back; what is answered after it is there for everybody.
    app.write("PRAGMA max_page_count = 1073741823", []).await;
    let refused = app.call(Some(&admin), "drafts/confirm", NO_DRAFT).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let paused = app.call(Some(&admin), "queue/pause", "{}").await;
    assert_eq!(paused.status, StatusCode::OK);
    assert_eq!(app.number(PAUSED).await, 1);
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        Verified::Whole { .. }
    ));
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_still_read() {
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    let database = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); \
        PERFORM set_config('default_transaction_read_only', 'on', false); \
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid(); \
        END $$";
    app.write(
        if is_postgres() {
            database
        } else {
            "PRAGMA query_only = 1"
        },
        [],
    )
    .await;
    for (endpoint, arguments) in [
        ("queue/pause", "{}"),
        (
            "drafts/leads",
            r#"{"stack":1,"selection":{"Leads":["L-1"]}}"#,
        ),
    ] {
        let answer = app.call(Some(&admin), endpoint, arguments).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{endpoint}");
        assert!(
            answer
                .body
                .contains("it can only be read. Nothing was changed"),
            "{}",
            answer.body
        );
    }
    let ready = app.page(None, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains(r#""writable":false"#), "{}", ready.body);
    assert!(ready.body.contains("it can only be read"), "{}", ready.body);
    for path in [
        "/work-stacks/1",
        "/leads/L-1",
        "/settings/lead-management",
        "/audit-log",
    ] {
        assert_eq!(
            app.page(Some(&admin), path).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
    assert_eq!(app.everything().await, before);

    if is_postgres() {
        return;
    }
    // Outside a transaction: none can be begun.
    let again = app
        .store
        .database()
        .writer()
        .execute_unprepared(if is_postgres() {
            "BEGIN READ WRITE; DO $$ BEGIN \
               EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); \
               PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid(); \
             END $$; COMMIT; SET default_transaction_read_only = off"
        } else {
            "PRAGMA query_only = 0"
        });
    again.await.unwrap();
    assert_eq!(app.page(None, "/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_signed_in_is_not_told_otherwise_while_sessions_cannot_be_read() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.write("ALTER TABLE session RENAME TO away", []).await;
    let page = app.page(Some(&admin), "/account").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let call = app.call(Some(&admin), "queue/pause", "{}").await;
    assert_eq!(call.status, StatusCode::SERVICE_UNAVAILABLE);
    app.write("ALTER TABLE away RENAME TO session", []).await;
    assert_eq!(
        app.page(Some(&admin), "/account").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_setting_that_cannot_be_read_lets_nobody_go() {
    for setting in ["queue_paused", "business_hours", "undo_minutes"] {
        let (queue, leads) = Queue::with(2).await;
        queue.delete("Manager", "outdated", &leads).await;
        queue.at_night();
        queue
            .write(
                "INSERT INTO setting (name, value) VALUES ($1, '{') ON CONFLICT (name) DO UPDATE SET value = '{'",
                [setting.into()],
            )
            .await;
        let mut pass = Pass::new(Due::OnTime);
        if setting == "queue_paused" {
            assert!(
                queue
                    .store
                    .batch(&mut pass, ActorRef::Worker)
                    .await
                    .is_err()
            );
        }
        assert!(
            worker::drain(&queue.store, true, ActorRef::Worker)
                .await
                .is_err(),
            "{setting}"
        );
        assert!(queue.is_there(leads[0]).await, "{setting}");
    }
}

/// Which of PostgreSQL's settings this connection has that say how statements are planned.
async fn planning(connection: &DatabaseConnection) -> (String, String, String) {
    const SETTINGS: &str = "SELECT current_setting('plan_cache_mode'), current_setting('jit'), \
        current_setting('max_parallel_workers_per_gather')";
    sql::tuple(connection, SETTINGS, []).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_reads_is_planned_for_its_values_and_nothing_is_compiled_or_divided() {
    if skips_on_sqlite("it plans once, and alone") {
        return;
    }
    let app = TestApp::demo(1).await;
    let database = app.store.database();
    let is = |values: &str| (values.into(), "off".into(), "0".into());
    // One plan for all values would read every lead where a search wants one; foreign keys of rows need no more than one.
    assert_eq!(planning(database.reader()).await, is("force_custom_plan"));
    assert_eq!(planning(database.writer()).await, is("auto"));
}

#[tokio::test]
async fn a_postgres_that_does_not_wait_for_the_disk_is_told_of_at_start() {
    if skips_on_sqlite("SQLite is refused at once") {
        return;
    }
    let (queue, _) = Queue::with(0).await;
    for (value, forgets) in [("off", true), ("on", false)] {
        let statement = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {value}', current_database()); END $$"
        );
        queue.write(&statement, []).await;
        let node = queue.again().await;
        let settings = node.database().forgetful_settings().await.unwrap();
        assert_eq!(
            settings.iter().any(|name| name == "synchronous_commit"),
            forgets,
            "{settings:?}"
        );
    }
}
