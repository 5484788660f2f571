//! P7: an urgent deletion waits for nobody, also while the queue is at work.

use std::time::{Duration, Instant};

use anyhow::Result;
use domain::urgent_deletion::UrgentlyDeleted;
use serde_json::json;

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::Layer;

/// No urgent deletion takes longer.
const AT_MOST: Duration = Duration::from_secs(1);
/// So many, this many at a time.
const URGENT: usize = 50;
const AT_ONCE: usize = 5;

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
    let urgent = &all[leads - URGENT..];
    let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
    let browser = Browser::sign_in(&address, "manager@demo.test").await?;
    let begun = Instant::now();
    let mut took = Vec::new();
    for leads in urgent.chunks(AT_ONCE) {
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
        for pressed in pressing {
            let (time, erased) = pressed.await??;
            report.tries += 1;
            report.lost += u64::from(!erased);
            took.push(time);
        }
    }
    let pressed_for = begun.elapsed();
    let open = ground.open().await?;
    let left = open.number("SELECT COUNT(*) FROM open_deletion").await?;
    open.close().await;
    took.sort();
    let worst = took[took.len() * 99 / 100];
    report.faults += AT_ONCE as u64;
    report.measured.push(format!(
        "{URGENT} in {:.1} s: half in {} ms, p99 {} ms; {left} were still queued then",
        pressed_for.as_secs_f64(),
        took[took.len() / 2].as_millis(),
        worst.as_millis()
    ));
    report.holds(left > 0, || {
        "the queue was through before: nothing was measured".into()
    });
    report.holds(worst <= AT_MOST, || {
        format!("an urgent deletion took {} ms", worst.as_millis())
    });
    layer.kill()?;
    invariants::check_ground(&ground, leads as u64, &mut report).await?;
    ground.done().await?;
    Ok(report)
}
