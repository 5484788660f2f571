//! The Deletion Queue: what it does, its tabs, `Find a lead`, and its rows.

use std::cell::RefCell;

use domain::Permission;
use domain::deletion_queue::{QueueRow, QueueState, QueueTab};
use domain::lead::LeadRow;
use domain::text::number;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::board::{Board, address};
use super::delete_now::Target;
use super::run::{Acts, Run};
use crate::deletion_queue;
use crate::parts::icon::Icon;
use crate::parts::problem::{Empty, Problem};
use crate::parts::shell::use_shell;

/// The id of the queue's heading: it gets the focus when the row with it goes.
pub const HEADING: &str = "deletion-queue";

/// The right side of the page.
#[component]
pub fn Queue(board: Board, target: RwSignal<Option<Target>>) -> impl IntoView {
    view! {
        <section class="panel deletion-queue" aria-labelledby=HEADING>
            <h2 id=HEADING tabindex="-1">
                "Deletion Queue"
            </h2>
            {board
                .sees_own()
                .then(|| view! { <p class="hint own">"You see the deletions that you ordered; Lead stats count everybody’s."</p> })}
            <Run board />
            <div class="tabs">
                <Tabs board />
                <Find board />
            </div>
            {move || board.problem.get().map(|error| view! { <Problem error /> })}
            <Rows board target />
            <NotInQueue board target />
            <Erased board />
        </section>
    }
}

#[component]
fn Tabs(board: Board) -> impl IntoView {
    let tab = move |(place, tab): (usize, QueueTab)| {
        let count = move || {
            board
                .management
                .with(|m| m.tabs.get(place).copied().unwrap_or_default())
        };
        view! {
            <a
                href=move || address(tab, &board.view.search.get())
                aria-current=move || (board.view.tab.get() == tab).then_some("page")
            >
                {tab.label()}
                " "
                <span>{move || number(count())}</span>
            </a>
        }
    };
    view! { <nav aria-label="Deletions by state">{QueueTab::ALL.into_iter().enumerate().map(tab).collect_view()}</nav> }
}

/// The search goes into the address a moment after the last key.
#[component]
fn Find(board: Board) -> impl IntoView {
    let navigate = use_navigate();
    let typed = RwSignal::new(board.view.search.get_untracked());
    let waiting = RefCell::new(None::<Timeout>);
    let pending = StoredValue::new(false);
    Effect::new(move || {
        let search = board.view.search.get();
        if !pending.get_value() {
            typed.set(search);
        }
    });
    let input = move |event| {
        typed.set(event_target_value(&event));
        pending.set_value(true);
        let navigate = navigate.clone();
        // Dropping the timeout before it stops it.
        waiting.replace(Some(Timeout::new(250, move || {
            pending.set_value(false);
            let tab = board.view.tab.get_untracked();
            let to = address(tab, typed.get_untracked().trim());
            navigate(
                &to,
                NavigateOptions {
                    replace: true,
                    scroll: false,
                    ..Default::default()
                },
            );
        })));
    };
    view! {
        <label class="find">
            <span class="sr-only">"Find a lead"</span>
            <Icon icon=Icon::Search />
            <input type="search" placeholder="Find a lead" autocomplete="off" prop:value=typed on:input=input />
        </label>
    }
}

#[component]
fn Rows(board: Board, target: RwSignal<Option<Target>>) -> impl IntoView {
    let none = move || board.rows.with(Vec::is_empty);
    let empty = move || {
        (none() && board.erased.with(Option::is_none)).then(|| {
            let (title, hint) = if !board.view.search.with(String::is_empty) {
                (
                    "No deletion matches.",
                    "Search for a name, a reference such as L-20418, an e-mail or a number.",
                )
            } else {
                match board.view.tab.get() {
                    QueueTab::Open => (
                        "Nothing is waiting.",
                        "Leads that are deleted from a work stack wait here.",
                    ),
                    QueueTab::Waiting => ("Nothing is waiting.", ""),
                    QueueTab::Held => ("Nothing is on hold.", ""),
                    QueueTab::Failed => ("Nothing failed.", ""),
                    QueueTab::Overdue => (
                        "Nothing is overdue.",
                        "Here stands what is open for more than 48 hours.",
                    ),
                    QueueTab::Deleted => ("Nothing was deleted yet.", ""),
                }
            };
            // The other tabs show a part of what is open, and no leads beside.
            let tab = board.view.tab.get();
            let part = !matches!(tab, QueueTab::Open | QueueTab::Deleted);
            let wider = board.view.search.with(|search| {
                (part && !search.is_empty()).then(|| {
                    view! {
                        <p class="offer">
                            <a class="link" href=address(QueueTab::Open, search)>
                                "Look in all open deletions and all leads"
                            </a>
                        </p>
                    }
                })
            });
            view! {
                <Empty title=title hint=hint />
                {wider}
            }
        })
    };
    let more = move || {
        board.next.get().map(|_| {
            view! {
                <button type="button" class="button more-rows" on:click=move |_| board.more()>
                    "Show more"
                </button>
            }
        })
    };
    view! {
        <div class="rows" hidden=none>
            <table class="cards queue">
                <thead>
                    <tr>
                        <th scope="col">"Lead"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Ordered by"</th>
                        <th scope="col"><span class="sr-only">"What you can do"</span></th>
                    </tr>
                </thead>
                <tbody>
                    // A row whose words changed is another row: the others stay as they are, under the pointer too.
                    <For
                        each=move || board.rows.get()
                        key=|row| (row.lead, row.order, row.label.clone(), row.overdue, row.changed)
                        let(row)
                    >
                        <Row row target />
                    </For>
                </tbody>
            </table>
            {more}
        </div>
        {empty}
    }
}

#[component]
fn Row(row: QueueRow, target: RwSignal<Option<Target>>) -> impl IntoView {
    let shell = use_shell();
    let acts = Acts::new();
    let lead = row.lead;
    let state = match row.state {
        QueueState::Waiting => "badge",
        QueueState::Held => "badge warn",
        QueueState::Failed => "badge danger",
        QueueState::Erased => "badge good",
    };
    let open = row.state != QueueState::Erased;
    // A right that changes shows with the next reading of the page.
    let may = |permission| untrack(|| shell.may(permission));
    let runs = may(Permission::RunQueue);
    let retry = (runs && row.state == QueueState::Failed).then(|| {
        let press = move |_| acts.run(deletion_queue::retry(lead), format!("{lead} waits again."));
        view! { <button type="button" class="button" on:click=press>"Retry"</button> }
    });
    let confirm = (runs && row.state == QueueState::Held).then(|| {
        let press = move |_| {
            acts.run(
                deletion_queue::confirm_held(lead),
                format!("{lead} waits again."),
            )
        };
        view! { <button type="button" class="button" on:click=press>"Confirm"</button> }
    });
    let x = (open && may(Permission::DeleteNow))
        .then(|| view! { <X now=Target { lead, name: row.name.clone(), queued: true, changed: row.changed } target /> });
    let name = row.name.filter(|_| open).map(|name| {
        if may(Permission::SeeLeads) {
            view! { <a class="who" href=format!("/leads/{lead}")>{name}</a> }.into_any()
        } else {
            view! { <span class="who">{name}</span> }.into_any()
        }
    });
    view! {
        <tr>
            <td class="subject">{name} <span class="ref">{lead.to_string()}</span></td>
            <td class="state">
                <span class=state>{row.label}</span>
                {row.overdue.then(|| view! { " " <span class="badge danger">"Over 48 hours"</span> })}
                {row.changed.map(|changed| view! { " " <span class="badge warn">{changed.words()}</span> })}
            </td>
            <td class="reason">{row.reason}</td>
            <td class="by">
                <a class="link" href=format!("/settings/lead-management/orders/{}", row.order)>
                    <span><bdi>{row.by}</bdi> ", " {row.at}</span>
                </a>
            </td>
            <td class="acts">
                <div>{retry} {confirm} {x}</div>
            </td>
        </tr>
    }
}

/// The X on the right of a row.
#[component]
fn X(now: Target, target: RwSignal<Option<Target>>) -> impl IntoView {
    let label = format!("Delete now: {}", now.lead);
    view! {
        <button
            type="button"
            class="button ghost icon x"
            aria-label=label
            title="Delete now"
            on:click=move |_| target.set(Some(now.clone()))
        >
            <Icon icon=Icon::X />
        </button>
    }
}

/// With a search: leads that could be deleted urgently without having been queued.
#[component]
fn NotInQueue(board: Board, target: RwSignal<Option<Target>>) -> impl IntoView {
    move || {
        let rows = board.not_in_queue.get();
        (!rows.is_empty()).then(|| {
            view! {
                <div class="rows">
                    <h3>"Not in the queue"</h3>
                    <table class="cards queue" aria-label="Other leads">
                        <thead class="sr-only">
                            <tr>
                                <th scope="col">"Lead"</th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Source"</th>
                                <th scope="col">"Owner"</th>
                                <th scope="col">"What you can do"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.into_iter().map(|row| view! { <Other row target /> }).collect_view()}</tbody>
                    </table>
                </div>
            }
            .into_any()
        })
    }
}

/// With the reference of an erased lead in the search: who deleted it, when and why.
#[component]
fn Erased(board: Board) -> impl IntoView {
    move || {
        board.erased.get().map(|erased| {
            let order = erased.order.map(|order| {
                view! {
                    " "
                    <a class="link" href=format!("/settings/lead-management/orders/{order}")>
                        "See the order"
                    </a>
                }
            });
            view! {
                <p class="pad erased">
                    <b>{erased.lead.to_string()}</b>
                    " "
                    {erased.sentence()}
                    {order}
                </p>
            }
            .into_any()
        })
    }
}

#[component]
fn Other(row: LeadRow, target: RwSignal<Option<Target>>) -> impl IntoView {
    let lead = row.id;
    let now = Target {
        lead,
        name: Some(row.name.clone()),
        queued: false,
        changed: None,
    };
    let x = untrack(|| use_shell().may(Permission::DeleteNow)).then(|| view! { <X now target /> });
    view! {
        <tr>
            <td class="subject">
                <a class="who" href=format!("/leads/{lead}")>
                    {row.name}
                </a>
                <span class="ref">{lead.to_string()}</span>
            </td>
            <td class="state">
                <span class="badge">{row.status.label()}</span>
            </td>
            <td class="reason">{row.source}</td>
            <td class="by">{row.owner}</td>
            <td class="acts">
                <div>{x}</div>
            </td>
        </tr>
    }
}
