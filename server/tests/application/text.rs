//! What is typed is kept without what hides in it, on every database alike.

use crate::test_app::TestApp;
use crate::test_database::holding;
use domain::draft::Draft;
use serde_json::json;

#[tokio::test]
async fn nul_is_dropped_wherever_it_is_typed_and_breaks_nothing() {
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    let leader = app.sign_in("team-leader@demo.test").await;
    let draft = async |session: &str, lead: &str| {
        let selection = json!({ "stack": 1, "selection": { "Leads": [lead] } });
        let draft = app
            .call(Some(session), "drafts/leads", &selection.to_string())
            .await;
        serde_json::from_str::<Draft>(&draft.body).unwrap().id
    };
    let typed = "a\u{0}b";
    let confirmation = json!({ "confirmation": {
        "draft": draft(&admin, "L-1").await, "reason": "other", "details": typed, "typed": "", "sentence_confirmed": false
    }});
    let asking = json!({ "asking": { "draft": draft(&leader, "L-2").await, "words": typed } });
    let urgent = json!({ "urgent": { "lead": "L-3", "because": {
        "reason": "other", "details": typed, "sentence_confirmed": false
    }}});
    let view = json!({ "work_stack": 1, "search": typed, "order": null, "hide_deletions": null });
    for (session, endpoint, arguments) in [
        (&*admin, "drafts/confirm", confirmation),
        (&*leader, "ask-first/ask", asking),
        (&*admin, "urgent-deletions/delete-now", urgent),
        (&*admin, "work-stacks/grid", json!({ "view": view })),
        (
            &*admin,
            "queue/rows",
            json!({ "request": { "tab": "open", "search": typed, "after": null } }),
        ),
        (&*admin, "removals/preview", json!({ "search": typed })),
    ] {
        let answer = app
            .call(Some(session), endpoint, &arguments.to_string())
            .await;
        assert_eq!(answer.status, 200, "{endpoint}: {}", answer.body);
    }
    let answer = app
        .form(None, "/sign-in", "email=a%00%40b.test&password=%00")
        .await;
    assert_eq!(answer.status, 303);
    let texts = "SELECT COUNT(*) FROM audit_text WHERE text = 'ab'";
    assert_eq!(app.number(texts).await, 3);
    assert_eq!(
        holding(app.store.reader(), "audit_text", "text", "\0").await,
        0
    );
}
