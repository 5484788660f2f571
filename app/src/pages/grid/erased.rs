//! Below the last row, with hiding off: what was deleted from this stack and has left.

use domain::text::number;
use domain::work_stack::ErasedRow;
use leptos::prelude::*;

use super::state::Grid;
use crate::error::Error;
use crate::parts::focus;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::work_stack;

/// "Deleted from this stack (8,214)": reference, reason, who, when.
#[component]
pub(super) fn Erased(grid: Grid) -> impl IntoView {
    let count = Memo::new(move |_| {
        grid.info
            .with(|info| if info.hide_deletions { 0 } else { info.erased })
    });
    // Read once the last row is near.
    let near = Memo::new(move |_| grid.window.get().to >= grid.count.get());
    move || {
        let count = count.get();
        (count > 0 && near.get()).then(|| view! { <List grid count /> })
    }
}

#[component]
fn List(grid: Grid, count: u64) -> impl IntoView {
    let rows = RwSignal::new(Vec::<ErasedRow>::new());
    let busy = RwSignal::new(true);
    let failed = RwSignal::new(None::<Error>);
    let more = move || {
        let before = rows.with_untracked(|rows| rows.last().map(|row| row.deletion));
        busy.set(true);
        leptos::task::spawn_local(async move {
            let read = work_stack::erased_from(grid.stack, before).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match read {
                Ok(page) => {
                    failed.set(None);
                    // The button goes with the last of them.
                    focus::keep("erased", || rows.update(|rows| rows.extend(page)));
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    Effect::new(more);
    let left = Memo::new(move |_| count.saturating_sub(rows.with(Vec::len) as u64));
    let any = Memo::new(move |_| left.get() > 0);
    // It stays while it is on its way: the focus is on it.
    let press = move |_| {
        if !busy.get_untracked() {
            more();
        }
    };
    view! {
        <section class="erased" aria-labelledby="erased">
            <h2 id="erased" tabindex="-1">{format!("Deleted from this stack ({})", number(count))}</h2>
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Lead"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Deleted by"</th>
                        <th scope="col">"Left the system"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.deletion let(row)>
                        <tr>
                            <td>{row.lead.to_string()}</td>
                            <td>{row.reason}</td>
                            <td>{row.by}</td>
                            <td>{row.at}</td>
                        </tr>
                    </For>
                </tbody>
            </table>
            {move || failed.get().map(|error| view! { <Problem error /> })}
            {move || busy.get().then(|| view! { <Skeleton lines=3 /> })}
            {move || {
                any.get()
                    .then(|| {
                        view! {
                            <button type="button" class="button" aria-disabled=move || busy.get().to_string() on:click=press>
                                {move || format!("Show {} more", number(left.get().min(100)))}
                            </button>
                        }
                    })
            }}
        </section>
    }
    .into_any()
}
