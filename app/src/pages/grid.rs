//! `/work-stacks/ID`: the Grid View.
//!
//! Seed: "To delete leads from the workstack, navigate to the Grid View."
//!
//! The first page of rows comes with the document. From then on the screen stands, and what changes goes through
//! [`state::Grid`], so that no row moves under a pointer: sort, search, toggle and the live stream there, the rows that are
//! in sight in `scroll`, what is ticked in `selection`, and the keyboard in `keys`.

mod actions;
mod address;
mod bar;
mod erased;
mod keys;
mod row;
mod rows;
mod scroll;
mod selection;
mod state;
mod table;

use std::cell::RefCell;

use domain::Permission;
use domain::text::leads;
use domain::work_stack::{GridPage as Page, WorkStackId};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

use crate::error::Error;
use crate::live::Live;
use crate::parts::draft_dialog::draft_dialog;
use crate::parts::icon::Icon;
use crate::parts::lead_panel::lead_panel;
use crate::parts::overlay::{Overlay, fetch_overlays};
use crate::parts::pace::paced;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::work_stack;
use address::Address;
use bar::{Fresh, SelectionBar};
use state::Grid;
use table::Table;

/// Reads the stack's first page; each stack gets a screen of its own.
#[component]
pub fn GridPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let stack = Memo::new(move |_| {
        params.with(|params| {
            params
                .get_str("id")
                .and_then(|id| id.parse().ok())
                .map(WorkStackId)
        })
    });
    let first = Resource::new(
        move || stack.get(),
        move |stack| {
            let address = query.with_untracked(Address::read);
            async move {
                let Some(stack) = stack else {
                    return Err(Error(domain::Error::not_found("work stack")));
                };
                work_stack::grid(address.view(stack))
                    .await
                    .map(|page| (stack, page))
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton lines=14 /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok((stack, page)) => view! { <Screen stack page /> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageTop title="Work stack" />
                            <div class="body">
                                <Problem error />
                                <p>
                                    <a href="/work-stacks">"See your work stacks"</a>
                                </p>
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Screen(stack: WorkStackId, page: Page) -> impl IntoView {
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(Address::read));
    let grid = Grid::new(stack, page, address);
    let shell = use_shell();
    let name = Signal::derive(move || grid.info.with(|info| info.name.clone()));
    let edit = move || {
        shell.may(Permission::EditSettings).then(|| {
            view! {
                <a class="button ghost" href=format!("/settings/work-stacks/{}", stack.0)>
                    "Edit this stack"
                </a>
            }
        })
    };
    Effect::new(fetch_overlays);
    actions::offer(grid);

    // A change of what is looked at is a refresh. It writes the grid's address, so the panel's lead goes.
    let view = Memo::new(move |_| address.with(|address| address.view(stack)));
    Effect::new(move |before: Option<()>| {
        // Read, not only tracked: a memo that nobody reads follows nothing.
        view.with(|_| ());
        if before.is_some() {
            grid.opened.set(None);
            grid.scroll_to_top();
            grid.refresh();
        }
    });
    // What this person did, and what the stream tells of others.
    Effect::new(move |before: Option<()>| {
        shell.changes();
        if before.is_some() {
            grid.reread();
        }
    });
    if let Some(live) = use_context::<Live>() {
        paced(1000, move || live.sequence.get(), move || grid.reread());
    }

    let hint = Signal::derive(move || {
        grid.info.with(|info| {
            let count = if info.hide_deletions {
                grid.total.get()
            } else {
                grid.count.get() as u64
            };
            format!("{} {}.", info.sentence, leads(count))
        })
    });
    view! {
        <PageTop title=name hint>
            {edit}
            <HideDeletions grid />
        </PageTop>
        <div class="tools">
            <Search grid />
            <Fresh grid />
            <button type="button" class="button ghost" on:click=move |_| grid.refresh()>
                <Icon icon=Icon::Refresh />
                "Refresh"
            </button>
        </div>
        <SelectionBar grid />
        {move || grid.failed.get().map(|error| view! { <Problem error /> })}
        <div class="beside">
            <Table grid />
            {move || {
                grid.opened.get().map(|lead| view! { <Overlay code=lead_panel(lead, Callback::new(move |()| grid.close())) /> })
            }}
        </div>
        {move || {
            grid.dialog
                .get()
                .map(|request| {
                    let on_close = Callback::new(move |()| grid.dialog.set(None));
                    let on_done = Callback::new(move |()| {
                        grid.pick_none();
                        // The bar's button is off now.
                        request_animation_frame(move || grid.settle(keys::Focus::Held));
                    });
                    view! { <Overlay code=draft_dialog(request, on_close, on_done) /> }
                })
        }}
    }
    .into_any()
}

/// The toggle above the grid: this person's view of this stack. It acts at once and stands in the address.
#[component]
fn HideDeletions(grid: Grid) -> impl IntoView {
    let navigate = use_navigate();
    let hides = move || {
        grid.address
            .with(|address| address.hide)
            .unwrap_or_else(|| grid.info.with(|info| info.hides_deletions))
    };
    let toggle = move |_| {
        let hide = Some(!untrack(hides));
        let href = grid
            .address
            .with_untracked(|a| Address { hide, ..a.clone() }.href(grid.stack));
        navigate(&href, address::in_place());
    };
    view! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked=move || hides().to_string()
            on:click=toggle
        >
            <i></i>
            "Hide deletions"
        </button>
    }
}

/// What is typed goes into the address once the typing rests.
#[component]
fn Search(grid: Grid) -> impl IntoView {
    let navigate = use_navigate();
    let waiting = RefCell::new(None::<Timeout>);
    let search = move || grid.address.with(|address| address.search.clone());
    let type_in = move |event: leptos::ev::Event| {
        let search = event_target_value(&event);
        let navigate = navigate.clone();
        // Dropping the timeout before it stops it.
        waiting.replace(Some(Timeout::new(250, move || {
            let href = grid.address.with_untracked(|a| {
                Address {
                    search,
                    ..a.clone()
                }
                .href(grid.stack)
            });
            navigate(&href, address::in_place());
        })));
    };
    view! {
        <div class="find" role="search">
            <Icon icon=Icon::Search />
            <input
                type="search"
                aria-label="Search this work stack"
                placeholder="Name, e-mail, number or reference"
                autocomplete="off"
                maxlength="200"
                value=search
                prop:value=search
                on:input=type_in
            />
        </div>
    }
}
