//! Deletion orders: one's own in pages, where each lead stands and why, and the redaction of what was typed.

use crate::queue::Queue;
use crate::test_database::skips_on_postgres;
use domain::deletion_order::{OrderId, OrderPage, OrderPart};
use domain::ports::{AskFirst, DeletionOrders, Removals};
use domain::removal::Removal;
use domain::time::HOUR;
use server::store::audit_verify::Verified;

async fn page(queue: &Queue, by: &str, order: OrderId, part: Option<OrderPart>) -> OrderPage {
    let by = queue.actor(by).granted().unwrap();
    queue.store.order(by, order, part).await.unwrap()
}

async fn redact(queue: &Queue, by: &str, order: OrderId) -> domain::Result<()> {
    let by = queue.actor(by).granted()?;
    queue.store.redact_details(by, order).await
}

/// An order with extra details.
async fn with_details(queue: &Queue, leads: &[domain::lead::LeadId], details: &str) -> OrderId {
    let draft = queue.draft("Manager", 1, leads).await.unwrap();
    let mut confirmation = queue.confirmation(&draft, "other");
    confirmation.details = details.into();
    queue.send("Manager", confirmation).await.unwrap().order
}

#[tokio::test]
async fn ones_own_orders_come_in_pages_newest_first_and_each_once() {
    let (queue, leads) = Queue::with(250).await;
    let mut made = Vec::new();
    for (n, lead) in leads.iter().enumerate() {
        // Some at the same instant: the id breaks the tie.
        if n % 3 == 0 {
            queue.clock.advance(1);
        }
        made.push(queue.delete("Manager", "outdated", &[*lead]).await.order);
    }
    let (mut after, mut walked) = (None, Vec::new());
    loop {
        let by = queue.actor("Manager").granted().unwrap();
        let page = queue.store.my_orders(by, after).await.unwrap();
        assert!(page.orders.len() <= 100);
        walked.extend(page.orders.iter().map(|order| order.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked.len(), 250);
    let mut sorted = walked.clone();
    sorted.sort();
    let mut all = made.clone();
    all.sort();
    assert_eq!(sorted, all);
    assert_eq!(walked[0], made[249]);
    let by = queue.actor("Team Leader").granted().unwrap();
    let others = queue.store.my_orders(by, Some(made[249])).await.unwrap();
    assert!(others.orders.is_empty());
}

#[tokio::test]
async fn an_order_says_what_did_not_go_and_why() {
    let (queue, leads) = Queue::with(7).await;
    queue.delete("Manager", "do-not-contact", &leads[6..]).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    let before = page(&queue, "Manager", order, None).await.summary;
    assert_eq!(before.leaves.as_deref(), Some("Leaves at 19:00"));
    assert!(before.may_undo);
    assert_eq!(
        before.sentences,
        ["1 was left out: 1 already being deleted."]
    );
    queue.change(leads[0]).await;
    queue.poison(leads[1]).await;
    queue
        .delete("Layer Admin", "do-not-contact", &leads[2..3])
        .await;
    queue.clock.advance(1);
    let by = queue.actor("Manager").granted().unwrap();
    let removal = Removal {
        search: format!("L-{}", leads[3].0),
        groups: queue
            .store
            .removal_preview(
                queue.actor("Manager").granted().unwrap(),
                format!("L-{}", leads[3].0),
            )
            .await
            .unwrap()
            .groups,
        note: "Not this one".into(),
    };
    assert_eq!(queue.store.remove(by, removal).await.unwrap().count, 1);
    queue.at_night();
    for _ in 0..6 {
        queue.drain().await;
        queue.clock.advance(HOUR);
    }
    let after = page(&queue, "Manager", order, None).await;
    let removal = after.removals.first().unwrap();
    assert_eq!(removal.note, "Not this one");
    assert!(removal.what.starts_with("1, Manager, "), "{removal:?}");
    assert_eq!(after.rows.part, OrderPart::Failed);
    assert_eq!(after.rows.rows[0].lead, leads[1]);
    let summary = after.summary;
    assert_eq!(summary.leaves, None);
    assert!(!summary.may_undo);
    assert_eq!(
        summary.sentences,
        [
            "1 was left out: 1 already being deleted.",
            "1 failed: another record refers to it. Remove that record, then press Retry.",
            "1 kept: removed from the queue by Manager.",
            "1 kept: changed since the order.",
            "1 kept: taken over by a stricter order.",
        ]
    );
    let by = queue.actor("Manager").granted().unwrap();
    let mine = queue.store.my_orders(by, None).await.unwrap().orders;
    assert_eq!(mine[0], summary);
    queue.check().await;
}

#[tokio::test]
async fn each_part_of_an_order_comes_in_pages() {
    let (queue, leads) = Queue::with(260).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    let walk = async |part: OrderPart| {
        let first = page(&queue, "Manager", order, Some(part)).await.rows;
        assert_eq!(first.part, part);
        let (mut rows, mut next) = (first.rows, first.next);
        while let Some(after) = next {
            let by = queue.actor("Manager").granted().unwrap();
            let page = queue
                .store
                .order_rows(by, order, part, after)
                .await
                .unwrap();
            assert!(page.rows.len() <= 100);
            rows.extend(page.rows);
            next = page.next;
        }
        rows.into_iter().map(|row| row.lead).collect::<Vec<_>>()
    };
    assert_eq!(walk(OrderPart::Waiting).await, leads);
    for lead in &leads[..105] {
        queue.change(*lead).await;
    }
    queue.at_night();
    queue.drain().await;
    assert_eq!(walk(OrderPart::Waiting).await, []);
    assert_eq!(walk(OrderPart::Skipped).await, leads[..105]);
    assert_eq!(walk(OrderPart::Erased).await, leads[105..]);
    queue.check().await;
}

#[tokio::test]
async fn an_order_is_seen_by_who_sees_it_in_the_queue_and_by_nobody_else() {
    let (queue, leads) = Queue::with(2).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    for (role, name) in [
        ("Manager", Some("Ann Example")),
        ("Layer Admin", Some("Ann Example")),
        ("Auditor", None),
    ] {
        let rows = page(&queue, role, order, None).await.rows.rows;
        assert_eq!(rows[0].name.as_deref(), name, "{role}");
    }
    let by = queue.actor("Team Leader");
    let refused = queue.store.order(by.granted().unwrap(), order, None).await;
    assert_eq!(refused.unwrap_err().status(), 404);
    let refused = queue
        .store
        .order_rows(by.granted().unwrap(), order, OrderPart::Waiting, 0)
        .await;
    assert_eq!(refused.unwrap_err().status(), 404);
}

#[tokio::test]
async fn details_are_blacked_out_and_the_chain_stays_whole() {
    let (queue, leads) = Queue::with(3).await;
    let order = with_details(&queue, &leads, "Xqdetails of somebody").await;
    assert!(!page(&queue, "Manager", order, None).await.may_redact);
    assert!(page(&queue, "Layer Admin", order, None).await.may_redact);
    queue.clock.advance(HOUR);
    redact(&queue, "Layer Admin", order).await.unwrap();
    let after = page(&queue, "Manager", order, None).await;
    assert_eq!(after.details, None);
    assert_eq!(
        after.redacted.as_deref(),
        Some("Redacted by Layer Admin, 11:00.")
    );
    assert!(!page(&queue, "Layer Admin", order, None).await.may_redact);
    // Nothing of the text is left, nor what it could be guessed with.
    let left = "SELECT COUNT(*) FROM audit_text WHERE text IS NOT NULL OR salt <> zeroblob(16)";
    assert_eq!(queue.number(left, []).await, 0);
    let digests = "SELECT COUNT(*) FROM draft WHERE length(body_digest) > 0";
    assert_eq!(queue.number(digests, []).await, 0);
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'details-redacted'";
    assert_eq!(queue.number(entries, []).await, 1);
    queue.check().await;
    // Once more is the same.
    redact(&queue, "Layer Admin", order).await.unwrap();
    assert_eq!(queue.number(entries, []).await, 1);
    if skips_on_postgres("its files hold old rows until VACUUM; docs/postgresql.md says so") {
        return;
    }
    while !queue.store.database().checkpoint().await.unwrap() {}
    let file = queue.store.database().file().unwrap().clone();
    let bytes = std::fs::read(file).unwrap();
    assert!(!bytes.windows(9).any(|part| part == b"Xqdetails"));
}

#[tokio::test]
async fn a_redacted_orders_confirmation_lets_nothing_through_again() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft("Manager", 1, &leads).await.unwrap();
    let mut confirmation = queue.confirmation(&draft, "other");
    confirmation.details = "Somebody".into();
    let order = queue
        .send("Manager", confirmation.clone())
        .await
        .unwrap()
        .order;
    redact(&queue, "Layer Admin", order).await.unwrap();
    let again = queue.send("Manager", confirmation).await.unwrap_err();
    assert_eq!(again.status(), 422);
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        1
    );
    queue.check().await;
}

#[tokio::test]
async fn redacting_takes_the_right_and_something_to_redact() {
    let (queue, leads) = Queue::with(2).await;
    let order = with_details(&queue, &leads[..1], "Somebody").await;
    for role in ["Agent", "Team Leader", "Manager", "Auditor"] {
        let refused = redact(&queue, role, order).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{role}");
    }
    let plain = queue.delete("Manager", "outdated", &leads[1..]).await.order;
    let nothing = redact(&queue, "Layer Admin", plain).await.unwrap_err();
    assert_eq!(nothing.status(), 409);
    let by = queue.actor("Layer Admin");
    queue
        .write(
            "DELETE FROM role_permission WHERE permission = 'redact-details'",
            [],
        )
        .await;
    let lost = queue
        .store
        .redact_details(by.granted().unwrap(), order)
        .await;
    assert_eq!(lost.unwrap_err().status(), 403);
    let page = page(&queue, "Manager", order, None).await;
    assert_eq!(page.details.as_deref(), Some("Somebody"));
    queue.check().await;
}

#[tokio::test]
async fn what_was_put_back_has_its_details_from_the_first_order_and_is_redacted_with_it() {
    let (queue, leads) = Queue::with(2).await;
    let order = with_details(&queue, &leads, "Somebody").await;
    let by = queue.actor("Manager");
    let groups = queue
        .store
        .removal_preview(by.granted().unwrap(), String::new())
        .await
        .unwrap()
        .groups;
    let removal = Removal {
        search: String::new(),
        groups,
        note: "Wrong".into(),
    };
    let removed = queue
        .store
        .remove(by.granted().unwrap(), removal)
        .await
        .unwrap();
    let back = queue
        .store
        .undo_removal(by.granted().unwrap(), removed.removal)
        .await
        .unwrap()
        .order;
    let shown = page(&queue, "Manager", back, None).await;
    assert_eq!(shown.details.as_deref(), Some("Somebody"));
    assert_eq!(shown.puts_back, Some(order));
    assert_eq!(
        page(&queue, "Manager", order, None)
            .await
            .summary
            .put_back_by,
        Some(back)
    );
    let first = page(&queue, "Manager", order, None).await;
    assert_eq!(first.removals.len(), 1);
    assert_eq!(first.removals[0].note, "Wrong");
    assert_eq!(
        first.summary.sentences,
        ["2 removed from the queue by Manager."]
    );
    redact(&queue, "Layer Admin", back).await.unwrap();
    for order in [order, back] {
        let shown = page(&queue, "Manager", order, None).await;
        assert_eq!(shown.details, None);
        assert!(shown.redacted.is_some());
    }
    queue.check().await;
}

#[tokio::test]
async fn what_was_asked_first_is_redacted_with_the_order() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft("Team Leader", 1, &leads).await.unwrap();
    let asking = domain::ask_first::Asking {
        draft: draft.id,
        words: "Is that him?".into(),
        reason: String::new(),
    };
    queue
        .store
        .ask_first(queue.actor("Team Leader").granted().unwrap(), asking)
        .await
        .unwrap();
    let by = queue.actor("Layer Admin");
    let opened = queue
        .store
        .open_asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    let order = queue
        .store
        .confirm_asked(
            by.granted().unwrap(),
            queue.confirmation(&opened, "outdated"),
        )
        .await
        .unwrap()
        .order;
    redact(&queue, "Layer Admin", order).await.unwrap();
    let shown = page(&queue, "Layer Admin", order, None).await;
    assert_eq!(shown.asked_by.as_deref(), Some("Team Leader"));
    assert_eq!(shown.asked_words, None);
    assert!(shown.redacted.is_some());
    let verified = queue.store.verify_audit().await.unwrap();
    assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
}
