//! A PostgreSQL server to be thrown away, for the tests: from the installed programs, with its own data, on a free port of
//! 127.0.0.1.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::install::{apt, is_root};
use crate::run::{output, say};

/// Where Debian puts each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";

/// It is up within so long, or it isn't coming.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it is run with.
const SETTINGS: [&str; 3] = [
    "listen_addresses=127.0.0.1",
    "max_connections=300",
    "shared_buffers=128MB",
];

/// For the tests: nobody misses what it had when it stopped.
const FORGETFUL: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// A running server. It ends, and its data go, when this is dropped.
pub struct Postgres {
    server: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes and starts one that forgets what it had when it is stopped at once.
    pub fn start() -> Result<Self> {
        Self::start_with(&FORGETFUL)
    }

    /// Makes and starts one that keeps what it said is committed.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(&[])
    }

    fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = programs()?;
        say("starting a PostgreSQL of the tests' own");
        // Several may run at a time.
        let port = free_port()?;
        let folder = std::env::temp_dir().join(format!("layer-postgres-{port}"));
        fs::create_dir(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let started = start_in(&programs, &folder, port, settings);
        if started.is_err() {
            _ = fs::remove_dir_all(&folder);
        }
        started
    }

    /// Without a database: `postgres://USER@127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// The command that stops it in the middle of whatever it does, and starts it again as it was.
    pub fn restart_at_once(&self) -> String {
        let control = as_its_user(&self.programs.join("pg_ctl"));
        let words = std::iter::once(control.get_program()).chain(control.get_args());
        let control: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let folder = self.folder.display();
        format!(
            "{} restart --pgdata={folder}/data --mode=immediate --log={folder}/restarted.log",
            control.join(" ")
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It may have been started again since; its file says as which process. SIGINT: it sends everybody away and ends, with
        // the processes it has for them.
        let file = self.folder.join("data/postmaster.pid");
        let said = fs::read_to_string(&file).unwrap_or_default();
        let own = self.server.id().to_string();
        let id = said.lines().next().unwrap_or(&own);
        _ = Command::new("kill").args(["-INT", id]).status();
        _ = self.server.wait();
        let begun = Instant::now();
        while file.exists() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(50));
        }
        _ = fs::remove_dir_all(&self.folder);
    }
}

fn start_in(programs: &Path, folder: &Path, port: u16, settings: &[&str]) -> Result<Postgres> {
    if is_root() {
        // PostgreSQL refuses to run as root.
        output(Command::new("chown").arg("postgres").arg(folder))?;
    }
    let data = folder.join("data");
    output(
        as_its_user(&programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"]),
    )?;
    let log = fs::File::create(folder.join("log"))?;
    let mut server = as_its_user(&programs.join("postgres"));
    server.arg("-D").arg(&data).arg("-p").arg(port.to_string());
    server.arg("-k").arg(folder);
    for setting in SETTINGS.iter().chain(settings) {
        server.arg("-c").arg(setting);
    }
    let server = server
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("PostgreSQL could not be started")?;
    let mut postgres = Postgres {
        server,
        programs: programs.to_owned(),
        folder: folder.to_owned(),
        port,
    };
    let begun = Instant::now();
    let mut asks = Command::new(programs.join("pg_isready"));
    asks.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
    while !asks.status().is_ok_and(|status| status.success()) {
        if begun.elapsed() > PATIENCE || postgres.server.try_wait()?.is_some() {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!("PostgreSQL doesn't answer: {}", log.trim());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(postgres)
}

/// A program of PostgreSQL's as who may run it: itself, so that its process is the one that is ended.
fn as_its_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program);
    command
}

/// The folder of the programs, of the newest version; installed where there is none. Debian would start a server of its own
/// with them, which is asked not to be.
fn programs() -> Result<PathBuf> {
    if let Some(found) = newest() {
        return Ok(found);
    }
    let quiet = Path::new("/etc/postgresql-common");
    if is_root() && !quiet.join("createcluster.conf").exists() {
        fs::create_dir_all(quiet)?;
        fs::write(
            quiet.join("createcluster.conf"),
            "create_main_cluster = false\n",
        )?;
    }
    apt("PostgreSQL for the tests", &["postgresql"], || {
        newest().is_some()
    })?;
    newest().context("PostgreSQL was installed, and isn't where it is looked for")
}

fn newest() -> Option<PathBuf> {
    let of_debian = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = of_debian
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max()
        .map(|(_, folder)| folder);
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    newest.or_else(in_path)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
