//! Pages under load: many at once, each whole.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;

use axum::http::StatusCode;
use common::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_that_are_rendered_side_by_side_all_come() {
    const PAGES: [&str; 8] = [
        "/work-stacks",
        "/work-stacks/1",
        "/leads/L-1",
        "/settings/lead-management",
        "/settings/reasons",
        "/settings/business-hours",
        "/orders",
        "/account",
    ];
    let app = Arc::new(TestApp::demo(20).await);
    let admin = app.sign_in("admin@demo.test").await;
    let mut readers = tokio::task::JoinSet::new();
    for first in 0..8 {
        let (app, admin) = (app.clone(), admin.clone());
        readers.spawn(async move {
            for n in 0..40 {
                let page = PAGES[(first + n) % PAGES.len()];
                let answer = app.page(Some(&admin), page).await;
                assert_eq!(answer.status, StatusCode::OK, "{page}");
                assert!(answer.body.contains("· Layer</title>"), "{page}");
            }
        });
    }
    while let Some(read) = readers.join_next().await {
        read.unwrap();
    }
}
