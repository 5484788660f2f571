//! What `/readyz` costs: anybody may ask it.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use domain::audit::ActorRef;
use domain::time::SECOND;
use sea_orm::{ConnectionTrait, TransactionTrait};
use server::worker;
use tokio::time::timeout;

use crate::queue::Queue;
use crate::test_app::TestApp;
use crate::test_database::skips_on_postgres;

impl TestApp {
    async fn ready(&self) -> StatusCode {
        self.page(None, "/readyz").await.status
    }
}

#[tokio::test]
async fn that_the_database_takes_writes_is_looked_at_once_a_second_and_that_it_doesnt_each_time() {
    if skips_on_postgres("its connections are told one by one") {
        return;
    }
    let app = TestApp::empty(false).await;
    let take_writes = async |yes: bool| {
        let pragma = format!("PRAGMA query_only = {}", i32::from(!yes));
        let writer = app.store.database().writer();
        writer.execute_unprepared(&pragma).await.unwrap();
    };
    assert_eq!(app.ready().await, StatusCode::OK);
    take_writes(false).await;
    app.clock.advance(SECOND - 1);
    assert_eq!(app.ready().await, StatusCode::OK);
    app.clock.advance(1);
    assert_eq!(app.ready().await, StatusCode::SERVICE_UNAVAILABLE);
    take_writes(true).await;
    assert_eq!(app.ready().await, StatusCode::OK);
}

#[tokio::test]
async fn a_clock_that_is_put_back_keeps_no_answer() {
    if skips_on_postgres("its connections are told one by one") {
        return;
    }
    let app = TestApp::empty(false).await;
    assert_eq!(app.ready().await, StatusCode::OK);
    app.clock.advance(-SECOND);
    let writer = app.store.database().writer();
    writer
        .execute_unprepared("PRAGMA query_only = 1")
        .await
        .unwrap();
    assert_eq!(app.ready().await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn after_a_run_of_the_queue_no_probe_really_writes() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads).await;
    queue.at_night();
    worker::drain(&queue.store, true, ActorRef::Worker)
        .await
        .unwrap();
    assert!(!queue.store.last_write_failed());
}

#[tokio::test]
async fn who_asks_while_the_database_gives_no_connection_is_told_so_before_they_give_up() {
    let app = TestApp::empty(false).await;
    let reader = app.store.database().reader();
    // All that there are.
    let mut taken = Vec::new();
    while let Ok(reading) = timeout(Duration::from_millis(500), reader.begin()).await {
        taken.push(reading.unwrap());
    }
    let asked = Instant::now();
    let ready = app.page(None, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("unreachable"), "{}", ready.body);
    assert!(asked.elapsed() < Duration::from_secs(10));
    drop(taken);
    assert_eq!(app.ready().await, StatusCode::OK);
}
