//! An erased reference says who deleted it, when and why, to who could have seen it; to others it never was.

use crate::queue::Queue;
use crate::test_app::TestApp;
use domain::Error;
use domain::deletion_queue::{QueueRequest, QueueTab};
use domain::erased_lead::ErasedLead;
use domain::lead::{LeadId, LeadRequest};
use domain::lead_edit::{LeadChange, LeadEdit};
use domain::ports::{DeletionQueue, Leads};
use domain::work_stack::Filter;

/// What this role's person is told of the lead.
async fn told(queue: &Queue, who: &str, lead: LeadId) -> Result<ErasedLead, Error> {
    let by = queue.actor(who).granted().unwrap();
    match queue
        .store
        .lead(by, LeadRequest::first(lead))
        .await
        .unwrap_err()
    {
        Error::Gone(erased) => Ok(*erased),
        other => Err(other),
    }
}

async fn found(queue: &Queue, who: &str, search: &str) -> Option<ErasedLead> {
    let request = QueueRequest {
        tab: QueueTab::Open,
        search: search.into(),
        after: None,
    };
    let by = queue.actor(who).granted().unwrap();
    queue.store.queue(by, request).await.unwrap().erased
}

/// A lead of stack 2, which Agent and Manager see, deleted by the Manager and erased at night. `All leads` is the
/// Layer Admin's alone.
async fn erased(queue: &Queue, leads: &[LeadId]) {
    queue
        .write("DELETE FROM work_stack_role WHERE role <> 4", [])
        .await;
    queue
        .stack(2, "Two", &Filter::default(), &["Agent", "Manager"])
        .await;
    queue
        .stack(3, "Three", &Filter::default(), &["Team Leader"])
        .await;
    let draft = queue.draft("Manager", 2, leads).await.unwrap();
    queue.confirm("Manager", &draft, "outdated").await.unwrap();
    queue.at_night();
    queue.drain().await;
}

#[tokio::test]
async fn an_erased_lead_says_who_when_and_why_to_who_could_have_seen_it() {
    let (queue, leads) = Queue::with(1).await;
    erased(&queue, &leads).await;
    queue.clock.advance(24 * 3_600_000);
    for (who, sees_order) in [("Agent", false), ("Manager", true), ("Layer Admin", true)] {
        let erased = told(&queue, who, leads[0]).await.unwrap();
        assert_eq!(
            erased.sentence(),
            "Deleted by Manager on 24 Nov, 22:00. Reason: Outdated.",
            "{who}"
        );
        assert_eq!(erased.order.is_some(), sees_order, "{who}");
    }
    // The stack that the Team Leader sees may have had it: nobody can tell any more.
    let unseen = told(&queue, "Team Leader", leads[0]).await.unwrap_err();
    let never = told(&queue, "Team Leader", LeadId(9_999))
        .await
        .unwrap_err();
    assert_eq!((&unseen, unseen.status()), (&never, 404));
    queue
        .write("DELETE FROM work_stack_role WHERE role = 1", [])
        .await;
    assert_eq!(told(&queue, "Agent", leads[0]).await.unwrap_err(), never);
}

#[tokio::test]
async fn find_a_lead_finds_what_was_erased_by_its_reference() {
    let (queue, leads) = Queue::with(1).await;
    erased(&queue, &leads).await;
    let reference = leads[0].to_string();
    for who in ["Manager", "Layer Admin", "Auditor"] {
        let erased = found(&queue, who, &reference).await.unwrap();
        assert_eq!(
            erased.sentence(),
            "Deleted by Manager at 22:00. Reason: Outdated."
        );
        assert!(erased.order.is_some(), "{who}");
    }
    assert_eq!(found(&queue, "Team Leader", &reference).await, None);
    assert_eq!(found(&queue, "Layer Admin", "L-9999").await, None);
    assert_eq!(found(&queue, "Layer Admin", "").await, None);
}

#[tokio::test]
async fn who_pressed_the_x_on_anothers_order_is_named_too() {
    let (queue, leads) = Queue::with(2).await;
    queue.delete("Team Leader", "outdated", &leads[..1]).await;
    queue.x("Manager", leads[0], None).await.unwrap();
    queue.x("Manager", leads[1], Some("invalid")).await.unwrap();
    assert_eq!(
        told(&queue, "Agent", leads[0]).await.unwrap().sentence(),
        "Ordered by Team Leader, deleted at once by Manager at 10:00. Reason: Outdated."
    );
    assert!(
        told(&queue, "Agent", leads[1])
            .await
            .unwrap()
            .sentence()
            .starts_with("Deleted by Manager at 10:00.")
    );
}

#[tokio::test]
async fn an_erased_lead_is_edited_no_more() {
    let (queue, leads) = Queue::with(1).await;
    queue.x("Manager", leads[0], Some("invalid")).await.unwrap();
    let edit = LeadEdit {
        lead: leads[0],
        revision: 1,
        change: LeadChange::WriteNote {
            text: "Called".into(),
        },
    };
    let by = queue.actor("Agent").granted().unwrap();
    let error = queue.store.edit_lead(by, edit).await.unwrap_err();
    assert_eq!(error.status(), 410);
    queue.check().await;
}

#[tokio::test]
async fn the_page_of_an_erased_lead_is_gone_and_that_of_one_that_never_was_is_not_found() {
    let app = TestApp::demo(10).await;
    let manager = app.sign_in("manager@demo.test").await;
    let now = app
        .call(
            Some(&manager),
            "urgent-deletions/delete-now",
            r#"{"urgent":{"lead":"L-3","because":{"reason":"duplicate","details":"","sentence_confirmed":false}}}"#,
        )
        .await;
    assert_eq!(now.status.as_u16(), 200, "{}", now.body);
    let agent = app.sign_in("agent@demo.test").await;
    let gone = app.page(Some(&agent), "/leads/L-3").await;
    assert_eq!(gone.status.as_u16(), 410);
    assert!(
        gone.body
            .contains("Deleted by Petra Lane at 10:00. Reason: Duplicate."),
        "{}",
        gone.body
    );
    assert!(!gone.body.contains("/settings/lead-management/orders/"));
    assert_eq!(
        app.page(Some(&agent), "/leads/L-999999")
            .await
            .status
            .as_u16(),
        404
    );

    app.write("DELETE FROM work_stack_role", []).await;
    let request = |lead: i64| {
        format!(r#"{{"request":{{"lead":"L-{lead}","contact_records":20,"activities":20}}}}"#)
    };
    let unseen = app.call(Some(&agent), "leads/lead", &request(3)).await;
    let never = app
        .call(Some(&agent), "leads/lead", &request(999_999))
        .await;
    assert_eq!(unseen.status.as_u16(), 404);
    assert_eq!(unseen.body, never.body);
}
