//! The audit log names nobody: what was typed can be blacked out without breaking it, and of erased leads it has numbers alone.

use serde_json::{Value, json};
use server::store::audit_verify::Verified;
use server::store::sql;

use crate::tamper::times;
use crate::test_app::TestApp;
use crate::test_database::skips_on_postgres;

/// All that is in the database's file, its write-ahead log, its columns, the export and the log's first page.
async fn everything_there(app: &TestApp, admin: &str) -> Vec<u8> {
    let mut all = app
        .form(Some(admin), "/audit-log/export", "")
        .await
        .body
        .into_bytes();
    let request = json!({ "request": { "search": {}, "before": null } });
    let page: Value = app.ask_for(admin, "audit/log", request).await;
    all.extend(page.to_string().bytes());
    let database = app.store.database();
    while !database.checkpoint().await.unwrap() {}
    let file = database.file().unwrap();
    all.extend(std::fs::read(file).unwrap());
    let log = file.with_file_name("layer.db-wal");
    all.extend(std::fs::read(log).unwrap_or_default());
    all
}

fn count(all: &[u8], word: &str) -> usize {
    all.windows(word.len())
        .filter(|part| *part == word.as_bytes())
        .count()
}

#[tokio::test]
async fn many_details_are_blacked_out_and_the_log_stays_whole() {
    if skips_on_postgres("its files hold old rows until VACUUM; docs/postgresql.md says so") {
        return;
    }
    let orders = times(50);
    let app = TestApp::demo(orders + 1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let mut made = Vec::new();
    for lead in 1..=orders + 1 {
        let asked = json!({ "stack": 1, "selection": { "Leads": [format!("L-{lead}")] } });
        let draft: Value = app.ask_for(&admin, "drafts/leads", asked).await;
        let confirmation = json!({ "confirmation": {
            "draft": draft["id"], "reason": "other", "details": format!("Xqcanary{lead} asked"), "typed": "",
            "sentence_confirmed": false
        }});
        let confirmed: Value = app.ask_for(&admin, "drafts/confirm", confirmation).await;
        made.push(confirmed["order"].clone());
        app.clock.advance(1);
    }
    let last = made.pop().unwrap();
    for order in &made {
        app.clock.advance(1);
        let order = json!({ "order": order });
        let _: Value = app.ask_for(&admin, "orders/redact", order).await;
    }
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        Verified::Whole { .. }
    ));
    let all = everything_there(&app, &admin).await;
    let left = format!("Xqcanary{}", orders + 1);
    let found = count(&all, "Xqcanary");
    assert!(found > 0, "the search is blind");
    assert_eq!(
        found,
        count(&all, &left),
        "a blacked-out text is still there"
    );
    for order in &made {
        let asked = json!({ "order": order, "part": null });
        let page: Value = app.ask_for(&admin, "orders/order", asked).await;
        let said = page["redacted"].as_str().unwrap();
        assert!(said.starts_with("Redacted by "), "{said}");
        assert_eq!(page["details"], Value::Null);
    }
    let order = json!({ "order": last });
    let _: Value = app.ask_for(&admin, "orders/redact", order).await;
    let all = everything_there(&app, &admin).await;
    assert_eq!(count(&all, "Xqcanary"), 0);
    println!("{orders} details blacked out, none found");
}

#[tokio::test]
async fn of_erased_leads_the_log_and_its_export_have_no_name_address_or_number() {
    let leads = times(1_000);
    let app = TestApp::demo(leads).await;
    let admin = app.sign_in("admin@demo.test").await;
    let on = app.store.reader();
    let mut words: Vec<String> = Vec::new();
    for statement in [
        "SELECT DISTINCT l.name FROM lead l WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.name = l.name)",
        "SELECT DISTINCT c.email FROM contact_record c WHERE c.email <> ''",
        "SELECT DISTINCT c.e164 FROM contact_record c WHERE c.e164 <> ''",
        "SELECT DISTINCT c.telephone FROM contact_record c WHERE c.telephone_valid = 1",
    ] {
        words.extend(sql::column::<String, _>(on, statement, []).await.unwrap());
    }
    assert!(words.len() > 2 * leads, "{}", words.len());
    let last = leads as i64;
    for first in (1..=last).step_by(5_000) {
        app.delete(&admin, first..=last.min(first + 4_999)).await;
    }
    let by = domain::audit::ActorRef::Worker;
    server::worker::drain(&app.store, false, by).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) FROM lead").await, 0);
    let erased = "SELECT COUNT(*) FROM deletion WHERE state = 'erased'";
    assert_eq!(app.number(erased).await, last);

    let export = app.form(Some(&admin), "/audit-log/export", "").await.body;
    let request = json!({ "request": { "search": {}, "before": null } });
    let page: Value = app.ask_for(&admin, "audit/log", request).await;
    let page = page.to_string();
    assert!(export.contains("Queue batch") && page.contains("Queue batch"));
    for word in &words {
        assert!(
            !export.contains(word.as_str()) && !page.contains(word.as_str()),
            "the audit log still has something of an erased lead"
        );
    }
    println!("{leads} erased, {} words, none found", words.len());
}
