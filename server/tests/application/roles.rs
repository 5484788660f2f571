//! Roles: made and edited by who has the rights, never one's own, never the Layer Admin.

use crate::test_app::TestApp;
use axum::http::StatusCode;
use domain::Error;
use domain::role::{RoleSetting, RolesPage};
use serde_json::{Value, json};

const TEAM_LEADER: i64 = 2;
const LAYER_ADMIN: i64 = 4;

fn form(role: Option<i64>, name: &str, permissions: &[&str]) -> Value {
    json!({ "form": { "role": role, "name": name, "permissions": permissions } })
}

async fn find(app: &TestApp, session: &str, name: &str) -> RoleSetting {
    let page: RolesPage = app.ask_for(session, "settings/roles", json!({})).await;
    page.roles
        .into_iter()
        .find(|role| role.name == name)
        .unwrap()
}

async fn id(app: &TestApp, name: &str) -> i64 {
    app.number(&format!("SELECT id FROM role WHERE name = '{name}'"))
        .await
}

#[tokio::test]
async fn a_new_role_that_sees_leads_begins_with_all_leads() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let new = form(None, " Portal\n team", &["see-leads", "delete-leads"]);
    let said: String = app.ask_for(&admin, "settings/save-role", new).await;
    assert_eq!(said, "The role Portal team is saved.");
    let role = find(&app, &admin, "Portal team").await;
    assert_eq!(
        (role.stacks.as_slice(), role.members),
        (["All leads".to_owned()].as_slice(), 0)
    );
    let pia = app.colleague(&admin, "Pia", role.id.0).await;
    let asked = r#"{"stack":1,"selection":{"Leads":["L-1"]}}"#;
    assert_eq!(
        app.call(Some(&pia), "drafts/leads", asked).await.status,
        StatusCode::OK
    );
    let log = app.log(2).await;
    assert_eq!(
        log[1],
        "Role changed: Portal team, added, may now see leads and delete leads"
    );
    let blind = form(None, "Watcher", &["read-audit"]);
    let _: String = app.ask_for(&admin, "settings/save-role", blind).await;
    assert!(find(&app, &admin, "Watcher").await.stacks.is_empty());
    let _: String = app
        .ask_for(
            &admin,
            "settings/save-role",
            form(Some(id(&app, "Watcher").await), "Watcher", &["see-leads"]),
        )
        .await;
    assert_eq!(find(&app, &admin, "Watcher").await.stacks, ["All leads"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_told_at_once() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let said = app
        .refused(
            &admin,
            "settings/save-role",
            form(None, " ", &["delete-all", "own-orders-only"]),
            422,
        )
        .await;
    let error: Error = serde_json::from_str(&said).unwrap();
    for field in [
        "Name",
        "delete a whole work stack",
        "see own orders in the Deletion Queue",
    ] {
        assert!(error.of_field(field).is_some(), "{field}");
    }
    let taken = form(None, "team LEADER", &[]);
    app.refused(&admin, "settings/save-role", taken, 422).await;
    let unknown = form(None, "X", &["everything"]);
    app.refused(&admin, "settings/save-role", unknown, 400)
        .await;
}

#[tokio::test]
async fn the_layer_admin_and_ones_own_role_stay_as_they_are() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let theirs = form(Some(LAYER_ADMIN), "Layer Admin", &["see-leads"]);
    app.refused(&admin, "settings/save-role", theirs.clone(), 409)
        .await;
    app.refused(
        &admin,
        "settings/save-role",
        form(Some(LAYER_ADMIN), "Boss", &["edit-members"]),
        409,
    )
    .await;
    app.refused(
        &admin,
        "settings/delete-role",
        json!({ "role": LAYER_ADMIN }),
        409,
    )
    .await;

    let own = ["edit-members", "see-leads", "read-audit"];
    let _: String = app
        .ask_for(&admin, "settings/save-role", form(None, "HR", &own))
        .await;
    let hr = id(&app, "HR").await;
    let hanna = app.colleague(&admin, "Hanna", hr).await;
    let locked = find(&app, &hanna, "HR").await.locked;
    assert_eq!(
        locked.unwrap(),
        "You can’t change your own role. Ask another Layer Admin."
    );
    let more = form(
        Some(hr),
        "HR",
        &["edit-members", "see-leads", "read-audit", "export-audit"],
    );
    app.refused(&hanna, "settings/save-role", more, 403).await;
    app.refused(
        &hanna,
        "settings/save-role",
        form(Some(hr), "HR", &["edit-members"]),
        409,
    )
    .await;
    app.refused(&hanna, "settings/delete-role", json!({ "role": hr }), 409)
        .await;
    app.refused(&hanna, "settings/save-role", theirs, 409).await;
}

#[tokio::test]
async fn a_role_gives_only_what_who_edits_it_has() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let own = ["edit-members", "see-leads"];
    let _: String = app
        .ask_for(&admin, "settings/save-role", form(None, "HR", &own))
        .await;
    let hanna = app.colleague(&admin, "Hanna", id(&app, "HR").await).await;
    app.refused(
        &hanna,
        "settings/save-role",
        form(None, "X", &["see-leads", "delete-leads"]),
        403,
    )
    .await;
    // Nor takes from a role what they lack: nobody's deletions are held by somebody who may not delete.
    app.refused(
        &hanna,
        "settings/save-role",
        form(Some(TEAM_LEADER), "Team Leader", &["see-leads"]),
        403,
    )
    .await;
    app.refused(
        &hanna,
        "settings/delete-role",
        json!({ "role": TEAM_LEADER }),
        403,
    )
    .await;
    let _: String = app
        .ask_for(
            &hanna,
            "settings/save-role",
            form(None, "Reader", &["see-leads"]),
        )
        .await;
    let page: RolesPage = app.ask_for(&hanna, "settings/roles", json!({})).await;
    assert!(!page.may_give.contains(&domain::Permission::DeleteLeads));
}

#[tokio::test]
async fn a_role_that_loses_the_right_to_delete_holds_what_its_members_ordered() {
    let app = TestApp::demo(520).await;
    let admin = app.sign_in("admin@demo.test").await;
    let tom = app.sign_in("team-leader@demo.test").await;
    app.delete(&tom, 1..=500).await;
    assert_eq!(find(&app, &admin, "Team Leader").await.waiting, 500);
    let (leads, entries) = (app.leads().await, app.store.sequence().await.unwrap());
    let less = form(
        Some(TEAM_LEADER),
        "Team Leader",
        &["see-leads", "edit-leads"],
    );
    let said: String = app.ask_for(&admin, "settings/save-role", less).await;
    assert_eq!(
        said,
        "The role Team Leader is saved. 500 waiting deletions are on hold until a Layer Admin confirms them."
    );
    assert_eq!(app.store.sequence().await.unwrap(), entries + 1);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM open_deletion WHERE state = 'held'")
            .await,
        500
    );
    let asked = r#"{"stack":1,"selection":{"Leads":["L-510"]}}"#;
    assert_eq!(
        app.call(Some(&tom), "drafts/leads", asked).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(app.leads().await, leads);
    assert_eq!(
        app.log(1).await,
        [
            "Role changed: Team Leader, may no longer delete leads, see the Deletion Queue and see own orders in \
          the Deletion Queue, 500 on hold"
        ]
    );
}

#[tokio::test]
async fn a_role_goes_only_when_nobody_misses_it_and_no_lead_with_it() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let leads = app.leads().await;
    let _: String = app
        .ask_for(
            &admin,
            "settings/save-role",
            form(None, "Portal", &["see-leads"]),
        )
        .await;
    let portal = id(&app, "Portal").await;
    app.colleague(&admin, "Pia", portal).await;
    let gone = json!({ "role": portal });
    let said = app
        .refused(&admin, "settings/delete-role", gone.clone(), 409)
        .await;
    assert!(said.contains("1 member has the role Portal"), "{said}");
    app.write("UPDATE member SET role = 1 WHERE name = 'Pia'", [])
        .await;
    app.write("DELETE FROM work_stack_role WHERE work_stack = 2", [])
        .await;
    app.write(
        "INSERT INTO work_stack_role (work_stack, role) VALUES (2, $1)",
        [portal.into()],
    )
    .await;
    let said = app
        .refused(&admin, "settings/delete-role", gone.clone(), 409)
        .await;
    assert!(
        said.contains("Only the role Portal sees Portal, unworked"),
        "{said}"
    );
    app.write(
        "INSERT INTO work_stack_role (work_stack, role) VALUES (2, 1)",
        [],
    )
    .await;
    let () = app
        .ask_for(&admin, "settings/delete-role", gone.clone())
        .await;
    app.refused(&admin, "settings/delete-role", gone, 409).await;
    assert_eq!(app.leads().await, leads);
    assert_eq!(
        app.log(1).await,
        [format!("Role changed: role {portal}, deleted")]
    );
}
