//! P31: people read fast while the queue is at work.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::text::number;
use domain::work_stack::GridPage;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tokio::time::sleep;

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Engine, Ground, Time};
use crate::invariants;
use crate::process::{Layer, PATIENCE};

/// People who read at a time.
const READERS: u64 = 20;
/// Each looks at a page so long before the next.
const LOOK: Duration = Duration::from_millis(500);
/// Of a hundred pages 99 are there within this, by the database. An unoptimised build makes pages many times slower: it is asked
/// only that nobody waits for the queue.
const SQLITE: Duration = Duration::from_millis(200 * UNOPTIMISED);
const POSTGRES: Duration = Duration::from_millis(150 * UNOPTIMISED);
const UNOPTIMISED: u64 = if cfg!(debug_assertions) { 8 } else { 1 };
/// Drafting and confirming takes no longer: in all, and for each lead.
const ORDERED: Duration = Duration::from_secs(2);
const ORDERED_EACH: Duration = Duration::from_micros(200);
/// SQLite's log is emptied before, in bytes: a batch may still write much.
const LONGEST_LOG: u64 = 400_000_000;
/// The queue is through by then, or it doesn't move.
const TURNS: u32 = 30;

/// The promise.
pub fn promise() -> Promise {
    Promise::new("p31", "pages stay fast while the queue runs", On::Both, run).alone()
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let leads = task.figure(40_000, 1_000_000);
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let open = ground.open().await?;
    open.add_leads(leads / 2).await?;
    let begun = Instant::now();
    open.delete_all("outdated").await?;
    let ordered_in = begun.elapsed();
    let limit = ORDERED + ORDERED_EACH * u32::try_from(leads / 2)?;
    report.measured.push(format!(
        "{} leads drafted and confirmed in {} ms",
        number(leads as u64 / 2),
        ordered_in.as_millis()
    ));
    report.holds(ordered_in <= limit, || {
        format!("the order took longer than {} s", limit.as_secs())
    });
    // As many stay, so that there is something to look at.
    let stay = open.add_leads(leads / 2).await?;
    open.close().await;
    let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut reading = Vec::new();
    for reader in 0..READERS {
        let who = ["manager@demo.test", "admin@demo.test"][reader as usize % 2];
        let browser = Browser::sign_in(&address, who).await?;
        let random = StdRng::seed_from_u64(task.seed ^ reader);
        reading.push(tokio::spawn(read(
            browser,
            random,
            stay[0].0..=stay[stay.len() - 1].0,
            stop.clone(),
        )));
    }
    let begun = Instant::now();
    let (open, mut log) = (ground.open().await?, 0);
    while open.number("SELECT COUNT(*) FROM open_deletion").await? > 0
        && begun.elapsed() < PATIENCE * TURNS
    {
        log = log.max(open.database().log_length());
        sleep(Duration::from_millis(200)).await;
    }
    let ran_for = begun.elapsed();
    stop.store(true, Ordering::SeqCst);
    let (mut pages, mut calls) = (Vec::new(), Vec::new());
    for reader in reading {
        let (opened, called) = reader.await??;
        pages.extend(opened);
        calls.extend(called);
    }
    open.close().await;
    report.measured.push(format!(
        "the write-ahead log had {} MB at most",
        log / 1_000_000
    ));
    report.holds(log < LONGEST_LOG, || {
        format!("the write-ahead log grew to {log} bytes")
    });
    report.tries = (pages.len() + calls.len()) as u64;
    let at_most = match task.engine {
        Engine::Postgres(_) => POSTGRES,
        _ => SQLITE,
    };
    for (words, times) in [("whole pages", &mut pages), ("searches", &mut calls)] {
        times.sort();
        ensure!(!times.is_empty(), "nobody read");
        let worst = times[times.len() * 99 / 100];
        report.measured.push(format!(
            "{} {words} in {:.0} s of the queue: half in {} ms, p99 {} ms",
            times.len(),
            ran_for.as_secs_f64(),
            times[times.len() / 2].as_millis(),
            worst.as_millis()
        ));
        report.holds(worst <= at_most, || {
            format!("of {words} one in a hundred took {} ms", worst.as_millis())
        });
    }
    layer.kill()?;
    invariants::check_ground(&ground, leads as u64, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// Opens the Grid View and searches in it, in turns; how long each took.
async fn read(
    browser: Browser,
    mut random: StdRng,
    leads: RangeInclusive<i64>,
    stop: Arc<AtomicBool>,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut pages, mut calls) = (Vec::new(), Vec::new());
    while !stop.load(Ordering::SeqCst) {
        sleep(LOOK.mul_f64(random.random_range(0.5..1.5))).await;
        let begun = Instant::now();
        if random.random_bool(0.5) {
            let page = browser.page("/work-stacks/1").await?;
            ensure!(page.status == 200, "a page answered {}", page.status);
            pages.push(begun.elapsed());
        } else {
            let search = format!("ann{}@example.com", random.random_range(leads.clone()));
            let view = json!({ "view": { "work_stack": 1, "search": search, "order": null, "hide_deletions": false } });
            let page: GridPage = browser.ask("work-stacks/grid", &view).await?;
            ensure!(page.rows.len() == 1, "a search found {}", page.rows.len());
            calls.push(begun.elapsed());
        }
    }
    Ok((pages, calls))
}
