//! Remove Deletions: off the queue, and back.

use crate::queue::Queue;
use domain::deletion_order::{OrderId, OrderPage};
use domain::permission::Permission;
use domain::ports::{DeletionOrders, Removals};
use domain::removal::{Removal, RemovalId, Removed};

async fn remove(queue: &Queue, by: &str, search: &str, reasons: &[&str]) -> Removed {
    let preview = queue
        .store
        .removal_preview(queue.actor(by).granted().unwrap(), search.into())
        .await
        .unwrap();
    let removal = Removal {
        search: search.into(),
        groups: preview
            .groups
            .iter()
            .filter(|g| reasons.contains(&g.reason.as_str()))
            .cloned()
            .collect(),
        note: "Ordered by mistake".into(),
    };
    queue
        .store
        .remove(queue.actor(by).granted().unwrap(), removal)
        .await
        .unwrap()
}

#[tokio::test]
async fn ticked_groups_come_off_whatever_their_state() {
    let (queue, leads) = Queue::with(9).await;
    let weak = queue
        .delete("Team Leader", "outdated", &leads[..4])
        .await
        .order;
    let must = queue
        .delete("Manager", "do-not-contact", &leads[4..6])
        .await
        .order;
    queue.poison(leads[0]).await;
    queue.x("Manager", leads[0], None).await.unwrap();
    queue.take_right("Team Leader").await;
    let preview = queue
        .store
        .removal_preview(queue.actor("Manager").granted().unwrap(), String::new())
        .await
        .unwrap();
    let groups: Vec<_> = preview
        .groups
        .iter()
        .map(|g| (g.reason.as_str(), g.count, g.must_be_carried_out))
        .collect();
    assert_eq!(
        groups,
        [("outdated", 4, false), ("do-not-contact", 2, true)]
    );

    let removed = remove(&queue, "Manager", "", &["outdated"]).await;
    assert_eq!(
        removed.message,
        "4 deletions removed. The leads are back in their work stacks."
    );
    assert_eq!(queue.numbers(weak).await.removed, 4);
    assert_eq!(queue.numbers(must).await.waiting, 2);
    queue.check().await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn only_what_the_search_shows_comes_off() {
    let (queue, leads) = Queue::with(5).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    let removed = remove(&queue, "Manager", &leads[3].to_string(), &["outdated"]).await;
    assert_eq!(removed.count, 1);
    let numbers = queue.numbers(order).await;
    assert_eq!((numbers.removed, numbers.waiting), (1, 4));
    queue.check().await;
}

#[tokio::test]
async fn a_removal_is_undone_by_new_orders_that_leave_changed_leads_out() {
    let (queue, leads) = Queue::with(6).await;
    let one = queue.delete("Manager", "outdated", &leads[..3]).await.order;
    let two = queue
        .delete("Team Leader", "invalid", &leads[3..])
        .await
        .order;
    let removed = remove(&queue, "Layer Admin", "", &["outdated", "invalid"]).await;
    queue.change(leads[0]).await;
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    let back = queue
        .store
        .undo_removal(admin(), removed.removal)
        .await
        .unwrap();
    assert_eq!(back.deleted, 5);
    queue.check().await;
    // The old ones stay removed, and say by which order they were put back.
    for order in [one, two] {
        assert_eq!(queue.numbers(order).await.removed, 3);
        let by = queue.actor("Layer Admin").granted().unwrap();
        let old = DeletionOrders::order(&queue.store, by, order, None)
            .await
            .unwrap();
        let by = queue.actor("Layer Admin").granted().unwrap();
        let new = DeletionOrders::order(&queue.store, by, old.summary.put_back_by.unwrap(), None)
            .await
            .unwrap();
        assert_eq!(new.puts_back, Some(order));
        assert_eq!(new.summary.reason, old.summary.reason);
        assert!(new.audit_sequence > 0);
    }
    // Sent again, it is answered again and nothing is done: also when what was put back changes once more.
    let entries = "SELECT COUNT(*) FROM audit_entry";
    let before = queue.number(entries, []).await;
    let again = queue.store.undo_removal(admin(), removed.removal).await;
    assert_eq!(again.unwrap(), back);
    remove(&queue, "Layer Admin", "", &["invalid"]).await;
    let again = queue.store.undo_removal(admin(), removed.removal).await;
    assert_eq!(again.unwrap(), back);
    assert_eq!(queue.number(entries, []).await, before + 1);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn whoever_may_delete_no_more_cannot_undo_a_removal_because_that_orders_deletions() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Team Leader", "outdated", &leads).await.order;
    let removed = remove(&queue, "Manager", "", &["outdated"]).await;
    assert!(page(&queue, "Manager", order).await.removals[0].may_undo);
    queue.take_right("Manager").await;
    let mut manager = queue.actor("Manager");
    manager.permissions.remove(&Permission::DeleteLeads);
    let seen = queue.store.order(manager.granted().unwrap(), order, None);
    assert!(!seen.await.unwrap().removals[0].may_undo);
    let entries = "SELECT COUNT(*) FROM audit_entry";
    let before = queue.number(entries, []).await;
    let by = queue.actor("Manager").granted().unwrap();
    let refused = queue.store.undo_removal(by, removed.removal).await;
    assert_eq!(refused.unwrap_err().status(), 403);
    assert_eq!(queue.number(entries, []).await, before);
    assert_eq!(queue.numbers(order).await.removed, 3);
    queue.check().await;
}

async fn page(queue: &Queue, role: &str, order: OrderId) -> OrderPage {
    let by = queue.actor(role).granted().unwrap();
    queue.store.order(by, order, None).await.unwrap()
}

#[tokio::test]
async fn an_orders_page_offers_to_undo_a_removal_while_it_can_be_and_to_who_removed() {
    let (queue, leads) = Queue::with(4).await;
    let one = queue.delete("Manager", "outdated", &leads[..2]).await.order;
    let two = queue.delete("Manager", "invalid", &leads[2..]).await.order;
    let first = remove(&queue, "Manager", "", &["outdated"]).await;
    let offered = async |role: &str, order: OrderId| {
        let removals = page(&queue, role, order).await.removals;
        removals.first().map(|it| (it.may_undo, it.of_others))
    };
    assert_eq!(offered("Manager", one).await, Some((true, false)));
    assert_eq!(offered("Layer Admin", one).await, Some((false, false)));
    assert_eq!(offered("Auditor", one).await, Some((false, false)));
    assert_eq!(offered("Manager", two).await, None);
    assert_eq!(
        page(&queue, "Manager", one).await.removals[0].removal,
        first.removal
    );

    // Ordered anew, changed or gone: there is nothing to put back.
    queue.change(leads[0]).await;
    assert_eq!(offered("Manager", one).await, Some((true, false)));
    queue.delete("Manager", "irrelevant", &leads[1..2]).await;
    assert_eq!(offered("Manager", one).await, Some((false, false)));

    // One removal of several orders says so on each, until it is undone.
    remove(&queue, "Manager", "", &["irrelevant", "invalid"]).await;
    assert_eq!(offered("Manager", two).await, Some((true, true)));
    let removal = page(&queue, "Manager", two).await.removals[0].removal;
    let by = queue.actor("Manager").granted().unwrap();
    queue.store.undo_removal(by, removal).await.unwrap();
    assert_eq!(offered("Manager", two).await, Some((false, false)));
    queue.check().await;
}

#[tokio::test]
async fn why_deletions_were_removed_is_blacked_out_and_the_chain_stays_whole() {
    let (queue, leads) = Queue::with(2).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    let removal = remove(&queue, "Manager", "", &["outdated"]).await.removal;
    assert!(!page(&queue, "Manager", order).await.removals[0].may_redact);
    assert!(page(&queue, "Layer Admin", order).await.removals[0].may_redact);
    let redact = async |order, removal| {
        let by = queue.actor("Layer Admin").granted().unwrap();
        queue.store.redact_removal(by, order, removal).await
    };
    // An order that it took nothing of, or a removal that never was: neither is known.
    let other = RemovalId(order.0);
    assert_eq!(redact(order, other).await.unwrap_err().status(), 404);
    redact(order, removal).await.unwrap();
    let after = page(&queue, "Layer Admin", order).await;
    assert_eq!(after.removals[0].note, "Redacted by Layer Admin, 10:00.");
    assert!(!after.removals[0].may_redact);
    let left = "SELECT COUNT(*) FROM audit_text WHERE text IS NOT NULL OR salt <> zeroblob(16)";
    assert_eq!(queue.number(left, []).await, 0);
    // Once more is the same.
    redact(order, removal).await.unwrap();
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'details-redacted'";
    assert_eq!(queue.number(entries, []).await, 1);
    queue.check().await;
}

#[tokio::test]
async fn a_removal_needs_a_reason_and_a_group() {
    let (queue, leads) = Queue::with(1).await;
    queue.delete("Manager", "outdated", &leads).await;
    let removal = |note: &str, groups| Removal {
        search: String::new(),
        groups,
        note: note.into(),
    };
    let by = queue.actor("Manager").granted().unwrap();
    let group = queue
        .store
        .removal_preview(by, String::new())
        .await
        .unwrap()
        .groups;
    for wrong in [
        removal(" \n", group.clone()),
        removal(&"x".repeat(2_001), group),
        removal("Why", Vec::new()),
    ] {
        let by = queue.actor("Manager").granted().unwrap();
        assert_eq!(
            queue.store.remove(by, wrong).await.unwrap_err().status(),
            422
        );
    }
    assert!(!queue.actor("Team Leader").may(Permission::RemoveDeletions));
    queue.check().await;
}

#[tokio::test]
async fn a_removal_and_a_run_never_both_win() {
    let (queue, leads) = Queue::with(90).await;
    for part in leads.chunks(9) {
        queue.delete("Manager", "outdated", part).await;
    }
    queue.at_night();
    let (settled, removed) =
        tokio::join!(queue.drain(), remove(&queue, "Manager", "", &["outdated"]));
    assert_eq!(settled.erased as u64 + removed.count, 90);
    queue.check().await;
}

#[tokio::test]
async fn no_more_comes_off_than_the_dialog_showed() {
    let (queue, leads) = Queue::with(5).await;
    queue.delete("Manager", "outdated", &leads[..2]).await;
    let by = || queue.actor("Manager").granted().unwrap();
    let groups = queue
        .store
        .removal_preview(by(), String::new())
        .await
        .unwrap()
        .groups;
    queue.delete("Manager", "outdated", &leads[2..]).await;
    let removal = Removal {
        search: String::new(),
        groups,
        note: "Ordered by mistake".into(),
    };

    let refused = queue.store.remove(by(), removal).await.unwrap_err();

    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("5 deletions"), "{refused}");
    queue.check().await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 5);
}

#[tokio::test]
async fn what_must_be_carried_out_is_put_back_although_it_changed() {
    let (queue, leads) = Queue::with(2).await;
    queue.delete("Manager", "do-not-contact", &leads).await;
    queue
        .write(
            "UPDATE lead SET revision = revision + 1 WHERE id = $1",
            [leads[0].0.into()],
        )
        .await;
    let removed = remove(&queue, "Manager", "", &["do-not-contact"]).await;

    let back = queue
        .store
        .undo_removal(queue.actor("Manager").granted().unwrap(), removed.removal)
        .await
        .unwrap();

    assert_eq!(back.deleted, 2);
    queue.check().await;
}

#[tokio::test]
async fn deleting_and_removing_at_once_leaves_each_lead_in_one_state() {
    let (queue, leads) = Queue::with(60).await;
    let queue = std::sync::Arc::new(queue);
    let deleting = tokio::spawn({
        let (queue, leads) = (queue.clone(), leads.clone());
        async move {
            for part in leads.chunks(5) {
                queue.delete("Manager", "outdated", part).await;
            }
        }
    });
    let mut removed = 0;
    while !deleting.is_finished() {
        let by = || queue.actor("Layer Admin").granted().unwrap();
        let groups = queue
            .store
            .removal_preview(by(), String::new())
            .await
            .unwrap()
            .groups;
        let removal = Removal {
            search: String::new(),
            groups,
            note: "Ordered by mistake".into(),
        };
        match queue.store.remove(by(), removal).await {
            Ok(done) => removed += done.count,
            // Nothing was ticked, or the queue has grown since it was looked at.
            Err(error) => assert!([409, 422].contains(&error.status()), "{error}"),
        }
        tokio::task::yield_now().await;
    }
    deleting.await.unwrap();
    let open = queue.number("SELECT COUNT(*) FROM open_deletion", []).await;
    assert_eq!(open as u64 + removed, 60);
    queue.check().await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, open);
    queue.check().await;
}

#[tokio::test]
async fn what_was_ordered_after_the_dialog_opened_is_not_removed_unseen() {
    let (queue, leads) = Queue::with(6).await;
    queue.delete("Manager", "outdated", &leads[..3]).await;
    let by = || queue.actor("Layer Admin").granted().unwrap();
    let preview = queue.store.removal_preview(by(), String::new()).await;
    // Meanwhile what was shown leaves, and as many more of that person and reason are ordered.
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 3);
    queue.delete("Manager", "outdated", &leads[3..]).await;
    let removal = Removal {
        search: String::new(),
        groups: preview.unwrap().groups,
        note: "Ordered by mistake".into(),
    };
    assert_eq!(queue.store.remove(by(), removal).await.unwrap().count, 0);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        3
    );
    queue.check().await;
}
