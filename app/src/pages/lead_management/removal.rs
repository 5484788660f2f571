//! Remove Deletions.
//!
//! Seed: "Below the table, you'll also find an option to Remove Deletions, which can be used to clear items to be
//! deleted from the Lead Management page."

use std::sync::Arc;

use domain::Permission;
use domain::member::MemberId;
use domain::removal::{Removal, RemovalGroup, RemovalId};
use domain::text::{count, number};
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use super::board::Board;
use crate::error::Error;
use crate::parts::dialog::Dialog;
use crate::parts::overlay::{NoCode, Overlay};
use crate::parts::problem::{Empty, FieldProblem, Problem};
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::{Toast, Toasts};
use crate::removal;

/// The button below Lead stats, for who may.
#[component]
pub fn RemoveDeletions(board: Board) -> impl IntoView {
    let shell = use_shell();
    let open = RwSignal::new(false);
    let dialog = move || {
        open.get()
            .then(|| view! { <Overlay code=removal_dialog(board, Callback::new(move |()| open.set(false))) /> }.into_any())
    };
    let may = Memo::new(move |_| shell.may(Permission::RemoveDeletions));
    let button = move || {
        may.get().then(|| {
            view! {
                <button type="button" class="button danger" on:click=move |_| open.set(true)>
                    "Remove Deletions"
                </button>
                <p class="hint">
                    "Takes open deletions off the queue. The leads are kept and return to their work stacks."
                </p>
                }
            .into_any()
        })
    };
    view! {
        {button}
        {dialog}
    }
}

/// What of the queue a group is: its reason's code and its person.
type Key = (String, MemberId, bool);

fn key(group: &RemovalGroup) -> Key {
    (
        group.reason.clone(),
        group.member,
        group.must_be_carried_out,
    )
}

/// The dialog on what the page shows.
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
fn removal_dialog(board: Board, on_close: Callback<()>) -> Result<AnyView, NoCode> {
    Ok(view! { <RemovalDialog board on_close /> }.into_any())
}

#[component]
fn RemovalDialog(board: Board, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let search = board.view.search.get_untracked();
    let narrowed = RwSignal::new(!search.is_empty());
    let search = StoredValue::new(search);
    let groups = RwSignal::new(None::<Vec<RemovalGroup>>);
    let ticked = RwSignal::new(Vec::<Key>::new());
    let note = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let tries = RwSignal::new(0_u32);
    let searched = move || {
        if narrowed.get() {
            search.get_value()
        } else {
            String::new()
        }
    };

    // Counts what was asked for: an answer for another choice than the one that stands is dropped.
    let turn = StoredValue::new(0_u32);

    Effect::new(move || {
        tries.track();
        let search = searched();
        let mine = turn.get_value() + 1;
        turn.set_value(mine);
        groups.set(None);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let answer = removal::removal_preview(search).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(preview) => {
                    let first = preview
                        .groups
                        .iter()
                        .filter(|g| !g.must_be_carried_out)
                        .map(key)
                        .collect();
                    _ = ticked.try_set(first);
                    _ = groups.try_set(Some(preview.groups));
                }
                Err(error) => _ = failed.try_set(Some(error)),
            }
        });
    });
    let going = Memo::new(move |_| {
        let ticked = ticked.get();
        groups.with(|groups| {
            let groups = groups.iter().flatten();
            groups
                .filter(|g| ticked.contains(&key(g)))
                .cloned()
                .collect::<Vec<RemovalGroup>>()
        })
    });
    let goes = Memo::new(move |_| going.with(|groups| groups.iter().map(|g| g.count).sum::<u64>()));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() || goes.get_untracked() == 0 {
            return;
        }
        pending.set(true);
        failed.set(None);
        let removal = Removal {
            search: untrack(searched),
            groups: going.get_untracked(),
            note: note.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match removal::remove(removal).await {
                Ok(removed) => {
                    let id = removed.removal;
                    let may_undo = removed.count > 0 && shell.may(Permission::DeleteLeads);
                    let undo: Option<crate::parts::toast::Undo> = may_undo.then(|| {
                        Arc::new(move || undo_removal(id, toasts, shell))
                            as crate::parts::toast::Undo
                    });
                    toasts.show(Toast {
                        message: removed.message,
                        order: None,
                        undo,
                        bad: false,
                    });
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = failed.try_set(Some(error));
                    _ = pending.try_set(false);
                }
            }
        });
    };
    let wrong = Signal::derive(move || {
        failed.with(|error| {
            error
                .as_ref()
                .and_then(|e| e.0.of_field("Reason"))
                .map(str::to_owned)
        })
    });
    let elsewhere = move || {
        failed
            .get()
            .filter(|error| error.0.of_field("Reason").is_none())
    };
    let list = move || match groups.get() {
        None if failed.with(Option::is_some) => view! {
            <button type="button" class="button" on:click=move |_| tries.update(|n| *n += 1)>
                "Look again"
            </button>
        }
        .into_any(),
        None => view! { <Skeleton lines=3 /> }.into_any(),
        Some(groups) if groups.is_empty() => {
            view! { <Empty title="There is nothing to remove." /> }.into_any()
        }
        Some(groups) => {
            let rows = groups
                .into_iter()
                .map(|group| view! { <Group group ticked /> })
                .collect_view();
            view! {
                <fieldset class="groups">
                    <legend class="sr-only">"What to remove"</legend>
                    {rows}
                </fieldset>
            }
            .into_any()
        }
    };
    let scope = search.with_value(|search| !search.is_empty()).then(|| {
        let only = format!("Only what the search “{}” shows", search.get_value());
        view! {
            <fieldset class="groups">
                <legend class="sr-only">"Which deletions"</legend>
                <label class="check">
                    <input type="radio" name="which" checked on:change=move |_| narrowed.set(true) />
                    <span>{only}</span>
                </label>
                <label class="check">
                    <input type="radio" name="which" on:change=move |_| narrowed.set(false) />
                    <span>"All open deletions"</span>
                </label>
            </fieldset>
        }
    });
    view! {
        <Dialog labelled_by="remove-deletions" on_close>
            <form on:submit=send novalidate>
                <div>
                    <h1 id="remove-deletions">"Remove deletions from the queue?"</h1>
                    <p class="hint">"The leads are kept and return to their work stacks. It can be undone."</p>
                </div>
                {scope}
                {list}
                <div class="field">
                    <label for="removal-note">"Reason"</label>
                    <input
                        id="removal-note"
                        autocomplete="off"
                        aria-describedby="removal-hint removal-wrong"
                        aria-invalid=move || wrong.with(Option::is_some).to_string()
                        prop:value=note
                        on:input=move |ev| note.set(event_target_value(&ev))
                    />
                    <span class="hint" id="removal-hint">
                        "Why, for the audit log. Leave out names and numbers."
                    </span>
                    <FieldProblem id="removal-wrong" message=wrong />
                </div>
                {move || elsewhere().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class="button danger solid" disabled=move || pending.get() || goes.get() == 0>
                        {move || match groups.with(Option::is_some) {
                            true => format!("Remove {}", count(goes.get(), "deletion", "deletions")),
                            false => "Remove".to_owned(),
                        }}
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}

#[component]
fn Group(group: RemovalGroup, ticked: RwSignal<Vec<Key>>) -> impl IntoView {
    let mine = key(&group);
    let is_ticked = {
        let mine = mine.clone();
        move || ticked.with(|ticked| ticked.contains(&mine))
    };
    let tick = move |event| {
        let on = event_target_checked(&event);
        ticked.update(|ticked| {
            ticked.retain(|other| *other != mine);
            if on {
                ticked.push(mine.clone());
            }
        });
    };
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=is_ticked on:change=tick />
            <span>
                {group.label} ", " <bdi>{group.by}</bdi>
                {group
                    .must_be_carried_out
                    .then(|| view! { " " <span class="badge warn">"must be carried out"</span> })}
            </span>
            <b>{number(group.count)}</b>
        </label>
    }
}

/// Undoes a removal, says what came of it, and lets the pages read anew.
pub fn undo_removal(removal: RemovalId, toasts: Toasts, shell: CurrentShell) {
    leptos::task::spawn_local(async move {
        match removal::undo_removal(removal).await {
            Ok(confirmed) => toasts.show(Toast {
                message: confirmed.message,
                order: Some(confirmed.order),
                undo: None,
                bad: false,
            }),
            Err(error) => toasts.fail(&error),
        }
        shell.refresh();
    });
}
