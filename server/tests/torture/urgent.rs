//! P7: an urgent deletion waits for nobody, also while the queue is at work.

use std::time::{Duration, Instant};

use anyhow::Result;
use domain::lead::LeadId;
use domain::urgent_deletion::UrgentlyDeleted;
use serde_json::json;

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::Layer;

/// So many are pressed, a few at a time, and then as many all at once.
const URGENT: usize = 50;
/// How many at a time, and how many seconds none takes longer than. All at once they wait for each other on PostgreSQL, where an
/// unoptimised build takes several times as long for each.
const AT_A_TIME: [(usize, u64); 2] = if cfg!(debug_assertions) {
    [(5, 2), (URGENT, 5)]
} else {
    [(5, 1), (URGENT, 1)]
};

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p7",
        "an urgent deletion takes a second while the queue runs",
        On::Both,
        run,
    )
    .alone()
}

async fn run(task: Task) -> Result<Report> {
    let mut report = Report::default();
    let leads = task.figure(20_000, 100_000);
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let open = ground.open().await?;
    let all = open.add_leads(leads).await?;
    open.delete_all("outdated").await?;
    open.close().await;
    // The last ones: the queue comes to them last.
    let urgent = &all[leads - AT_A_TIME.len() * URGENT..];
    let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
    let browser = Browser::sign_in(&address, "manager@demo.test").await?;
    for (leads, (at_a_time, seconds)) in urgent.chunks(URGENT).zip(AT_A_TIME) {
        let begun = Instant::now();
        let mut took = Vec::new();
        for leads in leads.chunks(at_a_time) {
            took.extend(press(&browser, leads, &mut report).await?);
        }
        let pressed_for = begun.elapsed();
        took.sort();
        let worst = took[took.len() * 99 / 100];
        report.measured.push(format!(
            "{URGENT}, {at_a_time} at a time, in {:.1} s: half in {} ms, p99 {} ms",
            pressed_for.as_secs_f64(),
            took[took.len() / 2].as_millis(),
            worst.as_millis()
        ));
        report.holds(worst <= Duration::from_secs(seconds), || {
            format!(
                "of {at_a_time} urgent deletions at once one took {} ms",
                worst.as_millis()
            )
        });
    }
    let open = ground.open().await?;
    let left = open.number("SELECT COUNT(*) FROM open_deletion").await?;
    open.close().await;
    report
        .measured
        .push(format!("{left} were still queued then"));
    report.holds(left > 0, || {
        "the queue was through before: nothing was measured".into()
    });
    layer.kill()?;
    invariants::check_ground(&ground, leads as u64, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// Presses the X on all of them at once; how long each took.
async fn press(browser: &Browser, leads: &[LeadId], report: &mut Report) -> Result<Vec<Duration>> {
    let pressing: Vec<_> = leads
        .iter()
        .map(|lead| {
            let (browser, lead) = (browser.clone(), *lead);
            tokio::spawn(async move {
                let begun = Instant::now();
                let arguments = json!({ "urgent": { "lead": lead, "because": null } });
                let gone: UrgentlyDeleted = browser
                    .ask("urgent-deletions/delete-now", &arguments)
                    .await?;
                anyhow::Ok((begun.elapsed(), gone.erased))
            })
        })
        .collect();
    let mut took = Vec::new();
    for pressed in pressing {
        let (time, erased) = pressed.await??;
        report.tries += 1;
        report.lost += u64::from(!erased);
        took.push(time);
    }
    Ok(took)
}
