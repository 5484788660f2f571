//! `layer serve`

use std::fs::{File, TryLockError};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use ipnet::IpNet;
use sea_orm::ConnectionTrait;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::work::{Working, end};
use super::{close, open};
use crate::checkpoint::{CheckpointArgs, Checkpoints, last_of};
use crate::clock::Clock;
use crate::database::{Database, keeps_its_log};
use crate::mail::Post;
use crate::store::stack_count::keep_counting;
use crate::store::verification::keep_verifying;
use crate::store::{Store, audit, sql};
use crate::told::Teller;
use crate::web::live::Frames;
use crate::web::trusted_proxy::{self, TrustedProxies};
use crate::web::{Web, router};
use crate::{demo, lasting, neighbours};

/// The database of `--demo` where nothing else is said.
const DEMO_URL: &str = "sqlite://demo.db";

/// So many leads are made up.
pub const DEMO_LEADS: usize = 5_000;
/// What they are made up from.
pub const DEMO_SEED: u64 = 1;

/// Whoever is still served when the server is told to stop has so long.
const PATIENCE: Duration = Duration::from_secs(8);

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen.
    #[arg(
        long,
        env = "LAYER_LISTEN",
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,
    /// Serves the pages alone: neither the Deletion Queue nor imports run here, but where `layer work` (or a `layer serve`
    /// without this) runs on the same PostgreSQL. On SQLite nothing leaves then but by `layer queue run`.
    #[arg(long, env = "LAYER_NO_WORKER")]
    pub no_worker: bool,
    /// With made-up leads and five made-up people that one click signs in. For trying out, not for real leads.
    #[arg(long)]
    pub demo: bool,
    /// Cookies travel by https alone: set it behind a proxy that speaks https.
    #[arg(long, env = "LAYER_SECURE_COOKIES")]
    pub secure_cookies: bool,
    /// A proxy before Layer, or a network of them as in 10.0.0.0/8, that adds whom it was asked by to X-Forwarded-For: what it
    /// says is counted by at the sign-in. Several times, or with commas in the environment.
    #[arg(
        long,
        env = "LAYER_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = trusted_proxy::network,
        value_name = "ADDRESS_OR_CIDR"
    )]
    pub trusted_proxy: Vec<IpNet>,
    /// Writes to the Layer Admins when deletions fail or aren't processed within 48 hours:
    /// smtp://USER:PASSWORD@HOST:PORT or smtps://… Better in the environment, where no list of processes shows it.
    #[arg(
        long,
        env = "LAYER_SMTP",
        hide_env_values = true,
        requires = "mail_from",
        value_name = "URL"
    )]
    pub smtp: Option<String>,
    /// Who those messages are from.
    #[arg(long, env = "LAYER_MAIL_FROM", value_name = "E-MAIL")]
    pub mail_from: Option<String>,
    /// Where people open Layer, for the link in those messages; where it listens, if nothing is said.
    #[arg(long, env = "LAYER_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Opens /metrics for Prometheus to who sends this token: Authorization: Bearer TOKEN.
    #[arg(
        long,
        env = "LAYER_METRICS_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub metrics_token: Option<String>,
    /// Where checkpoints are kept.
    #[command(flatten)]
    pub checkpoints: CheckpointArgs,
}

/// More routes: the tests' clock.
pub type MoreRoutes = Box<dyn FnOnce(Arc<Store>) -> axum::Router + Send>;

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(
    serve: Serve,
    url: Option<String>,
    clock: Arc<dyn Clock>,
    more: Option<MoreRoutes>,
) -> anyhow::Result<u8> {
    let url = url.unwrap_or_else(|| {
        if serve.demo {
            DEMO_URL
        } else {
            crate::database::DEFAULT_URL
        }
        .to_owned()
    });
    let post = post(&serve)?;
    let _only = lock(&url)?;
    if !serve.demo {
        is_all_there(&url, &serve).await?;
    }
    let store = open(Some(&url), serve.demo, clock).await?;
    if serve.demo {
        prepare_demo(&store).await?;
    }
    let checkpoints = keep_checkpoints(&serve, &url, &store)?;
    let listener = TcpListener::bind(serve.listen).await.with_context(|| {
        format!(
            "{} can't be listened on. Choose another with --listen",
            serve.listen
        )
    })?;
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let frames = Frames::start(store.clone(), stopped.clone());
    let counting = lasting::spawn("counting", &store, keep_counting);
    let working = (!serve.no_worker).then(|| Working::start(&store, &stopped));
    let talking = lasting::spawn("neighbours", &store, neighbours::talk);
    let verifying = lasting::spawn("verifying", &store, keep_verifying);
    if let Some(checkpoints) = &checkpoints {
        let (checkpoints, stopped) = (checkpoints.clone(), stopped.clone());
        lasting::spawn("checkpoints", &store, move |store| {
            checkpoints.clone().keep(store, stopped.clone())
        });
    }
    if let Some(post) = post {
        let url = serve.public_url.clone();
        let url = url.unwrap_or_else(|| format!("http://{address}"));
        let url = url.trim_end_matches('/').to_owned();
        let (teller, stopped) = (Teller { post, url }, stopped.clone());
        lasting::spawn("e-mail", &store, move |store| {
            teller.clone().work(store, stopped.clone())
        });
    }
    let mut web = Web::new(store.clone(), frames, serve.secure_cookies);
    web.metrics_token = serve.metrics_token.as_deref().map(Arc::from);
    web.trusted_proxies = TrustedProxies::new(&serve.trusted_proxy);
    let mut routes = router(web);
    if let Some(more) = more {
        routes = routes.merge(more(store.clone()));
    }
    let asked = asked_to_stop();
    // Tests wait for this very line.
    tell(&format!("listening on http://{address}"));
    tell(how_to_sign_in(&serve));
    let mut told = stopped.clone();
    let serving = tokio::spawn(
        axum::serve(
            listener,
            routes.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(async move {
            _ = told.wait_for(|stop| *stop).await;
        })
        .into_future(),
    );
    asked.await;
    stop.send_replace(true);
    tell("stopping");
    let ended = async { tokio::join!(serving, end(working)) };
    if timeout(PATIENCE, ended).await.is_err() {
        // Whatever was being written is rolled back; whoever was being read to loses the rest.
        tracing::warn!("somebody was still being served");
    }
    counting.abort();
    talking.abort();
    verifying.abort();
    if let Some(checkpoints) = checkpoints {
        let last = checkpoints.write(&store).await;
        if let Err(error) = last {
            tracing::error!(error = %format!("{error:#}"), "no checkpoint of the audit log");
        }
    }
    close(store).await
}

/// Refuses a database whose log is shorter than its last checkpoint says, before anything is written to it: without its
/// write-ahead log SQLite's file is as it was at some earlier time, or quite empty, and nothing else would tell.
async fn is_all_there(url: &str, serve: &Serve) -> anyhow::Result<()> {
    let Some(files) = serve.checkpoints.files(url) else {
        return Ok(());
    };
    let shown = files.checkpoints.display();
    let last = last_of(&files.checkpoints).with_context(|| format!("{shown} can't be read"))?;
    let Some(last) = last else {
        return Ok(());
    };
    let file = Database::sqlite_file(url);
    let log = match &file {
        Some(_) => {
            "Put the write-ahead log (the file that ends in -wal) back beside it, or restore"
        }
        None => "Restore",
    };
    let ends = match file {
        // Opened, it would be made.
        Some(file) if !file.exists() => {
            keeps_its_log(&file)?;
            0
        }
        _ => end_of_log(url).await?,
    };
    if ends < last.sequence {
        bail!(
            "Something of this database is missing: its audit log ends at entry {ends}, and {shown} says that there was an entry {}. \
             {log} a backup. If it is \
             meant to be an older or a new one, move {shown} away and keep it as a record.",
            last.sequence
        );
    }
    Ok(())
}

/// The number of the audit log's last entry.
async fn end_of_log(url: &str) -> anyhow::Result<i64> {
    let database = Database::open(url).await?;
    let ends = match database.has_schema().await? {
        true => audit::sequence(database.reader()).await?,
        false => 0,
    };
    database.close().await;
    Ok(ends)
}

/// Where checkpoints are written, if anywhere; whoever verifies the log from now on reads them too.
fn keep_checkpoints(
    serve: &Serve,
    url: &str,
    store: &Store,
) -> anyhow::Result<Option<Arc<Checkpoints>>> {
    let Some(files) = serve.checkpoints.files(url) else {
        return Ok(None);
    };
    let checkpoints = Checkpoints::open(&files)?;
    store.keeps_checkpoints_in(&files.checkpoints);
    Ok(Some(Arc::new(checkpoints)))
}

/// Where messages are handed over, if anywhere.
fn post(serve: &Serve) -> anyhow::Result<Option<Post>> {
    match (&serve.smtp, &serve.mail_from) {
        (Some(smtp), Some(from)) => Post::new(smtp, from).map(Some),
        _ => Ok(None),
    }
}

/// Says it to whoever started the program. `println!` would panic, and end the server, once nobody listens any more.
pub fn tell(words: &str) {
    _ = writeln!(std::io::stdout(), "{words}");
}

fn how_to_sign_in(serve: &Serve) -> &'static str {
    if serve.demo {
        "This is the demo: press one of the five buttons on the sign-in page."
    } else {
        "Sign in with a member's e-mail address and password. The first is added by: \
         layer user add you@example.com --name \"Your Name\" --role \"Layer Admin\""
    }
}

/// The demo's leads and people, where there are none.
async fn prepare_demo(store: &Store) -> anyhow::Result<()> {
    let on = store.reader();
    if !sql::column::<i64, _>(on, "SELECT id FROM lead LIMIT 1", [])
        .await?
        .is_empty()
    {
        return is_demo(on).await;
    }
    // Also one that was emptied by deleting: a second filling would be no demo of that.
    if !sql::column::<i64, _>(on, "SELECT id FROM deletion LIMIT 1", [])
        .await?
        .is_empty()
    {
        return Ok(());
    }
    tell(&format!(
        "making up {} leads",
        domain::text::number(DEMO_LEADS as u64)
    ));
    demo::fill(store, DEMO_LEADS, DEMO_SEED).await?;
    Ok(())
}

/// Refuses a database with leads but without the demo's people: its sign-in page would have no buttons.
async fn is_demo<C: ConnectionTrait>(on: &C) -> anyhow::Result<()> {
    let people: Option<i64> =
        sql::value(on, "SELECT COUNT(*) FROM member WHERE demo = 1", []).await?;
    if people.unwrap_or(0) == 0 {
        bail!(
            "This database has leads of its own and isn't a demo. Start it without --demo, or name another file with --database."
        );
    }
    Ok(())
}

/// A second `serve` or `work` on one SQLite file is refused, and so is a restore under it. The lock ends with the process,
/// however it ends.
pub fn lock(url: &str) -> anyhow::Result<Option<File>> {
    let Some(file) = Database::sqlite_file(url) else {
        return Ok(None);
    };
    let file = file.display();
    let path = format!("{file}.lock");
    let lock = File::create(&path).with_context(|| format!("{path} can't be written"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => bail!(
            "Another `layer serve` or `layer work` has {file} open. Stop that one first, or name another file with --database."
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{path} can't be locked"))
        }
    }
}

/// Waits for SIGTERM or Ctrl-C, and minds them from the moment of the call: whoever reads that it listens may ask it at once.
#[cfg(unix)]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    async move {
        match asked {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            _ => _ = tokio::signal::ctrl_c().await,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    async {
        _ = tokio::signal::ctrl_c().await;
    }
}
