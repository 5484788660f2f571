//! Requests that no page of ours sends.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use crate::test_app::{TestApp, request};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER};
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
        let call = request("POST", "/api/drafts/confirm", Some(&admin))
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, confirmation.len())
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(confirmation))
            .unwrap();
        if !give_up_after(polls, app.droppable(call)).await {
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

#[tokio::test]
async fn a_body_that_doesnt_say_its_length_is_refused_once_it_is_too_long() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    let blanks = (0..200).map(|_| Ok::<_, std::io::Error>(vec![b' '; 16 << 10]));
    let call = request("POST", "/api/drafts/confirm", Some(&admin))
        .header(CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from_stream(futures::stream::iter(blanks)))
        .unwrap();
    let answer = app.send(call).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(answer.body.len() < 1_000);
    assert_eq!(app.everything().await, before);
}

#[tokio::test]
async fn what_is_no_id_is_refused_and_changes_nothing() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let before = app.everything().await;
    let select = |ids: &str| format!(r#"{{"stack":1,"selection":{{"Leads":[{ids}]}}}}"#);
    for (id, status) in [
        (r#""0""#, StatusCode::BAD_REQUEST),
        (r#""-1""#, StatusCode::BAD_REQUEST),
        (r#""1e3""#, StatusCode::BAD_REQUEST),
        (r#""1,2""#, StatusCode::BAD_REQUEST),
        (r#""L-""#, StatusCode::BAD_REQUEST),
        (r#""9223372036854775808""#, StatusCode::BAD_REQUEST),
        // Numbers of a browser end at 2^53: ids are text.
        ("1", StatusCode::BAD_REQUEST),
        ("9007199254740993", StatusCode::BAD_REQUEST),
        (r#""9007199254740993""#, StatusCode::NOT_FOUND),
        (r#""L-9223372036854775807""#, StatusCode::NOT_FOUND),
    ] {
        for (endpoint, arguments) in [
            ("drafts/leads", select(id)),
            (
                "leads/lead",
                format!(r#"{{"request":{{"lead":{id},"contact_records":20,"activities":20}}}}"#),
            ),
        ] {
            let answer = app.call(Some(&admin), endpoint, &arguments).await;
            assert_eq!(answer.status, status, "{endpoint} {id}: {}", answer.body);
        }
    }
    let many = |count: usize| {
        let ids: Vec<String> = (1..=count).map(|n| format!(r#""L-{n}""#)).collect();
        select(&ids.join(","))
    };
    // As many as can be ticked one by one are taken; one more is told.
    for (count, status) in [
        (10_000, StatusCode::OK),
        (10_001, StatusCode::UNPROCESSABLE_ENTITY),
        (50_000, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = app.call(Some(&admin), "drafts/leads", &many(count)).await;
        assert_eq!(answer.status, status, "{count}: {}", answer.body);
    }
    // The draft of those that are there.
    app.write("DELETE FROM draft_lead", []).await;
    app.write("DELETE FROM draft", []).await;
    let answer = app.call(Some(&admin), "drafts/leads", &many(100_000)).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    for path in [
        "/leads/0",
        "/leads/-1",
        "/leads/1e3",
        "/leads/1,2",
        "/leads/9007199254740993",
        "/leads/9223372036854775807",
        "/leads/99999999999999999999",
        "/work-stacks/-1",
        "/work-stacks/1e3",
        "/work-stacks/9223372036854775807",
        "/settings/lead-management/orders/1",
        "/settings/lead-management/asked/1",
    ] {
        let page = app.page(Some(&admin), path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(app.everything().await, before);
    // The same id twice is one lead.
    let twice = app
        .call(Some(&admin), "drafts/leads", &select(r#""L-1","1","l-1""#))
        .await;
    let twice: Draft = serde_json::from_str(&twice.body).unwrap();
    assert_eq!(twice.counts.leads, 1);
}

#[tokio::test]
async fn a_cookie_that_is_no_sessions_is_signed_out_cleared_and_kept_in_mind() {
    const SIGNED_OUT: &str = "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event WHERE code = 'signed-out'";
    let app = TestApp::demo(1).await;
    let stays = app.sign_in("admin@demo.test").await;
    let ended = app.sign_in("admin@demo.test").await;
    app.form(Some(&ended), "/sign-out", "").await;
    let long = format!("layer={}", "x".repeat(1 << 20));
    for cookie in [
        "layer=",
        "layer=%00",
        "layer=../../etc/passwd",
        "layer=AAAAAAAAAAAAAAAAAAAAAA",
        &ended,
        &long,
    ] {
        let shown = &cookie[..cookie.len().min(40)];
        let events = app.number(SIGNED_OUT).await;
        let answer = app.call(Some(cookie), "session/shell", "{}").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{shown}");
        let set = answer.headers["set-cookie"].to_str().unwrap();
        assert!(
            set.starts_with("layer=;") && set.contains("Max-Age=0"),
            "{shown}: {set}"
        );
        assert_eq!(app.number(SIGNED_OUT).await, events + 1, "{shown}");
        let page = app.page(Some(cookie), "/account").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{shown}");
    }
    // Signed out twice, as from two tabs; another browser's session stands.
    let twice = app.form(Some(&ended), "/sign-out", "").await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER);
    let stands = app.call(Some(&stays), "session/shell", "{}").await;
    assert_eq!(stands.status, StatusCode::OK);
}

fn upload(session: &str, kind: &str, body: Vec<u8>) -> axum::http::Request<Body> {
    request("POST", "/import/upload", Some(session))
        .header(CONTENT_TYPE, kind)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap()
}

fn form(file: &[u8]) -> Vec<u8> {
    let head = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
    [&head[..], file, &b"\r\n--x--\r\n"[..]].concat()
}

#[tokio::test]
async fn an_upload_that_is_no_form_or_no_table_or_too_large_is_said_and_kept_nowhere() {
    const FORM: &str = "multipart/form-data; boundary=x";
    let app = TestApp::demo(1).await;
    let manager = app.sign_in("manager@demo.test").await;
    let before = app.everything().await;
    for (kind, body) in [
        ("multipart/form-data", form(b"Name\nAnn\n")),
        ("text/csv", b"Name\nAnn\n".to_vec()),
        (FORM, b"--x\r\nno header".to_vec()),
        (FORM, Vec::new()),
    ] {
        let answer = app.send(upload(&manager, kind, body)).await;
        assert!(answer.status.is_client_error(), "{kind}: {}", answer.status);
    }
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xf3K\xccM\xe5r\xcc\xcb\xe3\x02\0".to_vec();
    for (file, wrong) in [
        (Vec::new(), "empty"),
        (b"PK\x03\x04rest".to_vec(), "workbook"),
        (gzip, "compressed"),
        (",".repeat(1_000).into_bytes(), "wide"),
        (vec![b'x'; (64 << 20) + (1 << 17)], "large"),
    ] {
        let answer = app.send(upload(&manager, FORM, form(&file))).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{wrong}");
        assert_eq!(answer.headers[LOCATION], format!("/import?wrong={wrong}"));
    }
    assert_eq!(app.everything().await, before);
}
