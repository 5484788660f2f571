//! The same targets as those of the torture suite's P37.

use std::path::PathBuf;
use std::{env, fs, io};

#[path = "../../tests/torture/input_targets.rs"]
pub mod input_targets;

/// Writes the samples that this target begins from into the folder that is its first argument: libFuzzer reads them there.
///
/// # Panics
/// Where it can't: nothing would be fuzzed that is worth it.
pub fn write_samples(target: &str) {
    written(target).unwrap_or_else(|error| panic!("the samples of {target}: {error}"));
}

fn written(target: &str) -> io::Result<()> {
    let folder = env::args().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("a folder is missing"))?;
    fs::create_dir_all(&folder)?;
    let mut targets = input_targets::targets().into_iter();
    let target = targets.find(|known| known.name == target);
    let target = target.ok_or_else(|| io::Error::other("there is no such target"))?;
    for (n, sample) in target.samples.iter().enumerate() {
        fs::write(folder.join(format!("sample-{n}")), sample)?;
    }
    Ok(())
}
