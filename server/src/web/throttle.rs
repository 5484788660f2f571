//! Tries to sign in: ten in a quarter of an hour for one address and e-mail.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::time::{MINUTE, Millis};

/// So many tries …
const TRIES: usize = 10;
/// … in so long.
const WITHIN: i64 = 15 * MINUTE;
/// Beyond so many pairs those that are over are forgotten first.
const MANY: usize = 10_000;

/// Who tries: the e-mail and the address it comes from.
pub type Who = (String, IpAddr);

/// The tries of the last quarter of an hour, in memory: they are no reason to write.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Who, Vec<Millis>>>);

impl Throttle {
    /// Counts a try; `false` where there were too many.
    pub fn admits(&self, who: Who, now: Millis) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &Millis| now.0 - at.0 < WITHIN;
        if tries.len() > MANY {
            tries.retain(|_, at| at.iter().any(recent));
        }
        let of_this = tries.entry(who).or_default();
        of_this.retain(recent);
        if of_this.len() >= TRIES {
            return false;
        }
        of_this.push(now);
        true
    }

    /// Who is in has no tries.
    pub fn forget(&self, who: &Who) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_eleventh_try_waits_until_the_first_is_a_quarter_of_an_hour_old() {
        let (throttle, who) = (
            Throttle::default(),
            ("a@b.test".to_owned(), Ipv4Addr::LOCALHOST.into()),
        );
        for _ in 0..TRIES {
            assert!(throttle.admits(who.clone(), Millis(0)));
        }
        assert!(!throttle.admits(who.clone(), Millis(WITHIN - 1)));
        assert!(throttle.admits(who, Millis(WITHIN)));
    }
}
