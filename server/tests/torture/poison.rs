//! P4: a poison lead never holds up the others, and ends where a person can act.

use std::time::Instant;

use anyhow::Result;
use domain::deletion_queue::{QueueRequest, QueueTab};
use domain::lead::LeadId;
use domain::ports::DeletionQueue;
use domain::time::{HOUR, MINUTE};
use rand::seq::IndexedRandom;
use server::clock::SetClock;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;

/// What is promised holds for an optimised build. Finding a poison lead takes many small statements, and in an unoptimised
/// one it is they that cost several times as much, not the deleting.
const SLOWER: f64 = if cfg!(debug_assertions) { 2.0 } else { 1.0 };

/// The promise.
pub fn promise() -> Promise {
    Promise::new("p4", "a poison lead never holds up others", On::Both, run).alone()
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let leads = task.figure(10_000, 100_000);
    let clean = erase(&task, leads, 0, &mut report).await?;
    report.measured.push(format!("clean: {clean:.2} s"));
    for (one_in, most) in [(1_000, 2.0 * SLOWER), (100, 5.0 * SLOWER)] {
        let took = erase(&task, leads, leads / one_in, &mut report).await?;
        let times = took / clean;
        report.measured.push(format!(
            "{} of {leads} poison: {took:.2} s, {times:.1} times the clean time (at most {most})",
            leads / one_in
        ));
        report.holds(times <= most, || {
            format!("poison of one in {one_in} costs {times:.1} times the clean time")
        });
    }
    Ok(report)
}

/// Erases so many leads of which some are poison; how long the others took, in seconds.
async fn erase(task: &Task, leads: usize, poison: usize, report: &mut Report) -> Result<f64> {
    let clock = SetClock::new(NIGHT);
    let ground = Ground::new(&task.engine, Time::Set(clock.clone())).await?;
    let open = ground.open().await?;
    let all = open.add_leads(leads).await?;
    let bad: Vec<LeadId> = all
        .choose_multiple(&mut task.random(), poison)
        .copied()
        .collect();
    // Half of them are referred to by another record, half a trigger refuses.
    let (restricted, refused) = bad.split_at(poison / 2);
    if poison > 0 {
        poison_them(&open, restricted, refused).await?;
    }
    open.delete_all("outdated").await?;
    let begun = Instant::now();
    let settled = open.drain().await?;
    let took = begun.elapsed().as_secs_f64();
    report.tries += leads as u64;
    report.faults += poison as u64;
    report.lost += settled.erased.abs_diff((leads - poison) as i64);

    // Two tries were made in the run; three more follow, each at its time and not before.
    for wait in [MINUTE, 10 * MINUTE, HOUR] {
        clock.advance(wait - 1);
        let early = open.drain().await?;
        report.holds(early == Default::default(), || {
            "a try was made before its time".into()
        });
        clock.advance(1);
        open.drain().await?;
    }
    let failed = open
        .number("SELECT COUNT(*) FROM open_deletion WHERE state = 'failed' AND tries = 5")
        .await?;
    report.lost += failed.abs_diff(poison as i64);
    invariants::check(&open, leads as u64, report).await?;
    if poison > 0 {
        heal(&open, &bad, report).await?;
    }
    let left = open.number("SELECT COUNT(*) FROM lead").await?;
    report.lost += left.unsigned_abs();
    invariants::check(&open, leads as u64, report).await?;
    open.close().await;
    ground.done().await?;
    Ok(took)
}

async fn poison_them(open: &Open, restricted: &[LeadId], refused: &[LeadId]) -> Result<()> {
    open.write(
        "CREATE TABLE claim (lead BIGINT REFERENCES lead (id) ON DELETE RESTRICT)",
        [],
    )
    .await?;
    open.write("CREATE INDEX claim_lead ON claim (lead)", [])
        .await?;
    open.write("CREATE TABLE refused (lead BIGINT PRIMARY KEY)", [])
        .await?;
    for (table, leads) in [("claim", restricted), ("refused", refused)] {
        for lead in leads {
            let statement = format!("INSERT INTO {table} (lead) VALUES ($1)");
            open.write(&statement, [lead.0.into()]).await?;
        }
    }
    if open.database().file().is_some() {
        open.write(
            "CREATE TRIGGER refuses BEFORE DELETE ON lead WHEN EXISTS (SELECT 1 FROM refused r WHERE r.lead = old.id) \
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
            [],
        )
        .await?;
    } else {
        open.write(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN \
             IF EXISTS (SELECT 1 FROM refused r WHERE r.lead = old.id) THEN RAISE EXCEPTION 'refused'; END IF; \
             RETURN old; END $f$",
            [],
        )
        .await?;
        open.write(
            "CREATE TRIGGER refuses BEFORE DELETE ON lead FOR EACH ROW EXECUTE FUNCTION refuse()",
            [],
        )
        .await?;
    }
    Ok(())
}

/// The rows say why in a sentence that a person can act on; once the cause is gone, Retry erases each.
async fn heal(open: &Open, bad: &[LeadId], report: &mut Report) -> Result<()> {
    let request = QueueRequest {
        tab: QueueTab::Failed,
        ..QueueRequest::default()
    };
    let page = open
        .queue(open.granted("Layer Admin").await?, request)
        .await?;
    for row in &page.rows {
        report.holds(
            row.label.starts_with("Failed: ") && row.label.contains("then press Retry"),
            || format!("a row says `{}`", row.label),
        );
    }
    open.write("DELETE FROM claim", []).await?;
    open.write("DELETE FROM refused", []).await?;
    for lead in bad {
        open.retry(open.granted("Layer Admin").await?, *lead)
            .await?;
    }
    open.drain().await?;
    Ok(())
}
