//! The log: numbers, codes and places, and nothing that somebody typed.

use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use crate::test_app::TestApp;
use crate::test_database::is_postgres;
use serde_json::{Value, json};

const TYPED: &str = "Xqtyped\r\n\u{1b}[31mERROR all is lost";
const ENCODED: &str = "Xqtyped%0D%0A%1B%5B31mERROR";
const ID: &str = "00000000-0000-0000-0000-000000000001";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Types it everywhere.
async fn type_it(app: &TestApp, admin: &str) {
    let twice = format!("email={ENCODED}&password={ENCODED}&next={ENCODED}");
    app.form(None, "/sign-in", &twice).await;
    app.form(None, "/sign-in/demo", &twice).await;
    app.form(
        Some(admin),
        "/theme",
        &format!("theme={ENCODED}&back={ENCODED}"),
    )
    .await;
    app.page(Some("layer=Xqtyped"), "/account").await;
    for path in [
        "/leads/",
        "/no/",
        "/work-stacks/1?q=",
        "/import?id=",
        "/pkg/",
        "/api/",
    ] {
        app.page(Some(admin), &format!("{path}{ENCODED}")).await;
    }
    let view = json!({ "work_stack": 1, "search": TYPED, "order": null, "hide_deletions": null });
    let after = json!({ "key": TYPED, "lead": "L-1" });
    let because = json!({ "reason": "other", "details": TYPED, "sentence_confirmed": false });
    let ways: [(&str, Value); 9] = [
        (
            "work-stacks/rows",
            json!({ "request": { "view": view, "as_of": { "sequence": 1, "highest": "L-9", "at": 0 }, "from": { "after": after } } }),
        ),
        (
            "queue/rows",
            json!({ "request": { "tab": "open", "search": TYPED, "after": null } }),
        ),
        ("removals/preview", json!({ "search": TYPED })),
        (
            "removals/remove",
            json!({ "removal": { "search": TYPED, "groups": [], "note": TYPED } }),
        ),
        (
            "drafts/confirm",
            json!({ "confirmation": {
            "draft": ID, "reason": TYPED, "details": TYPED, "typed": TYPED, "sentence_confirmed": false } }),
        ),
        (
            "ask-first/ask",
            json!({ "asking": { "draft": ID, "words": TYPED } }),
        ),
        (
            "urgent-deletions/delete-now",
            json!({ "urgent": { "lead": "L-2", "because": because } }),
        ),
        (
            "audit/log",
            json!({ "request": { "before": null, "act": TYPED } }),
        ),
        ("leads/lead", json!({ "lead": TYPED })),
    ];
    for (endpoint, arguments) in ways {
        app.call(Some(admin), endpoint, &arguments.to_string())
            .await;
    }
}

#[tokio::test]
async fn nothing_that_somebody_typed_reaches_the_log() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter("info")
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let app = TestApp::demo(20).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.write(
        "UPDATE lead SET name = $1, source = $1, owner = $1",
        [TYPED.into()],
    )
    .await;
    // A lead that can't be deleted is told in the log.
    app.write(
        "CREATE TABLE claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)",
        [],
    )
    .await;
    app.write("INSERT INTO claim (lead) VALUES (2)", []).await;
    type_it(&app, &admin).await;
    // So is a fault of the database.
    app.write("DROP TABLE lead_key", []).await;
    app.write("DROP TABLE open_deletion", []).await;
    type_it(&app, &admin).await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let no_table = if is_postgres() {
        "does not exist"
    } else {
        "no such table"
    };
    for told in ["a lead could not be deleted", no_table] {
        assert!(log.contains(told), "the test is blind: {log}");
    }
    assert!(!log.contains("Xqtyped") && !log.contains('\u{1b}'), "{log}");
}
