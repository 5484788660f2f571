//! The live stream: what changed comes at once, and it ends with the session.

use std::time::Duration;

use crate::test_app::{TestApp, request};
use axum::body::{Body, BodyDataStream};
use axum::http::StatusCode;
use domain::audit::{Act, ActorRef};
use domain::live::Frame;
use futures::StreamExt;
use server::database::Priority;
use server::store::sql;
use server::web::live::Watch;
use tokio::time::timeout;

/// Nothing here is waited for by sleeping; this is when a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn open(app: &TestApp, session: &str, since: i64) -> BodyDataStream {
    let request = request("GET", &format!("/live?since={since}"), Some(session))
        .body(Body::empty())
        .unwrap();
    let answer = app.ask(request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body().into_data_stream()
}

pub async fn frame(stream: &mut BodyDataStream) -> Option<Frame> {
    loop {
        let piece = timeout(PATIENCE, stream.next()).await.unwrap()?.unwrap();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        if let Some(data) = text.strip_prefix("data: ") {
            return Some(serde_json::from_str(data.trim()).unwrap());
        }
    }
}

async fn act(app: &TestApp) -> i64 {
    let writing = app.store.begin(Priority::Person).await.unwrap();
    writing
        .commit(ActorRef::CommandLine, Act::SettingChanged, Vec::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_happened_between_rendering_and_opening_comes_first_and_then_what_follows() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let sequence = act(&app).await;
    let mut stream = open(&app, &admin, sequence - 1).await;
    // What the page knows already may come once more: the clock can change its numbers too.
    let mut first = frame(&mut stream).await.unwrap();
    while first.sequence < sequence {
        first = frame(&mut stream).await.unwrap();
    }
    assert_eq!((first.sequence, first.stats.leads), (sequence, 5));
    let next = act(&app).await;
    assert_eq!(frame(&mut stream).await.unwrap().sequence, next);
}

#[tokio::test]
async fn who_may_not_see_the_queue_is_told_that_something_changed_and_no_numbers() {
    let app = TestApp::demo(5).await;
    let agent = app.sign_in("agent@demo.test").await;
    act(&app).await;
    let mut stream = open(&app, &agent, 0).await;
    let told = frame(&mut stream).await.unwrap();
    assert!(told.sequence > 0);
    assert_eq!(told.stats, Default::default());
}

#[tokio::test]
async fn a_frame_that_could_not_be_read_comes_with_the_next_look() {
    let app = TestApp::demo(5).await;
    let mut watch = Watch::new(app.store.clone());
    let first = watch.look(false).await.unwrap().unwrap();
    // The act, and in the same moment what a frame is read from is away.
    let writing = app.store.begin(Priority::Person).await.unwrap();
    let away = "ALTER TABLE queue_run RENAME TO away";
    sql::execute(writing.tx(), away, []).await.unwrap();
    let acted = writing
        .commit(ActorRef::CommandLine, Act::SettingChanged, Vec::new())
        .await
        .unwrap();
    assert!(watch.look(true).await.is_err());
    assert!(watch.look(false).await.is_err());
    app.write("ALTER TABLE away RENAME TO queue_run", []).await;
    let second = watch.look(false).await.unwrap().unwrap();
    assert_eq!((second.sequence, second.stats), (acted, first.stats));
    assert_eq!(watch.look(false).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_told_without_an_act_and_could_not_be_read_comes_with_the_next_look_too() {
    let app = TestApp::demo(5).await;
    let mut watch = Watch::new(app.store.clone());
    watch.look(false).await.unwrap().unwrap();
    let told = "INSERT INTO lead_stat_delta (name, delta) VALUES ('leads', 2)";
    app.write(told, []).await;
    app.write("ALTER TABLE queue_run RENAME TO away", []).await;
    assert!(watch.look(true).await.is_err());
    app.write("ALTER TABLE away RENAME TO queue_run", []).await;
    let frame = watch.look(false).await.unwrap().unwrap();
    assert_eq!(frame.stats.leads, 7);
}

#[tokio::test]
async fn what_the_clock_alone_changes_comes_too() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let asked = r#"{"stack":1,"selection":{"Leads":["L-1","L-2"]}}"#;
    let draft = app.call(Some(&admin), "drafts/leads", asked).await;
    let draft: domain::draft::Draft = serde_json::from_str(&draft.body).unwrap();
    let confirmation = serde_json::json!({ "confirmation": {
        "draft": draft.id, "reason": "outdated", "details": "", "typed": "", "sentence_confirmed": false
    }});
    let confirmed = app
        .call(Some(&admin), "drafts/confirm", &confirmation.to_string())
        .await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.body);
    let sequence = app.store.sequence().await.unwrap();
    let mut stream = open(&app, &admin, sequence - 1).await;
    let before = frame(&mut stream).await.unwrap();
    assert_eq!(
        (before.stats.deletions_waiting, before.stats.overdue),
        (2, 0)
    );
    app.clock.advance(49 * 60 * 60 * 1000);
    let after = frame(&mut stream).await.unwrap();
    assert_eq!((after.sequence, after.stats.overdue), (sequence, 2));
    assert_ne!(after.next_run, before.next_run);
}

#[tokio::test]
async fn it_ends_when_the_session_ends() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let sequence = app.store.sequence().await.unwrap();
    let mut stream = open(&app, &admin, sequence).await;
    app.form(Some(&admin), "/sign-out", "").await;
    let end = async { while frame(&mut stream).await.is_some() {} };
    timeout(Duration::from_secs(5), end).await.unwrap();
}

#[tokio::test]
async fn it_ends_when_the_member_is_deactivated() {
    let app = TestApp::demo(5).await;
    let admin = app.sign_in("admin@demo.test").await;
    let mut stream = open(&app, &admin, i64::MAX).await;
    app.write(
        "UPDATE member SET active = 0 WHERE email = 'admin@demo.test'",
        [],
    )
    .await;
    let end = async { while frame(&mut stream).await.is_some() {} };
    timeout(Duration::from_secs(5), end).await.unwrap();
    assert_eq!(
        app.call(Some(&admin), "session/shell", "{}").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_person_has_ten_streams_and_another_when_one_ends() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let agent = app.sign_in("agent@demo.test").await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(open(&app, &admin, 0).await);
    }
    let eleventh = app.page(Some(&admin), "/live?since=0").await;
    assert_eq!(eleventh.status, StatusCode::TOO_MANY_REQUESTS);
    // Another person isn't held back by it.
    drop(open(&app, &agent, 0).await);
    streams.pop();
    drop(open(&app, &admin, 0).await);
}

#[tokio::test]
async fn who_doesnt_read_while_thousands_of_changes_come_ends_with_what_the_database_holds() {
    let app = TestApp::demo(60).await;
    let admin = app.sign_in("admin@demo.test").await;
    let sequence = app.store.sequence().await.unwrap();
    let mut stream = open(&app, &admin, sequence).await;
    let begun = std::time::Instant::now();
    for order in 0..10 {
        for _ in 0..200 {
            act(&app).await;
        }
        app.delete(&admin, order * 5 + 1..=order * 5 + 5).await;
    }
    let last = app.store.sequence().await.unwrap();
    assert!(last >= sequence + 2_010);
    let (mut frames, mut bytes) = (0, 0);
    let newest = loop {
        let newest = frame(&mut stream).await.unwrap();
        frames += 1;
        bytes += serde_json::to_string(&newest).unwrap().len();
        assert!(newest.sequence >= sequence, "it never falls");
        if newest.sequence == last && newest.stats.deletions_waiting == 50 {
            break newest;
        }
    };
    // The newest alone is kept for them, however long they don't read.
    assert!(frames <= 4, "{frames} frames in {:?}", begun.elapsed());
    assert!(bytes < 4_096, "{bytes} bytes");
    assert_eq!(newest, app.store.frame().await.unwrap());
}

#[tokio::test]
async fn who_reads_slowly_gets_the_newest_and_not_everything_between() {
    let app = TestApp::demo(1).await;
    let admin = app.sign_in("admin@demo.test").await;
    let sequence = app.store.sequence().await.unwrap();
    let mut stream = open(&app, &admin, sequence).await;
    let mut last = sequence;
    for _ in 0..200 {
        last = act(&app).await;
    }
    let mut frames = 1;
    while frame(&mut stream).await.unwrap().sequence < last {
        frames += 1;
    }
    assert!(frames <= 4, "{frames} frames for 200 acts");
}
