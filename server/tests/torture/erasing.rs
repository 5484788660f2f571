//! P2: nothing half deleted, whatever step of the erasing transaction fails.
//!
//! The steps aren't listed anywhere: each statement that the store runs passes two fault points, and a first batch without
//! any trouble counts them. Then each point goes wrong once in each way.

use std::process::{ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::audit::ActorRef;
use domain::lead::LeadId;
use server::clock::SetClock;
use server::fault::{self, Fault, Side};
use server::store::Store;
use server::store::batch::{Due, Pass};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;
use crate::process::PATIENCE;

/// The word that makes this program the process that ends in the middle of a batch.
pub const VICTIM: &str = "end-in-a-batch";

/// Every way in which a point goes wrong.
const WAYS: [Fault; 4] = [Fault::Error, Fault::Panic, Fault::Abort, Fault::Hang];

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p2",
        "nothing half deleted, whatever statement fails",
        On::Both,
        run,
    )
}

/// What a batch meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// Two leads that go.
    Clean,
    /// Also one that the database refuses to delete, and one that changed since.
    Troubled,
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let clock = SetClock::new(NIGHT);
    let ground = Ground::new(&task.engine, Time::Set(clock)).await?;
    let open = ground.open().await?;
    open.write(
        "CREATE TABLE claim (lead BIGINT REFERENCES lead (id) ON DELETE RESTRICT)",
        [],
    )
    .await?;
    open.close().await;
    let mut added = 0;
    for batch in [Batch::Clean, Batch::Troubled] {
        let points = points(&ground, batch, &mut added).await?;
        let statements = points.iter().filter(|(side, _)| *side == Side::Before);
        let statements = statements.count();
        ensure!(
            statements > 20 && points.iter().any(|(_, step)| step == "COMMIT"),
            "the erasing transaction has {statements} statements"
        );
        report.measured.push(format!(
            "{batch:?}: {statements} statements, {} points, {} ways",
            points.len(),
            WAYS.len()
        ));
        for way in WAYS {
            // Errors and ends at each point; a short run panics and hangs at every third one.
            let stride = match way {
                Fault::Panic | Fault::Hang => task.figure(3, 1),
                _ => 1,
            };
            let first = (task.seed as usize) % stride;
            for (point, (side, step)) in points.iter().enumerate().skip(first).step_by(stride) {
                let before = report.broken.len();
                attempt(&ground, batch, point, way, &mut added, &mut report)
                    .await
                    .with_context(|| format!("{way:?} {side:?} {step}"))?;
                if report.broken.len() > before {
                    report.broke(format!("… by {way:?} {side:?} {step}"));
                }
            }
        }
    }
    invariants::check_ground(&ground, added, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// Adds the leads of a batch and flags them; those that must go in the end.
async fn prepare(open: &Open, batch: Batch, added: &mut u64) -> Result<Vec<LeadId>> {
    let leads = open.add_leads(4).await?;
    *added += 4;
    let flagged = match batch {
        Batch::Clean => &leads[..2],
        Batch::Troubled => &leads[..],
    };
    open.delete("Manager", "outdated", flagged).await?;
    if batch == Batch::Troubled {
        open.write("INSERT INTO claim (lead) VALUES ($1)", [leads[2].0.into()])
            .await?;
        open.write(
            "UPDATE lead SET revision = revision + 1 WHERE id = $1",
            [leads[3].0.into()],
        )
        .await?;
    }
    Ok(leads)
}

/// The points that a batch passes in which nothing goes wrong: a statement that the database refuses has no point behind it.
async fn points(ground: &Ground, batch: Batch, added: &mut u64) -> Result<Vec<(Side, String)>> {
    let open = ground.open().await?;
    prepare(&open, batch, added).await?;
    let points: Arc<Mutex<Vec<(Side, String)>>> = Arc::default();
    let told = points.clone();
    fault::arm(move |side, statement| {
        let words = statement.split_whitespace().take(4).collect::<Vec<_>>();
        told.lock().unwrap().push((side, words.join(" ")));
        None
    });
    let done = one_batch(&open.shared()).await;
    fault::disarm();
    done?;
    mend(&open).await?;
    open.close().await;
    let points = points.lock().unwrap().clone();
    Ok(points)
}

async fn one_batch(store: &Store) -> domain::Result<()> {
    store
        .batch(&mut Pass::new(Due::OutsideHours), ActorRef::Worker)
        .await?;
    Ok(())
}

/// Takes away what stands in the way of the poison lead, and drains.
async fn mend(open: &Open) -> Result<()> {
    open.write("DELETE FROM claim", []).await?;
    open.drain().await?;
    Ok(())
}

/// One batch in which one point goes wrong, and what it leaves.
async fn attempt(
    ground: &Ground,
    batch: Batch,
    point: usize,
    way: Fault,
    added: &mut u64,
    report: &mut Report,
) -> Result<()> {
    let open = ground.open().await?;
    let leads = prepare(&open, batch, added).await?;
    report.tries += 1;
    if way == Fault::Abort {
        open.close().await;
        let ended = end_in_a_batch(ground, point).await?;
        report.faults += u64::from(ended);
        report.holds(ended, || "a process didn't end at its point".into());
    } else {
        let struck = Arc::new(Notify::new());
        let hit = arm_at(point, way, struck.clone());
        let store = open.shared();
        let mut working = tokio::spawn(async move { one_batch(&store).await });
        tokio::select! {
            () = struck.notified() => if way == Fault::Hang {
                working.abort();
            },
            _ = &mut working => {}
        }
        if !working.is_finished() {
            _ = timeout(PATIENCE, working).await.context("a batch hangs")?;
        }
        fault::disarm();
        let gone_wrong = hit.load(Ordering::SeqCst);
        report.faults += u64::from(gone_wrong);
        report.holds(gone_wrong, || "a point was never reached".into());
        open.close().await;
    }
    // Nobody tells the next process what happened.
    let open = ground.open().await?;
    all_or_nothing(&open, &leads, report).await?;
    mend(&open).await?;
    let left = "SELECT COUNT(*) FROM open_deletion";
    report.lost += open.number(left).await?.unsigned_abs();
    open.close().await;
    Ok(())
}

/// The first two leads are both gone with everything, or both there with everything.
async fn all_or_nothing(open: &Open, leads: &[LeadId], report: &mut Report) -> Result<()> {
    let (first, last) = (leads[0].0, leads[1].0);
    let between = format!("BETWEEN {first} AND {last}");
    let count = |table: &str, column: &str| {
        let statement = format!("SELECT COUNT(*) FROM {table} WHERE {column} {between}");
        async move { open.number(&statement).await }
    };
    let found = [
        count("lead", "id").await?,
        count("contact_record", "lead").await?,
        count("activity", "lead").await?,
        count("lead_key", "lead").await?,
        count("open_deletion", "lead").await?,
        count("deletion", "lead").await?,
    ];
    if found != [2, 4, 6, 8, 2, 0] && found != [0, 0, 0, 0, 0, 2] {
        report.half_done += 1;
        report.broke(format!(
            "two leads have {found:?} rows as leads, contact records, activities, keys, open and closed deletions"
        ));
    }
    let without = "SELECT COUNT(*) FROM deletion d WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = d.act)";
    let without = open.number(without).await?;
    report.holds(without == 0, || "a deletion has no entry".into());
    Ok(())
}

/// The point with this number goes wrong, once; whether it has.
fn arm_at(point: usize, way: Fault, struck: Arc<Notify>) -> Arc<AtomicBool> {
    let (passed, hit) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let hits = hit.clone();
    fault::arm(move |_, _| {
        if passed.fetch_add(1, Ordering::SeqCst) != point {
            return None;
        }
        hits.store(true, Ordering::SeqCst);
        struck.notify_one();
        Some(way)
    });
    hit
}

/// Another process begins the batch and ends at the point; whether it did.
async fn end_in_a_batch(ground: &Ground, point: usize) -> Result<bool> {
    let mut child = tokio::process::Command::new(std::env::current_exe()?)
        .args([VICTIM, &ground.url, &point.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let ended = timeout(PATIENCE, child.wait())
        .await
        .context("it doesn't end")??;
    // An abort is a signal: there is no code.
    Ok(ended.code().is_none())
}

/// What that other process does.
pub async fn victim(words: &[String]) -> ExitCode {
    let [url, point] = words else {
        return ExitCode::from(2);
    };
    let (Ok(point), Ok(database)) = (point.parse(), server::database::Database::open(url).await)
    else {
        return ExitCode::from(2);
    };
    let store = Store::new(database, Arc::new(SetClock::new(NIGHT)), true);
    arm_at(point, Fault::Abort, Arc::default());
    _ = timeout(Duration::from_secs(30), one_batch(&store)).await;
    ExitCode::SUCCESS
}
