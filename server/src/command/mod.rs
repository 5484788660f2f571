//! The command line.

use std::io::IsTerminal;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use domain::text;

use crate::clock::Clock;
use crate::database::{DEFAULT_URL, Database};
use crate::demo;
use crate::store::Store;

pub mod audit;
pub mod backup;
pub mod delete;
pub mod healthcheck;
pub mod import;
pub mod queue;
pub mod serve;
pub mod stats;
pub mod user;
pub mod work;

/// Layer deletes leads well: once, with a reason, an undo and a proof.
#[derive(Debug, Parser)]
#[command(name = "layer", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// sqlite://FILE or postgres://USER@HOST/NAME; `layer.db` in the working folder where nothing is said.
    #[arg(long, global = true, env = "LAYER_DATABASE", value_name = "URL")]
    pub database: Option<String>,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the pages and runs the Deletion Queue.
    Serve(serve::Serve),
    /// Runs the Deletion Queue and imports, and serves no pages: beside `layer serve` on one PostgreSQL.
    Work,
    /// Brings the database's schema up to date.
    Migrate,
    /// Fills an empty database with made-up leads, people and work stacks.
    Demo {
        /// How many leads.
        #[arg(long, default_value_t = serve::DEMO_LEADS)]
        leads: usize,
        /// The same number makes the same leads.
        #[arg(long, default_value_t = serve::DEMO_SEED)]
        seed: u64,
    },
    /// Members.
    User {
        /// What about them.
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Brings leads in from a CSV file. Twice adds nothing, unless its leads were deleted in between; a row that can't be read keeps all of it out.
    Import(import::Import),
    /// Deletes all leads of a work stack: the order waits in the Deletion Queue like any other.
    Delete(delete::Delete),
    /// The Deletion Queue.
    Queue {
        /// What about it.
        #[command(subcommand)]
        command: queue::QueueCommand,
    },
    /// Lead stats.
    Stats {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The audit log.
    Audit {
        /// What about it.
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Copies a SQLite database into a file, beside a running server, and verifies the copy.
    Backup(backup::Backup),
    /// Puts a copy in the database's place: the server must be stopped. What was there is kept beside it.
    Restore(backup::Restore),
    /// Whether a server answers: exit code 0 or 1.
    Healthcheck(healthcheck::Healthcheck),
}

/// Runs a command by that clock, `serve` with those routes more; its exit code.
pub async fn run(
    cli: Cli,
    clock: Arc<dyn Clock>,
    more: Option<serve::MoreRoutes>,
) -> anyhow::Result<u8> {
    let command = match cli.command {
        Command::Serve(serve) => return serve::run(serve, cli.database, clock, more).await,
        Command::Work => return work::run(cli.database, clock).await,
        Command::Healthcheck(check) => return check.run().await,
        Command::Restore(restore) => return restore.run(cli.database, clock).await,
        command => command,
    };
    if matches!(
        command,
        Command::Stats { .. }
            | Command::Queue { .. }
            | Command::Audit { .. }
            | Command::Delete(_)
            | Command::Backup(_)
    ) {
        must_exist(cli.database.as_deref().unwrap_or(DEFAULT_URL))?;
    }
    let url = cli.database.as_deref().unwrap_or(DEFAULT_URL);
    let store = open(Some(url), false, clock).await?;
    let code = on_database(command, url, &store).await;
    // Also after a fault: what is in SQLite's write-ahead log is copied back.
    close(store).await?;
    code
}

async fn on_database(command: Command, url: &str, store: &Arc<Store>) -> anyhow::Result<u8> {
    match command {
        Command::Serve(_) | Command::Work | Command::Healthcheck(_) | Command::Restore(_) => {}
        Command::Migrate => println!("The schema is up to date."),
        Command::Demo { leads, seed } => {
            demo::fill(store, leads, seed).await?;
            println!(
                "Filled with {} made-up leads. `layer serve --demo` serves them.",
                text::number(leads as u64)
            );
        }
        Command::User { command } => user::run(command, store).await?,
        Command::Import(import) => return import::run(import, store).await,
        Command::Delete(delete) => delete.run(store).await?,
        Command::Backup(backup) => backup.run(store).await?,
        Command::Queue { command } => queue::run(command, store).await?,
        Command::Stats { json } => stats::run(store, json).await?,
        Command::Audit { command } => return audit::run(command, url, store).await,
    }
    Ok(0)
}

/// Refuses a SQLite file that isn't there: what is asked of a mistyped name must not be answered by an empty database.
fn must_exist(url: &str) -> anyhow::Result<()> {
    let Some(file) = Database::sqlite_file(url) else {
        return Ok(());
    };
    if !file.exists() {
        anyhow::bail!(
            "There is no database {}. Name it with --database sqlite://FILE.",
            file.display()
        );
    }
    Ok(())
}

/// Opens, migrates and founds the database.
pub async fn open(
    url: Option<&str>,
    demo: bool,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Arc<Store>> {
    let database = Database::open(url.unwrap_or(DEFAULT_URL)).await?;
    database.migrate().await?;
    let store = Store::new(database, clock, demo);
    store.set_clock().await?;
    store.found().await?;
    let forgetful = store.database().forgetful_settings().await?;
    if !forgetful.is_empty() {
        tracing::warn!(
            off = forgetful.join(", "),
            "PostgreSQL doesn't wait for the disk: a power cut may take what was answered as done, erasures among it. Turn these on"
        );
    }
    Ok(Arc::new(store))
}

/// Ends the connections; what is in SQLite's write-ahead log is copied back.
pub async fn close(store: Arc<Store>) -> anyhow::Result<u8> {
    store.database().close().await;
    Ok(0)
}

/// Logs go to standard error: lines for people, or with `LAYER_LOG=json` a JSON object each. `RUST_LOG` says how much. A
/// panic is logged by its place alone.
pub fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,server=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for a terminal; in a file they would be noise.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if std::env::var("LAYER_LOG").is_ok_and(|form| form == "json") {
        log.json().flatten_event(true).init();
    } else {
        log.init();
    }
    crate::web::headers::log_panics_by_place();
}

/// The exit code, and on standard error what went wrong.
pub fn exit(result: anyhow::Result<u8>) -> std::process::ExitCode {
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("{error:#}");
            2.into()
        }
    }
}
