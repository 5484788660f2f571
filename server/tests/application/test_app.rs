//! The whole application over a database of its own, asked as a browser asks it.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, LazyLock};

use crate::test_database::{self, TestDatabase};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use domain::time::Millis;
use sea_orm::Value;
use server::clock::SetClock;
use server::database::Priority;
use server::store::{Store, sql};
use server::web::live::Frames;
use server::web::trusted_proxy::{TrustedProxies, network};
use server::web::{Web, router};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tower::ServiceExt;

/// Tuesday, 24 November 2026, 10:00 in London.
pub const START: Millis = Millis(1_795_514_400_000);

/// The five roles, and how the demo's person of each signs in.
pub const ROLES: [(&str, &str); 5] = [
    ("Agent", "agent@demo.test"),
    ("Team Leader", "team-leader@demo.test"),
    ("Manager", "manager@demo.test"),
    ("Layer Admin", "admin@demo.test"),
    ("Auditor", "auditor@demo.test"),
];

/// Table and column of what no call changes, but time and what is done beside it.
const IN_THE_BACKGROUND: [(&str, &str); 4] = [
    // Put off after the answer, once a minute.
    ("session", "expires_at"),
    // A stack that was shown is counted after the answer.
    ("work_stack", "counted"),
    ("work_stack", "counted_at_sequence"),
    ("work_stack", "recounts"),
];

/// One test's application.
pub struct TestApp {
    pub store: Arc<Store>,
    pub clock: SetClock,
    routes: Router,
    stop: watch::Sender<bool>,
    database: Arc<TestDatabase>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// Requests are answered on one runtime with several threads, as in the program: what one leaves on a thread must never
/// reach another.
static RENDERING: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

impl TestApp {
    /// The demo with so many leads.
    pub async fn demo(leads: usize) -> Self {
        let app = Self::empty(true).await;
        server::demo::fill(&app.store, leads, 7).await.unwrap();
        app
    }

    /// A founded database without people and leads.
    pub async fn empty(demo: bool) -> Self {
        Self::on(Arc::new(TestDatabase::new()), SetClock::new(START), demo).await
    }

    /// The same where these proxies, addresses or networks, are trusted.
    pub async fn behind(proxies: &[&str]) -> Self {
        let mut app = Self::empty(false).await;
        let frames = Frames::start(app.store.clone(), app.stop.subscribe());
        let mut web = Web::new(app.store.clone(), frames, false);
        let networks = proxies.iter().map(|proxy| network(proxy).unwrap());
        web.trusted_proxies = TrustedProxies::new(&networks.collect::<Vec<_>>());
        app.routes = router(web);
        app
    }

    /// Another node on the same PostgreSQL, by the same clock.
    pub async fn another_node(&self) -> Self {
        let (database, clock) = (self.database.clone(), self.clock.clone());
        Self::on(database, clock, self.store.is_demo()).await
    }

    async fn on(database: Arc<TestDatabase>, clock: SetClock, demo: bool) -> Self {
        let db = database.open().await;
        let store = Arc::new(Store::new(db, Arc::new(clock.clone()), demo));
        store.found().await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let frames = Frames::start(store.clone(), stopped);
        let routes = router(Web::new(store.clone(), frames, false));
        Self {
            store,
            clock,
            routes,
            stop,
            database,
        }
    }

    /// Nothing is watched for the pages any more.
    pub fn close_streams(&self) {
        self.stop.send_replace(true);
    }

    /// Asks, and gives the answer as it comes: for streams.
    pub async fn ask(&self, request: Request<Body>) -> Response<Body> {
        let answer = RENDERING.spawn(self.routes.clone().oneshot(request));
        answer.await.unwrap().unwrap()
    }

    /// Asks within the caller's own task, so that who drops it drops what the server does, as axum does when a browser goes
    /// away.
    pub fn droppable(&self, request: Request<Body>) -> impl Future<Output = ()> + use<> {
        let answer = self.routes.clone().oneshot(request);
        async move {
            _ = answer.await;
        }
    }

    /// Asks, and reads the answer to its end.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.ask(request).await.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A page as this session sees it.
    pub async fn page(&self, session: Option<&str>, path: &str) -> Answer {
        self.send(
            request("GET", path, session)
                .header("accept", "text/html")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A server function as a page of this session calls it.
    pub async fn call(&self, session: Option<&str>, endpoint: &str, arguments: &str) -> Answer {
        let request = request("POST", &format!("/api/{endpoint}"), session)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, arguments.len())
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(arguments.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// A plain form.
    pub async fn form(&self, session: Option<&str>, path: &str, fields: &str) -> Answer {
        let request = request("POST", path, session)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(fields.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// Signs in as one of the demo's people; the session's cookie.
    pub async fn sign_in(&self, email: &str) -> String {
        let answer = self
            .form(None, "/sign-in/demo", &format!("email={email}"))
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.headers[LOCATION], "/");
        cookie(&answer)
    }

    /// The same with arguments as a value, which must be taken; the answer.
    pub async fn ask_for<T: serde::de::DeserializeOwned>(
        &self,
        session: &str,
        endpoint: &str,
        arguments: serde_json::Value,
    ) -> T {
        let answer = self
            .call(Some(session), endpoint, &arguments.to_string())
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{endpoint}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The same with arguments as a value, which must be refused with this status and change nothing; what it says.
    pub async fn refused(
        &self,
        session: &str,
        endpoint: &str,
        arguments: serde_json::Value,
        status: u16,
    ) -> String {
        let before = self.left_by_a_refusal_of(endpoint).await;
        let answer = self
            .call(Some(session), endpoint, &arguments.to_string())
            .await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{endpoint} {arguments}: {}",
            answer.body
        );
        assert_eq!(
            self.left_by_a_refusal_of(endpoint).await,
            before,
            "{endpoint} was refused and changed something"
        );
        answer.body
    }

    /// Signs in with a password; the session's cookie, or `None` where it was refused.
    pub async fn sign_in_with(&self, email: &str, password: &str) -> Option<String> {
        let fields = format!("email={email}&password={password}");
        let answer = self.form(None, "/sign-in", &fields).await;
        (answer.headers[LOCATION] == "/").then(|| cookie(&answer))
    }

    /// Adds a member as a Layer Admin does, with the password `password of NAME`; their session.
    pub async fn colleague(&self, admin: &str, name: &str, role: i64) -> String {
        let email = format!("{}@layer.test", name.to_lowercase());
        let form = serde_json::json!({ "form": {
            "name": name, "email": email, "role": role, "password": format!("password-of-{name}")
        }});
        let _: serde_json::Value = self.ask_for(admin, "settings/new-member", form).await;
        self.sign_in_with(&email, &format!("password-of-{name}"))
            .await
            .unwrap()
    }

    /// Orders the deletion of these leads.
    pub async fn delete(&self, session: &str, leads: std::ops::RangeInclusive<i64>) {
        let ids: Vec<String> = leads.map(|lead| format!("L-{lead}")).collect();
        let asked = serde_json::json!({ "stack": 1, "selection": { "Leads": ids } });
        let draft: domain::draft::Draft = self.ask_for(session, "drafts/leads", asked).await;
        let confirmation = serde_json::json!({ "confirmation": {
            "draft": draft.id, "reason": "outdated", "details": "", "typed": draft.counts.leads.to_string(),
            "sentence_confirmed": false
        }});
        let _: serde_json::Value = self.ask_for(session, "drafts/confirm", confirmation).await;
    }

    /// The newest entries of the audit log in words: what, and about what.
    pub async fn log(&self, count: usize) -> Vec<String> {
        let admin = self.sign_in("admin@demo.test").await;
        let request = serde_json::json!({ "request": { "search": {}, "before": null } });
        let page: domain::audit_log::AuditPage = self.ask_for(&admin, "audit/log", request).await;
        let rows = page.rows.into_iter().take(count);
        rows.map(|row| format!("{}: {}", row.act, row.about))
            .collect()
    }

    /// A number that a statement tells.
    pub async fn number(&self, statement: &str) -> i64 {
        let statement = test_database::in_its_words(statement);
        sql::value(self.store.reader(), &statement, [])
            .await
            .unwrap()
            .unwrap()
    }

    /// One statement, committed.
    pub async fn write<const N: usize>(&self, statement: &str, values: [Value; N]) {
        let writing = self.store.begin(Priority::Person).await.unwrap();
        let statement = test_database::in_its_words(statement);
        sql::execute(writing.tx(), &statement, values)
            .await
            .unwrap();
        writing.commit_quietly().await.unwrap();
    }

    /// A digest over every row of every table that the database has, less the security events: what is refused leaves one.
    pub async fn everything(&self) -> Vec<u8> {
        self.digest(|table| table != "security_event").await
    }

    /// The same for what this endpoint refuses. A try of a password is counted before it is looked at.
    async fn left_by_a_refusal_of(&self, endpoint: &str) -> Vec<u8> {
        let tries = endpoint == "account/change-password";
        self.digest(|table| table != "security_event" && !(tries && table == "sign_in_try"))
            .await
    }

    /// A digest over all leads, what belongs to them, and what is known to be deleted of them.
    pub async fn leads(&self) -> Vec<u8> {
        let of_leads = ["lead", "contact_record", "activity", "lead_key", "deletion"];
        self.digest(|table| of_leads.contains(&table)).await
    }

    async fn digest(&self, which: impl Fn(&str) -> bool) -> Vec<u8> {
        let on = self.store.reader();
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column) in test_database::schema(on).await {
            if !IN_THE_BACKGROUND.contains(&(&table, &column)) {
                tables.entry(table).or_default().push(column);
            }
        }
        tables.retain(|table, _| which(table));
        let mut digest = Sha256::new();
        for (table, columns) in tables {
            digest.update(&table);
            for row in test_database::rows(on, &table, &columns).await {
                digest.update(row);
            }
        }
        digest.finalize().to_vec()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// A request of this session.
pub fn request(method: &str, path: &str, session: Option<&str>) -> axum::http::request::Builder {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "layer.test");
    match session {
        Some(session) => request.header(COOKIE, session),
        None => request,
    }
}

/// The cookie that an answer sets, as it is sent back.
pub fn cookie(answer: &Answer) -> String {
    let set = answer.headers[SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}
