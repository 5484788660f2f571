//! What went wrong, and that there is nothing: both in a sentence a person can act on.

use domain::Permission;
use leptos::prelude::*;

use crate::error::Error;
use crate::parts::icon::Icon;
use crate::who_may::who_may;

/// An error where something else was meant to stand.
#[component]
pub fn Problem(
    /// What went wrong.
    error: Error,
) -> impl IntoView {
    crate::context::page_fails_with(&error.0);
    let more = match error.0 {
        domain::Error::SignedOut => {
            view! { " " <a href="/sign-in" rel="external">"Sign in"</a> }.into_any()
        }
        domain::Error::Forbidden(permission) => view! { <WhoMay permission /> }.into_any(),
        // In a dialog it would cost what was typed: there the style sheet hides it.
        domain::Error::Unreachable
        | domain::Error::Internal(_)
        | domain::Error::Busy
        | domain::Error::Unavailable(_) => view! {
            " "
            <button type="button" class="link again" on:click=|_| _ = window().location().reload()>
                "Reload the page"
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <div class="problem" role="alert">
            <Icon icon=Icon::Warning />
            <p>{error.to_string()} {more}</p>
        </div>
    }
}

/// Which roles may, and whom to ask.
#[component]
fn WhoMay(permission: Permission) -> impl IntoView {
    let words = RwSignal::new(String::new());
    Effect::new(move || {
        leptos::task::spawn_local(async move {
            // Without an answer the sentence before it is enough.
            if let Ok(sentence) = who_may(permission).await {
                _ = words.try_set(format!(" {sentence}"));
            }
        });
    });
    move || words.get()
}

/// Nothing to show, and why.
#[component]
pub fn Empty(
    /// "No lead matches."
    #[prop(into)]
    title: String,
    /// What one can do about it.
    #[prop(into, optional)]
    hint: String,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon icon=Icon::Empty />
            <b>{title}</b>
            {(!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> })}
        </div>
    }
}

/// What is wrong with one field; it stands under the field, which names it with `aria-describedby`.
#[component]
pub fn FieldProblem(
    /// The id that the field names.
    id: &'static str,
    /// The sentence, if something is wrong.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <span class="wrong" id=id role="alert">
            {move || message.get()}
        </span>
    }
}
