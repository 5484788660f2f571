//! The database in trouble: a sentence, nothing half done, and afterwards everything as before.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{TestApp, request};
use server::store::audit_verify::Verified;

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
    app.write("PRAGMA query_only = 1", []).await;
    for (endpoint, arguments) in [
        ("queue/pause", "{}"),
        (
            "drafts/leads",
            r#"{"stack":1,"selection":{"Leads":["L-1"]}}"#,
        ),
    ] {
        let answer = app.call(Some(&admin), endpoint, arguments).await;
        assert_eq!(
            answer.status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{endpoint}"
        );
        assert!(
            answer.body.contains(r#""code":"internal""#),
            "{}",
            answer.body
        );
    }
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
}
