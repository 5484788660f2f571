//! Whether a node can serve, and whether the Deletion Queue moves: what `/readyz` tells.

use serde::{Deserialize, Serialize};

use crate::business_hours::Calendar;
use crate::time::{MINUTE, Millis};

/// So long the queue may have had due work and leave to do it, without anything leaving it, before it is called stuck.
pub const PATIENCE: i64 = 10 * MINUTE;

/// How a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Every step of the schema is applied.
    pub migrated: bool,
    /// The database takes writes.
    pub writable: bool,
    /// Why it doesn't, a sentence.
    pub trouble: Option<String>,
    /// The Deletion Queue.
    pub queue: QueueHealth,
    /// Deletions that failed.
    pub failed: u64,
    /// Deletions that wait for more than 48 hours, without the failed.
    pub overdue: u64,
}

impl Health {
    /// Whether requests may be sent to this node. A queue that is stuck is no reason to take its pages away.
    pub fn ready(&self) -> bool {
        self.migrated && self.writable
    }
}

/// How the Deletion Queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueHealth {
    /// Nothing waits.
    Empty,
    /// What waits isn't due, or business hours keep it.
    Waiting,
    /// Somebody paused it.
    Paused,
    /// What is due leaves it.
    Moving,
    /// Something was due for [`PATIENCE`], might have run, and nothing left the queue.
    Stuck,
}

impl QueueHealth {
    /// From when the earliest waiting deletion is due, and when the newest one was closed.
    pub fn of(
        calendar: &Calendar,
        paused: bool,
        due: Option<Millis>,
        closed: Option<Millis>,
        now: Millis,
    ) -> Self {
        let Some(due) = due else { return Self::Empty };
        if paused {
            return Self::Paused;
        }
        if due > now || !calendar.queue_may_run(now) {
            return Self::Waiting;
        }
        let since = now.plus(-PATIENCE);
        let quiet = closed.is_none_or(|closed| closed < since);
        if quiet && due < since && calendar.queue_may_run(since) {
            Self::Stuck
        } else {
            Self::Moving
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::business_hours::BusinessHours;
    use jiff::civil::datetime;

    fn london() -> Calendar {
        Calendar::new(
            BusinessHours::default(),
            jiff::tz::TimeZone::get("Europe/London").unwrap(),
        )
    }

    fn at(hour: i8, minute: i8) -> Millis {
        let local = datetime(2026, 11, 24, hour, minute, 0, 0);
        let at = london().zone().to_ambiguous_timestamp(local);
        Millis(at.compatible().unwrap().as_millisecond())
    }

    #[test]
    fn a_queue_is_stuck_when_nothing_left_it_though_it_might_have() {
        let calendar = london();
        let health = |due, closed, now| QueueHealth::of(&calendar, false, due, closed, now);
        assert_eq!(health(None, None, at(20, 0)), QueueHealth::Empty);
        assert_eq!(
            health(Some(at(20, 5)), None, at(20, 0)),
            QueueHealth::Waiting
        );
        assert_eq!(
            health(Some(at(9, 0)), None, at(12, 0)),
            QueueHealth::Waiting
        );
        // It might have run since 19:00 alone.
        assert_eq!(health(Some(at(9, 0)), None, at(19, 5)), QueueHealth::Moving);
        assert_eq!(health(Some(at(9, 0)), None, at(19, 11)), QueueHealth::Stuck);
        assert_eq!(
            health(Some(at(9, 0)), Some(at(19, 10)), at(19, 11)),
            QueueHealth::Moving
        );
    }

    #[test]
    fn a_paused_queue_is_not_stuck() {
        let health = QueueHealth::of(&london(), true, Some(at(9, 0)), None, at(22, 0));
        assert_eq!(health, QueueHealth::Paused);
    }

    #[test]
    fn a_stuck_queue_takes_no_pages_away() {
        let health = Health {
            migrated: true,
            writable: true,
            trouble: None,
            queue: QueueHealth::Stuck,
            failed: 3,
            overdue: 1,
        };
        assert!(health.ready());
        assert!(
            !Health {
                writable: false,
                ..health.clone()
            }
            .ready()
        );
        assert!(
            !Health {
                migrated: false,
                ..health
            }
            .ready()
        );
    }
}
