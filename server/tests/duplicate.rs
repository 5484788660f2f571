//! Possible duplicates: which lead is a copy, and which one stays.
#![expect(clippy::unwrap_used, reason = "tests")]

mod desk;

use desk::{Desk, New, days, ids, named, view};
use domain::draft::LeftOutCause;
use domain::lead::LeadId;
use domain::work_stack::Filter;

const SHARED: &str = "+442079460123";
const OTHER: &str = "+442079460999";

async fn with_stack() -> Desk {
    let desk = Desk::new().await;
    let copies = Filter {
        possible_duplicate: true,
        ..Filter::default()
    };
    desk.stack(2, "Possible duplicates", &copies, &["Manager"])
        .await;
    desk
}

fn lead(active_ago: Option<i64>, telephone: &'static str, email: &'static str) -> New {
    New {
        active_ago,
        telephone,
        email,
        ..named("Ann Smith")
    }
}

/// Each copy with its kept lead.
async fn copies(desk: &Desk) -> Vec<(LeadId, LeadId)> {
    let page = desk.fresh("Manager", view(2)).await;
    assert_eq!(
        page.total as usize,
        page.rows.iter().filter(|r| r.deletion.is_none()).count()
    );
    let mut found: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.id, row.kept.unwrap()))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn the_latest_activity_stays_then_the_lowest_number() {
    let desk = with_stack().await;
    let a = desk
        .add(&[
            lead(None, SHARED, ""),
            lead(Some(days(5)), SHARED, ""),
            lead(Some(days(1)), SHARED, ""),
            lead(Some(days(1)), SHARED, ""),
            lead(None, OTHER, ""),
        ])
        .await;
    assert_eq!(
        copies(&desk).await,
        [(a[0], a[2]), (a[1], a[2]), (a[3], a[2])]
    );
}

#[tokio::test]
async fn a_folded_address_makes_a_copy_and_a_name_does_not() {
    let desk = with_stack().await;
    let a = desk
        .add(&[
            lead(Some(days(1)), "", "Ann@Example.test"),
            lead(None, "", "ann@example.TEST"),
            lead(None, "", "ann2@example.test"),
        ])
        .await;
    assert_eq!(copies(&desk).await, [(a[1], a[0])]);
}

#[tokio::test]
async fn a_lead_that_is_beaten_itself_is_nobodys_kept_lead() {
    let desk = with_stack().await;
    // a beats b by the number, b beats c by the address; a and c share nothing.
    let a = desk
        .add(&[
            lead(Some(days(1)), SHARED, ""),
            lead(Some(days(2)), SHARED, "x@example.test"),
            lead(Some(days(3)), "", "x@example.test"),
        ])
        .await;
    assert_eq!(copies(&desk).await, [(a[1], a[0])]);
    // Once b goes, c has no pair; once a goes, b stays and c is its copy.
    desk.order("Manager", "duplicate", 1, &[a[0]]).await;
    assert_eq!(copies(&desk).await, [(a[2], a[1])]);
}

#[tokio::test]
async fn a_lead_with_an_open_deletion_keeps_nobody() {
    let desk = with_stack().await;
    let a = desk
        .add(&[lead(Some(days(1)), SHARED, ""), lead(None, SHARED, "")])
        .await;
    assert_eq!(copies(&desk).await, [(a[1], a[0])]);
    desk.order("Manager", "outdated", 1, &[a[0]]).await;
    assert_eq!(copies(&desk).await, []);
}

#[tokio::test]
async fn the_draft_keeps_the_kept_lead_and_leaves_out_who_lost_it() {
    let desk = with_stack().await;
    let a = desk
        .add(&[
            lead(Some(days(1)), SHARED, ""),
            lead(None, SHARED, ""),
            lead(Some(days(1)), OTHER, ""),
            lead(None, OTHER, ""),
        ])
        .await;
    let shown = ids(&desk.fresh("Manager", view(2)).await);
    assert_eq!(shown.len(), 2);
    // Between looking and opening the dialog, one kept lead goes.
    desk.order("Layer Admin", "irrelevant", 1, &[a[0]]).await;
    let draft = desk.draft("Manager", 2, &shown).await.unwrap();
    assert_eq!(draft.counts.leads, 1);
    assert_eq!(draft.counts.left_out.len(), 1);
    assert_eq!(draft.counts.left_out[0].cause, LeftOutCause::KeptLeadGone);
    let kept = desk
        .number(
            "SELECT kept_lead FROM draft_lead WHERE draft = $1 AND lead = $2",
            [draft.id.0.as_bytes().to_vec().into(), a[3].0.into()],
        )
        .await;
    assert_eq!(kept, a[2].0);
}

#[tokio::test]
async fn ten_thousand_leads_with_one_number_are_no_trouble() {
    let desk = with_stack().await;
    desk.add(&vec![lead(None, SHARED, ""); 10_000]).await;
    let page = desk.fresh("Manager", view(2)).await;
    assert_eq!(page.total, 9_999);
    assert!(page.rows.iter().all(|row| row.kept == Some(LeadId(1))));
}
