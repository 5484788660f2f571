//! Verifying the whole audit log from its page: in the background, one at a time, with its progress. What came of it is this
//! process's to know: after a restart somebody asks anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Result;
use domain::audit_log::Verification;
use tokio::sync::Notify;

use super::audit_search::stamp;
use super::audit_verify::Verified;
use super::{Store, audit};

/// How it stands, and the bell that starts it.
#[derive(Debug, Default)]
pub struct Verifier {
    state: Mutex<Verification>,
    bell: Notify,
}

impl Verifier {
    fn state(&self) -> MutexGuard<'_, Verification> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// How the verification stands, or how the last one ended.
    pub fn verification_now(&self) -> Verification {
        self.verifier.state().clone()
    }

    /// Starts one, unless one is on.
    pub async fn ask_verification(&self) -> Result<Verification> {
        let entries = positive(audit::sequence(self.reader()).await?);
        let mut state = self.verifier.state();
        if !state.is_running() {
            *state = Verification::Running { done: 0, entries };
            self.verifier.bell.notify_one();
        }
        Ok(state.clone())
    }

    /// Carries out the one that was asked for; `false` where none was.
    pub async fn run_asked_verification(&self) -> bool {
        let Verification::Running { entries, .. } = self.verification_now() else {
            return false;
        };
        let progress = |done: i64| {
            let done = positive(done);
            // Others write meanwhile.
            let entries = entries.max(done);
            *self.verifier.state() = Verification::Running { done, entries };
        };
        let ended = match self.verify_audit_telling(progress).await {
            Ok(verified) => self.told_of(verified).await,
            Err(error) => Err(error),
        };
        *self.verifier.state() = ended.unwrap_or(Verification::Unfinished);
        true
    }

    async fn told_of(&self, verified: Verified) -> Result<Verification> {
        let times = self.times(self.reader()).await?;
        let at = stamp(times.now, &times);
        Ok(match verified {
            Verified::Whole { entries } => Verification::Whole {
                entries: positive(entries),
                at,
            },
            Verified::Broken { entry, why } => {
                tracing::error!(entry, why, "the audit log is broken");
                Verification::Broken {
                    entry: entry.map(positive),
                    why,
                    at,
                }
            }
        })
    }
}

/// Verifies whenever somebody asks, as long as the process lives: spawn it once.
pub async fn keep_verifying(store: Arc<Store>) {
    loop {
        store.verifier.bell.notified().await;
        store.run_asked_verification().await;
    }
}

fn positive(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
