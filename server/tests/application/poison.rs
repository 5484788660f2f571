//! A lead that the database refuses to delete never holds up the others, and ends where a person can act.

use crate::queue::Queue;
use crate::test_database::{is_postgres, skips_on_sqlite};
use domain::audit::ActorRef;
use domain::deletion_queue::{QueueRequest, QueueTab};
use domain::ports::DeletionQueue;
use domain::time::{HOUR, MINUTE};
use server::worker;

#[tokio::test]
async fn the_others_go_and_the_poison_lead_fails_after_five_tries() {
    let (queue, leads) = Queue::with(300).await;
    queue.poison(leads[17]).await;
    queue.poison(leads[250]).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    queue.at_night();
    let settled = queue.drain().await;
    assert_eq!((settled.erased, settled.failed), (298, 0));
    queue.check().await;
    for (tries, wait) in [(2, MINUTE), (3, 10 * MINUTE), (4, HOUR)] {
        let tried = "SELECT MIN(tries) FROM open_deletion WHERE state = 'waiting'";
        assert_eq!(queue.number(tried, []).await, tries);
        queue.clock.advance(wait - 1);
        assert_eq!(queue.drain().await, Default::default());
        queue.clock.advance(1);
        queue.drain().await;
        queue.check().await;
    }
    let numbers = queue.numbers(order).await;
    assert_eq!(
        (numbers.failed, numbers.waiting, numbers.erased),
        (2, 0, 298)
    );
    let request = QueueRequest {
        tab: QueueTab::Failed,
        ..QueueRequest::default()
    };
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    let page = queue
        .store
        .queue(queue.actor("Layer Admin").granted().unwrap(), request)
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!(
        page.rows[0].label,
        "Failed: another record refers to it. Remove that record, then press Retry"
    );

    queue.write("DELETE FROM claim", []).await;
    queue.store.retry(admin(), leads[17]).await.unwrap();
    queue.drain().await;
    assert!(!queue.is_there(leads[17]).await);
    assert!(queue.is_there(leads[250]).await);
    assert_eq!(
        queue
            .store
            .retry(admin(), leads[17])
            .await
            .unwrap_err()
            .status(),
        409
    );
    queue.check().await;
}

#[tokio::test]
async fn a_triggers_refusal_is_another_failure() {
    let (queue, leads) = Queue::with(3).await;
    let trigger: &[&str] = if is_postgres() {
        &[
            "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$",
            "CREATE TRIGGER never BEFORE DELETE ON lead FOR EACH ROW WHEN (old.id = 2) EXECUTE FUNCTION never()",
        ]
    } else {
        &[
            "CREATE TRIGGER never BEFORE DELETE ON lead WHEN old.id = 2 BEGIN SELECT RAISE(ABORT, 'never'); END",
        ]
    };
    for statement in trigger {
        queue.write(statement, []).await;
    }
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    queue.x("Manager", leads[1], None).await.unwrap();
    let cause = "SELECT COUNT(*) FROM open_deletion WHERE state = 'failed' AND cause = 'refused'";
    assert_eq!(queue.number(cause, []).await, 1);
    queue.at_night();
    queue.drain().await;
    let numbers = queue.numbers(order).await;
    assert_eq!((numbers.failed, numbers.erased), (1, 2));
    queue.check().await;
}

/// A trigger that refuses lead 2 with this code.
async fn refuses(queue: &Queue, code: &str) {
    let function = format!(
        "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never' USING ERRCODE = '{code}'; END $$"
    );
    queue.write(&function, []).await;
    let trigger = "CREATE TRIGGER never BEFORE DELETE ON lead FOR EACH ROW WHEN (old.id = 2) EXECUTE FUNCTION never()";
    queue.write(trigger, []).await;
}

#[tokio::test]
async fn whatever_code_a_refusal_has_it_holds_up_its_own_lead_alone() {
    if skips_on_sqlite("its triggers have one code") {
        return;
    }
    // One of nobody's, one of a stack too deep, one of a statement that took too long.
    for code in ["45000", "54001", "57014"] {
        let (queue, leads) = Queue::with(3).await;
        refuses(&queue, code).await;
        let order = queue.delete("Manager", "outdated", &leads).await.order;
        queue.at_night();
        assert_eq!(queue.drain().await.erased, 2, "{code}");
        assert_eq!(queue.numbers(order).await.waiting, 1, "{code}");
        queue.check().await;
    }
}

#[tokio::test]
async fn what_is_the_machines_trouble_counts_no_try_of_any_lead() {
    if skips_on_sqlite("its triggers have one code") {
        return;
    }
    // A full disk, a right that Layer lacks, a server that goes down.
    for code in ["53100", "42501", "57P01"] {
        let (queue, leads) = Queue::with(3).await;
        refuses(&queue, code).await;
        queue.delete("Manager", "outdated", &leads).await;
        queue.at_night();
        let drained = worker::drain(&queue.store, true, ActorRef::Worker).await;
        assert!(drained.is_err(), "{code}");
        let untouched = "SELECT COUNT(*) FROM open_deletion WHERE state = 'waiting' AND tries = 0";
        assert_eq!(queue.number(untouched, []).await, 3, "{code}");
    }
}

#[tokio::test]
async fn queue_run_tries_twice_and_ends() {
    let (queue, leads) = Queue::with(5).await;
    queue.poison(leads[0]).await;
    queue.delete("Manager", "outdated", &leads).await;
    let settled = queue.run().await;
    assert_eq!((settled.erased, settled.failed), (4, 0));
    let tried = "SELECT tries FROM open_deletion";
    assert_eq!(queue.number(tried, []).await, 2);
    queue.check().await;
}
