//! One's own account: the password, and signing out everywhere.

use crate::test_app::TestApp;
use axum::http::StatusCode;
use domain::Error;
use domain::account::AccountPage;
use domain::time::MINUTE;
use serde_json::{Value, json};

const AGENT: i64 = 1;

fn change(current: &str, new: &str) -> Value {
    json!({ "change": { "current": current, "new": new } })
}

async fn is_in(app: &TestApp, session: &str) -> bool {
    app.call(Some(session), "session/shell", "{}").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_the_old_password() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let bob = app.colleague(&admin, "Bob", AGENT).await;
    let again = app
        .sign_in_with("bob@layer.test", "password-of-Bob")
        .await
        .unwrap();
    let mine: AccountPage = app.ask_for(&bob, "account/account", json!({})).await;
    assert_eq!(
        (mine.email.as_str(), mine.has_password),
        ("bob@layer.test", true)
    );
    let said = app
        .refused(
            &bob,
            "account/change-password",
            change("wrong", "short"),
            422,
        )
        .await;
    let error: Error = serde_json::from_str(&said).unwrap();
    assert!(
        error.of_field("Current password").is_some() && error.of_field("New password").is_some()
    );
    app.refused(
        &bob,
        "account/change-password",
        change("password-of-Bob", "password-of-Bob"),
        422,
    )
    .await;
    let () = app
        .ask_for(
            &bob,
            "account/change-password",
            change("password-of-Bob", "another-password"),
        )
        .await;
    assert!(!is_in(&app, &bob).await && !is_in(&app, &again).await);
    assert!(is_in(&app, &admin).await);
    assert!(
        app.sign_in_with("bob@layer.test", "password-of-Bob")
            .await
            .is_none()
    );
    assert!(
        app.sign_in_with("bob@layer.test", "another-password")
            .await
            .is_some()
    );
    assert_eq!(app.log(1).await, ["Member changed: Bob, own password"]);
}

#[tokio::test]
async fn the_eleventh_wrong_password_waits_a_quarter_of_an_hour_and_is_kept() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let bob = app.colleague(&admin, "Bob", AGENT).await;
    let ann = app.colleague(&admin, "Ann", AGENT).await;
    for _ in 0..10 {
        app.refused(
            &bob,
            "account/change-password",
            change("wrong", "another-password"),
            422,
        )
        .await;
    }
    let right = change("password-of-Bob", "another-password");
    app.refused(&bob, "account/change-password", right.clone(), 429)
        .await;
    // Another person isn't held back by it.
    app.refused(
        &ann,
        "account/change-password",
        change("wrong", "another-password"),
        422,
    )
    .await;
    let kept = "SELECT CAST(SUM(times) AS BIGINT) FROM security_event WHERE endpoint = 'account/password' AND code = 'wrong'";
    assert_eq!(app.number(kept).await, 11);
    app.clock.advance(15 * MINUTE);
    let () = app.ask_for(&bob, "account/change-password", right).await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_ones_sessions_and_nobody_elses() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let (here, there) = (
        app.sign_in("agent@demo.test").await,
        app.sign_in("agent@demo.test").await,
    );
    let acts = "SELECT COUNT(*) FROM audit_entry";
    let before = app.number(acts).await;
    let () = app
        .ask_for(&here, "account/sign-out-everywhere", json!({}))
        .await;
    assert!(!is_in(&app, &here).await && !is_in(&app, &there).await && is_in(&app, &admin).await);
    // No act: like signing in, it is kept outside the chain.
    assert_eq!(app.number(acts).await, before);
    let kept = "SELECT COUNT(*) FROM security_event WHERE endpoint = 'account/sign-out-everywhere' AND code = 'ok'";
    assert_eq!(app.number(kept).await, 1);
}

#[tokio::test]
async fn one_of_the_demos_people_has_no_password_to_change() {
    let app = TestApp::demo(5).await;
    let agent = app.sign_in("agent@demo.test").await;
    let mine: AccountPage = app.ask_for(&agent, "account/account", json!({})).await;
    assert!(!mine.has_password);
    app.refused(
        &agent,
        "account/change-password",
        change("", "another-password"),
        409,
    )
    .await;
}
