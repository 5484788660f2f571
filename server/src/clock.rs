//! The clock, so that every decision about time can be tested at any hour.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::time::Millis;

/// Tells the instant that counts.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Millis;

    /// The database that several nodes share says that it is `now`. A clock that tests set stays where it was set.
    fn set_by(&self, _now: Millis) {}
}

/// The machine's clock, or the database's once it was told: several nodes then have one.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// What the database said, and when by a clock that nobody puts back.
    said: Mutex<Option<(Millis, Instant)>>,
    wrong_by: i64,
}

impl SystemClock {
    /// The clock of a machine that goes wrong by so many milliseconds: only tests have one.
    pub fn wrong_by(millis: i64) -> Self {
        Self {
            wrong_by: millis,
            ..Self::default()
        }
    }
}

impl Clock for SystemClock {
    fn set_by(&self, now: Millis) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Instant::now()));
    }

    fn now(&self) -> Millis {
        let said = *self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, at)) = said {
            return then.plus(i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX));
        }
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).plus(self.wrong_by)
    }
}

/// A clock that stands where it was set: tests and `layer-test`.
#[derive(Debug, Clone)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// Stands at `now`.
    pub fn new(now: Millis) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Stands at `now` from here on.
    pub fn set(&self, now: Millis) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Goes on by so many milliseconds.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_databases_clock_goes_before_the_machines() {
        let clock = SystemClock::default();
        assert!(clock.now() > Millis(1_700_000_000_000));
        clock.set_by(Millis(5));
        assert!((5..60_000).contains(&clock.now().0));
    }

    #[test]
    fn a_clock_that_tests_set_minds_no_database() {
        let clock = SetClock::new(Millis(1));
        clock.set_by(Millis(5));
        assert_eq!(clock.now(), Millis(1));
    }
}
