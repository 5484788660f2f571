//! Several nodes on one PostgreSQL: one chain, one queue, and pages that see what another node did. SQLite has one process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::live::{frame, open};
use crate::queue::Queue;
use crate::test_app::TestApp;
use crate::test_database::{TestDatabase, skips_on_sqlite};
use axum::http::StatusCode;
use domain::audit::{Act, ActorRef};
use domain::deletion_order::OrderId;
use domain::lead::LeadId;
use domain::ports::{DeletionOrders, DeletionQueue, Drafts};
use domain::selection::Selection;
use domain::work_stack::WorkStackId;
use server::database::{Priority, Turn};
use server::neighbours;
use server::store::claim::Settled;
use server::store::query::Query;
use server::store::{Store, lock, sql};
use server::worker;
use tokio::sync::watch;
use tokio::time::timeout;

/// Nothing here is waited for by sleeping; this is when a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether tests run on a file, which has no nodes; they say so.
fn has_no_nodes() -> bool {
    skips_on_sqlite("one process serves a file")
}

/// A process, ended with its test.
struct Node(Child);

impl Node {
    /// Starts it and waits for this line.
    fn start(database: &TestDatabase, words: &[&str], begins: &str) -> (Self, String) {
        let mut node = Command::new(env!("CARGO_BIN_EXE_layer"))
            .current_dir(database.folder())
            .env("LAYER_DATABASE", database.url())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(node.stdout.take().unwrap()).lines();
        let found = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(begins).map(str::to_owned));
        // `None` where it ended before it said so.
        (Self(node), found.unwrap())
    }

    fn stop(mut self) -> bool {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        asked.unwrap().success() && self.0.wait().unwrap().success()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

async fn number(store: &Store, statement: &str) -> i64 {
    sql::value(store.reader(), statement, [])
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_that_start_at_once_on_an_empty_database_make_one_schema_and_found_it_once() {
    if has_no_nodes() {
        return;
    }
    let database = TestDatabase::bare();
    let nodes: Vec<(Node, String)> = std::thread::scope(|scope| {
        let start = || {
            Node::start(
                &database,
                &["serve", "--listen", "127.0.0.1:0"],
                "listening on",
            )
        };
        let starting: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        starting
            .into_iter()
            .map(|node| node.join().unwrap())
            .collect()
    });
    let store = Store::new(
        database.open().await,
        Arc::new(server::clock::SystemClock::default()),
        false,
    );
    let founded = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'founded'";
    assert_eq!(number(&store, founded).await, 1);
    assert_eq!(number(&store, "SELECT COUNT(*) FROM role").await, 5);
    assert!(nodes.into_iter().all(|(node, _)| node.stop()));
}

#[tokio::test]
async fn a_session_of_one_node_is_one_of_the_other_and_ends_on_both() {
    if has_no_nodes() {
        return;
    }
    let one = TestApp::demo(5).await;
    let two = one.another_node().await;
    let admin = one.sign_in("admin@demo.test").await;
    let page = async |app: &TestApp| app.page(Some(&admin), "/work-stacks/1").await.status;
    assert_eq!(page(&two).await, StatusCode::OK);
    one.form(Some(&admin), "/sign-out", "").await;
    assert_ne!(page(&two).await, StatusCode::OK);
}

#[tokio::test]
async fn a_deletion_ordered_on_one_node_is_seen_live_on_the_other_within_a_second() {
    if has_no_nodes() {
        return;
    }
    let one = TestApp::demo(20).await;
    let two = one.another_node().await;
    let admin = one.sign_in("admin@demo.test").await;
    let mut stream = open(&two, &admin, 0).await;
    while frame(&mut stream).await.unwrap().stats.leads != 20 {}
    one.delete(&admin, 1..=3).await;
    let ordered = Instant::now();
    while frame(&mut stream).await.unwrap().stats.deletions_waiting != 3 {}
    assert!(
        ordered.elapsed() < Duration::from_secs(2),
        "{:?}",
        ordered.elapsed()
    );
}

#[tokio::test]
async fn a_node_hears_of_the_others_acts_and_not_of_its_own() {
    if has_no_nodes() {
        return;
    }
    let one = TestApp::demo(5).await;
    let two = one.another_node().await;
    // The streams listen too: what they hear isn't heard here.
    one.close_streams();
    two.close_streams();
    let talking = [&one, &two].map(|app| tokio::spawn(neighbours::talk(app.store.clone())));
    let act = async || {
        let writing = one.store.begin(Priority::Person).await.unwrap();
        let by = ActorRef::CommandLine;
        writing
            .commit(by, Act::SettingChanged, vec![])
            .await
            .unwrap();
    };
    // Until both listen.
    let heard = async || {
        loop {
            act().await;
            let heard = timeout(Duration::from_millis(300), two.store.heard().notified());
            if heard.await.is_ok() {
                return;
            }
        }
    };
    timeout(PATIENCE, heard()).await.unwrap();
    // Its own comes back to it by the same connection before anything later does.
    act().await;
    timeout(PATIENCE, two.store.heard().notified())
        .await
        .unwrap();
    let own = timeout(Duration::from_millis(10), one.store.heard().notified());
    assert!(own.await.is_err());
    for task in talking {
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_queue_drained_by_three_workers_at_once_erases_each_lead_once_and_every_order_adds_up() {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(3_000).await;
    let mut orders = Vec::new();
    for (place, leads) in leads.chunks(300).enumerate() {
        let by = ["Manager", "Team Leader", "Layer Admin"][place % 3];
        orders.push(queue.delete(by, "outdated", leads).await.order);
    }
    queue.change(leads[0]).await;
    queue.at_night();
    let mut workers = Vec::new();
    for _ in 0..3 {
        let store = queue.again().await;
        workers.push(tokio::spawn(async move {
            worker::drain(&store, true, ActorRef::Worker).await.unwrap()
        }));
    }
    let (mut all, mut at_work) = (Settled::default(), 0);
    for worker in workers {
        let settled = worker.await.unwrap();
        at_work += i32::from(settled.erased > 0);
        all.add(settled);
    }
    // Whoever found what was left taken has gone home: the next look finds the rest.
    all.add(queue.drain().await);
    assert_eq!((all.erased, all.skipped), (2_999, 1));
    assert!(at_work > 1, "one worker did all of it");
    let mut confirmed = 0;
    for order in orders {
        let numbers = queue.numbers(order).await;
        assert_eq!(numbers.erased + numbers.skipped, 300);
        confirmed += numbers.confirmed();
    }
    assert_eq!(confirmed, 3_000);
    queue.check().await;
}

#[tokio::test]
async fn deltas_of_lead_stats_that_two_nodes_fold_at_once_are_folded_once() {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(1).await;
    let other = queue.again().await;
    let order = queue.delete("Manager", "outdated", &leads).await.order;
    queue.undo("Manager", order).await.unwrap();
    queue
        .write(
            "INSERT INTO lead_stat_delta (name, delta) SELECT name, delta FROM \
             (VALUES ('leads', 1), ('leads', -1), ('waiting', 1), ('waiting', -1)) AS d (name, delta), generate_series(1, 300)",
            [],
        )
        .await;
    let both = tokio::join!(queue.store.fold_lead_stats(), other.fold_lead_stats());
    both.0.unwrap();
    both.1.unwrap();
    assert_eq!(
        queue
            .number("SELECT COUNT(*) FROM lead_stat_delta", [])
            .await,
        0
    );
    queue.check().await;
}

#[tokio::test]
async fn leads_that_are_erased_while_a_draft_is_made_stay_out_of_it() {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(3).await;
    let erasing = queue.again().await;
    let writing = erasing.begin(Priority::Queue).await.unwrap();
    sql::execute(writing.tx(), "DELETE FROM lead WHERE id = 1", [])
        .await
        .unwrap();
    let draft = queue.draft("Manager", 1, &leads);
    tokio::pin!(draft);
    let early = timeout(Duration::from_millis(200), &mut draft).await;
    assert!(early.is_err(), "the lead's fate isn't known yet");
    writing.commit_quietly().await.unwrap();
    let draft = timeout(PATIENCE, draft).await.unwrap().unwrap();
    assert_eq!(draft.counts.leads, 2);
}

#[tokio::test]
async fn a_node_that_starts_leaves_the_run_of_one_that_lives_and_ends_that_of_one_that_died() {
    if has_no_nodes() {
        return;
    }
    let (queue, _) = Queue::with(1).await;
    let other = queue.again().await;
    let living = other.database().hold(Turn::Running, false).await.unwrap();
    queue
        .write(
            "INSERT INTO queue_run (id, cause, started_at, total) VALUES (1, 'worker', 1, 3)",
            [],
        )
        .await;
    let runs = "SELECT COUNT(*) FROM queue_run";
    let starts = async || {
        let (_keep, stopped) = watch::channel(true);
        worker::work(Arc::new(queue.again().await), stopped).await;
        queue.number(runs, []).await
    };
    assert_eq!(starts().await, 1);
    drop(living);
    // The server notices that it is gone when it next looks at that connection.
    timeout(PATIENCE, async { while starts().await == 1 {} })
        .await
        .unwrap();
}

#[tokio::test]
async fn who_pauses_the_queue_waits_for_the_batch_of_another_node() {
    if has_no_nodes() {
        return;
    }
    let (queue, _) = Queue::with(1).await;
    let other = queue.again().await;
    let batch = other.begin(Priority::Queue).await.unwrap();
    lock::together(&batch, Turn::Queue).await.unwrap();
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    let pause = queue.store.pause(admin());
    tokio::pin!(pause);
    let early = timeout(Duration::from_millis(200), &mut pause).await;
    assert!(early.is_err(), "the batch is still on");
    batch.commit_quietly().await.unwrap();
    timeout(PATIENCE, pause).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_run_that_is_asked_for_while_another_node_pauses_the_queue_is_refused_and_none_comes_with_resume()
 {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(1).await;
    queue.delete("Manager", "outdated", &leads).await;
    let other = queue.again().await;
    let pausing = other.begin(Priority::Person).await.unwrap();
    lock::alone(&pausing, Turn::Queue).await.unwrap();
    let paused =
        r#"INSERT INTO setting (name, value) VALUES ('queue_paused', '{"member":4,"at":0}')"#;
    sql::execute(pausing.tx(), paused, []).await.unwrap();
    let admin = || queue.actor("Layer Admin").granted().unwrap();
    let asked = queue.store.run_now(admin(), true);
    tokio::pin!(asked);
    let early = timeout(Duration::from_millis(200), &mut asked).await;
    assert!(early.is_err(), "nobody knows yet whether it is paused");
    pausing.commit_quietly().await.unwrap();
    let refused = timeout(PATIENCE, asked).await.unwrap().unwrap_err();
    assert_eq!(refused.status(), 409);
    queue.store.resume(admin()).await.unwrap();
    assert_eq!(queue.drain().await, Settled::default());
    assert!(queue.is_there(leads[0]).await);
    queue.check().await;
}

#[tokio::test]
async fn a_run_that_was_asked_for_is_not_over_while_another_node_has_the_rest_of_it() {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads).await;
    let other = queue.again().await;
    let batch = other.begin(Priority::Queue).await.unwrap();
    let all = Query::new("SELECT lead FROM open_deletion");
    lock::leads(&batch, &all).await.unwrap();
    let admin = queue.actor("Layer Admin").granted().unwrap();
    queue.store.run_now(admin, true).await.unwrap();
    let draining = queue.drain();
    tokio::pin!(draining);
    let early = timeout(Duration::from_millis(500), &mut draining).await;
    assert!(early.is_err(), "the other's batch may yet be rolled back");
    drop(batch);
    let settled = timeout(PATIENCE, draining).await.unwrap();
    assert_eq!(settled.erased, 3);
    assert_eq!(queue.number("SELECT COUNT(*) FROM queue_run", []).await, 0);
    queue.check().await;
}

#[tokio::test]
async fn an_import_is_carried_out_by_one_node() {
    if has_no_nodes() {
        return;
    }
    let (queue, _) = Queue::with(0).await;
    let other = queue.again().await;
    let by = || queue.actor("Manager").granted().unwrap();
    let file = server::import::readable("Id,Name\n1,Ann\n2,Bo\n".into()).unwrap();
    let mapping = domain::import::Mapping::of_headers(&file.headers);
    let import = queue.store.keep_upload(by(), "a.csv", file).await.unwrap();
    domain::ports::Imports::import_start(&queue.store, by(), import, mapping, 2)
        .await
        .unwrap();
    let busy = other.database().hold(Turn::Importing, true).await.unwrap();
    assert!(!queue.store.run_started_import(false).await.unwrap());
    drop(busy);
    timeout(PATIENCE, async {
        while !queue.store.run_started_import(false).await.unwrap() {}
    })
    .await
    .unwrap();
    assert_eq!(queue.number("SELECT COUNT(*) FROM lead", []).await, 2);
    queue.check().await;
}

#[tokio::test]
async fn an_import_whose_turn_was_cut_is_gone_on_with_by_another_node_and_each_row_is_counted_once()
{
    if has_no_nodes() {
        return;
    }
    let (queue, _) = Queue::with(0).await;
    let (one, two) = (Arc::new(queue.again().await), Arc::new(queue.again().await));
    let mut text = String::from("Id,Name\n");
    for i in 0..1_700 {
        text += &format!("{i},Lead {i}\n");
    }
    let by = || queue.actor("Manager").granted().unwrap();
    let file = server::import::readable(text.into_bytes()).unwrap();
    let mapping = domain::import::Mapping::of_headers(&file.headers);
    let import = queue.store.keep_upload(by(), "a.csv", file).await.unwrap();
    domain::ports::Imports::import_start(&queue.store, by(), import, mapping, 1_700)
        .await
        .unwrap();
    // Both stand before their first chunk, because the turn of the first was cut meanwhile.
    let held = queue.store.begin(Priority::Queue).await.unwrap();
    lock::alone(&held, Turn::Import).await.unwrap();
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    // Until so many wait for that lock. Who finds the turn taken ends, and tries again: the server notices a moment later
    // that a connection is gone.
    #[expect(
        clippy::async_yields_async,
        reason = "it stands, and is awaited once it may go on"
    )]
    let stands = async |node: &Arc<Store>, nodes| {
        loop {
            let node = node.clone();
            let working = tokio::spawn(async move { node.run_started_import(false).await });
            while !working.is_finished() && queue.number(waiting, []).await < nodes {}
            if !working.is_finished() {
                return working;
            }
        }
    };
    let first = timeout(PATIENCE, stands(&one, 1)).await.unwrap();
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock(%'";
    assert_eq!(queue.number(cut, []).await, 1);
    let second = timeout(PATIENCE, stands(&two, 2)).await.unwrap();
    held.commit_quietly().await.unwrap();
    let ended = [first.await.unwrap(), second.await.unwrap()].map(Result::unwrap);
    assert_eq!(ended.iter().filter(|carried_out| **carried_out).count(), 1);
    let page = queue
        .store
        .import_page(by().member(), import)
        .await
        .unwrap();
    let numbers = page.numbers;
    assert_eq!(
        (numbers.imported, numbers.unchanged, numbers.changed),
        (1_700, 0, 0)
    );
    assert_eq!(queue.number("SELECT COUNT(*) FROM lead", []).await, 1_700);
    queue.check().await;
}

/// What somebody does again and again on their node; refusals are sentences, and never the database's trouble.
async fn busy(queue: Arc<Queue>, node: Store, by: &'static str, leads: Vec<LeadId>) {
    let fine = |error: &domain::Error| assert!(error.status() < 500, "{error:?}");
    for (round, some) in leads.chunks(7).enumerate() {
        let granted = || queue.actor(by).granted().unwrap();
        let selection = Selection::Leads(some.iter().copied().collect());
        let draft = match node.draft_leads(granted(), WorkStackId(1), selection).await {
            Ok(draft) => draft,
            Err(error) => {
                fine(&error);
                continue;
            }
        };
        let reason = if round % 2 == 0 {
            "outdated"
        } else {
            "do-not-contact"
        };
        let confirmation = queue.confirmation(&draft, reason);
        let confirmed =
            Drafts::confirm(&node, queue.actor(by).granted().unwrap(), confirmation).await;
        let order: Option<OrderId> = confirmed.inspect_err(fine).ok().map(|c| c.order);
        if let Some(order) = order
            && round % 3 == 0
        {
            let undone =
                DeletionOrders::undo(&node, queue.actor(by).granted().unwrap(), order).await;
            _ = undone.inspect_err(fine);
        }
        let urgent = domain::urgent_deletion::UrgentDeletion {
            lead: some[0],
            because: Some(domain::urgent_deletion::Because {
                reason: "invalid".into(),
                details: String::new(),
                sentence_confirmed: true,
            }),
        };
        let x = domain::ports::UrgentDeletions::delete_now(
            &node,
            queue.actor(by).granted().unwrap(),
            urgent,
        );
        _ = x.await.inspect_err(fine);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn whatever_people_do_at_once_on_two_nodes_beside_two_workers_is_refused_in_sentences_and_adds_up()
 {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(210).await;
    let queue = Arc::new(queue);
    queue.at_night();
    let mut people = Vec::new();
    for (place, by) in ["Manager", "Layer Admin", "Manager", "Layer Admin"]
        .into_iter()
        .enumerate()
    {
        let mut leads = leads.clone();
        if place % 2 == 1 {
            leads.reverse();
        }
        leads.rotate_left(place * 20);
        people.push(tokio::spawn(busy(
            queue.clone(),
            queue.again().await,
            by,
            leads,
        )));
    }
    let (stop, stopped) = watch::channel(false);
    let mut workers = Vec::new();
    for _ in 0..2 {
        let (node, stopped) = (queue.again().await, stopped.clone());
        workers.push(tokio::spawn(async move {
            while !*stopped.borrow() {
                worker::drain(&node, false, ActorRef::Worker).await.unwrap();
            }
        }));
    }
    for person in people {
        person.await.unwrap();
    }
    stop.send_replace(true);
    for worker in workers {
        worker.await.unwrap();
    }
    queue.run().await;
    queue.check().await;
}

#[tokio::test]
async fn layer_work_runs_the_queue_beside_a_server_that_only_serves() {
    if has_no_nodes() {
        return;
    }
    let (queue, leads) = Queue::with(30).await;
    let database = &queue.database;
    let serve = ["serve", "--no-worker", "--listen", "127.0.0.1:0"];
    let (serving, _) = Node::start(database, &serve, "listening on");
    queue.delete("Manager", "outdated", &leads).await;
    let by = queue.actor("Layer Admin").granted().unwrap();
    queue.store.run_now(by, true).await.unwrap();
    let (working, _) = Node::start(database, &["work"], "working");
    let gone = async || queue.number("SELECT COUNT(*) FROM lead", []).await == 0;
    timeout(PATIENCE, async {
        while !gone().await || queue.number("SELECT COUNT(*) FROM queue_run", []).await > 0 {}
    })
    .await
    .unwrap();
    assert!(working.stop() && serving.stop());
    queue.check().await;
}
