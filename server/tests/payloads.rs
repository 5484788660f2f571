//! P28: what somebody typed or imported is text on the page and nothing else.

mod common;

use axum::http::StatusCode;
use common::TestApp;

const PAYLOADS: [&str; 4] = [
    "<script>window.hit=1</script>",
    "\"><img src=x onerror=window.hit=1>",
    "</script><script>window.hit=1</script>",
    "</textarea></title><svg onload=window.hit=1>",
];

#[tokio::test]
async fn payloads_in_names_sources_and_stacks_are_rendered_as_text() {
    let app = TestApp::demo(4).await;
    for (lead, payload) in (1_i64..).zip(PAYLOADS) {
        app.write(
            "UPDATE lead SET name = $1, source = $1, owner = $1, revision = revision + 1 WHERE id = $2",
            [payload.into(), lead.into()],
        )
        .await;
    }
    for (lead, payload) in (1_i64..).zip(PAYLOADS) {
        app.write(
            "INSERT INTO activity (lead, n, kind, at, text) VALUES ($1, 900, 'note', 1, $2)",
            [lead.into(), payload.into()],
        )
        .await;
        app.write(
            "INSERT INTO contact_record (lead, n, telephone, email) VALUES ($1, 900, $2, $2)",
            [lead.into(), payload.into()],
        )
        .await;
    }
    app.write(
        "UPDATE work_stack SET name = $1 WHERE is_all = 1",
        [PAYLOADS[2].into()],
    )
    .await;
    app.write("UPDATE member SET name = $1", [PAYLOADS[1].into()])
        .await;
    app.write("UPDATE reason SET label = $1", [PAYLOADS[3].into()])
        .await;
    let admin = app.sign_in("admin@demo.test").await;
    for path in [
        "/work-stacks/1",
        "/work-stacks/1?q=%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E",
        "/work-stacks",
        "/leads/L-1",
        "/leads/L-2",
        "/leads/L-3",
        "/leads/L-4",
        "/settings/lead-management?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E",
        "/settings/members",
        "/settings/reasons",
        "/settings/work-stacks",
        "/audit-log",
        "/account",
        "/sign-in?next=%22%3E%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E",
        "/no/such/%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E",
    ] {
        let page = app.page(Some(&admin), path).await;
        assert!(
            page.status == StatusCode::OK || page.status == StatusCode::NOT_FOUND,
            "{path}: {}",
            page.status
        );
        for live in ["<script>window.hit", "<img src=x", "<svg onload"] {
            let at = page.body.find(live);
            let around = at.map(|at| {
                page.body
                    .get(at.saturating_sub(200)..at + 60)
                    .unwrap_or_default()
            });
            assert!(at.is_none(), "{path} renders {live}: {around:?}");
        }
    }
}
