//! The server: built, and for `serve` run in this process's place.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::Flavour;
use crate::run::{cargo, run, say, target, unless_done};
use crate::{sbom, site};

/// Of the whole workspace but for the browser's half, so that `serve` and the tests share what they compile: cargo joins
/// the features of what it is told to build.
pub const BUILD_SERVER: [&str; 4] = ["build", "--workspace", "--exclude", "frontend"];

/// Builds both halves for working on them, and runs `layer serve`.
pub fn serve(arguments: &[String]) -> Result<()> {
    site::build(Flavour::Dev)?;
    say("building the server");
    run(cargo().args(BUILD_SERVER).args(["--bin", "layer"]))?;
    // Not in the workspace's folder but in the caller's: that is where `layer.db` is looked for.
    let mut layer = Command::new(target().join("debug/layer"));
    layer.arg("serve");
    if arguments.is_empty() {
        layer.arg("--demo");
    } else {
        layer.args(arguments);
    }
    become_it(layer)
}

/// Takes this process's place, so that Ctrl-C and SIGTERM reach the server itself.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<()> {
    run(&mut command)
}

/// Builds the release.
pub fn build() -> Result<()> {
    let files = site::build(Flavour::Release)?;
    let site = files
        .into_iter()
        .map(|file| Ok((fs::read(&file)?, file)))
        .collect::<Result<Vec<_>>>()?;
    // Cargo sees when an embedded file changes, but not when one is new: a server that was compiled before there was a
    // site would stay without.
    unless_done("embedded", site, || {
        run(cargo().args(["clean", "--quiet", "--release", "--package", "server"]))
    })?;
    say("building the server (release)");
    run(cargo().args([
        "build",
        "--release",
        "--package",
        "server",
        "--bin",
        "layer",
    ]))?;
    let binary = target().join("release/layer");
    let megabytes = fs::metadata(&binary)?.len() as f64 / 1_000_000.0;
    let bill = binary.with_extension("cdx.json");
    let crates = sbom::write(&bill)?;
    say(format!(
        "{} names the {crates} crates that go into it",
        bill.display()
    ));
    say(format!("{} is ready ({megabytes:.1} MB)", binary.display()));
    Ok(())
}
