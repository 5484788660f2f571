//! What the queue does now, and what a Layer Admin can tell it.

use std::future::Future;

use domain::Permission;
use domain::deletion_queue::RunProgress;
use domain::draft::permanent;
use domain::text::{count, number};
use leptos::prelude::*;

use super::board::Board;
use crate::deletion_queue;
use crate::error::{Error, Result};
use crate::parts::dialog::Dialog;
use crate::parts::problem::Problem;
use crate::parts::shell::{CurrentShell, use_shell};
use crate::parts::toast::Toasts;

/// Makes an act of one button: does it, says so, and lets the pages read anew. Pressed twice it is done once.
#[derive(Clone, Copy)]
pub struct Acts {
    shell: CurrentShell,
    toasts: Toasts,
    pending: RwSignal<bool>,
}

impl Acts {
    /// For the buttons of one place.
    pub fn new() -> Self {
        Self {
            shell: use_shell(),
            toasts: expect_context(),
            pending: RwSignal::new(false),
        }
    }

    /// Does it.
    pub fn run(self, call: impl Future<Output = Result<()>> + 'static, done: String) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(()) => self.toasts.say(done),
                Err(error) => self.toasts.fail(&error),
            }
            _ = self.pending.try_set(false);
            self.shell.refresh();
        });
    }
}

/// The line above the queue.
#[component]
pub fn Run(board: Board) -> impl IntoView {
    let shell = use_shell();
    let acts = Acts::new();
    let asking = RwSignal::new(false);
    let frame = Memo::new(move |_| board.frame());
    let paused = Memo::new(move |_| {
        let by = board.management.with(|m| m.status.paused.clone());
        match frame.with(|frame| frame.as_ref().map(|frame| frame.paused)) {
            Some(false) => None,
            Some(true) => Some(by.unwrap_or_default()),
            None => by,
        }
    });
    let run = Memo::new(move |_| match frame.get() {
        Some(frame) => frame.run,
        None => board.management.with(|m| m.status.run),
    });
    let sentence = move || {
        if let Some(run) = run.get() {
            return format!("Running: {} of {}", number(run.done), number(run.total));
        }
        match paused.get() {
            Some(by) if by.is_empty() => {
                "Paused. The queue deletes nothing until a Layer Admin resumes it. The X still does.".to_owned()
            }
            Some(by) => format!(
                "Paused by {by}. The queue deletes nothing until a Layer Admin resumes it. The X still does."
            ),
            None => frame
                .with(|frame| frame.as_ref().map(|frame| frame.next_run.clone()))
                .unwrap_or_else(|| board.management.with(|m| m.status.next_run.clone())),
        }
    };
    let is_paused = move || paused.with(Option::is_some);
    let may = Memo::new(move |_| shell.may(Permission::RunQueue));
    let buttons = move || {
        may.get().then(|| {
            let pause = move |_| acts.run(deletion_queue::pause(), "The Deletion Queue is paused.".into());
            let resume = move |_| acts.run(deletion_queue::resume(), "The Deletion Queue is resumed.".into());
            view! {
                <div class="buttons">
                    <button
                        type="button"
                        class="button"
                        disabled=is_paused
                        aria-describedby="run-off"
                        on:click=move |_| asking.set(true)
                    >
                        "Run now"
                    </button>
                    {move || {
                        if is_paused() {
                            view! { <button type="button" class="button primary" on:click=resume>"Resume"</button> }.into_any()
                        } else {
                            view! { <button type="button" class="button" on:click=pause>"Pause"</button> }.into_any()
                        }
                    }}
                </div>
                <span class="hint off" id="run-off">
                    {move || is_paused().then_some("Run now is off while the queue is paused.")}
                </span>
            }
        })
    };
    let dialog = move || {
        asking
            .get()
            .then(|| view! { <RunNow board on_close=move || asking.set(false) /> }.into_any())
    };
    view! {
        <div class="run">
            <div class="line">
                <b>{sentence}</b>
                <span class="hint">{move || run.get().and_then(|run| run.left())}</span>
            </div>
            {buttons}
            {move || run.get().map(|run| view! { <Progress run /> })}
        </div>
        {dialog}
    }
}

#[component]
fn Progress(run: RunProgress) -> impl IntoView {
    let percent = (run.done * 100)
        .checked_div(run.total)
        .unwrap_or(100)
        .min(100);
    view! {
        <div
            class="progress"
            role="progressbar"
            aria-label="The run"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent
        >
            <b style=format!("inline-size:{percent}%")></b>
        </div>
    }
}

/// The dialog of `Run now`.
#[component]
fn RunNow(board: Board, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (shell, toasts) = (use_shell(), expect_context::<Toasts>());
    let also = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Error>);
    let waiting = move || board.management.with(|m| m.stats.deletions_waiting);
    let younger = move || board.management.with(|m| m.status.younger);
    let goes = Memo::new(move |_| {
        if also.get() {
            waiting()
        } else {
            waiting().saturating_sub(younger())
        }
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        leptos::task::spawn_local(async move {
            match deletion_queue::run_now(also.get_untracked()).await {
                Ok(()) => {
                    toasts.say("The Deletion Queue runs now.");
                    on_close.run(());
                    shell.refresh();
                }
                Err(error) => {
                    _ = problem.try_set(Some(error));
                    _ = pending.try_set(false);
                }
            }
        });
    };
    let tick = move || {
        let (younger, minutes) = (younger(), board.management.with(|m| m.status.undo_minutes));
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        (younger > 0).then(|| {
            view! {
                <label class="check">
                    <input type="checkbox" prop:checked=also on:change=move |ev| also.set(event_target_checked(&ev)) />
                    <span>{format!("Also the {} younger than {minutes} {unit}", number(younger))}</span>
                </label>
            }
        })
    };
    view! {
        <Dialog labelled_by="run-now" on_close>
            <form on:submit=send>
                <div>
                    <h1 id="run-now">"Run the Deletion Queue now?"</h1>
                    <p class="hint">"It doesn’t wait for the end of business hours."</p>
                </div>
                <p>
                    {move || match goes.get() {
                        0 => "Nothing is due: what waits is younger than the undo time.".to_owned(),
                        n => {
                            format!(
                                "Up to {} now. What changed since it was ordered is kept, and what is tried again waits for its next try.",
                                count(n, "lead leaves the system", "leads leave the system"),
                            )
                        }
                    }}
                </p>
                {tick}
                <p class="hint"><b>{move || permanent(goes.get())}</b></p>
                {move || problem.get().map(|error| view! { <Problem error /> })}
                <footer>
                    <button type="button" class="button" autofocus on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                    <button class="button danger solid" disabled=move || pending.get() || goes.get() == 0>
                        "Run now"
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}
