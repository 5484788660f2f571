//! P35: clock trouble. While the clock steps to and fro nothing goes early, nothing twice, and the audit log's time never
//! falls.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::audit::{CLOCK_ADJUSTED, decode_facts};
use domain::business_hours::{BusinessHours, Hours};
use domain::time::{HOUR, MINUTE, Millis};
use rand::Rng;
use server::clock::{Clock, SetClock};
use server::store::sql;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Time};
use crate::invariants;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p35",
        "the clock steps: nothing goes early, nothing twice",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let clock = SetClock::new(NIGHT);
    let ground = Ground::new(&task.engine, Time::Set(clock.clone())).await?;
    let open = ground.open().await?;
    let day = Some(Hours {
        from: 7 * 60,
        to: 19 * 60,
    });
    let hours = BusinessHours {
        zone: "Europe/Berlin".into(),
        week: [day; 7],
        closed_days: Vec::new(),
    };
    open.set("business_hours", &serde_json::to_string(&hours)?)
        .await?;
    open.set("undo_minutes", "10").await?;
    let steps = task.figure(300, 3_000);
    let leads = open.add_leads(steps * 3).await?;
    // The latest instant at which a lead may still have been kept back, by the clock that counted when it was ordered.
    let mut not_before: BTreeMap<i64, i64> = BTreeMap::new();
    for leads in leads.chunks(3) {
        report.tries += 1;
        open.delete("Manager", "outdated", leads).await?;
        let until = clock.now().plus(10 * MINUTE);
        not_before.extend(leads.iter().map(|lead| (lead.0, until.0)));
        open.drain().await?;
        // Half the time it goes on as it should; else it steps, an hour at most, either way.
        if random.random_bool(0.5) {
            clock.advance(random.random_range(0..20 * MINUTE));
        } else {
            report.faults += 1;
            clock.advance(random.random_range(-HOUR..HOUR));
        }
        open.drain().await?;
    }
    let calendar = open.calendar().await?;
    let erased: Vec<(i64, i64)> = sql::tuples(
        open.reader(),
        "SELECT lead, at FROM deletion WHERE state = 'erased'",
        [],
    )
    .await?;
    report.holds(!erased.is_empty(), || "nothing was erased".into());
    for (lead, at) in &erased {
        report.holds(*at >= not_before[lead], || {
            format!("L-{lead} went before its undo time was over")
        });
        report.holds(calendar.queue_may_run(Millis(*at)), || {
            format!("L-{lead} went in business hours")
        });
    }
    let facts: Vec<Vec<u8>> =
        sql::column(open.reader(), "SELECT facts FROM audit_entry", []).await?;
    let adjusted = facts
        .iter()
        .flat_map(|facts| decode_facts(facts).unwrap_or_default())
        .filter(|(name, _)| name == CLOCK_ADJUSTED)
        .count();
    report.holds(adjusted > 0, || {
        "no entry says that its clock was put back".into()
    });
    report
        .measured
        .push(format!("{adjusted} entries say what their clock said"));
    report.measured.push(format!(
        "{} of {} leads went while the clock stepped {} times",
        erased.len(),
        leads.len(),
        report.faults
    ));
    // Once it goes right again, the rest goes too.
    let latest = not_before.values().max().copied().unwrap_or(0);
    clock.set(calendar.next_run(Millis(latest)));
    open.drain().await?;
    let left = open.number("SELECT COUNT(*) FROM lead").await?;
    report.lost += left.unsigned_abs();
    invariants::check(&open, leads.len() as u64, &mut report).await?;
    open.close().await;
    ground.done().await?;
    Ok(report)
}
