//! Edits of a lead: each is one act that raises the revision, so that *changed since* is real.

use crate::desk::searching;
use crate::queue::Queue;
use crate::test_app::TestApp;
use crate::test_database::holding;
use domain::lead::{LeadId, LeadPage, LeadRequest, LeadStatus, Telephone};
use domain::lead_edit::{EMAIL, LeadChange, LeadEdit, TELEPHONE};
use domain::ports::Leads;
use domain::work_stack::{Filter, WorkStackId};
use domain::{Error, Result};

async fn page(queue: &Queue, by: &str, lead: LeadId) -> Result<LeadPage> {
    let by = queue.actor(by).granted().unwrap();
    queue.store.lead(by, LeadRequest::first(lead)).await
}

/// Edits the lead as it stands.
async fn edit(queue: &Queue, by: &str, lead: LeadId, change: LeadChange) -> Result<String> {
    let revision = page(queue, by, lead).await?.revision;
    edit_at(queue, by, lead, revision, change).await
}

async fn edit_at(
    queue: &Queue,
    by: &str,
    lead: LeadId,
    revision: i64,
    change: LeadChange,
) -> Result<String> {
    let edit = LeadEdit {
        lead,
        revision,
        change,
    };
    let by = queue.actor(by).granted().unwrap();
    queue.store.edit_lead(by, edit).await
}

fn details(status: LeadStatus, owner: &str) -> LeadChange {
    LeadChange::Details {
        status,
        owner: owner.into(),
    }
}

fn contact(telephone: &str, email: &str) -> LeadChange {
    LeadChange::AddContactRecord {
        telephone: telephone.into(),
        email: email.into(),
    }
}

fn note(text: &str) -> LeadChange {
    LeadChange::WriteNote { text: text.into() }
}

/// One edit of each kind, of a lead that has contact record 1.
fn one_of_each() -> [(&'static str, LeadChange); 5] {
    [
        ("status", details(LeadStatus::Lost, "")),
        ("owner", details(LeadStatus::New, "P. Lane")),
        ("contact record added", contact("020 7946 0999", "")),
        (
            "contact record removed",
            LeadChange::RemoveContactRecord { n: 1 },
        ),
        ("note", note("Called, no answer")),
    ]
}

/// Counts and keys are those of what is there, Lead stats too, and the chain is whole.
async fn check(queue: &Queue) {
    let wrong = queue
        .number(
            "SELECT COUNT(*) FROM lead l WHERE \
             contact_count <> (SELECT COUNT(*) FROM contact_record c WHERE c.lead = l.id) \
             OR valid_telephone_count <> (SELECT COUNT(*) FROM contact_record c WHERE c.lead = l.id AND c.telephone_valid = 1) \
             OR activity_count <> (SELECT COUNT(*) FROM activity a WHERE a.lead = l.id)",
            [],
        )
        .await;
    assert_eq!(wrong, 0, "a lead's counts");
    let lost = queue
        .number(
            "SELECT COUNT(*) FROM contact_record c WHERE c.telephone_valid = 1 \
             AND NOT EXISTS (SELECT 1 FROM lead_key k WHERE k.lead = c.lead AND k.kind = 'e164' AND k.key = c.e164)",
            [],
        )
        .await;
    let stray = queue
        .number(
            "SELECT COUNT(*) FROM lead_key k WHERE k.kind = 'e164' \
             AND NOT EXISTS (SELECT 1 FROM contact_record c WHERE c.lead = k.lead AND c.e164 = k.key)",
            [],
        )
        .await;
    assert_eq!((lost, stray), (0, 0), "keys");
    queue.check().await;
}

async fn entries(queue: &Queue) -> i64 {
    queue.number("SELECT COUNT(*) FROM audit_entry", []).await
}

#[tokio::test]
async fn each_edit_is_one_act_that_raises_the_revision_and_keeps_every_number() {
    let (queue, leads) = Queue::with(3).await;
    for (what, change) in one_of_each() {
        let (before, acts) = (
            page(&queue, "Agent", leads[1]).await.unwrap().revision,
            entries(&queue).await,
        );
        let said = edit(&queue, "Agent", leads[1], change).await.unwrap();
        assert_eq!(said, "Saved.", "{what}");
        let after = page(&queue, "Agent", leads[1]).await.unwrap();
        assert_eq!(after.revision, before + 1, "{what}");
        assert_eq!(entries(&queue).await, acts + 1, "{what}");
        check(&queue).await;
    }
}

#[tokio::test]
async fn status_and_owner_are_kept_as_written() {
    let (queue, leads) = Queue::with(1).await;
    edit(
        &queue,
        "Agent",
        leads[0],
        details(LeadStatus::Qualified, " M.  Diaz\u{202E} "),
    )
    .await
    .unwrap();
    let row = page(&queue, "Agent", leads[0]).await.unwrap().row;
    assert_eq!(
        (row.status, row.owner.as_str()),
        (LeadStatus::Qualified, "M. Diaz")
    );
    let acts = entries(&queue).await;
    let said = edit(
        &queue,
        "Agent",
        leads[0],
        details(LeadStatus::Qualified, "M. Diaz"),
    )
    .await;
    assert_eq!(said.unwrap(), "Nothing changed.");
    assert_eq!(entries(&queue).await, acts);
}

#[tokio::test]
async fn a_contact_record_is_read_as_an_import_reads_it_and_found_by_what_it_says() {
    let (queue, leads) = Queue::with(1).await;
    let lead = leads[0];
    edit(
        &queue,
        "Agent",
        lead,
        contact("(020) 7946-0999", "Ann.Example@Example.com"),
    )
    .await
    .unwrap();
    edit(&queue, "Agent", lead, contact("12", ""))
        .await
        .unwrap();
    check(&queue).await;
    let shown = page(&queue, "Agent", lead).await.unwrap();
    assert_eq!(
        shown.row.telephone,
        Telephone::Valid("+44 20 7946 0999".into())
    );
    let [first, second] = &shown.contact_records[..] else {
        panic!("{:?}", shown.contact_records);
    };
    assert_eq!(first.telephone, "+44 20 7946 0999");
    assert_eq!(first.call.as_deref(), Some("tel:+442079460999"));
    assert_eq!(
        first.write.as_deref(),
        Some("mailto:Ann.Example@Example.com")
    );
    assert_eq!((second.telephone.as_str(), &second.call), ("12", &None));
    for typed in ["ann.example@example.com", "+44 20 7946 0999", "460 999"] {
        assert_eq!(
            queue.fresh("Agent", searching(1, typed)).await.total,
            1,
            "{typed}"
        );
    }

    let n = first.n;
    edit(&queue, "Agent", lead, LeadChange::RemoveContactRecord { n })
        .await
        .unwrap();
    check(&queue).await;
    for typed in ["ann.example@example.com", "+44 20 7946 0999", "460 999"] {
        assert_eq!(
            queue.fresh("Agent", searching(1, typed)).await.total,
            0,
            "{typed}"
        );
    }
    assert_eq!(
        page(&queue, "Agent", lead).await.unwrap().row.telephone,
        Telephone::NotValid
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_contact_record_is_said_at_its_fields_and_nothing_is_kept() {
    let (queue, leads) = Queue::with(2).await;
    let acts = entries(&queue).await;
    for (telephone, email, field) in [
        ("", "", TELEPHONE),
        ("call me", "", TELEPHONE),
        ("", "ann at example", EMAIL),
        ("+44 20 7946 0123", "", TELEPHONE),
    ] {
        let error = edit(&queue, "Agent", leads[1], contact(telephone, email))
            .await
            .unwrap_err();
        assert!(
            error.of_field(field).is_some(),
            "{telephone} {email}: {error}"
        );
    }
    assert_eq!(entries(&queue).await, acts);
    check(&queue).await;
}

#[tokio::test]
async fn an_address_in_a_link_begins_no_further_receivers() {
    let (queue, leads) = Queue::with(1).await;
    edit(
        &queue,
        "Agent",
        leads[0],
        contact("", "ann?cc=b&subject=x@example.com"),
    )
    .await
    .unwrap();
    let shown = page(&queue, "Agent", leads[0]).await.unwrap();
    assert_eq!(
        shown.contact_records[0].write.as_deref(),
        Some("mailto:ann%3Fcc%3Db%26subject%3Dx@example.com")
    );
}

#[tokio::test]
async fn a_note_is_an_activity_of_who_wrote_it() {
    let (queue, leads) = Queue::with(1).await;
    edit(&queue, "Manager", leads[0], note("Called.\n\nNo answer."))
        .await
        .unwrap();
    let shown = page(&queue, "Agent", leads[0]).await.unwrap();
    assert_eq!(shown.activities[0].what, "Note, 10:00, Manager");
    assert_eq!(shown.activities[0].text, "Called.\n\nNo answer.");
    assert_eq!(shown.row.last_activity, "24 Nov 2026");
    check(&queue).await;
}

#[tokio::test]
async fn the_audit_log_has_nothing_of_what_was_typed() {
    let (queue, leads) = Queue::with(2).await;
    for change in [
        details(LeadStatus::Lost, "Xanthippe"),
        contact("+44 20 7946 0777", "xanthippe@example.com"),
        note("Xanthippe called"),
    ] {
        edit(&queue, "Agent", leads[1], change).await.unwrap();
    }
    for typed in ["Xanthippe", "xanthippe", "0777"] {
        assert_eq!(
            holding(queue.store.reader(), "audit_entry", "facts", typed).await,
            0
        );
    }
    assert_eq!(queue.number("SELECT COUNT(*) FROM audit_text", []).await, 0);
    assert_eq!(
        queue
            .number(
                "SELECT COUNT(*) FROM audit_entry WHERE kind = 'lead-edited'",
                []
            )
            .await,
        3
    );
}

#[tokio::test]
async fn an_edit_of_what_nobody_saw_is_refused_and_says_what_changed() {
    let (queue, leads) = Queue::with(2).await;
    let seen = page(&queue, "Agent", leads[1]).await.unwrap().revision;
    edit(
        &queue,
        "Manager",
        leads[1],
        details(LeadStatus::New, "M. Diaz"),
    )
    .await
    .unwrap();
    edit(&queue, "Team Leader", leads[1], note("Called"))
        .await
        .unwrap();
    edit(&queue, "Manager", leads[0], note("Another lead"))
        .await
        .unwrap();
    let acts = entries(&queue).await;
    for (what, change) in one_of_each() {
        let error = edit_at(&queue, "Agent", leads[1], seen, change)
            .await
            .unwrap_err();
        assert_eq!(error.status(), 409, "{what}");
        assert!(
            error.to_string().starts_with(
                "Manager changed the owner and Team Leader wrote a note after you looked."
            ),
            "{error}"
        );
    }
    assert_eq!(entries(&queue).await, acts);
    // What an import or another system changed has nobody's name.
    queue.change(leads[0]).await;
    let error = edit_at(&queue, "Agent", leads[0], 1, note("Called")).await;
    assert!(error.unwrap_err().to_string().contains("after you looked"));
}

#[tokio::test]
async fn an_edit_can_take_a_lead_out_of_ones_stacks() {
    let (queue, leads) = Queue::with(1).await;
    queue
        .write("DELETE FROM work_stack_role WHERE role = 1", [])
        .await;
    let new = Filter {
        statuses: vec![LeadStatus::New],
        ..Filter::default()
    };
    queue.stack(2, "New", &new, &["Agent"]).await;
    let said = edit(&queue, "Agent", leads[0], details(LeadStatus::Lost, "")).await;
    assert_eq!(
        said.unwrap(),
        "Saved. The lead is in none of your work stacks any more."
    );
    assert_eq!(
        page(&queue, "Agent", leads[0]).await.unwrap_err().status(),
        404
    );
    assert_eq!(
        edit_at(&queue, "Agent", leads[0], 2, note("Called"))
            .await
            .unwrap_err(),
        Error::not_found("lead")
    );
}

#[tokio::test]
async fn a_right_that_is_gone_by_now_edits_nothing() {
    let (queue, leads) = Queue::with(1).await;
    queue
        .write(
            "DELETE FROM role_permission WHERE role = 1 AND permission = 'edit-leads'",
            [],
        )
        .await;
    let error = edit(&queue, "Agent", leads[0], note("Called"))
        .await
        .unwrap_err();
    assert_eq!(error.status(), 403);
    check(&queue).await;
}

#[tokio::test]
async fn a_lead_in_none_of_ones_stacks_is_one_that_never_was_and_nothing_changes() {
    let app = TestApp::demo(20).await;
    let agent = app.sign_in("agent@demo.test").await;
    let edit = |lead: i64| {
        format!(
            r#"{{"edit":{{"lead":"L-{lead}","revision":1,"change":{{"write-note":{{"text":"Called"}}}}}}}}"#
        )
    };
    assert_eq!(
        app.call(Some(&agent), "leads/edit", &edit(1))
            .await
            .status
            .as_u16(),
        200
    );
    app.write("DELETE FROM work_stack_role", []).await;
    let before = app.everything().await;
    let unseen = app.call(Some(&agent), "leads/edit", &edit(2)).await;
    let never = app.call(Some(&agent), "leads/edit", &edit(999_999)).await;
    assert_eq!(unseen.status.as_u16(), 404);
    assert_eq!((unseen.status, &unseen.body), (never.status, &never.body));
    assert_eq!(app.everything().await, before);
}

#[tokio::test]
async fn every_edit_after_the_dialog_opened_leaves_the_lead_out() {
    for (what, change) in one_of_each() {
        let (queue, leads) = Queue::with(3).await;
        let draft = queue.draft("Manager", 1, &leads).await.unwrap();
        edit(&queue, "Agent", leads[1], change).await.unwrap();
        let confirmed = queue.confirm("Manager", &draft, "outdated").await.unwrap();
        assert!(
            confirmed
                .message
                .contains("1 was left out: 1 changed since you looked."),
            "{what}: {}",
            confirmed.message
        );
        assert_eq!(queue.numbers(confirmed.order).await.waiting, 2, "{what}");
    }
}

#[tokio::test]
async fn every_edit_after_the_order_keeps_the_lead_unless_the_reason_must_be_carried_out() {
    for (what, change) in one_of_each() {
        for (reason, skipped, words) in [
            ("outdated", 1, "It changed since: the queue keeps it."),
            (
                "do-not-contact",
                0,
                "It changed since, and is deleted all the same.",
            ),
        ] {
            let (queue, leads) = Queue::with(3).await;
            let order = queue.delete("Manager", reason, &leads).await.order;
            let before = page(&queue, "Agent", leads[1]).await.unwrap();
            assert!(
                before
                    .deletion
                    .unwrap()
                    .words
                    .starts_with("Deleted, leaves at 19:00. ")
            );
            edit(&queue, "Agent", leads[1], change.clone())
                .await
                .unwrap();
            let after = page(&queue, "Agent", leads[1]).await.unwrap();
            assert_eq!(
                after.deletion.unwrap().words,
                format!("Deleted, leaves at 19:00. {words}"),
                "{what}"
            );
            queue.at_night();
            queue.drain().await;
            let numbers = queue.numbers(order).await;
            assert_eq!(
                (numbers.skipped, numbers.erased),
                (skipped, 3 - skipped),
                "{what}, {reason}"
            );
            assert_eq!(
                queue.is_there(leads[1]).await,
                skipped == 1,
                "{what}, {reason}"
            );
            check(&queue).await;
        }
    }
}

#[tokio::test]
async fn a_page_has_as_many_activities_and_contact_records_as_were_asked_for() {
    let (queue, leads) = Queue::with(1).await;
    for i in 0..25 {
        edit(&queue, "Agent", leads[0], note(&format!("Note {i}")))
            .await
            .unwrap();
        edit(
            &queue,
            "Agent",
            leads[0],
            contact(&format!("+4420794600{i:02}"), ""),
        )
        .await
        .unwrap();
    }
    let first = page(&queue, "Agent", leads[0]).await.unwrap();
    assert_eq!((first.activities.len(), first.activity_count), (20, 25));
    assert_eq!((first.contact_records.len(), first.row.contacts), (20, 25));
    assert_eq!(first.activities[0].text, "Note 24");
    let more = LeadRequest {
        lead: leads[0],
        contact_records: 20,
        activities: u32::MAX,
    };
    let by = queue.actor("Agent").granted().unwrap();
    let more = queue.store.lead(by, more).await.unwrap();
    assert_eq!(
        (more.activities.len(), more.contact_records.len()),
        (25, 20)
    );
}

#[tokio::test]
async fn owners_to_choose_from_are_people_and_what_one_can_see() {
    let (queue, leads) = Queue::with(2).await;
    edit(
        &queue,
        "Manager",
        leads[0],
        details(LeadStatus::New, "P. Lane"),
    )
    .await
    .unwrap();
    let owners = page(&queue, "Agent", leads[0]).await.unwrap().owners;
    assert_eq!(
        owners,
        ["Agent", "Layer Admin", "Manager", "P. Lane", "Team Leader"]
    );
    queue.write("UPDATE work_stack SET is_all = 0", []).await;
    let owners = page(&queue, "Agent", leads[0]).await.unwrap().owners;
    assert!(!owners.contains(&"P. Lane".to_owned()));
    assert_eq!(
        WorkStackId(1),
        page(&queue, "Agent", leads[0]).await.unwrap().work_stacks[0].id
    );
}

#[tokio::test]
async fn a_deletion_links_to_its_order_for_who_may_see_that() {
    let (queue, leads) = Queue::with(1).await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    for (who, sees) in [
        ("Agent", false),
        ("Team Leader", false),
        ("Manager", true),
        ("Layer Admin", true),
    ] {
        let open = page(&queue, who, leads[0]).await.unwrap().deletion.unwrap();
        assert_eq!(open.order.is_some(), sees, "{who}");
    }
    queue.undo("Manager", order).await.unwrap();
    for (who, sees) in [("Agent", false), ("Layer Admin", true)] {
        let past = &page(&queue, who, leads[0]).await.unwrap().past_deletions[0];
        assert_eq!(past.words, "Undone by Manager, 10:00");
        assert_eq!(past.order.is_some(), sees, "{who}");
    }
}
