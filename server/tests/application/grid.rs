//! The Grid View: who sees what, sorts, pages, search, and what stands still while people and the queue work.

use crate::desk::{Desk, New, days, ids, named, searching, sorted, view};
use domain::Error;
use domain::lead::{LeadId, LeadRequest, LeadStatus, Telephone};
use domain::ports::{Leads, WorkStacks};
use domain::work_stack::{
    Cursor, Filter, GridView, Only, Order, Place, RangeRequest, RereadRequest, Sort, WorkStackId,
};

#[tokio::test]
async fn a_stack_of_other_roles_is_not_there() {
    let desk = Desk::new().await;
    desk.stack(2, "Portal", &Filter::default(), &["Manager"])
        .await;
    desk.add(&[named("Ann Smith")]).await;
    for stack in [2, 99, -1, i64::MAX] {
        let refused = desk.grid("Agent", view(stack)).await.unwrap_err();
        assert_eq!(refused, Error::not_found("work stack"), "{stack}");
    }
    let by = desk.actor("Agent").granted().unwrap();
    let erased = desk.store.erased_from(by, WorkStackId(2), None).await;
    assert_eq!(erased.unwrap_err().status(), 404);
    assert_eq!(desk.fresh("Manager", view(2)).await.total, 1);
}

#[tokio::test]
async fn a_lead_in_none_of_ones_stacks_is_not_there() {
    let desk = Desk::new().await;
    desk.write("DELETE FROM work_stack_role WHERE role = 1", [])
        .await;
    let portal = Filter {
        sources: vec!["Portal".into()],
        ..Filter::default()
    };
    desk.stack(2, "Portal", &portal, &["Agent"]).await;
    let leads = desk
        .add(&[
            New {
                source: "Portal",
                ..named("Ann Smith")
            },
            named("Bob Jones"),
        ])
        .await;
    let open = |lead| {
        desk.store.lead(
            desk.actor("Agent").granted().unwrap(),
            LeadRequest::first(lead),
        )
    };
    let stacks = open(leads[0]).await.unwrap().work_stacks;
    assert_eq!(stacks.len(), 1);
    assert_eq!(stacks[0].name, "Portal");
    let unseen = open(leads[1]).await.unwrap_err();
    assert_eq!(unseen, open(LeadId(9_999)).await.unwrap_err());
    assert_eq!(unseen.status(), 404);
}

#[tokio::test]
async fn a_deactivated_person_sees_no_stack() {
    let desk = Desk::new().await;
    desk.write("UPDATE member SET active = 0 WHERE id = 1", [])
        .await;
    assert!(desk.grid("Agent", view(1)).await.is_err());
}

#[tokio::test]
async fn every_sort_walks_every_lead_once_in_order() {
    let desk = Desk::new().await;
    // Few different values, so that the number has to break ties across the borders of pages.
    let leads: Vec<New> = (0..250)
        .map(|i| New {
            source: ["Zoopla", "Rightmove", "Über"][i % 3],
            owner: ["", "P. Lane"][i % 2],
            status: (i % 5) as i64,
            added_ago: days((i % 7) as i64),
            active_ago: (i % 4 > 0).then(|| days((i % 4) as i64)),
            ..named(["émile", "Zoë", "ann", "Bob"][i % 4])
        })
        .collect();
    let mut all = desk.add(&leads).await;
    for by in Sort::ALL {
        let upward = desk
            .walk(
                "Agent",
                sorted(
                    1,
                    Order {
                        by,
                        descending: false,
                    },
                ),
            )
            .await;
        let downward = desk
            .walk(
                "Agent",
                sorted(
                    1,
                    Order {
                        by,
                        descending: true,
                    },
                ),
            )
            .await;
        assert!(upward.iter().rev().eq(downward.iter()), "{by:?}");
        let mut seen = upward.clone();
        seen.sort();
        all.sort();
        assert_eq!(seen, all, "{by:?}");
    }
    let by_status = Order {
        by: Sort::Status,
        descending: false,
    };
    let first = desk.fresh("Agent", sorted(1, by_status)).await;
    assert!(
        first
            .rows
            .iter()
            .take(50)
            .all(|r| r.status == LeadStatus::New)
    );
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused_and_one_with_sql_is_text() {
    let desk = Desk::new().await;
    desk.add(&[named("Ann"), named("Bob")]).await;
    let as_of = desk.fresh("Agent", view(1)).await.as_of;
    let ask = |by, key: &str| {
        let order = Order {
            by,
            descending: false,
        };
        let cursor = Cursor {
            key: key.into(),
            lead: LeadId(1),
        };
        desk.rows("Agent", sorted(1, order), as_of, Place::After(cursor))
    };
    let refused = ask(Sort::Added, "1; DROP TABLE lead").await.unwrap_err();
    assert_eq!(refused.status(), 400);
    let page = ask(Sort::Lead, "' OR 1 = 1 --").await.unwrap();
    assert_eq!(page.rows.len(), 2);
}

#[tokio::test]
async fn the_search_finds_beginnings_addresses_numbers_and_references() {
    let desk = Desk::new().await;
    let a = desk
        .add(&[
            New {
                telephone: "+442079460123",
                email: "Ann.Smith@Example.test",
                ..named("Ann-Marie Smith")
            },
            named("Straße Émile"),
            named("100% Wild_Card"),
        ])
        .await;
    let cases: [(&str, &[LeadId]); 25] = [
        ("smi", &[a[0]]),
        ("ann smi", &[a[0]]),
        ("SMITH ann", &[a[0]]),
        ("mith", &[]),
        ("ann bob", &[]),
        ("ann.smith@example.TEST", &[a[0]]),
        ("ann.smith@example", &[]),
        ("+44 20 7946 0123", &[a[0]]),
        ("020 7946 0123", &[a[0]]),
        ("0123", &[a[0]]),
        ("7946", &[]),
        ("L-2", &[a[1]]),
        ("2", &[a[1]]),
        ("STRASSE ém", &[a[1]]),
        // As two code points, in digits of other scripts, and with what nobody sees.
        ("STRASSE e\u{301}m", &[a[1]]),
        ("٠١٢٣", &[a[0]]),
        ("０２０ ７９４６ ０１２３", &[a[0]]),
        ("L-٢", &[a[1]]),
        ("s\u{AD}mi\u{0}", &[a[0]]),
        ("%", &[]),
        ("_", &[]),
        ("100%", &[a[2]]),
        ("wild_", &[a[2]]),
        ("' OR '1'='1", &[]),
        ("  ", &[a[2], a[1], a[0]]),
    ];
    for (typed, expected) in cases {
        let page = desk.fresh("Agent", searching(1, typed)).await;
        assert_eq!(ids(&page), expected, "{typed}");
        assert_eq!(page.total, expected.len() as u64, "{typed}");
    }
    let long = "x".repeat(100_000);
    assert_eq!(desk.fresh("Agent", searching(1, &long)).await.total, 0);
}

#[tokio::test]
async fn each_condition_of_a_filter_takes_what_it_says() {
    let desk = Desk::new().await;
    let a = desk
        .add(&[
            New {
                source: "Zoopla",
                added_ago: days(2),
                active_ago: Some(days(1)),
                telephone: "+442079460123",
                ..named("A")
            },
            New {
                status: 4,
                owner: "P. Lane",
                added_ago: days(400),
                active_ago: Some(days(100)),
                telephone: "not a number",
                ..named("B")
            },
            New {
                added_ago: 1_000,
                ..named("C")
            },
        ])
        .await;
    let none = Filter::default;
    let cases: [(Filter, &[LeadId]); 9] = [
        (
            Filter {
                sources: vec!["Zoopla".into()],
                ..none()
            },
            &[a[0]],
        ),
        (
            Filter {
                statuses: vec![LeadStatus::Lost],
                ..none()
            },
            &[a[1]],
        ),
        (
            Filter {
                owners: vec!["P. Lane".into()],
                ..none()
            },
            &[a[1]],
        ),
        (
            Filter {
                added_within_days: Some(1),
                ..none()
            },
            &[a[2]],
        ),
        (
            Filter {
                added_before_days: Some(365),
                ..none()
            },
            &[a[1]],
        ),
        (
            Filter {
                idle_days: Some(90),
                ..none()
            },
            &[a[1], a[2]],
        ),
        (
            Filter {
                no_contact_record: true,
                ..none()
            },
            &[a[2]],
        ),
        (
            Filter {
                no_valid_telephone: true,
                ..none()
            },
            &[a[1], a[2]],
        ),
        (
            Filter {
                no_valid_telephone: true,
                idle_days: Some(90),
                owners: vec!["".into()],
                ..none()
            },
            &[a[2]],
        ),
    ];
    for (i, (filter, expected)) in cases.into_iter().enumerate() {
        let id = 10 + i as i64;
        desk.stack(id, &format!("Stack {i}"), &filter, &["Agent"])
            .await;
        let page = desk.fresh("Agent", view(id)).await;
        assert_eq!(ids(&page), expected, "{}", page.sentence);
        assert_eq!(page.total, expected.len() as u64);
    }
    let only = |only| GridView {
        only: Some(only),
        ..view(1)
    };
    assert_eq!(
        desk.fresh("Agent", only(Only::NoContactRecord)).await.total,
        1
    );
    assert_eq!(
        desk.fresh("Agent", only(Only::NoValidTelephone))
            .await
            .total,
        2
    );
    let rows = desk.fresh("Agent", view(1)).await.rows;
    let telephone = |id| rows.iter().find(|r| r.id == id).unwrap().telephone.clone();
    let international = Telephone::Valid("+44 20 7946 0123".into());
    assert_eq!(telephone(a[0]), international);
    assert_eq!(telephone(a[1]), Telephone::NotValid);
    assert_eq!(telephone(a[2]), Telephone::NoContact);
}

#[tokio::test]
async fn rows_stand_still_until_the_next_refresh() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A"), named("B"), named("C")]).await;
    let b_order = desk.order("Manager", "outdated", 1, &[a[1]]).await;
    let before = desk.fresh("Manager", view(1)).await;
    assert_eq!(ids(&before), [a[2], a[0]]);
    assert_eq!((before.total, before.deleted), (2, 1));

    // One arrives, one is deleted, one comes back.
    let later = desk.add(&[named("D")]).await;
    desk.order("Manager", "outdated", 1, &[a[0]]).await;
    desk.close(a[1], "removed").await;

    let first = Place::Number(0);
    let still = desk
        .rows("Manager", view(1), before.as_of, first)
        .await
        .unwrap();
    let still_ids: Vec<_> = still.rows.iter().map(|row| row.id).collect();
    assert_eq!(still_ids, [a[2], a[0]]);
    let mark = still.rows[1].deletion.as_ref().unwrap();
    assert!(mark.may_undo);
    // Undo is of all that the order has.
    assert_eq!(mark.leads, 1);
    assert_ne!(mark.order.0, b_order);
    assert_eq!(mark.label, "leaves the system at 19:00");

    let after = desk.fresh("Manager", view(1)).await;
    assert_eq!(ids(&after), [later[0], a[2], a[1]]);
    assert_eq!((after.total, after.deleted), (3, 1));
}

#[tokio::test]
async fn with_hiding_off_deletions_stay_and_the_erased_stand_below() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A"), named("B")]).await;
    desk.order("Manager", "outdated", 1, &a).await;
    let shown = GridView {
        hide_deletions: Some(false),
        ..view(1)
    };
    let page = desk.fresh("Team Leader", shown.clone()).await;
    assert_eq!(ids(&page), [a[1], a[0]]);
    assert_eq!((page.total, page.deleted, page.erased), (0, 2, 0));
    assert!(page.hides_deletions && !page.hide_deletions);
    assert!(
        page.rows
            .iter()
            .all(|r| !r.deletion.as_ref().unwrap().may_undo)
    );

    desk.close(a[0], "erased").await;
    let page = desk.fresh("Team Leader", shown).await;
    assert_eq!(ids(&page), [a[1]]);
    assert_eq!((page.total, page.deleted, page.erased), (0, 1, 1));
    let by = desk.actor("Team Leader").granted().unwrap();
    let erased = desk
        .store
        .erased_from(by, WorkStackId(1), None)
        .await
        .unwrap();
    assert_eq!(erased.len(), 1);
    assert_eq!(erased[0].lead, a[0]);
    assert_eq!(
        (&*erased[0].reason, &*erased[0].by, &*erased[0].at),
        ("Outdated", "Manager", "10:00")
    );
}

#[tokio::test]
async fn an_old_page_does_not_reach_back_at_will() {
    let desk = Desk::new().await;
    desk.write("DELETE FROM work_stack_role WHERE role = 1", [])
        .await;
    let today = Filter {
        added_within_days: Some(1),
        ..Filter::default()
    };
    desk.stack(2, "New today", &today, &["Agent"]).await;
    desk.add(&[New {
        added_ago: days(300),
        ..named("Old")
    }])
    .await;
    let mut as_of = desk.fresh("Agent", view(2)).await.as_of;
    as_of.at = domain::time::Millis(0);
    let first = Place::Number(0);
    let page = desk.rows("Agent", view(2), as_of, first).await.unwrap();
    assert!(page.rows.is_empty());
}

#[tokio::test]
async fn a_stack_is_counted_when_it_is_shown_and_something_changed() {
    let desk = Desk::new().await;
    let a = desk.add(&[named("A"), named("B")]).await;
    let member = desk.actor("Agent").member;
    let count = async || {
        let stacks = desk
            .store
            .stack_summaries(desk.store.reader(), member)
            .await;
        stacks.unwrap()[0].count
    };
    assert_eq!(count().await, None);
    assert!(desk.store.recount_shown().await.unwrap());
    assert_eq!(count().await, Some(2));
    assert!(!desk.store.recount_shown().await.unwrap());
    desk.order("Manager", "outdated", 1, &[a[0]]).await;
    assert_eq!(count().await, Some(2));
    assert!(desk.store.recount_shown().await.unwrap());
    assert_eq!(count().await, Some(1));
}

#[tokio::test]
async fn a_stack_whose_filter_cant_be_read_holds_no_other_up() {
    let desk = Desk::new().await;
    desk.add(&[named("A"), named("B")]).await;
    desk.stack(2, "Broken", &Filter::default(), &["Agent"])
        .await;
    desk.stack(3, "Whole", &Filter::default(), &["Agent"]).await;
    let member = desk.actor("Agent").member;
    let shown = desk
        .store
        .stack_summaries(desk.store.reader(), member)
        .await;
    assert_eq!(shown.unwrap().len(), 3);
    desk.write("UPDATE work_stack SET filter = '{' WHERE id = 2", [])
        .await;
    assert!(desk.store.recount_shown().await.unwrap());
    let counted = "SELECT COALESCE(counted, -1) FROM work_stack WHERE id = $1";
    for (stack, count) in [(1_i64, 2), (2, -1), (3, 2)] {
        assert_eq!(desk.number(counted, [stack.into()]).await, count, "{stack}");
    }
}

#[tokio::test]
async fn a_name_is_found_in_whatever_case_its_letters_have() {
    let desk = Desk::new().await;
    let a = desk
        .add(&[
            named("İpek Yıldız"),
            named("Weiß"),
            named("Οδυσσεύς"),
            named("ﬁ Ørsted"),
        ])
        .await;
    for (typed, lead) in [
        ("ipek yildiz", a[0]),
        ("IPEK YILDIZ", a[0]),
        ("İPEK", a[0]),
        ("weiss", a[1]),
        ("WEISS", a[1]),
        ("ΟΔΥΣΣΕΎΣ", a[2]),
        ("οδυσσεύσ", a[2]),
        ("FI ørst", a[3]),
    ] {
        let page = desk.fresh("Agent", searching(1, typed)).await;
        assert_eq!(ids(&page), [lead], "{typed}");
    }
}

/// Leads in a row, and a view of them.
async fn many(desk: &Desk, count: usize) -> Vec<LeadId> {
    let leads: Vec<New> = (0..count)
        .map(|i| New {
            owner: ["", "P. Lane", "M. Diaz"][i % 3],
            ..named("Ann")
        })
        .collect();
    desk.add(&leads).await
}

#[tokio::test]
async fn a_jump_and_scrolling_back_find_the_rows_that_scrolling_on_finds() {
    let desk = Desk::new().await;
    many(&desk, 350).await;
    for by in [Sort::Owner, Sort::Added] {
        for descending in [false, true] {
            let view = sorted(1, Order { by, descending });
            let all = desk.walk("Agent", view.clone()).await;
            let as_of = desk.fresh("Agent", view.clone()).await.as_of;
            let rows = async |from| desk.rows("Agent", view.clone(), as_of, from).await.unwrap();
            let numbers = |page: &domain::work_stack::GridRows| -> Vec<LeadId> {
                page.rows.iter().map(|row| row.id).collect()
            };

            let there = rows(Place::Number(220)).await;
            assert_eq!(numbers(&there), all[220..320]);
            let on = rows(Place::After(there.next.unwrap())).await;
            assert_eq!(numbers(&on), all[320..]);
            assert_eq!(on.next, None);
            let back = rows(Place::Before(there.before.unwrap())).await;
            assert_eq!(numbers(&back), all[120..220]);
            let back = rows(Place::Before(back.before.unwrap())).await;
            assert_eq!(numbers(&back), all[20..120]);
            let first = rows(Place::Before(back.before.unwrap())).await;
            assert_eq!(numbers(&first), all[..20]);
            assert_eq!(first.before, None);

            let beyond = rows(Place::Number(u64::MAX)).await;
            assert!(beyond.rows.is_empty() && beyond.next.is_none());
        }
    }
}

#[tokio::test]
async fn a_range_is_what_stands_between_two_rows_less_what_is_being_deleted() {
    let desk = Desk::new().await;
    many(&desk, 300).await;
    let by_owner = Order {
        by: Sort::Owner,
        descending: false,
    };
    let view = sorted(1, by_owner);
    let all = desk.walk("Manager", view.clone()).await;
    desk.order("Manager", "outdated", 1, &all[150..152]).await;
    let shown = GridView {
        hide_deletions: Some(false),
        ..view
    };
    let as_of = desk.fresh("Manager", shown.clone()).await.as_of;
    let between = async |from, to| {
        let request = RangeRequest {
            view: shown.clone(),
            as_of,
            from,
            to,
        };
        let by = desk.actor("Team Leader").granted().unwrap();
        desk.store.between(by, request).await
    };
    let expected: std::collections::BTreeSet<LeadId> = all[20..=150]
        .iter()
        .chain(&all[152..=290])
        .copied()
        .collect();
    let expected: Vec<LeadId> = expected.into_iter().filter(|l| *l != all[150]).collect();
    for (from, to) in [(all[20], all[290]), (all[290], all[20])] {
        let mut found = between(from, to).await.unwrap();
        found.sort();
        assert_eq!(found, expected);
    }
    assert_eq!(between(all[7], all[7]).await.unwrap(), [all[7]]);
    let lost = between(all[0], LeadId(9_999)).await.unwrap_err();
    assert_eq!(lost.status(), 409);
}

#[tokio::test]
async fn a_range_of_more_than_ten_thousand_is_refused_with_what_to_do_instead() {
    let desk = Desk::new().await;
    desk.write(
        "INSERT INTO lead (uid, name, name_folded, added_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) \
         SELECT randomblob(16), 'Ann', 'ann', 0 FROM n",
        [],
    )
    .await;
    desk.write(
        "INSERT INTO lead_stat (name, value) VALUES ('leads', 10001)",
        [],
    )
    .await;
    let page = desk.fresh("Manager", view(1)).await;
    assert_eq!(page.total, 10_001);
    let between = async |from, to| {
        let request = RangeRequest {
            view: view(1),
            as_of: page.as_of,
            from: LeadId(from),
            to: LeadId(to),
        };
        let by = desk.actor("Manager").granted().unwrap();
        desk.store.between(by, request).await
    };
    assert_eq!(between(1, 10_000).await.unwrap().len(), 10_000);
    let refused = between(1, 10_001).await.unwrap_err();
    assert_eq!(refused.status(), 422);
    assert!(refused.to_string().contains("At most 10,000 leads"));
}

#[tokio::test]
async fn a_range_is_for_who_may_delete_and_in_ones_own_stacks() {
    let desk = Desk::new().await;
    let a = many(&desk, 3).await;
    desk.stack(2, "Portal", &Filter::default(), &["Manager"])
        .await;
    assert!(
        desk.actor("Agent")
            .granted::<domain::permission::DeleteLeads>()
            .is_err()
    );
    let as_of = desk.fresh("Manager", view(2)).await.as_of;
    let request = RangeRequest {
        view: view(2),
        as_of,
        from: a[0],
        to: a[2],
    };
    let by = desk.actor("Team Leader").granted().unwrap();
    let refused = desk.store.between(by, request).await.unwrap_err();
    assert_eq!(refused.status(), 404);
}

#[tokio::test]
async fn what_a_refresh_would_bring_and_take_is_counted_exactly() {
    let desk = Desk::new().await;
    let a = many(&desk, 250).await;
    let away = desk.order("Manager", "outdated", 1, &a[..2]).await;
    assert_ne!(away, uuid::Uuid::nil());
    for hide in [true, false] {
        let view = GridView {
            hide_deletions: Some(hide),
            ..view(1)
        };
        let before = desk.fresh("Manager", view.clone()).await;
        let ask = async || {
            let by = desk.actor("Manager").granted().unwrap();
            let request = RereadRequest {
                view: view.clone(),
                as_of: before.as_of,
                had: before.shown(),
                rows: before.rows.iter().map(|row| row.id).collect(),
                ticked: [a[240], a[241], LeadId(9_999)].into_iter().collect(),
            };
            desk.store.reread(by, request).await.unwrap()
        };
        let still = ask().await;
        assert_eq!((still.new, still.gone), (0, 0));
        let gone = if hide { None } else { Some(a[241]) };
        let expected: Vec<LeadId> = gone.into_iter().chain([LeadId(9_999)]).collect();
        assert_eq!(still.not_shown, expected);
        assert_eq!(still.rows.len(), before.rows.len());
        assert_eq!((still.shown, still.total), (before.shown(), before.total));
        if hide {
            // 14 arrive, one of them is deleted again; 3 that were here are deleted, one of them is erased; one that
            // was being deleted comes back.
            let later = many(&desk, 14).await;
            desk.order("Manager", "outdated", 1, &later[..1]).await;
            desk.order("Manager", "outdated", 1, &a[240..243]).await;
            desk.close(a[241], "erased").await;
            desk.close(a[0], "removed").await;
            let now = ask().await;
            assert_eq!((now.new, now.gone), (14, 3));
            assert_eq!(now.shown, before.shown() - 1, "one was erased");
            assert_eq!(now.total, before.total - 3 + 1);
            assert_eq!(now.not_shown, [a[241], LeadId(9_999)]);
            let fresh = desk.fresh("Manager", view.clone()).await;
            assert_eq!(fresh.shown(), before.shown() + now.new - now.gone);
        } else {
            // With hiding off a deletion takes no row away, but its erasure does.
            desk.order("Manager", "outdated", 1, &a[100..105]).await;
            desk.close(a[100], "erased").await;
            let now = ask().await;
            assert_eq!((now.new, now.gone), (0, 1));
        }
    }
}

#[tokio::test]
async fn the_erased_of_a_stack_are_told_page_by_page() {
    let desk = Desk::new().await;
    let a = many(&desk, 130).await;
    desk.order("Manager", "outdated", 1, &a).await;
    for lead in &a {
        desk.close(*lead, "erased").await;
    }
    let page = async |before| {
        let by = desk.actor("Agent").granted().unwrap();
        desk.store
            .erased_from(by, WorkStackId(1), before)
            .await
            .unwrap()
    };
    let first = page(None).await;
    let second = page(first.last().map(|row| row.deletion)).await;
    let told: Vec<LeadId> = first.iter().chain(&second).map(|row| row.lead).collect();
    assert!(told.iter().eq(a.iter().rev()));
    assert!(page(second.last().map(|row| row.deletion)).await.is_empty());
}
