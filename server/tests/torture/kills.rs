//! P1: exactly one effect for each flagged lead, through any crash.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use rand::Rng;
use rand::rngs::StdRng;
use server::database::Database;
use server::store::sql;
use tokio::time::sleep;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::{Layer, PATIENCE, written};

/// One for each that are killed, everything is looked at.
const LOOK_AFTER: u64 = 10;
/// A command that stops the PostgreSQL server at once, as a power cut would, and starts it again: run by `sh -c`.
const RESTART: &str = "LAYER_TEST_POSTGRES_RESTART";

/// Put into the queue when it is empty before all kills are done.
const MORE: usize = 2_000;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p1",
        "exactly one effect a flagged lead, through any crash",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let (leads, kills) = (task.figure(20_000, 100_000), task.figure(30, 200));
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let mut added = 0;
    flag(&ground, leads, &mut added).await?;
    let begun = Instant::now();
    let restart = std::env::var(RESTART).ok().filter(|_| ground.is_shared());
    // So many times in all the server itself goes down, in the middle of what its clients do.
    let every = kills / task.figure(3, 20);
    let (mut restarts, mut in_a_run) = (0, 0);
    while report.faults < kills {
        let restart = restart
            .as_deref()
            .filter(|_| report.faults % every == every - 1);
        if life(&ground, &mut random, restart).await? {
            report.faults += 1;
            restarts += u64::from(restart.is_some());
            in_a_run += u64::from(is_broken_off(&ground).await?);
            if report.faults.is_multiple_of(LOOK_AFTER) {
                invariants::check_ground(&ground, added, &mut report).await?;
            }
        } else {
            flag(&ground, MORE, &mut added).await?;
        }
    }
    drain(&ground).await?;
    let open = ground.open().await?;
    invariants::check(&open, added, &mut report).await?;
    // All were flagged, nothing was changed: all are gone.
    report.lost += open
        .number("SELECT COUNT(*) FROM lead")
        .await?
        .unsigned_abs();
    open.close().await;
    report.tries = added;
    report.measured.push(format!(
        "{} kills, {in_a_run} in the middle of a run, {restarts} stops of the database's server, in {:.1} s",
        report.faults,
        begun.elapsed().as_secs_f64()
    ));
    report.holds(in_a_run * 2 > kills, || {
        format!("of {kills} kills {in_a_run} struck a run")
    });
    ground.done().await?;
    Ok(report)
}

/// Adds leads and flags all of them.
async fn flag(ground: &Ground, leads: usize, added: &mut u64) -> Result<()> {
    let open = ground.open().await?;
    open.add_leads(leads).await?;
    open.delete_all("outdated").await?;
    open.close().await;
    *added += leads as u64;
    Ok(())
}

/// Starts what works on the queue, and kills one at a random instant after it became busy. `false` where the queue was
/// drained before that.
async fn life(ground: &Ground, random: &mut StdRng, restart: Option<&str>) -> Result<bool> {
    let before = marks(ground).await?;
    let mut workers = match (ground.is_shared(), random.random_range(0..4)) {
        (true, _) => vec![
            Layer::queue_run(ground)?,
            Layer::queue_run(ground)?,
            Layer::serving(ground)?,
        ],
        (false, 0) => vec![Layer::serving(ground)?],
        // A command works beside the server on the same file.
        (false, 1) => vec![Layer::serving(ground)?, Layer::queue_run(ground)?],
        (false, _) => vec![Layer::queue_run(ground)?],
    };
    let begun = Instant::now();
    while marks(ground).await? == before {
        if begun.elapsed() > PATIENCE {
            bail!("nothing works on the queue");
        }
        for worker in &mut workers {
            if let Some(status) = worker.ended()?
                && !status.success()
            {
                bail!(
                    "a worker ended by itself: {status}. {}",
                    std::fs::read_to_string(ground.path().join("layer.log")).unwrap_or_default()
                );
            }
        }
        if is_drained(ground, &mut workers).await? {
            return Ok(false);
        }
        sleep(Duration::from_millis(1)).await;
    }
    sleep(Duration::from_micros(random.random_range(5_000..120_000))).await;
    let victim = random.random_range(0..workers.len());
    let lived = workers[victim].ended()?.is_none();
    if let Some(restart) = restart {
        let done = tokio::process::Command::new("sh")
            .args(["-c", restart])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .await?;
        ensure!(done.success(), "`{restart}` failed");
    }
    workers[victim].kill()?;
    if ground.is_shared() {
        // The others go on for a moment beside what the victim left behind.
        sleep(Duration::from_millis(random.random_range(0..200))).await;
    }
    for worker in &mut workers {
        worker.kill()?;
    }
    Ok(lived)
}

/// Whether a run was broken off in its batches: it stands as begun, nobody is at it, and something is left to erase. SQLite's file
/// is looked at in a copy, since whoever opens it mends what the killed left there.
async fn is_broken_off(ground: &Ground) -> Result<bool> {
    let copies = tempfile::tempdir()?;
    let url = match (ground.file(), ground.log()) {
        (Some(file), Some(log)) => {
            let copy = copies.path().join("layer.db");
            std::fs::copy(file, &copy)?;
            if log.exists() {
                std::fs::copy(log, copies.path().join("layer.db-wal"))?;
            }
            format!("sqlite://{}", copy.display())
        }
        _ => ground.url.clone(),
    };
    let database = Database::open(&url).await?;
    let runs = "SELECT COUNT(*) FROM queue_run WHERE EXISTS (SELECT 1 FROM open_deletion WHERE state = 'waiting')";
    let runs: Option<i64> = sql::value(database.reader(), runs, []).await?;
    database.close().await;
    Ok(runs != Some(0))
}

/// What moves when a worker becomes busy. Of SQLite's file only the log's looks are taken: nobody but the workers has it
/// open, so each begins by mending what the one before it left.
async fn marks(ground: &Ground) -> Result<String> {
    if let Some(log) = ground.log() {
        return Ok(format!("{:?}", written(&log)));
    }
    let open = ground.open().await?;
    let run = open
        .number("SELECT CAST(COALESCE(SUM(started_at + done), 0) AS BIGINT) FROM queue_run")
        .await;
    open.close().await;
    Ok(run?.to_string())
}

/// Whether every command has ended well, so that nothing is left to do.
async fn is_drained(ground: &Ground, workers: &mut [Layer]) -> Result<bool> {
    if ground.is_shared() {
        return Ok(false);
    }
    for worker in workers {
        if worker.ended()?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets one worker do all that is left.
async fn drain(ground: &Ground) -> Result<()> {
    let mut worker = Layer::queue_run(ground)?;
    match worker.end(20 * PATIENCE).await? {
        Some(status) if status.success() => Ok(()),
        ended => bail!("the queue can't be drained: {ended:?}"),
    }
}
