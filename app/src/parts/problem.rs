//! What went wrong, and that there is nothing: both in a sentence a person can act on.

use leptos::prelude::*;

use crate::error::Error;
use crate::parts::icon::Icon;

/// An error where something else was meant to stand.
#[component]
pub fn Problem(
    /// What went wrong.
    error: Error,
) -> impl IntoView {
    crate::context::page_fails_with(&error.0);
    let signed_out = error.0 == domain::Error::SignedOut;
    view! {
        <div class="problem" role="alert">
            <Icon icon=Icon::Warning />
            <p>{error.to_string()} {signed_out.then(|| view! { " " <a href="/sign-in" rel="external">"Sign in"</a> })}</p>
        </div>
    }
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
