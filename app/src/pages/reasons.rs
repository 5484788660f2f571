//! `/settings/reasons`: the reasons that the dialog offers, with what each asks for.

use domain::reason::Reason;
use leptos::prelude::*;

use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::reason;

/// The list.
#[component]
pub fn ReasonsPage() -> impl IntoView {
    let reasons = Resource::new(|| (), |()| reason::reasons());
    view! {
        <PageTop title="Reasons" hint="Why leads are deleted: what the dialog offers, and what each reason asks for." />
        <div class="body">
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    match reasons.await {
                        Ok(reasons) => view! { <List reasons /> }.into_any(),
                        Err(error) => view! { <Problem error /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn List(reasons: Vec<Reason>) -> impl IntoView {
    let row = |reason: Reason| {
        let changed = if reason.must_be_carried_out {
            view! { <span class="badge warn">"Deleted all the same"</span> }
        } else {
            view! { <span class="badge">"Kept if it changed"</span> }
        };
        view! {
            <tr>
                <td>
                    <span class="who">{reason.label}</span>
                    <span class="ref">{reason.code}</span>
                </td>
                <td>{if reason.details_demanded { "Details demanded" } else { "Details optional" }}</td>
                <td>{changed}</td>
                <td class="wrap">{reason.sentence.unwrap_or_else(|| "–".into())}</td>
                <td>
                    {if reason.offered {
                        view! { <span class="badge good">"Offered"</span> }
                    } else {
                        view! { <span class="badge">"Not offered"</span> }
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <div class="panel scroll">
            <table class="cards">
                <thead>
                    <tr>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Extra details"</th>
                        <th scope="col">"If the lead changed since"</th>
                        <th scope="col">"To confirm with a tick"</th>
                        <th scope="col">"In the dialog"</th>
                    </tr>
                </thead>
                <tbody>{reasons.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
