//! Writes the samples that each target begins from: `samples FOLDER` makes `FOLDER/csv/0`, and so on.

use std::fs;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    for target in fuzz::input_targets::targets() {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        for (n, sample) in target.samples.iter().enumerate() {
            fs::write(folder.join(n.to_string()), sample)?;
        }
    }
    Ok(())
}
