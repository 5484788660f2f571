//! The database behind the ports: one file a noun, set-sized work as SQL.
//!
//! A change goes: [`Store::begin`], statements, then [`Writing::commit`] with what was done — which writes the one
//! audit entry of the act, last of all — or, for what isn't an act (drafts, sessions), [`Writing::commit_quietly`].
//! Locks are taken in one order everywhere: leads by ascending number, their open deletions, children, orders, stats, head.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::{Act, ActorRef, Fact};
use domain::business_hours::Calendar;
use domain::time::Millis;
use domain::undo_time::UndoTime;
use domain::{Error, Result};
use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction};
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::database::{Database, Priority, WriteTransaction};
use sql::{internal, values};

pub mod account;
pub mod ask_first;
pub mod audit;
pub mod audit_about;
pub mod audit_export;
pub mod audit_log;
pub mod audit_search;
pub mod audit_verify;
pub mod audit_words;
pub mod backup;
pub mod batch;
pub mod checkpoint;
pub mod claim;
pub mod confirmation;
pub mod deletion_chart;
pub mod deletion_order;
pub mod deletion_queue;
pub mod dialect;
pub mod draft;
pub mod duplicate;
pub mod erase;
pub mod erased_lead;
pub mod filter;
pub mod founding;
pub mod health;
pub mod import;
pub mod import_refusals;
pub mod import_rows;
pub mod lead;
pub mod lead_edit;
pub mod lead_stats;
pub mod lead_write;
pub mod live;
pub mod lock;
pub mod member;
pub mod member_write;
pub mod metrics;
pub mod order_row;
pub mod order_text;
pub mod palette;
pub mod password;
pub mod put_back;
pub mod query;
pub mod queue_row;
pub mod queue_run;
pub mod reason;
pub mod removal;
pub mod rights;
pub mod role;
pub mod scope;
pub mod security_event;
pub mod session;
pub mod setting;
pub mod settings;
pub mod sign_in_try;
pub mod snapshot;
pub mod sql;
pub mod stack_count;
pub mod times;
pub mod told;
pub mod undo;
pub mod urgent_deletion;
pub mod verification;
pub mod version;
pub mod view;
pub mod view_rows;
pub mod who_may;
pub mod work_stack;
pub mod work_stack_settings;

/// The ports' implementation.
pub struct Store {
    db: Database,
    clock: Arc<dyn Clock>,
    demo: bool,
    sequence: watch::Sender<i64>,
    queue: Notify,
    imports: Notify,
    scrub: AtomicBool,
    last_write_failed: AtomicBool,
    probe: health::Probe,
    counters: metrics::Counters,
    shown: stack_count::Shown,
    /// One filter that isn't saved is counted at a time, whoever edits.
    previews: Semaphore,
    /// Another node did something.
    heard: Notify,
    verifier: verification::Verifier,
    checkpoints: checkpoint::Kept,
}

impl Store {
    /// On an open, migrated database. `demo`: the demo's people may sign in.
    pub fn new(db: Database, clock: Arc<dyn Clock>, demo: bool) -> Self {
        Self {
            db,
            clock,
            demo,
            sequence: watch::Sender::new(0),
            queue: Notify::new(),
            imports: Notify::new(),
            scrub: AtomicBool::new(false),
            last_write_failed: AtomicBool::new(false),
            probe: health::Probe::default(),
            counters: metrics::Counters::default(),
            shown: stack_count::Shown::default(),
            previews: Semaphore::new(1),
            heard: Notify::new(),
            verifier: verification::Verifier::default(),
            checkpoints: checkpoint::Kept::default(),
        }
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// For reading alone.
    pub fn reader(&self) -> &DatabaseConnection {
        self.db.reader()
    }

    /// The database behind it, to close it.
    pub fn into_database(self) -> Database {
        self.db
    }

    /// Whether the demo's people may sign in.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// What says now.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Tells of every act of this process: the chain's sequence.
    pub fn acts(&self) -> watch::Receiver<i64> {
        self.sequence.subscribe()
    }

    /// Wakes what waits on [`Self::acts`]: another process moved the head, or the clock changed what is shown.
    pub fn tell(&self, sequence: i64) {
        self.sequence.send_replace(sequence);
    }

    /// Another node did something: wakes the live stream, which reads the head, and the worker.
    pub fn hear(&self) {
        self.heard.notify_one();
        self.queue.notify_one();
        self.imports.notify_one();
    }

    /// What the live stream waits on, beside [`Self::acts`].
    pub fn heard(&self) -> &Notify {
        &self.heard
    }

    /// Sets the clock by the database's, where it is one that several nodes share.
    pub async fn set_clock(&self) -> Result<()> {
        if let Some(now) = self.db.now().await.map_err(internal)? {
            self.clock.set_by(Millis(now));
        }
        Ok(())
    }

    /// Wakes the worker, and is what it waits on.
    pub fn queue_bell(&self) -> &Notify {
        &self.queue
    }

    /// Lets the worker empty the write-ahead log soon: something was erased outside a run.
    pub fn scrub_soon(&self) {
        self.scrub.store(true, Ordering::SeqCst);
        self.queue.notify_one();
    }

    /// Whether something erased may still be in the write-ahead log.
    pub fn wants_scrub(&self) -> bool {
        self.scrub.load(Ordering::SeqCst)
    }

    /// The write-ahead log is about to be emptied: of what is erased from now on it may have something again.
    pub fn scrub_begins(&self) {
        self.scrub.store(false, Ordering::SeqCst);
    }

    /// Lets the worker empty it when it next looks around, without a bell: it is at work, or a reader was in its way.
    pub fn scrub_later(&self) {
        self.scrub.store(true, Ordering::SeqCst);
    }

    /// Whether the newest write wasn't committed: who asked for it was refused, or the database refused it.
    pub fn last_write_failed(&self) -> bool {
        self.last_write_failed.load(Ordering::SeqCst)
    }

    /// Begins to write.
    pub async fn begin(&self, priority: Priority) -> Result<Writing<'_>> {
        let inner = self.db.write(priority).await.map_err(internal)?;
        Ok(Writing {
            inner,
            attempt: Attempt {
                failed: &self.last_write_failed,
                committed: false,
            },
            store: self,
            act: Uuid::now_v7(),
            now: self.now(),
            reasons: Mutex::default(),
        })
    }

    /// Business hours in their zone.
    pub async fn calendar<C: ConnectionTrait>(&self, on: &C) -> Result<Calendar> {
        let hours = setting::business_hours(on).await?;
        let zone = zone(&hours.zone)?;
        Ok(Calendar::new(hours, zone))
    }

    /// The undo time.
    pub async fn undo_time(&self) -> Result<UndoTime> {
        setting::undo_time(self.reader()).await
    }
}

/// The zone of that IANA name, from the data in this program: nothing is read from the machine.
pub fn zone(name: &str) -> Result<TimeZone> {
    let known = jiff::tz::db().get(name);
    known.map_err(|_| {
        Error::field(
            "Time zone",
            "This time zone isn't known. Write it as in Europe/London or America/New_York.",
        )
    })
}

/// A change that is being written. Dropped without a commit, nothing of it stays.
pub struct Writing<'a> {
    inner: WriteTransaction<'a>,
    attempt: Attempt<'a>,
    store: &'a Store,
    /// The act's id: its order, its rows and its entry carry it. The asking about a draft takes the draft's.
    pub act: Uuid,
    /// The instant that all of it carries.
    pub now: Millis,
    reasons: Mutex<BTreeSet<String>>,
}

impl Writing<'_> {
    /// The transaction, for statements.
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.inner.tx
    }

    /// Moves a number of Lead stats by `delta`.
    pub async fn add_stat(&self, name: &str, delta: i64) -> Result<()> {
        if delta == 0 {
            return Ok(());
        }
        let statement = dialect::add_to_stat(self.store.db.backend());
        sql::execute(self.tx(), statement, values![name, delta]).await?;
        Ok(())
    }

    /// The act is about deletions for this reason: its entry is found by it.
    pub fn concerns(&self, reason: String) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.insert(reason);
    }

    /// Writes the act's entry and commits. Returns the chain's new sequence.
    pub async fn commit(
        self,
        actor: ActorRef,
        kind: Act,
        facts: Vec<(String, Fact)>,
    ) -> Result<i64> {
        let tx = &self.inner.tx;
        let reasons =
            std::mem::take(&mut *self.reasons.lock().unwrap_or_else(PoisonError::into_inner));
        let subjects = audit_about::subjects(reasons, &facts);
        let sequence = audit::append(tx, self.act, self.now, actor, kind, facts).await?;
        audit_about::keep(tx, sequence, subjects).await?;
        commit(self.inner, self.attempt).await?;
        self.store.tell(sequence);
        self.store.queue.notify_one();
        Ok(sequence)
    }

    /// Commits what isn't an act: drafts, sessions, security events, counts.
    pub async fn commit_quietly(self) -> Result<()> {
        commit(self.inner, self.attempt).await
    }
}

async fn commit(inner: WriteTransaction<'_>, mut attempt: Attempt<'_>) -> Result<()> {
    sql::commit(inner.tx).await?;
    attempt.committed = true;
    Ok(())
}

/// Remembers of a write, when it is over, how it ended.
struct Attempt<'a> {
    failed: &'a AtomicBool,
    committed: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.failed.store(!self.committed, Ordering::SeqCst);
    }
}

/// A fact of an audit entry.
pub fn fact(name: &str, fact: Fact) -> (String, Fact) {
    (name.to_owned(), fact)
}

/// A count as a fact.
pub fn number(name: &str, value: impl TryInto<i64>) -> (String, Fact) {
    fact(name, Fact::Number(value.try_into().unwrap_or(i64::MAX)))
}

/// A code as a fact; never what a person typed.
pub fn word(name: &str, value: &str) -> (String, Fact) {
    fact(name, Fact::Word(value.to_owned()))
}
