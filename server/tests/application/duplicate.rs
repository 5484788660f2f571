//! Possible duplicates: which lead is a copy, and which one stays.

use crate::desk::{Desk, New, days, ids, named, view};
use crate::queue::Queue;
use domain::draft::{Draft, LeftOut, LeftOutCause};
use domain::lead::LeadId;
use domain::ports::{Drafts, Removals};
use domain::removal::Removal;
use domain::selection::Selection;
use domain::work_stack::Filter;
use server::clock::Clock;
use server::store::query::Query;
use server::store::{filter, sql};

const SHARED: &str = "+442079460123";
const OTHER: &str = "+442079460999";

async fn with_stack() -> Desk {
    let desk = Desk::new().await;
    add_stack(&desk).await;
    desk
}

async fn add_stack(desk: &Desk) {
    let copies = Filter {
        possible_duplicate: true,
        ..Filter::default()
    };
    desk.stack(2, "Possible duplicates", &copies, &["Manager"])
        .await;
}

/// A queue with that stack and these leads.
async fn queue_with(leads: &[New]) -> (Queue, Vec<LeadId>) {
    let (queue, _) = Queue::with(0).await;
    add_stack(&queue).await;
    let leads = queue.add(leads).await;
    (queue, leads)
}

/// The dialog of Delete All.
async fn delete_all(queue: &Queue) -> Draft {
    let selection = Selection::Matching {
        view: view(2),
        as_of: queue.fresh("Manager", view(2)).await.as_of,
        except: Default::default(),
    };
    let by = queue.actor("Manager").granted().unwrap();
    queue.store.draft_matching(by, selection).await.unwrap()
}

/// Which of these leads are there.
async fn left(queue: &Queue, leads: &[LeadId]) -> Vec<bool> {
    let mut left = Vec::new();
    for lead in leads {
        left.push(queue.is_there(*lead).await);
    }
    left
}

fn kept_lead_gone(count: u64) -> Vec<LeftOut> {
    vec![LeftOut {
        cause: LeftOutCause::KeptLeadGone,
        count,
    }]
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

#[tokio::test]
async fn delete_all_leaves_every_kept_lead() {
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(Some(days(2)), SHARED, "x@example.test"),
        lead(Some(days(3)), SHARED, ""),
        lead(None, OTHER, ""),
        lead(Some(days(9)), OTHER, ""),
        lead(None, "", "alone@example.test"),
    ])
    .await;
    let draft = delete_all(&queue).await;
    assert_eq!(draft.counts.leads, 3);
    let confirmed = queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    assert_eq!(confirmed.deleted, 3);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 3);
    assert_eq!(
        left(&queue, &a).await,
        [true, false, false, false, true, true]
    );
    queue.check().await;
}

#[tokio::test]
async fn a_chain_through_a_third_lead_comes_up_at_the_next_refresh() {
    // a beats b by the number; b, c and d share an address. While b is there, it is their best and a copy itself.
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(Some(days(2)), SHARED, "x@example.test"),
        lead(Some(days(3)), "", "x@example.test"),
        lead(Some(days(4)), "", "x@example.test"),
    ])
    .await;
    assert_eq!(copies(&queue).await, [(a[1], a[0])]);
    let draft = delete_all(&queue).await;
    queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    assert_eq!(copies(&queue).await, [(a[3], a[2])]);
    let draft = delete_all(&queue).await;
    queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    assert_eq!(copies(&queue).await, []);
    queue.at_night();
    queue.drain().await;
    assert_eq!(left(&queue, &a).await, [true, false, true, false]);
    queue.check().await;
}

#[tokio::test]
async fn a_copy_whose_kept_lead_is_deleted_while_the_dialog_is_open_is_left_out() {
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(None, SHARED, ""),
        lead(Some(days(1)), OTHER, ""),
        lead(None, OTHER, ""),
    ])
    .await;
    let draft = delete_all(&queue).await;
    assert_eq!(draft.counts.leads, 2);
    queue.delete("Layer Admin", "outdated", &a[..1]).await;
    let confirmed = queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    assert_eq!(confirmed.deleted, 1);
    assert_eq!(confirmed.left_out, kept_lead_gone(1));
    queue.at_night();
    queue.drain().await;
    assert_eq!(left(&queue, &a).await, [false, true, true, false]);
    queue.check().await;
}

#[tokio::test]
async fn a_copy_whose_kept_lead_goes_before_it_leaves_is_kept_as_changed() {
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(None, SHARED, ""),
        lead(Some(days(1)), OTHER, ""),
        lead(None, OTHER, ""),
    ])
    .await;
    let draft = delete_all(&queue).await;
    let order = queue
        .confirm("Manager", &draft, "duplicate")
        .await
        .unwrap()
        .order;
    // One kept lead is deleted at once, the other waits in the same run.
    queue.x("Manager", a[0], Some("outdated")).await.unwrap();
    queue.delete("Layer Admin", "outdated", &a[2..3]).await;
    queue.at_night();
    queue.drain().await;
    let numbers = queue.numbers(order).await;
    assert_eq!((numbers.skipped, numbers.erased), (2, 0));
    assert_eq!(left(&queue, &a).await, [false, true, false, true]);
    queue.check().await;
}

#[tokio::test]
async fn a_copy_that_shares_nothing_with_its_kept_lead_any_more_is_kept() {
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(None, SHARED, ""),
        lead(Some(days(1)), OTHER, ""),
        lead(None, OTHER, ""),
    ])
    .await;
    let draft = delete_all(&queue).await;
    // Somebody corrects the number of a kept lead: they were two people.
    let corrected = "DELETE FROM lead_key WHERE lead = $1 AND kind = 'e164'";
    queue.write(corrected, [a[0].0.into()]).await;
    let confirmed = queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    assert_eq!(confirmed.left_out, kept_lead_gone(1));
    queue.write(corrected, [a[2].0.into()]).await;
    queue.at_night();
    assert_eq!(queue.drain().await.skipped, 1);
    assert_eq!(left(&queue, &a).await, [true, true, true, true]);
    queue.check().await;
}

#[tokio::test]
async fn what_was_removed_is_put_back_without_copies_that_lost_their_kept_lead() {
    let (queue, a) = queue_with(&[
        lead(Some(days(1)), SHARED, ""),
        lead(None, SHARED, ""),
        lead(Some(days(1)), OTHER, ""),
        lead(None, OTHER, ""),
    ])
    .await;
    let draft = delete_all(&queue).await;
    queue.confirm("Manager", &draft, "duplicate").await.unwrap();
    let by = || queue.actor("Manager").granted().unwrap();
    let preview = queue
        .store
        .removal_preview(by(), String::new())
        .await
        .unwrap();
    let removal = Removal {
        search: String::new(),
        groups: preview.groups,
        note: "Too early".into(),
    };
    let removed = queue.store.remove(by(), removal).await.unwrap();
    queue.x("Manager", a[0], Some("outdated")).await.unwrap();
    let back = queue
        .store
        .undo_removal(by(), removed.removal)
        .await
        .unwrap();
    assert_eq!(back.deleted, 1);
    queue.at_night();
    queue.drain().await;
    assert_eq!(left(&queue, &a).await, [false, true, true, false]);
    queue.check().await;
}

/// Two statements say which lead is a copy: one for whole stacks, one lead by lead.
#[tokio::test]
async fn a_lead_asked_alone_is_a_copy_where_the_stack_says_so() {
    let app = crate::test_app::TestApp::demo(600).await;
    // Chains and crowds: one number for twenty, and who shares both number and address with others; some are leaving.
    app.write(
        "INSERT INTO lead_key (kind, key, lead) SELECT 'e164', '+15550' || (id % 7), id FROM lead WHERE id % 3 = 0 \
         AND NOT EXISTS (SELECT 1 FROM lead_key k WHERE k.kind = 'e164' AND k.key = '+15550' || (lead.id % 7) AND k.lead = lead.id)",
        [],
    )
    .await;
    let manager = app.sign_in("manager@demo.test").await;
    app.delete(&manager, 100..=160).await;
    let filter = Filter {
        possible_duplicate: true,
        ..Filter::default()
    };
    let all = "SELECT l.id FROM lead l WHERE 1 = 1";
    let (mut whole, mut each) = (Query::new(all), Query::new(all));
    filter::filter(&mut whole, &filter, app.clock.now());
    filter::filter_each(&mut each, &filter, app.clock.now());
    let mut found = Vec::new();
    for mut query in [whole, each] {
        query.add(" ORDER BY l.id");
        let rows = query.rows(app.store.reader()).await.unwrap();
        let ids: Vec<i64> = rows
            .iter()
            .map(|row| sql::get(row, "id").unwrap())
            .collect();
        found.push(ids);
    }
    assert!(found[0].len() > 100, "{}", found[0].len());
    assert_eq!(found[0], found[1]);
}
