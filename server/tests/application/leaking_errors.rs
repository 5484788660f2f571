//! P30: an error says what to do, and nothing of what is inside.

use std::io::{Result, Write};
use std::panic;
use std::sync::{Arc, Mutex};

use crate::test_app::{TestApp, cookie, request};
use axum::body::Body;
use axum::http::StatusCode;
use server::web::headers::{broken, log_panics_by_place};

/// Words of the database, the language and the machine.
const INSIDE: [&str; 12] = [
    "sqlite",
    "sqlx",
    "select ",
    "insert ",
    "no such table",
    "constraint",
    "panicked",
    ".rs:",
    "/home",
    "/root",
    "backtrace",
    "unwrap",
];

fn check(what: &str, body: &str) {
    let body = body.to_lowercase();
    for word in INSIDE {
        assert!(!body.contains(word), "{what} tells {word:?}: {body}");
    }
}

#[tokio::test]
async fn a_broken_database_tells_a_number_and_nothing_else() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    app.write("DROP TABLE lead_key", []).await;
    app.write("DROP TABLE open_deletion", []).await;
    let request = r#"{"view":{"work_stack":1,"search":"anna","order":null,"hide_deletions":null}}"#;
    let answer = app.call(Some(&admin), "work-stacks/grid", request).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        answer.body.contains(r#""code":"internal""#),
        "{}",
        answer.body
    );
    check("the grid", &answer.body);
    check(
        "the page",
        &app.page(Some(&admin), "/work-stacks/1").await.body,
    );
}

#[tokio::test]
async fn garbage_gets_a_sentence_and_a_true_status() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let long = format!(r#"{{"search":"{}"}}"#, "a".repeat(2 << 20));
    for (endpoint, arguments) in [
        ("drafts/confirm", "{"),
        ("drafts/confirm", "[]"),
        (
            "drafts/confirm",
            r#"{"confirmation":{"draft":"'; DROP TABLE lead; --"}}"#,
        ),
        (
            "leads/lead",
            r#"{"request":{"lead":"L-99999999999999999999","contact_records":20,"activities":20}}"#,
        ),
        (
            "leads/lead",
            r#"{"request":{"lead":-1,"contact_records":20,"activities":20}}"#,
        ),
        ("removals/preview", &long),
        ("work-stacks/grid", "\u{0}"),
        ("no/such/function", "{}"),
        ("removals/preview", r#"{"search":"\ud800"}"#),
        (
            "work-stacks/grid",
            r#"{"view":{"work_stack":1,"search":"","order":{"by":"name; DROP TABLE lead","descending":false},"hide_deletions":null}}"#,
        ),
        (
            "queue/rows",
            r#"{"request":{"tab":"' OR 1 = 1","search":"","after":null}}"#,
        ),
        ("work-stacks/erased-from", r#"{"stack":"1"}"#),
        ("work-stacks/erased-from", r#"{"stack":1e3}"#),
    ] {
        let answer = app.call(Some(&admin), endpoint, arguments).await;
        assert!(
            answer.status.is_client_error(),
            "{endpoint}: {} {}",
            answer.status,
            answer.body
        );
        check(endpoint, &answer.body);
    }
}

#[tokio::test]
async fn what_isnt_there_and_what_isnt_yours_answer_alike() {
    let app = TestApp::demo(5).await;
    // A stack that the agent doesn't see.
    app.write(
        "INSERT INTO work_stack (id, name, position, filter) VALUES (77, 'Secret', 77, '{}')",
        [],
    )
    .await;
    let agent = app.sign_in("agent@demo.test").await;
    let ask = |stack: i64| {
        format!(
            r#"{{"view":{{"work_stack":{stack},"search":"","order":null,"hide_deletions":null}}}}"#
        )
    };
    let hidden = app.call(Some(&agent), "work-stacks/grid", &ask(77)).await;
    let missing = app.call(Some(&agent), "work-stacks/grid", &ask(78)).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!((hidden.status, hidden.body), (missing.status, missing.body));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_alike_and_the_eleventh_try_waits() {
    let app = TestApp::empty(false).await;
    let member = server::store::member::NewMember {
        email: "ada@layer.test".into(),
        name: "Ada".into(),
        role: "layer admin".into(),
        password: "correct horse".into(),
    };
    app.store.add_member(member).await.unwrap();
    let wrong = app
        .form(None, "/sign-in", "email=ada%40layer.test&password=x")
        .await;
    let unknown = app
        .form(None, "/sign-in", "email=bob%40layer.test&password=x")
        .await;
    assert_eq!(wrong.headers["location"], unknown.headers["location"]);
    let right = app
        .form(
            None,
            "/sign-in",
            "email=Ada%40Layer.test&password=correct+horse&next=%2Forders",
        )
        .await;
    assert_eq!(right.headers["location"], "/orders");
    for _ in 0..10 {
        app.form(None, "/sign-in", "email=ada%40layer.test&password=x")
            .await;
    }
    let late = app
        .form(
            None,
            "/sign-in",
            "email=ada%40layer.test&password=correct+horse",
        )
        .await;
    assert!(
        late.headers["location"]
            .to_str()
            .unwrap()
            .contains("wrong=many")
    );
    // The address that was typed, and no session.
    assert!(
        late.headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("sign-in-email=")
    );
    assert_eq!(late.headers.get_all("set-cookie").iter().count(), 1);
    app.clock.advance(15 * 60 * 1000);
    let later = app
        .form(
            None,
            "/sign-in",
            "email=ada%40layer.test&password=correct+horse",
        )
        .await;
    assert!(
        !later.headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("sign-in-email=")
    );
    // The demo's people are no way in without --demo.
    let demo = app
        .form(None, "/sign-in/demo", "email=admin%40demo.test")
        .await;
    assert!(!demo.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_page_has_its_headers_and_each_its_own_nonce() {
    let app = TestApp::demo(5).await;
    let one = app.page(None, "/sign-in").await;
    let two = app.page(None, "/sign-in").await;
    for name in [
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "content-security-policy",
    ] {
        assert!(one.headers.contains_key(name), "{name}");
    }
    assert_ne!(
        one.headers["content-security-policy"],
        two.headers["content-security-policy"]
    );
    let request = request("GET", "/livez", None).body(Body::empty()).unwrap();
    assert_eq!(
        app.send(request).await.headers["x-content-type-options"],
        "nosniff"
    );
}

/// A log that a test reads.
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

#[test]
fn a_panic_is_logged_by_its_place_and_never_by_its_message() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let before = panic::take_hook();
    let status = tracing::subscriber::with_default(subscriber, || {
        log_panics_by_place();
        let panic = panic::catch_unwind(|| panic!("no such telephone: {}", "Ada Lovelace"));
        broken(panic.unwrap_err()).status()
    });
    panic::set_hook(before);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("Ada") && !log.contains("telephone"), "{log}");
    // The panic itself, and the number that the person was told.
    assert_eq!(log.matches("leaking_errors.rs:").count(), 2, "{log}");
}

#[tokio::test]
async fn a_session_ends_a_week_after_it_was_last_used_and_the_cookie_outlives_it() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    const ENDS: &str = "SELECT MAX(expires_at) FROM session";
    let app = TestApp::demo(5).await;
    let signed_in = app
        .form(None, "/sign-in/demo", "email=admin@demo.test")
        .await;
    let kept = signed_in.headers["set-cookie"].to_str().unwrap();
    assert!(
        kept.contains("Max-Age=34560000") || kept.contains("Max-Age=34559999"),
        "{kept}"
    );
    let admin = cookie(&signed_in);
    for _ in 0..3 {
        let ends = app.number(ENDS).await;
        app.clock.advance(6 * DAY);
        assert_eq!(
            app.page(Some(&admin), "/account").await.status,
            StatusCode::OK
        );
        // It is put off after the answer.
        while app.number(ENDS).await == ends {
            tokio::task::yield_now().await;
        }
    }
    app.clock.advance(7 * DAY);
    let late = app.page(Some(&admin), "/account").await;
    assert_eq!(late.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn ten_megabytes_of_text_are_refused_before_they_are_read() {
    let app = TestApp::demo(3).await;
    let manager = app.sign_in("manager@demo.test").await;
    let before = app.everything().await;
    for (endpoint, body) in [
        (
            "drafts/confirm",
            r#"{"confirmation":{"draft":"00000000-0000-0000-0000-000000000001","reason":"duplicate","details":"@","typed":"","sentence_confirmed":false}}"#,
        ),
        (
            "ask-first/ask",
            r#"{"asking":{"draft":"00000000-0000-0000-0000-000000000001","words":"@"}}"#,
        ),
    ] {
        let body = body.replace('@', &"x".repeat(10 << 20));
        let answer = app.call(Some(&manager), endpoint, &body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{endpoint}");
        assert!(answer.body.len() < 1_000);
    }
    assert_eq!(app.everything().await, before);
}

#[tokio::test]
async fn a_wrong_password_keeps_the_address_that_was_typed_and_its_own_page_alone_shows_it() {
    let app = TestApp::empty(false).await;
    let typed = "email=ann%2Bx%40layer.test&password=secret";
    let wrong = app.form(None, "/sign-in", typed).await;
    let back = wrong.headers["location"].to_str().unwrap().to_owned();
    assert!(!back.contains("layer.test"), "{back}");
    let set = wrong.headers["set-cookie"].to_str().unwrap();
    for part in ["Path=/sign-in", "Max-Age=60", "HttpOnly", "SameSite=Lax"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("secret"));
    let kept = cookie(&wrong);
    let page = app.page(Some(&kept), &back).await;
    assert!(
        page.body.contains("value=\"ann+x@layer.test\""),
        "{}",
        page.body
    );
    for (session, path) in [(None, back.as_str()), (Some(kept.as_str()), "/sign-in")] {
        let page = app.page(session, path).await;
        assert!(!page.body.contains("ann+x"), "{path}");
    }
}
