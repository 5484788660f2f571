//! When the queue runs: outside business hours, after the undo time, not while paused; or when it is told.

use std::sync::Arc;

use crate::queue::Queue;
use domain::audit::ActorRef;
use domain::ports::DeletionQueue;
use domain::time::{HOUR, MINUTE};
use server::worker;

#[tokio::test]
async fn nothing_leaves_within_business_hours() {
    let (queue, leads) = Queue::with(2).await;
    queue.delete("Manager", "outdated", &leads).await;
    // 18:59:59.999, and 19:00.
    queue.clock.advance(9 * HOUR - 1);
    assert_eq!(queue.drain().await.erased, 0);
    queue.clock.advance(1);
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn at_night_the_undo_time_alone_keeps_it() {
    let (queue, leads) = Queue::with(2).await;
    queue.at_night();
    let confirmed = queue.delete("Manager", "outdated", &leads).await;
    assert_eq!(
        confirmed.message,
        "2 leads deleted. They leave the system in 10 minutes."
    );
    queue.clock.advance(10 * MINUTE - 1);
    assert_eq!(queue.drain().await.erased, 0);
    queue.clock.advance(1);
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn while_paused_nothing_runs_and_the_message_says_so() {
    let (queue, leads) = Queue::with(2).await;
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    queue.store.pause(admin()).await.unwrap();
    let confirmed = queue.delete("Manager", "outdated", &leads).await;
    assert!(
        confirmed
            .message
            .ends_with("when a Layer Admin resumes the queue.")
    );
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 0);
    assert_eq!(queue.run().await.erased, 0);
    assert_eq!(
        queue
            .store
            .run_now(queue.actor("Layer Admin").granted().unwrap(), true)
            .await
            .unwrap_err()
            .status(),
        409
    );
    queue
        .store
        .resume(queue.actor("Layer Admin").granted().unwrap())
        .await
        .unwrap();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn run_now_leaves_the_young_ones_unless_told() {
    let (queue, leads) = Queue::with(4).await;
    queue.delete("Manager", "outdated", &leads[..2]).await;
    queue.clock.advance(10 * MINUTE);
    queue.delete("Manager", "outdated", &leads[2..]).await;
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    let page = queue
        .store
        .lead_management(queue.actor("Layer Admin").granted().unwrap())
        .await
        .unwrap();
    assert_eq!(page.status.younger, 2);
    queue.store.run_now(admin(), false).await.unwrap();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
    queue.store.run_now(admin(), true).await.unwrap();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn queue_run_minds_neither_hours_nor_undo_time() {
    let (queue, leads) = Queue::with(2).await;
    queue.delete("Manager", "outdated", &leads).await;
    assert_eq!(queue.run().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn the_worker_runs_what_it_is_told_and_stops_when_asked() {
    let (queue, leads) = Queue::with(40).await;
    queue.delete("Manager", "outdated", &leads).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let store = Arc::new(queue.again().await);
    let mut acts = store.acts();
    let working = tokio::spawn(worker::work(store.clone(), stopped));
    let admin = queue.actor("Layer Admin").granted().unwrap();
    store.run_now(admin, true).await.unwrap();
    while queue.number("SELECT COUNT(*) FROM lead", []).await > 0
        || queue.number("SELECT COUNT(*) FROM queue_run", []).await > 0
    {
        acts.changed().await.unwrap();
    }
    stop.send(true).unwrap();
    working.await.unwrap();
    queue.check().await;
}

#[tokio::test]
async fn a_run_that_was_killed_is_forgotten_and_one_that_was_asked_for_goes_on() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads).await;
    queue
        .write("INSERT INTO queue_run (id, cause, started_at, total, also_younger) VALUES (1, 'run-now', 1, 3, 1)", [])
        .await;
    let settled = worker::drain(&queue.store, true, ActorRef::Worker)
        .await
        .unwrap();
    assert_eq!(settled.erased, 3);
    queue.check().await;
}

#[tokio::test]
async fn expired_drafts_are_purged_with_their_leads() {
    let (queue, leads) = Queue::with(3).await;
    queue.draft("Manager", 1, &leads).await.unwrap();
    queue.clock.advance(16 * MINUTE);
    worker::purge(&queue.store).await.unwrap();
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft_lead", []).await, 0);
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft", []).await, 0);
    queue.check().await;
}

#[tokio::test]
async fn a_clock_that_steps_back_lets_nothing_leave_early_and_nothing_twice() {
    let (queue, leads) = Queue::with(4).await;
    queue.at_night();
    queue.delete("Manager", "outdated", &leads[..2]).await;
    queue.clock.advance(-HOUR);
    assert_eq!(queue.drain().await.erased, 0);
    let later = queue.delete("Manager", "invalid", &leads[2..]).await;
    assert!(
        later.message.ends_with("in 10 minutes."),
        "{}",
        later.message
    );
    queue.clock.advance(10 * MINUTE);
    assert_eq!(queue.drain().await.erased, 2);
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
    queue.clock.advance(HOUR);
    assert_eq!(queue.drain().await.erased, 2);
    assert_eq!(queue.drain().await, Default::default());
    queue.check().await;
}

#[tokio::test]
async fn the_year_is_no_matter() {
    // 1970, the second after 32 bits end, 2100: each at night in London.
    for now in [0, 2_147_483_648_000, 4_102_444_800_000] {
        let (queue, leads) = Queue::with(2).await;
        queue.clock.set(domain::time::Millis(now));
        let confirmed = queue.delete("Manager", "outdated", &leads).await;
        assert!(
            confirmed.message.ends_with("in 10 minutes."),
            "{now}: {}",
            confirmed.message
        );
        assert_eq!(queue.drain().await.erased, 0, "{now}");
        queue.clock.advance(10 * MINUTE);
        assert_eq!(queue.drain().await.erased, 2, "{now}");
        queue.check().await;
    }
}
