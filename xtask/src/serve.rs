//! The server: built, and for `serve` run in this process's place.

use std::process::Command;

use anyhow::Result;

use crate::Flavour;
use crate::run::{cargo, run, say, target};
use crate::site;

/// Builds both halves for working on them, and runs `layer serve`.
pub fn serve(arguments: &[String]) -> Result<()> {
    site::build(Flavour::Dev)?;
    say("building the server");
    run(cargo().args(["build", "--package", "server", "--bin", "layer"]))?;
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
    site::build(Flavour::Release)?;
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
    let megabytes = std::fs::metadata(&binary)?.len() as f64 / 1_000_000.0;
    say(format!("{} is ready ({megabytes:.1} MB)", binary.display()));
    Ok(())
}
