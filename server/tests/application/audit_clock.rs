//! The audit log's time never falls, also where the clock is put back: the entry then says what its clock said.

use domain::audit::{Act, ActorRef, CLOCK_ADJUSTED, Fact, decode_facts};
use domain::time::HOUR;
use server::database::Priority;
use server::store::audit_verify::Verified;
use server::store::sql;

use crate::busy_log::BusyLog;
use crate::test_app::TestApp;

/// Instants, and what the clock said where that was another, in the log's order.
async fn instants(app: &TestApp) -> Vec<(i64, Option<i64>)> {
    let entries: Vec<(i64, Vec<u8>)> = sql::tuples(
        app.store.reader(),
        "SELECT at, facts FROM audit_entry ORDER BY sequence",
        [],
    )
    .await
    .unwrap();
    let said = |facts: &[u8]| {
        let facts = decode_facts(facts).unwrap();
        facts.into_iter().find_map(|(name, fact)| match fact {
            Fact::Number(said) if name == CLOCK_ADJUSTED => Some(said),
            _ => None,
        })
    };
    let row = |(at, facts): &(i64, Vec<u8>)| (*at, said(facts));
    entries.iter().map(row).collect()
}

async fn act(app: &TestApp) {
    let writing = app.store.begin(Priority::Person).await.unwrap();
    writing
        .commit(ActorRef::CommandLine, Act::SettingChanged, Vec::new())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_clock_that_is_put_back_stops_the_logs_time_until_it_has_caught_up() {
    let app = TestApp::demo(1).await;
    let before = instants(&app).await.len();
    act(&app).await;
    let first = app.store.now().0;
    app.clock.advance(-HOUR);
    act(&app).await;
    app.clock.advance(HOUR);
    act(&app).await;
    app.clock.advance(1);
    act(&app).await;
    assert_eq!(
        instants(&app).await[before..],
        [
            (first, None),
            (first, Some(first - HOUR)),
            (first, None),
            (first + 1, None)
        ]
    );
    assert_eq!(
        app.log(3).await[2],
        "Setting changed: its clock said 2026-11-24 09:00 UTC"
    );
}

#[tokio::test]
async fn whatever_is_done_while_it_is_put_back_verifies() {
    let mut log = BusyLog::with(60, 16, 5).await;
    log.app.clock.advance(-HOUR);
    for turn in 0..32 {
        log.act(turn).await;
    }
    log.app.clock.advance(HOUR);
    for turn in 0..16 {
        log.act(turn).await;
    }
    let instants = instants(&log.app).await;
    assert!(instants.is_sorted_by_key(|(at, _)| *at));
    let adjusted = instants.iter().filter(|(_, said)| said.is_some()).count();
    assert!(adjusted > 16, "{adjusted} of {} entries", instants.len());
    assert_eq!(instants.last().unwrap().1, None);
    let kinds = "SELECT COUNT(DISTINCT kind) FROM audit_entry";
    assert!(log.app.number(kinds).await > 8);
    let verified = log.app.store.verify_audit().await.unwrap();
    assert!(matches!(verified, Verified::Whole { .. }), "{verified:?}");
}

#[tokio::test]
async fn what_the_clock_said_is_proven_like_the_rest() {
    let app = TestApp::demo(40).await;
    let admin = app.sign_in("admin@demo.test").await;
    act(&app).await;
    app.clock.advance(-HOUR);
    app.delete(&admin, 1..=3).await;
    crate::append_only::unlocked(&app.store).await;
    app.write("UPDATE deletion_order SET at = at + 1", []).await;
    let verified = app.store.verify_audit().await.unwrap();
    assert!(matches!(verified, Verified::Broken { entry: Some(_), .. }));
}
