//! Rights that are revoked are over at once, also for what waits in the queue.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use domain::live::Frame;
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use crate::tamper::times;
use crate::test_app::{TestApp, request};

const AGENT: i64 = 1;
const TOM_THE_TEAM_LEADER: i64 = 2;
const PETRA_THE_MANAGER: i64 = 3;

#[tokio::test]
async fn the_next_request_is_refused_the_stream_ends_and_all_that_waits_is_held() {
    let leads = times(500) as i64;
    let app = TestApp::demo(2 * leads as usize).await;
    let admin = app.sign_in("admin@demo.test").await;
    let tom = app.sign_in("team-leader@demo.test").await;
    let petra = app.sign_in("manager@demo.test").await;
    app.delete(&tom, 1..=leads).await;
    app.delete(&petra, leads + 1..=2 * leads).await;
    let mut streams = Vec::new();
    for session in [&tom, &petra] {
        let since = app.store.sequence().await.unwrap();
        let live = request("GET", &format!("/live?since={since}"), Some(session));
        let answer = app.ask(live.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        streams.push(answer.into_body().into_data_stream());
    }
    let untouched = app.leads().await;

    // One is demoted: still signed in, without the right.
    let demote =
        json!({ "edit": { "member": PETRA_THE_MANAGER, "name": "Petra Lane", "role": AGENT } });
    let _: String = app.ask_for(&admin, "settings/edit-member", demote).await;
    for (endpoint, asked) in [
        (
            "drafts/leads",
            r#"{"stack":1,"selection":{"Leads":["L-1"]}}"#,
        ),
        ("queue/lead-management", "{}"),
        ("removals/preview", r#"{"search":""}"#),
    ] {
        let answer = app.call(Some(&petra), endpoint, asked).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{endpoint}");
    }
    let held =
        "SELECT COUNT(*) FROM open_deletion WHERE state = 'held' AND cause = 'rights-withdrawn'";
    assert_eq!(app.number(held).await, leads);

    // One is deactivated: out.
    let deactivate = json!({ "member": TOM_THE_TEAM_LEADER, "active": false });
    let _: String = app.ask_for(&admin, "settings/set-active", deactivate).await;
    let start = Instant::now();
    let answer = app.call(Some(&tom), "session/shell", "{}").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.number(held).await, 2 * leads);
    let end = async { while streams[0].next().await.is_some() {} };
    timeout(Duration::from_secs(5), end).await.unwrap();
    println!(
        "{leads} held; the stream ended after {} ms",
        start.elapsed().as_millis()
    );

    // The demoted one's stream ended too, or tells no more of the queue's numbers.
    let sequence = app.store.sequence().await.unwrap();
    let told = async {
        while let Some(piece) = streams[1].next().await {
            let text = String::from_utf8(piece.unwrap().to_vec()).unwrap();
            let Some(data) = text.strip_prefix("data: ") else {
                continue;
            };
            let frame: Frame = serde_json::from_str(data.trim()).unwrap();
            if frame.sequence >= sequence {
                assert_eq!(frame.stats, Default::default());
                return;
            }
        }
    };
    timeout(Duration::from_secs(5), told).await.unwrap();
    assert_eq!(app.leads().await, untouched);
}
