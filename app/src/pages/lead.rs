//! `/leads/L-20418`: one lead, as a page.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::error::Error;
use crate::lead;
use crate::parts::lead_panel::LeadDetails;
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;

/// The lead that the address names.
#[component]
pub fn LeadPage() -> impl IntoView {
    let params = use_params_map();
    let page = Resource::new(
        move || params.with(|params| params.get("id").unwrap_or_default()),
        |id| async move { lead::lead(id.parse().map_err(Error)?).await },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => {
                        let hint = page.row.id.to_string();
                        view! {
                            <PageTop title=page.row.name.clone() hint />
                            <div class="body">
                                <div class="panel pad">
                                    <h2 class="sr-only">"Details"</h2>
                                    <LeadDetails page />
                                </div>
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => {
                        view! {
                            <PageTop title="Lead" />
                            <div class="body">
                                <Problem error />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}
