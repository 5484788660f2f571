//! P35: clock trouble. While the clock steps to and fro nothing goes early, nothing twice, and the audit log's time never
//! falls. Of several nodes whose machines disagree none goes by its own clock.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::audit::{CLOCK_ADJUSTED, decode_facts};
use domain::business_hours::{BusinessHours, Hours};
use domain::time::{HOUR, MINUTE, Millis};
use rand::Rng;
use server::clock::{Clock, SetClock, SystemClock};
use server::store::sql;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Open, Time};
use crate::invariants;

/// So much the machines of two nodes are wrong, one either way.
const WRONG_BY: i64 = 10 * MINUTE;

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
    let calendar = open.calendar(open.reader()).await?;
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
    if ground.is_shared() {
        nodes(&task, &mut report).await?;
    }
    ground.done().await?;
    Ok(report)
}

/// Three nodes of which two have the wrong time, by their machines: whatever one of them orders and another runs, it is due
/// when the database says so.
async fn nodes(task: &Task, report: &mut Report) -> Result<()> {
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let mut nodes = Vec::new();
    for wrong_by in [-WRONG_BY, 0, WRONG_BY] {
        let node = ground.open_by(SystemClock::wrong_by(wrong_by)).await?;
        // As every process does when it opens the database, and once a minute after.
        node.set_clock().await?;
        nodes.push(node);
    }
    let leads = nodes[0].add_leads(task.figure(90, 900)).await?;
    let mut leads_left = leads.chunks(leads.len() / 9);
    // Less than they disagree by: one of them would take it for over, or not for begun.
    for (undo_minutes, are_due) in [("9", false), ("0", true)] {
        nodes[1].set("undo_minutes", undo_minutes).await?;
        for node in &nodes {
            let leads = leads_left.next().unwrap_or_default();
            node.delete("Manager", "outdated", leads).await?;
            report.tries += leads.len() as u64;
            let expected = if are_due { leads.len() as i64 } else { 0 };
            let erased = drain(&nodes).await?;
            report.holds(erased == expected, || {
                format!("with {undo_minutes} minutes for undo {erased} of {expected} went at once")
            });
        }
    }
    // It is business hours, for five minutes to come and gone. For who is ten minutes off it isn't.
    let now = nodes[1].now();
    let hours_off_noon = now.0.rem_euclid(24 * HOUR) / HOUR - 12;
    let minute = u16::try_from(now.0.rem_euclid(HOUR) / MINUTE)?;
    let noon = Some(Hours {
        from: 12 * 60 + minute - 5,
        to: 12 * 60 + minute + 6,
    });
    let open = BusinessHours {
        zone: format!("Etc/GMT{hours_off_noon:+}"),
        week: [noon; 7],
        closed_days: Vec::new(),
    };
    let closed = BusinessHours {
        week: [None; 7],
        ..open.clone()
    };
    nodes[1]
        .set("business_hours", &serde_json::to_string(&open)?)
        .await?;
    let mut ordered = 0;
    for node in &nodes {
        let leads = leads_left.next().unwrap_or_default();
        node.delete("Manager", "outdated", leads).await?;
        ordered += leads.len() as i64;
        let erased = drain(&nodes).await?;
        report.holds(erased == 0, || {
            format!("{erased} went in business hours, of a node whose machine says otherwise")
        });
    }
    report.tries += ordered.unsigned_abs();
    nodes[1]
        .set("business_hours", &serde_json::to_string(&closed)?)
        .await?;
    let erased = drain(&nodes).await?;
    report.lost += (ordered - erased).unsigned_abs();
    invariants::check(&nodes[1], leads.len() as u64, report).await?;
    report.measured.push(format!(
        "three nodes, {} minutes apart by their machines",
        WRONG_BY / MINUTE
    ));
    for node in nodes {
        node.close().await;
    }
    ground.done().await
}

/// Each node runs what it takes for due; how many leads went.
async fn drain(nodes: &[Open]) -> Result<i64> {
    let mut erased = 0;
    for node in nodes {
        erased += node.drain().await?.erased;
    }
    Ok(erased)
}
