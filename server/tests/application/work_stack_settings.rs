//! Settings > Work stacks: made, edited, ordered and deleted, without a lead being touched.

use crate::desk::{New, days, ids, named, role, view};
use crate::queue::Queue;
use crate::test_database::holding;
use domain::ask_first::Asking;
use domain::audit_log::AuditRequest;
use domain::draft::LeftOut;
use domain::error::Error;
use domain::lead::LeadStatus;
use domain::permission::EditSettings;
use domain::ports::{AskFirst, AuditLog, DeletionOrders, Drafts, WorkStackSettings};
use domain::selection::Selection;
use domain::version::Version;
use domain::work_stack::{Column, Filter, Order, Sort, WorkStackId};
use domain::work_stack_settings::{WorkStackForm, WorkStackSetting};
use domain::{Granted, Result};

fn admin(queue: &Queue) -> Granted<EditSettings> {
    queue.actor("Layer Admin").granted().unwrap()
}

async fn stacks(queue: &Queue) -> Vec<WorkStackSetting> {
    let by = admin(queue);
    queue.store.work_stack_settings(by).await.unwrap()
}

async fn names(queue: &Queue) -> Vec<String> {
    stacks(queue).await.into_iter().map(|s| s.name).collect()
}

async fn form(queue: &Queue, stack: WorkStackId) -> WorkStackForm {
    let editor = queue.store.work_stack_editor(admin(queue), Some(stack));
    editor.await.unwrap().form
}

async fn save(queue: &Queue, form: WorkStackForm) -> Result<WorkStackId> {
    queue.store.save_work_stack(admin(queue), form).await
}

async fn delete(queue: &Queue, stack: WorkStackId, version: Version) -> Result<()> {
    let by = admin(queue);
    queue.store.delete_work_stack(by, stack, version).await
}

/// From a portal, for Agents and Managers.
fn portal(name: &str) -> WorkStackForm {
    WorkStackForm {
        name: name.into(),
        filter: Filter {
            sources: vec!["Portal".into()],
            ..Filter::default()
        },
        roles: vec![role("Agent"), role("Manager")],
        ..WorkStackForm::new()
    }
}

fn from(source: &'static str) -> New {
    New {
        source,
        ..named("Ann Smith")
    }
}

async fn with_leads() -> Queue {
    let (queue, _) = Queue::with(0).await;
    queue
        .add(&[from("Portal"), from("Portal"), from("Fair"), from("")])
        .await;
    queue
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(fields) => fields.into_iter().map(|f| f.field).collect(),
        other => panic!("{other:?}"),
    }
}

async fn entries(queue: &Queue) -> i64 {
    queue
        .number("SELECT sequence FROM audit_head WHERE id = 1", [])
        .await
}

#[tokio::test]
async fn a_new_stack_is_one_act_and_shows_what_it_takes_to_its_roles_alone() {
    let queue = with_leads().await;
    let before = entries(&queue).await;
    let stack = save(&queue, portal("  Portal  leads ")).await.unwrap();
    assert_eq!(entries(&queue).await, before + 1);
    assert_eq!(names(&queue).await, ["All leads", "Portal leads"]);
    let page = queue.fresh("Agent", view(stack.0)).await;
    assert_eq!((page.total, page.name.as_str()), (2, "Portal leads"));
    assert_eq!(page.columns, Column::ALL);
    let refused = queue.grid("Team Leader", view(stack.0)).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    queue.check().await;
}

#[tokio::test]
async fn an_edit_changes_everything_and_comes_back_as_it_was_saved() {
    let queue = with_leads().await;
    let stack = save(&queue, portal("Portal")).await.unwrap();
    let edited = WorkStackForm {
        name: "Nobody’s".into(),
        filter: Filter {
            sources: vec!["Portal".into(), String::new()],
            statuses: vec![LeadStatus::New, LeadStatus::Lost],
            owners: vec![String::new()],
            added_within_days: Some(60),
            added_before_days: Some(1),
            idle_days: Some(90),
            no_contact_record: true,
            no_valid_telephone: true,
            possible_duplicate: false,
        },
        roles: vec![role("Team Leader")],
        columns: vec![Column::Owner, Column::Added],
        order: Order {
            by: Sort::Added,
            descending: false,
        },
        hides_deletions: false,
        ..form(&queue, stack).await
    };
    save(&queue, edited.clone()).await.unwrap();
    let saved = form(&queue, stack).await;
    assert_ne!(saved.version, edited.version);
    assert_eq!(
        saved,
        WorkStackForm {
            version: saved.version,
            ..edited
        }
    );
    let page = queue.fresh("Team Leader", view(stack.0)).await;
    assert_eq!(page.columns, [Column::Owner, Column::Added]);
    assert_eq!((page.order.by, page.hides_deletions), (Sort::Added, false));
    assert_eq!(
        page.sentence,
        "From Portal or no source, status new or lost, owned by nobody, added in the last 60 days, added more than 1 day ago, \
         no activity for 90 days or ever, without a contact record, without a contact with a valid telephone number."
    );
    queue.check().await;
}

#[tokio::test]
async fn the_audit_log_says_what_was_saved_in_numbers_and_codes() {
    let queue = with_leads().await;
    save(&queue, portal("Secret plans")).await.unwrap();
    let by = queue.actor("Auditor").granted().unwrap();
    let page = queue.store.audit_log(by, AuditRequest::default()).await;
    let about = page.unwrap().rows.remove(0).about;
    assert_eq!(
        about,
        "Secret plans, made, 1 source, seen by Agent, seen by Manager, 6 columns, sorted by last activity, descending, \
         hides deletions"
    );
    // The name is looked up for whoever reads; the entry itself has the number.
    assert_eq!(
        holding(queue.store.reader(), "audit_entry", "facts", "Secret").await,
        0
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_fields_all_at_once() {
    let queue = with_leads().await;
    save(&queue, portal("Portal")).await.unwrap();
    let before = entries(&queue).await;
    let wrong = WorkStackForm {
        name: "PORTAL ".into(),
        filter: Filter {
            added_within_days: Some(7),
            added_before_days: Some(30),
            ..Filter::default()
        },
        roles: Vec::new(),
        ..portal("")
    };
    let refused = save(&queue, wrong).await.unwrap_err();
    assert_eq!(fields(refused), ["Added more than", "Who sees it", "Name"]);
    // An Auditor may not see leads: a stack would show them nothing.
    let auditors = WorkStackForm {
        roles: vec![role("Auditor"), 99],
        ..portal("For the Auditor")
    };
    let refused = save(&queue, auditors).await.unwrap_err();
    assert_eq!(fields(refused), ["Who sees it"]);
    assert_eq!(entries(&queue).await, before);
    assert_eq!(names(&queue).await.len(), 2);
}

#[tokio::test]
async fn two_who_edit_at_once_never_overwrite_each_other() {
    let queue = with_leads().await;
    let stack = save(&queue, portal("Portal")).await.unwrap();
    let (mine, theirs) = (form(&queue, stack).await, form(&queue, stack).await);
    save(
        &queue,
        WorkStackForm {
            name: "Mine".into(),
            ..mine
        },
    )
    .await
    .unwrap();
    let refused = save(
        &queue,
        WorkStackForm {
            name: "Theirs".into(),
            ..theirs.clone()
        },
    )
    .await
    .unwrap_err();
    assert_eq!((refused.status(), refused.code()), (409, "too-late"));
    assert!(
        refused
            .to_string()
            .contains("You changed this at 10:00 while you had it open")
    );
    assert_eq!(
        delete(&queue, stack, theirs.version).await.unwrap_err(),
        refused
    );
    assert_eq!(names(&queue).await, ["All leads", "Mine"]);
    // The switch in the list is a change too.
    let mine = form(&queue, stack).await;
    queue
        .store
        .set_hides_deletions(admin(&queue), stack, false)
        .await
        .unwrap();
    assert_eq!(save(&queue, mine).await.unwrap_err().status(), 409);
    queue.check().await;
}

#[tokio::test]
async fn all_leads_is_neither_narrowed_nor_deleted() {
    let queue = with_leads().await;
    let all = form(&queue, WorkStackId(1)).await;
    let narrowed = WorkStackForm {
        filter: portal("").filter,
        ..all.clone()
    };
    let refused = save(&queue, narrowed).await.unwrap_err();
    assert_eq!(fields(refused), ["Leads"]);
    let refused = delete(&queue, WorkStackId(1), all.version).await;
    assert_eq!(refused.unwrap_err().status(), 409);
    let renamed = WorkStackForm {
        name: "Everybody".into(),
        ..all
    };
    save(&queue, renamed).await.unwrap();
    assert_eq!(queue.fresh("Agent", view(1)).await.name, "Everybody");
    assert_eq!(queue.fresh("Agent", view(1)).await.total, 4);
}

#[tokio::test]
async fn stacks_are_ordered_one_place_at_a_time() {
    let queue = with_leads().await;
    let one = save(&queue, portal("One")).await.unwrap();
    let two = save(&queue, portal("Two")).await.unwrap();
    let shift = async |stack, up| {
        let by = admin(&queue);
        queue.store.move_work_stack(by, stack, up).await.unwrap();
        names(&queue).await
    };
    let before = entries(&queue).await;
    assert_eq!(shift(two, true).await, ["All leads", "Two", "One"]);
    assert_eq!(shift(two, true).await, ["Two", "All leads", "One"]);
    assert_eq!(entries(&queue).await, before + 2);
    // At the end it stays, and nothing was done.
    assert_eq!(shift(two, true).await, ["Two", "All leads", "One"]);
    assert_eq!(shift(one, false).await, ["Two", "All leads", "One"]);
    assert_eq!(entries(&queue).await, before + 2);
    assert_eq!(shift(two, false).await, ["All leads", "Two", "One"]);
    let by = admin(&queue);
    let unknown = queue.store.move_work_stack(by, WorkStackId(99), true).await;
    assert_eq!(unknown.unwrap_err().status(), 404);
    queue.check().await;
}

#[tokio::test]
async fn a_deleted_stack_takes_no_lead_with_it_and_its_orders_keep_their_words() {
    let queue = with_leads().await;
    let stack = save(&queue, portal("Portal")).await.unwrap();
    let shown = ids(&queue.fresh("Manager", view(stack.0)).await);
    let used = queue.draft("Manager", stack.0, &shown[..1]).await.unwrap();
    let confirmed = queue.confirm("Manager", &used, "outdated").await.unwrap();
    let open = queue.draft("Manager", stack.0, &shown[1..]).await.unwrap();
    let doubtful = queue.draft("Manager", stack.0, &shown[1..]).await.unwrap();
    let asking = Asking {
        draft: queue.draft("Team Leader", 1, &shown[1..]).await.unwrap().id,
        words: "Sure?".into(),
        reason: String::new(),
    };
    let by = queue.actor("Team Leader").granted().unwrap();
    queue.store.ask_first(by, asking.clone()).await.unwrap();

    let version = form(&queue, stack).await.version;
    let before = entries(&queue).await;
    delete(&queue, stack, version).await.unwrap();
    assert_eq!(entries(&queue).await, before + 1);
    assert_eq!(names(&queue).await, ["All leads"]);
    assert_eq!(queue.number("SELECT COUNT(*) FROM lead", []).await, 4);

    // Its order goes on under its name, and the same confirmation is answered as before.
    let by = queue.actor("Layer Admin").granted().unwrap();
    let page = queue.store.order(by, confirmed.order, None).await.unwrap();
    assert_eq!(page.summary.work_stack.as_deref(), Some("Portal"));
    let again = queue.confirm("Manager", &used, "outdated").await.unwrap();
    assert_eq!(again, confirmed);
    assert_eq!(queue.numbers(confirmed.order).await.waiting, 1);

    // A dialog that was open on it says so, whether it deletes or asks.
    let ended = queue
        .confirm("Manager", &open, "outdated")
        .await
        .unwrap_err();
    assert_eq!(ended.status(), 409);
    assert!(
        ended
            .to_string()
            .contains("work stack of these leads was deleted")
    );
    let by = queue.actor("Manager").granted().unwrap();
    let asked = Asking {
        draft: doubtful.id,
        words: "Sure?".into(),
        reason: String::new(),
    };
    assert_eq!(queue.store.ask_first(by, asked).await.unwrap_err(), ended);
    let frozen =
        "SELECT COUNT(*) FROM draft_lead d JOIN draft f ON f.id = d.draft WHERE f.asked_at IS NULL";
    assert_eq!(queue.number(frozen, []).await, 0);
    // What the Layer Admins were asked from another stack is theirs still.
    let by = queue.actor("Layer Admin").granted().unwrap();
    let asked = queue.store.asked(by, asking.draft).await.unwrap();
    assert_eq!(asked.counts.leads, 1);

    // The log names it, and its number is never another's.
    let by = queue.actor("Auditor").granted().unwrap();
    let page = queue.store.audit_log(by, AuditRequest::default()).await;
    assert_eq!(page.unwrap().rows[0].about, "Portal, deleted");
    let next = save(&queue, portal("Portal")).await.unwrap();
    assert!(next > stack);
    queue.check().await;
}

#[tokio::test]
async fn an_order_that_was_put_back_keeps_the_name_too() {
    use domain::ports::Removals;
    let queue = with_leads().await;
    let stack = save(&queue, portal("Portal")).await.unwrap();
    let shown = ids(&queue.fresh("Manager", view(stack.0)).await);
    let draft = queue.draft("Manager", stack.0, &shown).await.unwrap();
    queue.confirm("Manager", &draft, "outdated").await.unwrap();
    let by = || queue.actor("Manager").granted().unwrap();
    let preview = queue
        .store
        .removal_preview(by(), String::new())
        .await
        .unwrap();
    let removal = domain::removal::Removal {
        search: String::new(),
        groups: preview.groups,
        note: "Too early".into(),
    };
    let removed = queue.store.remove(by(), removal).await.unwrap();
    let version = form(&queue, stack).await.version;
    delete(&queue, stack, version).await.unwrap();
    let back = queue
        .store
        .undo_removal(by(), removed.removal)
        .await
        .unwrap();
    let by = queue.actor("Layer Admin").granted().unwrap();
    let page = queue.store.order(by, back.order, None).await.unwrap();
    assert_eq!(page.summary.work_stack.as_deref(), Some("Portal"));
    assert_eq!(back.left_out, Vec::<LeftOut>::new());
    queue.check().await;
}

#[tokio::test]
async fn a_whole_view_of_a_stack_that_was_changed_since_is_not_taken() {
    let queue = with_leads().await;
    let stack = save(&queue, portal("Portal")).await.unwrap();
    let all = |as_of| Selection::Matching {
        view: view(stack.0),
        as_of,
        except: Default::default(),
    };
    let before = queue.fresh("Manager", view(stack.0)).await.as_of;
    let by = || queue.actor("Manager").granted().unwrap();
    let draft = queue.store.draft_matching(by(), all(before)).await.unwrap();
    assert_eq!(draft.counts.leads, 2);
    let wider = WorkStackForm {
        filter: Filter::default(),
        ..form(&queue, stack).await
    };
    save(&queue, wider).await.unwrap();
    let refused = queue.store.draft_matching(by(), all(before)).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("changed since you looked"));
    let after = queue.fresh("Manager", view(stack.0)).await.as_of;
    let draft = queue.store.draft_matching(by(), all(after)).await.unwrap();
    assert_eq!(draft.counts.leads, 4);
}

#[tokio::test]
async fn an_unsaved_filter_is_counted_without_what_is_being_deleted() {
    let queue = with_leads().await;
    let count = async |filter| queue.store.count_filter(admin(&queue), filter).await;
    let portal = portal("").filter;
    assert_eq!(count(portal.clone()).await.unwrap(), 2);
    let without = Filter {
        sources: vec![String::new()],
        ..Filter::default()
    };
    assert_eq!(count(without).await.unwrap(), 1);
    queue
        .delete("Manager", "outdated", &[domain::lead::LeadId(1)])
        .await;
    assert_eq!(count(portal).await.unwrap(), 1);
    let impossible = Filter {
        idle_days: Some(0),
        ..Filter::default()
    };
    let refused = count(impossible).await.unwrap_err();
    assert_eq!(fields(refused), ["No activity for"]);
}

#[tokio::test]
async fn the_form_offers_what_leads_have_and_the_roles_that_see_leads() {
    let queue = with_leads().await;
    let editor = queue.store.work_stack_editor(admin(&queue), None).await;
    let editor = editor.unwrap();
    let sources: Vec<_> = editor
        .sources
        .iter()
        .map(|v| (v.value.as_str(), v.leads))
        .collect();
    assert_eq!(sources, [("Portal", 2), ("", 1), ("Fair", 1)]);
    let roles: Vec<_> = editor.roles.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(roles, ["Agent", "Team Leader", "Manager", "Layer Admin"]);
    assert_eq!(editor.form.roles, [role("Layer Admin")]);
}

#[tokio::test]
async fn who_lost_the_right_meanwhile_changes_nothing() {
    let queue = with_leads().await;
    let before = entries(&queue).await;
    queue
        .write("UPDATE member SET active = 0 WHERE id = 4", [])
        .await;
    let refused = save(&queue, portal("Portal")).await.unwrap_err();
    assert_eq!(refused.status(), 403);
    assert_eq!(entries(&queue).await, before);
}

#[tokio::test]
async fn a_count_that_came_out_as_another_is_told_once() {
    let queue = with_leads().await;
    let member = queue.actor("Agent").member;
    let show = async || {
        let stacks = queue
            .store
            .stack_summaries(queue.store.reader(), member)
            .await;
        stacks.unwrap()[0].count
    };
    show().await;
    let first = queue.store.frame().await.unwrap();
    assert!(queue.store.recount_shown().await.unwrap());
    let counted = queue.store.frame().await.unwrap();
    assert_eq!(counted.sequence, first.sequence);
    assert_ne!(counted.recounts, first.recounts);
    // Shown and up to date: nothing to tell. After an act it is counted at once, without being shown again first.
    show().await;
    assert!(!queue.store.recount_shown().await.unwrap());
    queue
        .add(&[New {
            added_ago: days(1),
            ..named("New")
        }])
        .await;
    assert!(queue.store.recount_shown().await.unwrap());
    assert_eq!(show().await, Some(5));
    // Whose pages are closed costs nothing after that.
    assert!(!queue.store.recount_shown().await.unwrap());
    queue.add(&[named("Newer")]).await;
    queue.store.recount_shown().await.unwrap();
    queue.add(&[named("Newest")]).await;
    assert!(!queue.store.recount_shown().await.unwrap());
}
