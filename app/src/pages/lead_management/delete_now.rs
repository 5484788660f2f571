//! The prompt of the X.
//!
//! Seed: "A confirmation prompt will appear. Click OK to finalize the action, and the lead will be deleted from the
//! system."

use domain::deletion_queue::ChangedSince;
use domain::draft::permanent;
use domain::lead::LeadId;
use domain::reason::{MOST_DETAILS, Reason};
use domain::urgent_deletion::{Because, UrgentDeletion};
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::error::Error;
use crate::parts::dialog::Dialog;
use crate::parts::overlay::NoCode;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::toast::{Toast, Toasts};
use crate::urgent_deletion;

/// The lead whose X was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The lead.
    pub lead: LeadId,
    /// Its name, where the reader sees it.
    pub name: Option<String>,
    /// A queued lead has its order's reason; another needs one.
    pub queued: bool,
    /// It changed after it was ordered.
    pub changed: Option<ChangedSince>,
}

/// What is filled in for a lead that isn't queued.
#[derive(Clone, Copy)]
struct Fields {
    reasons: RwSignal<Vec<Reason>>,
    reason: RwSignal<String>,
    details: RwSignal<String>,
    sentence: RwSignal<bool>,
    failed: RwSignal<Option<Error>>,
}

impl Fields {
    fn new() -> Self {
        Self {
            reasons: RwSignal::new(Vec::new()),
            reason: RwSignal::new(String::new()),
            details: RwSignal::new(String::new()),
            sentence: RwSignal::new(false),
            failed: RwSignal::new(None),
        }
    }

    fn because(self) -> Because {
        Because {
            reason: self.reason.get_untracked(),
            details: self.details.get_untracked(),
            sentence_confirmed: self.sentence.get_untracked(),
        }
    }

    fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.failed.with(|error| {
                error
                    .as_ref()
                    .and_then(|e| e.0.of_field(field))
                    .map(str::to_owned)
            })
        })
    }

    /// What belongs to none of the fields that are shown; a queued lead's prompt shows none.
    fn elsewhere(self, queued: bool) -> Option<Error> {
        self.failed.get().filter(|error| {
            queued
                || !["Reason", "Extra details", "Confirm"]
                    .iter()
                    .any(|field| error.0.of_field(field).is_some())
        })
    }
}

/// The prompt for this lead, while the queue is paused or not, for an [`Overlay`](crate::parts::overlay::Overlay).
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
pub fn delete_now(target: Target, paused: bool, on_close: Callback<()>) -> Result<AnyView, NoCode> {
    Ok(view! { <DeleteNow target paused on_close /> }.into_any())
}

/// The prompt.
#[component]
fn DeleteNow(target: Target, paused: bool, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let fields = Fields::new();
    let pending = RwSignal::new(false);
    // The lead stayed: why, and only Close is left.
    let stayed = RwSignal::new(None::<String>);
    let Target {
        lead,
        name,
        queued,
        changed,
    } = target;
    if !queued {
        Effect::new(move || {
            leptos::task::spawn_local(async move {
                match urgent_deletion::urgent_reasons().await {
                    Ok(reasons) => _ = fields.reasons.try_set(reasons),
                    Err(error) => _ = fields.failed.try_set(Some(error)),
                }
            });
        });
    }
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() || stayed.with_untracked(Option::is_some) {
            return;
        }
        pending.set(true);
        fields.failed.set(None);
        let urgent = UrgentDeletion {
            lead,
            because: (!queued).then(|| fields.because()),
        };
        leptos::task::spawn_local(async move {
            let answer = urgent_deletion::delete_now(urgent).await;
            // Before the prompt may close: what it shows is gone then.
            _ = pending.try_set(false);
            match answer {
                Ok(done) if done.erased => {
                    toasts.show(Toast {
                        message: done.message,
                        order: Some(done.order),
                        undo: None,
                        bad: false,
                    });
                    on_close.run(());
                }
                Ok(done) => _ = stayed.try_set(Some(done.message)),
                Err(error) => _ = fields.failed.try_set(Some(error)),
            }
            shell.refresh();
        });
    };
    view! {
        <Dialog labelled_by="delete-now" on_close>
            <form on:submit=send novalidate>
                <div>
                    <h1 id="delete-now">{format!("Delete {lead} now?")}</h1>
                    <p>{name}</p>
                </div>
                <p>
                    "It is deleted from the system at once, inside business hours too. "
                    <b>{permanent(1)}</b>
                </p>
                {paused.then(|| view! { <p>"The queue is paused. The X doesn’t wait for that."</p> })}
                {changed.map(|changed| view! { <p class="warned">{changed.warning()}</p> })}
                {(!queued).then(|| view! { <WhyNow fields /> })}
                {move || fields.elsewhere(queued).map(|error| view! { <Problem error /> })}
                {move || stayed.get().map(|why| view! { <p class="problem" role="alert">{why}</p> })}
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        {move || if stayed.with(Option::is_some) { "Close" } else { "Cancel" }}
                    </button>
                    <button
                        class="button danger solid"
                        aria-disabled=move || pending.get().to_string()
                        hidden=move || stayed.with(Option::is_some)
                    >
                        "OK"
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}

#[component]
fn WhyNow(fields: Fields) -> impl IntoView {
    let Fields {
        reasons,
        reason,
        details,
        sentence,
        ..
    } = fields;
    let chosen = Memo::new(move |_| {
        reason.with(|code| reasons.with(|all| all.iter().find(|r| r.code == *code).cloned()))
    });
    let (no_reason, no_details, no_tick) = (
        fields.wrong("Reason"),
        fields.wrong("Extra details"),
        fields.wrong("Confirm"),
    );
    let options = move || {
        reasons
            .get()
            .into_iter()
            .map(|r| view! { <option value=r.code>{r.label}</option> })
            .collect_view()
    };
    let tick = move || {
        chosen
            .with(|chosen| chosen.as_ref().and_then(|r| r.sentence.clone()))
            .map(|words| {
                view! {
                    <div>
                        <label class="check">
                            <input
                                type="checkbox"
                                prop:checked=move || sentence.get()
                                aria-invalid=move || no_tick.with(Option::is_some).to_string()
                                aria-describedby="now-tick-wrong"
                                on:change=move |ev| sentence.set(event_target_checked(&ev))
                            />
                            <span>{words}</span>
                        </label>
                        <FieldProblem id="now-tick-wrong" message=no_tick />
                    </div>
                }
            })
    };
    let demanded =
        move || chosen.with(|chosen| chosen.as_ref().is_some_and(|r| r.details_demanded));
    view! {
        <div class="field">
            <label for="now-reason">"Reason"</label>
            <select
                id="now-reason"
                aria-describedby="now-reason-wrong"
                aria-invalid=move || no_reason.with(Option::is_some).to_string()
                on:change=move |ev| {
                    sentence.set(false);
                    reason.set(event_target_value(&ev));
                }
            >
                <option value="" selected disabled>
                    "Choose a reason"
                </option>
                {options}
            </select>
            <FieldProblem id="now-reason-wrong" message=no_reason />
        </div>
        {tick}
        <div class="field">
            <label for="now-details">"Extra details"</label>
            <textarea
                id="now-details"
                rows="2"
                aria-describedby="now-details-hint now-details-wrong"
                aria-invalid=move || no_details.with(Option::is_some).to_string()
                prop:value=details
                on:input=move |ev| details.set(event_target_value(&ev))
            ></textarea>
            <span class="hint" id="now-details-hint">
                {move || {
                    let length = details.with(|details| details.chars().count());
                    let left = MOST_DETAILS.saturating_sub(length);
                    if left < 200 {
                        format!("{left} characters left.")
                    } else if demanded() {
                        "This reason needs them. Leave out names and numbers.".to_owned()
                    } else {
                        "Optional. Kept in the audit log: leave out names and numbers.".to_owned()
                    }
                }}
            </span>
            <FieldProblem id="now-details-wrong" message=no_details />
        </div>
    }
}
