//! `/metrics` has numbers alone, for who sends the token; `/readyz` tells what failed and what is overdue.

use std::sync::Arc;

use crate::test_app::TestApp;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::time::HOUR;
use serde_json::{Value, json};
use server::web::live::Frames;
use server::web::{Web, router};
use tokio::sync::watch;
use tower::ServiceExt;

const TOKEN: &str = "a-token-of-this-test";

/// The routes of a server that was started with `--metrics-token`.
fn with_token(app: &TestApp) -> (Router, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let frames = Frames::start(app.store.clone(), stopped);
    let mut web = Web::new(app.store.clone(), frames, false);
    web.metrics_token = Some(Arc::from(TOKEN));
    (router(web), stop)
}

async fn metrics(routes: &Router, authorization: &str) -> (StatusCode, String) {
    let request = Request::get("/metrics")
        .header("host", "layer.test")
        .header("authorization", authorization)
        .body(Body::empty())
        .unwrap();
    let answer = routes.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// A deletion that failed and one that waits.
async fn with_a_failed_one() -> TestApp {
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.write(
        "CREATE TABLE claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)",
        [],
    )
    .await;
    app.write("INSERT INTO claim (lead) VALUES (1)", []).await;
    let x = r#"{"urgent":{"lead":"L-1","because":{"reason":"duplicate","details":"","sentence_confirmed":false}}}"#;
    let answer = app
        .call(Some(&admin), "urgent-deletions/delete-now", x)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let x = x.replace("L-1", "L-2");
    app.call(Some(&admin), "urgent-deletions/delete-now", &x)
        .await;
    app
}

#[tokio::test]
async fn only_who_sends_the_token_reads_them() {
    let app = TestApp::demo(5).await;
    let (routes, _stop) = with_token(&app);
    for wrong in [
        "",
        "Bearer",
        "Bearer wrong",
        "Basic a-token-of-this-test",
        TOKEN,
    ] {
        let (status, body) = metrics(&routes, wrong).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(!body.contains("layer_"), "{body}");
    }
    let (status, _) = metrics(&routes, &format!("Bearer {TOKEN}")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn they_say_how_the_queue_stands_in_numbers_alone() {
    let app = with_a_failed_one().await;
    app.clock.advance(2 * HOUR);
    let (routes, _stop) = with_token(&app);
    let (_, body) = metrics(&routes, &format!("Bearer {TOKEN}")).await;
    for line in [
        "layer_queue_depth{state=\"waiting\"} 0",
        "layer_queue_depth{state=\"failed\"} 1",
        "layer_deletions_failed 1",
        "layer_deletions_failed_by_code{code=\"referenced\"} 1",
        "layer_deletions_overdue 0",
        "layer_oldest_deletion_age_seconds 7200",
        "layer_leads_erased_total 1",
        "layer_leads 19",
        "layer_queue_paused 0",
        "layer_live_clients 0",
    ] {
        assert!(body.lines().any(|l| l == line), "{line}\n{body}");
    }
    // Each line is a comment, or a name with a number.
    for line in body.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("layer_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn readyz_tells_what_failed_and_what_is_overdue() {
    let app = with_a_failed_one().await;
    let ready = readyz(&app).await;
    assert_eq!(
        ready,
        json!({
            "ready": true, "database": "reachable", "migrated": true, "writable": true, "queue": "empty", "failed": 1,
            "overdue": 0,
        })
    );
    app.write("UPDATE open_deletion SET state = 'waiting', cause = ''", [])
        .await;
    app.clock.advance(49 * HOUR);
    assert_eq!(readyz(&app).await["overdue"], 1);
}

#[tokio::test]
async fn readyz_tells_of_a_queue_that_is_stuck() {
    let app = with_a_failed_one().await;
    app.write("UPDATE open_deletion SET state = 'waiting', cause = ''", [])
        .await;
    assert_eq!(readyz(&app).await["queue"], "waiting");
    app.clock.advance(10 * HOUR);
    assert_eq!(readyz(&app).await["queue"], "stuck");
}

async fn readyz(app: &TestApp) -> Value {
    let answer = app.page(None, "/readyz").await;
    assert_eq!(answer.status, StatusCode::OK);
    serde_json::from_str(&answer.body).unwrap()
}
