//! The audit log is searched by person, act, reason, day and lead; an erased lead says who deleted it, when and why; the
//! whole of it is verified from its page.

use crate::append_only::unlocked;
use crate::queue::Queue;
use domain::audit_log::{AuditPage, AuditRequest, AuditSearch, Verification};
use domain::lead::LeadId;
use domain::ports::{AuditLog, DeletionCharts, Removals};
use domain::removal::Removal;
use domain::time::{DAY, HOUR};

async fn find(queue: &Queue, search: AuditSearch) -> AuditPage {
    let by = queue.actor("Auditor").granted().unwrap();
    let request = AuditRequest {
        before: None,
        search,
    };
    queue.store.audit_log(by, request).await.unwrap()
}

fn acts(page: &AuditPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.act.as_str()).collect()
}

fn of_lead(lead: LeadId) -> AuditSearch {
    AuditSearch {
        lead: lead.to_string(),
        ..AuditSearch::default()
    }
}

#[tokio::test]
async fn a_reference_finds_every_act_that_touches_the_lead() {
    let (queue, leads) = Queue::with(4).await;
    let order = queue.delete("Team Leader", "duplicate", &leads[..2]).await;
    assert_eq!(
        acts(&find(&queue, of_lead(leads[0])).await),
        ["Deletion ordered"]
    );
    queue.undo("Team Leader", order.order).await.unwrap();
    queue.delete("Manager", "outdated", &leads[1..3]).await;
    queue
        .x("Layer Admin", leads[3], Some("duplicate"))
        .await
        .unwrap();
    queue.at_night();
    queue.drain().await;

    assert_eq!(
        acts(&find(&queue, of_lead(leads[0])).await),
        ["Deletion undone", "Deletion ordered"]
    );
    assert_eq!(
        acts(&find(&queue, of_lead(leads[1])).await),
        [
            "Queue batch",
            "Deletion ordered",
            "Deletion undone",
            "Deletion ordered"
        ]
    );
    assert_eq!(
        acts(&find(&queue, of_lead(leads[3])).await),
        ["Deleted at once"]
    );
    assert!(find(&queue, of_lead(LeadId(999_999))).await.rows.is_empty());
    queue.check().await;
}

#[tokio::test]
async fn retries_are_found_by_the_lead_that_they_name() {
    let (queue, leads) = Queue::with(2).await;
    queue.poison(leads[0]).await;
    let gone = queue
        .x("Layer Admin", leads[0], Some("duplicate"))
        .await
        .unwrap();
    assert!(!gone.erased);
    let by = queue.actor("Layer Admin").granted().unwrap();
    domain::ports::DeletionQueue::retry(&queue.store, by, leads[0])
        .await
        .unwrap();
    let page = find(&queue, of_lead(leads[0])).await;
    assert_eq!(acts(&page), ["Retry", "Deleted at once"]);
    assert_eq!(page.erased, None);
}

#[tokio::test]
async fn an_erased_reference_says_who_when_and_why() {
    let (queue, leads) = Queue::with(2).await;
    let order = queue.delete("Manager", "duplicate", &leads[..1]).await;
    queue.at_night();
    queue.drain().await;
    let erased = find(&queue, of_lead(leads[0])).await.erased.unwrap();
    assert_eq!(erased.lead, leads[0]);
    assert_eq!(
        erased.sentence(),
        "Deleted by Manager at 22:00. Reason: Duplicate."
    );
    assert_eq!(erased.order, Some(order.order));
    assert_eq!(find(&queue, of_lead(leads[1])).await.erased, None);
}

#[tokio::test]
async fn person_act_reason_and_day_narrow_it_alone_and_together() {
    let (queue, leads) = Queue::with(6).await;
    queue.delete("Manager", "duplicate", &leads[..2]).await;
    queue.delete("Team Leader", "outdated", &leads[2..4]).await;
    queue.clock.advance(DAY + 12 * HOUR);
    queue.drain().await;
    queue.delete("Manager", "outdated", &leads[4..5]).await;

    let search = |by: &str, act: &str, reason: &str, from: &str, to: &str| AuditSearch {
        by: by.into(),
        act: act.into(),
        reason: reason.into(),
        from: from.into(),
        to: to.into(),
        lead: String::new(),
    };
    // The desk's roles and people have the same numbers.
    let manager = crate::desk::role("Manager").to_string();
    let counts = [
        // The desk's leads came in by the Manager too.
        (search(&manager, "", "", "", ""), 3),
        (search("queue", "", "", "", ""), 1),
        (search("command-line", "batch", "", "", ""), 0),
        (search("", "order-confirmed", "", "", ""), 3),
        (search(&manager, "order-confirmed", "outdated", "", ""), 1),
        (search("", "", "duplicate", "", ""), 2),
        (search("", "", "outdated", "", ""), 3),
        (search("", "", "outdated", "2026-11-25", ""), 2),
        (
            search("", "order-confirmed", "", "2026-11-24", "2026-11-24"),
            2,
        ),
        (search("", "order-confirmed", "", "", "2026-11-23"), 0),
        (
            search("", "batch", "outdated", "2026-11-25", "2026-11-25"),
            1,
        ),
    ];
    for (search, expected) in counts {
        let page = find(&queue, search.clone()).await;
        assert_eq!(page.rows.len(), expected, "{search:?}: {:?}", page.rows);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_a_sentence() {
    let (queue, _) = Queue::with(1).await;
    for (search, sentence) in [
        (
            AuditSearch {
                lead: "Smith".into(),
                ..AuditSearch::default()
            },
            "This is no lead’s reference. Write it as in L-20418.",
        ),
        (
            AuditSearch {
                reason: "made-up".into(),
                ..AuditSearch::default()
            },
            "There is no such reason. Choose one of the list.",
        ),
    ] {
        let by = queue.actor("Auditor").granted().unwrap();
        let request = AuditRequest {
            before: None,
            search,
        };
        let error = queue.store.audit_log(by, request).await.unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert_eq!(error.status(), 422);
    }
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let (queue, leads) = Queue::with(1).await;
    let manager = queue.actor("Layer Admin");
    for _ in 0..75 {
        let by = manager.granted().unwrap();
        domain::ports::DeletionQueue::pause(&queue.store, by)
            .await
            .unwrap();
        let by = manager.granted().unwrap();
        domain::ports::DeletionQueue::resume(&queue.store, by)
            .await
            .unwrap();
    }
    queue.delete("Manager", "duplicate", &leads).await;
    let search = AuditSearch {
        by: crate::desk::role("Layer Admin").to_string(),
        ..AuditSearch::default()
    };
    let first = find(&queue, search.clone()).await;
    assert_eq!(first.rows.len(), 100);
    let by = queue.actor("Auditor").granted().unwrap();
    let request = AuditRequest {
        before: first.next,
        search,
    };
    let second = queue.store.audit_log(by, request).await.unwrap();
    assert_eq!(second.rows.len(), 50);
    assert_eq!(second.next, None);
    assert!(second.rows[0].sequence < first.rows[99].sequence);
}

#[tokio::test]
async fn entries_are_in_words_that_people_understand() {
    let (queue, leads) = Queue::with(3).await;
    let order = queue.delete("Manager", "duplicate", &leads).await.order;
    let by = queue.actor("Manager").granted().unwrap();
    let preview = queue
        .store
        .removal_preview(by, String::new())
        .await
        .unwrap();
    let removal = Removal {
        groups: preview.groups,
        search: String::new(),
        note: "Wrong list".into(),
    };
    let by = queue.actor("Manager").granted().unwrap();
    let removed = queue.store.remove(by, removal).await.unwrap();
    let page = find(&queue, AuditSearch::default()).await;
    // Why they were removed, and from where.
    assert_eq!(page.rows[0].note.as_deref(), Some("Wrong list"));
    assert_eq!(page.rows[0].orders, [order]);
    assert_eq!(page.rows[1].note, None);
    assert_eq!(page.rows[1].orders, [order]);
    let about: Vec<&str> = page.rows.iter().map(|row| row.about.as_str()).collect();
    assert_eq!(
        about[..2],
        [
            "3 removed from the queue",
            "3 leads, Duplicate, from All leads"
        ]
    );
    let by = queue.actor("Layer Admin").granted().unwrap();
    let redacted = queue.store.redact_removal(by, order, removed.removal);
    redacted.await.unwrap();
    let page = find(&queue, AuditSearch::default()).await;
    assert_eq!(
        page.rows[1].note.as_deref(),
        Some("Redacted by Layer Admin, 10:00.")
    );
}

#[tokio::test]
async fn an_undone_order_is_no_removed_one_and_a_removal_links_to_a_few_of_its_orders() {
    let (queue, leads) = Queue::with(5).await;
    let mut orders = Vec::new();
    for lead in &leads {
        orders.push(queue.delete("Manager", "duplicate", &[*lead]).await.order);
    }
    queue.undo("Manager", orders[0]).await.unwrap();
    let undone = &find(&queue, AuditSearch::default()).await.rows[0];
    assert_eq!(
        (undone.act.as_str(), undone.about.as_str()),
        ("Deletion undone", "1 undone")
    );
    assert_eq!(undone.orders, [orders[0]]);
    assert_eq!(undone.note, None);

    let by = || queue.actor("Manager").granted().unwrap();
    let preview = queue.store.removal_preview(by(), String::new());
    let removal = Removal {
        groups: preview.await.unwrap().groups,
        search: String::new(),
        note: "All of them".into(),
    };
    queue.store.remove(by(), removal).await.unwrap();
    let removed = &find(&queue, AuditSearch::default()).await.rows[0];
    assert_eq!(removed.about, "4 removed from the queue");
    assert_eq!(removed.orders, orders[1..4]);
    assert!(removed.more_orders);
}

#[tokio::test]
async fn the_log_is_verified_in_the_background_one_at_a_time() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "duplicate", &leads).await;
    let by = || queue.actor("Auditor").granted().unwrap();
    assert_eq!(
        queue.store.verification(by()).await.unwrap(),
        Verification::Never
    );
    assert!(!queue.store.run_asked_verification().await);

    let asked = queue.store.verify(by()).await.unwrap();
    assert!(asked.is_running());
    assert_eq!(queue.store.verify(by()).await.unwrap(), asked);
    assert!(queue.store.run_asked_verification().await);
    let ended = queue.store.verification(by()).await.unwrap();
    assert!(matches!(ended, Verification::Whole { .. }), "{ended:?}");
    assert!(
        ended
            .words()
            .starts_with("Everything is as it was written: ")
    );
    assert!(!queue.store.run_asked_verification().await);

    unlocked(&queue.store).await;
    queue
        .write("UPDATE audit_entry SET at = at + 1 WHERE sequence = 2", [])
        .await;
    queue.store.verify(by()).await.unwrap();
    queue.store.run_asked_verification().await;
    let ended = queue.store.verification(by()).await.unwrap();
    assert!(
        ended
            .words()
            .starts_with("Entry 2 is the first that doesn’t fit.")
    );
    assert!(
        ended
            .meaning()
            .unwrap()
            .contains("the entries before that one")
    );
}

#[tokio::test]
async fn deletions_are_counted_by_week_and_reason_for_whose_they_are() {
    let (queue, leads) = Queue::with(8).await;
    queue.delete("Manager", "duplicate", &leads[..3]).await;
    queue.delete("Team Leader", "outdated", &leads[3..5]).await;
    queue.at_night();
    queue.drain().await;
    queue.clock.advance(7 * DAY);
    queue
        .x("Manager", leads[5], Some("outdated"))
        .await
        .unwrap();

    let chart = async |role: &str| {
        let by = queue.actor(role).granted().unwrap();
        queue.store.deletion_chart(by).await.unwrap()
    };
    let all = chart("Layer Admin").await;
    assert_eq!(all.weeks.len(), 12);
    assert_eq!((all.of_week(10), all.of_week(11)), (5, 1));
    assert_eq!(all.reasons[0].label, "Duplicate");
    assert_eq!(all.reasons[0].total(), 3);
    assert_eq!(all.reasons[1].total(), 3);
    assert_eq!(chart("Auditor").await, all);
    let own = chart("Team Leader").await;
    assert_eq!((own.of_week(10), own.of_week(11)), (2, 0));

    // As many as the rows say, whatever the way they went.
    assert_eq!(
        queue
            .number("SELECT CAST(SUM(erased) AS BIGINT) FROM deletion_day", [])
            .await,
        queue
            .number("SELECT COUNT(*) FROM deletion WHERE state = 'erased'", [])
            .await
    );
    queue.check().await;
}
