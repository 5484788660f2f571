//! The folder of the browser's files must be there when `web/site.rs` embeds it, also before they are built.

use std::env;
use std::fs;

fn main() -> std::io::Result<()> {
    fs::create_dir_all("../target/site")?;
    // A release holds the files; a debug build reads them as they are.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../target/site");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
    Ok(())
}
