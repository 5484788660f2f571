//! Every way in has a rule: endpoint, page and route × role × status. One that isn't listed here fails.
//! What is refused leaves the database as it was, but for the security event.

use std::collections::BTreeSet;

use crate::test_app::{ROLES, TestApp, request};
use axum::http::StatusCode;
use domain::permission::Permission::{self, *};
use domain::permission::first_roles;

/// Who may.
#[derive(Clone, Copy)]
pub enum Rule {
    /// Anybody.
    Open,
    /// Who is signed in.
    SignedIn,
    /// Who has this permission.
    May(Permission),
}
use Rule::*;

const ID: &str = "00000000-0000-0000-0000-000000000001";

/// Endpoint, rule, arguments, and the status for who may.
pub fn server_functions() -> Vec<(&'static str, Rule, String, u16)> {
    let view = r#"{"work_stack":1,"search":"L-999999","order":null,"hide_deletions":null}"#;
    let as_of = r#"{"sequence":1,"highest":"L-30","at":0}"#;
    let lead = r#"{"lead":"L-999999"}"#.to_owned();
    let order = format!(r#"{{"order":"{ID}"}}"#);
    let draft = format!(r#"{{"draft":"{ID}"}}"#);
    let import = format!(r#"{{"import":"{ID}"}}"#);
    let hours = r#"{"form":{"zone":"Mars/Base","week":[null,null,null,null,null,null,null],"closed_days":"","undo_time":"10","region":"GB"}}"#.to_owned();
    let none = || "{}".to_owned();
    let confirmation = format!(
        r#"{{"confirmation":{{"draft":"{ID}","reason":"duplicate","details":"","typed":"","sentence_confirmed":false}}}}"#
    );
    vec![
        ("session/shell", SignedIn, none(), 200),
        ("session/sign-in-options", Open, none(), 200),
        (
            "work-stacks/grid",
            May(SeeLeads),
            format!(r#"{{"view":{view}}}"#),
            200,
        ),
        (
            "work-stacks/rows",
            May(SeeLeads),
            format!(r#"{{"request":{{"view":{view},"as_of":{as_of},"from":{{"number":0}}}}}}"#),
            200,
        ),
        (
            "work-stacks/reread",
            May(SeeLeads),
            format!(
                r#"{{"request":{{"view":{view},"as_of":{as_of},"had":0,"rows":[],"ticked":[]}}}}"#
            ),
            200,
        ),
        (
            "work-stacks/between",
            May(DeleteLeads),
            format!(
                r#"{{"request":{{"view":{view},"as_of":{as_of},"from":"L-999998","to":"L-999999"}}}}"#
            ),
            409,
        ),
        (
            "work-stacks/erased-from",
            May(SeeLeads),
            r#"{"stack":1,"before":null}"#.into(),
            200,
        ),
        ("work-stacks/settings", May(EditSettings), none(), 200),
        (
            "work-stacks/set-hides-deletions",
            May(EditSettings),
            r#"{"stack":999,"hides":true}"#.into(),
            404,
        ),
        (
            "work-stacks/editor",
            May(EditSettings),
            r#"{"stack":999}"#.into(),
            404,
        ),
        (
            "work-stacks/count",
            May(EditSettings),
            r#"{"filter":{}}"#.into(),
            200,
        ),
        (
            "work-stacks/save",
            May(EditSettings),
            r#"{"form":{"stack":null,"version":null,"name":"","filter":{},"roles":[],"columns":[],"order":{"by":"lead","descending":false},"hides_deletions":true}}"#
                .into(),
            422,
        ),
        (
            "work-stacks/move",
            May(EditSettings),
            r#"{"stack":999,"up":true}"#.into(),
            404,
        ),
        (
            "work-stacks/delete",
            May(EditSettings),
            r#"{"stack":999,"version":null}"#.into(),
            404,
        ),
        (
            "leads/lead",
            May(SeeLeads),
            r#"{"request":{"lead":"L-999999","contact_records":20,"activities":20}}"#.into(),
            404,
        ),
        (
            "leads/edit",
            May(EditLeads),
            r#"{"edit":{"lead":"L-999999","revision":1,"change":{"write-note":{"text":"Called"}}}}"#
                .into(),
            404,
        ),
        (
            "palette/find",
            May(SeeLeads),
            r#"{"typed":"L-999999"}"#.into(),
            200,
        ),
        (
            "who-may/permission",
            SignedIn,
            r#"{"permission":"delete-leads"}"#.into(),
            200,
        ),
        (
            "drafts/leads",
            May(DeleteLeads),
            r#"{"stack":1,"selection":{"Leads":["L-999999"]}}"#.into(),
            404,
        ),
        (
            "drafts/matching",
            May(DeleteAll),
            format!(r#"{{"selection":{{"Matching":{{"view":{view},"as_of":{as_of},"except":["L-999998"]}}}}}}"#),
            409,
        ),
        (
            "drafts/confirm",
            May(DeleteLeads),
            confirmation.clone(),
            409,
        ),
        (
            "ask-first/ask",
            May(DeleteLeads),
            format!(r#"{{"asking":{{"draft":"{ID}","words":"Twins?"}}}}"#),
            409,
        ),
        ("ask-first/seen", May(DeleteLeads), none(), 200),
        ("ask-first/draft", May(RunQueue), draft.clone(), 404),
        (
            "ask-first/leads",
            May(RunQueue),
            format!(r#"{{"draft":"{ID}","after":"L-1"}}"#),
            404,
        ),
        (
            "ask-first/redact",
            May(RedactDetails),
            draft.clone(),
            404,
        ),
        ("ask-first/open", May(RunQueue), draft, 404),
        (
            "ask-first/confirm",
            May(RunQueue),
            confirmation.clone(),
            409,
        ),
        (
            "ask-first/dismiss",
            May(RunQueue),
            format!(r#"{{"dismissal":{{"draft":"{ID}","words":""}}}}"#),
            404,
        ),
        (
            "orders/order",
            May(SeeQueue),
            format!(r#"{{"order":"{ID}","part":null}}"#),
            404,
        ),
        (
            "orders/rows",
            May(SeeQueue),
            format!(r#"{{"order":"{ID}","part":"waiting","after":0}}"#),
            404,
        ),
        (
            "orders/mine",
            May(DeleteLeads),
            r#"{"after":null}"#.into(),
            200,
        ),
        ("orders/redact", May(RedactDetails), order.clone(), 404),
        ("orders/undo", May(DeleteLeads), order, 404),
        ("queue/lead-management", May(SeeQueue), none(), 200),
        (
            "queue/rows",
            May(SeeQueue),
            r#"{"request":{"tab":"open","search":"L-999999","after":null}}"#.into(),
            200,
        ),
        ("queue/deletion-chart", May(SeeQueue), none(), 200),
        (
            "queue/run-now",
            May(RunQueue),
            r#"{"also_younger":false}"#.into(),
            200,
        ),
        ("queue/pause", May(RunQueue), none(), 200),
        ("queue/resume", May(RunQueue), none(), 200),
        ("queue/retry", May(RunQueue), lead.clone(), 409),
        ("queue/confirm-held", May(RunQueue), lead, 409),
        ("urgent-deletions/reasons", May(DeleteNow), none(), 200),
        (
            "urgent-deletions/delete-now",
            May(DeleteNow),
            r#"{"urgent":{"lead":"L-999999","because":{"reason":"outdated","details":"","sentence_confirmed":false}}}"#
                .into(),
            404,
        ),
        (
            "removals/preview",
            May(RemoveDeletions),
            r#"{"search":"L-999999"}"#.into(),
            200,
        ),
        (
            "removals/remove",
            May(RemoveDeletions),
            r#"{"removal":{"search":"L-999999","groups":[{"reason":"outdated","label":"Outdated","member":3,"by":"P. Lane","count":1,"newest":0,"must_be_carried_out":false}],"note":"Not these"}}"#
                .into(),
            200,
        ),
        (
            "removals/undo",
            May(RemoveDeletions),
            format!(r#"{{"removal":"{ID}"}}"#),
            404,
        ),
        (
            "removals/redact",
            May(RedactDetails),
            format!(r#"{{"order":"{ID}","removal":"{ID}"}}"#),
            404,
        ),
        (
            "audit/log",
            May(ReadAudit),
            r#"{"request":{"before":null,"search":{"lead":"L-1","from":"2026-01-01"}}}"#.into(),
            200,
        ),
        ("audit/choices", May(ReadAudit), none(), 200),
        ("audit/verification", May(ReadAudit), none(), 200),
        ("audit/verify", May(ReadAudit), none(), 200),
        ("imports/import", May(ImportLeads), import.clone(), 404),
        (
            "imports/mapping",
            May(ImportLeads),
            format!(r#"{{"import":"{ID}","mapping":["name"]}}"#),
            404,
        ),
        ("imports/start", May(ImportLeads), import, 404),
        ("settings/hours", May(EditSettings), none(), 200),
        ("settings/save-hours", May(EditSettings), hours.clone(), 422),
        (
            "settings/preview-hours",
            May(EditSettings),
            hours.clone(),
            422,
        ),
        ("settings/reasons", May(EditSettings), none(), 200),
        (
            "settings/save-reason",
            May(EditSettings),
            r#"{"form":{"new":false,"code":"no-such","label":"X","details_demanded":false,"must_be_carried_out":false,"sentence":"","offered":true}}"#.into(),
            409,
        ),
        (
            "settings/move-reason",
            May(EditSettings),
            r#"{"code":"no-such","up":true}"#.into(),
            409,
        ),
        (
            "settings/delete-reason",
            May(EditSettings),
            r#"{"code":"no-such"}"#.into(),
            409,
        ),
        ("settings/members", May(EditMembers), none(), 200),
        (
            "settings/new-member",
            May(EditMembers),
            r#"{"form":{"name":"","email":"","role":99,"password":""}}"#.into(),
            422,
        ),
        (
            "settings/edit-member",
            May(EditMembers),
            r#"{"edit":{"member":99,"name":"X","role":1}}"#.into(),
            409,
        ),
        (
            "settings/set-active",
            May(EditMembers),
            r#"{"member":99,"active":false}"#.into(),
            409,
        ),
        (
            "settings/reset-password",
            May(EditMembers),
            r#"{"member":99,"password":"short"}"#.into(),
            422,
        ),
        ("settings/roles", May(EditMembers), none(), 200),
        (
            "settings/save-role",
            May(EditMembers),
            r#"{"form":{"role":null,"name":"","permissions":[]}}"#.into(),
            422,
        ),
        (
            "settings/delete-role",
            May(EditMembers),
            r#"{"role":99}"#.into(),
            409,
        ),
        ("account/account", SignedIn, none(), 200),
        (
            "account/change-password",
            SignedIn,
            r#"{"change":{"current":"","new":""}}"#.into(),
            409,
        ),
        // The last one: nobody is signed in after it.
        ("account/sign-out-everywhere", SignedIn, none(), 200),
    ]
}

fn may(role: &str, rule: Rule) -> bool {
    match rule {
        Open | SignedIn => true,
        May(permission) => first_roles()
            .iter()
            .any(|(name, permissions)| *name == role && permissions.contains(&permission)),
    }
}

#[tokio::test]
async fn every_server_function_has_a_rule_and_keeps_it() {
    let app = TestApp::demo(30).await;
    let rules = server_functions();
    let listed: BTreeSet<String> = rules
        .iter()
        .map(|(endpoint, ..)| format!("/api/{endpoint}"))
        .collect();
    let there: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.to_owned())
        .collect();
    assert_eq!(
        there, listed,
        "each server function needs a rule here, and each rule a server function"
    );

    let mut callers = vec![("nobody", None)];
    for (role, email) in ROLES {
        callers.push((role, Some(app.sign_in(email).await)));
    }
    let mut wrong = Vec::new();
    let mut before = app.everything().await;
    for (endpoint, rule, arguments, expected) in &rules {
        for (member, (caller, session)) in callers.iter().enumerate() {
            let right = match (rule, session) {
                (Open, _) => *expected,
                (_, None) => 401,
                (_, Some(_)) if may(caller, *rule) => *expected,
                _ => 403,
            };
            // Members are numbered as the roles stand; nobody has no number.
            let member = session.as_ref().map(|_| member as i64);
            let (events, all) = (
                app.refused_calls(member, endpoint).await,
                app.all_events().await,
            );
            let answer = app.call(session.as_deref(), endpoint, arguments).await;
            let status = answer.status.as_u16();
            if status != right {
                wrong.push(format!(
                    "{endpoint} for {caller}: {status} and not {right}: {}",
                    answer.body
                ));
            }
            let after = app.everything().await;
            // A try of a password is counted before it is looked at.
            if status >= 400 && (status != 409 || *endpoint != "account/change-password") {
                assert_eq!(
                    after, before,
                    "{endpoint} was refused for {caller} with {status} and changed something"
                );
            }
            before = after;
            // What isn't allowed or isn't there is kept once, under who called, and beside it nothing.
            let kept = i64::from(matches!(status, 401 | 403 | 404));
            let more = app.all_events().await - all;
            if app.refused_calls(member, endpoint).await - events != kept || kept == 1 && more != 1
            {
                wrong.push(format!(
                    "{endpoint} for {caller}: {status} left {more} events"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const EVENTS: &str =
    "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event WHERE code = 'forbidden'";

impl TestApp {
    /// How often something was kept.
    pub async fn all_events(&self) -> i64 {
        self.number("SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event")
            .await
    }

    /// How often this endpoint refused this person.
    async fn refused_calls(&self, member: Option<i64>, endpoint: &str) -> i64 {
        let by = member.map_or("IS NULL".to_owned(), |member| format!("= {member}"));
        self.number(&format!(
            "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event \
             WHERE member {by} AND endpoint = '{endpoint}' AND code IN ('signed-out', 'forbidden', 'not-found')"
        ))
        .await
    }
}

/// Every page, and who may read what is on it. Who may not gets the page with a sentence instead.
const PAGES: &[&str] = &[
    "/",
    "/account",
    "/audit-log",
    "/import",
    "/leads/{id}",
    "/orders",
    "/settings/business-hours",
    "/settings/lead-management",
    "/settings/lead-management/asked/{id}",
    "/settings/lead-management/orders/{id}",
    "/settings/members",
    "/settings/reasons",
    "/settings/members/roles",
    "/settings/work-stacks",
    "/settings/work-stacks/{id}",
    "/sign-in",
    "/work-stacks",
    "/work-stacks/{id}",
    "",
];

#[tokio::test]
async fn every_page_is_listed_and_sends_who_is_signed_out_to_the_sign_in_page() {
    let app = TestApp::demo(30).await;
    let there: BTreeSet<String> = server::web::PAGES
        .iter()
        .map(|listing| listing.path().to_owned())
        .collect();
    let listed: BTreeSet<String> = PAGES
        .iter()
        .filter(|page| !page.is_empty())
        .map(|page| (*page).to_owned())
        .collect();
    assert_eq!(there, listed);
    let before = app.everything().await;
    for page in listed {
        let path = page.replace("{id}", "1");
        let answer = app.page(None, &path).await;
        if path == "/sign-in" {
            assert_eq!(answer.status, StatusCode::OK);
        } else {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(
                answer.headers["location"]
                    .to_str()
                    .unwrap()
                    .starts_with("/sign-in?next=/"),
                "{path}"
            );
        }
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
    // Somebody who only reads without a session makes the server write nothing: that is no call, and they may go on.
    assert_eq!(app.everything().await, before);
    assert_eq!(app.all_events().await, 0);
}

#[tokio::test]
async fn every_page_renders_for_every_role() {
    let app = TestApp::demo(30).await;
    for (role, email) in ROLES {
        let session = app.sign_in(email).await;
        for page in PAGES.iter().filter(|page| !page.is_empty()) {
            let id = if page.contains("orders") || page.contains("asked") {
                ID
            } else if page.contains("leads") {
                "L-1"
            } else {
                "1"
            };
            let path = page.replace("{id}", id);
            let answer = app.page(Some(&session), &path).await;
            assert!(
                answer.status == StatusCode::OK
                    || answer.status.is_redirection()
                    || answer.status == StatusCode::NOT_FOUND
                    || answer.status == StatusCode::FORBIDDEN,
                "{path} for {role}: {}",
                answer.status
            );
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("script-src 'nonce-") && !policy.contains("script-src 'self'"),
                "{path}: {policy}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_without_the_right_answers_403_and_shows_nothing_of_it() {
    let app = TestApp::demo(30).await;
    let agent = app.sign_in("agent@demo.test").await;
    for page in [
        "/settings/lead-management",
        "/settings/members",
        "/settings/members/roles",
        "/settings/reasons",
        "/settings/business-hours",
        "/settings/work-stacks",
        "/settings/work-stacks/1",
        "/settings/work-stacks/new",
        "/audit-log",
        "/orders",
    ] {
        let answer = app.page(Some(&agent), page).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
        assert!(!answer.body.contains("auditor@demo.test"), "{page}");
    }
    let auditor = app.sign_in("auditor@demo.test").await;
    for page in ["/work-stacks/1", "/leads/L-1", "/import"] {
        let answer = app.page(Some(&auditor), page).await;
        assert_ne!(answer.status, StatusCode::OK, "{page}");
    }
}

#[tokio::test]
async fn routes_beside_the_pages_have_rules_too() {
    let app = TestApp::demo(5).await;
    let nobody = |method: &'static str, path: &'static str| request(method, path, None);
    let before = app.everything().await;
    for (path, kept) in [
        ("/live?since=0", 0),
        ("/import/upload", 1),
        ("/audit-log/export", 1),
    ] {
        let events = app.all_events().await;
        let method = if path.starts_with("/live") {
            "GET"
        } else {
            "POST"
        };
        let answer = app
            .send(
                nobody(method, path)
                    .body(axum::body::Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(app.all_events().await - events, kept, "{path}");
    }
    assert_eq!(app.everything().await, before);
    for path in ["/livez", "/readyz"] {
        let answer = app
            .send(nobody("GET", path).body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    let agent = app.sign_in("agent@demo.test").await;
    let upload = request("POST", "/import/upload", Some(&agent))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(axum::body::Body::from("--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName\r\nA\r\n--x--\r\n"))
        .unwrap();
    let mut sessions = Vec::new();
    for (role, email) in ROLES {
        sessions.push((role, app.sign_in(email).await));
    }
    let before = app.everything().await;
    let events = app.number(EVENTS).await;
    assert_eq!(app.send(upload).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.number(EVENTS).await, events + 1);
    for (role, session) in &sessions {
        if !may(role, May(ExportAudit)) {
            let events = app.number(EVENTS).await;
            let answer = app.form(Some(session), "/audit-log/export", "").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role}");
            assert_eq!(app.number(EVENTS).await, events + 1, "{role}");
        }
    }
    assert_eq!(app.everything().await, before);
    for (role, session) in &sessions {
        if may(role, May(ExportAudit)) {
            let answer = app.form(Some(session), "/audit-log/export", "").await;
            assert_eq!(answer.status, StatusCode::OK, "{role}");
        }
    }
    // Without a token set there are no metrics, not even for who is signed in.
    let admin = app.sign_in("admin@demo.test").await;
    for session in [None, Some(admin.as_str())] {
        let answer = app.page(session, "/metrics").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}
