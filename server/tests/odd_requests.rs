//! Requests that no page of ours sends.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, REFERER};
use common::{TestApp, request};
use domain::draft::Draft;

const OFFICE: &str = "192.0.2.7:40000";

fn sign_in(forwarded: &str) -> axum::http::Request<Body> {
    request("POST", "/sign-in", None)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", forwarded)
        .extension(ConnectInfo(OFFICE.parse::<SocketAddr>().unwrap()))
        .body(Body::from("email=a@b.test&password=wrong"))
        .unwrap()
}

#[tokio::test]
async fn a_forged_forwarding_header_gives_no_further_tries_to_sign_in() {
    let app = TestApp::empty(false).await;
    for n in 0..10 {
        let answer = app.send(sign_in(&format!("203.0.113.{n}"))).await;
        assert!(
            answer.headers[LOCATION]
                .to_str()
                .unwrap()
                .contains("wrong=1")
        );
    }
    let answer = app.send(sign_in("203.0.113.99")).await;
    assert!(
        answer.headers[LOCATION]
            .to_str()
            .unwrap()
            .contains("wrong=many")
    );
}

#[tokio::test]
async fn a_server_function_never_redirects_to_where_a_page_says_it_came_from() {
    let app = TestApp::demo(1).await;
    let call = request("POST", "/api/orders/mine", None)
        .header(CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .header(ACCEPT, "text/html")
        .header(REFERER, "https://evil.test/")
        .body(Body::from("{}"))
        .unwrap();
    let answer = app.send(call).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!answer.headers.contains_key(LOCATION));
}

#[tokio::test]
async fn an_unknown_server_function_repeats_nothing_of_its_address() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let path = "%3Cscript%3Ealert(1)%3C/script%3E";
    let answer = app.call(Some(&admin), path, "{}").await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(!answer.body.contains("script"), "{}", answer.body);
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_body_of_two_megabytes_is_refused() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    let body = format!(r#"{{"confirmation":"{}"}}"#, "x".repeat(2 << 20));
    let answer = app.call(Some(&admin), "drafts/confirm", &body).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(app.everything().await, before);
}

#[tokio::test]
async fn a_file_of_another_version_is_not_there() {
    let app = TestApp::empty(false).await;
    for path in [
        "/pkg/0000000000000000/layer.js",
        "/pkg/../layer.db",
        "/pkg/%2e%2e/version",
    ] {
        let answer = app.page(None, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Polls a call so many times and then drops it, as axum does when the browser goes away. `true` when it ended before.
async fn give_up_after<F: Future>(polls: usize, call: F) -> bool {
    let mut call = pin!(call);
    let mut polled = 0;
    poll_fn(move |context| {
        if polled == polls {
            return Poll::Ready(false);
        }
        polled += 1;
        match call.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_browser_that_goes_away_in_the_middle_leaves_an_order_whole_or_none() {
    let app = TestApp::demo(200).await;
    let admin = app.sign_in("admin@demo.test").await;
    let mut given_up = 0;
    for polls in 1..=30 {
        let first = polls * 5;
        let leads: Vec<String> = (first..first + 5).map(|n| format!("L-{n}")).collect();
        let selection = serde_json::json!({ "stack": 1, "selection": { "Leads": leads } });
        let draft = app
            .call(Some(&admin), "drafts/leads", &selection.to_string())
            .await;
        let draft: Draft = serde_json::from_str(&draft.body).unwrap();
        let confirmation = serde_json::json!({ "confirmation": {
            "draft": draft.id, "reason": "outdated", "details": "", "typed": "", "sentence_confirmed": false
        }})
        .to_string();
        let call = app.call(Some(&admin), "drafts/confirm", &confirmation);
        if !give_up_after(polls, call).await {
            given_up += 1;
        }
        // What the dropped call began is over once the next one writes.
        app.write("DELETE FROM draft_lead", []).await;
        app.write("DELETE FROM draft", []).await;
        let orders = app.number("SELECT COUNT(*) FROM deletion_order").await;
        let open = app.number("SELECT COUNT(*) FROM open_deletion").await;
        assert_eq!(open, orders * 5, "after {polls} polls");
    }
    assert!(
        (1..30).contains(&given_up),
        "{given_up} calls were given up"
    );
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        server::store::audit_verify::Verified::Whole { .. }
    ));
}
