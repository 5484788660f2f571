//! Pages under load: many at once, each whole.

use std::sync::Arc;

use crate::test_app::TestApp;
use axum::http::StatusCode;

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

/// A page that is being rendered is put aside where it waits for the database; what its thread answers next must not find
/// there who asked for that page.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_taken_for_the_reader_of_a_page_beside() {
    let app = Arc::new(TestApp::demo(20).await);
    let admin = app.sign_in("admin@demo.test").await;
    let mut asked = tokio::task::JoinSet::new();
    for reader in 0..8 {
        let (app, admin) = (app.clone(), admin.clone());
        asked.spawn(async move {
            for _ in 0..30 {
                if reader < 4 {
                    let page = app.page(Some(&admin), "/settings/lead-management").await;
                    assert_eq!(page.status, StatusCode::OK);
                } else {
                    let answer = app.call(None, "settings/members", "{}").await;
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
                }
            }
        });
    }
    while let Some(asked) = asked.join_next().await {
        asked.unwrap();
    }
}
