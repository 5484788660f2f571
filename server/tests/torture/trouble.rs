//! P34: a database in trouble. Nothing wrong comes of it, and afterwards everything goes on by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use domain::audit::ActorRef;
use domain::deletion_queue::QueueRequest;
use domain::lead::LeadId;
use domain::ports::DeletionQueue;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use server::clock::SetClock;
use server::database::Priority;
use server::store::claim::Settled;
use server::store::{Store, sql};
use server::worker;
use tokio::time::{sleep, timeout};

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Engine, Ground, NIGHT, Open, Time};
use crate::invariants;

/// Once the trouble is over everything works again within this.
const RECOVERY: Duration = Duration::from_secs(5);
/// Another process holds the lock for so long.
const HELD: Duration = Duration::from_secs(10);

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p34",
        "disk full, file read-only, lock held, connections cut",
        On::Both,
        run,
    )
    .alone()
}

/// What people and the worker do meanwhile.
#[derive(Default)]
struct Work {
    stop: AtomicBool,
    acknowledged: Mutex<Vec<LeadId>>,
    /// Calls that were refused because of the trouble.
    refused: Mutex<u64>,
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let ground = Ground::new(&task.engine, Time::Set(SetClock::new(NIGHT))).await?;
    let open = ground.open().await?;
    let leads = open.add_leads(task.figure(4_000, 40_000)).await?;
    let added = leads.len() as u64;
    let work: Arc<Work> = Arc::default();
    let victim = Arc::new(ground.open().await?);
    let people = tokio::spawn(people(victim.clone(), leads, work.clone()));
    let working = tokio::spawn(queue(victim.shared(), work.clone()));
    match &task.engine {
        Engine::Postgres(server) => {
            cut_connections(server, &ground, task.figure(20, 60), &mut report).await?;
        }
        _ => {
            full_disk(&victim, task.figure(4, 30), &mut report).await?;
            let full = *work.refused.lock().unwrap();
            report.holds(full > 0, || "nobody met the full disk".into());
            read_only(&ground, &mut report).await?;
            lock_held(&open, task.figure(1, 6), &mut report).await?;
            let refused = *work.refused.lock().unwrap();
            report.holds(refused == full, || {
                "who waited for another process's lock was refused".into()
            });
        }
    }
    let over = Instant::now();
    let before = work.acknowledged.lock().unwrap().len();
    // Somebody is served again, and soon.
    while work.acknowledged.lock().unwrap().len() == before && over.elapsed() < 2 * RECOVERY {
        sleep(Duration::from_millis(10)).await;
    }
    report.holds(over.elapsed() <= RECOVERY, || {
        format!(
            "nobody was served for {} ms after the trouble",
            over.elapsed().as_millis()
        )
    });
    work.stop.store(true, Ordering::SeqCst);
    people.await??;
    working.await?;
    victim.database().close().await;
    let acknowledged = std::mem::take(&mut *work.acknowledged.lock().unwrap());
    report.measured.push(format!(
        "{} leads were acknowledged, {} calls refused; served again after {} ms",
        acknowledged.len(),
        work.refused.lock().unwrap(),
        over.elapsed().as_millis()
    ));
    timeout(12 * RECOVERY, open.drain()).await??;
    for lead in &acknowledged {
        report.tries += 1;
        let gone = format!(
            "SELECT COUNT(*) FROM deletion WHERE lead = {} AND state = 'erased'",
            lead.0
        );
        match open.number(&gone).await? {
            1 => {}
            0 => report.lost += 1,
            _ => report.doubled += 1,
        }
    }
    invariants::check(&open, added, &mut report).await?;
    open.close().await;
    ground.done().await?;
    Ok(report)
}

/// A person who orders five leads after the other; what is answered is kept.
async fn people(open: Arc<Open>, leads: Vec<LeadId>, work: Arc<Work>) -> Result<()> {
    for leads in leads.chunks(5) {
        if work.stop.load(Ordering::SeqCst) {
            break;
        }
        match open.delete("Manager", "outdated", leads).await {
            Ok(_) => work.acknowledged.lock().unwrap().extend(leads),
            Err(_) => {
                *work.refused.lock().unwrap() += 1;
                sleep(Duration::from_millis(20)).await;
            }
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// The worker, which tries again after a fault.
async fn queue(store: Arc<Store>, work: Arc<Work>) {
    while !work.stop.load(Ordering::SeqCst) {
        if worker::drain(&store, true, ActorRef::Worker).await.is_err() {
            *work.refused.lock().unwrap() += 1;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// The disk is full, then not, so many times.
async fn full_disk(victim: &Open, times: u64, report: &mut Report) -> Result<()> {
    const ROOM: &str = "PRAGMA max_page_count = 1073741823";
    victim.write("CREATE TABLE filler (b BLOB)", []).await?;
    for _ in 0..times {
        report.faults += 1;
        // Not a page more than there is, on the connection that writes, and no free page among those.
        let writing = victim.begin(Priority::Person).await?;
        let fill =
            "INSERT INTO filler SELECT zeroblob(freelist_count * 4096) FROM pragma_freelist_count";
        sql::execute(writing.tx(), fill, []).await?;
        sql::execute(writing.tx(), "PRAGMA max_page_count = 1", []).await?;
        writing.commit_quietly().await?;
        sleep(Duration::from_millis(500)).await;
        // There is room again. A connection that met the full disk was closed; the one that came after it knows no limit.
        for _ in 0..50 {
            if victim.write(ROOM, []).await.is_ok() {
                break;
            }
        }
        victim.write("DELETE FROM filler", []).await?;
        sleep(Duration::from_millis(100)).await;
    }
    victim.write("DROP TABLE filler", []).await?;
    Ok(())
}

/// Nothing is written to a file that takes no writes; everything is read.
async fn read_only(ground: &Ground, report: &mut Report) -> Result<()> {
    report.faults += 1;
    let open = ground.open().await?;
    let lead = LeadId(open.number("SELECT MAX(id) FROM lead").await?);
    open.write("PRAGMA query_only = 1", []).await?;
    let paused = open.pause(open.granted("Layer Admin").await?).await;
    let ordered = open.delete("Manager", "outdated", &[lead]).await;
    // With nothing due at this instant a run has nothing to write, and no reason to fail.
    let erased_nothing = match open.drain().await {
        Ok(settled) => settled == Settled::default(),
        Err(_) => true,
    };
    report.holds(
        paused.is_err() && ordered.is_err() && erased_nothing,
        || "a file that takes no writes was written to".into(),
    );
    let request = QueueRequest::default();
    let read = open
        .queue(open.granted("Layer Admin").await?, request)
        .await;
    report.holds(read.is_ok(), || {
        "a file that takes no writes can't be read".into()
    });
    open.close().await;
    Ok(())
}

/// Another process holds the write lock; whoever waits for it gets it in the end.
async fn lock_held(open: &Open, times: u64, report: &mut Report) -> Result<()> {
    for _ in 0..times {
        report.faults += 1;
        let held = open.begin(Priority::Queue).await?;
        sleep(HELD).await;
        drop(held);
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// Connections of the database are cut, one every fifth of a second.
async fn cut_connections(
    server: &str,
    ground: &Ground,
    seconds: u64,
    report: &mut Report,
) -> Result<()> {
    let name = ground.url.rsplit('/').next().unwrap_or_default();
    let on: DatabaseConnection =
        sea_orm::Database::connect(format!("{}/postgres", server.trim_end_matches('/'))).await?;
    for _ in 0..seconds * 5 {
        on.execute_unprepared(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' ORDER BY random() LIMIT 1"
        ))
        .await?;
        report.faults += 1;
        sleep(Duration::from_millis(200)).await;
    }
    on.close().await?;
    Ok(())
}
