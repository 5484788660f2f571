//! P2: nothing half deleted, whatever step of an erasing transaction fails: a batch of the queue, or the X.
//!
//! The steps aren't listed anywhere: each statement that the store runs passes two fault points, and a first act without any
//! trouble counts them. Then each point goes wrong once in each way.

use std::process::{ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use domain::Actor;
use domain::audit::ActorRef;
use domain::lead::LeadId;
use domain::ports::UrgentDeletions;
use domain::urgent_deletion::{Because, UrgentDeletion};
use server::clock::SetClock;
use server::database::Database;
use server::fault::{self, Fault, Side};
use server::store::Store;
use server::store::batch::{Due, Pass};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;
use crate::process::PATIENCE;

/// The word that makes this program the process that ends in the middle of an act.
pub const VICTIM: &str = "end-in-an-act";

/// Everything is verified each time after so many tries.
const VERIFY_AFTER: u64 = 50;

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

/// What erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// A batch of two leads that go.
    Batch,
    /// Also one that the database refuses to delete, and one that changed since.
    TroubledBatch,
    /// The X on one of the two that wait.
    UrgentWaiting,
    /// The X on a lead whose deletion nobody has ordered.
    Urgent,
}

const ACTS: [Act; 4] = [
    Act::Batch,
    Act::TroubledBatch,
    Act::UrgentWaiting,
    Act::Urgent,
];

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
    for act in ACTS {
        let points = points(&ground, act, &mut added).await?;
        let statements = points.iter().filter(|(side, _)| *side == Side::Before);
        let statements = statements.count();
        ensure!(
            statements > 20 && points.iter().any(|(_, step)| step == "COMMIT"),
            "the erasing transaction has {statements} statements"
        );
        report.measured.push(format!(
            "{act:?}: {statements} statements, {} points, {} ways",
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
                attempt(&ground, act, point, way, &mut added, &mut report)
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

/// Adds four leads and flags those that the act is about, or that wait beside it.
async fn prepare(open: &Open, act: Act, added: &mut u64) -> Result<Vec<LeadId>> {
    let leads = open.add_leads(4).await?;
    *added += 4;
    let flagged = match act {
        Act::TroubledBatch => &leads[..],
        _ => &leads[..2],
    };
    open.delete("Manager", "outdated", flagged).await?;
    if act == Act::TroubledBatch {
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

/// The points that an act passes in which nothing goes wrong: a statement that the database refuses has no point behind it.
async fn points(ground: &Ground, act: Act, added: &mut u64) -> Result<Vec<(Side, String)>> {
    let open = ground.open().await?;
    let leads = prepare(&open, act, added).await?;
    let by = open.actor("Manager").await?;
    let points: Arc<Mutex<Vec<(Side, String)>>> = Arc::default();
    let told = points.clone();
    fault::arm(move |side, statement| {
        let words = statement.split_whitespace().take(4).collect::<Vec<_>>();
        told.lock().unwrap().push((side, words.join(" ")));
        None
    });
    let done = carry_out(&open.shared(), act, &by, &leads).await;
    fault::disarm();
    done?;
    mend(&open).await?;
    open.close().await;
    let points = points.lock().unwrap().clone();
    Ok(points)
}

/// Once, by this person where it is a person's.
async fn carry_out(store: &Store, act: Act, by: &Actor, leads: &[LeadId]) -> domain::Result<()> {
    let lead = match act {
        Act::Batch | Act::TroubledBatch => {
            let mut pass = Pass::new(Due::OutsideHours);
            store.batch(&mut pass, ActorRef::Worker).await?;
            return Ok(());
        }
        Act::UrgentWaiting => leads[0],
        Act::Urgent => leads[2],
    };
    let because = Because {
        reason: "outdated".into(),
        details: String::new(),
        sentence_confirmed: true,
    };
    let urgent = UrgentDeletion {
        lead,
        because: Some(because),
    };
    store.delete_now(by.granted()?, urgent).await?;
    Ok(())
}

/// Takes away what stands in the way of the poison lead, and drains.
async fn mend(open: &Open) -> Result<()> {
    open.write("DELETE FROM claim", []).await?;
    open.drain().await?;
    Ok(())
}

/// The act, in which one point goes wrong, and what it leaves.
async fn attempt(
    ground: &Ground,
    act: Act,
    point: usize,
    way: Fault,
    added: &mut u64,
    report: &mut Report,
) -> Result<()> {
    let open = ground.open().await?;
    let leads = prepare(&open, act, added).await?;
    report.tries += 1;
    if way == Fault::Abort {
        open.close().await;
        let ended = end_in_an_act(ground, act, point, &leads).await?;
        report.faults += u64::from(ended);
        report.holds(ended, || "a process didn't end at its point".into());
    } else {
        let by = open.actor("Manager").await?;
        let struck = Arc::new(Notify::new());
        let hit = arm_at(point, way, struck.clone());
        let (store, about) = (open.shared(), leads.clone());
        let mut working = tokio::spawn(async move { carry_out(&store, act, &by, &about).await });
        tokio::select! {
            () = struck.notified() => if way == Fault::Hang {
                working.abort();
            },
            _ = &mut working => {}
        }
        if !working.is_finished() {
            _ = timeout(PATIENCE, working).await.context("it hangs")?;
        }
        fault::disarm();
        let gone_wrong = hit.load(Ordering::SeqCst);
        report.faults += u64::from(gone_wrong);
        report.holds(gone_wrong, || "a point was never reached".into());
        open.close().await;
    }
    // Nobody tells the next process what happened.
    let open = ground.open().await?;
    all_or_nothing(&open, act, &leads, report).await?;
    mend(&open).await?;
    let left = "SELECT COUNT(*) FROM open_deletion";
    report.lost += open.number(left).await?.unsigned_abs();
    open.close().await;
    if report.tries.is_multiple_of(VERIFY_AFTER) {
        invariants::check_ground(ground, *added, report).await?;
    }
    Ok(())
}

/// How many rows a lead has, as leads, contact records, activities, keys, open deletions, and closed ones that are erased and
/// that are skipped.
type Rows = [i64; 7];

/// A lead of which everything is there, with so many open deletions and so many that were skipped.
const fn there(open: i64, skipped: i64) -> Rows {
    [1, 2, 3, 4, open, 0, skipped]
}

/// One of which nothing is.
const GONE: Rows = [0, 0, 0, 0, 0, 1, 0];

/// Each lead is as it was, or what the act makes of it: those of one act alike.
async fn all_or_nothing(
    open: &Open,
    act: Act,
    leads: &[LeadId],
    report: &mut Report,
) -> Result<()> {
    let mut found = Vec::new();
    for lead in leads {
        found.push(rows(open, *lead).await?);
    }
    let (before, after) = match act {
        Act::Batch => (
            [there(1, 0), there(1, 0), there(0, 0), there(0, 0)],
            [GONE, GONE, there(0, 0), there(0, 0)],
        ),
        // The one that the database refuses waits for its next try.
        Act::TroubledBatch => ([there(1, 0); 4], [GONE, GONE, there(1, 0), there(0, 1)]),
        Act::UrgentWaiting => (
            [there(1, 0), there(1, 0), there(0, 0), there(0, 0)],
            [GONE, there(1, 0), there(0, 0), there(0, 0)],
        ),
        Act::Urgent => (
            [there(1, 0), there(1, 0), there(0, 0), there(0, 0)],
            [there(1, 0), there(1, 0), GONE, there(0, 0)],
        ),
    };
    if found[..] != before && found[..] != after {
        report.half_done += 1;
        report.broke(format!(
            "four leads have {found:?} rows as leads, contact records, activities, keys, open, erased and skipped deletions"
        ));
    }
    let without = "SELECT COUNT(*) FROM deletion d WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = d.act)";
    let without = open.number(without).await?;
    report.holds(without == 0, || "a deletion has no entry".into());
    Ok(())
}

async fn rows(open: &Open, lead: LeadId) -> Result<Rows> {
    let mut rows = [0; 7];
    for (rows, of) in rows.iter_mut().zip([
        "lead WHERE id",
        "contact_record WHERE lead",
        "activity WHERE lead",
        "lead_key WHERE lead",
        "open_deletion WHERE lead",
        "deletion WHERE state = 'erased' AND lead",
        "deletion WHERE state = 'skipped' AND lead",
    ]) {
        let count = format!("SELECT COUNT(*) FROM {of} = {}", lead.0);
        *rows = open.number(&count).await?;
    }
    Ok(rows)
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

/// Another process begins the act and ends at the point; whether it did.
async fn end_in_an_act(ground: &Ground, act: Act, point: usize, leads: &[LeadId]) -> Result<bool> {
    let act = ACTS.iter().position(|one| *one == act).unwrap_or_default();
    let mut child = tokio::process::Command::new(std::env::current_exe()?)
        .args([VICTIM, &ground.url, &act.to_string(), &point.to_string()])
        .args(leads.iter().map(|lead| lead.0.to_string()))
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

/// What that other process does: told the database, the act's and the point's number, and the leads.
pub async fn victim(words: &[String]) -> ExitCode {
    match end_by_abort(words).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

async fn end_by_abort(words: &[String]) -> Result<()> {
    let [url, act, point, leads @ ..] = words else {
        bail!("it is told too little");
    };
    let act = *ACTS.get(act.parse::<usize>()?).context("no such act")?;
    let leads = leads.iter().map(|lead| lead.parse().map(LeadId));
    let leads: Vec<LeadId> = leads.collect::<Result<_, _>>()?;
    let database = Database::open(url).await?;
    let store = Store::new(database, Arc::new(SetClock::new(NIGHT)), true);
    let by = store.member_by_email("manager@demo.test").await?;
    let by = by.context("there is no Manager")?;
    arm_at(point.parse()?, Fault::Abort, Arc::default());
    _ = timeout(Duration::from_secs(30), carry_out(&store, act, &by, &leads)).await;
    Ok(())
}
