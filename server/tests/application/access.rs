//! Who may do what with which lead: every role, every endpoint that names a lead, an order or a work stack, wherever that one
//! is. What is refused leaves every table as it was and exactly one security event; what is out of one's scope answers as
//! what never was, to the byte.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::permission::Permission::{self, *};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use server::store::sql;

use crate::tamper::times;
use crate::test_app::{Answer, ROLES, TestApp};

/// Where a lead is for who sees the work stack Here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In one's stacks.
    Here,
    /// In one's stacks, and in the queue.
    QueuedHere,
    /// In none of them.
    Elsewhere,
    /// In none of them, and in the queue.
    QueuedElsewhere,
    /// Erased.
    Gone,
    /// It never was.
    Never,
}
use Place::*;

/// The first number of leads that never were.
pub const NEVER: i64 = 900_000;

/// Every endpoint that is about one lead, and the permission for it. Those that find leads are in [`crate::unseen_leads`].
pub const ABOUT_A_LEAD: [(&str, Permission); 6] = [
    ("leads/lead", SeeLeads),
    ("leads/edit", EditLeads),
    ("drafts/leads", DeleteLeads),
    ("urgent-deletions/delete-now", DeleteNow),
    ("queue/retry", RunQueue),
    ("queue/confirm-held", RunQueue),
];

fn arguments(endpoint: &str, lead: i64, revision: i64) -> Value {
    let lead = format!("L-{lead}");
    match endpoint {
        "leads/lead" => {
            json!({ "request": { "lead": lead, "contact_records": 20, "activities": 20 } })
        }
        "leads/edit" => json!({ "edit": {
            "lead": lead, "revision": revision, "change": { "write-note": { "text": "Called" } }
        }}),
        "drafts/leads" => json!({ "stack": 1, "selection": { "Leads": [lead] } }),
        "urgent-deletions/delete-now" => json!({ "urgent": { "lead": lead, "because": {
            "reason": "outdated", "details": "", "sentence_confirmed": false
        }}}),
        _ => json!({ "lead": lead }),
    }
}

/// Whether the role has the permission at first.
pub fn may(role: &str, permission: Permission) -> bool {
    let roles = domain::permission::first_roles();
    let mut found = roles.iter().filter(|(name, _)| *name == role);
    found.any(|(_, permissions)| permissions.contains(&permission))
}

/// The statuses that are right. What a queue shows whom is its own matter: X acts on what it shows.
fn right(role: &str, endpoint: &str, permission: Permission, place: Place) -> &'static [u16] {
    if !may(role, permission) {
        return &[403];
    }
    match (endpoint, place) {
        ("queue/retry" | "queue/confirm-held", _) => &[409],
        (_, Never) => &[404],
        ("urgent-deletions/delete-now", QueuedElsewhere) => &[200],
        // Who sees the order is told that it is gone.
        ("urgent-deletions/delete-now", Gone) => &[200],
        (_, Here | QueuedHere) => &[200],
        ("leads/lead" | "leads/edit", Gone) => &[404, 410],
        (_, Gone | Elsewhere | QueuedElsewhere) => &[404],
    }
}

/// The demo, half of whose leads are in everybody's one stack.
pub struct Scoped {
    pub app: TestApp,
    pub sessions: Vec<(&'static str, String)>,
    places: BTreeMap<i64, Place>,
}

impl Scoped {
    pub async fn new(leads: i64) -> Self {
        let app = TestApp::demo(leads as usize).await;
        let mut sessions = Vec::new();
        for (role, email) in ROLES {
            sessions.push((role, app.sign_in(email).await));
        }
        let (manager, tenth) = (sessions[2].1.clone(), leads / 10);
        let half = leads / 2;
        let mut places: BTreeMap<i64, Place> = (1..=leads)
            .map(|lead| (lead, if lead <= half { Here } else { Elsewhere }))
            .collect();
        for first in [1, half + 1] {
            app.delete(&manager, first..=first + tenth - 1).await;
            places.extend((first..first + tenth).map(|lead| (lead, Gone)));
        }
        let by = domain::audit::ActorRef::Worker;
        server::worker::drain(&app.store, false, by).await.unwrap();
        for (first, place) in [(1 + tenth, QueuedHere), (half + 1 + tenth, QueuedElsewhere)] {
            app.delete(&manager, first..=first + tenth - 1).await;
            places.extend((first..first + tenth).map(|lead| (lead, place)));
        }
        for statement in [
            "UPDATE lead SET source = 'There'".to_owned(),
            format!("UPDATE lead SET source = 'Here' WHERE id <= {half}"),
            "DELETE FROM work_stack_role".into(),
            r#"UPDATE work_stack SET is_all = 0, filter = '{"sources":["Here"]}' WHERE id = 1"#
                .into(),
            "INSERT INTO work_stack_role (work_stack, role) SELECT 1, id FROM role WHERE name <> 'Auditor'"
                .into(),
        ] {
            app.write(&statement, []).await;
        }
        for lead in NEVER..NEVER + leads / 10 {
            places.insert(lead, Never);
        }
        Self {
            app,
            sessions,
            places,
        }
    }

    /// The leads that were there at first.
    pub fn leads(&self, place: Place) -> Vec<i64> {
        let of_place = self.places.iter().filter(|(_, p)| **p == place);
        of_place.map(|(lead, _)| *lead).collect()
    }

    async fn revision(&self, lead: i64) -> i64 {
        let statement = format!("SELECT COALESCE(MAX(revision), 1) FROM lead WHERE id = {lead}");
        self.app.number(&statement).await
    }

    pub async fn events(&self) -> i64 {
        self.app.all_events().await
    }

    /// Asks; what is refused must have changed nothing and left one event, which has nothing of the lead.
    pub async fn ask(&self, role: &str, endpoint: &str, arguments: &Value) -> Answer {
        let session = self
            .sessions
            .iter()
            .find(|(name, _)| *name == role)
            .unwrap();
        let (before, events) = (self.app.everything().await, self.events().await);
        let answer = self
            .app
            .call(Some(&session.1), endpoint, &arguments.to_string())
            .await;
        let status = answer.status.as_u16();
        if status >= 400 {
            assert_eq!(
                self.app.everything().await,
                before,
                "{endpoint} {arguments} was refused for {role} with {status} and changed something"
            );
        }
        let kept = i64::from(matches!(status, 401 | 403 | 404));
        assert_eq!(
            self.events().await - events,
            kept,
            "{endpoint} {arguments} for {role}: {status}"
        );
        if kept == 1 {
            let event: (Option<i64>, String, String) = sql::tuple(
                self.app.store.reader(),
                "SELECT member, endpoint, code FROM security_event ORDER BY id DESC LIMIT 1",
                [],
            )
            .await
            .unwrap()
            .unwrap();
            let code = if status == 403 {
                "forbidden"
            } else {
                "not-found"
            };
            let place = ROLES.iter().position(|(name, _)| *name == role).unwrap();
            // One that repeats another's within the second is counted there.
            if event.1 == endpoint && event.2 == code {
                assert_eq!(event.0, Some(place as i64 + 1), "{endpoint} for {role}");
            }
        }
        answer
    }
}

#[tokio::test]
async fn every_role_and_endpoint_and_place_of_a_lead_has_its_answer() {
    let scoped = Scoped::new(60).await;
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (role, _) in ROLES {
        for (endpoint, permission) in ABOUT_A_LEAD {
            for place in [Elsewhere, QueuedElsewhere, Gone, Never, QueuedHere, Here] {
                // Another lead for each cell: what is allowed changes it.
                let mut left = Vec::new();
                for lead in scoped.leads(place) {
                    let there = format!("SELECT COUNT(*) FROM lead WHERE id = {lead}");
                    if matches!(place, Gone | Never) || scoped.app.number(&there).await == 1 {
                        left.push(lead);
                    }
                }
                let lead = left[left.len() - 1];
                let asked = arguments(endpoint, lead, scoped.revision(lead).await);
                let answer = scoped.ask(role, endpoint, &asked).await;
                let right = right(role, endpoint, permission, place);
                if !right.contains(&answer.status.as_u16()) {
                    wrong.push(format!(
                        "{role} {endpoint} {place:?}: {} and not {right:?}: {}",
                        answer.status, answer.body
                    ));
                }
                cells += 1;
            }
        }
    }
    println!("{cells} cells");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn orders_and_work_stacks_that_one_does_not_see_answer_as_if_they_were_none() {
    let scoped = Scoped::new(60).await;
    let never = "00000000-0000-0000-0000-000000000001";
    let order: Vec<u8> = sql::value(
        scoped.app.store.reader(),
        "SELECT id FROM deletion_order WHERE waiting > 0 LIMIT 1",
        [],
    )
    .await
    .unwrap()
    .unwrap();
    let order = uuid::Uuid::from_slice(&order).unwrap().to_string();
    let about_an_order = |endpoint: &str, order: &str| match endpoint {
        "orders/order" => json!({ "order": order, "part": null }),
        "orders/rows" => json!({ "order": order, "part": "waiting", "after": 0 }),
        _ => json!({ "order": order }),
    };
    for (role, endpoint) in [
        ("Team Leader", "orders/order"),
        ("Team Leader", "orders/rows"),
        ("Team Leader", "orders/undo"),
        ("Layer Admin", "orders/undo"),
    ] {
        let others = scoped
            .ask(role, endpoint, &about_an_order(endpoint, &order))
            .await;
        let none = scoped
            .ask(role, endpoint, &about_an_order(endpoint, never))
            .await;
        assert_eq!(others.status, 404, "{role} {endpoint}: {}", others.body);
        assert_eq!((others.status, &others.body), (none.status, &none.body));
    }
    // The manager's own order, for who lacks the right.
    for (role, endpoint) in [
        ("Agent", "orders/order"),
        ("Agent", "orders/rows"),
        ("Agent", "orders/undo"),
        ("Auditor", "orders/undo"),
        ("Manager", "orders/redact"),
        ("Team Leader", "orders/redact"),
        ("Auditor", "orders/redact"),
    ] {
        let refused = scoped
            .ask(role, endpoint, &about_an_order(endpoint, &order))
            .await;
        assert_eq!(refused.status, 403, "{role} {endpoint}: {}", refused.body);
    }
    let about_a_stack = |endpoint: &str, stack: i64| {
        let view =
            json!({ "work_stack": stack, "search": "", "order": null, "hide_deletions": null });
        let as_of = json!({ "sequence": 1, "highest": "L-30", "at": 0 });
        match endpoint {
            "work-stacks/grid" => json!({ "view": view }),
            "work-stacks/rows" => {
                json!({ "request": { "view": view, "as_of": as_of, "from": { "number": 0 } } })
            }
            "work-stacks/reread" => {
                json!({ "request": { "view": view, "as_of": as_of, "had": 0, "rows": [], "ticked": [] } })
            }
            "work-stacks/erased-from" => json!({ "stack": stack, "before": null }),
            "drafts/leads" => json!({ "stack": stack, "selection": { "Leads": ["L-20"] } }),
            _ => {
                json!({ "selection": { "Matching": { "view": view, "as_of": as_of, "except": [] } } })
            }
        }
    };
    for role in ["Agent", "Team Leader", "Manager", "Layer Admin"] {
        for (endpoint, permission) in [
            ("work-stacks/grid", SeeLeads),
            ("work-stacks/rows", SeeLeads),
            ("work-stacks/reread", SeeLeads),
            ("work-stacks/erased-from", SeeLeads),
            ("drafts/leads", DeleteLeads),
            ("drafts/matching", DeleteAll),
        ] {
            if !may(role, permission) {
                continue;
            }
            let others = scoped
                .ask(role, endpoint, &about_a_stack(endpoint, 2))
                .await;
            let none = scoped
                .ask(role, endpoint, &about_a_stack(endpoint, 999))
                .await;
            assert_eq!(others.status, 404, "{role} {endpoint}: {}", others.body);
            assert_eq!((others.status, &others.body), (none.status, &none.body));
        }
    }
}

#[tokio::test]
async fn no_number_tells_whether_there_is_a_lead_that_one_does_not_see() {
    let mut scoped = Scoped::new(times(400) as i64).await;
    let mut rng = StdRng::seed_from_u64(11);
    let leads: Vec<i64> = scoped.places.keys().copied().collect();
    let (mut wrong, mut counted) = (Vec::new(), BTreeMap::new());
    for turn in 0..times(1_000) {
        let (role, session) = scoped.sessions[rng.random_range(0..ROLES.len())].clone();
        let (endpoint, permission) = ABOUT_A_LEAD[rng.random_range(0..ABOUT_A_LEAD.len())];
        let lead = leads[rng.random_range(0..leads.len())];
        let place = scoped.places[&lead];
        let asked = arguments(endpoint, lead, scoped.revision(lead).await);
        let answer = scoped
            .app
            .call(Some(&session), endpoint, &asked.to_string())
            .await;
        let right = right(role, endpoint, permission, place);
        let status = answer.status.as_u16();
        if !right.contains(&status) {
            wrong.push(format!(
                "{turn} {role} {endpoint} {place:?}: {status} and not {right:?}: {}",
                answer.body
            ));
        }
        if status == 404 {
            let asked = arguments(endpoint, NEVER - 1, 1);
            let never = scoped
                .app
                .call(Some(&session), endpoint, &asked.to_string())
                .await;
            if (never.status, &never.body) != (answer.status, &answer.body) {
                wrong.push(format!(
                    "{turn} {role} {endpoint} {place:?}: {} and {} for none",
                    answer.body, never.body
                ));
            }
        }
        if endpoint == "urgent-deletions/delete-now" && status == 200 {
            scoped.places.insert(lead, Gone);
        }
        *counted.entry(status).or_insert(0) += 1;
    }
    println!("{counted:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(counted[&404] >= times(100) && counted[&200] >= times(100));
}

/// The middle one.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
#[ignore = "a measurement: a minute"]
async fn a_lead_that_one_does_not_see_takes_as_long_as_one_that_is_not_there() {
    let scoped = Scoped::new(400).await;
    for (endpoint, permission) in ABOUT_A_LEAD {
        for (role, session) in &scoped.sessions {
            let unseen = scoped
                .places
                .iter()
                .find(|(_, place)| {
                    **place == Elsewhere && right(role, endpoint, permission, **place) == [404]
                })
                .map(|(lead, _)| *lead);
            let Some(unseen) = unseen else { continue };
            let (mut others, mut none) = (Vec::new(), Vec::new());
            // One after the other, so that whatever else the machine does meets both.
            for turn in 0..2_000 {
                for (lead, times) in [(unseen, &mut others), (NEVER - 1 - turn, &mut none)] {
                    let asked = arguments(endpoint, lead, 1).to_string();
                    let begun = Instant::now();
                    let answer = scoped.app.call(Some(session), endpoint, &asked).await;
                    times.push(begun.elapsed());
                    assert_eq!(answer.status, 404, "{role} {endpoint}: {}", answer.body);
                }
            }
            let (others, none) = (median(others), median(none));
            let ratio = others.as_secs_f64() / none.as_secs_f64();
            println!("{role} {endpoint}: {others:?} and {none:?} where there is none, {ratio:.3}");
            assert!((0.95..1.05).contains(&ratio), "{role} {endpoint}: {ratio}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_refused_leaves_an_event_too() {
    let app = TestApp::demo(5).await;
    let events = async |endpoint: &str, code: &str| {
        app.number(&format!(
            "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event \
             WHERE endpoint = '{endpoint}' AND code = '{code}'"
        ))
        .await
    };
    let answer = app.page(None, "/live?since=0").await;
    assert_eq!(answer.status.as_u16(), 401);
    // Without a session nothing is written, whatever is read.
    assert_eq!(events("live", "signed-out").await, 0);
    let agent = app.sign_in("agent@demo.test").await;
    for (page, route) in [
        ("/audit-log", "audit-log"),
        ("/settings/members", "settings/members"),
        ("/settings/work-stacks/1", "settings/work-stacks/{id}"),
    ] {
        assert_eq!(
            app.page(Some(&agent), page).await.status.as_u16(),
            403,
            "{page}"
        );
        assert_eq!(events(route, "forbidden").await, 1, "{page}");
    }
    // Three refusals, three events: nothing is kept twice.
    let all = "SELECT CAST(SUM(times) AS BIGINT) FROM security_event WHERE code = 'forbidden'";
    assert_eq!(app.number(all).await, 3);
    // By the route's name: what is typed into an address isn't kept.
    let typed = "SELECT COUNT(*) FROM security_event WHERE endpoint LIKE '%/1%'";
    assert_eq!(app.number(typed).await, 0);
    // A page that one may open leaves none.
    assert_eq!(
        app.page(Some(&agent), "/work-stacks/1")
            .await
            .status
            .as_u16(),
        200
    );
    assert_eq!(app.number(all).await, 3);
}

#[tokio::test]
async fn routes_beside_the_server_functions_keep_what_they_refuse_too() {
    let app = TestApp::demo(5).await;
    let agent = app.sign_in("agent@demo.test").await;
    for (session, code) in [(None, "signed-out"), (Some(agent.as_str()), "forbidden")] {
        for (path, endpoint) in [
            ("/audit-log/export", "audit-log/export"),
            ("/import/upload", "import/upload"),
            ("/import/refusals", "import/refusals"),
        ] {
            let body = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName\r\nA\r\n--x--\r\n";
            let answer = if path == "/import/refusals" {
                let id = uuid::Uuid::nil();
                app.page(session, &format!("{path}?id={id}")).await
            } else if path.starts_with("/import") {
                let upload = crate::test_app::request("POST", path, session)
                    .header("content-type", "multipart/form-data; boundary=x")
                    .body(axum::body::Body::from(body))
                    .unwrap();
                app.send(upload).await
            } else {
                app.form(session, path, "").await
            };
            assert!(
                matches!(answer.status.as_u16(), 401 | 403),
                "{path}: {}",
                answer.status
            );
            let count = format!(
                "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM security_event \
                 WHERE endpoint = '{endpoint}' AND code = '{code}'"
            );
            // What is only read keeps nobody who has no session: anybody on the network could make the server write.
            let kept = i64::from(path != "/import/refusals" || session.is_some());
            assert_eq!(app.number(&count).await, kept, "{path} for {code}");
        }
    }
}
