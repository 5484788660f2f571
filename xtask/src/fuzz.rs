//! Fuzzing, guided by coverage: what reads input gets whatever leads to code that none did before.

use std::fs;

use anyhow::{Result, bail};

use crate::run::{cargo, command, output, root, run, say, target};

/// The targets: programs under `server/fuzz/src/bin`.
const TARGETS: [&str; 5] = ["csv", "filters", "cursors", "telephones", "entries"];

/// Has the compiler count what is passed, so that libFuzzer sees it. cargo-fuzz says the same; no sanitizer of memory is
/// wanted where nothing is `unsafe`, and so this compiler does.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// An input that takes more memory than this, in MiB, is a finding.
const MOST_MEMORY: u32 = 256;
/// An input is at most so long, in bytes.
const LONGEST: u32 = 4_096;
/// An input that takes longer than this, in seconds, is a finding.
const SLOWEST: u32 = 10;

/// Builds the targets, and feeds each for so many seconds: all, or those that are named.
pub fn fuzz(seconds: u32, targets: &[String]) -> Result<()> {
    if let Some(unknown) = targets
        .iter()
        .find(|named| !TARGETS.contains(&named.as_str()))
    {
        bail!(
            "there is no target `{unknown}`; there are {}",
            TARGETS.join(", ")
        );
    }
    let folder = target().join("fuzz");
    let machine = machine()?;
    say("building the targets, with what they need");
    fs::copy(
        root().join("Cargo.lock"),
        root().join("server/fuzz/Cargo.lock"),
    )?;
    run(cargo()
        .env("RUSTFLAGS", COVERAGE)
        .args([
            "build",
            "--release",
            "--manifest-path",
            "server/fuzz/Cargo.toml",
        ])
        // What runs while building is not to be counted: so the target is named.
        .args(["--target", &machine])
        .arg("--target-dir")
        .arg(&folder))?;
    let built = folder.join(machine).join("release");
    let corpus = folder.join("corpus");
    let found = folder.join("found/");
    fs::create_dir_all(&found)?;
    for target in TARGETS {
        if !targets.is_empty() && !targets.iter().any(|named| named == target) {
            continue;
        }
        say(format!("{target}: {seconds} seconds"));
        run(command(built.join(target))
            .arg(corpus.join(target))
            .arg(format!("-artifact_prefix={}", found.display()))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
            .arg(format!("-timeout={SLOWEST}"))
            .args(["-print_final_stats=1", "-verbosity=0"]))?;
    }
    Ok(())
}

/// The name that the compiler has for this machine.
fn machine() -> Result<String> {
    let told = output(command("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.unwrap_or_default().into())
}
