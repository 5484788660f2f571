//! The table: the ARIA grid of the rows in sight. On a phone the same table is drawn as cards by the style sheet.

use domain::text::count;
use domain::work_stack::{Column, Order, Sort};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

use super::address::Address;
use super::erased::Erased;
use super::keys::Focus;
use super::row::TableRow;
use super::rows::{Row, Slot};
use super::state::Grid;
use crate::parts::icon::Icon;
use crate::parts::problem::Empty;

/// The region `Grid View`.
#[component]
pub(super) fn Table(grid: Grid) -> impl IntoView {
    let kept = Memo::new(move |_| {
        grid.rows.with(|rows| {
            rows.iter()
                .any(|row| matches!(row, Row::Lead(row) if row.kept.is_some()))
        })
    });
    let slots = Memo::new(move |_| grid.slots());
    Effect::new(move || grid.follow_scroll());
    Effect::new(move || {
        grid.count.track();
        grid.look_soon();
    });
    // Rows that are drawn anew have no tab stop yet.
    Effect::new(move || {
        slots.track();
        request_animation_frame(move || grid.settle(Focus::Left));
    });
    let margins = move || grid.window.get().margins(grid.count.get());
    view! {
        <section
            class="grid"
            aria-label="Grid View"
            aria-busy=move || grid.busy.get().to_string()
            node_ref=grid.region
        >
            <table
                class=move || grid.info.with(|info| columns(&info.columns, kept.get()))
                // A card has a line for each column that its stack chose.
                style=("--lines", move || grid.info.with(|info| info.columns.len().to_string()))
                role="grid"
                aria-label="Leads"
                aria-rowcount=move || (grid.count.get() + 1).to_string()
                aria-multiselectable=move || grid.may_delete().then_some("true")
                style:margin-block=margins
                node_ref=grid.table
                on:keydown=move |event| grid.press(event)
                on:focusin=move |event| grid.focused(event)
            >
                <thead>
                    <tr aria-rowindex="1">
                        {move || grid.may_delete().then(|| view! { <th scope="col" class="pick"><SelectAll grid /></th> })}
                        <Heading grid sort=Sort::Lead />
                        <Heading grid sort=Sort::Source />
                        <Heading grid sort=Sort::Status />
                        <Heading grid sort=Sort::Owner />
                        <th scope="col" data-column="telephone">"Telephone"</th>
                        <th scope="col" data-column="contacts">"Contacts"</th>
                        {move || kept.get().then(|| view! { <th scope="col" data-column="kept">"Kept lead"</th> })}
                        <Heading grid sort=Sort::LastActivity />
                        <Heading grid sort=Sort::Added />
                    </tr>
                </thead>
                <tbody>
                    <For each=move || slots.get() key=Slot::key let(drawn)>
                        <TableRow grid drawn kept />
                    </For>
                </tbody>
            </table>
            {move || (grid.count.get() == 0 && !grid.busy.get()).then(|| nothing(grid))}
            <Erased grid />
        </section>
    }
    .into_any()
}

/// No row, and why.
fn nothing(grid: Grid) -> AnyView {
    let address = grid.address.get();
    let hidden = grid
        .info
        .with(|info| if info.hide_deletions { info.deleted } else { 0 });
    let searching = !address.search.is_empty();
    if hidden > 0 {
        let title = count(hidden, "lead is hidden", "leads are hidden") + ".";
        let shown = Address {
            hide: Some(false),
            ..address
        };
        view! {
            <Empty title hint="All that this view takes is deleted, and deletions are hidden." />
            <p class="offer">
                <a class="button" href=shown.href(grid.stack)>
                    "Show them"
                </a>
            </p>
        }
        .into_any()
    } else if searching {
        view! { <Empty title="No lead matches the search." hint="The search finds beginnings of names, a whole e-mail address, a number or its last digits, and references." /> }
            .into_any()
    } else {
        view! { <Empty title="No lead in this work stack." hint="Leads that match it appear here by themselves." /> }
            .into_any()
    }
}

/// The header's box: the whole of what the stack and search show.
#[component]
fn SelectAll(grid: Grid) -> impl IntoView {
    let all = Memo::new(move |_| {
        grid.rows.with(|rows| {
            let mut free = rows.iter().filter(|row| row.is_free()).peekable();
            free.peek().is_some() && free.all(|row| grid.is_picked(row.id()))
        })
    });
    let some = move || !all.get() && grid.picked() > 0;
    let press = move |event: MouseEvent| {
        if event_target::<HtmlInputElement>(&event).checked() {
            grid.pick_all();
        } else {
            grid.pick_none();
        }
    };
    // Without the right to delete all it takes no more than what is loaded.
    let label = if untrack(|| grid.may_delete_all()) {
        "Select all"
    } else {
        "Select the rows that are loaded"
    };
    view! {
        <input
            type="checkbox"
            tabindex="-1"
            aria-label=label
            prop:checked=move || all.get()
            prop:indeterminate=some
            on:click=press
        />
    }
}

/// A heading that sorts: a link, because the sort stands in the address.
#[component]
fn Heading(grid: Grid, sort: Sort) -> impl IntoView {
    let order = Memo::new(move |_| {
        grid.address
            .with(|address| address.order)
            .unwrap_or_else(|| grid.info.with(|info| info.order))
    });
    let is_sorted = move || order.get().by == sort;
    let aria_sort = move || {
        is_sorted().then(|| {
            if order.get().descending {
                "descending"
            } else {
                "ascending"
            }
        })
    };
    // Dates begin with the newest, words with A.
    let dates = matches!(sort, Sort::LastActivity | Sort::Added);
    let href = move || {
        let descending = if is_sorted() {
            !order.get().descending
        } else {
            dates
        };
        let order = Some(Order {
            by: sort,
            descending,
        });
        grid.address
            .with(|a| Address { order, ..a.clone() }.href(grid.stack))
    };
    let arrow = move || {
        is_sorted().then(|| {
            let icon = if order.get().descending {
                Icon::Down
            } else {
                Icon::Up
            };
            view! { <Icon icon /> }
        })
    };
    view! {
        <th scope="col" data-column=sort.code() aria-sort=aria_sort>
            <a href=href tabindex="-1" data-noscroll="">
                {sort.label()}
                {arrow}
            </a>
        </th>
    }
    .into_any()
}

/// What the stack shows, as classes of the table: the style sheet hides the cells of a column that it leaves away, on cards
/// too, so that no row is drawn anew for it. `own`: it chose its columns; `copies`: its rows name
/// the lead that is kept.
fn columns(shown: &[Column], kept: bool) -> String {
    let left_away = Column::ALL
        .into_iter()
        .filter(|column| !shown.contains(column))
        .map(|column| format!("no-{}", column.code()));
    let mut classes: Vec<_> = left_away.collect();
    if !classes.is_empty() {
        classes.push("own".into());
    }
    if kept {
        classes.push("copies".into());
    }
    classes.join(" ")
}
