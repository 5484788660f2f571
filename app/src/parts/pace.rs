//! Answering what comes often: at once, then at most once in a while, and never missing the last.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Runs `act` whenever `watched` changes: at once, then at most once in `millis`. Its first value is not a change.
pub fn paced<T, W, A>(millis: u32, watched: W, act: A)
where
    T: PartialEq + 'static,
    W: Fn() -> T + 'static,
    A: Fn() + Clone + 'static,
{
    Effect::new(move |before: Option<(T, Rc<Pace>)>| {
        let now = watched();
        let Some((last, pace)) = before else {
            return (now, Rc::default());
        };
        if last != now {
            pace.ask(millis, act.clone());
        }
        (now, pace)
    });
}

#[derive(Default)]
struct Pace {
    /// Runs while `act` must wait.
    rest: RefCell<Option<Timeout>>,
    /// `act` was asked for while it had to wait.
    again: Cell<bool>,
}

impl Pace {
    fn ask<A: Fn() + 'static>(self: &Rc<Self>, millis: u32, act: A) {
        if self.rest.borrow().is_some() {
            self.again.set(true);
            return;
        }
        act();
        // Weak: with the page goes its pace, and a timer that is dropped never fires.
        let pace = Rc::downgrade(self);
        let over = Timeout::new(millis, move || {
            let Some(pace) = pace.upgrade() else { return };
            // It has fired: forgetting it is all that is left to do.
            if let Some(fired) = pace.rest.take() {
                fired.forget();
            }
            if pace.again.replace(false) {
                pace.ask(millis, act);
            }
        });
        self.rest.replace(Some(over));
    }
}
