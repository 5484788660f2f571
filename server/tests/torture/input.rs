//! P37: no input makes the program panic, or take much memory.
//!
//! A seeded fuzzer that mutates samples: it finds what is near the samples and what is quite random. What hides behind a
//! rare branch is for `cargo xtask fuzz`, which is guided by coverage and feeds the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::text;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::frame::{On, Promise, Report, Task};
use crate::input_targets::{Target, targets};

/// No input makes the process take more than this beyond what it had, in KiB: also not all targets together.
const MOST_MEMORY: u64 = 256 * 1_024;
/// An input is at most so long.
const LONGEST: usize = 4_096;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p37",
        "no panic from input (mutated samples)",
        On::Nothing,
        run,
    )
}

async fn run(task: Task) -> Result<Report> {
    let span = Duration::from_secs(task.figure(20, 600));
    // What others had before isn't this promise's. The targets run beside each other: together they take no more than one may.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = memory()?;
    let runs: Vec<_> = targets()
        .into_iter()
        .enumerate()
        .map(|(n, target)| {
            let seed = task.seed.wrapping_add(n as u64);
            tokio::task::spawn_blocking(move || feed(target, seed, span))
        })
        .collect();
    let mut report = Report::default();
    for run in runs {
        let (name, inputs, panics) = run.await?;
        report.tries += inputs;
        report
            .measured
            .push(format!("{name}: {} inputs", text::number(inputs)));
        for input in panics {
            report.faults += 1;
            report.broke(format!("{name} panicked at {input:?}"));
        }
    }
    let taken = memory()?.saturating_sub(before);
    report
        .measured
        .push(format!("{} MiB more at most", taken / 1_024));
    report.holds(taken <= MOST_MEMORY, || {
        format!("it took {} MiB more", taken / 1_024)
    });
    Ok(report)
}

/// Feeds mutated samples for so long: the name, how many, and those that made it panic.
fn feed(target: Target, seed: u64, span: Duration) -> (&'static str, u64, Vec<Vec<u8>>) {
    let mut samples = target.samples;
    let mut random = StdRng::seed_from_u64(seed);
    let (begun, mut inputs, mut panics) = (Instant::now(), 0, Vec::new());
    while begun.elapsed() < span && panics.len() < 3 {
        let input = mutated(&samples, &mut random);
        inputs += 1;
        if catch_unwind(AssertUnwindSafe(|| (target.take)(&input))).is_err() {
            panics.push(input);
        } else if random.random_ratio(1, 500) && samples.len() < 200 {
            // Now and then one goes on from what it has become.
            samples.push(input);
        }
    }
    (target.name, inputs, panics)
}

/// One of the samples, or two joined, changed in a few places; or something quite random.
fn mutated(samples: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    const ODD: [&[u8]; 14] = [
        b"\"",
        b"\0",
        b",",
        b"\r\n",
        b"\xff",
        b"\xed\xa0\x80",
        b"-1",
        b"99999999999999999999",
        b"9223372036854775807",
        "\u{202e}".as_bytes(),
        "İ".as_bytes(),
        "\u{fdfa}".as_bytes(),
        b"+",
        b"{",
    ];
    let mut input = samples.choose(random).cloned().unwrap_or_default();
    match random.random_range(0..20) {
        0 => {
            let length = random.random_range(0..200);
            input = (0..length).map(|_| random.random()).collect();
        }
        1 => input.extend(samples.choose(random).cloned().unwrap_or_default()),
        _ => {}
    }
    for _ in 0..random.random_range(1..8) {
        let at = random.random_range(0..=input.len());
        match random.random_range(0..6) {
            0 if at < input.len() => input[at] = random.random(),
            1 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
            2 if at < input.len() => drop(input.remove(at)),
            3 => {
                let odd = ODD.choose(random).copied().unwrap_or_default();
                input.splice(at..at, odd.iter().copied());
            }
            4 => input.truncate(at),
            _ => {
                let to = random.random_range(at..=input.len());
                let copied = input[at..to].to_vec();
                let into = random.random_range(0..=input.len());
                input.splice(into..into, copied);
            }
        }
    }
    input.truncate(LONGEST);
    input
}

/// The most memory that this process had since that was last forgotten, in KiB.
fn memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|most| most.trim().trim_end_matches(" kB").parse().ok());
    ensure!(
        most.is_some(),
        "the system doesn't tell how much memory is used"
    );
    Ok(most.unwrap_or(0))
}
