//! The X: one lead, now.

use crate::desk::named;
use crate::queue::Queue;
use domain::ports::DeletionQueue;

#[tokio::test]
async fn a_queued_lead_goes_at_once_under_its_own_order() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Team Leader", "outdated", &leads).await.order;
    // Changed, paused, within business hours and the undo time: the X minds none of it.
    queue.change(leads[1]).await;
    queue
        .store
        .pause(queue.actor("Layer Admin").granted().unwrap())
        .await
        .unwrap();
    let deleted = queue.x("Manager", leads[1], None).await.unwrap();
    assert!(deleted.erased);
    assert_eq!(deleted.order, order);
    assert_eq!(deleted.message, format!("{} is deleted.", leads[1]));
    let numbers = queue.numbers(order).await;
    assert_eq!((numbers.erased, numbers.waiting), (1, 2));
    let who = "SELECT member FROM deletion WHERE state = 'erased'";
    assert_eq!(queue.number(who, []).await, queue.actor("Manager").member.0);
    assert!(!queue.is_there(leads[1]).await);
    queue.check().await;
}

#[tokio::test]
async fn another_lead_makes_an_order_of_one_and_wants_a_reason() {
    let (queue, leads) = Queue::with(3).await;
    let refused = queue.x("Manager", leads[0], None).await.unwrap_err();
    assert!(refused.of_field("Reason").is_some());
    let refused = queue
        .x("Manager", leads[0], Some("other"))
        .await
        .unwrap_err();
    assert!(refused.of_field("Extra details").is_some());
    let deleted = queue.x("Manager", leads[0], Some("invalid")).await.unwrap();
    let numbers = queue.numbers(deleted.order).await;
    assert_eq!((numbers.erased, numbers.confirmed()), (1, 1));
    assert!(!queue.is_there(leads[0]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_second_x_learns_that_it_is_done() {
    let (queue, leads) = Queue::with(1).await;
    queue.delete("Manager", "outdated", &leads).await;
    let both = tokio::join!(
        queue.x("Manager", leads[0], None),
        queue.x("Layer Admin", leads[0], None)
    );
    let (one, two) = (both.0.unwrap(), both.1.unwrap());
    assert!(one.erased && two.erased);
    assert_eq!(one.order, two.order);
    assert!(one.message.contains("already") != two.message.contains("already"));
    queue.check().await;
}

#[tokio::test]
async fn a_hold_refuses_it() {
    let (queue, leads) = Queue::with(1).await;
    queue.delete("Team Leader", "outdated", &leads).await;
    queue.take_right("Team Leader").await;
    let refused = queue.x("Manager", leads[0], None).await.unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("hold"));
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_lead_that_the_database_keeps_is_failed_and_says_why() {
    let (queue, leads) = Queue::with(2).await;
    for lead in &leads {
        queue.poison(*lead).await;
    }
    queue.delete("Manager", "outdated", &leads[..1]).await;
    for (lead, reason) in [(leads[0], None), (leads[1], Some("invalid"))] {
        let answer = queue.x("Manager", lead, reason).await.unwrap();
        assert!(!answer.erased);
        assert!(
            answer.message.contains("another record refers to it"),
            "{}",
            answer.message
        );
        assert_eq!(queue.numbers(answer.order).await.failed, 1);
        queue.check().await;
    }
    queue.write("DELETE FROM claim", []).await;
    assert!(queue.x("Manager", leads[0], None).await.unwrap().erased);
    queue.check().await;
}

#[tokio::test]
async fn a_lead_that_isnt_there_or_isnt_ones_own_answers_404() {
    let (queue, leads) = Queue::with(1).await;
    let none = queue
        .x("Manager", domain::lead::LeadId(9_999), Some("invalid"))
        .await;
    assert_eq!(none.unwrap_err().status(), 404);
    queue
        .write("DELETE FROM work_stack_role WHERE role = 3", [])
        .await;
    let foreign = queue.x("Manager", leads[0], Some("invalid")).await;
    assert_eq!(foreign.unwrap_err().status(), 404);
    queue.check().await;
}

#[tokio::test]
async fn the_number_of_an_erased_lead_is_never_used_again() {
    let (queue, leads) = Queue::with(2).await;
    queue.x("Manager", leads[1], Some("invalid")).await.unwrap();
    assert!(queue.add(&[named("Next")]).await[0] > leads[1]);
}

#[tokio::test]
async fn two_people_and_a_run_on_the_same_leads_erase_each_once() {
    let (queue, leads) = Queue::with(40).await;
    queue.delete("Team Leader", "outdated", &leads).await;
    queue.at_night();
    let queue = std::sync::Arc::new(queue);
    let press = |by: &'static str, leads: Vec<domain::lead::LeadId>| {
        let queue = queue.clone();
        tokio::spawn(async move {
            for lead in leads {
                // Whoever comes second learns that it is done; nobody gets an error.
                assert!(queue.x(by, lead, None).await.unwrap().erased);
            }
        })
    };
    let backwards = leads.iter().rev().copied().collect();
    let (one, two) = (
        press("Manager", leads.clone()),
        press("Layer Admin", backwards),
    );
    queue.drain().await;
    one.await.unwrap();
    two.await.unwrap();
    let erased = "SELECT COUNT(*) FROM deletion WHERE state = 'erased'";
    assert_eq!(queue.number(erased, []).await, 40);
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        1
    );
    queue.check().await;
}
