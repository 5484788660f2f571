//! Undo: what still waits comes back.

use crate::queue::Queue;
use domain::deletion_order::{OrderNumbers, OrderPart};
use domain::ports::DeletionOrders;

#[tokio::test]
async fn an_undone_order_leaves_its_leads_where_they_were() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Team Leader", "duplicate", &leads).await.order;
    let undone = queue.undo("Team Leader", order).await.unwrap();
    assert_eq!(undone.message, "3 leads are back.");
    queue.at_night();
    queue.drain().await;
    assert!(queue.is_there(leads[0]).await);
    assert_eq!(
        queue.numbers(order).await,
        OrderNumbers {
            removed: 3,
            ..OrderNumbers::default()
        }
    );
    let again = queue.undo("Team Leader", order).await.unwrap();
    assert_eq!(again.message, "There was nothing left to undo.");
    // It says so, and not that somebody removed them.
    let by = queue.actor("Team Leader").granted().unwrap();
    let page = queue.store.order(by, order, Some(OrderPart::Removed));
    let page = page.await.unwrap();
    assert_eq!(page.summary.sentences, ["3 kept: undone by Team Leader."]);
    assert_eq!(page.rows.rows[0].state, "Undone by Team Leader, 10:00");
    queue.check().await;
}

#[tokio::test]
async fn undo_says_what_had_left() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Manager", "duplicate", &leads).await.order;
    queue.x("Manager", leads[1], None).await.unwrap();
    let undone = queue.undo("Manager", order).await.unwrap();
    assert_eq!(undone.message, "2 leads are back, 1 had left.");
    queue.check().await;
}

#[tokio::test]
async fn only_ones_own_order_is_undone() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Manager", "duplicate", &leads).await.order;
    let refused = queue.undo("Team Leader", order).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    assert_eq!(queue.numbers(order).await.waiting, 3);
    queue.check().await;
}

#[tokio::test]
async fn an_undone_lead_can_be_deleted_again() {
    let (queue, leads) = Queue::with(2).await;
    let first = queue.delete("Manager", "duplicate", &leads).await;
    queue.undo("Manager", first.order).await.unwrap();
    let second = queue.delete("Manager", "duplicate", &leads).await;
    assert_eq!(second.deleted, 2);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn undo_and_a_run_never_both_win() {
    let (queue, leads) = Queue::with(60).await;
    let queue = std::sync::Arc::new(queue);
    let mut orders = Vec::new();
    for lead in &leads {
        orders.push(queue.delete("Manager", "duplicate", &[*lead]).await.order);
    }
    queue.at_night();
    let undoing = tokio::spawn({
        let (queue, orders) = (queue.clone(), orders.clone());
        async move {
            let mut back = 0;
            for order in orders.into_iter().rev() {
                back += queue.undo("Manager", order).await.unwrap().back;
            }
            back
        }
    });
    let erased = queue.drain().await.erased;
    let back = undoing.await.unwrap();
    assert_eq!(erased + back as i64, 60);
    queue.check().await;
}
