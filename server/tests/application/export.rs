//! The audit log as a file: every entry once, whatever is looked for, with nothing in it that a spreadsheet would run.

use crate::test_app::TestApp;
use axum::http::StatusCode;

const ORDERED: &str = r#"{"stack":1,"selection":{"Leads":["L-1","L-2","L-3"]}}"#;

/// The demo with an order.
async fn with_an_order() -> (TestApp, String) {
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    let draft = app.call(Some(&admin), "drafts/leads", ORDERED).await;
    let draft: domain::draft::Draft = serde_json::from_str(&draft.body).unwrap();
    let confirmation = serde_json::json!({ "confirmation": {
        "draft": draft.id, "reason": "duplicate", "details": "", "typed": "", "sentence_confirmed": false
    }});
    let confirmed = app
        .call(Some(&admin), "drafts/confirm", &confirmation.to_string())
        .await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    (app, admin)
}

fn rows(body: &str) -> Vec<csv::StringRecord> {
    let body = body.strip_prefix('\u{feff}').unwrap();
    csv::Reader::from_reader(body.as_bytes())
        .records()
        .map(|row| row.unwrap())
        .collect()
}

#[tokio::test]
async fn every_entry_is_in_it_once_and_the_export_is_an_act() {
    let (app, admin) = with_an_order().await;
    let before = app.number("SELECT COUNT(*) FROM audit_entry").await;
    let answer = app.form(Some(&admin), "/audit-log/export", "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"layer-audit-log-2026-11-24.csv\""
    );
    assert!(answer.body.contains("When (Europe/London)"));
    let rows = rows(&answer.body);
    let sequences: Vec<i64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(sequences, (1..=before).collect::<Vec<_>>());
    let order = rows.last().unwrap();
    assert_eq!(&order[1], "2026-11-24 10:00:00");
    assert_eq!(&order[2], "2026-11-24T10:00:00Z");
    assert_eq!(&order[4], "Deletion ordered");
    assert_eq!(&order[5], "3 leads, Duplicate, from All leads");
    assert_eq!(order[7].len(), 64);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit_entry WHERE kind = 'exported'")
            .await,
        1
    );
    assert!(matches!(
        app.store.verify_audit().await.unwrap(),
        server::store::audit_verify::Verified::Whole { .. }
    ));
}

#[tokio::test]
async fn it_has_what_is_looked_for_and_its_entry_says_what_that_was() {
    let (app, admin) = with_an_order().await;
    let fields = "by=&act=order-confirmed&reason=duplicate&from=2026-11-24&to=2026-11-24&lead=L-2";
    let answer = app.form(Some(&admin), "/audit-log/export", fields).await;
    assert_eq!(rows(&answer.body).len(), 1);
    let again = app
        .form(Some(&admin), "/audit-log/export", "act=exported")
        .await;
    let again = rows(&again.body);
    assert_eq!(
        &again[0][5],
        "the audit log, Deletion ordered, Duplicate, from 2026-11-24 00:00 UTC, until 2026-11-25 00:00 UTC, L-2"
    );
    let nothing = app
        .form(Some(&admin), "/audit-log/export", "from=2027-01-01")
        .await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert_eq!(rows(&nothing.body).len(), 0);
    let wrong = app
        .form(Some(&admin), "/audit-log/export", "from=yesterday")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn no_name_becomes_a_formula() {
    let (app, admin) = with_an_order().await;
    app.write(
        "UPDATE member SET name = '=HYPERLINK(\"http://evil.test\")' WHERE email = 'admin@demo.test'",
        [],
    )
    .await;
    app.write(
        "UPDATE reason SET label = '@SUM(1)' WHERE code = 'duplicate'",
        [],
    )
    .await;
    let answer = app.form(Some(&admin), "/audit-log/export", "").await;
    for row in rows(&answer.body) {
        for cell in &row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert!(answer.body.contains("'=HYPERLINK"));
}

#[tokio::test]
async fn a_long_log_comes_in_pieces() {
    let (app, admin) = with_an_order().await;
    // As many as three pieces have, with hashes that nobody asks for here.
    app.write(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
         INSERT INTO audit_entry (sequence, at, act, actor_kind, kind, facts, hash) \
         SELECT (SELECT MAX(sequence) FROM audit_entry) + i, 1795514400000, randomblob(16), 0, 'batch', x'00000000', zeroblob(32) \
         FROM n",
        [],
    )
    .await;
    app.write(
        "UPDATE audit_head SET sequence = (SELECT MAX(sequence) FROM audit_entry)",
        [],
    )
    .await;
    let all = app.number("SELECT COUNT(*) FROM audit_entry").await;
    let answer = app.form(Some(&admin), "/audit-log/export", "").await;
    let rows = rows(&answer.body);
    assert_eq!(rows.len() as i64, all);
    let mut sequences: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    sequences.dedup();
    assert_eq!(sequences.len() as i64, all);
}
