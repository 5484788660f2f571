//! The filter as a sentence, and how many leads it takes: told while it is edited.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::error::FieldError;
use domain::text::leads;
use domain::work_stack::Filter;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::work_stack_settings as calls;

/// Editing rests for so long before it is counted.
const REST: u32 = 300;

/// The filter as it reads, with what is wrong with it.
type Read = Memo<(Filter, Vec<FieldError>)>;

/// Sentence and count.
#[component]
pub(super) fn LiveCount(filter: Read) -> impl IntoView {
    let count = RwSignal::new("Counting…".to_owned());
    Effect::new(move |before: Option<Rc<Counter>>| {
        // Read, not only tracked: a memo that nobody reads follows nothing.
        filter.with(|_| ());
        let Some(counter) = before else {
            let counter = Rc::new(Counter::new(filter, count));
            counter.ask();
            return counter;
        };
        count.set("Counting…".into());
        let weak = Rc::downgrade(&counter);
        let rest = Timeout::new(REST, move || {
            if let Some(counter) = weak.upgrade() {
                counter.ask();
            }
        });
        // Dropping the one before stops it.
        counter.rest.replace(Some(rest));
        counter
    });
    view! {
        <p class="takes">
            <span>{move || filter.with(|(filter, _)| filter.sentence())}</span>
            " "
            <b aria-live="polite">{count}</b>
        </p>
    }
    .into_any()
}

/// Counts one filter at a time: where counting takes long, what is edited meanwhile is counted once it is over, and only
/// as it reads by then.
struct Counter {
    filter: Read,
    count: RwSignal<String>,
    rest: RefCell<Option<Timeout>>,
    busy: Cell<bool>,
}

impl Counter {
    fn new(filter: Read, count: RwSignal<String>) -> Self {
        Self {
            filter,
            count,
            rest: RefCell::default(),
            busy: Cell::new(false),
        }
    }

    fn ask(self: &Rc<Self>) {
        if self.busy.get() {
            return;
        }
        // The page may be gone.
        let Some((filter, problems)) = self.filter.try_get_untracked() else {
            return;
        };
        if !problems.is_empty() {
            _ = self
                .count
                .try_set("Not counted: see what is marked.".into());
            return;
        }
        self.busy.set(true);
        let counter = self.clone();
        leptos::task::spawn_local(async move {
            let answer = calls::count_filter(filter.clone()).await;
            counter.busy.set(false);
            match counter.filter.try_get_untracked() {
                Some((now, _)) if now == filter => {
                    let words = match answer {
                        Ok(count) => format!("{}.", leads(count)),
                        Err(error) => error.to_string(),
                    };
                    _ = counter.count.try_set(words);
                }
                Some(_) => counter.ask(),
                None => {}
            }
        });
    }
}
