//! SQLite's file: whose it is, which it is, and that it isn't parted from its log.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::bail;

/// Refuses a write-ahead log whose database isn't there, or is empty: SQLite would throw it away, or copy it into a database
/// that it isn't of.
pub fn keeps_its_log(file: &Path) -> anyhow::Result<()> {
    let bytes = |file: &Path| fs::metadata(file).map_or(0, |file| file.len());
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    if bytes(file) == 0 && bytes(&log) > 0 {
        bail!(
            "{log} is there, and its database {file} isn't. What was last written may be in it alone: put {file} back beside it, or, if \
             that is lost, move {log} away and restore a backup.",
            log = log.display(),
            file = file.display()
        );
    }
    Ok(())
}

/// A new file that its owner alone may read: it will hold everybody's data. What SQLite puts beside it gets the same rights.
///
/// # Errors
/// Where it is there already, or can't be made.
pub fn create(file: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// A file, whatever its name: device and inode.
pub(super) type Identity = (u64, u64);

#[cfg(unix)]
pub(super) fn identity(file: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let is = fs::metadata(file).ok()?;
    Some((is.dev(), is.ino()))
}

/// Windows doesn't let an open file be moved.
#[cfg(not(unix))]
pub(super) fn identity(_: &Path) -> Option<Identity> {
    None
}
