//! `layer audit verify` finds whatever was changed behind the log's back, and says where.

use crate::append_only::unlocked;
use crate::test_app::TestApp;
use server::store::audit_verify::Verified;

/// A demo with an order that ran: closed rows, details, numbers.
async fn with_an_order() -> TestApp {
    let app = TestApp::demo(40).await;
    let admin = app.sign_in("admin@demo.test").await;
    let draft = app
        .call(
            Some(&admin),
            "drafts/leads",
            r#"{"stack":1,"selection":{"Leads":["L-1","L-2","L-3"]}}"#,
        )
        .await;
    let draft: domain::draft::Draft = serde_json::from_str(&draft.body).unwrap();
    let confirmation = serde_json::json!({ "confirmation": {
        "draft": draft.id, "reason": "other", "details": "Asked by telephone", "typed": "", "sentence_confirmed": false
    }});
    let confirmed = app
        .call(Some(&admin), "drafts/confirm", &confirmation.to_string())
        .await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let by = domain::audit::ActorRef::CommandLine;
    server::worker::drain(&app.store, false, by).await.unwrap();
    assert_eq!(
        app.number("SELECT COUNT(*) FROM deletion WHERE state = 'erased'")
            .await,
        3
    );
    app
}

async fn broken(app: &TestApp) -> (Option<i64>, String) {
    match app.store.verify_audit().await.unwrap() {
        Verified::Broken { entry, why } => (entry, why),
        whole => panic!("{whole:?}"),
    }
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_whole() {
    let app = with_an_order().await;
    assert!(
        matches!(app.store.verify_audit().await.unwrap(), Verified::Whole { entries } if entries >= 4)
    );
}

#[tokio::test]
async fn each_way_of_tampering_is_found() {
    let tampering = [
        "UPDATE audit_entry SET at = at + 1 WHERE sequence = 2",
        "UPDATE audit_entry SET actor_member = 1 WHERE sequence = 3",
        "UPDATE audit_entry SET kind = 'batch' WHERE sequence = 3",
        "DELETE FROM audit_entry WHERE sequence = 2",
        "DELETE FROM audit_entry WHERE sequence = (SELECT MAX(sequence) FROM audit_entry)",
        "UPDATE audit_entry SET sequence = sequence + 100 WHERE sequence = (SELECT MAX(sequence) FROM audit_entry)",
        "UPDATE deletion SET lead = 17 WHERE id = 1",
        "UPDATE deletion SET state = 'removed' WHERE id = 2",
        "DELETE FROM deletion WHERE id = 3",
        "INSERT INTO deletion (lead, deletion_order, state, act, at) SELECT 9, deletion_order, state, act, at FROM deletion LIMIT 1",
        "UPDATE deletion SET act = x'00000000000000000000000000000001' WHERE id = 1",
        "UPDATE audit_text SET text = 'Nothing of the kind'",
        "UPDATE audit_text SET text = NULL",
        "DELETE FROM audit_text",
        "INSERT INTO audit_text (act, name, text, salt) VALUES (x'01', 'details', 'x', x'02')",
        "UPDATE deletion_order SET erased = erased - 1, skipped = skipped + 1",
        "UPDATE deletion_order SET erased = erased - 1, confirmed = confirmed - 1",
        "UPDATE deletion_order SET reason = 'outdated'",
        "UPDATE deletion_order SET must_be_carried_out = 1 - must_be_carried_out",
        "UPDATE deletion_order SET member = member - 1",
        "UPDATE deletion_order SET at = at + 1",
        "UPDATE deletion_order SET work_stack = 2",
        "UPDATE deletion_order SET erased = erased + 1, confirmed = confirmed + 1",
        "INSERT INTO deletion_order (id, act, at, member, reason, must_be_carried_out, undo_until, confirmed, waiting) \
         SELECT x'00000000000000000000000000000001', act, at, member, reason, 0, 0, 0, 0 FROM deletion_order",
        "UPDATE audit_head SET hash = zeroblob(32)",
    ];
    for statement in tampering {
        let app = with_an_order().await;
        unlocked(&app.store).await;
        app.write(statement, []).await;
        let (_, why) = broken(&app).await;
        assert!(why.ends_with('.'), "{statement}: {why}");
    }
}

#[tokio::test]
async fn details_that_were_redacted_leave_it_whole_and_those_that_only_say_so_dont() {
    let app = with_an_order().await;
    unlocked(&app.store).await;
    let blacked_out =
        "UPDATE audit_text SET text = NULL, redacted_at = 1795514400000, redacted_by = 4";
    app.write(blacked_out, []).await;
    let (entry, why) = broken(&app).await;
    assert_eq!(
        (entry, why.as_str()),
        (
            Some(
                app.number("SELECT sequence FROM audit_entry WHERE kind = 'order-confirmed'")
                    .await
            ),
            "Its text “details” was removed without a redaction."
        )
    );

    let app = with_an_order().await;
    let admin = app.sign_in("admin@demo.test").await;
    let order: Vec<u8> =
        server::store::sql::value(app.store.reader(), "SELECT id FROM deletion_order", [])
            .await
            .unwrap()
            .unwrap();
    let order = serde_json::json!({ "order": uuid::Uuid::from_slice(&order).unwrap() });
    let _: serde_json::Value = app.ask_for(&admin, "orders/redact", order).await;
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        Verified::Whole { .. }
    ));
}

#[tokio::test]
async fn an_order_says_who_and_why_as_its_entry_does_however_it_was_made() {
    let app = TestApp::demo(40).await;
    let admin = app.sign_in("admin@demo.test").await;
    // By the X, without an order before it.
    let urgent = r#"{"urgent":{"lead":"L-4","because":{"reason":"other","details":"Asked by telephone","sentence_confirmed":false}}}"#;
    let deleted = app
        .call(Some(&admin), "urgent-deletions/delete-now", urgent)
        .await;
    assert_eq!(deleted.status, 200, "{}", deleted.body);
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        Verified::Whole { .. }
    ));
    app.write("UPDATE deletion_order SET reason = 'outdated'", [])
        .await;
    let (entry, why) = broken(&app).await;
    assert!(entry.is_some(), "{why}");
}
