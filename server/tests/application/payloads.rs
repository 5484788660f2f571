//! P28: what somebody typed or imported is text on the page and nothing else.

use crate::test_app::TestApp;
use axum::http::StatusCode;
use serde_json::json;

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

#[tokio::test]
async fn payloads_in_what_people_type_are_rendered_as_text() {
    let app = TestApp::demo(10).await;
    let admin = app.sign_in("admin@demo.test").await;
    let leader = app.sign_in("team-leader@demo.test").await;
    let typed = PAYLOADS.join(" ");
    let draft = async |session: &str, lead: &str| -> domain::draft::Draft {
        let selection = json!({ "stack": 1, "selection": { "Leads": [lead] } });
        let draft = app
            .call(Some(session), "drafts/leads", &selection.to_string())
            .await;
        serde_json::from_str(&draft.body).unwrap()
    };
    let confirmation = json!({ "confirmation": {
        "draft": draft(&admin, "L-1").await.id, "reason": "other", "details": typed, "typed": "", "sentence_confirmed": false
    }});
    let confirmed = app
        .call(Some(&admin), "drafts/confirm", &confirmation.to_string())
        .await;
    let order = serde_json::from_str::<domain::draft::Confirmed>(&confirmed.body)
        .unwrap()
        .order;
    let mut asked = Vec::new();
    for lead in ["L-2", "L-3"] {
        let id = draft(&leader, lead).await.id;
        let asking = json!({ "asking": { "draft": id, "words": typed } });
        let answer = app
            .call(Some(&leader), "ask-first/ask", &asking.to_string())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        asked.push(id);
    }
    let dismissal = json!({ "dismissal": { "draft": asked[1], "words": typed } });
    app.call(Some(&admin), "ask-first/dismiss", &dismissal.to_string())
        .await;
    for (session, path) in [
        (&*admin, format!("/settings/lead-management/orders/{order}")),
        (
            &*admin,
            format!("/settings/lead-management/asked/{}", asked[0].0),
        ),
        (
            &*admin,
            format!("/settings/lead-management/asked/{}", asked[1].0),
        ),
        (&*admin, "/settings/lead-management".into()),
        (&*admin, "/orders".into()),
        (&*leader, "/orders".into()),
        (&*admin, "/audit-log".into()),
    ] {
        let page = app.page(Some(session), &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for live in ["<script>window.hit", "<img src=x", "<svg onload"] {
            assert!(!page.body.contains(live), "{path} renders {live}");
        }
    }
    let page = app
        .page(
            Some(&admin),
            &format!("/settings/lead-management/orders/{order}"),
        )
        .await;
    assert!(
        page.body.contains("&lt;svg onload=window.hit=1&gt;"),
        "the test is blind"
    );
}
