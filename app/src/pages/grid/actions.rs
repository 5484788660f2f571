//! What the Grid View offers to the command palette: what its buttons would do now, for who has them.

use domain::text::{leads, number};
use leptos::prelude::*;

use super::bar::why_not_all;
use super::state::Grid;
use crate::parts::actions::{Action, Keys, use_actions};

/// The keys of the grid, for the list of shortcuts.
const KEYS: Keys = &[
    ("↑ ↓", "Go through the leads; with Shift, tick them"),
    ("Enter", "Open the lead beside the grid"),
    ("Space", "Tick or un-tick the lead"),
    ("Shift Click", "Tick all from the last one to here"),
    (
        "Ctrl A",
        "Select all that the work stack and the search show",
    ),
];
/// The same for who ticks nothing.
const NO_KEYS: Keys = &[
    ("↑ ↓", "Go through the leads"),
    ("Enter", "Open the lead beside the grid"),
];

/// Offers them as long as the screen stands.
pub(super) fn offer(grid: Grid) {
    let keys = if untrack(|| grid.may_delete()) {
        KEYS
    } else {
        NO_KEYS
    };
    use_actions().offer(keys, move || {
        let mut list = Vec::new();
        if grid.may_delete() {
            let picked = grid.picked();
            if picked > 0 {
                let selected = format!("{} selected", number(picked));
                list.push(Action::new("Delete", selected.clone(), move || {
                    grid.delete()
                }));
                list.push(Action::new("Clear", selected, move || grid.pick_none()));
            }
            if grid.may_delete_all() && why_not_all(grid).is_none() {
                let all = leads(grid.total.get());
                list.push(Action::new("Delete All", all, move || grid.delete_all()));
            }
        }
        list.push(Action::new("Refresh", "", move || grid.refresh()));
        list
    });
}
