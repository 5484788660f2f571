//! SQLite's file in trouble: moved away, without its write-ahead log, locked by another, of a newer schema. Each is a sentence,
//! and changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use server::database::{Database, Priority};
use server::store::sql;

use crate::command::Desk;
use crate::test_app::TestApp;
use crate::test_database::{TestDatabase, skips_on_postgres};

/// The files beside each other that are one database.
const TAILS: [&str; 3] = ["", "-wal", "-shm"];

fn with_tail(file: &Path, tail: &str) -> PathBuf {
    PathBuf::from(format!("{}{tail}", file.display()))
}

#[tokio::test]
async fn a_file_that_is_replaced_under_a_running_server_is_written_no_more_and_both_stay_as_they_are()
 {
    if skips_on_postgres("it has no file of ours") {
        return;
    }
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let file = app.store.database().file().unwrap().clone();
    let before = app.everything().await;
    let other = TestApp::demo(3).await;
    while !other.store.database().checkpoint().await.unwrap() {}
    let away = file.with_extension("away");
    fs::rename(&file, &away).unwrap();
    fs::copy(other.store.database().file().unwrap(), &file).unwrap();
    let copied = fs::read(&file).unwrap();

    let refused = app.call(Some(&admin), "queue/pause", "{}").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        refused.body.contains("moved or replaced"),
        "{}",
        refused.body
    );
    let ready = app.page(None, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("moved or replaced"), "{}", ready.body);
    assert!(app.store.database().checkpoint().await.is_err());
    assert!(
        server::worker::drain(&app.store, false, domain::audit::ActorRef::Worker)
            .await
            .is_err()
    );
    assert_eq!(app.everything().await, before);
    assert_eq!(fs::read(&file).unwrap(), copied);

    fs::rename(&away, &file).unwrap();
    assert_eq!(app.page(None, "/readyz").await.status, StatusCode::OK);
    let paused = app.call(Some(&admin), "queue/pause", "{}").await;
    assert_eq!(paused.status, StatusCode::OK, "{}", paused.body);
}

#[tokio::test]
async fn whoever_waits_in_vain_for_another_process_is_told_to_press_again() {
    if skips_on_postgres("it has no lock on the whole") {
        return;
    }
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    // They wait for 30 seconds; here for less.
    app.write("PRAGMA busy_timeout = 100", []).await;
    let url = format!(
        "sqlite://{}",
        app.store.database().file().unwrap().display()
    );
    let other = Database::open(&url);
    let other = other.await.unwrap();
    let before = app.everything().await;
    let held = other.write(Priority::Person).await.unwrap();
    let busy = app.call(Some(&admin), "queue/pause", "{}").await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(busy.body.contains(r#""code":"busy""#), "{}", busy.body);
    let ready = app.page(None, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        ready.body.contains("is locked by another process"),
        "{}",
        ready.body
    );
    assert_eq!(app.everything().await, before);
    drop(held);
    let mut paused = app.call(Some(&admin), "queue/pause", "{}").await;
    // The rollback of what was dropped may still be on.
    while paused.status == StatusCode::SERVICE_UNAVAILABLE {
        paused = app.call(Some(&admin), "queue/pause", "{}").await;
    }
    assert_eq!(paused.status, StatusCode::OK, "{}", paused.body);
    other.close().await;
}

#[tokio::test]
async fn a_schema_that_a_newer_layer_made_is_refused_and_left_alone() {
    let kept = TestDatabase::new();
    let database = kept.open().await;
    let newer =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_newer', 0)";
    database.writer().execute_unprepared(newer).await.unwrap();
    let refused = database.migrate().await.unwrap_err().to_string();
    assert!(
        refused.contains("newer Layer") && refused.contains("m20990101_000001_newer"),
        "{refused}"
    );
    let steps = Statement::from_string(database.backend(), "SELECT COUNT(*) FROM seaql_migrations");
    let steps = database
        .reader()
        .query_one_raw(steps)
        .await
        .unwrap()
        .unwrap();
    let steps: i64 = steps.try_get_by_index(0).unwrap();
    assert_eq!(steps, migrations_of_ours() + 1);
    database.close().await;
}

fn migrations_of_ours() -> i64 {
    use sea_orm_migration::MigratorTrait;
    migrations::Migrator::migrations().len() as i64
}

#[tokio::test]
async fn what_two_transactions_kept_each_other_from_is_said_as_busy() {
    let app = TestApp::demo(1).await;
    if app.store.database().file().is_some() {
        // SQLite has one writer: nobody is in its way.
        return;
    }
    for code in ["40P01", "40001"] {
        let tx = app.store.database().writer().begin().await.unwrap();
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$");
        let error = sql::execute(&tx, &raise, []).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (503, "busy"), "{code}");
    }
}

#[test]
fn without_its_write_ahead_log_a_database_is_not_served() {
    if skips_on_postgres("it keeps its log itself") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    let file = desk.folder().join("layer.db");
    let short = fs::read(&file).unwrap();
    let (mut layer, _) = desk.serve();
    // Acts go into the write-ahead log, and a checkpoint outside the database tells of them.
    desk.file("leads.csv", "Name,Phone\nAnn,07911 123456\n");
    desk.says(&["import", "leads.csv"]);
    desk.says(&["audit", "checkpoint"]);
    layer.kill().unwrap();
    layer.wait().unwrap();
    let kept: Vec<Option<Vec<u8>>> = TAILS
        .iter()
        .map(|tail| fs::read(with_tail(&file, tail)).ok())
        .collect();
    for tail in &TAILS[1..] {
        _ = fs::remove_file(with_tail(&file, tail));
    }
    // As the file is before its log is copied back.
    fs::write(&file, &short).unwrap();
    let refused = desk.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        refused.contains("Something of this database is missing"),
        "{refused}"
    );
    assert!(
        refused.contains("-wal") && refused.contains("layer.checkpoints"),
        "{refused}"
    );
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 5);
    // With all that belongs to it, it is.
    for (tail, bytes) in TAILS.iter().zip(kept) {
        _ = fs::remove_file(with_tail(&file, tail));
        if let Some(bytes) = bytes {
            fs::write(with_tail(&file, tail), bytes).unwrap();
        }
    }
    let (mut layer, address) = desk.serve();
    let healthy = desk.run(&["healthcheck", "--listen", &address]);
    assert!(healthy.status.success());
    layer.kill().unwrap();
    layer.wait().unwrap();
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 6);
}

#[test]
fn a_write_ahead_log_without_its_database_is_left_as_it_is_until_that_is_back() {
    if skips_on_postgres("it keeps its log itself") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    let (file, away) = (desk.folder().join("layer.db"), desk.folder().join("away"));
    let (mut layer, _) = desk.serve();
    desk.file("leads.csv", "Name,Phone\nAnn,07911 123456\n");
    desk.says(&["import", "leads.csv"]);
    layer.kill().unwrap();
    layer.wait().unwrap();
    let log = fs::read(with_tail(&file, "-wal")).unwrap();
    assert!(!log.is_empty());
    fs::rename(&file, &away).unwrap();

    let served: &[&str] = &["serve", "--listen", "127.0.0.1:0"];
    for words in [served, &["migrate"], &["import", "leads.csv"]] {
        let refused = desk.refuses(words);
        assert!(
            refused.contains("layer.db-wal is there, and its database"),
            "{words:?}: {refused}"
        );
        assert_eq!(
            fs::read(with_tail(&file, "-wal")).unwrap(),
            log,
            "{words:?}"
        );
    }
    fs::rename(&away, &file).unwrap();
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 6);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_a_database_or_its_log() {
    if skips_on_postgres("it has no file of ours") {
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let (mut layer, _) = desk.serve();
    for tail in TAILS {
        let file = with_tail(&desk.folder().join("layer.db"), tail);
        let rights = fs::metadata(&file).unwrap().permissions();
        assert_eq!(rights.mode() & 0o777, 0o600, "{tail}");
    }
    layer.kill().unwrap();
    layer.wait().unwrap();
}
