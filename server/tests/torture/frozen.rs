//! P8: Delete All deletes what the dialog showed, and no more.

use std::time::Instant;

use anyhow::Result;
use domain::ports::Drafts;
use server::clock::SetClock;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Time, confirmation};
use crate::invariants;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p8",
        "Delete All deletes what you saw, no more",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let clock = SetClock::new(NIGHT);
    let ground = Ground::new(&task.engine, Time::Set(clock.clone())).await?;
    let open = ground.open().await?;
    let leads = task.figure(5_000, 100_000);
    let seen = open.add_leads(leads).await?;
    let begun = Instant::now();
    let draft = open.draft_all().await?;
    report.measured.push(format!(
        "a draft of {leads} leads: {:.2} s",
        begun.elapsed().as_secs_f64()
    ));
    clock.advance(1);

    // While the dialog is open 1,000 come, 500 change, 100 go.
    open.add_leads(1_000).await?;
    let (changed, gone) = (&seen[100..600], &seen[..100]);
    open.write(
        "UPDATE lead SET revision = revision + 1 WHERE id BETWEEN $1 AND $2",
        [changed[0].0.into(), changed[499].0.into()],
    )
    .await?;
    open.delete("Layer Admin", "outdated", gone).await?;
    open.drain().await?;
    clock.advance(1);

    let used = confirmation(&draft, "outdated");
    let confirmed = open
        .confirm(open.granted("Manager").await?, used.clone())
        .await?;
    report.tries += leads as u64;
    report.faults += 1_600;
    report.holds(confirmed.deleted == leads as u64 - 600, || {
        confirmed.message.clone()
    });
    open.drain().await?;
    let count = |from: i64, to: i64| {
        let statement = format!("SELECT COUNT(*) FROM lead WHERE id BETWEEN {from} AND {to}");
        let open = &open;
        async move { open.number(&statement).await }
    };
    let new = count(seen[leads - 1].0 + 1, i64::MAX).await?;
    report.doubled += 1_000_u64.saturating_sub(new.unsigned_abs());
    let kept = count(changed[0].0, changed[499].0).await?;
    report.doubled += 500_u64.saturating_sub(kept.unsigned_abs());
    let rest = count(seen[600].0, seen[leads - 1].0).await?;
    report.lost += rest.unsigned_abs();

    // The same confirmation again gets the same answer; every other key opens nothing.
    let again = open
        .confirm(open.granted("Manager").await?, used.clone())
        .await?;
    report.holds(again.order == confirmed.order, || {
        "a repeat made another order".into()
    });
    let before = open.number("SELECT sequence FROM audit_head").await?;
    let fresh = open.draft_all().await?;
    let mut other_reason = used;
    other_reason.reason = "irrelevant".into();
    let foreign = open
        .confirm(
            open.granted("Layer Admin").await?,
            confirmation(&fresh, "outdated"),
        )
        .await;
    let used_up = open
        .confirm(open.granted("Manager").await?, other_reason)
        .await;
    clock.advance(16 * domain::time::MINUTE);
    let expired = open
        .confirm(
            open.granted("Manager").await?,
            confirmation(&fresh, "outdated"),
        )
        .await;
    for (what, answer) in [
        ("another's draft", foreign),
        ("a used draft", used_up),
        ("an expired draft", expired),
    ] {
        report.holds(answer.is_err(), || format!("{what} was confirmed"));
    }
    let after = open.number("SELECT sequence FROM audit_head").await?;
    report.holds(before == after, || {
        "a refused confirmation did something".into()
    });
    invariants::check(&open, leads as u64 + 1_000, &mut report).await?;
    open.close().await;
    ground.done().await?;
    Ok(report)
}
