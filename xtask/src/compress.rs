//! Files compressed once, here, instead of at every request.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::is_newer;

/// Where a file's brotli stands: beside it, `.br`.
pub fn brotli_path(file: &Path) -> PathBuf {
    beside(file, ".br")
}

/// Where a file's gzip stands: beside it, `.gz`.
pub fn gzip_path(file: &Path) -> PathBuf {
    beside(file, ".gz")
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Writes both beside the file, at the highest level, unless they are there and newer.
pub fn precompress(file: &Path) -> Result<()> {
    let (brotli, gzip) = (brotli_path(file), gzip_path(file));
    if is_newer(&brotli, file) && is_newer(&gzip, file) {
        return Ok(());
    }
    let bytes = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(
        &mut bytes.as_slice(),
        &mut File::create(&brotli)?,
        &parameters,
    )?;
    let mut encoder = GzEncoder::new(File::create(&gzip)?, Compression::best());
    encoder.write_all(&bytes)?;
    encoder.finish()?;
    Ok(())
}
