//! The Deletion Queue as it is read.

use crate::queue::Queue;
use domain::deletion_queue::{ChangedSince, QueueRequest, QueueTab};
use domain::lead::{LeadId, LeadRequest};
use domain::ports::{DeletionQueue, Leads};

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

#[tokio::test]
async fn a_row_says_that_its_lead_changed_and_what_the_queue_makes_of_that() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads[..2]).await;
    queue.delete("Manager", "do-not-contact", &leads[2..]).await;
    queue.change(leads[1]).await;
    queue.change(leads[2]).await;
    let by = queue.actor("Auditor").granted().unwrap();
    let rows = queue
        .store
        .queue(by, QueueRequest::default())
        .await
        .unwrap();
    let changed: Vec<_> = rows.rows.iter().map(|row| row.changed).collect();
    assert_eq!(
        changed,
        [None, Some(ChangedSince::Kept), Some(ChangedSince::Deleted)]
    );
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    assert!(queue.is_there(leads[1]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_team_leader_reads_their_own_deletions_page_by_page_and_no_others() {
    let (queue, leads) = Queue::with(460).await;
    let own: Vec<LeadId> = leads.iter().copied().step_by(2).collect();
    let others: Vec<LeadId> = leads.iter().copied().skip(1).step_by(2).collect();
    // Of three orders, one lead to each in turn, so that every page takes from each of them.
    for part in 0..3 {
        let leads: Vec<LeadId> = own.iter().copied().skip(part).step_by(3).collect();
        queue.delete("Team Leader", "outdated", &leads).await;
    }
    queue.delete("Manager", "outdated", &others).await;
    let pages = async |tab| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let by = queue.actor("Team Leader").granted().unwrap();
            let request = QueueRequest {
                tab,
                search: String::new(),
                after,
            };
            let page = queue.store.queue(by, request).await.unwrap();
            all.push(page.rows.iter().map(|row| row.lead).collect::<Vec<_>>());
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    };
    let waiting = pages(QueueTab::Waiting).await;
    assert_eq!(
        waiting.iter().map(Vec::len).collect::<Vec<_>>(),
        [100, 100, 30]
    );
    assert_eq!(waiting.concat(), own);
    assert_eq!(pages(QueueTab::Held).await.concat(), []);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 460);
    // The first that went is far from the first page, and found all the same.
    let request = QueueRequest {
        tab: QueueTab::Deleted,
        search: own[0].to_string(),
        after: None,
    };
    let by = queue.actor("Team Leader").granted().unwrap();
    let found = queue.store.queue(by, request).await.unwrap().rows;
    assert_eq!(
        found.iter().map(|row| row.lead).collect::<Vec<_>>(),
        own[..1]
    );
    let mut deleted = pages(QueueTab::Deleted).await.concat();
    assert_eq!(deleted.len(), 230);
    deleted.sort_unstable();
    assert_eq!(deleted, own);
    queue.check().await;
}
