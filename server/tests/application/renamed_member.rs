//! A person who acted is renamed, or gone: the entry holds their number, the page says the name of today, the chain is whole.

use domain::audit_log::AuditPage;
use server::store::audit_verify::Verified;
use server::store::sql;

use crate::test_app::TestApp;

/// Every entry's bytes that are hashed apart from numbers: facts and hash.
async fn entries(app: &TestApp) -> Vec<(Vec<u8>, Vec<u8>)> {
    sql::tuples(
        app.store.reader(),
        "SELECT facts, hash FROM audit_entry ORDER BY sequence",
        [],
    )
    .await
    .unwrap()
}

/// Who paused the queue, as the audit log says.
async fn who_paused(app: &TestApp, reader: &str) -> Vec<String> {
    let request = serde_json::json!({ "request": { "search": {}, "before": null } });
    let page: AuditPage = app.ask_for(reader, "audit/log", request).await;
    let rows = page
        .rows
        .into_iter()
        .filter(|row| row.act == "Queue paused");
    rows.map(|row| row.by).collect()
}

#[tokio::test]
async fn a_name_is_looked_up_and_never_in_an_entry() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let colleague = app.colleague(&admin, "Xqfirst", 4).await;
    let _: serde_json::Value = app
        .ask_for(&colleague, "queue/pause", serde_json::json!({}))
        .await;
    let before = entries(&app).await;
    let holds = |word: &str| {
        let word = word.as_bytes().to_owned();
        before
            .iter()
            .any(|(facts, _)| facts.windows(word.len()).any(|part| part == word))
    };
    assert!(!holds("Xqfirst") && !holds("xqfirst"));
    assert_eq!(who_paused(&app, &admin).await, ["Xqfirst"]);

    app.write(
        "UPDATE member SET name = 'Xqsecond' WHERE name = 'Xqfirst'",
        [],
    )
    .await;
    assert_eq!(who_paused(&app, &admin).await, ["Xqsecond"]);
    assert_eq!(entries(&app).await, before);

    let number = app
        .number("SELECT id FROM member WHERE name = 'Xqsecond'")
        .await;
    app.write("DELETE FROM session WHERE member = $1", [number.into()])
        .await;
    app.write("DELETE FROM member WHERE id = $1", [number.into()])
        .await;
    assert_eq!(who_paused(&app, &admin).await, [format!("member {number}")]);
    assert_eq!(entries(&app).await, before);
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        Verified::Whole { .. }
    ));
    // The chain itself says who, by number.
    let acted = format!(
        "SELECT COUNT(*) FROM audit_entry WHERE kind = 'queue-paused' AND actor_kind = 2 AND actor_member = {number}"
    );
    assert_eq!(app.number(&acted).await, 1);
}
