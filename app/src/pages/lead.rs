//! `/leads/L-20418`: one lead, as a page.

use domain::lead::{LeadPage as Page, LeadRequest};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::error::Error;
use crate::lead;
use crate::live::LiveBadge;
use crate::parts::lead_panel::{LeadDetails, Missing, Shown};
use crate::parts::page::PageTop;
use crate::parts::skeleton::Skeleton;

/// The lead that the address names.
#[component]
pub fn LeadPage() -> impl IntoView {
    let params = use_params_map();
    let page = Resource::new(
        move || params.with(|params| params.get("id").unwrap_or_default()),
        |id| async move { lead::lead(LeadRequest::first(id.parse().map_err(Error)?)).await },
    );
    view! {
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Whole page /> }.into_any(),
                    Err(error) => {
                        let title = match &error.0 {
                            domain::Error::Gone(erased) => erased.lead.to_string(),
                            _ => "Lead".to_owned(),
                        };
                        view! {
                            <PageTop title />
                            <div class="body">
                                <Missing error />
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

#[component]
fn Whole(page: Page) -> impl IntoView {
    let hint = page.row.id.to_string();
    let shown = Shown::new(page);
    let title = Signal::derive(move || shown.name());
    view! {
        <PageTop title hint>
            <LiveBadge />
        </PageTop>
        <div class="body">
            <div class="panel pad lead-page">
                <h2 class="sr-only">"Details"</h2>
                <LeadDetails shown />
            </div>
        </div>
    }
    .into_any()
}
