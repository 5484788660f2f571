//! Two Layer Admins have the same form open: who saves last overwrites nothing that they haven't seen.

use domain::hours_setting::HoursPage;
use domain::member::MembersPage;
use domain::reason::ReasonSetting;
use domain::role::RolesPage;
use serde_json::{Value, json};

use crate::test_app::TestApp;

/// The demo, and two Layer Admins: Maria Diaz, and Bea.
async fn two_admins() -> (TestApp, String, String) {
    let app = TestApp::demo(5).await;
    let maria = app.sign_in("admin@demo.test").await;
    let bea = app.colleague(&maria, "Bea", 4).await;
    (app, maria, bea)
}

/// Both saved a form that they opened at the same time, Maria first. What Bea is told; and that the same form of Maria's, sent
/// again because its answer was lost, is no second change.
async fn second_saver(
    app: &TestApp,
    (maria, bea): (&str, &str),
    endpoint: &str,
    form: impl Fn(&str) -> Value,
) -> String {
    let _: Value = app.ask_for(maria, endpoint, form("Maria’s")).await;
    let entries = app.store.sequence().await.unwrap();
    app.clock.advance(60_000);
    let said = app.refused(bea, endpoint, form("Bea’s"), 409).await;
    let _: Value = app.ask_for(maria, endpoint, form("Maria’s")).await;
    assert_eq!(app.store.sequence().await.unwrap(), entries, "{endpoint}");
    assert!(said.contains("too-late"), "{said}");
    said
}

const TOLD: &str = "Maria Diaz changed this at 10:00 while you had it open. Nothing was saved.";

#[tokio::test]
async fn a_reason_that_somebody_else_changed_meanwhile_is_not_overwritten() {
    let (app, maria, bea) = two_admins().await;
    let read = async || -> ReasonSetting {
        let all: Vec<ReasonSetting> = app.ask_for(&bea, "settings/reasons", json!({})).await;
        let mut all = all.into_iter();
        all.find(|it| it.reason.code == "outdated").unwrap()
    };
    let seen = read().await;
    let form = |version: Value, label: &str| {
        json!({ "form": {
            "new": false, "version": version, "code": "outdated", "label": label, "details_demanded": false,
            "must_be_carried_out": true, "sentence": "", "offered": true
        }})
    };
    let told = second_saver(&app, (&maria, &bea), "settings/save-reason", |label| {
        form(json!(seen.version), label)
    })
    .await;
    assert!(told.contains(TOLD), "{told}");
    // Moving it up changes nothing that the form shows.
    let up = json!({ "code": "outdated", "up": true });
    let fresh = read().await;
    let () = app.ask_for(&bea, "settings/move-reason", up).await;
    let () = app
        .ask_for(
            &bea,
            "settings/save-reason",
            form(json!(fresh.version), "Bea’s"),
        )
        .await;
    assert_eq!(read().await.reason.label, "Bea’s");
}

#[tokio::test]
async fn a_code_that_was_deleted_and_added_anew_is_another_reason() {
    let (app, maria, bea) = two_admins().await;
    let form = |new: bool, label: &str| {
        json!({ "form": {
            "new": new, "code": "invalid", "label": label, "details_demanded": false, "must_be_carried_out": false,
            "sentence": "", "offered": true
        }})
    };
    let gone = json!({ "code": "invalid" });
    let () = app.ask_for(&maria, "settings/delete-reason", gone).await;
    let () = app
        .ask_for(&maria, "settings/save-reason", form(true, "New one"))
        .await;
    let stale = form(false, "Old one");
    let told = app.refused(&bea, "settings/save-reason", stale, 409).await;
    assert!(told.contains(TOLD), "{told}");
}

#[tokio::test]
async fn a_member_whom_somebody_else_changed_meanwhile_keeps_that_role() {
    let (app, maria, bea) = two_admins().await;
    let read = async || {
        let page: MembersPage = app.ask_for(&bea, "settings/members", json!({})).await;
        let mut all = page.members.into_iter();
        all.find(|member| member.id.0 == 2).unwrap()
    };
    let seen = read().await;
    let edit = |version: Value, name: &str, role: i64| json!({ "edit": { "member": 2, "version": version, "name": name, "role": role } });
    let told = second_saver(&app, (&maria, &bea), "settings/edit-member", |name| {
        edit(json!(seen.version), name, 1)
    })
    .await;
    assert!(told.contains(TOLD), "{told}");
    let now = read().await;
    assert_eq!((now.name.as_str(), now.role.0), ("Maria’s", 1));
    let again = edit(json!(now.version), "Bea’s", 3);
    let _: String = app.ask_for(&bea, "settings/edit-member", again).await;
}

#[tokio::test]
async fn a_role_that_somebody_else_changed_meanwhile_keeps_its_rights() {
    let (app, maria, bea) = two_admins().await;
    let read = async || {
        let page: RolesPage = app.ask_for(&bea, "settings/roles", json!({})).await;
        let mut all = page.roles.into_iter();
        all.find(|role| role.id.0 == 1).unwrap()
    };
    let seen = read().await;
    let form = |version: Value, name: &str| json!({ "form": { "role": 1, "version": version, "name": name, "permissions": ["see-leads"] } });
    let told = second_saver(&app, (&maria, &bea), "settings/save-role", |name| {
        form(json!(seen.version), name)
    })
    .await;
    assert!(told.contains(TOLD), "{told}");
    let now = read().await;
    assert_eq!((now.name.as_str(), now.permissions.len()), ("Maria’s", 1));
    let again = form(json!(now.version), "Bea’s");
    let _: String = app.ask_for(&bea, "settings/save-role", again).await;
}

#[tokio::test]
async fn business_hours_that_somebody_else_saved_meanwhile_stay() {
    let (app, maria, bea) = two_admins().await;
    let read = async || -> HoursPage { app.ask_for(&bea, "settings/hours", json!({})).await };
    let seen = read().await;
    let save = |page: &HoursPage, undo: &str| {
        let mut form = page.form.clone();
        form.undo_time = undo.into();
        json!({ "form": form, "seen": page.version })
    };
    let _: Value = app
        .ask_for(&maria, "settings/save-hours", save(&seen, "20"))
        .await;
    let told = app
        .refused(&bea, "settings/save-hours", save(&seen, "30"), 409)
        .await;
    assert!(told.contains(TOLD), "{told}");
    let told = app
        .refused(&maria, "settings/save-hours", save(&seen, "40"), 409)
        .await;
    assert!(told.contains("You changed this at 10:00"), "{told}");
    let now = read().await;
    assert_eq!(now.form.undo_time, "20");
    let version: Value = app
        .ask_for(&bea, "settings/save-hours", save(&now, "30"))
        .await;
    assert_eq!(json!(read().await.version), version);
}

#[tokio::test]
async fn what_looking_again_does_not_help_is_not_told_as_too_late() {
    let (app, maria, _) = two_admins().await;
    let page: MembersPage = app.ask_for(&maria, "settings/members", json!({})).await;
    let me = page.members.into_iter().find(|it| it.is_self).unwrap();
    let edit =
        json!({ "edit": { "member": me.id, "version": me.version, "name": me.name, "role": 1 } });
    let told = app.refused(&maria, "settings/edit-member", edit, 409).await;
    assert!(told.contains("own role"), "{told}");
    assert!(!told.contains("too-late"), "{told}");
}
