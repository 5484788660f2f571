//! Endpoints that find leads by what is asked: a lead that one doesn't see is answered as one that never was, to the byte.

use std::collections::BTreeSet;

use domain::permission::Permission::{self, *};
use serde_json::{Value, json};

use crate::access::{ABOUT_A_LEAD, NEVER, Place, Place::*, Scoped, may};
use crate::matrix::server_functions;

/// Every endpoint that names a lead and answers with what it found, and the permission for it.
const FINDS_A_LEAD: [(&str, Permission); 11] = [
    ("work-stacks/grid", SeeLeads),
    ("work-stacks/rows", SeeLeads),
    ("work-stacks/reread", SeeLeads),
    ("work-stacks/between", DeleteLeads),
    ("drafts/matching", DeleteAll),
    ("palette/find", SeeLeads),
    ("queue/rows", SeeQueue),
    ("removals/preview", RemoveDeletions),
    ("removals/remove", RemoveDeletions),
    ("audit/log", ReadAudit),
    // It goes on after a lead, of a draft that isn't there.
    ("ask-first/leads", RunQueue),
];

fn arguments(endpoint: &str, lead: i64, sequence: i64) -> Value {
    let lead = format!("L-{lead}");
    let view = |search: &str| json!({ "work_stack": 1, "search": search, "order": null, "hide_deletions": false });
    let as_of = json!({ "sequence": sequence, "highest": "L-999999", "at": 0 });
    match endpoint {
        "work-stacks/grid" => json!({ "view": view(&lead) }),
        "work-stacks/rows" => {
            json!({ "request": { "view": view(&lead), "as_of": as_of, "from": { "number": 0 } } })
        }
        "work-stacks/reread" => json!({ "request": {
            "view": view(""), "as_of": as_of, "had": 0, "rows": [lead], "ticked": [lead]
        }}),
        "work-stacks/between" => json!({ "request": {
            "view": view(""), "as_of": as_of, "from": lead, "to": lead
        }}),
        "drafts/matching" => json!({ "selection": { "Matching": {
            "view": view(&lead), "as_of": as_of, "except": []
        }}}),
        "palette/find" => json!({ "typed": lead }),
        "queue/rows" => json!({ "request": { "tab": "open", "search": lead, "after": null } }),
        "removals/preview" => json!({ "search": lead }),
        // Shown were none: if there is one, nothing is removed.
        "removals/remove" => {
            json!({ "removal": { "search": lead, "note": "Not this one", "groups": [{
                "reason": "outdated", "label": "Outdated", "member": 3, "by": "", "count": 0,
                "newest": i64::MAX, "must_be_carried_out": false
            }]}})
        }
        "audit/log" => json!({ "request": { "before": null, "search": { "lead": lead } } }),
        _ => json!({ "draft": uuid::Uuid::nil(), "after": lead }),
    }
}

/// Whether this role is told something of a lead there. Who sees the queue sees all of it, a Team Leader his own orders;
/// the audit log has numbers, and is whole for whoever may read it.
fn finds(role: &str, endpoint: &str, place: Place) -> bool {
    match (endpoint, place) {
        (_, Never) | ("ask-first/leads", _) => false,
        ("queue/rows", QueuedHere | QueuedElsewhere) => role != "Team Leader",
        ("queue/rows", Here) => may(role, SeeLeads),
        ("queue/rows", Gone) => true,
        ("removals/preview" | "removals/remove", place) => {
            matches!(place, QueuedHere | QueuedElsewhere)
        }
        ("audit/log", place) => matches!(place, QueuedHere | QueuedElsewhere | Gone),
        (_, place) => matches!(place, Here | QueuedHere),
    }
}

/// An answer without what is another in each: the lead that was asked for, and the act that did nothing.
fn said(body: &str, lead: i64) -> String {
    let body = body.replace(&format!("L-{lead}"), "L-?");
    match body.split_once(r#""removal":""#) {
        Some((before, after)) => format!("{before}{}", &after[36..]),
        None => body,
    }
}

#[tokio::test]
async fn what_one_does_not_see_is_found_nowhere() {
    let scoped = Scoped::new(60).await;
    let mut wrong = Vec::new();
    for (role, _) in crate::test_app::ROLES {
        for (endpoint, permission) in FINDS_A_LEAD {
            // None of these is an act: the log stays where it is, and what is said of none holds for all places.
            let sequence = scoped.app.number("SELECT sequence FROM audit_head").await;
            let asked = arguments(endpoint, NEVER - 1, sequence);
            let never = scoped.ask(role, endpoint, &asked).await;
            for place in [Elsewhere, QueuedElsewhere, Gone, Never, QueuedHere, Here] {
                let lead = scoped.leads(place)[0];
                let asked = arguments(endpoint, lead, sequence);
                let answer = scoped.ask(role, endpoint, &asked).await;
                if !may(role, permission) {
                    if answer.status != 403 {
                        wrong.push(format!("{role} {endpoint} {place:?}: {}", answer.status));
                    }
                    continue;
                }
                let same = answer.status == never.status
                    && said(&answer.body, lead) == said(&never.body, NEVER - 1);
                if same == finds(role, endpoint, place) || answer.status.is_server_error() {
                    wrong.push(format!(
                        "{role} {endpoint} {place:?}: {} {}\n  and of none {} {}",
                        answer.status, answer.body, never.status, never.body
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_page_of_a_lead_that_one_does_not_see_is_that_of_none() {
    let scoped = Scoped::new(60).await;
    for (role, session) in &scoped.sessions {
        let page = async |lead: i64| {
            let (before, events) = (scoped.app.everything().await, scoped.events().await);
            let answer = scoped
                .app
                .page(Some(session), &format!("/leads/L-{lead}"))
                .await;
            assert_eq!(scoped.app.everything().await, before, "{role} L-{lead}");
            let kept = i64::from(answer.status == 403);
            assert_eq!(scoped.events().await - events, kept, "{role} L-{lead}");
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            let nonce = policy.split("'nonce-").nth(1).unwrap();
            let nonce = nonce.split('\'').next().unwrap();
            // What it shows: how many of its parts the server has by then, which the script says below, is chance.
            let shown = answer.body.split("__RESOLVED_RESOURCES").next().unwrap();
            (answer.status.as_u16(), said(shown, lead).replace(nonce, ""))
        };
        let never = page(NEVER - 1).await;
        for place in [Elsewhere, QueuedElsewhere, Gone, Never, QueuedHere, Here] {
            let lead = scoped.leads(place)[0];
            let is = page(lead).await;
            let right: &[u16] = match place {
                _ if !may(role, SeeLeads) => &[403],
                Here | QueuedHere => &[200],
                Gone => &[404, 410],
                _ => &[404],
            };
            assert!(right.contains(&is.0), "{role} {place:?}: {}", is.0);
            if is.0 == 404 {
                assert_eq!(is, never, "{role} {place:?}");
            }
        }
    }
}

#[test]
fn every_endpoint_that_names_a_lead_is_asked_about_each_place() {
    let about = ABOUT_A_LEAD.iter().chain(&FINDS_A_LEAD);
    let asked: BTreeSet<&str> = about.map(|(endpoint, _)| *endpoint).collect();
    let rules = server_functions();
    let name_a_lead = rules
        .iter()
        .filter(|(_, _, arguments, _)| arguments.contains("\"L-"));
    let named: BTreeSet<&str> = name_a_lead.map(|(endpoint, ..)| *endpoint).collect();
    assert_eq!(asked, named);
}
