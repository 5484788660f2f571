//! The command palette finds the leads of one's own work stacks, and no others.

use crate::test_app::TestApp;
use axum::http::StatusCode;
use domain::palette::{FoundLead, MOST_FOUND};

async fn find(app: &TestApp, session: &str, typed: &str) -> Vec<FoundLead> {
    let arguments = serde_json::json!({ "typed": typed }).to_string();
    let answer = app.call(Some(session), "palette/find", &arguments).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_lead_is_found_by_its_reference_and_by_its_name() {
    let app = TestApp::demo(60).await;
    let agent = app.sign_in("agent@demo.test").await;

    for typed in ["L-7", "l-7", " 7 "] {
        assert_eq!(find(&app, &agent, typed).await[0].id.0, 7, "{typed}");
    }
    let name = find(&app, &agent, "L-7").await[0].name.clone();
    let found = find(&app, &agent, &name.to_uppercase()).await;
    assert!(found.iter().any(|lead| lead.id.0 == 7), "{name}");
    assert!(found.len() <= MOST_FOUND as usize);
}

#[tokio::test]
async fn a_letter_alone_and_signs_of_a_pattern_find_nothing() {
    let app = TestApp::demo(30).await;
    let agent = app.sign_in("agent@demo.test").await;
    for typed in ["", " ", "a", "%", "%%", "__", "' OR 1=1 --"] {
        assert_eq!(find(&app, &agent, typed).await, Vec::new(), "{typed}");
    }
}

#[tokio::test]
async fn a_lead_in_none_of_ones_stacks_is_not_found() {
    let app = TestApp::demo(30).await;
    let agent = app.sign_in("agent@demo.test").await;
    assert_eq!(find(&app, &agent, "L-7").await.len(), 1);

    app.write(
        "DELETE FROM work_stack_role WHERE role = (SELECT id FROM role WHERE name = 'Agent')",
        [],
    )
    .await;

    assert_eq!(find(&app, &agent, "L-7").await, Vec::new());
}

#[tokio::test]
async fn who_may_not_is_told_which_roles_may_and_whom_to_ask() {
    let app = TestApp::demo(5).await;
    let agent = app.sign_in("agent@demo.test").await;
    let answer = app
        .call(
            Some(&agent),
            "who-may/permission",
            r#"{"permission":"delete-all"}"#,
        )
        .await;
    assert_eq!(
        answer.body,
        r#""Who may delete a whole work stack: Manager and Layer Admin. Your Layer Admin is Maria Diaz.""#
    );
}
