//! Ask first: a draft that somebody isn't sure about is a Layer Admin's to answer, once.

use std::sync::Arc;

use crate::desk::view;
use crate::queue::Queue;
use crate::test_database::{holding, schema};
use domain::ask_first::{
    ANSWER_STAYS, ASKED_LIFE, Answer, AskedDraft, Asking, Dismissal, MOST_ASKED,
};
use domain::draft::{Confirmation, DRAFT_LIFE, Draft, DraftId, LeftOut, LeftOutCause};
use domain::lead::LeadId;
use domain::permission::Permission;
use domain::ports::{AskFirst, DeletionOrders, DeletionQueue, Sessions, WhoMay};
use domain::selection::Selection;
use server::worker;

const ASKER: &str = "Team Leader";
const ADMIN: &str = "Layer Admin";

async fn ask(queue: &Queue, draft: DraftId, words: &str) -> domain::Result<String> {
    let asking = Asking {
        draft,
        words: words.into(),
        reason: String::new(),
    };
    let by = queue.actor(ASKER).granted().unwrap();
    queue.store.ask_first(by, asking).await
}

async fn asked(queue: &Queue, leads: &[LeadId]) -> Draft {
    let draft = queue.draft(ASKER, 1, leads).await.unwrap();
    ask(queue, draft.id, "Are these twins?").await.unwrap();
    draft
}

/// A second Layer Admin, who is number 6.
async fn second_admin(queue: &Queue) -> domain::Actor {
    queue
        .write(
            "INSERT INTO member (id, email, name, role, created_at) VALUES (6, '6@desk.test', 'Second', 4, 0)",
            [],
        )
        .await;
    domain::Actor {
        member: domain::member::MemberId(6),
        name: "Second".into(),
        ..queue.actor(ADMIN)
    }
}

async fn confirm(
    queue: &Queue,
    by: &domain::Actor,
    draft: DraftId,
    reason: &str,
) -> domain::Result<domain::draft::Confirmed> {
    let opened = queue.store.open_asked(by.granted().unwrap(), draft).await?;
    let confirmation = queue.confirmation(&opened, reason);
    queue
        .store
        .confirm_asked(by.granted().unwrap(), confirmation)
        .await
}

async fn dismiss(
    queue: &Queue,
    by: &domain::Actor,
    draft: DraftId,
    words: &str,
) -> domain::Result<()> {
    let dismissal = Dismissal {
        draft,
        words: words.into(),
    };
    queue.store.dismiss(by.granted().unwrap(), dismissal).await
}

/// What the asker finds under My deletions.
async fn mine(queue: &Queue) -> Vec<AskedDraft> {
    let by = queue.actor(ASKER).granted().unwrap();
    queue.store.my_orders(by, None).await.unwrap().asked
}

async fn waiting(queue: &Queue) -> Vec<AskedDraft> {
    let by = queue.actor(ADMIN).granted().unwrap();
    queue.store.lead_management(by).await.unwrap().asked
}

#[tokio::test]
async fn the_dialog_names_whom_to_ask() {
    let (queue, leads) = Queue::with(1).await;
    second_admin(&queue).await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    assert_eq!(draft.layer_admins, ["Layer Admin", "Second"]);
    assert_eq!(draft.colleagues, ["Manager"]);
    // Oneself is nobody to ask.
    let draft = queue.draft(ADMIN, 1, &leads).await.unwrap();
    assert_eq!(draft.layer_admins, ["Second"]);
    assert_eq!(draft.colleagues, ["Manager", "Team Leader"]);
    // Who doesn't see the stack isn't named.
    queue
        .write("DELETE FROM work_stack_role WHERE role = 3", [])
        .await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    assert!(draft.colleagues.is_empty());
}

#[tokio::test]
async fn an_asked_draft_is_the_same_list_for_seven_days_and_counts_to_nobodys_three() {
    let (queue, leads) = Queue::with(5).await;
    let draft = asked(&queue, &leads[..3]).await;
    for _ in 0..4 {
        queue.draft(ASKER, 1, &leads[3..]).await.unwrap();
    }
    queue.clock.advance(ASKED_LIFE - 1);
    worker::purge(&queue.store).await.unwrap();
    let by = queue.actor(ADMIN);
    let page = queue
        .store
        .asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    let listed: Vec<LeadId> = page.leads.rows.iter().map(|row| row.lead).collect();
    assert_eq!(listed, leads[..3]);
    assert_eq!(page.leads.rows[0].name.as_deref(), Some("Ann Example"));
    assert_eq!((page.asked.leads, page.counts.leads), (3, 3));
    assert_eq!(page.asked.words.as_deref(), Some("Are these twins?"));
    assert_eq!(page.asked.by, ASKER);
    assert_eq!(page.asked.work_stack.as_deref(), Some("All leads"));
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'draft-asked'";
    assert_eq!(queue.number(entries, []).await, 1);
    queue.check().await;
}

#[tokio::test]
async fn the_reason_that_was_chosen_is_shown_to_who_decides() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    let ask = async |reason: &str| {
        let asking = Asking {
            draft: draft.id,
            words: "Are these twins?".into(),
            reason: reason.into(),
        };
        let by = queue.actor(ASKER).granted().unwrap();
        queue.store.ask_first(by, asking).await
    };
    let unknown = ask("because").await.unwrap_err();
    assert!(unknown.of_field("Reason").is_some(), "{unknown:?}");
    ask("duplicate").await.unwrap();

    let by = queue.actor(ADMIN);
    let page = queue.store.asked(by.granted().unwrap(), draft.id);
    let page = page.await.unwrap();
    assert_eq!(page.asked.reason.as_deref(), Some("Duplicate"));
    assert_eq!(mine(&queue).await[0].reason.as_deref(), Some("Duplicate"));
    let opened = queue.store.open_asked(by.granted().unwrap(), draft.id);
    let opened = opened.await.unwrap();
    assert_eq!(opened.asked_reason.as_deref(), Some("Duplicate"));
    // It binds nobody, and keeps no reason from being deleted.
    let confirmed = confirm(&queue, &by, draft.id, "outdated").await.unwrap();
    assert_eq!(confirmed.deleted, 2);
    queue
        .write("DELETE FROM reason WHERE code = 'duplicate'", [])
        .await;
    assert_eq!(mine(&queue).await[0].reason, None);
    queue.check().await;
}

#[tokio::test]
async fn nobody_is_told_to_ask_themselves() {
    let (queue, _) = Queue::with(1).await;
    let named = async |who: &str| {
        let by = queue.actor(who).granted().unwrap();
        queue.store.lead_management(by).await.unwrap().layer_admins
    };
    assert_eq!(named("Manager").await, [ADMIN]);
    assert!(named(ADMIN).await.is_empty());
    let whom = async |who: &str| {
        let (actor, may) = (queue.actor(who), Permission::DeleteAll);
        queue.store.who_may(&actor, may).await.unwrap()
    };
    assert!(
        whom("Agent")
            .await
            .ends_with("Your Layer Admin is Layer Admin.")
    );
    assert!(!whom(ADMIN).await.contains("Your Layer Admin"));
    second_admin(&queue).await;
    assert_eq!(named(ADMIN).await, ["Second"]);
    assert!(whom(ADMIN).await.ends_with("Your Layer Admin is Second."));
}

#[tokio::test]
async fn the_page_says_what_changed_and_what_went_since() {
    let (queue, leads) = Queue::with(5).await;
    let draft = asked(&queue, &leads).await;
    queue.change(leads[0]).await;
    queue.x("Manager", leads[1], Some("invalid")).await.unwrap();
    queue.delete("Manager", "outdated", &leads[2..3]).await;
    let by = queue.actor(ADMIN);
    let page = queue
        .store
        .asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    let stays: Vec<_> = page
        .leads
        .rows
        .iter()
        .map(|row| (row.lead, row.stays))
        .collect();
    assert_eq!(
        stays,
        [
            (leads[0], Some(LeftOutCause::Changed)),
            (leads[2], Some(LeftOutCause::AlreadyDeleted)),
            (leads[3], None),
            (leads[4], None),
        ]
    );
    assert_eq!(page.counts.leads, 2);
    let gone = LeftOut {
        cause: LeftOutCause::Gone,
        count: 1,
    };
    assert!(page.counts.left_out.contains(&gone));
    let done = confirm(&queue, &by, draft.id, "irrelevant").await.unwrap();
    assert_eq!(done.deleted, 2);
    queue.check().await;
}

#[tokio::test]
async fn one_asks_about_twenty_drafts_at_a_time() {
    let (queue, leads) = Queue::with(1).await;
    let mut last = None;
    for _ in 0..MOST_ASKED {
        last = Some(asked(&queue, &leads).await.id);
    }
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap().id;
    let refused = ask(&queue, draft, "And these?").await.unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(
        refused
            .to_string()
            .starts_with("20 of your questions wait for an answer")
    );
    // One that was asked is still answered the same.
    let last = last.unwrap();
    ask(&queue, last, "Are these twins?").await.unwrap();
    // An answer makes room.
    let by = queue.actor(ADMIN);
    dismiss(&queue, &by, last, "").await.unwrap();
    ask(&queue, draft, "And these?").await.unwrap();
    queue.check().await;
}

#[tokio::test]
async fn an_asked_drafts_leads_come_in_pages() {
    let (queue, leads) = Queue::with(230).await;
    let draft = asked(&queue, &leads).await;
    let by = queue.actor(ADMIN);
    let first = queue
        .store
        .asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap()
        .leads;
    let (mut next, mut all) = (first.next, first.rows);
    assert_eq!(all.len(), 100);
    while let Some(after) = next {
        let page = queue
            .store
            .asked_leads(by.granted().unwrap(), draft.id, after)
            .await
            .unwrap();
        all.extend(page.rows);
        next = page.next;
    }
    let all: Vec<LeadId> = all.iter().map(|row| row.lead).collect();
    assert_eq!(all, leads);
}

#[tokio::test]
async fn a_layer_admin_deletes_them_in_their_own_name_and_who_asked_is_kept() {
    let (queue, leads) = Queue::with(3).await;
    let draft = asked(&queue, &leads).await;
    assert_eq!(waiting(&queue).await.len(), 1);
    let by = queue.actor(ADMIN);
    let done = confirm(&queue, &by, draft.id, "duplicate").await.unwrap();
    assert_eq!(
        done.message,
        "3 leads deleted. They leave the system at 19:00."
    );
    let page = queue
        .store
        .order(by.granted().unwrap(), done.order, None)
        .await
        .unwrap();
    assert_eq!(page.summary.by, ADMIN);
    assert_eq!(page.asked_by.as_deref(), Some(ASKER));
    assert_eq!(page.asked_words.as_deref(), Some("Are these twins?"));
    // Who asked sees the order too, but doesn't undo it.
    let asker = queue.actor(ASKER);
    let page = queue
        .store
        .order(asker.granted().unwrap(), done.order, None)
        .await
        .unwrap();
    assert!(!page.summary.may_undo);
    assert_eq!(
        queue.undo(ASKER, done.order).await.unwrap_err().status(),
        404
    );
    assert!(waiting(&queue).await.is_empty());
    let told = mine(&queue).await;
    assert!(
        matches!(&told[0].answer, Answer::Deleted { by, order, .. } if by == ADMIN && *order == done.order)
    );
    assert_eq!(told[0].answer.label(), "Deleted, leaves at 19:00");
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft_lead", []).await, 0);
    queue.check().await;
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 3);
    assert_eq!(
        mine(&queue).await[0].answer.label(),
        "3 leads have left the system"
    );
    queue.check().await;
}

#[tokio::test]
async fn the_same_answer_twice_is_one_and_another_layer_admin_sees_what_was_done() {
    let (queue, leads) = Queue::with(3).await;
    let second = second_admin(&queue).await;
    let draft = asked(&queue, &leads).await;
    let by = queue.actor(ADMIN);
    let opened = queue
        .store
        .open_asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    let confirmation = queue.confirmation(&opened, "duplicate");
    let send = |by: domain::Actor, confirmation: Confirmation| {
        let store = &queue.store;
        async move {
            store
                .confirm_asked(by.granted().unwrap(), confirmation)
                .await
        }
    };
    let first = send(by.clone(), confirmation.clone()).await.unwrap();
    let again = send(by.clone(), confirmation.clone()).await.unwrap();
    assert_eq!(first, again);
    let other = Confirmation {
        reason: "outdated".into(),
        ..confirmation.clone()
    };
    assert_eq!(send(by.clone(), other).await.unwrap_err().status(), 422);
    let late = send(second.clone(), confirmation).await.unwrap_err();
    assert_eq!(late.status(), 409);
    assert_eq!(
        late.to_string(),
        "Layer Admin deleted these leads already, 10:00. Nothing more was done."
    );
    let late = dismiss(&queue, &second, draft.id, "").await.unwrap_err();
    assert_eq!(late.status(), 409);
    let late = confirm(&queue, &second, draft.id, "outdated").await;
    assert_eq!(late.unwrap_err().status(), 409);
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        1
    );
    queue.check().await;
}

#[tokio::test]
async fn twenty_answers_at_once_are_one() {
    let (queue, leads) = Queue::with(4).await;
    let second = second_admin(&queue).await;
    let draft = asked(&queue, &leads).await;
    let queue = Arc::new(queue);
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let (queue, second) = (queue.clone(), second.clone());
            tokio::spawn(async move {
                match n % 4 {
                    0 => confirm(&queue, &queue.actor(ADMIN), draft.id, "outdated")
                        .await
                        .is_ok(),
                    1 => confirm(&queue, &second, draft.id, "outdated").await.is_ok(),
                    2 => {
                        dismiss(&queue, &second, draft.id, "No.")
                            .await
                            .unwrap_or(());
                        false
                    }
                    _ => {
                        dismiss(&queue, &queue.actor(ADMIN), draft.id, "")
                            .await
                            .unwrap_or(());
                        false
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let answers = "SELECT (SELECT COUNT(*) FROM deletion_order) + (SELECT COUNT(*) FROM audit_entry WHERE kind = 'draft-dismissed')";
    assert_eq!(queue.number(answers, []).await, 1);
    queue.check().await;
}

#[tokio::test]
async fn a_dismissal_tells_the_asker_and_deletes_nothing() {
    let (queue, leads) = Queue::with(2).await;
    let second = second_admin(&queue).await;
    let draft = asked(&queue, &leads).await;
    let by = queue.actor(ADMIN);
    dismiss(&queue, &by, draft.id, " Keep them,\u{202E} they buy. ")
        .await
        .unwrap();
    // The second press of the same person is the same answer; another's words are not kept.
    dismiss(&queue, &by, draft.id, "Keep them.").await.unwrap();
    let late = dismiss(&queue, &second, draft.id, "").await.unwrap_err();
    assert_eq!(
        late.to_string(),
        "Layer Admin dismissed this already, 10:00. Nothing was deleted."
    );
    let late = confirm(&queue, &second, draft.id, "outdated").await;
    assert_eq!(late.unwrap_err().status(), 409);
    let told = mine(&queue).await;
    assert_eq!(
        told[0].answer,
        Answer::Dismissed {
            by: ADMIN.into(),
            at: "10:00".into(),
            words: Some("Keep them, they buy.".into())
        }
    );
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft_lead", []).await, 0);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
    queue.check().await;
}

#[tokio::test]
async fn the_badge_counts_answers_until_they_were_looked_at() {
    let (queue, leads) = Queue::with(2).await;
    let needs = async || {
        let actor = queue.actor(ASKER);
        queue.store.shell(&actor).await.unwrap().needs_me
    };
    let seen = async || {
        let by = queue.actor(ASKER).granted().unwrap();
        queue.store.answers_seen(by).await.unwrap();
    };
    let admin = queue.actor(ADMIN);
    let draft = asked(&queue, &leads).await;
    assert_eq!(queue.store.shell(&admin).await.unwrap().asked, 1);
    seen().await;
    assert_eq!(needs().await, 0);
    dismiss(&queue, &admin, draft.id, "").await.unwrap();
    assert_eq!(needs().await, 1);
    assert_eq!(queue.store.shell(&admin).await.unwrap().asked, 0);
    seen().await;
    assert_eq!(needs().await, 0);
    // One that ran out is told too.
    asked(&queue, &leads).await;
    queue.clock.advance(ASKED_LIFE);
    assert_eq!(needs().await, 1);
    // And what of one's own failed or is on hold stays there until it doesn't.
    queue.delete(ASKER, "outdated", &leads).await;
    queue.take_right(ASKER).await;
    seen().await;
    assert_eq!(needs().await, 2);
}

#[tokio::test]
async fn asking_twice_is_asking_once_and_the_draft_is_the_askers_no_more() {
    let (queue, leads) = Queue::with(2).await;
    let draft = asked(&queue, &leads).await;
    assert!(ask(&queue, draft.id, " Are these twins? ").await.is_ok());
    let other = ask(&queue, draft.id, "Something else?").await;
    assert_eq!(other.unwrap_err().status(), 409);
    let own = queue.confirm(ASKER, &draft, "outdated").await;
    assert_eq!(own.unwrap_err().status(), 409);
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'draft-asked'";
    assert_eq!(queue.number(entries, []).await, 1);
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM deletion_order", [])
            .await,
        0
    );
    queue.check().await;
}

#[tokio::test]
async fn only_an_own_fresh_draft_is_asked_about_and_with_words() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    let empty = ask(&queue, draft.id, " \u{200B}\n ").await.unwrap_err();
    assert!(empty.of_field("Your question").is_some());
    let long = ask(&queue, draft.id, &"ä".repeat(2_001)).await.unwrap_err();
    assert!(long.of_field("Your question").is_some());
    let others = queue.draft("Manager", 1, &leads).await.unwrap();
    assert_eq!(ask(&queue, others.id, "?").await.unwrap_err().status(), 409);
    queue.clock.advance(DRAFT_LIFE);
    assert_eq!(ask(&queue, draft.id, "?").await.unwrap_err().status(), 409);
    let used = queue.draft(ASKER, 1, &leads[..1]).await.unwrap();
    queue.confirm(ASKER, &used, "outdated").await.unwrap();
    assert_eq!(ask(&queue, used.id, "?").await.unwrap_err().status(), 409);
    assert_eq!(queue.number("SELECT COUNT(*) FROM audit_text", []).await, 0);
}

#[tokio::test]
async fn a_draft_that_nobody_asked_about_is_no_layer_admins() {
    let (queue, leads) = Queue::with(2).await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    let by = queue.actor(ADMIN);
    let page = queue.store.asked(by.granted().unwrap(), draft.id).await;
    assert_eq!(page.unwrap_err().status(), 404);
    let opened = queue
        .store
        .open_asked(by.granted().unwrap(), draft.id)
        .await;
    assert_eq!(opened.unwrap_err().status(), 404);
    let confirmation = queue.confirmation(&draft, "outdated");
    let confirmed = queue
        .store
        .confirm_asked(by.granted().unwrap(), confirmation)
        .await;
    assert_eq!(confirmed.unwrap_err().status(), 404);
    let dismissed = dismiss(&queue, &by, draft.id, "").await;
    assert_eq!(dismissed.unwrap_err().status(), 404);
}

#[tokio::test]
async fn one_that_ran_out_says_so_and_lets_its_leads_go() {
    let (queue, leads) = Queue::with(2).await;
    let draft = asked(&queue, &leads).await;
    queue.clock.advance(ASKED_LIFE);
    worker::purge(&queue.store).await.unwrap();
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft_lead", []).await, 0);
    let told = mine(&queue).await;
    assert_eq!(
        told[0].answer.words(),
        "Ran out, 10:00: nobody answered, and nothing was deleted. Ask again."
    );
    assert!(waiting(&queue).await.is_empty());
    let late = confirm(&queue, &queue.actor(ADMIN), draft.id, "outdated").await;
    assert_eq!(
        late.unwrap_err().to_string(),
        "This ran out, 10:00. Nothing was deleted."
    );
    let late = dismiss(&queue, &queue.actor(ADMIN), draft.id, "").await;
    assert_eq!(late.unwrap_err().status(), 409);
    queue.clock.advance(ANSWER_STAYS);
    worker::purge(&queue.store).await.unwrap();
    assert!(mine(&queue).await.is_empty());
    assert_eq!(queue.number("SELECT COUNT(*) FROM draft", []).await, 0);
    queue.check().await;
}

#[tokio::test]
async fn above_a_hundred_leads_the_number_is_the_one_that_the_layer_admin_was_shown() {
    let (queue, leads) = Queue::with(120).await;
    let draft = asked(&queue, &leads).await;
    for lead in &leads[..5] {
        queue.change(*lead).await;
    }
    let by = queue.actor(ADMIN);
    let opened = queue
        .store
        .open_asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    assert_eq!(opened.counts.leads, 115);
    let with = |typed: &str| Confirmation {
        typed: typed.into(),
        ..queue.confirmation(&opened, "irrelevant")
    };
    for wrong in ["", "120"] {
        let refused = queue
            .store
            .confirm_asked(by.granted().unwrap(), with(wrong))
            .await
            .unwrap_err();
        assert!(refused.of_field("Confirm number").is_some(), "{wrong}");
    }
    let done = queue
        .store
        .confirm_asked(by.granted().unwrap(), with("١١٥"))
        .await
        .unwrap();
    assert_eq!(done.deleted, 115);
    queue.check().await;
}

#[tokio::test]
async fn a_layer_admin_who_lost_a_right_meanwhile_answers_nothing() {
    let (queue, leads) = Queue::with(2).await;
    let draft = asked(&queue, &leads).await;
    let by = queue.actor(ADMIN);
    let opened = queue
        .store
        .open_asked(by.granted().unwrap(), draft.id)
        .await
        .unwrap();
    let confirmation = queue.confirmation(&opened, "outdated");
    for right in ["run-queue", "delete-leads"] {
        queue
            .write(
                "DELETE FROM role_permission WHERE role = 4 AND permission = $1",
                [right.into()],
            )
            .await;
        let refused = queue
            .store
            .confirm_asked(by.granted().unwrap(), confirmation.clone())
            .await;
        assert_eq!(refused.unwrap_err().status(), 403, "{right}");
        queue
            .write(
                "INSERT INTO role_permission (role, permission) VALUES (4, $1)",
                [right.into()],
            )
            .await;
    }
    // The asker's right isn't asked for: the order is the Layer Admin's.
    queue.take_right(ASKER).await;
    let done = queue
        .store
        .confirm_asked(by.granted().unwrap(), confirmation)
        .await
        .unwrap();
    assert_eq!(done.deleted, 2);
    queue.at_night();
    assert_eq!(queue.drain().await.erased, 2);
    queue.check().await;
}

#[tokio::test]
async fn a_whole_stack_that_was_asked_about_wants_delete_all_of_who_answers() {
    let (queue, _) = Queue::with(3).await;
    let as_of = queue.fresh("Manager", view(1)).await.as_of;
    let selection = Selection::Matching {
        view: view(1),
        as_of,
        except: std::collections::BTreeSet::new(),
    };
    let by = queue.actor("Manager").granted().unwrap();
    let draft = domain::ports::Drafts::draft_matching(&queue.store, by, selection)
        .await
        .unwrap();
    let asking = Asking {
        draft: draft.id,
        words: "All of them?".into(),
        reason: String::new(),
    };
    queue
        .store
        .ask_first(queue.actor("Manager").granted().unwrap(), asking)
        .await
        .unwrap();
    queue
        .write(
            "DELETE FROM role_permission WHERE role = 4 AND permission = 'delete-all'",
            [],
        )
        .await;
    let refused = confirm(&queue, &queue.actor(ADMIN), draft.id, "outdated").await;
    assert_eq!(refused.unwrap_err().status(), 403);
    assert_eq!(
        queue.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
}

#[tokio::test]
async fn who_asked_can_not_be_changed_unnoticed() {
    let (queue, leads) = Queue::with(1).await;
    let draft = asked(&queue, &leads).await;
    confirm(&queue, &queue.actor(ADMIN), draft.id, "outdated")
        .await
        .unwrap();
    queue.check().await;
    queue
        .write("UPDATE deletion_order SET asked_by = 1", [])
        .await;
    let verified = queue.store.verify_audit().await.unwrap();
    assert!(
        matches!(
            verified,
            server::store::audit_verify::Verified::Broken { .. }
        ),
        "{verified:?}"
    );
}

#[tokio::test]
async fn what_was_asked_lies_beside_the_chain_and_nowhere_else() {
    let (queue, leads) = Queue::with(1).await;
    let draft = queue.draft(ASKER, 1, &leads).await.unwrap();
    ask(&queue, draft.id, "Xqquestion about somebody")
        .await
        .unwrap();
    dismiss(&queue, &queue.actor(ADMIN), draft.id, "Xqanswer")
        .await
        .unwrap();
    for word in ["Xqquestion", "Xqanswer"] {
        let on = queue.store.reader();
        let mut holds = Vec::new();
        for (table, column) in schema(on).await {
            if holding(on, &table, &column, word).await > 0 {
                holds.push(format!("{table}.{column}"));
            }
        }
        assert_eq!(holds, ["audit_text.text"]);
    }
    queue.check().await;
}

#[tokio::test]
async fn the_words_of_what_was_dismissed_or_ran_out_are_blacked_out_and_the_chain_stays_whole() {
    let (queue, leads) = Queue::with(3).await;
    let (dismissed, ran_out, waits) = (
        asked(&queue, &leads[..1]).await.id,
        asked(&queue, &leads[1..2]).await.id,
        async || asked(&queue, &leads[2..]).await.id,
    );
    let dismissal = Dismissal {
        draft: dismissed,
        words: "They are not".into(),
    };
    let admin = queue.actor(ADMIN);
    queue
        .store
        .dismiss(admin.granted().unwrap(), dismissal)
        .await
        .unwrap();
    queue.clock.advance(ASKED_LIFE + 1);
    let waits = waits().await;
    let redact = async |draft| {
        queue
            .store
            .redact_asked(admin.granted().unwrap(), draft)
            .await
    };
    let page = async |draft| queue.store.asked(admin.granted().unwrap(), draft).await;
    assert_eq!(redact(waits).await.unwrap_err().status(), 409);
    assert!(!page(waits).await.unwrap().may_redact);
    for draft in [dismissed, ran_out] {
        assert!(page(draft).await.unwrap().may_redact);
        redact(draft).await.unwrap();
        let after = page(draft).await.unwrap();
        assert!(!after.may_redact && after.asked.words.is_none());
    }
    redact(dismissed).await.unwrap();
    let left = "SELECT COUNT(*) FROM audit_text WHERE text IS NOT NULL OR salt <> zeroblob(16)";
    assert_eq!(queue.number(left, []).await, 1, "what waits");
    let entries = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'details-redacted'";
    assert_eq!(queue.number(entries, []).await, 2);
    queue.check().await;
}
