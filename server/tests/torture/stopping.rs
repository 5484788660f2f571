//! P33: asked to stop, the server ends within ten seconds, whatever it is doing, and forgets nothing that it answered.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use domain::draft::{Confirmed, Draft};
use domain::lead::LeadId;
use rand::Rng;
use serde_json::json;
use tokio::time::sleep;

use crate::browser::Browser;
use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, Time};
use crate::invariants;
use crate::process::{Layer, PATIENCE};

/// It has so long.
const AT_MOST: Duration = Duration::from_secs(10);
/// So many people work at a time.
const PEOPLE: usize = 8;
/// Leads in an order.
const LEADS: usize = 5;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p33",
        "SIGTERM under load: ends in ten seconds, loses nothing",
        On::Both,
        run,
    )
    .alone()
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let ground = Ground::new(&task.engine, Time::Machine).await?;
    let (mut added, mut longest) = (0_u64, Duration::ZERO);
    let mut acknowledged = 0;
    for _ in 0..task.figure(3, 20) {
        report.tries += 1;
        let open = ground.open().await?;
        let leads = open.add_leads(4_000).await?;
        added += 4_000;
        // Half of them keep the queue busy, the others are for the people.
        let (queued, free) = leads.split_at(2_000);
        open.delete("Manager", "outdated", queued).await?;
        open.close().await;
        let (mut layer, address) = Layer::serve(&ground, "127.0.0.1:0").await?;
        let answered: Arc<Mutex<Vec<LeadId>>> = Arc::default();
        let mut people = Vec::new();
        for free in free.chunks(free.len() / PEOPLE) {
            // A session each: a person has three drafts at most.
            let email = "manager@demo.test";
            let browser = Browser::sign_in(&address, email).await?;
            people.push(tokio::spawn(person(
                browser,
                free.to_vec(),
                answered.clone(),
            )));
        }
        // An open stream is part of the load: it must not hold the server up.
        let watcher = Browser::sign_in(&address, "admin@demo.test").await?;
        let mut stream = watcher.live(0).await?;
        let watching = tokio::spawn(async move { while let Ok(Some(_)) = stream.frame().await {} });
        sleep(Duration::from_millis(random.random_range(500..2_000))).await;
        let begun = Instant::now();
        layer.ask_to_stop()?;
        let ended = layer.end(PATIENCE).await?;
        longest = longest.max(begun.elapsed());
        report.faults += 1;
        report.holds(ended.is_some_and(|status| status.success()), || {
            format!("it ended with {ended:?}")
        });
        report.holds(begun.elapsed() <= AT_MOST, || {
            format!("it took {:.1} s to end", begun.elapsed().as_secs_f64())
        });
        for person in people {
            person.abort();
        }
        watching.abort();
        let answered = std::mem::take(&mut *answered.lock().unwrap());
        acknowledged += answered.len();
        let open = ground.open().await?;
        for lead in answered {
            let known = format!(
                "SELECT (SELECT COUNT(*) FROM open_deletion WHERE lead = {0}) + (SELECT COUNT(*) FROM deletion WHERE lead = {0})",
                lead.0
            );
            match open.number(&known).await? {
                1 => {}
                0 => report.lost += 1,
                _ => report.doubled += 1,
            }
        }
        open.close().await;
    }
    report.measured.push(format!(
        "{acknowledged} leads were acknowledged; the longest end took {} ms",
        longest.as_millis()
    ));
    report.holds(acknowledged > 0, || "nobody got an answer".into());
    invariants::check_ground(&ground, added, &mut report).await?;
    ground.done().await?;
    Ok(report)
}

/// Orders the deletion of a few leads after the other, until nobody answers any more.
async fn person(browser: Browser, leads: Vec<LeadId>, answered: Arc<Mutex<Vec<LeadId>>>) {
    for leads in leads.chunks(LEADS) {
        let asked = json!({ "stack": 1, "selection": { "Leads": leads } });
        let Ok(draft) = browser.ask::<Draft>("drafts/leads", &asked).await else {
            continue;
        };
        let confirmation = json!({ "confirmation": { "draft": draft.id, "reason": "outdated", "details": "",
            "typed": "", "sentence_confirmed": false } });
        if let Ok(confirmed) = browser
            .ask::<Confirmed>("drafts/confirm", &confirmation)
            .await
            && confirmed.deleted == leads.len() as u64
        {
            answered.lock().unwrap().extend(leads);
        }
    }
}
