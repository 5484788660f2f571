//! Fault points: before and after every statement of the store something can be made to go wrong, so that the torture suite
//! can show that a failure there leaves all of an act or nothing.
//!
//! They are in every build: what is tortured is what is shipped, and no second build has to be kept alike. No argument, file
//! or variable arms them, only a call of [`arm`] from Rust; until then each costs one read of a flag.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::DbErr;

/// What goes wrong at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The database reports an error of its own.
    Error,
    /// The task panics.
    Panic,
    /// The process ends at once, with nothing tidied up.
    Abort,
    /// The statement never comes back: whoever waits gives up, and the task is dropped there.
    Hang,
}

/// On which side of its statement a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nothing of it has been done.
    Before,
    /// It has been carried out, and whoever asked doesn't know.
    After,
}

/// Decides what goes wrong at a point, told its side and the statement without its values.
type Decide = Arc<dyn Fn(Side, &str) -> Option<Fault> + Send + Sync>;

static ARMED: AtomicBool = AtomicBool::new(false);
static DECIDES: Mutex<Option<Decide>> = Mutex::new(None);

/// From here on every point of this process asks `decide`.
pub fn arm(decide: impl Fn(Side, &str) -> Option<Fault> + Send + Sync + 'static) {
    *DECIDES.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(decide));
    ARMED.store(true, Ordering::SeqCst);
}

/// Nothing goes wrong any more.
pub fn disarm() {
    ARMED.store(false, Ordering::SeqCst);
    *DECIDES.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// A point of this statement.
pub(crate) async fn point(side: Side, statement: &str) -> Result<(), DbErr> {
    if !ARMED.load(Ordering::Relaxed) {
        return Ok(());
    }
    let decide = DECIDES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    match decide.and_then(|decide| decide(side, statement)) {
        None => Ok(()),
        Some(Fault::Error) => Err(DbErr::Custom("a fault point".into())),
        Some(Fault::Panic) => panic!("a fault point"),
        Some(Fault::Abort) => std::process::abort(),
        Some(Fault::Hang) => pending().await,
    }
}
