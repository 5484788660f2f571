//! The browser's half: compiled, bound to JavaScript, and for a release made small.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::Flavour;
use crate::compress;
use crate::install::{node_modules, wasm_compiler};
use crate::run::{command, root, run, say, target, unless_done};

/// The browser's half has this much at most, as brotli sends it: bytes are its start-up time. It is to shrink to 400 kB
/// for the first page, which takes pages of their own files for what is opened later; until then it must not grow.
const MOST_BROTLI_BYTES: usize = 780_000;

/// The name of the files. Leptos asks for `/pkg/layer.js` and `/pkg/layer_bg.wasm`.
const NAME: &str = "layer";

/// Builds it; answers the folder with `layer.js` and `layer_bg.wasm`.
pub fn build(flavour: Flavour) -> Result<PathBuf> {
    let wasm = compile(flavour)?;
    // A folder for each flavour: going back and forth between the two then costs nothing.
    let folder = target().join("xtask").join(profile(flavour));
    let bytes = fs::read(&wasm).with_context(|| format!("{} can't be read", wasm.display()))?;
    unless_done(&format!("bindgen-{}", profile(flavour)), &bytes, || {
        say("binding the WebAssembly to JavaScript");
        let _ = fs::remove_dir_all(&folder);
        bind(&wasm, &folder).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
        if flavour == Flavour::Release {
            shrink(&folder)?;
        }
        Ok(())
    })?;
    if flavour == Flavour::Release {
        hold_to_limit(&folder)?;
    }
    Ok(folder)
}

fn profile(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Dev => "browser-dev",
        Flavour::Release => "browser",
    }
}

fn compile(flavour: Flavour) -> Result<PathBuf> {
    let compiler = wasm_compiler()?;
    say(format!(
        "building the browser's half ({})",
        profile(flavour)
    ));
    // A target folder of its own: this may be another compiler than the server's, and they'd undo each other's work.
    let folder = target().join("frontend");
    run(compiler
        .cargo()
        .args([
            "build",
            "--package",
            "frontend",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--profile", profile(flavour)])
        .arg("--target-dir")
        .arg(&folder))?;
    Ok(folder
        .join("wasm32-unknown-unknown")
        .join(profile(flavour))
        .join("frontend.wasm"))
}

fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .out_name(NAME)
        // Of no use in a browser: the names of functions, and of the tools.
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}

/// `wasm-opt -Oz`: about half the size.
fn shrink(folder: &Path) -> Result<()> {
    node_modules()?;
    say("making the WebAssembly small");
    let wasm = folder.join(format!("{NAME}_bg.wasm"));
    run(command("node")
        .arg(root().join("end2end/node_modules/binaryen/bin/wasm-opt"))
        .arg(&wasm)
        // What the compiler already uses; the stripped file no longer says so itself.
        .args([
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
            "--enable-sign-ext",
        ])
        .args([
            "--enable-mutable-globals",
            "--enable-reference-types",
            "--enable-multivalue",
        ])
        .args(["-Oz", "-o"])
        .arg(&wasm))
}

fn hold_to_limit(folder: &Path) -> Result<()> {
    let wasm = folder.join(format!("{NAME}_bg.wasm"));
    compress::precompress(&wasm)?;
    let brotli = fs::metadata(compress::brotli_path(&wasm))?.len() as usize;
    if brotli > MOST_BROTLI_BYTES {
        bail!(
            "the WebAssembly is {} kB in brotli; the limit is {} kB",
            brotli.div_ceil(1000),
            MOST_BROTLI_BYTES / 1000
        );
    }
    Ok(())
}
