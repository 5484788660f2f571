//! P9: a lead that came back to life is not deleted. Random interleavings of what people, the worker and crashes do to a few
//! leads, against a model of what should become of them.
//!
//! The interleavings are drawn by hand rather than by a crate of state machines: what that would add is shrinking, and a
//! failing interleaving has ten steps, is printed whole and comes back with its seed.

use anyhow::Result;
use domain::time::{HOUR, MINUTE};
use rand::Rng;
use rand::rngs::StdRng;
use server::clock::SetClock;
use server::fault::Fault;

use crate::frame::{On, Promise, Report, Task};
use crate::ground::{Ground, NIGHT, Time};
use crate::invariants;
use crate::model::Model;
use crate::step::{Crash, Step, struck, take};

/// Leads in an interleaving.
const LEADS: usize = 4;
/// A crash comes at one of so many first points of a step.
const FIRST_POINTS: [usize; 3] = [12, 40, 120];
/// Everything is verified each time after so many interleavings.
const VERIFY_AFTER: u64 = 200;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p9",
        "a lead that came back to life stays (against a model)",
        On::Both,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let (mut report, mut random) = (Report::default(), task.random());
    let clock = SetClock::new(NIGHT);
    let ground = Ground::new(&task.engine, Time::Set(clock.clone())).await?;
    let mut open = ground.open().await?;
    open.set("undo_minutes", "10").await?;
    let (mut added, struck_before) = (0, struck());
    for _ in 0..task.figure(2_000, 20_000) {
        let ids = open.add_leads(LEADS).await?;
        added += LEADS as u64;
        report.tries += 1;
        let steps: Vec<(Step, Crash)> = (0..random.random_range(4..12))
            .map(|_| (step(&mut random), crash(&mut random)))
            .collect();
        let mut model = Model::of(&open, &ids).await?;
        for (n, (step, crash)) in steps.iter().enumerate() {
            clock.advance(1);
            let done = take(&open, &clock, &mut model, step, *crash).await;
            if let Err(error) = done {
                report.broke(format!("{error:#} at step {n} of {steps:?}"));
                break;
            }
        }
        // Nothing is left for the next interleaving.
        clock.advance(2 * HOUR);
        open.drain().await?;
        if report.tries.is_multiple_of(VERIFY_AFTER) {
            invariants::check(&open, added, &mut report).await?;
            // A new process sees the same.
            open.close().await;
            open = ground.open().await?;
        }
        if report.broken.len() > 3 {
            break;
        }
    }
    report.faults = struck() - struck_before;
    report.holds(report.faults * 2 > report.tries, || {
        "hardly a step was broken off".into()
    });
    invariants::check(&open, added, &mut report).await?;
    open.close().await;
    ground.done().await?;
    Ok(report)
}

fn step(random: &mut StdRng) -> Step {
    let one = random.random_range(0..LEADS);
    match random.random_range(0..100) {
        0..26 => {
            let leads: Vec<usize> = (0..LEADS).filter(|_| random.random_bool(0.6)).collect();
            Step::Flag {
                by: if random.random_bool(0.7) {
                    "Manager"
                } else {
                    "Layer Admin"
                },
                must: random.random_bool(0.3),
                leads: if leads.is_empty() { vec![one] } else { leads },
                edited: random.random_bool(0.3).then_some(one),
            }
        }
        26..44 => Step::Edit(one),
        44..52 => Step::Undo(random.random_range(0..4)),
        52..58 => Step::Remove {
            weak_only: random.random_bool(0.5),
        },
        58..64 => Step::PutBack(random.random_range(0..2)),
        64..70 => Step::Urgent(one),
        70..84 => Step::Wait(random.random_range(1..12) * MINUTE),
        _ => Step::Run,
    }
}

/// Every fourth step is to be broken off at one of its first points: most steps have few, a run that erases a hundred. Where it
/// has fewer, nothing breaks it off.
fn crash(random: &mut StdRng) -> Crash {
    random.random_ratio(1, 4).then(|| {
        let way = match random.random_range(0..3) {
            0 => Fault::Error,
            1 => Fault::Panic,
            _ => Fault::Hang,
        };
        let first = FIRST_POINTS[random.random_range(0..FIRST_POINTS.len())];
        (random.random_range(0..first), way)
    })
}
