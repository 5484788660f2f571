//! Above the rows: what is ticked, Delete and Delete All, and what a refresh would bring.

use domain::selection::Selection;
use domain::text::number;
use leptos::prelude::*;

use super::state::Grid;

/// "14 new, 3 gone." Refresh stands beside it.
#[component]
pub(super) fn Fresh(grid: Grid) -> impl IntoView {
    let words = move || {
        let (new, gone) = grid.drift.get();
        let part = |n: u64, word: &str| (n > 0).then(|| format!("{} {word}", number(n)));
        let parts: Vec<_> = [part(new, "new"), part(gone, "gone")]
            .into_iter()
            .flatten()
            .collect();
        if parts.is_empty() {
            String::new()
        } else {
            parts.join(", ") + "."
        }
    };
    view! {
        <span class="fresh" aria-live="polite">
            {words}
        </span>
    }
}

/// The number of ticked leads with the buttons; only for who may delete.
#[component]
pub(super) fn SelectionBar(grid: Grid) -> impl IntoView {
    move || grid.may_delete().then(|| view! { <Bar grid /> })
}

#[component]
fn Bar(grid: Grid) -> impl IntoView {
    let none = move || grid.picked() == 0;
    let words = move || {
        let picked = grid.picked();
        let hidden = grid.picked_out_of_sight();
        match (picked, hidden) {
            (0, _) => "Nothing selected".to_owned(),
            (n, 0) => format!("{} selected", number(n)),
            (n, hidden) => format!("{} selected, {} not shown", number(n), number(hidden)),
        }
    };
    let total = move || grid.total.get();
    let select_all = move || {
        (grid.may_delete_all() && total() > 0 && grid.picked() < total()).then(|| {
            view! {
                <button type="button" class="link" on:click=move |_| grid.pick_all()>
                    "Select all "
                    {number(total())}
                </button>
            }
        })
    };
    let clear = move || {
        (!none()).then(|| {
            view! {
                <button type="button" class="link" on:click=move |_| grid.pick_none()>
                    "Clear"
                </button>
            }
        })
    };
    view! {
        <div class="bar" class:picked=move || !none() role="group" aria-label="Selection">
            <b aria-live="polite">{words}</b>
            {select_all}
            {clear}
            <span class="gap"></span>
            <button type="button" class="button danger" class:solid=move || !none() disabled=none on:click=move |_| grid.delete()>
                "Delete"
            </button>
            {move || grid.may_delete_all().then(|| view! { <DeleteAll grid /> })}
        </div>
    }
}

/// Takes the whole stack; where it would take less, it is off and says why.
#[component]
fn DeleteAll(grid: Grid) -> impl IntoView {
    let why_not = Memo::new(move |_| why_not_all(grid));
    view! {
        {move || {
            why_not
                .get()
                .map(|why| {
                    view! {
                        <span class="hint" id="delete-all-why">
                            {why}
                        </span>
                    }
                })
        }}
        <button
            type="button"
            class="button danger"
            disabled=move || why_not.with(Option::is_some)
            aria-describedby=move || why_not.with(|why| why.map(|_| "delete-all-why"))
            on:click=move |_| grid.delete_all()
        >
            "Delete All"
        </button>
    }
}

pub(super) fn why_not_all(grid: Grid) -> Option<&'static str> {
    let (searching, narrowed) = grid
        .address
        .with(|address| (!address.search.trim().is_empty(), address.only.is_some()));
    let unticked = grid.selection.with(
        |selection| matches!(selection, Selection::Matching { except, .. } if !except.is_empty()),
    );
    if searching {
        Some("Delete All takes the whole work stack: clear the search first.")
    } else if narrowed {
        Some("Delete All takes the whole work stack: this view shows a part of it.")
    } else if unticked {
        Some("Delete All takes the whole work stack: press Delete for what is ticked.")
    } else if grid.total.get() == 0 {
        Some("There is no lead to delete here.")
    } else {
        None
    }
}
