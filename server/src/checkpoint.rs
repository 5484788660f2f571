//! Checkpoints of the audit log in a file outside the database, each signed: at most one a minute while the log grows, after
//! each run of the queue (within a minute where another process ran it), and when the server stops.
//!
//! They prove something to whoever can't write both the database and the file: copy the file elsewhere, or give it a place on
//! another machine. The format is in [`domain::checkpoint`].

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use domain::checkpoint::{Checkpoint, KeyId, Line, bytes, hex};
use ed25519_dalek::{Signer, SigningKey};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::store::Store;
use crate::store::checkpoint::CheckpointReader;

/// While the log grows, checkpoints are so far apart.
const APART: Duration = Duration::from_secs(60);

/// The last complete line ends within so many bytes of the file's end, and is within them.
const TAIL: u64 = 1_024;

/// Where checkpoints are kept.
#[derive(Debug, Clone, Default, Args)]
pub struct CheckpointArgs {
    /// Signed checkpoints of the audit log: beside a SQLite database (layer.checkpoints for layer.db) where nothing is said,
    /// nowhere with PostgreSQL.
    #[arg(long, env = "LAYER_CHECKPOINTS", value_name = "FILE")]
    pub checkpoints: Option<PathBuf>,
    /// What signs them, made at first use: beside the checkpoints (layer.key for layer.checkpoints) where nothing is said.
    #[arg(long, env = "LAYER_CHECKPOINT_KEY", value_name = "FILE")]
    pub checkpoint_key: Option<PathBuf>,
}

/// The two files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The checkpoints.
    pub checkpoints: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl CheckpointArgs {
    /// The files, for the database of that URL; `None` where no checkpoints are kept.
    pub fn files(&self, url: &str) -> Option<Files> {
        let beside = || {
            let file = url.strip_prefix("sqlite:")?.trim_start_matches("//");
            let file = Path::new(file.split('?').next()?);
            Some(file.with_extension("checkpoints"))
        };
        let checkpoints = self.checkpoints.clone().or_else(beside)?;
        let key = self.checkpoint_key.clone();
        let key = key.unwrap_or_else(|| checkpoints.with_extension("key"));
        Some(Files { checkpoints, key })
    }
}

/// Writes checkpoints.
#[derive(Debug)]
pub struct Checkpoints {
    file: PathBuf,
    key: SigningKey,
}

impl Checkpoints {
    /// With that key, which is made where there is none; tells the file of it.
    pub fn open(files: &Files) -> Result<Self> {
        let checkpoints = Self {
            file: files.checkpoints.clone(),
            key: key(&files.key)?,
        };
        let unwritable = || format!("{} can't be written", files.checkpoints.display());
        checkpoints.introduce().with_context(unwritable)?;
        Ok(checkpoints)
    }

    /// Writes one, unless the last one is of the same entry; what it says.
    pub async fn write(self: &Arc<Self>, store: &Store) -> Result<Option<Checkpoint>> {
        let (sequence, hash) = store.audit_head().await?;
        let checkpoint = Checkpoint {
            sequence,
            hash,
            at: store.now(),
            key: self.key_id(),
        };
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || this.append(checkpoint)).await?;
        let written =
            written.with_context(|| format!("{} can't be written", self.file.display()))?;
        Ok(written.then_some(checkpoint))
    }

    /// Writes them as the log grows, whichever process makes it grow, until `stop` says so. What the worker still does then is
    /// for who stops it.
    pub async fn keep(self: Arc<Self>, store: Arc<Store>, stop: watch::Receiver<bool>) {
        self.keep_apart(APART, store, stop).await;
    }

    /// The same, so far apart.
    pub async fn keep_apart(
        self: Arc<Self>,
        apart: Duration,
        store: Arc<Store>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut acts = store.acts();
        let mut not_before = Instant::now();
        loop {
            match self.write(&store).await {
                Ok(None) => {}
                Ok(Some(_)) => not_before = Instant::now() + apart,
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "no checkpoint of the audit log");
                    not_before = Instant::now() + apart;
                }
            }
            // An act of another process shows in the head alone.
            let look = Instant::now() + apart;
            tokio::select! {
                _ = async { (acts.changed().await, sleep_until(not_before).await) } => {}
                () = sleep_until(look) => {}
                () = store.checkpoint_bell().notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Whose signature they have.
    pub fn key_id(&self) -> KeyId {
        KeyId::of(self.key.verifying_key().as_bytes())
    }

    /// Writes the key's line, where the file doesn't have it.
    fn introduce(&self) -> std::io::Result<()> {
        let public = *self.key.verifying_key().as_bytes();
        let (mut file, _) = self.locked()?;
        for line in CheckpointReader::open(&self.file)?.into_iter().flatten() {
            if line?.1 == Some(Line::Key { public }) {
                return Ok(());
            }
        }
        file.write_all(format!("{}\n", Line::Key { public }).as_bytes())?;
        file.sync_all()
    }

    fn append(&self, checkpoint: Checkpoint) -> std::io::Result<bool> {
        let (mut file, last) = self.locked()?;
        if let Some(Line::Checkpoint {
            checkpoint: last, ..
        }) = last
            && (last.sequence, last.hash, last.key)
                == (checkpoint.sequence, checkpoint.hash, checkpoint.key)
        {
            return Ok(false);
        }
        let signature = self.key.sign(checkpoint.signed().as_bytes()).to_bytes();
        let line = Line::Checkpoint {
            checkpoint,
            signature,
        };
        // In one call: what a crash tears is the last line's end.
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
        Ok(true)
    }

    /// The file, which is this call's alone until it is dropped, without a last line that a crash has torn; and its last line.
    fn locked(&self) -> std::io::Result<(File, Option<Line>)> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .append(true)
            .create(true)
            .open(&self.file)?;
        file.lock()?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let end = tail.iter().rposition(|byte| *byte == b'\n');
        let complete = end.map_or(0, |end| end + 1);
        file.set_len(from + complete as u64)?;
        let last = tail[..complete]
            .split(|byte| *byte == b'\n')
            .rfind(|line| !line.is_empty())
            .and_then(|line| std::str::from_utf8(line).ok())
            .and_then(Line::parse);
        Ok((file, last))
    }
}

/// The last checkpoint in that file, if it has one.
pub fn last_of(file: &Path) -> std::io::Result<Option<Checkpoint>> {
    let mut file = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    // What stands behind the last line's end was torn by a crash.
    let mut lines = tail.split(|byte| *byte == b'\n').rev().skip(1);
    Ok(
        lines.find_map(|line| match Line::parse(std::str::from_utf8(line).ok()?) {
            Some(Line::Checkpoint { checkpoint, .. }) => Some(checkpoint),
            _ => None,
        }),
    )
}

/// The private key in that file, or a new one.
fn key(path: &Path) -> Result<SigningKey> {
    let named = || path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let seed: [u8; 32] = rand::random();
            let text = format!("{}\n", hex(&seed));
            make_private(path, &text).with_context(|| format!("{} can't be written", named()))?
        }
        text => text.with_context(|| format!("{} can't be read", named()))?,
    };
    match bytes(text.trim_end()) {
        Some(seed) => Ok(SigningKey::from_bytes(&seed)),
        None => bail!(
            "{} holds no key of Layer. Move it away, and a new one is made.",
            named()
        ),
    }
}

/// Makes a file that only its owner reads; what is in it, which is another's text where another process was first.
fn make_private(path: &Path, text: &str) -> std::io::Result<String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => std::fs::read_to_string(path),
        file => {
            let mut file = file?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            Ok(text.to_owned())
        }
    }
}
