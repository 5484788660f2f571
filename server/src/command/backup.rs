//! `layer backup FILE` and `layer restore FILE`: a whole copy of a SQLite database, and back.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use domain::text::count;
use sea_orm::DbBackend;

use super::serve;
use crate::checkpoint::CheckpointArgs;
use crate::clock::Clock;
use crate::database::{DEFAULT_URL, Database, create};
use crate::store::audit_verify::Verified;
use crate::store::{Store, audit};

/// How the names of the files end that are one database: itself, its write-ahead log, and what readers of that share.
const TAILS: [&str; 3] = ["", "-wal", "-shm"];

/// Copies the database into a file, beside a running server.
#[derive(Debug, Args)]
pub struct Backup {
    /// The copy. It must not be there yet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Puts a copy in the database's place. The server must be stopped; the database that was there is kept beside it.
#[derive(Debug, Args)]
pub struct Restore {
    /// What `layer backup` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    checkpoints: CheckpointArgs,
}

impl Backup {
    /// Writes the copy beside its name, verifies it, and gives it its name: what has the name is whole.
    pub async fn run(self, store: &Store) -> anyhow::Result<()> {
        if store.database().backend() != DbBackend::Sqlite {
            bail!("PostgreSQL has its own: pg_dump --format=custom. docs/operating.md says how.");
        }
        let shown = self.file.display();
        if self.file.exists() {
            bail!("{shown} is there already. Name a new file: nothing is written over.");
        }
        let part = beside(&self.file, "part");
        // A broken-off backup left it. SQLite takes an empty file, so nobody else reads it while it is written.
        remove(&part)?;
        create(&part).with_context(|| format!("{shown} can't be written"))?;
        let copied = store.copy_into(&part).await;
        let copied = copied.with_context(|| format!("{shown} can't be written"));
        let kept = async {
            copied?;
            File::open(&part)?.sync_all()?;
            let copy = verified(&part, store.clock())
                .await
                .with_context(|| format!("{shown} wasn't written"))?;
            fs::rename(&part, &self.file).with_context(|| format!("{shown} can't be written"))?;
            sync_folder(&self.file)?;
            anyhow::Ok(copy)
        }
        .await;
        match kept {
            Ok(copy) => {
                println!(
                    "{shown}: {}, {} of the audit log, verified.",
                    count(copy.leads, "lead", "leads"),
                    count(copy.entries, "entry", "entries")
                );
                Ok(())
            }
            Err(error) => {
                remove(&part)?;
                Err(error)
            }
        }
    }
}

impl Restore {
    /// Verifies a copy of the copy, moves the present database away and puts it in its place.
    pub async fn run(self, url: Option<String>, clock: Arc<dyn Clock>) -> anyhow::Result<u8> {
        let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
        let Some(database) = Database::sqlite_file(&url) else {
            bail!("PostgreSQL has its own: pg_restore. docs/operating.md says how.");
        };
        let (from, to) = (self.file.display(), database.display());
        if !self.file.exists() {
            bail!("There is no file {from}.");
        }
        let _lock = serve::lock(&url)?;
        let part = beside(&database, "part");
        remove(&part)?;
        let mut into = create(&part).with_context(|| format!("{to} can't be written"))?;
        let copied = File::open(&self.file)
            .and_then(|mut from| std::io::copy(&mut from, &mut into))
            .and_then(|_| into.sync_all());
        copied.with_context(|| format!("{from} can't be copied"))?;
        let copy = match verified(&part, clock.clone()).await {
            Ok(copy) => copy,
            Err(error) => {
                remove(&part)?;
                // Of whatever lies below, which names the copy of the copy, the sentence is enough.
                bail!("{from} wasn't restored, and {to} is as it was: {error}");
            }
        };
        let kept = move_away(&database, &url, &clock).await?;
        fs::rename(&part, &database).with_context(|| format!("{to} can't be written"))?;
        sync_folder(&database)?;
        let checkpoints = match self.checkpoints.files(&url) {
            Some(files) => put_aside(&files.checkpoints, &clock)?,
            None => None,
        };
        println!(
            "{to} is {from} again: {}, {} of the audit log.",
            count(copy.leads, "lead", "leads"),
            count(copy.entries, "entry", "entries")
        );
        if let Some(checkpoints) = checkpoints {
            println!(
                "The checkpoints that were there tell of the log before; they are {}, and new ones begin.",
                checkpoints.display()
            );
        }
        if let Some(kept) = kept {
            kept.tell(&database, clock).await;
        }
        Ok(0)
    }
}

/// What is in a copy.
struct Copy {
    leads: u64,
    entries: u64,
}

/// What is refused that Layer never wrote, or that was cut off.
const NO_DATABASE: &str = "it is no whole database of Layer.";

/// Refuses a file that isn't whole, with the end of a sentence: SQLite's own check, then the audit log with all that it tells of.
async fn verified(file: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Copy> {
    let shown = file.display();
    let database = Database::open(&format!("sqlite://{shown}?mode=rw"))
        .await
        .context(NO_DATABASE)?;
    let store = Store::new(database, clock, false);
    let found = async {
        let database = store.database();
        // An empty file is a database to SQLite, and the schema's steps would make it one of Layer.
        if !database.has_schema().await.unwrap_or(false) {
            bail!(NO_DATABASE);
        }
        if !database.is_migrated().await.context(NO_DATABASE)? {
            database.migrate().await?;
        }
        if let Some(broken) = store.broken_page().await.context(NO_DATABASE)? {
            bail!("SQLite's check finds it broken: {broken}");
        }
        if let Verified::Broken { why, .. } = store.verify_audit().await? {
            bail!("its audit log is broken. {why}");
        }
        anyhow::Ok(Copy {
            leads: store.count_leads().await?,
            entries: audit::sequence(store.reader()).await?.unsigned_abs(),
        })
    }
    .await;
    // What was copied back from the write-ahead log belongs to the file: it travels alone.
    store.database().close().await;
    found
}

/// What had to make room.
struct Kept {
    /// The database's new name; its write-ahead log, if there is one, has the same with its ending.
    file: PathBuf,
    /// There was a write-ahead log alone.
    without_database: bool,
}

impl Kept {
    /// Says what it is called now, and which of the leads that it had erased are back.
    async fn tell(&self, restored: &Path, clock: Arc<dyn Clock>) {
        let shown = self.file.display();
        if self.without_database {
            println!("There was no database, but a write-ahead log of one: it is {shown}-wal.");
            return;
        }
        println!("The database that was there is {shown}.");
        match self.erased_since(restored, clock).await {
            Ok(0) => {}
            Ok(back) => println!(
                "{} that were erased since this backup are back. Delete them again; the references are in \
                 {shown}: SELECT lead FROM deletion WHERE state = 'erased'.",
                count(back, "lead", "leads"),
            ),
            Err(_) => println!(
                "It can't be read, so nobody can tell which leads were erased since this backup and are back."
            ),
        }
    }

    /// How many leads of the restored database it had erased.
    async fn erased_since(&self, restored: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<u64> {
        let database = Database::open(&format!("sqlite://{}", restored.display())).await?;
        let store = Store::new(database, clock, false);
        let back = store.erased_elsewhere(&self.file).await;
        store.database().close().await;
        back
    }
}

/// Gives the database that is there another name, with all of it in the one file. A write-ahead log goes along also where its
/// database is gone: left there, SQLite would copy it into the restored one.
async fn move_away(
    database: &Path,
    url: &str,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<Kept>> {
    let without_database = !database.exists();
    // Copies back what is in its write-ahead log. One that is too broken for that is moved as it is.
    if !without_database && let Ok(open) = Database::open(url).await {
        open.close().await;
    }
    let file = beside(database, &format!("before-restore-{}", clock.now().0));
    let mut moved = false;
    // The database first: broken off there, its log is refused without it.
    for tail in TAILS {
        let (from, to) = (with_tail(database, tail), with_tail(&file, tail));
        match fs::rename(&from, &to) {
            Ok(()) => moved = true,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} can't be moved", from.display()));
            }
        }
    }
    Ok(moved.then_some(Kept {
        file,
        without_database,
    }))
}

/// Gives the checkpoints another name: of a log that is another now they would say that it was tampered with.
fn put_aside(checkpoints: &Path, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<PathBuf>> {
    let aside = beside(checkpoints, &format!("before-restore-{}", clock.now().0));
    match fs::rename(checkpoints, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        moved => moved.with_context(|| format!("{} can't be moved", checkpoints.display()))?,
    }
    sync_folder(&aside)?;
    Ok(Some(aside))
}

/// `layer.db`, `part` → `layer.db.part`
fn beside(file: &Path, what: &str) -> PathBuf {
    with_tail(file, &format!(".{what}"))
}

fn with_tail(file: &Path, tail: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(tail);
    name.into()
}

fn remove(file: &Path) -> anyhow::Result<()> {
    for tail in TAILS {
        match fs::remove_file(with_tail(file, tail)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} can't be removed", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A new name is there for good once its folder is written.
fn sync_folder(file: &Path) -> anyhow::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok(File::open(folder)?.sync_all()?)
}
