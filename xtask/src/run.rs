//! Running other programs, and saying so.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The workspace's folder. Asked at run time, because a checkout can be moved after xtask was compiled.
pub fn root() -> PathBuf {
    let manifest =
        std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest)
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where everything is built. The server takes the site from here, so it isn't to be set elsewhere.
pub fn target() -> PathBuf {
    root().join("target")
}

/// One line that says what takes time now.
pub fn say(what: impl AsRef<str>) {
    println!("==> {}", what.as_ref());
}

/// A program, to be run in the workspace's folder.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(root());
    command
}

/// The cargo that runs this, building into [`target`].
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.env_remove("CARGO_TARGET_DIR");
    // What cargo told xtask of itself. Build scripts that ask for it would run again whenever one changes between `cargo`
    // and `cargo xtask`, and all that hangs on them be compiled again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name == "CARGO_MANIFEST_DIR"
            || name == "CARGO_MANIFEST_PATH"
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs it; an error when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} could not be started", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs it and answers what it printed; an error when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("{} could not be started", line(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            line(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it could be started and ended well; what it prints is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether there is such a program.
pub fn is_there(program: &str) -> bool {
    succeeds(Command::new(program).arg("--version"))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Does `work` unless it was done before with the same `inputs`. What was done stands in a small file beside the rest
/// of the build, so that removing `target` forgets it.
pub fn unless_done(name: &str, inputs: impl Hash, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    inputs.hash(&mut hasher);
    let fingerprint = format!("{:016x}", hasher.finish());
    let stamp = target().join("xtask").join(format!("{name}.done"));
    if fs::read_to_string(&stamp).is_ok_and(|done| done == fingerprint) {
        return Ok(());
    }
    // Gone first: work that ends half way must not look done.
    let _ = fs::remove_file(&stamp);
    work()?;
    fs::create_dir_all(target().join("xtask"))?;
    fs::write(&stamp, fingerprint).with_context(|| format!("{} can't be written", stamp.display()))
}

/// Whether both are there and `file` was written no earlier than the other.
pub fn is_newer(file: &Path, than: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|about| about.modified());
    matches!((modified(file), modified(than)), (Ok(file), Ok(than)) if file >= than)
}

/// The first word of a line.
pub fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}
