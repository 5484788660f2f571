//! Tasks that last as long as their process: a panic in one is a bug, and no reason that the queue stands still until
//! somebody starts the server anew.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::store::Store;

/// What panicked begins anew so much later: what panics at once each time shall fill no log.
const AFTER_A_PANIC: Duration = Duration::from_secs(5);

/// Does this work on the store until it ends or is aborted; where it panics it begins anew. `task` is its name in the log;
/// where and why it panicked stands in what the process writes to its standard error.
pub fn spawn<Work>(
    task: &'static str,
    store: &Arc<Store>,
    work: impl Fn(Arc<Store>) -> Work + Send + 'static,
) -> JoinHandle<()>
where
    Work: Future<Output = ()> + Send + 'static,
{
    let store = store.clone();
    tokio::spawn(async move {
        // Nothing is half done in a task's own memory: what it decides by it reads from the database.
        while AssertUnwindSafe(work(store.clone()))
            .catch_unwind()
            .await
            .is_err()
        {
            tracing::error!(task, "panicked; it begins anew in five seconds");
            sleep(AFTER_A_PANIC).await;
        }
    })
}
