//! Below the last row, with hiding off: what was deleted from this stack and has left.

use domain::text::number;
use domain::work_stack::ErasedRow;
use leptos::prelude::*;

use super::state::Grid;
use crate::error::Error;
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
    let ended = Memo::new(move |_| grid.next.with(Option::is_none));
    move || {
        let count = count.get();
        (count > 0 && ended.get()).then(|| view! { <List grid count /> })
    }
}

#[component]
fn List(grid: Grid, count: u64) -> impl IntoView {
    let rows = RwSignal::new(None::<Result<Vec<ErasedRow>, Error>>);
    Effect::new(move || {
        leptos::task::spawn_local(async move {
            let read = work_stack::erased_from(grid.stack).await;
            _ = rows.try_set(Some(read));
        });
    });
    let list = move || match rows.get() {
        None => view! { <Skeleton lines=3 /> }.into_any(),
        Some(Err(error)) => view! { <Problem error /> }.into_any(),
        Some(Ok(rows)) => {
            let more = count.saturating_sub(rows.len() as u64);
            view! {
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
                        {rows
                            .into_iter()
                            .map(|row| {
                                view! {
                                    <tr>
                                        <td>{row.lead.to_string()}</td>
                                        <td>{row.reason}</td>
                                        <td>{row.by}</td>
                                        <td>{row.at}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
                {(more > 0)
                    .then(|| view! { <p class="hint">{format!("and {} earlier ones", number(more))}</p> })}
            }
            .into_any()
        }
    };
    view! {
        <section class="erased" aria-labelledby="erased">
            <h2 id="erased">{format!("Deleted from this stack ({})", number(count))}</h2>
            {list}
        </section>
    }
}
