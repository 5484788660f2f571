//! Tries of a password: ten in a quarter of an hour for one address and e-mail, a hundred for an address as a whole.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::{MINUTE, Millis};

/// So many tries with one e-mail …
const TRIES: usize = 10;
/// … and so many with any e-mails, against trying one password with many of them …
const TRIES_OF_ADDRESS: usize = 100;
/// … in so long.
const WITHIN: i64 = 15 * MINUTE;
/// At most so many are kept in mind; beyond, the one that is longest ago is forgotten.
const MANY: usize = 10_000;

/// Who tries: the e-mail and the address it comes from.
pub type Who = (String, IpAddr);

/// Whose tries are counted: of an address with this e-mail, or with any.
type Key = (Option<String>, IpAddr);

/// The tries of the last quarter of an hour, in memory: they are no reason to write.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Vec<Millis>>>);

impl Throttle {
    /// Counts a try; `false` where there were too many.
    pub fn admits(&self, (email, address): Who, now: Millis) -> bool {
        let mut tries = self.tries();
        let mut limits = vec![((Some(email), address), TRIES)];
        // A proxy on this machine stands for everybody: a stranger's tries there must lock nobody else out.
        if !address.is_loopback() {
            limits.push(((None, address), TRIES_OF_ADDRESS));
        }
        let admitted = limits.iter().all(|(key, most)| {
            tries.get_mut(key).is_none_or(|at| {
                at.retain(|at| now.0 - at.0 < WITHIN);
                at.len() < *most
            })
        });
        if admitted {
            for (key, _) in limits {
                if tries.len() >= MANY && !tries.contains_key(&key) {
                    make_room(&mut tries, now);
                }
                tries.entry(key).or_default().push(now);
            }
        }
        admitted
    }

    /// Who is in has no tries, and the address has one less.
    pub fn forget(&self, (email, address): Who) {
        let mut tries = self.tries();
        tries.remove(&(Some(email), address));
        if let Some(of_address) = tries.get_mut(&(None, address)) {
            of_address.pop();
        }
    }

    fn tries(&self) -> MutexGuard<'_, HashMap<Key, Vec<Millis>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets those that are over or, where none is, the one whose last try is longest ago.
fn make_room(tries: &mut HashMap<Key, Vec<Millis>>, now: Millis) {
    tries.retain(|_, at| at.last().is_some_and(|at| now.0 - at.0 < WITHIN));
    if tries.len() < MANY {
        return;
    }
    let oldest = tries
        .iter()
        .min_by_key(|(_, at)| at.last().map(|at| at.0))
        .map(|(key, _)| key.clone());
    if let Some(oldest) = oldest {
        tries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn who(email: usize, address: [u8; 4]) -> Who {
        (format!("{email}@b.test"), Ipv4Addr::from(address).into())
    }

    #[test]
    fn the_eleventh_try_waits_until_the_first_is_a_quarter_of_an_hour_old() {
        let (throttle, who) = (Throttle::default(), who(1, [127, 0, 0, 1]));
        for _ in 0..TRIES {
            assert!(throttle.admits(who.clone(), Millis(0)));
        }
        assert!(!throttle.admits(who.clone(), Millis(WITHIN - 1)));
        assert!(throttle.admits(who, Millis(WITHIN)));
    }

    #[test]
    fn an_address_has_a_hundred_tries_whatever_the_e_mails() {
        let throttle = Throttle::default();
        for email in 0..TRIES_OF_ADDRESS {
            assert!(throttle.admits(who(email, [10, 0, 0, 1]), Millis(0)));
        }
        assert!(!throttle.admits(who(500, [10, 0, 0, 1]), Millis(1)));
        assert!(throttle.admits(who(500, [10, 0, 0, 2]), Millis(1)));
        // Who is in gives theirs back.
        throttle.forget(who(7, [10, 0, 0, 1]));
        assert!(throttle.admits(who(500, [10, 0, 0, 1]), Millis(1)));
        assert!(!throttle.admits(who(501, [10, 0, 0, 1]), Millis(1)));
        assert!(throttle.admits(who(501, [10, 0, 0, 1]), Millis(WITHIN)));
    }

    #[test]
    fn no_more_are_kept_in_mind_than_memory_is_meant_for() {
        let throttle = Throttle::default();
        for email in 0..MANY + 50 {
            throttle.admits(who(email, [127, 0, 0, 1]), Millis(email as i64 / 100));
        }
        assert_eq!(throttle.tries().len(), MANY);
    }
}
