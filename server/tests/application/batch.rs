//! A batch: claimed, checked again, erased and told in one transaction.

use crate::desk::{START, named};
use crate::queue::Queue;
use domain::audit::{Act, ActorRef};
use domain::deletion::{Check, Hold, Skipped, Verdict, verdict};
use domain::deletion_order::OrderNumbers;
use domain::lead::LeadStatus;
use domain::ports::DeletionQueue;
use domain::time::DAY;
use domain::work_stack::Filter;
use server::database::Priority;
use server::store::batch::{Due, Pass};
use server::store::lead_write::{self, Change};

#[tokio::test]
async fn a_run_erases_everything_that_a_lead_has_and_nothing_else() {
    let (queue, leads) = Queue::with(20).await;
    let order = queue
        .delete("Manager", "outdated", &leads[..10])
        .await
        .order;
    queue.draft("Team Leader", 1, &leads).await.unwrap();
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 10);
    assert_eq!(
        queue.numbers(order).await,
        OrderNumbers {
            erased: 10,
            ..OrderNumbers::default()
        }
    );
    assert_eq!(queue.number("SELECT COUNT(*) FROM lead", []).await, 10);
    let told = "SELECT CAST(SUM(contact_records + activities) AS BIGINT) FROM deletion";
    assert_eq!(queue.number(told, []).await, 12);
    queue.check().await;
}

#[tokio::test]
async fn the_newest_lead_is_erased_and_the_next_number_is_new() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads[2..]).await;
    queue.at_night();
    queue.drain().await;
    let next = queue.add(&[named("Next")]).await;
    assert!(next[0] > leads[2]);
}

#[tokio::test]
async fn a_changed_lead_is_kept_unless_the_reason_must_be_carried_out() {
    let (queue, leads) = Queue::with(4).await;
    let weak = queue.delete("Manager", "outdated", &leads[..2]).await.order;
    let must = queue
        .delete("Manager", "do-not-contact", &leads[2..])
        .await
        .order;
    queue.change(leads[0]).await;
    queue.change(leads[2]).await;
    queue.at_night();
    queue.drain().await;
    let (weak, must) = (queue.numbers(weak).await, queue.numbers(must).await);
    assert_eq!((weak.erased, weak.skipped), (1, 1));
    assert_eq!((must.erased, must.skipped), (2, 0));
    assert!(queue.is_there(leads[0]).await);
    assert!(!queue.is_there(leads[2]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_copy_whose_kept_lead_goes_is_kept() {
    let (queue, leads) = Queue::with(6).await;
    let order = queue
        .delete("Manager", "duplicate", &leads[1..3])
        .await
        .order;
    let kept = "UPDATE open_deletion SET kept_lead = $2 WHERE lead = $1";
    queue
        .write(kept, [leads[1].0.into(), leads[4].0.into()])
        .await;
    queue
        .write(kept, [leads[2].0.into(), leads[5].0.into()])
        .await;
    queue.x("Manager", leads[4], Some("invalid")).await.unwrap();
    queue.at_night();
    queue.drain().await;
    let numbers = queue.numbers(order).await;
    assert_eq!((numbers.skipped, numbers.erased), (1, 1));
    assert!(queue.is_there(leads[1]).await);
    queue.check().await;
}

#[tokio::test]
async fn what_somebody_ordered_who_lost_the_right_is_held_until_a_layer_admin_confirms_it() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Team Leader", "outdated", &leads).await.order;
    queue.take_right("Team Leader").await;
    assert_eq!(queue.numbers(order).await.held, 3);
    queue.check().await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 0);
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    queue.store.confirm_held(admin(), leads[1]).await.unwrap();
    assert_eq!(queue.drain().await.erased, 1);
    assert!(!queue.is_there(leads[1]).await);
    let again = queue.store.confirm_held(admin(), leads[1]).await;
    assert_eq!(again.unwrap_err().status(), 409);
    queue.check().await;
}

#[tokio::test]
async fn a_batch_holds_what_nobody_held_before() {
    let (queue, leads) = Queue::with(2).await;
    let order = queue.delete("Team Leader", "outdated", &leads).await.order;
    queue
        .write("UPDATE member SET active = 0 WHERE id = 2", [])
        .await;
    queue.at_night();
    assert_eq!(queue.drain().await.held, 2);
    assert_eq!(queue.numbers(order).await.held, 2);
    assert_eq!(queue.drain().await.held, 0);
    queue.check().await;
}

#[tokio::test]
async fn a_confirmed_hold_still_waits_for_the_undo_time() {
    let (queue, leads) = Queue::with(1).await;
    queue.clock.advance(10 * 3_600_000);
    queue.delete("Team Leader", "outdated", &leads).await;
    queue.take_right("Team Leader").await;
    let admin = queue.actor("Layer Admin").granted().unwrap();
    queue.store.confirm_held(admin, leads[0]).await.unwrap();
    assert_eq!(queue.drain().await.erased, 0);
    queue.clock.advance(600_000);
    assert_eq!(queue.drain().await.erased, 1);
    queue.check().await;
}

#[tokio::test]
async fn the_sql_says_what_the_rule_says() {
    for unchanged in [true, false] {
        for must in [true, false] {
            for kept in [true, false] {
                for right in [true, false] {
                    let (queue, leads) = Queue::with(3).await;
                    let reason = if must { "do-not-contact" } else { "outdated" };
                    let order = queue
                        .delete("Team Leader", reason, &leads[1..2])
                        .await
                        .order;
                    let kept_lead = if kept { leads[2].0 } else { 9_999 };
                    queue
                        .write(
                            "UPDATE open_deletion SET kept_lead = $1",
                            [kept_lead.into()],
                        )
                        .await;
                    if !unchanged {
                        queue.change(leads[1]).await;
                    }
                    if !right {
                        queue
                            .write("UPDATE member SET active = 0 WHERE id = 2", [])
                            .await;
                    }
                    queue.at_night();
                    queue.drain().await;
                    let rule = verdict(Check {
                        present: true,
                        unchanged,
                        must_be_carried_out: must,
                        kept_lead_stays: kept,
                        right_stands: right,
                    });
                    let one = OrderNumbers::default();
                    let expected = match rule {
                        Verdict::Erase => OrderNumbers { erased: 1, ..one },
                        Verdict::Skip(skipped) => {
                            assert_eq!(skipped, Skipped::Changed);
                            OrderNumbers { skipped: 1, ..one }
                        }
                        Verdict::Hold(hold) => {
                            assert_eq!(hold, Hold::RightsWithdrawn);
                            OrderNumbers { held: 1, ..one }
                        }
                    };
                    assert_eq!(queue.numbers(order).await, expected);
                    queue.check().await;
                }
            }
        }
    }
}

#[tokio::test]
async fn every_act_has_one_entry_and_a_batch_closes_under_its_own() {
    let (queue, leads) = Queue::with(30).await;
    queue.delete("Manager", "outdated", &leads).await;
    queue.at_night();
    let before = queue.number("SELECT COUNT(*) FROM audit_entry", []).await;
    let mut pass = Pass::new(Due::OnTime);
    let mut batches = 0;
    while queue
        .store
        .batch(&mut pass, ActorRef::Worker)
        .await
        .unwrap()
        .is_some()
    {
        batches += 1;
        queue.check().await;
    }
    let after = queue.number("SELECT COUNT(*) FROM audit_entry", []).await;
    assert_eq!(after - before, batches);
    let acts = "SELECT COUNT(DISTINCT act) FROM deletion";
    assert_eq!(queue.number(acts, []).await, batches);
}

#[tokio::test]
async fn two_runs_at_once_take_each_lead_once() {
    let (queue, leads) = Queue::with(300).await;
    for part in leads.chunks(30) {
        queue.delete("Manager", "outdated", part).await;
    }
    queue.at_night();
    let (one, two) = tokio::join!(queue.drain(), queue.run());
    assert_eq!(one.erased + two.erased, 300);
    queue.check().await;
}

#[tokio::test]
async fn a_batch_that_waited_until_business_hours_began_takes_nothing() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads).await;
    queue.at_night();
    let mut pass = Pass::new(Due::OutsideHours);
    // By then it is ten in the morning.
    queue.clock.set(START.plus(DAY));
    let settled = queue.store.batch(&mut pass, ActorRef::Worker).await;
    assert_eq!(settled.unwrap(), None);
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_lead_with_very_much_is_alone_in_its_batch() {
    let (queue, leads) = Queue::with(6).await;
    queue
        .write(
            "INSERT INTO activity (lead, n, kind, at, text) \
             WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT $1, i, 'note', 0, 'x' FROM n",
            [leads[2].0.into()],
        )
        .await;
    queue.delete("Manager", "outdated", &leads).await;
    queue.at_night();
    let mut pass = Pass::new(Due::OnTime);
    let mut sizes = Vec::new();
    while let Some(settled) = queue
        .store
        .batch(&mut pass, ActorRef::Worker)
        .await
        .unwrap()
    {
        sizes.push(settled.erased);
    }
    assert_eq!(sizes[..2], [2, 1]);
    assert_eq!(sizes.iter().sum::<i64>(), 6);
    queue.check().await;
}

#[tokio::test]
async fn a_lead_that_left_the_stack_since_goes_all_the_same() {
    let (queue, leads) = Queue::with(2).await;
    queue
        .stack(2, "Portal", &Filter::default(), &["Manager"])
        .await;
    let draft = queue.draft("Manager", 2, &leads).await.unwrap();
    let order = queue
        .confirm("Manager", &draft, "outdated")
        .await
        .unwrap()
        .order;
    queue
        .write(
            r#"UPDATE work_stack SET filter = '{"sources":["Zoopla"]}' WHERE id = 2"#,
            [],
        )
        .await;
    queue.write("DELETE FROM work_stack_role", []).await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    assert_eq!(queue.numbers(order).await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn a_lead_that_was_converted_since_is_kept_unless_the_reason_must_be_carried_out() {
    let (queue, leads) = Queue::with(4).await;
    let weak = queue.delete("Manager", "outdated", &leads[..2]).await.order;
    let must = queue
        .delete("Manager", "do-not-contact", &leads[2..])
        .await
        .order;
    let converted = Change {
        status: Some(LeadStatus::Converted),
        ..Change::default()
    };
    let writing = queue.store.begin(Priority::Person).await.unwrap();
    for lead in [leads[0], leads[2]] {
        lead_write::change(&writing, lead, &converted)
            .await
            .unwrap();
    }
    writing
        .commit(ActorRef::CommandLine, Act::Imported, Vec::new())
        .await
        .unwrap();
    queue.at_night();
    queue.drain().await;
    let (weak, must) = (queue.numbers(weak).await, queue.numbers(must).await);
    assert_eq!((weak.erased, weak.skipped, must.erased), (1, 1, 2));
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
}
