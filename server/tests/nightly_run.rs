//! From the dialog to the nightly run: what is confirmed goes, once, and nothing else does.
#![expect(clippy::unwrap_used, reason = "tests")]

mod desk;

use std::sync::Arc;

use desk::{Desk, New, named, role};
use domain::audit::ActorRef;
use domain::deletion_queue::{QueueRequest, QueueTab};
use domain::draft::{Confirmation, Confirmed, Draft, LeftOut, LeftOutCause};
use domain::error::Error;
use domain::lead::LeadId;
use domain::ports::{DeletionOrders, DeletionQueue, Drafts, Removals, UrgentDeletions};
use domain::removal::Removal;
use domain::time::{HOUR, MINUTE};
use domain::urgent_deletion::{Because, UrgentDeletion};
use server::database::Priority;
use server::store::rights;
use server::worker;

fn because(draft: &Draft, reason: &str) -> Confirmation {
    Confirmation {
        draft: draft.id,
        reason: reason.into(),
        details: String::new(),
        typed: String::new(),
        sentence_confirmed: true,
    }
}

async fn confirm(desk: &Desk, by: &str, confirmation: Confirmation) -> domain::Result<Confirmed> {
    let by = desk.actor(by).granted().unwrap();
    desk.store.confirm(by, confirmation).await
}

async fn delete(desk: &Desk, by: &str, leads: &[LeadId], reason: &str) -> Confirmed {
    let draft = desk.draft(by, 1, leads).await.unwrap();
    confirm(desk, by, because(&draft, reason)).await.unwrap()
}

async fn edit(desk: &Desk, lead: LeadId) {
    desk.write("UPDATE lead SET revision = revision + 1 WHERE id = $1", [lead.0.into()]).await;
}

async fn drain(desk: &Desk) -> server::store::claim::Settled {
    worker::drain(&desk.store, true, ActorRef::Worker).await.unwrap()
}

async fn leads(desk: &Desk) -> i64 {
    desk.number("SELECT COUNT(*) FROM lead", []).await
}

/// Nine hours on: 19:00.
fn evening(desk: &Desk) {
    desk.clock.set(desk::START.plus(9 * HOUR));
}

async fn many(desk: &Desk, count: usize) -> Vec<LeadId> {
    desk.add(&vec![New { telephone: "+442079460123", email: "a@b.test", ..named("Ann Other") }; count]).await
}

#[tokio::test]
async fn what_is_ordered_by_day_leaves_at_closing_time_and_nothing_else_does() {
    let desk = Desk::new().await;
    let all = many(&desk, 5).await;
    let confirmed = delete(&desk, "Team Leader", &all[..3], "duplicate").await;
    assert_eq!(confirmed.message, "3 leads deleted. They leave the system at 19:00.");

    desk.clock.set(desk::START.plus(9 * HOUR - 1));
    assert_eq!(drain(&desk).await.erased, 0);
    evening(&desk);
    assert_eq!(drain(&desk).await.erased, 3);

    assert_eq!(leads(&desk).await, 2);
    assert_eq!(drain(&desk).await.erased, 0);
    desk.holds().await;
}

#[tokio::test]
async fn a_lead_that_changed_after_the_order_is_kept_unless_the_reason_must_be_carried_out() {
    let desk = Desk::new().await;
    let all = many(&desk, 2).await;
    delete(&desk, "Manager", &all[..1], "outdated").await;
    delete(&desk, "Manager", &all[1..], "do-not-contact").await;
    edit(&desk, all[0]).await;
    edit(&desk, all[1]).await;
    evening(&desk);

    let settled = drain(&desk).await;

    assert_eq!((settled.erased, settled.skipped), (1, 1));
    assert_eq!(desk.number("SELECT MIN(id) FROM lead", []).await, all[0].0);
    desk.holds().await;
}

#[tokio::test]
async fn a_lead_that_changed_after_the_dialog_opened_is_left_out_and_told() {
    let desk = Desk::new().await;
    let all = many(&desk, 3).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    edit(&desk, all[1]).await;

    let confirmed = confirm(&desk, "Manager", because(&draft, "duplicate")).await.unwrap();

    assert_eq!(confirmed.deleted, 2);
    assert_eq!(confirmed.left_out, [LeftOut { cause: LeftOutCause::Changed, count: 1 }]);
    assert!(confirmed.message.ends_with("1 was left out: 1 changed since you looked."), "{}", confirmed.message);
    desk.holds().await;
}

#[tokio::test]
async fn the_same_confirmation_fifty_times_at_once_is_one_order_and_one_answer() {
    let desk = Arc::new(Desk::new().await);
    let all = many(&desk, 3).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (desk, confirmation) = (desk.clone(), because(&draft, "duplicate"));
            tokio::spawn(async move { confirm(&desk, "Manager", confirmation).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(desk.number("SELECT COUNT(*) FROM deletion_order", []).await, 1);

    let other = confirm(&desk, "Manager", because(&draft, "outdated")).await.unwrap_err();
    assert_eq!(other.status(), 422);
    desk.holds().await;
}

#[tokio::test]
async fn an_expired_draft_and_another_persons_are_refused_alike() {
    let desk = Desk::new().await;
    let all = many(&desk, 2).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    let foreign = confirm(&desk, "Layer Admin", because(&draft, "duplicate")).await.unwrap_err();
    desk.clock.advance(15 * MINUTE);
    let expired = confirm(&desk, "Manager", because(&draft, "duplicate")).await.unwrap_err();
    assert_eq!(foreign, expired);
    assert_eq!(expired.status(), 409);
    assert_eq!(desk.number("SELECT COUNT(*) FROM open_deletion", []).await, 0);
}

#[tokio::test]
async fn a_reason_that_is_not_in_the_list_and_details_that_are_too_long_are_refused() {
    let desk = Desk::new().await;
    let all = many(&desk, 1).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    for (confirmation, field) in [
        (because(&draft, ""), "Reason"),
        (because(&draft, "whim"), "Reason"),
        (because(&draft, "other"), "Extra details"),
        (Confirmation { details: " \n ".into(), ..because(&draft, "other") }, "Extra details"),
        (Confirmation { details: "x".repeat(3_000), ..because(&draft, "duplicate") }, "Extra details"),
        (Confirmation { sentence_confirmed: false, ..because(&draft, "do-not-contact") }, "Confirm"),
    ] {
        let error = confirm(&desk, "Manager", confirmation).await.unwrap_err();
        assert!(error.of_field(field).is_some(), "{error:?}");
    }
    assert_eq!(desk.number("SELECT COUNT(*) FROM deletion_order", []).await, 0);
}

#[tokio::test]
async fn above_a_hundred_leads_their_number_is_typed() {
    let desk = Desk::new().await;
    let all = many(&desk, 101).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    let untyped = confirm(&desk, "Manager", because(&draft, "duplicate")).await.unwrap_err();
    assert_eq!(untyped.status(), 422);
    // What the dialog showed is what is typed, whatever changed meanwhile.
    edit(&desk, all[0]).await;
    let typed = Confirmation { typed: "101".into(), ..because(&draft, "duplicate") };
    assert_eq!(confirm(&desk, "Manager", typed).await.unwrap().deleted, 100);
}

#[tokio::test]
async fn a_stricter_order_takes_over_and_the_weaker_one_counts_it_as_skipped() {
    let desk = Desk::new().await;
    let all = many(&desk, 3).await;
    let weak = delete(&desk, "Team Leader", &all, "duplicate").await;

    let strict = delete(&desk, "Manager", &all[..2], "do-not-contact").await;
    let again = desk.draft("Manager", 1, &all[..1]).await.unwrap();

    assert_eq!(strict.deleted, 2);
    assert_eq!(again.counts_if_must.leads, 0);
    let page = desk.store.order(desk.actor("Manager").granted().unwrap(), weak.order).await.unwrap();
    assert_eq!((page.summary.numbers.waiting, page.summary.numbers.skipped), (1, 2));
    desk.holds().await;
    evening(&desk);
    assert_eq!(drain(&desk).await.erased, 3);
    desk.holds().await;
}

#[tokio::test]
async fn undo_takes_back_what_waits_of_ones_own_order_alone() {
    let desk = Desk::new().await;
    let all = many(&desk, 3).await;
    let confirmed = delete(&desk, "Team Leader", &all, "duplicate").await;
    let urgent = UrgentDeletion { lead: all[0], because: None };
    desk.store.delete_now(desk.actor("Manager").granted().unwrap(), urgent).await.unwrap();

    let foreign = desk.store.undo(desk.actor("Manager").granted().unwrap(), confirmed.order).await.unwrap_err();
    assert_eq!(foreign.status(), 404);
    let undone = desk.store.undo(desk.actor("Team Leader").granted().unwrap(), confirmed.order).await.unwrap();
    assert_eq!(undone.message, "2 leads are back, 1 had left.");

    evening(&desk);
    assert_eq!(drain(&desk).await.erased, 0);
    assert_eq!(leads(&desk).await, 2);
    desk.holds().await;
}

#[tokio::test]
async fn the_x_deletes_inside_business_hours_while_paused_and_whatever_changed() {
    let desk = Desk::new().await;
    let all = many(&desk, 3).await;
    let by = || desk.actor("Layer Admin");
    delete(&desk, "Manager", &all[..1], "duplicate").await;
    edit(&desk, all[0]).await;
    desk.store.pause(by().granted().unwrap()).await.unwrap();

    let queued = UrgentDeletion { lead: all[0], because: None };
    let done = desk.store.delete_now(by().granted().unwrap(), queued.clone()).await.unwrap();
    assert!(done.erased);
    assert_eq!(done.message, format!("{} is deleted.", all[0]));
    let again = desk.store.delete_now(by().granted().unwrap(), queued).await.unwrap();
    assert_eq!(again.message, format!("{} was already deleted by Layer Admin, 10:00.", all[0]));

    let unsaid = UrgentDeletion { lead: all[1], because: None };
    assert_eq!(desk.store.delete_now(by().granted().unwrap(), unsaid).await.unwrap_err().status(), 422);
    let said = UrgentDeletion {
        lead: all[1],
        because: Some(Because { reason: "invalid".into(), details: String::new(), sentence_confirmed: false }),
    };
    assert!(desk.store.delete_now(by().granted().unwrap(), said).await.unwrap().erased);
    let nobody = UrgentDeletion { lead: LeadId(99), because: None };
    assert_eq!(desk.store.delete_now(by().granted().unwrap(), nobody).await.unwrap_err().status(), 404);
    assert_eq!(leads(&desk).await, 1);
    desk.holds().await;
}

#[tokio::test]
async fn a_number_is_never_used_twice() {
    let desk = Desk::new().await;
    let first = many(&desk, 2).await;
    let because = Some(Because { reason: "invalid".into(), details: String::new(), sentence_confirmed: false });
    let urgent = UrgentDeletion { lead: first[1], because };
    desk.store.delete_now(desk.actor("Manager").granted().unwrap(), urgent).await.unwrap();
    let next = many(&desk, 1).await;
    assert!(next[0] > first[1]);
}

#[tokio::test]
async fn a_poison_lead_holds_up_nobody_and_fails_after_five_tries() {
    let desk = Desk::new().await;
    let all = many(&desk, 200).await;
    desk.write(
        "CREATE TABLE invoice (id INTEGER PRIMARY KEY, lead INTEGER NOT NULL REFERENCES lead (id) ON DELETE RESTRICT)",
        [],
    )
    .await;
    desk.write("INSERT INTO invoice (lead) VALUES ($1)", [all[150].0.into()]).await;
    let draft = desk.draft("Manager", 1, &all).await.unwrap();
    let typed = Confirmation { typed: "200".into(), ..because(&draft, "duplicate") };
    confirm(&desk, "Manager", typed).await.unwrap();
    evening(&desk);

    assert_eq!(drain(&desk).await.erased, 199);
    let tries = || desk.number("SELECT tries FROM open_deletion", []);
    assert_eq!(tries().await, 2, "the second try comes in the same run");
    desk.holds().await;
    for (minutes, so_far) in [(1, 3), (10, 4), (60, 5)] {
        desk.clock.advance(minutes * MINUTE);
        drain(&desk).await;
        assert_eq!(tries().await, so_far);
    }
    desk.clock.advance(2 * HOUR);
    assert_eq!(drain(&desk).await.failed, 0);
    let admin = || desk.actor("Layer Admin");
    let failed = QueueRequest { tab: QueueTab::Failed, ..QueueRequest::default() };
    let page = desk.store.queue(admin().granted().unwrap(), failed).await.unwrap();
    assert_eq!(page.rows[0].label, "Failed: another record refers to it. Remove that record, then press Retry");
    desk.holds().await;

    let now = UrgentDeletion { lead: all[150], because: None };
    let refused = desk.store.delete_now(admin().granted().unwrap(), now).await.unwrap();
    assert!(!refused.erased && refused.message.contains("another record refers to it"), "{}", refused.message);
    desk.write("DELETE FROM invoice", []).await;
    desk.store.retry(admin().granted().unwrap(), all[150]).await.unwrap();
    assert_eq!(drain(&desk).await.erased, 1);
    desk.holds().await;
}

#[tokio::test]
async fn what_somebody_ordered_who_may_not_any_more_waits_for_a_layer_admin() {
    let desk = Desk::new().await;
    let all = many(&desk, 2).await;
    delete(&desk, "Team Leader", &all, "duplicate").await;
    let writing = desk.store.begin(Priority::Person).await.unwrap();
    let leader = domain::member::MemberId(role("Team Leader"));
    rights::deactivate(writing, leader, ActorRef::CommandLine).await.unwrap();
    desk.holds().await;
    evening(&desk);
    assert_eq!(drain(&desk).await.erased, 0);

    desk.store.confirm_held(desk.actor("Layer Admin").granted().unwrap(), all[0]).await.unwrap();

    assert_eq!(drain(&desk).await.erased, 1);
    assert_eq!(desk.number("SELECT COUNT(*) FROM open_deletion WHERE state = 'held'", []).await, 1);
    desk.holds().await;
}

#[tokio::test]
async fn remove_deletions_keeps_the_leads_and_its_undo_makes_new_orders() {
    let desk = Desk::new().await;
    let all = many(&desk, 4).await;
    let first = delete(&desk, "Team Leader", &all[..2], "duplicate").await;
    delete(&desk, "Manager", &all[2..], "do-not-contact").await;
    let by = || desk.actor("Manager").granted().unwrap();
    let preview = desk.store.removal_preview(by(), String::new()).await.unwrap();
    assert_eq!(preview.groups.len(), 2);
    let unsaid = Removal { search: String::new(), groups: vec![("duplicate".into(), preview.groups[0].member)], note: " ".into() };
    assert_eq!(desk.store.remove(by(), unsaid).await.unwrap_err().status(), 422);
    let groups = preview.groups.iter().map(|g| (g.reason.clone(), g.member)).collect();
    let removal = Removal { search: String::new(), groups, note: "wrong stack".into() };

    let removed = desk.store.remove(by(), removal).await.unwrap();
    assert_eq!(removed.count, 4);
    assert_eq!(desk.number("SELECT COUNT(*) FROM open_deletion", []).await, 0);
    edit(&desk, all[0]).await;
    let back = desk.store.undo_removal(by(), removed.removal).await.unwrap();

    assert_eq!(back.deleted, 3);
    assert_eq!(back.left_out, [LeftOut { cause: LeftOutCause::Changed, count: 1 }]);
    let old = desk.store.order(by_queue(&desk), first.order).await.unwrap();
    assert_eq!(old.summary.numbers.removed, 2);
    assert!(old.put_back_by.is_some());
    desk.holds().await;
    evening(&desk);
    assert_eq!(drain(&desk).await.erased, 3);
    desk.holds().await;
}

fn by_queue(desk: &Desk) -> domain::Granted<domain::permission::SeeQueue> {
    desk.actor("Manager").granted().unwrap()
}

#[tokio::test]
async fn run_now_leaves_what_is_younger_than_the_undo_time_unless_told() {
    let desk = Desk::new().await;
    let all = many(&desk, 2).await;
    let by = || desk.actor("Layer Admin").granted().unwrap();
    delete(&desk, "Manager", &all[..1], "duplicate").await;
    desk.clock.advance(11 * MINUTE);
    delete(&desk, "Manager", &all[1..], "duplicate").await;

    desk.store.run_now(by(), false).await.unwrap();
    assert_eq!(drain(&desk).await.erased, 1);
    desk.store.run_now(by(), true).await.unwrap();
    assert_eq!(drain(&desk).await.erased, 1);

    desk.store.pause(by()).await.unwrap();
    assert!(matches!(desk.store.run_now(by(), true).await, Err(Error::Conflict(_))));
    desk.holds().await;
}

#[tokio::test]
async fn the_stats_equal_a_recount_after_everything() {
    let desk = Desk::new().await;
    let all = many(&desk, 6).await;
    let writing = desk.store.begin(Priority::Person).await.unwrap();
    writing.add_stat("leads", 6).await.unwrap();
    writing.commit_quietly().await.unwrap();
    let undone = delete(&desk, "Team Leader", &all[..2], "duplicate").await;
    desk.stats_hold().await;
    desk.store.undo(desk.actor("Team Leader").granted().unwrap(), undone.order).await.unwrap();
    desk.stats_hold().await;
    delete(&desk, "Manager", &all[..3], "duplicate").await;
    delete(&desk, "Manager", &all[1..2], "do-not-contact").await;
    desk.stats_hold().await;
    edit(&desk, all[0]).await;
    evening(&desk);
    drain(&desk).await;
    desk.stats_hold().await;
}
