//! P11 and P13: of several who reach for one lead at once, one has it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use domain::audit::ActorRef;
use domain::ports::{Removals, UrgentDeletions};
use domain::removal::{Removal, Removed};
use domain::urgent_deletion::{Because, UrgentDeletion, UrgentlyDeleted};
use rand::Rng;
use server::clock::SetClock;
use server::store::Store;
use server::worker;
use tokio::time::sleep;

use crate::frame::{On, Promise, Report};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;

/// Leads in a race between Remove Deletions and a run.
const LEADS: usize = 10;

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
            let (mut added, mut removed) = (0, 0);
            for _ in 0..task.figure(500, 10_000) {
                report.tries += 1;
                // Those that a removal saved wait in the work stack: the next race takes them again.
                let there = person.number("SELECT COUNT(*) FROM lead").await? as usize;
                if there < LEADS {
                    person.add_leads(LEADS - there).await?;
                    added += (LEADS - there) as u64;
                }
                let order = person.delete_all("outdated").await?;
                let delay = Duration::from_micros(random.random_range(0..6_000));
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
                    sleep(delay).await;
                    remover.remove(by, removal).await
                });
                let runner = other.shared();
                let running =
                    tokio::spawn(
                        async move { worker::drain(&runner, true, ActorRef::Worker).await },
                    );
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
                removed += i64::from(off > 0);
            }
            report.measured.push(format!(
                "of {} races {removed} were won by the removal",
                report.tries
            ));
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
            let mut by_worker = 0;
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
                let delays: [u64; 3] = std::array::from_fn(|_| random.random_range(0..4_000));
                let first = press(&one, "Manager", urgent("outdated"), delays[0]).await?;
                let second = press(&two, "Layer Admin", urgent("outdated"), delays[1]).await?;
                let runner = three.shared();
                let running = tokio::spawn(async move {
                    sleep(Duration::from_micros(delays[2])).await;
                    worker::drain(&runner, true, ActorRef::Worker).await
                });
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
                by_worker += ran.erased;
                report.faults += 2;
            }
            report.measured.push(format!(
                "of {races} races {by_worker} were won by the worker"
            ));
            invariants::check(&one, races as u64, &mut report).await?;
            for open in [one, two, three] {
                open.close().await;
            }
            ground.done().await?;
            Ok(report)
        },
    )
}

/// Somebody presses OK, so many microseconds from now.
async fn press(
    open: &Open,
    role: &str,
    urgent: UrgentDeletion,
    after: u64,
) -> Result<tokio::task::JoinHandle<domain::Result<UrgentlyDeleted>>> {
    let by = open.granted(role).await?;
    let store: Arc<Store> = open.shared();
    Ok(tokio::spawn(async move {
        sleep(Duration::from_micros(after)).await;
        store.delete_now(by, urgent).await
    }))
}
