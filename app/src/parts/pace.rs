//! Answering what comes often: at once, then at most once in a while, and never missing the last.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Runs `act` whenever `watched` changes: at once, then at most once in `millis`. Its first value is not a change.
pub fn paced<T, W, A>(millis: u32, watched: W, act: A)
where
    T: PartialEq + 'static,
    W: Fn() -> T + 'static,
    A: Fn() + Clone + 'static,
{
    let timer = StoredValue::new_local(None::<Timeout>);
    let again = StoredValue::new(false);
    Effect::new(move |before: Option<T>| {
        let now = watched();
        if before.is_some_and(|before| before != now) {
            if timer.with_value(Option::is_some) {
                again.set_value(true);
            } else {
                run(millis, timer, again, act.clone());
            }
        }
        now
    });
}

type Timer = StoredValue<Option<Timeout>, LocalStorage>;

fn run<A: Fn() + Clone + 'static>(millis: u32, timer: Timer, again: StoredValue<bool>, act: A) {
    act();
    let wait = Timeout::new(millis, move || {
        timer.set_value(None);
        if again.get_value() {
            again.set_value(false);
            run(millis, timer, again, act);
        }
    });
    timer.set_value(Some(wait));
}
