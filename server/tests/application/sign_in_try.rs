//! Tries of a password: so many in a quarter of an hour, however many ask at once and whichever node they ask.

use std::net::{IpAddr, Ipv4Addr};

use domain::member::MemberId;
use domain::time::{MINUTE, SECOND};
use server::store::sign_in_try::Try;

use crate::test_app::TestApp;
use crate::test_database::skips_on_sqlite;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

impl TestApp {
    async fn admits(&self, what: Try<'_>) -> bool {
        self.store.admits(what).await.unwrap()
    }
}

#[tokio::test]
async fn the_eleventh_try_waits_until_the_first_is_a_quarter_of_an_hour_old() {
    let app = TestApp::empty(false).await;
    let ann = Try::SignIn("ann@b.test", HERE);
    for _ in 0..10 {
        assert!(app.admits(ann).await);
        app.clock.advance(SECOND);
    }
    assert!(!app.admits(ann).await);
    // Neither another's nor the same one's from elsewhere, nor the old password of a member.
    assert!(app.admits(Try::SignIn("bob@b.test", HERE)).await);
    assert!(app.admits(Try::SignIn("ann@b.test", THERE)).await);
    assert!(app.admits(Try::OldPassword(MemberId(1))).await);
    app.clock.advance(15 * MINUTE - 11 * SECOND);
    assert!(!app.admits(ann).await);
    app.clock.advance(SECOND);
    assert!(app.admits(ann).await);
    assert!(!app.admits(ann).await);
}

#[tokio::test]
async fn an_address_has_a_hundred_tries_whatever_the_e_mails() {
    let app = TestApp::empty(false).await;
    let emails: Vec<String> = (0..102).map(|n| format!("{n}@b.test")).collect();
    let from = |n: usize, address| Try::SignIn(&emails[n], address);
    for n in 0..100 {
        assert!(app.admits(from(n, THERE)).await);
    }
    assert!(!app.admits(from(100, THERE)).await);
    // Who is in gives one back.
    app.store.was_right(from(7, THERE)).await.unwrap();
    assert!(app.admits(from(100, THERE)).await);
    assert!(!app.admits(from(101, THERE)).await);
    // This machine's own address is everybody's behind a proxy.
    for n in 0..102 {
        assert!(app.admits(from(n, HERE)).await);
    }
}

#[tokio::test]
async fn who_is_in_has_no_tries() {
    let app = TestApp::empty(false).await;
    let ann = Try::SignIn("ann@b.test", HERE);
    for _ in 0..3 {
        for _ in 0..9 {
            assert!(app.admits(ann).await);
        }
        app.store.was_right(ann).await.unwrap();
    }
}

#[tokio::test]
async fn of_fifty_at_once_ten_are_tried() {
    let app = TestApp::empty(false).await;
    let tries = (0..50).map(|_| {
        let store = app.store.clone();
        tokio::spawn(async move { store.admits(Try::SignIn("ann@b.test", HERE)).await.unwrap() })
    });
    let mut admitted = 0;
    for one in tries.collect::<Vec<_>>() {
        admitted += i32::from(one.await.unwrap());
    }
    assert_eq!(admitted, 10);
}

#[tokio::test]
async fn nodes_count_together() {
    if skips_on_sqlite("one process serves a file") {
        return;
    }
    let one = TestApp::empty(false).await;
    let other = one.another_node().await;
    let ann = Try::SignIn("ann@b.test", HERE);
    for _ in 0..5 {
        assert!(one.admits(ann).await && other.admits(ann).await);
    }
    assert!(!one.admits(ann).await && !other.admits(ann).await);
}

#[tokio::test]
async fn nothing_is_kept_for_longer_than_it_counts() {
    let app = TestApp::empty(false).await;
    assert!(app.admits(Try::SignIn("ann@b.test", THERE)).await);
    let kept = "SELECT COUNT(*) FROM sign_in_try";
    assert_eq!(app.number(kept).await, 2);
    app.clock.advance(15 * MINUTE);
    assert!(app.admits(Try::OldPassword(MemberId(1))).await);
    assert_eq!(app.number(kept).await, 1);
}
