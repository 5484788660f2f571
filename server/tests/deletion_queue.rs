//! The Deletion Queue as it is read.
#![expect(clippy::unwrap_used, reason = "tests")]

mod queue;

use domain::deletion_queue::{QueueRequest, QueueTab};
use domain::lead::{LeadId, LeadRequest};
use domain::ports::{DeletionQueue, Leads};
use queue::Queue;

#[tokio::test]
async fn an_erased_reference_says_who_deleted_it_when_and_why_and_is_no_lead_any_more() {
    let (queue, leads) = Queue::with(2).await;
    let order = queue.delete("Manager", "outdated", &leads[..1]).await.order;
    queue.at_night();
    queue.drain().await;
    let find = async |by: &str, lead: LeadId| {
        let request = QueueRequest {
            tab: QueueTab::Deleted,
            search: lead.to_string(),
            after: None,
        };
        let by = queue.actor(by).granted().unwrap();
        queue.store.queue(by, request).await.unwrap().rows
    };
    for role in ["Manager", "Layer Admin", "Auditor"] {
        let rows = find(role, leads[0]).await;
        assert_eq!(rows.len(), 1, "{role}");
        assert_eq!((rows[0].lead, rows[0].order), (leads[0], order));
        assert_eq!(
            (
                &*rows[0].label,
                &*rows[0].by,
                &*rows[0].reason,
                &rows[0].name
            ),
            ("Deleted, 22:00", "Manager", "Outdated", &None)
        );
        assert!(find(role, leads[1]).await.is_empty());
    }
    assert!(find("Team Leader", leads[0]).await.is_empty());
    // As a lead it is told of to who could have seen it, and nothing brings it back.
    let open = async |lead| {
        let by = queue.actor("Agent").granted().unwrap();
        let opened = queue.store.lead(by, LeadRequest::first(lead)).await;
        opened.unwrap_err().status()
    };
    assert_eq!(open(leads[0]).await, 410);
    assert_eq!(open(LeadId(9_999)).await, 404);
    assert_eq!(queue.undo("Manager", order).await.unwrap().back, 0);
    assert!(!queue.is_there(leads[0]).await);
    queue.check().await;
}
