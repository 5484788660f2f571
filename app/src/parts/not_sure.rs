//! "Not sure?" under the reason: whom to ask, and handing them the draft.
//!
//! Seed: "If you are unsure whether a lead should be deleted, consult with your team or Layer Admin to confirm."

use domain::ask_first::{ASKING, Asking, MOST_WORDS};
use domain::draft::Draft;
use domain::text::{list, number};
use leptos::prelude::*;

use crate::ask_first;
use crate::error::Error;
use crate::parts::copy::Copy;
use crate::parts::problem::{FieldProblem, Problem};
use crate::parts::shell::use_shell;
use crate::parts::toast::Toasts;

/// Names the Layer Admins and the team. Opened, it hands the draft over with what is asked.
#[component]
pub fn NotSure(
    /// The draft of the dialog around.
    draft: StoredValue<Draft>,
    /// The code of the reason that is chosen above; empty is none yet.
    reason: RwSignal<String>,
    /// The draft is handed over: nothing is left to do here.
    on_close: Callback<()>,
) -> impl IntoView {
    let admins = draft.with_value(|draft| draft.layer_admins.clone());
    let colleagues = draft.with_value(|draft| draft.colleagues.clone());
    let whom = match (admins.is_empty(), colleagues.is_empty()) {
        (false, _) => format!(" Ask a Layer Admin first: {}.", list(&admins)),
        (true, false) => " Ask your team first.".to_owned(),
        (true, true) => " Nobody else here may delete leads: take your time.".to_owned(),
    };
    let team = (!colleagues.is_empty()).then(|| {
        let words = format!(
            "Who else may delete leads of this work stack: {}. ",
            list(&colleagues)
        );
        view! {
            <p class="hint">
                {words}
                <Copy
                    label="Copy a link to it"
                    class="link"
                    text=|| window().location().href().unwrap_or_default()
                    by_hand=|here| format!("Copy it from here: {here}")
                />
            </p>
        }
    });
    let ask = (!admins.is_empty()).then(|| view! { <Ask draft reason on_close /> });
    view! {
        <details class="not-sure">
            <summary>
                <b>"Not sure?"</b>
                {whom}
            </summary>
            {team}
            {ask}
        </details>
    }
    .into_any()
}

#[component]
fn Ask(
    draft: StoredValue<Draft>,
    reason: RwSignal<String>,
    on_close: Callback<()>,
) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let words = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    let wrong = Signal::derive(move || {
        failed.with(|error| {
            let error = error.as_ref()?;
            error.0.of_field(ASKING).map(str::to_owned)
        })
    });
    let elsewhere = move || {
        failed
            .get()
            .filter(|error| error.0.of_field(ASKING).is_none())
    };
    let press = move |_| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        failed.set(None);
        let asking = Asking {
            draft: draft.with_value(|draft| draft.id),
            words: words.get_untracked(),
            reason: reason.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match ask_first::ask_first(asking).await {
                Ok(message) => {
                    toasts.say(message);
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
    let length = Memo::new(move |_| words.with(|words| words.chars().count()));
    let left = move || {
        let length = length.get();
        (length + 200 > MOST_WORDS).then(|| {
            format!(
                "{} of {} characters. ",
                number(length as u64),
                number(MOST_WORDS as u64)
            )
        })
    };
    view! {
        <div class="field">
            <label for="ask-words">{ASKING}</label>
            <textarea
                id="ask-words"
                rows="2"
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                aria-describedby="ask-wrong ask-hint"
                prop:value=move || words.get()
                on:input=move |event| words.set(event_target_value(&event))
            ></textarea>
            <FieldProblem id="ask-wrong" message=wrong />
            <span class="hint" id="ask-hint">
                {left}
                "The Layer Admins get these leads as they stand now, the reason that you chose, and your question. Nothing is deleted before one of them says so. Leave out names and numbers."
            </span>
        </div>
        {move || elsewhere().map(|error| view! { <Problem error /> })}
        <button type="button" class="button" aria-disabled=move || pending.get().to_string() on:click=press>
            "Ask first"
        </button>
    }
    .into_any()
}
