//! Tasks that last as long as their process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::{lasting, worker};
use tokio::sync::watch;

use crate::queue::Queue;

#[tokio::test]
async fn the_queue_goes_on_after_its_worker_panicked() {
    let (queue, leads) = Queue::with(3).await;
    queue.delete("Manager", "outdated", &leads).await;
    queue.at_night();
    let store = Arc::new(queue.again().await);
    let mut acts = store.acts();
    let (stop, stopped) = watch::channel(false);
    let first = Arc::new(AtomicBool::new(true));
    let working = lasting::spawn("queue", &store, move |store| {
        let (first, stopped) = (first.clone(), stopped.clone());
        async move {
            assert!(!first.swap(false, Ordering::SeqCst), "a bug");
            worker::work(store, stopped).await;
        }
    });
    while queue.number("SELECT COUNT(*) FROM lead", []).await > 0 {
        acts.changed().await.unwrap();
    }
    stop.send(true).unwrap();
    working.await.unwrap();
    queue.check().await;
}
