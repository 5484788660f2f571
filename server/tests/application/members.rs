//! Members: who may add, edit and deactivate whom, and what that does at once.

use std::time::Duration;

use crate::test_app::{TestApp, request};
use axum::body::Body;
use axum::http::StatusCode;
use domain::Error;
use domain::live::Frame;
use domain::member::{Member, MemberId, MembersPage, PasswordGiven};
use domain::ports::Members;
use futures::StreamExt;
use serde_json::{Value, json};
use server::store::audit_verify::Verified;
use tokio::time::timeout;

/// The roles of a new database, by their numbers.
const AGENT: i64 = 1;
const TEAM_LEADER: i64 = 2;
const MANAGER: i64 = 3;
const LAYER_ADMIN: i64 = 4;

/// The demo's people, by their numbers.
const TOM_THE_TEAM_LEADER: i64 = 2;
const PETRA_THE_MANAGER: i64 = 3;
const MARIA_THE_ADMIN: i64 = 4;

async fn page(app: &TestApp, session: &str) -> MembersPage {
    app.ask_for(session, "settings/members", json!({})).await
}

async fn find(app: &TestApp, session: &str, name: &str) -> Member {
    let members = page(app, session).await.members;
    members
        .into_iter()
        .find(|member| member.name == name)
        .unwrap()
}

/// A role that edits members and sees leads, and nothing more; its number, and somebody who has it.
async fn hr(app: &TestApp, admin: &str) -> (i64, String) {
    let form = json!({ "form": { "role": null, "name": "HR", "permissions": ["edit-members", "see-leads"] } });
    let _: String = app.ask_for(admin, "settings/save-role", form).await;
    let role = app.number("SELECT id FROM role WHERE name = 'HR'").await;
    (role, app.colleague(admin, "Hanna", role).await)
}

/// Somebody with every right who is no Layer Admin.
async fn twin(app: &TestApp, admin: &str) -> String {
    let all: Vec<_> = domain::Permission::ALL
        .iter()
        .filter(|right| !right.narrows())
        .collect();
    let form = json!({ "form": { "role": null, "name": "Twin", "permissions": all } });
    let _: String = app.ask_for(admin, "settings/save-role", form).await;
    let role = app.number("SELECT id FROM role WHERE name = 'Twin'").await;
    app.colleague(admin, "Theo", role).await
}

#[tokio::test]
async fn a_member_is_added_with_a_password_that_the_server_makes_and_tells_once() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let form = json!({ "form": { "name": " Ann\n Example ", "email": " Ann@Layer.test", "role": AGENT, "password": "" } });
    let given: PasswordGiven = app.ask_for(&admin, "settings/new-member", form).await;
    assert_eq!(given.message, "Ann Example can sign in now.");
    let password = given.made.unwrap().0;
    let session = app.sign_in_with("ann@layer.test", &password).await.unwrap();
    let shell = app.call(Some(&session), "session/shell", "{}").await;
    assert_eq!(shell.status, StatusCode::OK);
    let ann = find(&app, &admin, "Ann Example").await;
    assert_eq!(
        (ann.email.as_str(), ann.role_name.as_str()),
        ("ann@layer.test", "Agent")
    );
    assert_eq!(
        app.log(1).await,
        ["Member changed: Ann Example, added, as Agent"]
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_new_member_is_told_at_once() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let form = json!({ "form": { "name": "\u{200B}", "email": "nobody", "role": 99, "password": "short" } });
    let said = app.refused(&admin, "settings/new-member", form, 422).await;
    let error: Error = serde_json::from_str(&said).unwrap();
    for field in ["Name", "E-mail", "Role", "Password"] {
        assert!(error.of_field(field).is_some(), "{field}");
    }
    let form = json!({ "form": { "name": "Tom", "email": "TEAM-LEADER@demo.test", "role": 1, "password": "" } });
    let said = app.refused(&admin, "settings/new-member", form, 422).await;
    assert!(said.contains("is a member already"), "{said}");
}

#[tokio::test]
async fn fields_that_nobody_asked_for_give_nothing() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let form = json!({ "form": {
        "name": "Ann", "email": "ann@layer.test", "role": AGENT, "password": "password-of-Ann", "id": 4, "demo": true,
        "active": false, "permissions": ["delete-leads"], "role_name": "Layer Admin"
    }, "actor": { "member": 4 }, "by": 4 });
    let _: Value = app.ask_for(&admin, "settings/new-member", form).await;
    let ann = find(&app, &admin, "Ann").await;
    assert!(ann.active && !ann.demo && ann.role_name == "Agent");
    let session = app
        .sign_in_with("ann@layer.test", "password-of-Ann")
        .await
        .unwrap();
    let asked =
        r#"{"stack":1,"selection":{"Leads":["L-1"]},"permissions":["delete-leads"],"role":4}"#;
    let answer = app.call(Some(&session), "drafts/leads", asked).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let edit = json!({ "edit": { "member": ann.id, "name": "Ann B", "role": AGENT, "active": false, "email": "x@y.test" } });
    let _: String = app.ask_for(&admin, "settings/edit-member", edit).await;
    let ann = find(&app, &admin, "Ann B").await;
    assert!(ann.active && ann.email == "ann@layer.test");
}

#[tokio::test]
async fn nobody_gives_what_they_lack_and_nobody_touches_who_is_above_them() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let (role, hanna) = hr(&app, &admin).await;
    let ann = app.colleague(&admin, "Ann", AGENT).await;
    let above = find(&app, &hanna, "Maria Diaz").await;
    assert!(above.is_above && find(&app, &hanna, "Petra Lane").await.is_above);
    let new = |role: i64| json!({ "form": { "name": "X", "email": "x@layer.test", "role": role, "password": "" } });
    for role in [TEAM_LEADER, MANAGER, LAYER_ADMIN, AGENT] {
        // An Agent edits leads, which HR doesn't.
        app.refused(&hanna, "settings/new-member", new(role), 403)
            .await;
    }
    let promote =
        |who: MemberId, role: i64| json!({ "edit": { "member": who, "name": "Y", "role": role } });
    let me = find(&app, &hanna, "Hanna").await.id;
    app.refused(
        &hanna,
        "settings/edit-member",
        promote(me, LAYER_ADMIN),
        409,
    )
    .await;
    app.refused(
        &hanna,
        "settings/edit-member",
        promote(MemberId(PETRA_THE_MANAGER), role),
        403,
    )
    .await;
    let active = |who: i64| json!({ "member": who, "active": false });
    app.refused(&hanna, "settings/set-active", active(MARIA_THE_ADMIN), 403)
        .await;
    let reset = json!({ "member": MARIA_THE_ADMIN, "password": "mine-from-now-on" });
    app.refused(&hanna, "settings/reset-password", reset, 403)
        .await;
    // And who may not edit members at all.
    app.refused(&ann, "settings/edit-member", promote(me, AGENT), 403)
        .await;
    // What HR has, HR gives.
    let _: Value = app.ask_for(&hanna, "settings/new-member", new(role)).await;
}

#[tokio::test]
async fn nobody_changes_their_own_role_or_deactivates_themselves() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.colleague(&admin, "Bea", LAYER_ADMIN).await;
    let edit = |role: i64| json!({ "edit": { "member": MARIA_THE_ADMIN, "name": "Maria D.", "role": role } });
    app.refused(&admin, "settings/edit-member", edit(AGENT), 409)
        .await;
    app.refused(
        &admin,
        "settings/set-active",
        json!({ "member": MARIA_THE_ADMIN, "active": false }),
        409,
    )
    .await;
    let reset = json!({ "member": MARIA_THE_ADMIN, "password": "without-the-old-one" });
    app.refused(&admin, "settings/reset-password", reset, 409)
        .await;
    let _: String = app
        .ask_for(&admin, "settings/edit-member", edit(LAYER_ADMIN))
        .await;
    assert_eq!(
        find(&app, &admin, "Maria D.").await.id,
        MemberId(MARIA_THE_ADMIN)
    );
}

#[tokio::test]
async fn the_last_layer_admin_stays() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let theo = twin(&app, &admin).await;
    let demote =
        json!({ "edit": { "member": MARIA_THE_ADMIN, "name": "Maria Diaz", "role": AGENT } });
    let deactivate = json!({ "member": MARIA_THE_ADMIN, "active": false });
    let said = app
        .refused(&theo, "settings/edit-member", demote.clone(), 409)
        .await;
    assert!(said.contains("the last Layer Admin"), "{said}");
    app.refused(&theo, "settings/set-active", deactivate.clone(), 409)
        .await;
    // Another one who can't sign in is none.
    app.colleague(&admin, "Bea", LAYER_ADMIN).await;
    let bea = find(&app, &admin, "Bea").await.id;
    let _: String = app
        .ask_for(
            &theo,
            "settings/set-active",
            json!({ "member": bea, "active": false }),
        )
        .await;
    app.refused(&theo, "settings/edit-member", demote.clone(), 409)
        .await;
    let _: String = app
        .ask_for(
            &theo,
            "settings/set-active",
            json!({ "member": bea, "active": true }),
        )
        .await;
    let _: String = app.ask_for(&theo, "settings/edit-member", demote).await;
    app.refused(
        &theo,
        "settings/set-active",
        json!({ "member": bea, "active": false }),
        409,
    )
    .await;
}

#[tokio::test]
async fn a_role_that_changes_while_its_holder_is_signed_in_counts_from_the_next_request_on() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let bob = app.colleague(&admin, "Bob", MANAGER).await;
    let asked = r#"{"stack":1,"selection":{"Leads":["L-1"]}}"#;
    assert_eq!(
        app.call(Some(&bob), "drafts/leads", asked).await.status,
        StatusCode::OK
    );
    let stream = request("GET", "/live?since=0", Some(&bob))
        .body(Body::empty())
        .unwrap();
    let mut stream = app.ask(stream).await.into_body().into_data_stream();
    let mut frame_of = async |sequence: i64| loop {
        let piece = timeout(Duration::from_secs(10), stream.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        let Some(data) = text.strip_prefix("data: ") else {
            continue;
        };
        let frame: Frame = serde_json::from_str(data.trim()).unwrap();
        if frame.sequence >= sequence {
            return frame.stats.leads;
        }
    };
    let sequence = app.store.sequence().await.unwrap();
    assert_eq!(frame_of(sequence).await, 5);
    let id = find(&app, &admin, "Bob").await.id;
    let edit = json!({ "edit": { "member": id, "name": "Bob", "role": AGENT } });
    let _: String = app.ask_for(&admin, "settings/edit-member", edit).await;
    assert_eq!(
        app.call(Some(&bob), "drafts/leads", asked).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        app.call(Some(&bob), "queue/lead-management", "{}")
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    // The stream that is open tells no numbers of the queue any more.
    let sequence = app.store.sequence().await.unwrap();
    assert_eq!(frame_of(sequence).await, 0);
    assert_eq!(
        app.log(1).await,
        ["Member changed: Bob, was Manager, as Agent"]
    );
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_is_told_nothing_at_the_door() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let bob = app.colleague(&admin, "Bob", MANAGER).await;
    let stream = request("GET", "/live?since=999999", Some(&bob))
        .body(Body::empty())
        .unwrap();
    let mut stream = app.ask(stream).await.into_body().into_data_stream();
    let id = find(&app, &admin, "Bob").await.id;
    let set = |active: bool| json!({ "member": id, "active": active });
    let said: String = app.ask_for(&admin, "settings/set-active", set(false)).await;
    assert_eq!(said, "Bob can’t sign in any more.");
    assert_eq!(
        app.call(Some(&bob), "session/shell", "{}").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        app.page(Some(&bob), "/work-stacks").await.status,
        StatusCode::SEE_OTHER
    );
    let ends = async { while stream.next().await.is_some() {} };
    timeout(Duration::from_secs(5), ends).await.unwrap();
    let form = |password: &str| format!("email=bob@layer.test&password={password}");
    let right = app.form(None, "/sign-in", &form("password-of-Bob")).await;
    let wrong = app.form(None, "/sign-in", &form("another-password")).await;
    assert_eq!(right.headers["location"], wrong.headers["location"]);
    assert_eq!(app.log(1).await, ["Member changed: Bob, deactivated"]);
    let said: String = app.ask_for(&admin, "settings/set-active", set(true)).await;
    assert_eq!(said, "Bob can sign in again.");
    // The session that he had doesn't come back.
    assert_eq!(
        app.call(Some(&bob), "session/shell", "{}").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(
        app.sign_in_with("bob@layer.test", "password-of-Bob")
            .await
            .is_some()
    );
}

#[tokio::test]
async fn a_password_that_is_reset_ends_every_session_and_the_old_one() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let bob = app.colleague(&admin, "Bob", AGENT).await;
    let again = app
        .sign_in_with("bob@layer.test", "password-of-Bob")
        .await
        .unwrap();
    let id = find(&app, &admin, "Bob").await.id;
    let short = json!({ "member": id, "password": "short" });
    app.refused(&admin, "settings/reset-password", short, 422)
        .await;
    let typed = json!({ "member": id, "password": "another-password" });
    let given: PasswordGiven = app.ask_for(&admin, "settings/reset-password", typed).await;
    assert_eq!(given.made, None);
    for session in [&bob, &again] {
        let answer = app.call(Some(session), "session/shell", "{}").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
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
    assert_eq!(app.log(1).await, ["Member changed: Bob, password"]);
    // One of the demo's people has none.
    let demo = json!({ "member": TOM_THE_TEAM_LEADER, "password": "" });
    app.refused(&admin, "settings/reset-password", demo, 409)
        .await;
}

#[tokio::test]
async fn what_takes_the_right_to_delete_holds_what_waits_in_the_same_act() {
    let app = TestApp::demo(520).await;
    let admin = app.sign_in("admin@demo.test").await;
    let tom = app.sign_in("team-leader@demo.test").await;
    let petra = app.sign_in("manager@demo.test").await;
    app.delete(&tom, 1..=500).await;
    app.delete(&petra, 501..=510).await;
    assert_eq!(find(&app, &admin, "Tom Baker").await.waiting, 500);
    let (leads, entries) = (app.leads().await, app.store.sequence().await.unwrap());

    let deactivate = json!({ "member": TOM_THE_TEAM_LEADER, "active": false });
    let said: String = app.ask_for(&admin, "settings/set-active", deactivate).await;
    assert!(
        said.ends_with("500 waiting deletions are on hold until a Layer Admin confirms them."),
        "{said}"
    );
    assert_eq!(app.store.sequence().await.unwrap(), entries + 1);
    let held =
        "SELECT COUNT(*) FROM open_deletion WHERE state = 'held' AND cause = 'rights-withdrawn'";
    assert_eq!(app.number(held).await, 500);

    let demote =
        json!({ "edit": { "member": PETRA_THE_MANAGER, "name": "Petra Lane", "role": AGENT } });
    let said: String = app.ask_for(&admin, "settings/edit-member", demote).await;
    assert!(
        said.ends_with("10 waiting deletions are on hold until a Layer Admin confirms them."),
        "{said}"
    );
    assert_eq!(app.store.sequence().await.unwrap(), entries + 2);
    assert_eq!(app.number(held).await, 510);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM open_deletion WHERE state = 'waiting'")
            .await,
        0
    );

    // Coming back doesn't release them, and none of it deletes or keeps a lead.
    let reactivate = json!({ "member": TOM_THE_TEAM_LEADER, "active": true });
    let _: String = app.ask_for(&admin, "settings/set-active", reactivate).await;
    assert_eq!(app.number(held).await, 510);
    app.clock.advance(12 * 60 * 60 * 1000);
    server::worker::drain(&app.store, true, domain::audit::ActorRef::Worker)
        .await
        .unwrap();
    assert_eq!(app.leads().await, leads);
    let verified = app.store.verify_audit().await.unwrap();
    assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
}

#[tokio::test]
async fn a_right_that_was_lost_meanwhile_changes_nothing() {
    let app = TestApp::demo(5).await;
    let admin = app
        .store
        .actor(MemberId(MARIA_THE_ADMIN))
        .await
        .unwrap()
        .unwrap();
    let granted = admin.granted().unwrap();
    app.write(
        "DELETE FROM role_permission WHERE role = 4 AND permission = 'edit-members'",
        [],
    )
    .await;
    let before = app.everything().await;
    let refused = app
        .store
        .set_active(granted, MemberId(TOM_THE_TEAM_LEADER), false)
        .await;
    assert_eq!(refused.unwrap_err().status(), 403);
    assert_eq!(app.everything().await, before);
}
