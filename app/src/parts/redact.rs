//! The dialog that blacks out what was typed.

use std::future::Future;

use leptos::prelude::*;

use crate::error::Result;
use crate::parts::form::{FormDialog, Sending};
use crate::parts::shell::use_shell;
use crate::parts::toast::Toasts;

/// Asks before it blacks out, and says that it is done.
#[component]
pub fn Redact<F, Done>(
    /// What goes: "The question and its answer".
    what: &'static str,
    /// What is said then.
    said: &'static str,
    /// Blacks it out.
    redact: F,
    /// Stop rendering it.
    on_close: Callback<()>,
) -> impl IntoView
where
    F: Fn() -> Done + Send + Sync + 'static,
    Done: Future<Output = Result<()>> + 'static,
{
    let (shell, toasts, sending) = (use_shell(), expect_context::<Toasts>(), Sending::new());
    let send = Callback::new(move |()| {
        let done = redact();
        leptos::task::spawn_local(async move {
            match done.await {
                Ok(()) => {
                    toasts.say(said);
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => sending.fail(error),
            }
        });
    });
    view! {
        <FormDialog
            heading="Black out what was typed?"
            hint=format!("{what} for good. The page then says who blacked it out and when, and the audit log can still be verified.")
            action="Redact"
            danger=true
            sending
            on_send=send
            on_close
        >
            ""
        </FormDialog>
    }
    .into_any()
}
