//! `target/site`: everything the server hands out as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compress::{brotli_path, gzip_path, precompress};
use crate::run::{root, say, target};
use crate::{Flavour, css, wasm};

/// Builds the site anew: what is unchanged is left alone, what no longer belongs there goes. Answers its files.
pub fn build(flavour: Flavour) -> Result<BTreeSet<PathBuf>> {
    let mut site = Site {
        folder: target().join("site"),
        files: BTreeSet::new(),
    };
    let (wasm, css) = (wasm::build(flavour)?, css::bundle()?);
    // A folder of its own for each version: a page that is open while the server is updated never gets a piece of another
    // version, and browsers keep the files without asking.
    let version = version(&wasm, &css)?;
    let pkg = Path::new("pkg").join(&version);
    // For a release with its compressed forms: they stand beside it.
    site.copy(&wasm, &pkg)?;
    site.write(&pkg.join("layer.css"), css.as_bytes())?;
    site.write(Path::new("version"), version.as_bytes())?;
    let public = root().join("style/public");
    if public.is_dir() {
        site.copy(&public, Path::new(""))?;
    }
    if flavour == Flavour::Release {
        site.precompress()?;
    }
    site.sweep(&site.folder)?;
    if flavour == Flavour::Release {
        site.tell_sizes()?;
    }
    Ok(site.files)
}

/// Names the files by what is in them.
fn version(wasm: &Path, css: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    css.hash(&mut hasher);
    let mut files = fs::read_dir(wasm)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    for file in files.iter().filter(|file| !is_compressed(file)) {
        (file.file_name(), fs::read(file)?).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

struct Site {
    folder: PathBuf,
    files: BTreeSet<PathBuf>,
}

impl Site {
    fn copy(&mut self, from: &Path, to: &Path) -> Result<()> {
        for entry in
            fs::read_dir(from).with_context(|| format!("{} can't be read", from.display()))?
        {
            let entry = entry?;
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                self.copy(&from, &to)?;
            } else {
                self.write(&to, &fs::read(&from)?)?;
            }
        }
        Ok(())
    }

    /// Leaves an equal file alone, so that its time of change says something.
    fn write(&mut self, name: &Path, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        if fs::read(&path).map_or(true, |there| there != bytes) {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, bytes)
                .with_context(|| format!("{} can't be written", path.display()))?;
        }
        self.files.insert(path);
        Ok(())
    }

    fn precompress(&mut self) -> Result<()> {
        let files: Vec<PathBuf> = self
            .files
            .iter()
            .filter(|file| !is_compressed(file))
            .cloned()
            .collect();
        for file in files {
            if !self.files.contains(&brotli_path(&file)) {
                precompress(&file)?;
                self.files.extend([brotli_path(&file), gzip_path(&file)]);
            }
        }
        Ok(())
    }

    /// Removes what an earlier build left here, such as compressed files that no longer fit.
    fn sweep(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.sweep(&path)?;
            } else if !self.files.contains(&path) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn tell_sizes(&self) -> Result<()> {
        let mut sizes = BTreeMap::<String, (u64, u64)>::new();
        for file in self.files.iter().filter(|file| !is_compressed(file)) {
            if let Some(kind @ ("wasm" | "js" | "css")) =
                file.extension().and_then(|kind| kind.to_str())
            {
                let size = sizes.entry(kind.to_owned()).or_default();
                size.0 += fs::metadata(file)?.len();
                size.1 += fs::metadata(brotli_path(file))?.len();
            }
        }
        for (kind, (raw, brotli)) in sizes {
            say(format!(
                "{kind}: {:.1} kB, {:.1} kB as brotli",
                raw as f64 / 1000.0,
                brotli as f64 / 1000.0
            ));
        }
        Ok(())
    }
}

fn is_compressed(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending == "br" || ending == "gz")
}
