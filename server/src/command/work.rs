//! `layer work`: what works without pages, alone or (`layer serve`) beside them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::serve::{asked_to_stop, lock, tell};
use super::{close, open};
use crate::clock::Clock;
use crate::database::DEFAULT_URL;
use crate::store::Store;
use crate::{import, lasting, neighbours, worker};

/// A batch or a chunk that is on when the program is told to stop has so long.
const PATIENCE: Duration = Duration::from_secs(8);

/// The queue's worker and the imports.
pub struct Working {
    queue: JoinHandle<()>,
    imports: JoinHandle<()>,
}

impl Working {
    /// Starts both, until they are told to stop.
    pub fn start(store: &Arc<Store>, stopped: &watch::Receiver<bool>) -> Self {
        let stopped = stopped.clone();
        let queue = move |store| worker::work(store, stopped.clone());
        Self {
            queue: lasting::spawn("queue", store, queue),
            imports: lasting::spawn("imports", store, import::work),
        }
    }
}

/// Waits for the batch that is on, once told to stop. A chunk of an import that is on is rolled back, and written by who
/// goes on with it.
pub async fn end(working: Option<Working>) {
    if let Some(working) = working {
        _ = working.queue.await;
        working.imports.abort();
    }
}

/// Works until SIGTERM or Ctrl-C.
pub async fn run(url: Option<String>, clock: Arc<dyn Clock>) -> anyhow::Result<u8> {
    let _only = lock(url.as_deref().unwrap_or(DEFAULT_URL))?;
    let store = open(url.as_deref(), false, clock).await?;
    let (stop, stopped) = watch::channel(false);
    let working = Working::start(&store, &stopped);
    let talking = lasting::spawn("neighbours", &store, neighbours::talk);
    let asked = asked_to_stop();
    // Tests wait for this very line.
    tell("working");
    asked.await;
    stop.send_replace(true);
    tell("stopping");
    if timeout(PATIENCE, end(Some(working))).await.is_err() {
        tracing::warn!("a batch was still on");
    }
    talking.abort();
    close(store).await
}
