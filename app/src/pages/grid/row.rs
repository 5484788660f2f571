//! One row of the grid: a lead, one that is lost, or one that is on its way.

use std::sync::Arc;

use domain::lead::{LeadId, LeadRow, OpenDeletionMark};
use domain::text::number;
use domain::work_stack::Column;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

use super::keys::row_index;
use super::rows::{Row, Slot};
use super::state::Grid;
use crate::parts::shell::use_shell;
use crate::parts::status::{Phone, Status};
use crate::parts::toast::{Toasts, undo_order};

/// The row of a place.
#[component]
pub(super) fn TableRow(grid: Grid, drawn: Slot, kept: Memo<bool>) -> impl IntoView {
    let place = drawn.place;
    match drawn.row {
        Some(Row::Lead(row)) => {
            view! { <Lead grid place row=Arc::unwrap_or_clone(row) kept /> }.into_any()
        }
        Some(Row::Lost(id)) => view! {
            <tr class="lost" aria-rowindex=row_index(place) class:away=away(grid, place)>
                <td colspan=width(grid, kept) class="name">{format!("{id} is no longer in this view")}</td>
            </tr>
        }
        .into_any(),
        None => view! {
            <tr class="wait" aria-rowindex=row_index(place)>
                <td colspan=width(grid, kept)>
                    <span class="sr-only">"Loading"</span>
                </td>
            </tr>
        }
        .into_any(),
    }
}

/// How many columns there are: a cell that spanned more would make another one, and take its room from the names.
fn width(grid: Grid, kept: Memo<bool>) -> impl Fn() -> usize {
    move || {
        let shown = grid.info.with(|info| info.columns.len());
        2 + shown + usize::from(grid.may_delete()) + usize::from(kept.get())
    }
}

/// Whether the row is in the page only because the focus is in it.
fn away(grid: Grid, place: usize) -> impl Fn() -> bool {
    move || !grid.window.get().has(place)
}

#[component]
fn Lead(grid: Grid, place: usize, row: LeadRow, kept: Memo<bool>) -> impl IntoView {
    let id = row.id;
    let deleted = row.deletion.is_some();
    let picked = Memo::new(move |_| !deleted && grid.is_picked(id));
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
                        tabindex="-1"
                        aria-label=format!("Select {id}")
                        prop:checked=picked
                        disabled=move || deleted || grid.is_too_late(id)
                        on:click=press
                    />
                </td>
            }
        })
    };
    let selected = move || (grid.may_delete() && !deleted).then(|| picked.get().to_string());
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
        <tr
            aria-rowindex=row_index(place)
            aria-selected=selected
            class:on=picked
            class:gone=deleted
            class:away=away(grid, place)
        >
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

/// Opens the panel beside the grid, unless the link's own page is wanted.
fn opens(grid: Grid, id: LeadId) -> impl Fn(MouseEvent) {
    move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        grid.open(id);
    }
}

/// The lead that a copy is a copy of: it stays.
#[component]
fn KeptLead(grid: Grid, lead: LeadId) -> impl IntoView {
    view! {
        <a class="link" href=format!("/leads/{lead}") tabindex="-1" on:click=opens(grid, lead)>
            {lead.to_string()}
        </a>
    }
}

/// The name opens the panel beside the grid; as a link it leads to the lead's own page.
#[component]
fn LeadLink(grid: Grid, id: LeadId, name: String) -> impl IntoView {
    view! {
        <a class="who" href=format!("/leads/{id}") tabindex="-1" on:click=opens(grid, id)>
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
        // It is of the whole order, not of this row alone.
        let all = (mark.leads > 1).then(|| format!("all {}", number(mark.leads)));
        view! {
            <button type="button" class="link" tabindex="-1" on:click=move |_| undo_order(order, toasts, shell)>
                "Undo"
            </button>
            <span class="hint">{all}</span>
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
            <span class="leaves">{mark.label}</span>
            {undo}
        </td>
    }
}
