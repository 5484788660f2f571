//! The other nodes on one PostgreSQL: each says by NOTIFY that it did something, and hears the others. It makes what they
//! read sooner, and decides nothing: who hears reads the head, and who hears nothing reads it three times a second too.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::sqlx::postgres::PgListener;
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use crate::store::Store;

/// What is listened to.
const CHANNEL: &str = "layer";
/// At most four notices a second, whatever is done.
const PACE: Duration = Duration::from_millis(250);
/// The clock is set by the database's so often.
const CLOCK: Duration = Duration::from_secs(60);
/// After a fault of its connection it waits so long.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);

/// Talks and listens on a connection of its own, never inside a transaction that works, until it is dropped. On SQLite
/// there is nobody.
pub async fn talk(store: Arc<Store>) {
    loop {
        let error = match store.database().listener().await {
            Ok(None) => return,
            Ok(Some(mut listener)) => conversation(&store, &mut listener).await,
            Err(error) => Err(error.to_string()),
        };
        // What was said meanwhile wasn't heard.
        store.hear();
        if let Err(error) = error {
            tracing::warn!(%error, "the other nodes can't be heard");
        }
        sleep(AFTER_A_FAULT).await;
    }
}

async fn conversation(store: &Store, listener: &mut PgListener) -> Result<(), String> {
    let words = |error: sqlx::Error| error.to_string();
    listener.listen(CHANNEL).await.map_err(words)?;
    let node = Uuid::new_v4().to_string();
    let mut acts = store.acts();
    let (mut to_say, mut not_before) = (false, Instant::now());
    let mut set_clock = tokio::time::interval(CLOCK);
    loop {
        tokio::select! {
            heard = listener.recv() => {
                if heard.map_err(words)?.payload() != node {
                    store.hear();
                }
            }
            _ = acts.changed(), if !to_say => to_say = true,
            () = sleep_until(not_before), if to_say => {
                sqlx::query("SELECT pg_notify($1, $2)")
                    .bind(CHANNEL)
                    .bind(&node)
                    .execute(&mut *listener)
                    .await
                    .map_err(words)?;
                (to_say, not_before) = (false, Instant::now() + PACE);
            }
            _ = set_clock.tick() => store.set_clock().await.map_err(|error| error.to_string())?,
        }
    }
}
