//! Verifying the whole log: in the background, with its progress. One may leave and come back.

use domain::audit_log::Verification;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::audit;
use crate::error::Error;
use crate::parts::problem::Problem;

/// How often one that is on is asked how far it is, in milliseconds.
const ASK_EVERY: u32 = 500;

/// The button, and how it stands.
#[component]
pub fn Verify(first: Verification) -> impl IntoView {
    let state = RwSignal::new(first);
    let failed = RwSignal::new(None::<Error>);
    let running = Memo::new(move |_| state.with(Verification::is_running));
    // Asks while it is on; the last answer is the result.
    Effect::new(move || {
        if !running.get() {
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                TimeoutFuture::new(ASK_EVERY).await;
                // Nothing when the page is gone.
                if failed.try_get_untracked().is_none() {
                    return;
                }
                match audit::verification().await {
                    Ok(now) => {
                        let ended = !now.is_running();
                        _ = failed.try_set(None);
                        if state.try_set(now).is_some() || ended {
                            return;
                        }
                    }
                    Err(error) => _ = failed.try_set(Some(error)),
                }
            }
        });
    });
    let start = move |_| {
        if running.get_untracked() {
            return;
        }
        leptos::task::spawn_local(async move {
            match audit::verify().await {
                Ok(now) => {
                    _ = failed.try_set(None);
                    _ = state.try_set(now);
                }
                Err(error) => _ = failed.try_set(Some(error)),
            }
        });
    };
    let broken = Memo::new(move |_| state.with(|state| state.meaning()));
    let words = move || state.with(Verification::words);
    let percent = move || state.with(Verification::percent);
    let bar = move || {
        running.get().then(|| {
            view! {
                <div
                    class="progress"
                    role="progressbar"
                    aria-label="Verifying the audit log"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=percent
                >
                    <b style=move || format!("inline-size:{}%", percent())></b>
                </div>
            }
        })
    };
    view! {
        <section class="panel pad verify" aria-label="Verification">
            <p role="status" class:wrong-log=move || broken.get().is_some()>
                {words}
            </p>
            <button
                type="button"
                class="button"
                aria-disabled=move || if running.get() { "true" } else { "false" }
                on:click=start
            >
                {move || if running.get() { "Verifying…" } else { "Verify" }}
            </button>
            {bar}
            {move || broken.get().map(|meaning| view! { <p class="meaning">{meaning}</p> })}
            {move || failed.get().map(|error| view! { <Problem error /> })}
        </section>
    }
}
