//! Tells the Layer Admins by e-mail of deletions that failed or weren't processed within 48 hours. Without an SMTP server
//! the banner, the badge, the log, `/readyz` and `/metrics` tell it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::mail::Post;
use crate::store::Store;

/// Deletions become overdue by the clock, and a message that failed is tried again: it looks at least so often.
const LOOK: Duration = Duration::from_secs(20);
/// Acts come in crowds: it looks at most so often.
const PACE: Duration = Duration::from_secs(1);

/// Whom to tell how.
#[derive(Debug, Clone)]
pub struct Teller {
    /// Takes the messages.
    pub post: Post,
    /// Where people open Layer: `https://layer.example`.
    pub url: String,
}

impl Teller {
    /// Tells what is to be told now; whether a message went out. What can't be sent is in the log, without an address, and
    /// owed until the next try.
    pub async fn look(&self, store: &Store) -> domain::Result<bool> {
        let Some(message) = store.look_what_to_tell().await? else {
            return Ok(false);
        };
        let (subject, body) = domain::told::message(&message.stats, &self.url);
        match self.post.send(&message.to, &subject, body).await {
            Ok(()) => {
                store.told(&message).await?;
                tracing::info!(
                    failed = message.stats.failed,
                    overdue = message.stats.overdue,
                    "the Layer Admins were told by e-mail"
                );
                Ok(true)
            }
            // The server's own words may quote addresses.
            Err(error) => {
                let error = error.downcast_ref::<lettre::transport::smtp::Error>();
                tracing::warn!(
                    status = error.and_then(|e| e.status()).map(u16::from),
                    unreachable = error.is_some_and(|e| !e.is_response()),
                    "an e-mail to the Layer Admins could not be sent; it is tried again in five minutes"
                );
                Ok(false)
            }
        }
    }

    /// Tells as long as the process lives: spawn it once.
    pub async fn work(self, store: Arc<Store>, mut stop: watch::Receiver<bool>) {
        let mut acts = store.acts();
        while !*stop.borrow() {
            if let Err(error) = self.look(&store).await {
                tracing::warn!(%error, "what to tell the Layer Admins could not be read");
            }
            tokio::select! {
                _ = tokio::time::timeout(LOOK, acts.changed()) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::time::sleep(PACE).await;
        }
    }
}
