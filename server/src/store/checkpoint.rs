//! Checkpoints against the log: what only they find is a tail that was cut off with its head, and a log that was written anew
//! with right hashes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Take};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use domain::Result;
use domain::audit::{Digest, GENESIS};
use domain::checkpoint::{Checkpoint, KeyId, Line};
use domain::text;
use ed25519_dalek::{Signature, VerifyingKey};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Notify;

use super::audit_verify::{Verified, verify};
use super::sql::{self, internal, values};
use super::{Store, audit};

/// No line is longer.
const LONGEST_LINE: u64 = 512;

/// Where this process keeps checkpoints, and the bell that asks for one.
#[derive(Debug, Default)]
pub struct Kept {
    file: OnceLock<PathBuf>,
    bell: Notify,
}

/// Checkpoints that the log agrees with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// How many.
    pub count: u64,
    /// The newest.
    pub newest: Option<Checkpoint>,
}

impl Store {
    /// Whoever verifies reads these checkpoints too.
    pub fn keeps_checkpoints_in(&self, file: &Path) {
        _ = self.checkpoints.file.set(file.to_owned());
    }

    /// Asks for a checkpoint at once: a run is over.
    pub fn checkpoint_soon(&self) {
        self.checkpoints.bell.notify_one();
    }

    /// Rung by [`Self::checkpoint_soon`].
    pub fn checkpoint_bell(&self) -> &Notify {
        &self.checkpoints.bell
    }

    /// The head of the log.
    pub async fn audit_head(&self) -> Result<(i64, Digest)> {
        audit::head(self.reader()).await
    }

    /// Walks the whole chain, then compares every checkpoint, if any are kept; those that agree.
    pub async fn verify_audit_and_checkpoints(
        &self,
        progress: impl Fn(i64) + Send + Sync,
    ) -> Result<(Verified, Option<Agreed>)> {
        // Before the database: what is written to the file from now on may be of entries that the picture doesn't have.
        let checkpoints = match self.checkpoints.file.get() {
            Some(file) => CheckpointReader::open(file).map_err(unreadable_file)?,
            None => None,
        };
        let on = self.snapshot().await?;
        let verified = verify(&on, progress).await?;
        match (verified, checkpoints) {
            (Verified::Whole { entries }, Some(checkpoints)) => {
                compare(&on, entries, checkpoints).await
            }
            (verified, _) => Ok((verified, None)),
        }
    }
}

fn unreadable_file(error: std::io::Error) -> domain::Error {
    internal(DbErr::Custom(format!("the checkpoint file: {error}")))
}

/// Every checkpoint is signed by the key that it names, and has the hash of its entry.
pub async fn compare<C: ConnectionTrait>(
    on: &C,
    entries: i64,
    checkpoints: CheckpointReader,
) -> Result<(Verified, Option<Agreed>)> {
    let mut keys: HashMap<KeyId, VerifyingKey> = HashMap::new();
    let mut agreed = Agreed::default();
    // The last entry that a checkpoint proves.
    let mut proven = 0;
    for line in checkpoints {
        let (number, line) = line.map_err(unreadable_file)?;
        let (checkpoint, signature) = match line {
            None => {
                return Ok(broken(
                    None,
                    format!("Line {number} of the checkpoints can't be read."),
                ));
            }
            Some(Line::Key { public }) => {
                match VerifyingKey::from_bytes(&public) {
                    Ok(key) => keys.insert(KeyId::of(&public), key),
                    Err(_) => {
                        let why = format!("Line {number} of the checkpoints has no key.");
                        return Ok(broken(None, why));
                    }
                };
                continue;
            }
            Some(Line::Checkpoint {
                checkpoint,
                signature,
            }) => (checkpoint, signature),
        };
        let signed = keys.get(&checkpoint.key).is_some_and(|key| {
            let signature = Signature::from_bytes(&signature);
            key.verify_strict(checkpoint.signed().as_bytes(), &signature)
                .is_ok()
        });
        if !signed {
            let why = format!(
                "The checkpoint in line {number} isn't signed by its key: the checkpoints were changed."
            );
            return Ok(broken(None, why));
        }
        let at = checkpoint.at.timestamp().strftime("%Y-%m-%d %H:%M:%S UTC");
        let sequence = checkpoint.sequence;
        let hash = hash_of(on, sequence).await?;
        if hash.is_none() && sequence > entries {
            return Ok(broken(
                Some(entries + 1),
                format!(
                    "The log's end was cut off: the checkpoint of {at} (line {number}) says entry {}, the last one is {}.",
                    text::number(sequence.unsigned_abs()),
                    text::number(entries.unsigned_abs())
                ),
            ));
        }
        if hash != Some(checkpoint.hash) {
            return Ok(broken(
                Some(proven + 1),
                format!(
                    "The log was written anew: the checkpoint of {at} (line {number}) has another hash of entry {}.",
                    text::number(sequence.unsigned_abs())
                ),
            ));
        }
        proven = proven.max(sequence);
        agreed.count += 1;
        agreed.newest = Some(checkpoint);
    }
    Ok((Verified::Whole { entries }, Some(agreed)))
}

fn broken(entry: Option<i64>, why: String) -> (Verified, Option<Agreed>) {
    (Verified::Broken { entry, why }, None)
}

/// The hash of an entry that is there.
async fn hash_of<C: ConnectionTrait>(on: &C, sequence: i64) -> Result<Option<Digest>> {
    if sequence == 0 {
        return Ok(Some(GENESIS));
    }
    let hash: Option<Vec<u8>> = sql::value(
        on,
        "SELECT hash FROM audit_entry WHERE sequence = $1",
        values![sequence],
    )
    .await?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// The lines of a file as it was when it was opened. A last line without its end, torn by a crash, is none.
#[derive(Debug)]
pub struct CheckpointReader {
    lines: Take<BufReader<File>>,
    number: u64,
}

impl CheckpointReader {
    /// Opens the file; `None` where there is none yet.
    pub fn open(path: &Path) -> std::io::Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let length = file.metadata()?.len();
        Ok(Some(Self {
            lines: BufReader::new(file).take(length),
            number: 0,
        }))
    }
}

/// A line's number, from 1, and what it says, if it can be read.
impl Iterator for CheckpointReader {
    type Item = std::io::Result<(u64, Option<Line>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = (&mut self.lines)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        if let Err(error) = read {
            return Some(Err(error));
        }
        let torn = line.last() != Some(&b'\n');
        if torn && (line.len() as u64) < LONGEST_LINE {
            return None;
        }
        line.pop();
        self.number += 1;
        let text = std::str::from_utf8(&line).ok().filter(|_| !torn);
        Some(Ok((self.number, text.and_then(Line::parse))))
    }
}
