//! What the Grid View offers to the command palette: what its buttons would do now, for who has them.

use domain::text::{leads, number};
use leptos::prelude::*;

use super::bar::why_not_all;
use super::state::Grid;
use crate::parts::actions::{Action, Keys, use_actions};

/// The keys of the grid, for the list of shortcuts.
const KEYS: Keys = &[
    ("Arrows", "Go from cell to cell"),
    ("PageUp PageDown", "Go up or down by what is in sight"),
    ("Ctrl+Home Ctrl+End", "Go to the first or the last lead"),
    ("Enter", "Open the lead"),
    ("Space", "Tick or un-tick the lead"),
    (
        "Shift+Click Shift+Space",
        "Tick all from the last one to here",
    ),
    (
        "Ctrl+A",
        "Select all that the work stack and the search show",
    ),
];
/// Those for who may tick nothing.
const READING_KEYS: Keys = &[
    ("Arrows", "Go from cell to cell"),
    ("Enter", "Open the lead"),
];

/// Offers them as long as the screen stands.
pub(super) fn offer(grid: Grid) {
    let keys = if untrack(|| grid.may_delete()) {
        KEYS
    } else {
        READING_KEYS
    };
    use_actions().offer(keys, move || {
        // What deletes comes last: Enter on the palette as it opens does no harm.
        let mut list = vec![Action::new("Refresh", "", move || grid.refresh())];
        if grid.may_delete() {
            let picked = grid.picked();
            if picked > 0 {
                let selected = format!("{} selected", number(picked));
                list.push(Action::new("Clear", selected.clone(), move || {
                    grid.pick_none()
                }));
                list.push(Action::new("Delete", selected, move || grid.delete()));
            }
            if grid.may_delete_all() && why_not_all(grid).is_none() {
                let all = leads(grid.total.get());
                list.push(Action::new("Delete All", all, move || grid.delete_all()));
            }
        }
        list
    });
}
