//! P33, its second half: killed while the schema is being made, the next start completes it.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use tokio::time::sleep;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::{Layer, PATIENCE};

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p33b",
        "killed while the schema is made, the next start completes",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let mut in_between = 0;
    for _ in 0..task.figure(20, 300) {
        report.tries += 1;
        let ground = Ground::empty(&task.engine, Time::Machine).await?;
        let mut layer = Layer::migrate(&ground)?;
        // With nothing to do it takes about so long.
        sleep(Duration::from_micros(random.random_range(0..250_000))).await;
        let lived = layer.ended()?.is_none();
        layer.kill()?;
        report.faults += u64::from(lived);
        if let Ok(open) = ground.open().await {
            in_between += u64::from(!open.database().is_migrated().await.unwrap_or(true));
            open.close().await;
        }
        let ended = Layer::migrate(&ground)?.end(PATIENCE).await?;
        report.holds(ended.is_some_and(|status| status.success()), || {
            format!("the next start ended with {ended:?}")
        });
        if ended.is_some() {
            invariants::check_ground(&ground, 0, &mut report).await?;
        }
        ground.done().await?;
    }
    report.measured.push(format!(
        "{} were killed before they were done, {in_between} of them between two steps",
        report.faults
    ));
    Ok(report)
}
