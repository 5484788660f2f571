//! The queue's worker: sleeps until something is due or its bell rings, runs outside business hours or when told, and
//! leaves nothing behind that was erased.
//!
//! It is safe to kill at any instant and to run beside others: whatever it does is one of [`Store::batch`]'s
//! transactions.

use std::sync::Arc;
use std::time::Duration;

use domain::audit::ActorRef;
use domain::time::{DAY, HOUR, Millis};
use domain::{Error, Result};
use tokio::sync::watch;

use crate::database::{Hold, Priority, Turn};
use crate::store::batch::{Due, Pass};
use crate::store::claim::Settled;
use crate::store::queue_run::{self, RUN_NOW, Run, WORKER};
use crate::store::{Store, ask_first, audit, security_event, setting, sql};

/// It looks around at least so often, also where no bell rings: another process may have ordered something.
const LOOK_AROUND: Duration = Duration::from_secs(15);
/// Between two batches, so that whoever waits for the lock in another process gets it: SQLite's lock isn't fair.
const BREATH: Duration = Duration::from_millis(5);
/// After a fault it waits so long before it tries again.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);
/// A batch that another transaction was in the way of is tried again so often …
const MOST_BUSY: u32 = 4;
/// … after so long, and longer each time.
const AFTER_BUSY: Duration = Duration::from_millis(20);
/// An unused draft goes when it expires; a used one answers its repeats for so long.
const ANSWERS_FOR: i64 = 48 * HOUR;
/// What is left of a run is in other hands: it looks again after so long.
const IN_OTHER_HANDS: Duration = Duration::from_millis(250);
/// A draft that goes: unused at `$1`, used at `$2`.
const STALE_DRAFT: &str =
    "asked_at IS NULL AND (expires_at <= $1 AND body_digest IS NULL OR expires_at <= $2)";
/// An upload that goes with its file: nobody started its import until a day after it, `$3`.
const STALE_PREVIEW: &str = "state = 'preview' AND at <= $3";

/// What is to be run now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plan {
    /// Nothing; look again at this instant at the latest.
    Rest(Option<Millis>),
    /// What is due, as long as business hours don't begin.
    WithinHours,
    /// What a Layer Admin told it to run.
    Told(Run),
}

/// Works until `stop` says so; the batch that is on ends first.
pub async fn work(store: Arc<Store>, mut stop: watch::Receiver<bool>) {
    if let Err(error) = forget_broken_run(&store).await {
        tracing::error!(%error, "the queue's worker");
    }
    while !*stop.borrow() {
        let rest = match turn(&store, &stop).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(%error, "the queue's worker");
                AFTER_A_FAULT
            }
        };
        tokio::select! {
            () = store.queue_bell().notified() => {}
            () = tokio::time::sleep(rest) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Does what is to be done now; how long it may rest.
async fn turn(store: &Store, stop: &watch::Receiver<bool>) -> Result<Duration> {
    purge(store).await?;
    store.fold_lead_stats().await?;
    loop {
        match plan(store).await? {
            Plan::Rest(until) => {
                forget_broken_run(store).await?;
                if store.wants_scrub() {
                    scrub(store).await?;
                }
                let millis = until.map_or(u64::MAX, |until| {
                    u64::try_from(until.0 - store.now().0).unwrap_or(0)
                });
                return Ok(LOOK_AROUND.min(Duration::from_millis(millis.max(10))));
            }
            Plan::WithinHours => {
                let settled = run(store, Due::OutsideHours, ActorRef::Worker, stop).await?;
                // Something is due that can't be taken now: another node has it.
                if settled == Settled::default() {
                    return Ok(AFTER_A_FAULT);
                }
            }
            Plan::Told(told) => {
                run_told(store, &told, ActorRef::Worker, stop).await?;
            }
        }
        if *stop.borrow() {
            return Ok(Duration::ZERO);
        }
    }
}

async fn plan(store: &Store) -> Result<Plan> {
    let on = store.reader();
    if setting::paused(on).await?.is_some() {
        return Ok(Plan::Rest(None));
    }
    if let Some(run) = queue_run::current(on).await?
        && run.cause == RUN_NOW
    {
        return Ok(Plan::Told(run));
    }
    let Some(due) = store.next_due(on).await? else {
        return Ok(Plan::Rest(None));
    };
    let now = store.now();
    let next = store.calendar(on).await?.next_run(due.max(now));
    Ok(if next <= now {
        Plan::WithinHours
    } else {
        Plan::Rest(Some(next))
    })
}

/// Runs what is due now, in this call: all of it, or (`hours`) only where the business hours let it. `layer queue run`
/// minds neither hours nor undo time; Pause it obeys.
pub async fn drain(store: &Store, hours: bool, by: ActorRef) -> Result<Settled> {
    let (_keep, stop) = watch::channel(false);
    if !hours {
        return run(store, Due::Younger, by, &stop).await;
    }
    let mut all = Settled::default();
    loop {
        match plan(store).await? {
            Plan::Rest(_) => return Ok(all),
            Plan::WithinHours => {
                let settled = run(store, Due::OutsideHours, by, &stop).await?;
                if settled == Settled::default() {
                    return Ok(all);
                }
                all.add(settled);
            }
            Plan::Told(told) => all.add(run_told(store, &told, by, &stop).await?),
        }
    }
}

/// One run, with its progress.
async fn run(
    store: &Store,
    due: Due,
    by: ActorRef,
    stop: &watch::Receiver<bool>,
) -> Result<Settled> {
    let (_running, alone) = join_run(store).await?;
    let writing = store.begin(Priority::Queue).await?;
    queue_run::begin(&writing, WORKER, due == Due::Younger, alone).await?;
    let announced = queue_run::current(writing.tx())
        .await?
        .filter(|run| run.cause == WORKER);
    writing.commit_quietly().await?;
    let settled = batches(store, due, by, stop).await?;
    if let Some(run) = announced {
        over(store, &run).await?;
    }
    Ok(settled)
}

/// The run that somebody asked for. Broken off by a stop, it goes on with the next start.
async fn run_told(
    store: &Store,
    told: &Run,
    by: ActorRef,
    stop: &watch::Receiver<bool>,
) -> Result<Settled> {
    let due = if told.also_younger {
        Due::Younger
    } else {
        Due::OnTime
    };
    let mut settled = batches(store, due, by, stop).await?;
    while !*stop.borrow() {
        let on = store.reader();
        // Another node's batch may yet be rolled back; Pause ends the run.
        let is_on = queue_run::current(on).await?.as_ref() == Some(told);
        if !is_on || !queue_run::is_left(on, told, store.now()).await? {
            over(store, told).await?;
            break;
        }
        tokio::time::sleep(IN_OTHER_HANDS).await;
        settled.add(batches(store, due, by, stop).await?);
    }
    Ok(settled)
}

/// Batches until nothing is left, the hours begin, or somebody pauses.
async fn batches(
    store: &Store,
    due: Due,
    by: ActorRef,
    stop: &watch::Receiver<bool>,
) -> Result<Settled> {
    let (mut pass, mut all) = (Pass::new(due), Settled::default());
    let mut busy = 0;
    loop {
        let settled = match store.batch(&mut pass, by).await {
            Ok(Some(settled)) => settled,
            Ok(None) => break,
            // Nothing of it was done, and its leads come again in the same pass.
            Err(Error::Busy) if busy < MOST_BUSY => {
                busy += 1;
                tokio::time::sleep(busy * busy * AFTER_BUSY).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        busy = 0;
        all.add(settled);
        if settled.erased > 0 {
            store.scrub_later();
        }
        if *stop.borrow() {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    if all.erased > 0 {
        scrub(store).await?;
        tracing::info!(
            erased = all.erased,
            skipped = all.skipped,
            failed = all.failed,
            "the queue ran"
        );
    }
    Ok(all)
}

async fn over(store: &Store, run: &Run) -> Result<()> {
    let writing = store.begin(Priority::Queue).await?;
    queue_run::end(&writing, Some(run)).await?;
    writing.commit_quietly().await?;
    store.checkpoint_soon();
    // What changed without an entry (the progress) reaches the pages by a frame of the same sequence.
    store.tell(audit::sequence(store.reader()).await?);
    Ok(())
}

/// Says to the other nodes that this one is at a run, until it is dropped; whether no other is.
async fn join_run(store: &Store) -> Result<(Hold, bool)> {
    let database = store.database();
    let alone = database.try_hold(Turn::Running).await;
    let alone = alone.map_err(sql::internal)?.is_some();
    let running = database.hold(Turn::Running, false).await;
    Ok((running.map_err(sql::internal)?, alone))
}

/// A run whose process was killed is on no more, unless another node is at it.
async fn forget_broken_run(store: &Store) -> Result<()> {
    let Some(run) = queue_run::current(store.reader())
        .await?
        .filter(|run| run.cause == WORKER)
    else {
        return Ok(());
    };
    match store.database().try_hold(Turn::Running).await {
        Ok(Some(_nobody)) => over(store, &run).await,
        Ok(None) => Ok(()),
        Err(error) => Err(sql::internal(error)),
    }
}

/// Empties the write-ahead log; where a reader is in the way, again and again for a moment, and else the next time.
async fn scrub(store: &Store) -> Result<()> {
    for _ in 0..20 {
        store.scrub_begins();
        let emptied = store.database().checkpoint().await;
        if let Ok(true) = emptied {
            return Ok(());
        }
        store.scrub_later();
        emptied.map_err(sql::internal)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Drafts that expired, with their frozen leads, uploads whose preview was left for a day, and old security events.
pub async fn purge(store: &Store) -> Result<()> {
    let now = store.now();
    let (unused, used, left) = (now.0, now.plus(-ANSWERS_FOR).0, now.plus(-DAY).0);
    let stale = sql::value::<i64, _>(
        store.reader(),
        &format!(
            "SELECT (SELECT COUNT(*) FROM draft WHERE {STALE_DRAFT}) \
             + (SELECT COUNT(*) FROM import WHERE {STALE_PREVIEW})"
        ),
        sql::values![unused, used, left],
    )
    .await?;
    let asked = ask_first::is_stale(store.reader(), now).await?;
    let events = security_event::is_stale(store.reader(), now).await?;
    if stale.unwrap_or(0) == 0 && !asked && !events {
        return Ok(());
    }
    let writing = store.begin(Priority::Queue).await?;
    ask_first::purge(&writing).await?;
    if events {
        security_event::purge(&writing).await?;
    }
    sql::execute(
        writing.tx(),
        &format!("DELETE FROM draft WHERE {STALE_DRAFT}"),
        sql::values![unused, used],
    )
    .await?;
    sql::execute(
        writing.tx(),
        &format!(
            "DELETE FROM import WHERE {}",
            STALE_PREVIEW.replace("$3", "$1")
        ),
        sql::values![left],
    )
    .await?;
    writing.commit_quietly().await?;
    store.scrub_soon();
    Ok(())
}
