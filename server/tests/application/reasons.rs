//! Reasons: a Layer Admin's list. What orders have stays with them.

use crate::test_app::TestApp;
use crate::test_database::holding;
use domain::Error;
use domain::reason::ReasonSetting;
use serde_json::{Value, json};

fn form(new: bool, code: &str, label: &str) -> Value {
    json!({
        "new": new, "code": code, "label": label, "details_demanded": false, "must_be_carried_out": false,
        "sentence": "", "offered": true
    })
}

fn with(mut form: Value, field: &str, value: impl Into<Value>) -> Value {
    form[field] = value.into();
    json!({ "form": form })
}

async fn reasons(app: &TestApp, session: &str) -> Vec<ReasonSetting> {
    app.ask_for(session, "settings/reasons", json!({})).await
}

async fn find(app: &TestApp, session: &str, code: &str) -> ReasonSetting {
    let reasons = reasons(app, session).await;
    reasons
        .into_iter()
        .find(|it| it.reason.code == code)
        .unwrap()
}

#[tokio::test]
async fn a_reason_is_added_edited_and_moved_and_its_code_stays() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let new = with(
        form(true, "", "Wrong  number "),
        "sentence",
        "Xqsentence is typed.",
    );
    let () = app.ask_for(&admin, "settings/save-reason", new).await;
    let added = find(&app, &admin, "wrong-number").await.reason;
    assert_eq!(
        (added.label.as_str(), added.offered),
        ("Wrong number", true)
    );
    let mut changed = with(
        form(false, "wrong-number", "Xqlabel"),
        "must_be_carried_out",
        true,
    );
    changed["form"]["version"] = json!(find(&app, &admin, "wrong-number").await.version);
    let () = app.ask_for(&admin, "settings/save-reason", changed).await;
    let changed = find(&app, &admin, "wrong-number").await.reason;
    assert!(changed.must_be_carried_out && changed.sentence.is_none());
    let () = app
        .ask_for(
            &admin,
            "settings/move-reason",
            json!({ "code": "wrong-number", "up": true }),
        )
        .await;
    let codes: Vec<_> = reasons(&app, &admin)
        .await
        .into_iter()
        .map(|it| it.reason.code)
        .collect();
    assert_eq!(codes[5..], ["wrong-number", "other"]);
    // At the end it stays, and that is no act.
    let entries = app.store.sequence().await.unwrap();
    let () = app
        .ask_for(
            &admin,
            "settings/move-reason",
            json!({ "code": "duplicate", "up": true }),
        )
        .await;
    let () = app
        .ask_for(
            &admin,
            "settings/move-reason",
            json!({ "code": "other", "up": false }),
        )
        .await;
    assert_eq!(app.store.sequence().await.unwrap(), entries);
    assert_eq!(
        app.log(3).await,
        [
            "Reason changed: Xqlabel, moved, to place 6",
            "Reason changed: Xqlabel, renamed, no sentence to confirm, deleted all the same if changed",
            "Reason changed: Xqlabel, added, details optional, kept if changed, offered",
        ]
    );
    // What was typed is in the list and not in the chain.
    assert_eq!(
        holding(app.store.reader(), "audit_entry", "facts", "Xq").await,
        0
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_reason_is_told_at_once() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let wrong = with(
        form(true, "Wrong Code", "duplicate"),
        "sentence",
        "x".repeat(301),
    );
    let said = app
        .refused(&admin, "settings/save-reason", wrong, 422)
        .await;
    let error: Error = serde_json::from_str(&said).unwrap();
    for field in ["Name", "Code", "Sentence to confirm"] {
        assert!(error.of_field(field).is_some(), "{field}");
    }
    let gone = with(form(false, "no-such-code", "New"), "offered", true);
    app.refused(&admin, "settings/save-reason", gone, 409).await;
    app.refused(
        &admin,
        "settings/move-reason",
        json!({ "code": "x", "up": true }),
        409,
    )
    .await;
    app.refused(
        &admin,
        "settings/delete-reason",
        json!({ "code": "x" }),
        409,
    )
    .await;
}

#[tokio::test]
async fn a_reason_that_an_order_has_can_not_be_deleted_but_be_offered_no_more() {
    let app = TestApp::demo(10).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.delete(&admin, 1..=3).await;
    assert_eq!(find(&app, &admin, "outdated").await.orders, 1);
    let leads = app.leads().await;
    let said = app
        .refused(
            &admin,
            "settings/delete-reason",
            json!({ "code": "outdated" }),
            409,
        )
        .await;
    assert!(said.contains(
        "1 order has the reason “Outdated”, so it can’t be deleted. Stop offering it instead."
    ));
    // An open dialog that names it is refused with a sentence.
    let asked = json!({ "stack": 1, "selection": { "Leads": ["L-5"] } });
    let draft: domain::draft::Draft = app.ask_for(&admin, "drafts/leads", asked).await;
    let () = app
        .ask_for(
            &admin,
            "settings/save-reason",
            with(form(false, "outdated", "Outdated"), "offered", false),
        )
        .await;
    let confirmation = json!({ "confirmation": {
        "draft": draft.id, "reason": "outdated", "details": "", "typed": "1", "sentence_confirmed": false
    }});
    let said = app
        .refused(&admin, "drafts/confirm", confirmation, 422)
        .await;
    assert!(said.contains("Choose a reason from the list."), "{said}");
    // One that nobody used goes, and no lead with it.
    let () = app
        .ask_for(
            &admin,
            "settings/delete-reason",
            json!({ "code": "invalid" }),
        )
        .await;
    assert_eq!(app.leads().await, leads);
    assert_eq!(app.log(1).await, ["Reason changed: invalid, deleted"]);
}

#[tokio::test]
async fn a_new_policy_holds_for_new_orders_and_not_for_old_ones() {
    let app = TestApp::demo(10).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.delete(&admin, 1..=2).await;
    let strict = with(
        form(false, "outdated", "Outdated"),
        "must_be_carried_out",
        true,
    );
    let () = app.ask_for(&admin, "settings/save-reason", strict).await;
    app.delete(&admin, 3..=4).await;
    let must = "SELECT CAST(SUM(must_be_carried_out) AS BIGINT) FROM deletion_order";
    assert_eq!(app.number(must).await, 1);
    let verified = app.store.verify_audit().await.unwrap();
    assert!(matches!(
        verified,
        server::store::audit_verify::Verified::Whole { .. }
    ));
}

#[tokio::test]
async fn the_last_reason_that_is_offered_stays() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.write(
        "UPDATE reason SET offered = 0 WHERE code <> 'duplicate'",
        [],
    )
    .await;
    let none = with(form(false, "duplicate", "Duplicate"), "offered", false);
    let said = app.refused(&admin, "settings/save-reason", none, 422).await;
    assert!(said.contains("Offer another reason first"), "{said}");
    app.refused(
        &admin,
        "settings/delete-reason",
        json!({ "code": "duplicate" }),
        409,
    )
    .await;
}
