//! The rows. On a phone the same table is drawn as cards by the style sheet.

use domain::lead::{LeadRow, OpenDeletionMark};
use domain::text::number;
use domain::work_stack::{Column, Order, Sort};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::{HtmlInputElement, IntersectionObserver, IntersectionObserverEntry};

use super::address::Address;
use super::erased::Erased;
use super::state::{Grid, Row, is_free};
use crate::parts::icon::Icon;
use crate::parts::problem::Empty;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::status::{Phone, Status};
use crate::parts::toast::{Toasts, undo_order};

/// The region `Grid View`.
#[component]
pub(super) fn Table(grid: Grid) -> impl IntoView {
    let kept = Memo::new(move |_| {
        grid.rows.with(|rows| {
            rows.iter()
                .any(|row| matches!(row, Row::Lead(row) if row.kept.is_some()))
        })
    });
    let none = Memo::new(move |_| grid.rows.with(Vec::is_empty));
    let keys = move |event: KeyboardEvent| {
        let all = event.key().eq_ignore_ascii_case("a") && (event.ctrl_key() || event.meta_key());
        if all && grid.may_delete() {
            event.prevent_default();
            grid.pick_all();
        } else if event.key() == "Escape" && grid.opened.get_untracked().is_some() {
            grid.close();
        }
    };
    view! {
        <section
            class="grid"
            aria-label="Grid View"
            aria-busy=move || grid.busy.get().to_string()
            tabindex="0"
            on:keydown=keys
        >
            <table class=move || grid.info.with(|info| left_away(&info.columns))>
                <thead>
                    <tr>
                        {move || grid.may_delete().then(|| view! { <th scope="col" class="pick"><SelectAll grid /></th> })}
                        <Heading grid sort=Sort::Lead />
                        <Heading grid sort=Sort::Source />
                        <Heading grid sort=Sort::Status />
                        <Heading grid sort=Sort::Owner />
                        <th scope="col" data-column="telephone">"Telephone"</th>
                        <th scope="col" data-column="contacts">"Contacts"</th>
                        {move || kept.get().then(|| view! { <th scope="col">"Kept lead"</th> })}
                        <Heading grid sort=Sort::LastActivity />
                        <Heading grid sort=Sort::Added />
                    </tr>
                </thead>
                <tbody>
                    <For each=move || grid.rows.get() key=Row::key let(row)>
                        {match row {
                            Row::Lead(row) => view! { <Lead grid row=*row kept /> }.into_any(),
                            Row::Lost(id) => {
                                view! {
                                    <tr class="lost">
                                        {move || grid.may_delete().then(|| view! { <td class="pick"></td> })}
                                        <td colspan="9" class="name">
                                            {id.to_string()}
                                            " is no longer in this view"
                                        </td>
                                    </tr>
                                }
                                    .into_any()
                            }
                        }}
                    </For>
                </tbody>
            </table>
            {move || {
                (none.get() && !grid.busy.get())
                    .then(|| {
                        let searching = grid.address.with(|address| !address.search.is_empty());
                        if searching {
                            view! { <Empty title="No lead matches the search." hint="The search finds beginnings of names, a whole e-mail address, a number or its last digits, and references." /> }
                        } else {
                            view! { <Empty title="No lead in this work stack." hint="Leads that match it appear here by themselves." /> }
                        }
                    })
            }}
            <NextPage grid />
            <Erased grid />
        </section>
    }
    .into_any()
}

/// Fetches the next page when the end of the rows comes near.
#[component]
fn NextPage(grid: Grid) -> impl IntoView {
    let sentinel = NodeRef::<html::Div>::new();
    Effect::new(move || {
        // Observed anew for every page: a sentinel that stays in sight after a short page would never be told of again.
        grid.rows.with(Vec::len);
        let Some(sentinel) = sentinel.get() else {
            return;
        };
        let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let near = entries.iter().any(|entry| {
                entry
                    .dyn_into::<IntersectionObserverEntry>()
                    .is_ok_and(|entry| entry.is_intersecting())
            });
            if near {
                grid.more();
            }
        });
        if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
            observer.observe(&sentinel);
            let observing = StoredValue::new_local(Some((observer, seen)));
            on_cleanup(move || {
                if let Some((observer, _)) = observing.try_update_value(Option::take).flatten() {
                    observer.disconnect();
                }
            });
        }
    });
    view! {
        {move || {
            grid.next
                .with(Option::is_some)
                .then(|| {
                    view! {
                        <div class="next">
                            <div class="sentinel" node_ref=sentinel></div>
                            <Skeleton lines=3 />
                        </div>
                    }
                })
        }}
    }
}

/// The header's box: the whole of what the stack and search show.
#[component]
fn SelectAll(grid: Grid) -> impl IntoView {
    let all = Memo::new(move |_| {
        grid.rows.with(|rows| {
            let mut free = rows.iter().filter(|row| is_free(row)).peekable();
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
    view! {
        <input
            type="checkbox"
            aria-label="Select all"
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
            <a href=href data-noscroll="">
                {sort.label()}
                {arrow}
            </a>
        </th>
    }
    .into_any()
}

#[component]
fn Lead(grid: Grid, row: LeadRow, kept: Memo<bool>) -> impl IntoView {
    let id = row.id;
    let deleted = row.deletion.is_some();
    let picked = move || !deleted && grid.is_picked(id);
    let press = move |event: MouseEvent| {
        let ticked = event_target::<HtmlInputElement>(&event).checked();
        grid.pick(id, ticked, event.shift_key());
    };
    let pick = move || {
        grid.may_delete().then(|| {
            view! {
                <td class="pick">
                    <input
                        type="checkbox"
                        aria-label=format!("Select {id}")
                        prop:checked=picked
                        disabled=move || deleted || grid.is_too_late(id)
                        on:click=press
                    />
                </td>
            }
        })
    };
    let kept_lead = row.kept;
    let middle = match row.deletion {
        Some(mark) => view! { <Deleted grid mark /> }.into_any(),
        None => view! {
            <td class="status"><Status status=row.status /></td>
            <td class="owner">{row.owner}</td>
            <td class="telephone"><Phone telephone=row.telephone /></td>
        }
        .into_any(),
    };
    view! {
        <tr class:on=picked class:gone=deleted>
            {pick}
            <th scope="row" class="name">
                <LeadLink grid id name=row.name />
            </th>
            <td class="source">{row.source}</td>
            {middle}
            <td class="contacts">{number(row.contacts.into())}</td>
            {move || {
                kept.get()
                    .then(|| view! { <td class="kept">{kept_lead.map(|lead| view! { <KeptLead grid lead /> })}</td> })
            }}
            <td class="activity">{if row.last_activity.is_empty() { "never".to_owned() } else { row.last_activity }}</td>
            <td class="added">{row.added}</td>
        </tr>
    }
}

/// The columns that the stack leaves away, as classes of the table: the style sheet hides their cells, on cards too, so that
/// no row is drawn anew for them. `own`: it chose its columns.
fn left_away(shown: &[Column]) -> String {
    let mut classes: Vec<_> = Column::ALL
        .into_iter()
        .filter(|column| !shown.contains(column))
        .map(|column| format!("no-{}", column.code()))
        .collect();
    if !classes.is_empty() {
        classes.push("own".into());
    }
    classes.join(" ")
}

/// The lead that a copy is a copy of: it stays.
#[component]
fn KeptLead(grid: Grid, lead: domain::lead::LeadId) -> impl IntoView {
    let open = move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        grid.open(lead);
    };
    view! {
        <a class="link" href=format!("/leads/{lead}") on:click=open>
            {lead.to_string()}
        </a>
    }
}

/// The name opens the panel beside the grid; as a link it leads to the lead's own page.
#[component]
fn LeadLink(grid: Grid, id: domain::lead::LeadId, name: String) -> impl IntoView {
    let open = move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        grid.open(id);
    };
    view! {
        <a class="who" href=format!("/leads/{id}") on:click=open>
            {name}
        </a>
        <span class="ref">{id.to_string()}</span>
    }
}

/// An open deletion in its row, with Undo for whose order it is.
#[component]
fn Deleted(grid: Grid, mark: OpenDeletionMark) -> impl IntoView {
    let shell = use_shell();
    let toasts = expect_context::<Toasts>();
    let order = mark.order;
    let undo = mark.may_undo.then(|| {
        view! {
            <button type="button" class="link" on:click=move |_| undo_order(order, toasts, shell)>
                "Undo"
            </button>
        }
    });
    // In the place of status, owner and telephone, as far as the stack shows them.
    let places = move || {
        let shown = |column| grid.info.with(|info| info.columns.contains(&column));
        1 + usize::from(shown(Column::Owner)) + usize::from(shown(Column::Telephone))
    };
    view! {
        <td colspan=places class="deletion">
            <span class="badge danger">"Deleted"</span>
            <span>{mark.label}</span>
            {undo}
        </td>
    }
}
