//! What a fresh machine lacks. Each thing that is installed is said in one line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, command, is_newer, is_there, output, root, run, say, succeeds, target};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler for the browser: it comes with its source, but without a standard library for wasm32.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-22";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "lld-22"];
const DEBIAN_STD: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";

/// The compiler that can build for wasm32.
pub enum WasmCompiler {
    /// The one that builds the server too.
    Ours,
    /// Debian's, beside ours.
    Debian,
}

impl WasmCompiler {
    /// A cargo that builds with it.
    pub fn cargo(&self) -> Command {
        let mut cargo = cargo();
        if matches!(self, Self::Debian) {
            cargo
                .env("RUSTC", DEBIAN_RUSTC)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
        }
        cargo
    }
}

/// A compiler for wasm32, installed if there is none.
pub fn wasm_compiler() -> Result<WasmCompiler> {
    if has_wasm_std("rustc") {
        return Ok(WasmCompiler::Ours);
    }
    if debian_std_is_current() {
        return Ok(WasmCompiler::Debian);
    }
    if is_there("rustup") {
        say(format!("installing the target {TARGET} with rustup"));
        if succeeds(command("rustup").args(["target", "add", TARGET])) {
            return Ok(WasmCompiler::Ours);
        }
        say("rustup could not; trying Debian's packages");
    }
    if !(can_apt() || debian_compiler_is_there()) {
        bail!(
            "there is no compiler for {TARGET}: install it with `rustup target add {TARGET}`, or, on Debian, run this \
             once as root"
        );
    }
    apt(
        "a compiler for the browser",
        &DEBIAN_PACKAGES,
        debian_compiler_is_there,
    )?;
    build_debian_std()?;
    Ok(WasmCompiler::Debian)
}

/// Whether that compiler has a standard library for wasm32.
fn has_wasm_std(rustc: &str) -> bool {
    let libdir = output(command(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    libdir.is_ok_and(|libdir| Path::new(libdir.trim()).is_dir())
}

fn debian_compiler_is_there() -> bool {
    Path::new(DEBIAN_RUSTC).exists()
        && Path::new(DEBIAN_LINKER).exists()
        && Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml").exists()
}

/// Names the compiler that built the standard library: after an upgrade of the package it has to be built again.
fn debian_std_stamp() -> PathBuf {
    Path::new(DEBIAN_STD).join("built-by")
}

fn debian_std_is_current() -> bool {
    let Ok(version) = output(command(DEBIAN_RUSTC).arg("--version")) else {
        return false;
    };
    debian_compiler_is_there()
        && fs::read_to_string(debian_std_stamp()).is_ok_and(|built_by| built_by == version)
}

/// Builds the standard library once and puts it where the compiler looks for it.
fn build_debian_std() -> Result<()> {
    say(format!(
        "building the standard library for {TARGET}, once (half a minute)"
    ));
    let seed = target().join("xtask/std");
    fs::create_dir_all(seed.join("src"))?;
    // A workspace of its own, or cargo would take it for a member of the one around it.
    fs::write(
        seed.join("Cargo.toml"),
        "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    fs::write(seed.join("src/lib.rs"), "")?;
    run(WasmCompiler::Debian
        .cargo()
        .current_dir(&seed)
        .env("RUSTC_BOOTSTRAP", "1")
        .args([
            "build",
            "--release",
            "--quiet",
            "-Zbuild-std=std,panic_abort,panic_unwind",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(seed.join("target")))?;

    let into = Path::new(DEBIAN_STD);
    let cannot = || format!("{} can't be written: run this once as root", into.display());
    let _ = fs::remove_dir_all(into);
    fs::create_dir_all(into).with_context(cannot)?;
    for entry in fs::read_dir(seed.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if name.ends_with(".rlib") && !name.starts_with("libseed") {
            fs::copy(&path, into.join(name)).with_context(cannot)?;
        }
    }
    let version = output(command(DEBIAN_RUSTC).arg("--version"))?;
    fs::write(debian_std_stamp(), version).with_context(cannot)
}

/// The browser of the end-to-end tests, with fonts, so that a screenshot shows letters.
pub fn chromium() -> Result<()> {
    let named = std::env::var("CHROMIUM").is_ok_and(|path| Path::new(&path).exists());
    apt(
        "Chromium for the end-to-end tests",
        &["chromium", "fonts-liberation", "fonts-dejavu-core"],
        || named || Path::new("/usr/bin/chromium").exists(),
    )
}

/// Node and what `end2end/package-lock.json` names: Playwright, axe-core, and binaryen with its wasm-opt.
pub fn node_modules() -> Result<()> {
    if !is_there("node") || !is_there("npm") {
        apt("Node", &["nodejs", "npm"], || {
            is_there("node") && is_there("npm")
        })?;
    }
    let end2end = root().join("end2end");
    // npm writes the inner file when it is done.
    if is_newer(
        &end2end.join("node_modules/.package-lock.json"),
        &end2end.join("package-lock.json"),
    ) {
        return Ok(());
    }
    say("installing Playwright, axe-core and wasm-opt with npm");
    run(command("npm")
        .current_dir(&end2end)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Whether this may install packages: root on Debian, Ubuntu and their like.
fn can_apt() -> bool {
    is_there("apt-get") && is_root()
}

/// Whether this runs as root.
pub fn is_root() -> bool {
    output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages unless what they bring `is_there`.
pub fn apt(what: &str, packages: &[&str], is_there: impl Fn() -> bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let packages_line = packages.join(" ");
    if !can_apt() {
        bail!("{what} is missing. On Debian as root: apt-get install {packages_line}");
    }
    say(format!("installing {what} with apt ({packages_line})"));
    let apt = || {
        let mut apt = command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        apt
    };
    run(apt().arg("update"))?;
    // Only errors are of interest, and dpkg tells each file it unpacks on standard output.
    output(
        apt()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )?;
    if !is_there() {
        bail!("{what} is still missing after `apt-get install {packages_line}`");
    }
    Ok(())
}
