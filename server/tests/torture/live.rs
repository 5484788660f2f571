//! P32: the live view is true. A client does what the page does, through changes, cuts and restarts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::deletion_order::Undone;
use domain::deletion_queue::{LeadManagement, QueuePage, QueueRequest};
use domain::draft::{Confirmed, Draft};
use domain::lead::LeadId;
use domain::lead_stats::LeadStats;
use domain::live::Frame;
use domain::urgent_deletion::UrgentlyDeleted;
use rand::Rng;
use serde_json::json;
use server::store::sql;
use tokio::time::{sleep, timeout};

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::{Layer, PATIENCE};

/// A page asks for its rows at most so often.
const PACE: Duration = Duration::from_secs(1);
/// After the last change the page shows what the database holds within this.
const AT_MOST: Duration = Duration::from_secs(1);
/// The queue's first page has so many rows at most, by ascending lead.
const PAGE: usize = 100;
/// No frame comes by itself any more once none came for so long.
const QUIET: Duration = Duration::from_secs(1);

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p32",
        "the live view is true through cuts and restarts",
        On::Both,
        run,
    )
    .alone()
}

/// What a page of the Deletion Queue shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    /// What the numbers were read at.
    sequence: i64,
    stats: LeadStats,
    /// What the rows were read at: a frame that was under way meanwhile is older than they are.
    rows_at: i64,
    rows: Vec<LeadId>,
}

/// What the client and its tormentor share.
#[derive(Default)]
struct Shared {
    shown: Mutex<Shown>,
    /// Sequences that were lower than one before, each in words.
    fell: Mutex<Vec<String>>,
    frames: AtomicU64,
    /// Cut the stream now.
    cut: AtomicBool,
    /// Wait between reading and opening the stream.
    hold: AtomicBool,
    /// It waits there.
    held: AtomicBool,
    stop: AtomicBool,
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let (changes, cuts) = (task.figure(300, 10_000), task.figure(10, 50));
    let restarts = 2;
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let open = ground.open().await?;
    let leads = open.add_leads(changes * 2 + 100).await?;
    open.close().await;
    let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
    let manager = Browser::sign_in(&address, "manager@demo.test").await?;
    let admin = Browser::sign_in(&address, "admin@demo.test").await?;
    let shared: Arc<Shared> = Arc::default();
    let page = tokio::spawn(page(admin.clone(), shared.clone()));

    let mut fresh = leads.iter().copied();
    for change in 0..changes {
        // The server is there at each: whatever is refused is a change that would test nothing.
        let which = random.random_range(0..10);
        if let Err(error) = make(&manager, &admin, &mut fresh, which).await {
            report.broke(format!("change {which} was refused: {error:#}"));
        }
        report.tries += 1;
        if change % (changes / cuts).max(1) == 3 {
            shared.cut.store(true, Ordering::SeqCst);
            report.faults += 1;
        }
        if change % (changes / (restarts + 1)) == changes / (restarts + 1) - 1
            && change + 1 < changes
        {
            layer.kill()?;
            (layer, _) = Layer::serve(&ground, &address).await?;
            report.faults += 1;
        }
    }
    // At last something stays in the queue. It happens between what the page read and the opening of its stream: nothing
    // that comes after would mend what is missed there.
    shared.hold.store(true, Ordering::SeqCst);
    shared.cut.store(true, Ordering::SeqCst);
    report.faults += 1;
    timeout(PATIENCE, async {
        while !shared.held.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .context("the page never read again")?;
    admin.ask::<()>("queue/pause", &json!({})).await?;
    let last: Vec<LeadId> = fresh.take(30).collect();
    order(&manager, &last).await?;
    // Nor the frame that tells that the stacks were counted: it was sent before.
    let mut frames = admin.live(0).await?;
    while let Ok(frame) = timeout(QUIET, frames.frame()).await {
        frame?.context("the stream ended")?;
    }
    shared.hold.store(false, Ordering::SeqCst);
    let begun = Instant::now();
    let is_true = wait_until_true(&ground, &shared, begun, &last).await?;
    report.lost += u64::from(is_true.is_none());
    report.measured.push(format!(
        "{} frames for {changes} changes; true {} ms after the last one",
        shared.frames.load(Ordering::SeqCst),
        is_true.map_or("never".into(), |time| time.as_millis().to_string())
    ));
    for fell in shared.fell.lock().unwrap().drain(..) {
        report.broke(fell);
    }
    shared.stop.store(true, Ordering::SeqCst);
    page.abort();
    layer.kill()?;
    invariants::check_ground(&ground, leads.len() as u64, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// One change by a person.
async fn make(
    manager: &Browser,
    admin: &Browser,
    fresh: &mut impl Iterator<Item = LeadId>,
    which: u8,
) -> Result<()> {
    match which {
        0 => admin.ask::<()>("queue/pause", &json!({})).await?,
        1 => admin.ask::<()>("queue/resume", &json!({})).await?,
        2 => {
            let lead = fresh.next().context("no lead is left")?;
            let urgent = json!({ "urgent": { "lead": lead, "because":
                { "reason": "outdated", "details": "", "sentence_confirmed": false } } });
            let gone: UrgentlyDeleted = manager.ask("urgent-deletions/delete-now", &urgent).await?;
            ensure!(gone.erased, "{}", gone.message);
        }
        3 => {
            let lead = fresh.next().context("no lead is left")?;
            let confirmed = order(manager, &[lead]).await?;
            let undo = json!({ "order": confirmed.order });
            // The queue may have been faster: then it is told that the lead is gone.
            let _: Undone = manager.ask("orders/undo", &undo).await?;
        }
        _ => {
            let lead = fresh.next().context("no lead is left")?;
            order(manager, &[lead]).await?;
        }
    }
    Ok(())
}

async fn order(manager: &Browser, leads: &[LeadId]) -> Result<Confirmed> {
    let asked = json!({ "stack": 1, "selection": { "Leads": leads } });
    let draft: Draft = manager.ask("drafts/leads", &asked).await?;
    let confirmation = json!({ "confirmation": { "draft": draft.id, "reason": "outdated", "details": "", "typed": "",
        "sentence_confirmed": false } });
    manager.ask("drafts/confirm", &confirmation).await
}

/// The page: reads, opens the stream from what it read, asks for rows when the sequence has grown, and begins again where
/// the stream breaks.
async fn page(browser: Browser, shared: Arc<Shared>) {
    while !shared.stop.load(Ordering::SeqCst) {
        if look(&browser, &shared).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn look(browser: &Browser, shared: &Shared) -> Result<()> {
    let management: LeadManagement = browser.ask("queue/lead-management", &json!({})).await?;
    // What the numbers were read at; the rows may be newer.
    let since = management.sequence;
    note(shared, "the page", management.sequence, management.stats);
    let (mut asked_at, mut owed) = (Instant::now(), false);
    rows(browser, shared).await?;
    while shared.hold.load(Ordering::SeqCst) {
        shared.held.store(true, Ordering::SeqCst);
        sleep(Duration::from_millis(5)).await;
    }
    let mut stream = browser.live(since).await?;
    loop {
        if shared.cut.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let wait = if owed {
            PACE.saturating_sub(asked_at.elapsed())
        } else {
            Duration::from_millis(200)
        };
        match timeout(wait, stream.frame()).await {
            Ok(frame) => {
                let Some(frame) = frame? else { return Ok(()) };
                let frame: Frame = serde_json::from_str(&frame)?;
                shared.frames.fetch_add(1, Ordering::SeqCst);
                note(shared, "a frame", frame.sequence, frame.stats);
                owed = true;
            }
            Err(_) if owed => {}
            Err(_) => continue,
        }
        if owed && asked_at.elapsed() >= PACE {
            rows(browser, shared).await?;
            (asked_at, owed) = (Instant::now(), false);
        }
    }
}

async fn rows(browser: &Browser, shared: &Shared) -> Result<()> {
    let request = json!({ "request": QueueRequest::default() });
    let page: QueuePage = browser.ask("queue/rows", &request).await?;
    let mut shown = shared.shown.lock().unwrap();
    grows(shared, "the rows", &mut shown.rows_at, page.sequence);
    shown.rows = page.rows.iter().map(|row| row.lead).collect();
    Ok(())
}

/// Numbers were read, in this.
fn note(shared: &Shared, within: &str, sequence: i64, stats: LeadStats) {
    let mut shown = shared.shown.lock().unwrap();
    grows(shared, within, &mut shown.sequence, sequence);
    shown.stats = stats;
}

/// The sequence of what was read is no lower than the one before.
fn grows(shared: &Shared, of: &str, from: &mut i64, to: i64) {
    if to < *from {
        let fell = format!("the sequence of {of} fell from {from} to {to}");
        shared.fell.lock().unwrap().push(fell);
    }
    *from = to.max(*from);
}

/// How long it took until the page shows what the database holds; `None` where it takes too long.
async fn wait_until_true(
    ground: &Ground,
    shared: &Shared,
    begun: Instant,
    last: &[LeadId],
) -> Result<Option<Duration>> {
    let open = ground.open().await?;
    let now = open.now();
    let stats = server::store::lead_stats::recount(open.reader(), now).await?;
    let sequence = open.sequence().await?;
    let first = format!("SELECT lead FROM open_deletion ORDER BY lead LIMIT {PAGE}");
    let first: Vec<i64> = sql::column(open.reader(), &first, []).await?;
    let rows: Vec<LeadId> = first.into_iter().map(LeadId).collect();
    open.close().await;
    ensure!(
        stats.deletions_waiting >= last.len() as u64,
        "nothing waits"
    );
    while begun.elapsed() < AT_MOST + PACE {
        let shown = shared.shown.lock().unwrap().clone();
        if shown.rows == rows
            && shown.stats == stats
            && [shown.sequence, shown.rows_at] == [sequence; 2]
        {
            let time = begun.elapsed();
            return Ok((time <= AT_MOST).then_some(time));
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(None)
}
