//! SQLite's one writer: people before the queue, and the queue not for ever after them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::timeout;

use super::Priority;

/// The queue lets people go first for so long, and then waits in one line with them: where somebody always waits it would never
/// come. A batch takes about 100 ms, so it gets a sixth of the time then, and people five sixths.
const QUEUE_PATIENCE: Duration = Duration::from_millis(500);

/// SQLite's one writer, handed to people before the queue.
#[derive(Debug)]
pub(super) struct WriteGate {
    turn: Mutex<()>,
    people: AtomicUsize,
    people_through: Notify,
    /// Who of the queue has waited for long enough: one of them at a time stands in the line, so that people wait for no more
    /// than one.
    in_line: Mutex<()>,
    patience: Duration,
}

impl Default for WriteGate {
    fn default() -> Self {
        Self {
            turn: Mutex::default(),
            people: AtomicUsize::default(),
            people_through: Notify::default(),
            in_line: Mutex::default(),
            patience: QUEUE_PATIENCE,
        }
    }
}

/// The turn to write: over when this is dropped, and only then the next one's of the queue stands in the line.
#[derive(Debug)]
pub(super) struct Passed<'a> {
    _turn: MutexGuard<'a, ()>,
    _in_line: Option<MutexGuard<'a, ()>>,
}

impl WriteGate {
    pub(super) async fn turn(&self, priority: Priority) -> Passed<'_> {
        let (turn, in_line) = match priority {
            Priority::Person => {
                let _waiting = Waiting::new(self);
                (self.turn.lock().await, None)
            }
            Priority::Queue => match timeout(self.patience, self.after_people()).await {
                Ok(turn) => (turn, None),
                Err(_) => {
                    let in_line = self.in_line.lock().await;
                    (self.turn.lock().await, Some(in_line))
                }
            },
        };
        Passed {
            _turn: turn,
            _in_line: in_line,
        }
    }

    /// The turn, when nobody else waits for it.
    async fn after_people(&self) -> MutexGuard<'_, ()> {
        loop {
            let through = self.people_through.notified();
            if self.people.load(Ordering::SeqCst) == 0 {
                let turn = self.turn.lock().await;
                if self.people.load(Ordering::SeqCst) == 0 {
                    return turn;
                }
                drop(turn);
            }
            through.await;
        }
    }
}

/// A person who waits; also one who stops waiting is counted out.
struct Waiting<'a>(&'a WriteGate);

impl<'a> Waiting<'a> {
    fn new(gate: &'a WriteGate) -> Self {
        gate.people.fetch_add(1, Ordering::SeqCst);
        Self(gate)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.people.fetch_sub(1, Ordering::SeqCst);
        self.0.people_through.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::sync::Arc;
    use tokio::task::{JoinSet, yield_now};

    #[tokio::test]
    async fn where_people_always_wait_the_queue_gets_its_turn() {
        let gate = Arc::new(WriteGate::default());
        let mut people = JoinSet::new();
        // Each comes again as soon as they are through: one of the two always waits.
        for _ in 0..2 {
            let gate = gate.clone();
            people.spawn(async move {
                loop {
                    let turn = gate.turn(Priority::Person).await;
                    yield_now().await;
                    drop(turn);
                }
            });
        }
        while gate.people.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        let queue = timeout(Duration::from_secs(10), gate.turn(Priority::Queue)).await;
        assert!(queue.is_ok(), "it never came");
    }

    #[tokio::test]
    async fn of_a_queue_that_lost_its_patience_a_person_waits_for_one_batch_alone() {
        let gate = Arc::new(WriteGate {
            patience: Duration::ZERO,
            ..WriteGate::default()
        });
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut waiting = JoinSet::new();
        let mut waits = |who: &'static str, priority| {
            let (gate, order) = (gate.clone(), order.clone());
            waiting.spawn(async move {
                let _turn = gate.turn(priority).await;
                order.lock().unwrap().push(who);
            })
        };
        let held = gate.turn(Priority::Person).await;
        waits("first person", Priority::Person);
        while gate.people.load(Ordering::SeqCst) < 1 {
            yield_now().await;
        }
        waits("batch", Priority::Queue);
        while gate.in_line.try_lock().is_ok() {
            yield_now().await;
        }
        waits("batch", Priority::Queue);
        waits("person behind it", Priority::Person);
        while gate.people.load(Ordering::SeqCst) < 2 {
            yield_now().await;
        }
        drop(held);
        while waiting.join_next().await.is_some() {}
        assert_eq!(
            *order.lock().unwrap(),
            ["first person", "batch", "person behind it", "batch"]
        );
    }
}
