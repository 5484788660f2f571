//! The browser's half: compiled, parted into a file for each page, bound to JavaScript, and for a release made small.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

use crate::Flavour;
use crate::compress;
use crate::install::{node_modules, wasm_compiler};
use crate::run::{command, root, run, say, target, unless_done};

/// The page that people begin on.
const FIRST_PAGE: &str = "sign-in";

/// So many bytes of WebAssembly a page needs at most when it is opened first, as brotli sends it: bytes are its start-up time.
fn most_brotli_bytes(page: &str) -> u64 {
    match page {
        // Where people begin, and where they go from there: 400 kB, and what one machine's build may differ from another's.
        FIRST_PAGE | "stacks" => 402_000,
        _ => 480_000,
    }
}

/// The name of the files: `layer.js` and `layer_bg.wasm`.
const NAME: &str = "layer";

/// The script that fetches a page's file when it is wanted. `layer.js` imports it.
const FETCHER: &str = "./layer_pages.js";

/// Beside the files: the files of each page, `{"queue": ["chunk_3", "queue"]}`.
const PAGES: &str = "pages.json";

/// Builds it; answers the folder with all that the browser may ask for.
pub fn build(flavour: Flavour) -> Result<PathBuf> {
    let wasm = compile(flavour)?;
    // A folder for each flavour: going back and forth between the two then costs nothing.
    let folder = target().join("xtask").join(profile(flavour));
    let bytes = fs::read(&wasm).with_context(|| format!("{} can't be read", wasm.display()))?;
    unless_done(&format!("bindgen-{}", profile(flavour)), &bytes, || {
        say("parting the WebAssembly into pages and binding it to JavaScript");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let main = wasm.with_file_name("main.wasm");
        part(&bytes, &main, &folder)?;
        bind(&main, &folder).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
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
    let mut cargo = compiler.cargo();
    if flavour == Flavour::Release {
        without_words_for_developers(&mut cargo);
    }
    run(cargo
        .args([
            "rustc",
            "--package",
            "frontend",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--profile", profile(flavour)])
        .arg("--target-dir")
        .arg(&folder)
        // Parting it takes what the linker knows of who uses what.
        .args(["--", "-Clink-arg=--emit-relocs"]))?;
    Ok(folder
        .join("wasm32-unknown-unknown")
        .join(profile(flavour))
        .join("frontend.wasm"))
}

/// Without the places in the source that panics name, and without what `{:?}` writes: a release never says either, and there
/// are thousands. Nothing that people read may be written by `Debug`. The compiler takes these switches only as unstable ones.
fn without_words_for_developers(cargo: &mut Command) {
    cargo.env("RUSTC_BOOTSTRAP", "1").env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        // The first is the workspace's own: cargo takes these instead of those.
        "--cfg erase_components -Zlocation-detail=none -Zfmt-debug=none",
    );
}

/// Writes what all pages share to `main`, and the rest to a file for each page (or for some pages together) in `folder`.
fn part(wasm: &[u8], main: &Path, folder: &Path) -> Result<()> {
    let mut options = Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = main;
    options.link_name = FETCHER;
    let script = format!("./{NAME}.js");
    options.main_module = &script;
    let parted = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("parting the WebAssembly: {error:#}"))?;
    let pages: BTreeMap<_, _> = parted.prefetch_map.into_iter().collect();
    fs::write(folder.join(PAGES), serde_json::to_vec(&pages)?)?;
    Ok(())
}

fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .out_name(NAME)
        // The pages' files call what the main one exports, by the linker's names.
        .keep_lld_exports(true)
        .demangle(false)
        // Of no use in a browser: the names of functions, and of the tools.
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}

/// Every WebAssembly file in the folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// `wasm-opt -Oz`: about half the size.
fn shrink(folder: &Path) -> Result<()> {
    node_modules()?;
    say("making the WebAssembly small");
    on_all_cores(&files(folder)?, |wasm| {
        run(command("node")
            .arg(root().join("end2end/node_modules/binaryen/bin/wasm-opt"))
            .arg(wasm)
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
            .args(["-Oz", "--converge", "-o"])
            .arg(wasm))
    })
}

/// Does it to every file, as many at once as there are cores; the first error where there is one.
fn on_all_cores(files: &[PathBuf], work: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let one_after_another = || -> Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(file)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(one_after_another)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}

/// Compresses the files, and refuses a page that would need too much of them.
fn hold_to_limit(folder: &Path) -> Result<()> {
    on_all_cores(&files(folder)?, compress::precompress)?;
    let size = |name: &str| -> Result<u64> {
        let wasm = folder.join(format!("{name}.wasm"));
        Ok(fs::metadata(compress::brotli_path(&wasm))?.len())
    };
    let main = size(&format!("{NAME}_bg"))?;
    let pages: BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&fs::read(folder.join(PAGES))?)?;
    let mut pages_bytes = vec![(main, FIRST_PAGE)];
    for (page, files) in &pages {
        let mut bytes = main;
        for file in files {
            bytes += size(file)?;
        }
        pages_bytes.push((bytes, page.as_str()));
    }
    let list: Vec<_> = pages_bytes
        .iter()
        .map(|(bytes, page)| format!("{page} {:.1}", *bytes as f64 / 1000.0))
        .collect();
    say(format!(
        "WebAssembly that a page needs when it is opened first, in kB of brotli: {}",
        list.join(", ")
    ));
    for (bytes, page) in pages_bytes {
        let most = most_brotli_bytes(page);
        if bytes > most {
            bail!(
                "the page {page} needs {} kB of WebAssembly in brotli; the limit is {} kB",
                bytes.div_ceil(1000),
                most / 1000
            );
        }
    }
    Ok(())
}
