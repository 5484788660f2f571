//! P3: what was acknowledged stays. The server is killed at the first byte of its answer.

use anyhow::Result;
use domain::draft::Draft;
use domain::lead::LeadId;
use rand::Rng;
use serde_json::json;

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Open, Time};
use crate::invariants;
use crate::process::Layer;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p3",
        "what was acknowledged stays, killed at its first byte",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let tries = task.figure(20, 500);
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let open = ground.open().await?;
    let leads = open.add_leads(tries * 4).await?;
    // What waits stays there to be looked at.
    open.set("undo_minutes", "60").await?;
    open.close().await;
    for leads in leads.chunks(4) {
        report.tries += 1;
        let urgent = random.random_bool(0.5);
        let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
        let browser = Browser::sign_in(&address, "manager@demo.test").await?;
        let (endpoint, arguments) = if urgent {
            (
                "urgent-deletions/delete-now",
                json!({ "urgent": { "lead": leads[0], "because":
                    { "reason": "outdated", "details": "", "sentence_confirmed": false } } }),
            )
        } else {
            let asked = json!({ "stack": 1, "selection": { "Leads": leads } });
            let draft: Draft = browser.ask("drafts/leads", &asked).await?;
            (
                "drafts/confirm",
                json!({ "confirmation": { "draft": draft.id, "reason": "outdated", "details": "", "typed": "",
                    "sentence_confirmed": false } }),
            )
        };
        let first = browser.first_byte(endpoint, &arguments).await?;
        layer.kill()?;
        report.faults += 1;
        match first.status().await {
            // The process may have got no further than the first byte; that it begins to answer at all says nothing else.
            Some(200) | None => {}
            Some(status) => report.broke(format!("{endpoint} answered {status}")),
        }
        let open = ground.open().await?;
        report.lost += lost(&open, leads, urgent).await?;
        open.close().await;
    }
    invariants::check_ground(&ground, tries as u64 * 4, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// How many of these leads aren't as their answer said.
async fn lost(open: &Open, leads: &[LeadId], urgent: bool) -> Result<u64> {
    let (first, last) = (leads[0].0, leads[leads.len() - 1].0);
    Ok(if urgent {
        let gone =
            format!("SELECT COUNT(*) FROM deletion WHERE lead = {first} AND state = 'erased'");
        1_u64.saturating_sub(open.number(&gone).await?.unsigned_abs())
    } else {
        let waiting =
            format!("SELECT COUNT(*) FROM open_deletion WHERE lead BETWEEN {first} AND {last}");
        4_u64.saturating_sub(open.number(&waiting).await?.unsigned_abs())
    })
}
