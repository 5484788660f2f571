//! The dialog that deletes: what goes and what stays, the reason, and the button.
//!
//! Seed: "When deleting, you'll need to specify a reason, which is logged for audit purposes. You can also add extra
//! details if necessary."

use domain::draft::{Confirmation, Confirmed, Draft, DraftCounts, DraftId, TYPED_ABOVE, permanent};
use domain::reason::{MOST_DETAILS, Reason};
use domain::selection::Selection;
use domain::text::{leads, number};
use domain::work_stack::WorkStackId;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::ask_first;
use crate::draft;
use crate::error::Error;
use crate::parts::dialog::Dialog;
use crate::parts::draft_facts::Facts;
use crate::parts::not_sure::NotSure;
use crate::parts::overlay::NoCode;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::skeleton::Skeleton;
use crate::parts::toast::Toasts;

/// What the dialog opens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRequest {
    /// The stack in which it was selected.
    pub stack: WorkStackId,
    /// What is selected.
    pub selection: Selection,
}

impl DraftRequest {
    /// A whole stack with nothing taken away: only then the heading may say "all".
    fn takes_all(&self) -> bool {
        match &self.selection {
            Selection::Matching { view, except, .. } => {
                except.is_empty() && view.search.is_empty() && view.only.is_none()
            }
            Selection::Leads(_) => false,
        }
    }
}

/// Where the dialog's draft comes from.
#[derive(Debug, Clone)]
enum Source {
    /// What is selected is frozen now.
    Selected(DraftRequest),
    /// Somebody asked first.
    Asked(DraftId),
}

impl Source {
    async fn draft(self) -> Result<Draft, Error> {
        match self {
            Self::Asked(draft) => ask_first::open_asked(draft).await,
            Self::Selected(request) if request.selection.is_matching() => {
                draft::draft_matching(request.selection).await
            }
            Self::Selected(request) => draft::draft_leads(request.stack, request.selection).await,
        }
    }
}

/// Confirms it where it came from.
async fn confirm(asked: bool, confirmation: Confirmation) -> Result<Confirmed, Error> {
    if asked {
        ask_first::confirm_asked(confirmation).await
    } else {
        draft::confirm(confirmation).await
    }
}

/// The dialog on these leads, for an [`Overlay`](crate::parts::overlay::Overlay).
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
pub fn draft_dialog(
    request: DraftRequest,
    on_close: Callback<()>,
    on_done: Callback<()>,
) -> Result<AnyView, NoCode> {
    let all = request.takes_all();
    let source = Source::Selected(request);
    Ok(view! { <DraftDialog source all on_close on_done /> }.into_any())
}

/// The dialog on an asked draft: the leads as they were frozen when somebody asked.
#[wasm_split(overlay, wasm_split_path = leptos::wasm_split, fallible)]
pub fn asked_dialog(
    draft: DraftId,
    on_close: Callback<()>,
    on_done: Callback<()>,
) -> Result<AnyView, NoCode> {
    let source = Source::Asked(draft);
    Ok(view! { <DraftDialog source all=false on_close on_done /> }.into_any())
}

/// The dialog. It freezes the leads when it opens; what arrives meanwhile stays.
#[component]
fn DraftDialog(
    /// Where its draft comes from.
    source: Source,
    /// It takes a whole stack.
    all: bool,
    /// It was left without deleting.
    #[prop(into)]
    on_close: Callback<()>,
    /// The order is confirmed.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let draft = RwSignal::new(None::<Result<Draft, Error>>);
    Effect::new(move || {
        let source = source.clone();
        leptos::task::spawn_local(async move {
            _ = draft.try_set(Some(source.draft().await));
        });
    });
    let content = move || match draft.get() {
        None => view! {
            <div>
                <h1 id="draft">"Counting what goes…"</h1>
                <Skeleton lines=4 />
                <Footer on_close />
            </div>
        }
        .into_any(),
        Some(Err(error)) => view! {
            <div>
                <h1 id="draft">"Nothing was deleted"</h1>
                <Problem error />
                <Footer on_close />
            </div>
        }
        .into_any(),
        Some(Ok(draft)) => view! { <Form draft all on_close on_done /> }.into_any(),
    };
    view! { <Dialog labelled_by="draft" on_close>{content}</Dialog> }
}

#[component]
fn Footer(on_close: Callback<()>, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let cancel = NodeRef::<html::Button>::new();
    // By hand: `autofocus` counts only while the dialog opens, and what it shows changes once the draft is there.
    Effect::new(move || {
        if let Some(cancel) = cancel.get() {
            _ = cancel.focus();
        }
    });
    view! {
        <footer>
            <button type="button" class="button" autofocus node_ref=cancel on:click=move |_| on_close.run(())>
                "Cancel"
            </button>
            {children.map(|children| children())}
        </footer>
    }
}

#[component]
fn Form(draft: Draft, all: bool, on_close: Callback<()>, on_done: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let asked_by = draft.asked_by.clone();
    let asked = asked_by.is_some();
    let asked_reason = (draft.asked_reason.as_ref())
        .map(|reason| format!(" The reason that they chose: {reason}."))
        .unwrap_or_default();
    let frozen = match asked_by {
        Some(by) => {
            format!("The leads as they stood when {by} asked. What came later stays.{asked_reason}")
        }
        None => {
            "The leads as they stood when you opened this. What arrives meanwhile stays.".to_owned()
        }
    };
    let draft = StoredValue::new(draft);
    let reason = RwSignal::new(String::new());
    let details = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let sentence = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);

    let chosen = Memo::new(move |_| {
        reason.with(|code| {
            draft.with_value(|draft| draft.reasons.iter().find(|r| r.code == *code).cloned())
        })
    });
    let counts = Memo::new(move |_| {
        chosen.with(|chosen| draft.with_value(|draft| draft.counts_for(chosen.as_ref()).clone()))
    });
    let going = move || counts.with(|counts| counts.leads);
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            failed.with(|e| {
                e.as_ref()
                    .and_then(|e| e.0.of_field(field))
                    .map(str::to_owned)
            })
        })
    };
    // What belongs to no field of this form stands above the buttons.
    let elsewhere = move || {
        failed.get().filter(|error| {
            !["Reason", "Extra details", "Confirm", "Confirm number"]
                .iter()
                .any(|field| error.0.of_field(field).is_some())
        })
    };

    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() || untrack(going) == 0 {
            return;
        }
        pending.set(true);
        failed.set(None);
        let confirmation = Confirmation {
            draft: draft.with_value(|draft| draft.id),
            reason: reason.get_untracked(),
            details: details.get_untracked(),
            typed: typed.get_untracked(),
            sentence_confirmed: sentence.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match confirm(asked, confirmation).await {
                Ok(confirmed) => {
                    if confirmed.deleted > 0 {
                        toasts.order(confirmed.message, confirmed.order, shell);
                    } else {
                        toasts.say(confirmed.message);
                    }
                    on_close.run(());
                    on_done.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = failed.try_set(Some(error));
                    _ = pending.try_set(false);
                }
            }
        });
    };

    let heading = move || {
        let whole = draft.with_value(|draft| draft.whole.clone());
        let counts = counts.get();
        let selected = counts.leads + counts.left_out.iter().map(|l| l.count).sum::<u64>();
        match whole {
            Some(stack) if all => format!("Delete all {} in {stack}?", leads(selected)),
            Some(stack) => format!("Delete {} in {stack}?", leads(selected)),
            None => format!("Delete {}?", leads(selected)),
        }
    };
    view! {
        <form on:submit=send novalidate>
            <div>
                <h1 id="draft">{heading}</h1>
                <p class="hint">{frozen}</p>
            </div>
            {move || view! { <Facts counts=counts.get() /> }}
            <ReasonField draft reason chosen wrong=wrong("Reason") />
            <SentenceField chosen sentence wrong=wrong("Confirm") />
            <DetailsField chosen details wrong=wrong("Extra details") />
            {(!asked).then(|| view! { <NotSure draft reason on_close /> })}
            <NumberField counts typed wrong=wrong("Confirm number") />
            <p class="hint">
                <b>{move || permanent(going())}</b>
                " "
                {move || draft.with_value(|draft| draft.when(going()))}
            </p>
            {move || elsewhere().map(|error| view! { <Problem error /> })}
            <Footer on_close>
                <button
                    class="button danger solid"
                    aria-disabled=move || (pending.get() || going() == 0).to_string()
                >
                    {move || format!("Delete {}", leads(going()))}
                </button>
            </Footer>
        </form>
    }
    .into_any()
}

#[component]
fn ReasonField(
    draft: StoredValue<Draft>,
    reason: RwSignal<String>,
    chosen: Memo<Option<Reason>>,
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    let options = draft.with_value(|draft| {
        draft
            .reasons
            .iter()
            .map(|reason| view! { <option value=reason.code.clone()>{reason.label.clone()}</option> })
            .collect_view()
    });
    let policy = move || {
        chosen.get().filter(|reason| reason.must_be_carried_out).map(|_| {
            view! { <span class="hint">"This reason is carried out also when the lead changes before it leaves."</span> }
        })
    };
    view! {
        <div class="field">
            <label for="draft-reason">"Reason"</label>
            <select
                id="draft-reason"
                required
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                aria-describedby="draft-reason-wrong"
                on:change=move |event| reason.set(event_target_value(&event))
            >
                <option value="">"Choose a reason"</option>
                {options}
            </select>
            <FieldProblem id="draft-reason-wrong" message=wrong />
            {policy}
        </div>
    }
}

/// The sentence that some reasons want ticked.
#[component]
fn SentenceField(
    chosen: Memo<Option<Reason>>,
    sentence: RwSignal<bool>,
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    // Another reason, another sentence: what was ticked for the one before doesn't count.
    Effect::new(move || {
        chosen.with(|_| ());
        sentence.set(false);
    });
    move || {
        chosen
            .get()
            .and_then(|reason| reason.sentence)
            .map(|words| {
                view! {
                    <div class="field warned">
                        <label class="check">
                            <input
                                type="checkbox"
                                prop:checked=move || sentence.get()
                                aria-invalid=move || wrong.with(Option::is_some).to_string()
                                aria-describedby="draft-sentence-wrong"
                                on:change=move |event| sentence.set(event_target_checked(&event))
                            />
                            <span>{words}</span>
                        </label>
                        <FieldProblem id="draft-sentence-wrong" message=wrong />
                    </div>
                }
            })
    }
}

#[component]
fn DetailsField(
    chosen: Memo<Option<Reason>>,
    details: RwSignal<String>,
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    let need = move || {
        if chosen.with(|reason| {
            reason
                .as_ref()
                .is_some_and(|reason| reason.details_demanded)
        }) {
            "needed for this reason"
        } else {
            "optional"
        }
    };
    let length = Memo::new(move |_| details.with(|details| details.chars().count()));
    // The count stands only where the end is near: before that it would be noise.
    let left = move || {
        let length = length.get();
        (length + 200 > MOST_DETAILS).then(|| {
            format!(
                "{} of {} characters. ",
                number(length as u64),
                number(MOST_DETAILS as u64)
            )
        })
    };
    view! {
        <div class="field">
            <span>
                <label for="draft-details">"Extra details"</label>
                " "
                <span class="hint">{need}</span>
            </span>
            <textarea
                id="draft-details"
                rows="2"
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                aria-describedby="draft-details-wrong draft-details-hint"
                prop:value=move || details.get()
                on:input=move |event| details.set(event_target_value(&event))
            ></textarea>
            <FieldProblem id="draft-details-wrong" message=wrong />
            <span class="hint" id="draft-details-hint">
                {left}
                "Kept in the audit log. Leave out names and numbers."
            </span>
        </div>
    }
}

#[component]
fn NumberField(
    counts: Memo<DraftCounts>,
    typed: RwSignal<String>,
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    let wanted = Memo::new(move |_| counts.with(|counts| counts.leads > TYPED_ABOVE));
    move || {
        wanted.get().then(|| {
            view! {
                <div class="field">
                    <label for="draft-number">
                        {move || format!("Type {} to confirm", counts.with(|counts| counts.leads))}
                    </label>
                    <input
                        id="draft-number"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-invalid=move || wrong.with(Option::is_some).to_string()
                        aria-describedby="draft-number-wrong"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                    <FieldProblem id="draft-number-wrong" message=wrong />
                </div>
            }
        })
    }
}
