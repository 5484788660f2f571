//! P11 and P13: of several who reach for one lead at once, one has it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use domain::audit::ActorRef;
use domain::ports::{Removals, UrgentDeletions};
use domain::removal::{Removal, Removed};
use domain::urgent_deletion::{Because, UrgentDeletion, UrgentlyDeleted};
use rand::Rng;
use rand::rngs::StdRng;
use server::clock::SetClock;
use server::store::Store;
use server::store::claim::Settled;
use server::worker;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::frame::{On, Promise, Report};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;

/// Leads in a race between Remove Deletions and a run.
const LEADS: usize = 10;

/// Who won moves the next start by so many microseconds, and by as many more each time in a row.
const STEP: i64 = 200;

/// When two start, so that each wins as often as the other, however long either takes on this database and machine: a race
/// that one of them always wins is none.
#[derive(Debug, Default)]
struct Starts {
    /// So many microseconds the first starts later than the second; below 0 it starts earlier.
    later: i64,
    first_won: u64,
    second_won: u64,
    /// So often the same one has won in a row; below 0 it is the second.
    in_a_row: i64,
}

impl Starts {
    /// How long each waits, in microseconds: about as it is known to be even.
    fn draw(&self, random: &mut StdRng) -> (u64, u64) {
        let later = self.later + random.random_range(-2_000..2_000);
        (later.max(0).unsigned_abs(), later.min(0).unsigned_abs())
    }

    fn note(&mut self, first_won: bool) {
        self.in_a_row = if first_won {
            self.first_won += 1;
            self.in_a_row.max(0) + 1
        } else {
            self.second_won += 1;
            self.in_a_row.min(0) - 1
        };
        self.later += STEP * self.in_a_row;
    }

    /// Reports who won how often, and where one hardly ever did.
    fn tell(&self, first: &str, second: &str, report: &mut Report) {
        let (one, two) = (self.first_won, self.second_won);
        let words = format!("{one} races were won by {first}, {two} by {second}");
        report.holds(one.min(two) * 20 > one + two, || {
            format!("{words}: that is no race")
        });
        report.measured.push(words);
    }
}

/// Remove Deletions against the run.
pub fn removal_or_run() -> Promise {
    Promise::new(
        "p11",
        "Remove Deletions and a run never both win",
        On::Both,
        |task| async move {
            let (mut report, mut random) = (Report::default(), task.random());
            let ground = Ground::new(&task.engine, Time::Set(SetClock::new(NIGHT))).await?;
            let (person, other) = (ground.open().await?, ground.open().await?);
            let (mut added, mut starts) = (0, Starts::default());
            for _ in 0..task.figure(500, 10_000) {
                report.tries += 1;
                // Those that a removal saved wait in the work stack: the next race takes them again.
                let there = person.number("SELECT COUNT(*) FROM lead").await? as usize;
                if there < LEADS {
                    person.add_leads(LEADS - there).await?;
                    added += (LEADS - there) as u64;
                }
                let order = person.delete_all("outdated").await?;
                let (wait, other_waits) = starts.draw(&mut random);
                let preview = person
                    .removal_preview(person.granted("Manager").await?, String::new())
                    .await?;
                let removal = Removal {
                    search: String::new(),
                    groups: preview.groups,
                    note: "Ordered by mistake".into(),
                };
                let by = person.granted("Manager").await?;
                let remover = person.shared();
                let removing = tokio::spawn(async move {
                    sleep(Duration::from_micros(wait)).await;
                    remover.remove(by, removal).await
                });
                let running = run(&other, other_waits);
                let (taken_off, ran): (domain::Result<Removed>, _) =
                    (removing.await?, running.await?);
                let (taken_off, ran) = (taken_off?, ran?);
                let id = order.0.simple().to_string();
                let blob = if ground.is_shared() {
                    format!("'\\x{id}'")
                } else {
                    format!("x'{id}'")
                };
                let count = |state: &str| {
                    format!(
                        "SELECT COUNT(*) FROM deletion WHERE deletion_order = {blob} AND state = '{state}'"
                    )
                };
                let (erased, off) = (
                    person.number(&count("erased")).await?,
                    person.number(&count("removed")).await?,
                );
                // The toast says what the log says, and every lead has one end.
                report.holds(taken_off.count as i64 == off, || {
                    format!("the toast says {} removed, the log {off}", taken_off.count)
                });
                report.holds(ran.erased == erased, || {
                    format!("the run says {} erased, the log {erased}", ran.erased)
                });
                report.lost += (LEADS as i64).saturating_sub(erased + off).max(0) as u64;
                report.doubled += (erased + off).saturating_sub(LEADS as i64).max(0) as u64;
                report.faults += 1;
                starts.note(off > 0);
            }
            starts.tell("the removal", "the run", &mut report);
            invariants::check(&person, added, &mut report).await?;
            person.close().await;
            other.close().await;
            ground.done().await?;
            Ok(report)
        },
    )
}

/// Two people with the X, and the worker.
pub fn two_people_and_the_worker() -> Promise {
    Promise::new(
        "p13",
        "two people and the worker on one lead: one effect",
        On::Both,
        |task| async move {
            let (mut report, mut random) = (Report::default(), task.random());
            let ground = Ground::new(&task.engine, Time::Set(SetClock::new(NIGHT))).await?;
            let (one, two, three) = (
                ground.open().await?,
                ground.open().await?,
                ground.open().await?,
            );
            let races = task.figure(500, 10_000);
            let leads = one.add_leads(races).await?;
            let mut starts = Starts::default();
            for lead in leads {
                report.tries += 1;
                let queued = random.random_bool(0.7);
                if queued {
                    one.delete("Manager", "outdated", &[lead]).await?;
                }
                let urgent = |reason: &str| UrgentDeletion {
                    lead,
                    because: Some(Because {
                        reason: reason.into(),
                        details: String::new(),
                        sentence_confirmed: true,
                    }),
                };
                let (people_wait, worker_waits) = starts.draw(&mut random);
                let mut wait = || people_wait + random.random_range(0..2_000);
                let first = press(&one, "Manager", urgent("outdated"), wait()).await?;
                let second = press(&two, "Layer Admin", urgent("outdated"), wait()).await?;
                let running = run(&three, worker_waits);
                let (first, second, ran) = (first.await?, second.await?, running.await??);
                for pressed in [first, second] {
                    match pressed {
                        Ok(gone) => report.holds(gone.erased, || gone.message.clone()),
                        Err(error) => report.broke(format!("who came too late reads: {error}")),
                    }
                }
                let effects = format!(
                    "SELECT COUNT(*) FROM deletion WHERE lead = {} AND state = 'erased'",
                    lead.0
                );
                match one.number(&effects).await? {
                    1 => {}
                    0 => report.lost += 1,
                    more => report.doubled += more.unsigned_abs() - 1,
                }
                // Where nobody had ordered it the worker has nothing to do.
                if queued {
                    starts.note(ran.erased == 0);
                }
                report.faults += 2;
            }
            starts.tell("one of the two people", "the worker", &mut report);
            invariants::check(&one, races as u64, &mut report).await?;
            for open in [one, two, three] {
                open.close().await;
            }
            ground.done().await?;
            Ok(report)
        },
    )
}

/// The worker runs what is due, so many microseconds from now.
fn run(open: &Open, after: u64) -> JoinHandle<domain::Result<Settled>> {
    let store = open.shared();
    tokio::spawn(async move {
        sleep(Duration::from_micros(after)).await;
        worker::drain(&store, true, ActorRef::Worker).await
    })
}

/// Somebody presses OK, so many microseconds from now.
async fn press(
    open: &Open,
    role: &str,
    urgent: UrgentDeletion,
    after: u64,
) -> Result<JoinHandle<domain::Result<UrgentlyDeleted>>> {
    let by = open.granted(role).await?;
    let store: Arc<Store> = open.shared();
    Ok(tokio::spawn(async move {
        sleep(Duration::from_micros(after)).await;
        store.delete_now(by, urgent).await
    }))
}
