//! The torture suite: what Layer promises, under kills, faults and races, on real databases and real processes.
//!
//! `cargo xtask torture [--long] [--seed N] [PROMISE …]`, which asks for those that measure time (`--alone`) apart.
//! Each promise is a file; what must hold at every moment, whatever was done to the database, is [`invariants`].
//! Every choice that is made at random comes from a seed, which is printed first: the same seed makes the same choices, though never the same instants.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod acknowledged;
mod browser;
mod business_hours;
mod clock;
mod erasing;
mod frame;
mod frozen;
mod ground;
mod input;
mod input_targets;
mod interleaving;
mod invariants;
mod kills;
mod live;
mod migrating;
mod model;
mod poison;
mod process;
mod races;
mod reading;
mod step;
mod stopping;
mod trouble;
mod urgent;

use std::process::ExitCode;

use frame::Promise;

/// Every promise, in the order in which they run.
fn promises() -> Vec<Promise> {
    vec![
        business_hours::promise(),
        erasing::promise(),
        kills::promise(),
        acknowledged::promise(),
        poison::promise(),
        interleaving::promise(),
        races::removal_or_run(),
        races::two_people_and_the_worker(),
        frozen::promise(),
        urgent::promise(),
        reading::promise(),
        stopping::promise(),
        migrating::promise(),
        live::promise(),
        trouble::promise(),
        clock::promise(),
        input::promise(),
    ]
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    if let [word, rest @ ..] = &words[..]
        && word == erasing::VICTIM
    {
        return runtime.block_on(erasing::victim(rest));
    }
    runtime.block_on(frame::run(promises(), &words))
}
