//! The Grid View: who sees what, sorts, pages, search, and what stands still while people and the queue work.
#![expect(clippy::unwrap_used, reason = "tests")]

mod desk;

use desk::{Desk, New, days, ids, named, searching, sorted, view};
use domain::Error;
use domain::lead::{LeadId, LeadStatus, Telephone};
use domain::ports::{Leads, WorkStacks};
use domain::work_stack::{Cursor, Filter, GridRequest, GridView, Only, Order, Sort, WorkStackId};

#[tokio::test]
async fn a_stack_of_other_roles_is_not_there() {
    let desk = Desk::new().await;
    desk.stack(2, "Portal", &Filter::default(), &["Manager"])
        .await;
    desk.add(&[named("Ann Smith")]).await;
    for stack in [2, 99, -1, i64::MAX] {
        let request = GridRequest {
            view: view(stack),
            as_of: None,
            after: None,
        };
        let refused = desk.grid("Agent", request).await.unwrap_err();
        assert_eq!(refused, Error::not_found("work stack"), "{stack}");
    }
    let by = desk.actor("Agent").granted().unwrap();
    assert!(desk.store.erased_from(by, WorkStackId(2)).await.is_err());
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
        desk.store
            .lead(desk.actor("Agent").granted().unwrap(), lead)
    };
    assert_eq!(open(leads[0]).await.unwrap().work_stacks, ["Portal"]);
    let unseen = open(leads[1]).await.unwrap_err();
    assert_eq!(unseen, open(LeadId(9_999)).await.unwrap_err());
    assert_eq!(unseen.status(), 404);
}

#[tokio::test]
async fn a_deactivated_person_sees_no_stack() {
    let desk = Desk::new().await;
    desk.write("UPDATE member SET active = 0 WHERE id = 1", [])
        .await;
    let request = GridRequest {
        view: view(1),
        as_of: None,
        after: None,
    };
    assert!(desk.grid("Agent", request).await.is_err());
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
    let ask = |by, key: &str| {
        let request = GridRequest {
            view: sorted(
                1,
                Order {
                    by,
                    descending: false,
                },
            ),
            as_of: None,
            after: Some(Cursor {
                key: key.into(),
                lead: LeadId(1),
            }),
        };
        desk.grid("Agent", request)
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

    let same = |view| GridRequest {
        view,
        as_of: Some(before.as_of),
        after: None,
    };
    let still = desk.grid("Manager", same(view(1))).await.unwrap();
    assert_eq!(ids(&still), [a[2], a[0]]);
    assert_eq!(still.as_of, before.as_of);
    let mark = still.rows[1].deletion.as_ref().unwrap();
    assert!(mark.may_undo);
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
    let erased = desk.store.erased_from(by, WorkStackId(1)).await.unwrap();
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
    let request = GridRequest {
        view: view(2),
        as_of: Some(as_of),
        after: None,
    };
    assert_eq!(desk.grid("Agent", request).await.unwrap().total, 0);
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
