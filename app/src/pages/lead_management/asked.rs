//! What people asked before deleting, for a Layer Admin to answer.

use domain::ask_first::AskedDraft;
use domain::text::leads;
use leptos::prelude::*;

use super::board::Board;

/// The section above the queue, while something waits.
#[component]
pub fn AskedDrafts(board: Board) -> impl IntoView {
    let none = Memo::new(move |_| board.management.with(|m| m.asked.is_empty()));
    move || {
        (!none.get()).then(|| {
            view! {
                <section class="panel asked" aria-labelledby="asked">
                    <h2 id="asked">"Asked"</h2>
                    <ul>
                        <For
                            each=move || board.management.with(|m| m.asked.clone())
                            key=|asked| (asked.draft, asked.at.clone())
                            let(asked)
                        >
                            <One asked />
                        </For>
                    </ul>
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn One(asked: AskedDraft) -> impl IntoView {
    let words = format!("{} asks about {}", asked.by, leads(asked.leads));
    let from = asked
        .work_stack
        .map(|stack| format!(", {stack}"))
        .unwrap_or_default();
    let when = format!("{}{from}. Until {}.", asked.at, asked.until);
    view! {
        <li>
            <a class="link" href=format!("/settings/lead-management/asked/{}", asked.draft.0)>
                {words}
            </a>
            <span class="hint">{when}</span>
            {asked.words.map(|words| view! { <p class="said">{words}</p> })}
        </li>
    }
}
