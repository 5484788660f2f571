//! Rows that come page by page, and are read anew as many as are shown. Answers come in any order: an older one never
//! replaces a newer.

use std::future::Future;

use leptos::prelude::*;

use crate::error::Result;

/// How many pages are shown, and whose answer stands.
#[derive(Clone, Copy)]
pub struct Pages {
    shown: StoredValue<usize>,
    /// The last question, and the one whose answer stands.
    turns: StoredValue<(u32, u32)>,
}

impl Pages {
    /// The first page, as it came with the page around it.
    pub fn new() -> Self {
        Self {
            shown: StoredValue::new(1),
            turns: StoredValue::new((0, 0)),
        }
    }

    /// One page more from the next reading on.
    pub fn more(self) {
        self.shown.update_value(|shown| *shown += 1);
    }

    /// Something else is looked at, from its first page on: what is on its way answers nothing any more.
    pub fn begin_again(self) {
        self.shown.set_value(1);
        self.turns.update_value(|(last, taken)| *taken = *last);
    }

    /// Reads, and hands over what comes unless something newer stands already or the page is gone.
    pub fn read<T: 'static, R>(
        self,
        read: impl FnOnce(usize) -> R,
        take: impl FnOnce(Result<T>) + 'static,
    ) where
        R: Future<Output = Result<T>> + 'static,
    {
        self.turns.update_value(|(last, _)| *last += 1);
        let (turn, _) = self.turns.get_value();
        let answer = read(self.shown.get_value());
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            let newer = self.turns.try_update_value(|(_, taken)| {
                let newer = turn > *taken;
                if newer {
                    *taken = turn;
                }
                newer
            });
            if newer == Some(true) {
                take(answer);
            }
        });
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

/// The first so many pages as one: `more` appends the page at a place, while there is a `next` one.
pub async fn join<P, K>(
    mut first: P,
    pages: usize,
    next: impl Fn(&P) -> Option<K>,
    more: impl AsyncFn(&mut P, K) -> Result<()>,
) -> Result<P> {
    for _ in 1..pages {
        let Some(place) = next(&first) else { break };
        more(&mut first, place).await?;
    }
    Ok(first)
}
