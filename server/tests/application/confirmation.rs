//! Confirming a draft: one order, once, of what the dialog showed.

use std::sync::Arc;

use crate::desk::view;
use crate::queue::Queue;
use crate::test_database::skips_on_postgres;
use domain::draft::{Confirmation, DRAFT_LIFE, LeftOut, LeftOutCause};
use domain::selection::Selection;

fn left_out(cause: LeftOutCause, count: u64) -> Vec<LeftOut> {
    vec![LeftOut { cause, count }]
}

#[tokio::test]
async fn a_confirmed_draft_waits_and_says_when_it_leaves() {
    let (queue, leads) = Queue::with(5).await;
    let confirmed = queue.delete("Team Leader", "duplicate", &leads[..3]).await;
    assert_eq!(
        confirmed.message,
        "3 leads deleted. They leave the system at 19:00."
    );
    assert_eq!(queue.numbers(confirmed.order).await.waiting, 3);
    assert!(queue.is_there(leads[0]).await);
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft_lead", []).await, 0);
    queue.check().await;
}

#[tokio::test]
async fn fifty_same_confirmations_at_once_make_one_order() {
    let (queue, leads) = Queue::with(4).await;
    let queue = Arc::new(queue);
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (queue, draft) = (queue.clone(), draft.clone());
            tokio::spawn(async move { queue.confirm("Manager", &draft, "outdated").await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        1
    );
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'order-confirmed'";
    assert_eq!(queue.number(entries, []).await, 1);
    queue.check().await;
}

#[tokio::test]
async fn a_used_draft_refuses_another_body_and_answers_the_same_one_long_after() {
    let (queue, leads) = Queue::with(3).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let first = queue.confirm("Manager", &draft, "outdated").await.unwrap();
    let other = queue.confirm("Manager", &draft, "invalid").await;
    assert_eq!(other.unwrap_err().status(), 422);
    queue.clock.advance(DRAFT_LIFE + 1);
    let again = queue.confirm("Manager", &draft, "outdated").await.unwrap();
    assert_eq!(again, first);
    queue.check().await;
}

#[tokio::test]
async fn an_expired_draft_and_anothers_are_refused_alike() {
    let (queue, leads) = Queue::with(3).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let others = queue
        .confirm("Layer Admin", &draft, "outdated")
        .await
        .unwrap_err();
    queue.clock.advance(DRAFT_LIFE);
    let expired = queue
        .confirm("Manager", &draft, "outdated")
        .await
        .unwrap_err();
    assert_eq!((others.status(), expired.status()), (409, 409));
    assert_eq!(others, expired);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
    queue.check().await;
}

#[tokio::test]
async fn a_right_that_was_lost_while_the_dialog_was_open_is_refused() {
    let (queue, leads) = Queue::with(3).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    queue.take_right("Manager").await;
    let refused = queue.confirm("Manager", &draft, "outdated").await;
    assert_eq!(refused.unwrap_err().status(), 403);
    queue.check().await;
}

#[tokio::test]
async fn what_is_filled_in_wrongly_is_said_at_its_field() {
    let (queue, leads) = Queue::with(102).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let right = queue.confirmation(&draft, "outdated");
    let with = |change: fn(&mut Confirmation)| {
        let mut confirmation = right.clone();
        change(&mut confirmation);
        confirmation
    };
    for (field, wrong) in [
        ("Reason", with(|c| c.reason = String::new())),
        ("Reason", with(|c| c.reason = "boredom".into())),
        ("Extra details", with(|c| c.details = "x".repeat(3_000))),
        (
            "Extra details",
            with(|c| (c.reason, c.details) = ("other".into(), " \n\u{200B} ".into())),
        ),
        (
            "Confirm",
            with(|c| (c.reason, c.sentence_confirmed) = ("do-not-contact".into(), false)),
        ),
        ("Confirm number", with(|c| c.typed = String::new())),
        ("Confirm number", with(|c| c.typed = "101".into())),
    ] {
        let refused = queue.send("Manager", wrong).await.unwrap_err();
        assert_eq!(refused.status(), 422);
        assert!(refused.of_field(field).is_some(), "{field}: {refused:?}");
    }
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        0
    );
    assert!(queue.send("Manager", right).await.is_ok());
    queue.check().await;
}

#[tokio::test]
async fn what_changed_went_or_was_put_back_since_is_left_out_by_cause() {
    let (queue, leads) = Queue::with(6).await;
    let before = queue.delete("Manager", "outdated", &leads[3..4]).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    assert_eq!(draft.counts.leads, 5);
    queue.change(leads[0]).await;
    queue.x("Manager", leads[1], Some("invalid")).await.unwrap();
    queue.delete("Layer Admin", "invalid", &leads[2..3]).await;
    // The dialog said that it stays; that it was taken off the queue since doesn't make it go.
    queue.clock.advance(1);
    queue.undo("Manager", before.order).await.unwrap();
    let confirmed = queue
        .confirm("Manager", &draft, "irrelevant")
        .await
        .unwrap();
    assert_eq!(confirmed.deleted, 2);
    let mut causes = confirmed.left_out.clone();
    causes.sort_by_key(|l| l.cause);
    assert_eq!(
        causes,
        [
            left_out(LeftOutCause::AlreadyDeleted, 1),
            left_out(LeftOutCause::Changed, 2),
            left_out(LeftOutCause::Gone, 1),
        ]
        .concat()
    );
    queue.check().await;
}

#[tokio::test]
async fn a_stricter_order_takes_over_and_takes_changed_leads() {
    let (queue, leads) = Queue::with(4).await;
    let weak = queue.delete("Team Leader", "outdated", &leads[..2]).await;
    let strict = queue
        .delete("Manager", "do-not-contact", &leads[2..3])
        .await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    queue.change(leads[3]).await;
    let confirmed = queue
        .confirm("Manager", &draft, "do-not-contact")
        .await
        .unwrap();
    assert_eq!(confirmed.deleted, 3);
    assert_eq!(
        confirmed.left_out,
        left_out(LeftOutCause::AlreadyDeleted, 1)
    );
    assert_eq!(queue.numbers(weak.order).await.skipped, 2);
    assert_eq!(queue.numbers(strict.order).await.waiting, 1);
    queue.check().await;
    queue.at_night();
    queue.drain().await;
    for lead in leads {
        assert!(!queue.is_there(lead).await);
    }
    queue.check().await;
}

#[tokio::test]
async fn a_weaker_order_takes_nothing_over() {
    let (queue, leads) = Queue::with(2).await;
    queue.delete("Manager", "do-not-contact", &leads[..1]).await;
    let confirmed = queue.delete("Manager", "outdated", &leads).await;
    assert_eq!(confirmed.deleted, 1);
    assert_eq!(
        confirmed.left_out,
        left_out(LeftOutCause::AlreadyDeleted, 1)
    );
    queue.check().await;
}

#[tokio::test]
async fn delete_all_takes_what_was_seen_and_no_more() {
    let (queue, leads) = Queue::with(50).await;
    let as_of = queue.fresh("Manager", view(1)).await.as_of;
    let selection = Selection::Matching {
        view: view(1),
        as_of,
        except: [leads[7]].into(),
    };
    let by = queue.actor("Manager").granted().unwrap();
    let draft = domain::ports::Drafts::draft_matching(&queue.store, by, selection)
        .await
        .unwrap();
    let arrived = queue.add(&[crate::desk::named("Later")]).await;
    queue.change(leads[8]).await;
    let confirmed = queue
        .confirm("Manager", &draft, "irrelevant")
        .await
        .unwrap();
    assert_eq!(confirmed.deleted, 48);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 48);
    for kept in [leads[7], leads[8], arrived[0]] {
        assert!(queue.is_there(kept).await);
    }
    queue.check().await;
}

#[tokio::test]
async fn details_are_kept_beside_the_chain_and_nowhere_else() {
    let (queue, leads) = Queue::with(1).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let mut confirmation = queue.confirmation(&draft, "other");
    confirmation.details = "  She asked by letter.\u{202E}  ".into();
    let confirmed = queue.send("Manager", confirmation).await.unwrap();
    let by = queue.actor("Auditor").granted().unwrap();
    let page = domain::ports::DeletionOrders::order(&queue.store, by, confirmed.order, None)
        .await
        .unwrap();
    assert_eq!(page.details.as_deref(), Some("She asked by letter."));
    assert_eq!(page.rows.rows[0].name, None);
    let found = "SELECT COUNT(*) FROM audit_text WHERE name = 'details'";
    assert_eq!(queue.number(found, []).await, 1);
    queue.check().await;
}

#[tokio::test]
async fn a_reason_that_is_no_longer_offered_is_refused_at_its_field() {
    let (queue, leads) = Queue::with(1).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    queue
        .write("UPDATE reason SET offered = 0 WHERE code = 'outdated'", [])
        .await;
    let refused = queue.confirm("Manager", &draft, "outdated").await;
    assert!(refused.unwrap_err().of_field("Reason").is_some());
    assert!(queue.confirm("Manager", &draft, "duplicate").await.is_ok());
    queue.check().await;
}

#[tokio::test]
async fn the_number_may_be_typed_with_blanks_and_in_other_digits() {
    for typed in ["102", " 1 0 2 ", "١٠٢", "１０２", "१०२"] {
        let (queue, leads) = Queue::with(102).await;
        let draft = queue.draft("Manager", 1, &leads).await.unwrap();
        let right = queue.confirmation(&draft, "outdated");
        for wrong in ["١٠٣", "102 leads", "1O2", "-102", "1e2"] {
            let wrong = Confirmation {
                typed: wrong.into(),
                ..right.clone()
            };
            let refused = queue.send("Manager", wrong).await.unwrap_err();
            assert!(refused.of_field("Confirm number").is_some());
        }
        let right = Confirmation {
            typed: typed.into(),
            ..right
        };
        assert_eq!(queue.send("Manager", right).await.unwrap().deleted, 102);
    }
}

#[tokio::test]
async fn a_confirmation_sent_again_after_it_was_undone_or_carried_out_does_nothing_more() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let first = queue.confirm("Manager", &draft, "outdated").await.unwrap();
    queue.undo("Manager", first.order).await.unwrap();
    queue.clock.advance(domain::time::HOUR);
    // The back button, another tab, a line that was down: the first answer again, and the leads stay.
    let again = queue.confirm("Manager", &draft, "outdated").await.unwrap();
    assert_eq!(again, first);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
    queue.at_night();
    queue.drain().await;
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_whole_stack_wants_the_right_to_delete_all_and_the_stack_until_it_is_confirmed() {
    let (queue, _) = Queue::with(3).await;
    queue
        .stack(
            2,
            "Nobody's",
            &Default::default(),
            &["Manager", "Layer Admin"],
        )
        .await;
    let whole = async |by: &str| {
        let as_of = queue.fresh(by, view(2)).await.as_of;
        let selection = Selection::Matching {
            view: view(2),
            as_of,
            except: Default::default(),
        };
        let by = queue.actor(by).granted().unwrap();
        domain::ports::Drafts::draft_matching(&queue.store, by, selection)
            .await
            .unwrap()
    };
    let (managers, admins) = (whole("Manager").await, whole("Layer Admin").await);
    queue
        .write(
            "DELETE FROM role_permission WHERE permission = 'delete-all' AND role = 3",
            [],
        )
        .await;
    let refused = queue.confirm("Manager", &managers, "outdated").await;
    assert_eq!(refused.unwrap_err().status(), 403);
    queue.write("DELETE FROM work_stack WHERE id = 2", []).await;
    let refused = queue.confirm("Layer Admin", &admins, "outdated").await;
    assert_eq!(refused.unwrap_err().status(), 409);
    let flagged = queue.number("SELECT COUNT(*) FROM open_deletion", []).await;
    assert_eq!(flagged, 0);
    queue.check().await;
}

#[tokio::test]
async fn on_a_full_disk_a_confirmation_does_nothing_and_the_same_one_goes_through_once_there_is_room()
 {
    if skips_on_postgres("SQLite's file is kept from growing") {
        return;
    }
    let (queue, leads) = Queue::with(3_000).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    queue.write("PRAGMA max_page_count = 1", []).await;
    let full = queue
        .confirm("Manager", &draft, "outdated")
        .await
        .unwrap_err();
    assert_eq!(full.status(), 500);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
    queue.check().await;
    queue.write("PRAGMA max_page_count = 1073741823", []).await;
    assert_eq!(
        queue
            .confirm("Manager", &draft, "outdated")
            .await
            .unwrap()
            .deleted,
        3_000
    );
    queue.check().await;
}
