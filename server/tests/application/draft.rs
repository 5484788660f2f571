//! Drafts: what the dialog freezes, and who may have it frozen.

use std::collections::BTreeSet;

use crate::desk::{Desk, New, named, searching, view};
use domain::draft::{Confirmation, Confirmed, DRAFT_LIFE, Draft, LeftOut, LeftOutCause};
use domain::lead::LeadId;
use domain::ports::Drafts;
use domain::selection::Selection;
use domain::work_stack::{Filter, GridView, WorkStackId};

async fn frozen(desk: &Desk, draft: &Draft) -> i64 {
    desk.number(
        "SELECT COUNT(*) FROM draft_lead WHERE draft = $1",
        [draft.id.0.as_bytes().to_vec().into()],
    )
    .await
}

async fn matching(
    desk: &Desk,
    view: GridView,
    except: &[LeadId],
    meanwhile: impl AsyncFnOnce(),
) -> domain::Result<Draft> {
    let as_of = desk.fresh("Manager", view.clone()).await.as_of;
    meanwhile().await;
    let selection = Selection::Matching {
        view,
        as_of,
        except: except.iter().copied().collect(),
    };
    let by = desk.actor("Manager").granted().unwrap();
    desk.store.draft_matching(by, selection).await
}

#[tokio::test]
async fn ticked_leads_are_frozen_with_what_belongs_to_them() {
    let desk = Desk::new().await;
    let a = desk
        .add(&[
            New {
                telephone: "+442079460123",
                ..named("A")
            },
            named("B"),
            named("C"),
        ])
        .await;
    let draft = desk.draft("Team Leader", 1, &a[..2]).await.unwrap();
    assert_eq!((draft.counts.leads, draft.counts.contact_records), (2, 1));
    assert_eq!(draft.counts, draft.counts_if_must);
    assert_eq!(draft.whole, None);
    assert_eq!(
        draft.when(2),
        "They leave the work stack now and the system at 19:00. Until then you can undo it."
    );
    assert_eq!(draft.layer_admins, ["Layer Admin"]);
    assert_eq!(draft.reasons.len(), 6);
    assert_eq!(frozen(&desk, &draft).await, 2);
}

#[tokio::test]
async fn leads_that_are_gone_are_told_and_leads_that_one_may_not_see_look_the_same() {
    let desk = Desk::new().await;
    desk.write("DELETE FROM work_stack_role WHERE role = 2", [])
        .await;
    let portal = Filter {
        sources: vec!["Portal".into()],
        ..Filter::default()
    };
    desk.stack(2, "Portal", &portal, &["Team Leader"]).await;
    let a = desk
        .add(&[
            New {
                source: "Portal",
                ..named("A")
            },
            named("B"),
        ])
        .await;
    let gone = [LeftOut {
        cause: LeftOutCause::Gone,
        count: 1,
    }];
    for other in [a[1], LeadId(9_999)] {
        let draft = desk.draft("Team Leader", 2, &[a[0], other]).await.unwrap();
        assert_eq!(draft.counts.leads, 1);
        assert_eq!(draft.counts.left_out, gone);
        let refused = desk.draft("Team Leader", 2, &[other]).await.unwrap_err();
        assert_eq!(refused.status(), 404);
    }
    assert_eq!(
        desk.draft("Team Leader", 1, &a).await.unwrap_err().status(),
        404
    );
}

#[tokio::test]
async fn a_selection_has_between_one_and_ten_thousand_ids() {
    let desk = Desk::new().await;
    let a = desk.add(&vec![named("A"); 10_001]).await;
    assert_eq!(
        desk.draft("Manager", 1, &[]).await.unwrap_err().status(),
        422
    );
    assert_eq!(
        desk.draft("Manager", 1, &a).await.unwrap_err().status(),
        422
    );
    let draft = desk.draft("Manager", 1, &a[1..]).await.unwrap();
    assert_eq!(draft.counts.leads, 10_000);
    let except = matching(&desk, view(1), &a[..10_000], async || {})
        .await
        .unwrap();
    assert_eq!(except.counts.leads, 1);
}

#[tokio::test]
async fn a_whole_view_asks_for_delete_all() {
    let desk = Desk::new().await;
    desk.add(&[named("A")]).await;
    let as_of = desk.fresh("Team Leader", view(1)).await.as_of;
    let selection = Selection::Matching {
        view: view(1),
        as_of,
        except: BTreeSet::new(),
    };
    let by = desk.actor("Team Leader").granted().unwrap();
    let refused = desk.store.draft_leads(by, WorkStackId(1), selection).await;
    assert_eq!(refused.unwrap_err().status(), 403);
}

#[tokio::test]
async fn a_whole_view_takes_what_was_shown_and_no_more() {
    let desk = Desk::new().await;
    let a = desk
        .add(&[named("Ann A"), named("Ann B"), named("Ann C"), named("Bob")])
        .await;
    desk.order("Manager", "outdated", 1, &[a[0]]).await;
    let draft = matching(&desk, searching(1, "ann"), &[a[1]], async || {
        desk.add(&[named("Ann Later")]).await;
    })
    .await
    .unwrap();
    assert_eq!(draft.whole.as_deref(), Some("All leads"));
    assert_eq!(draft.counts.leads, 1);
    assert_eq!(draft.counts.left_out, []);
    assert_eq!(frozen(&desk, &draft).await, 1);
}

#[tokio::test]
async fn a_stricter_reason_counts_what_it_takes_over() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A"), named("B"), named("C")]).await;
    desk.order("Manager", "outdated", 1, &[a[0]]).await;
    desk.order("Manager", "do-not-contact", 1, &[a[1]]).await;
    let shown = GridView {
        hide_deletions: Some(false),
        ..view(1)
    };
    let draft = matching(&desk, shown, &[], async || {}).await.unwrap();
    let already = |count| {
        [LeftOut {
            cause: LeftOutCause::AlreadyDeleted,
            count,
        }]
    };
    assert_eq!(draft.counts.leads, 1);
    assert_eq!(draft.counts.left_out, already(2));
    assert_eq!(draft.counts_if_must.leads, 2);
    assert_eq!(draft.counts_if_must.left_out, already(1));
}

#[tokio::test]
async fn nothing_left_of_a_view_is_said() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A")]).await;
    let draft = matching(&desk, view(1), &[], async || {
        desk.order("Manager", "outdated", 1, &a).await;
        desk.close(a[0], "erased").await;
    });
    assert_eq!(draft.await.unwrap_err().status(), 409);
    assert_eq!(desk.number("SELECT COUNT(*) FROM draft", []).await, 0);
}

#[tokio::test]
async fn a_person_has_three_drafts_at_most() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A")]).await;
    let first = desk.draft("Manager", 1, &a).await.unwrap();
    desk.draft("Team Leader", 1, &a).await.unwrap();
    for _ in 0..3 {
        desk.draft("Manager", 1, &a).await.unwrap();
    }
    assert_eq!(desk.number("SELECT COUNT(*) FROM draft", []).await, 4);
    assert_eq!(frozen(&desk, &first).await, 0);
}

async fn confirmed(desk: &Desk, draft: &Draft, typed: &str) -> domain::Result<Confirmed> {
    let by = desk.actor("Manager").granted().unwrap();
    let confirmation = Confirmation {
        draft: draft.id,
        reason: "irrelevant".into(),
        details: String::new(),
        typed: typed.into(),
        sentence_confirmed: false,
    };
    desk.store.confirm(by, confirmation).await
}

#[tokio::test]
async fn delete_all_deletes_what_was_seen_and_no_more() {
    let desk = Desk::new().await;
    let portal = Filter {
        sources: vec!["Portal".into()],
        ..Filter::default()
    };
    desk.stack(2, "Portal", &portal, &["Manager"]).await;
    let lead = New {
        source: "Portal",
        ..named("A")
    };
    let seen = desk.add(&vec![lead.clone(); 300]).await;
    let draft = matching(&desk, view(2), &[seen[0]], async || {})
        .await
        .unwrap();
    assert_eq!(draft.counts.leads, 299);

    // Meanwhile others come in, some change, some leave, and the stack becomes another.
    let later = desk.add(&vec![lead; 100]).await;
    let values = || [seen[50].0.into(), seen[99].0.into()];
    desk.write(
        "UPDATE lead SET revision = revision + 1 WHERE id BETWEEN $1 AND $2",
        values(),
    )
    .await;
    desk.order("Layer Admin", "outdated", 1, &seen[100..110])
        .await;
    for lead in &seen[100..110] {
        desk.close(*lead, "erased").await;
    }
    desk.order("Layer Admin", "outdated", 1, &seen[110..115])
        .await;
    desk.write(
        r#"UPDATE work_stack SET filter = '{"sources":["Zoopla"]}' WHERE id = 2"#,
        [],
    )
    .await;

    let missing = confirmed(&desk, &draft, "").await.unwrap_err();
    assert!(missing.of_field("Confirm number").is_some());
    let done = confirmed(&desk, &draft, "299").await.unwrap();
    assert_eq!(done.deleted, 299 - 50 - 10 - 5);
    let left_out = |cause, count| LeftOut { cause, count };
    assert_eq!(
        done.left_out,
        [
            left_out(LeftOutCause::AlreadyDeleted, 5),
            left_out(LeftOutCause::Changed, 50),
            left_out(LeftOutCause::Gone, 10)
        ]
    );
    let order = || done.order.0.as_bytes().to_vec().into();
    let others = "SELECT COUNT(*) FROM open_deletion WHERE deletion_order = $1 AND (lead >= $2 OR lead = $3)";
    let others = desk
        .number(others, [order(), later[0].0.into(), seen[0].0.into()])
        .await;
    assert_eq!(others, 0);
    let all = "SELECT COUNT(*) FROM open_deletion WHERE deletion_order = $1";
    assert_eq!(desk.number(all, [order()]).await, 234);
    // The same once more is the same answer, not another order.
    assert_eq!(confirmed(&desk, &draft, "299").await.unwrap(), done);
    assert_eq!(desk.number(all, [order()]).await, 234);
}

#[tokio::test]
async fn an_old_draft_is_refused() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A")]).await;
    let draft = desk.draft("Manager", 1, &a).await.unwrap();
    desk.clock.advance(DRAFT_LIFE);
    let refused = confirmed(&desk, &draft, "").await.unwrap_err();
    assert_eq!(refused.status(), 409);
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM open_deletion", []).await,
        0
    );
}
