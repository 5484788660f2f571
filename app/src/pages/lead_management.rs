//! `/settings/lead-management`: Lead stats on the left, the Deletion Queue on the right.
//!
//! Seed: "The Lead Management page, accessible via Settings, allows you to monitor and manage deletions."

mod asked;
mod board;
mod chart;
mod delete_now;
mod queue;
mod removal;
mod run;
mod stats;

use domain::deletion_chart::DeletionChart;
use leptos::prelude::*;

use crate::live::LiveBadge;
use crate::parts::focus;
use crate::parts::overlay::{Overlay, fetch_overlays};
use crate::parts::page::PageTop;
use crate::parts::problem::Problem;
use crate::parts::skeleton::Skeleton;
use crate::{deletion_chart, deletion_queue};

use asked::AskedDrafts;
use board::{Board, View};
use chart::Chart;
use delete_now::{Target, delete_now};
use queue::Queue;
use removal::RemoveDeletions;
pub use removal::undo_removal;
use stats::Stats;

/// Reads the page once, on the server; from then on [`Board`] keeps it fresh without building it anew.
#[component]
pub fn LeadManagementPage() -> impl IntoView {
    let view = View::of_address();
    // A resource for each call and not one with all: the server may drop a page that it began to render, and with it the
    // context, while its calls go on. A second call would find nobody signed in, and the browser would believe it.
    let management = Resource::new(|| (), |()| deletion_queue::lead_management());
    let queue = Resource::new(|| (), move |()| deletion_queue::queue(view.request(None)));
    let chart = Resource::new(|| (), |()| deletion_chart::deletion_chart());
    view! {
        <Suspense fallback=|| view! { <Skeleton lines=16 beside=true /> }>
            {move || Suspend::new(async move {
                let read = match (management.await, queue.await, chart.await) {
                    (Ok(management), Ok(queue), Ok(chart)) => Ok((management, queue, chart)),
                    (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Err(error),
                };
                match read {
                    Ok((management, queue, chart)) => {
                        let board = Board::new(view, management, queue);
                        view! { <Management board chart /> }.into_any()
                    }
                    Err(error) => {
                        view! {
                            <PageTop title="Lead Management" />
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

#[component]
fn Management(board: Board, chart: DeletionChart) -> impl IntoView {
    board.keep_fresh();
    Effect::new(fetch_overlays);
    let target = RwSignal::new(None::<Target>);
    let sentence = Signal::derive(move || board.management.with(|m| m.sentence.clone()));
    let prompt = move || {
        target.get().map(|target_| {
            let paused = board
                .management
                .with_untracked(|m| m.status.paused.is_some());
            let on_close = Callback::new(move |()| {
                target.set(None);
                // Its row may have gone meanwhile.
                focus::unless_held(queue::HEADING);
            });
            view! { <Overlay code=delete_now(target_, paused, on_close) /> }.into_any()
        })
    };
    view! {
        <PageTop title="Lead Management" hint=sentence>
            <LiveBadge />
        </PageTop>
        <div class="manage">
            <div class="left">
                <Stats board />
                <RemoveDeletions board />
                <Help board />
            </div>
            <div class="right">
                <AskedDrafts board />
                <Queue board target />
                <Chart board first=chart />
            </div>
        </div>
        {prompt}
    }
    .into_any()
}

/// Seed: "If a deletion fails or isn't processed within 48 hours, contact your Layer Admin for support."
#[component]
fn Help(board: Board) -> impl IntoView {
    let whom = move || {
        let names = board
            .management
            .with(|m| domain::text::list(&m.layer_admins));
        if names.is_empty() {
            // The reader is the only one.
            "Its row in the queue says why, and what helps.".into_any()
        } else {
            view! { "Ask a Layer Admin: " <b>{names}</b> "." }.into_any()
        }
    };
    view! { <p class="hint">"A deletion failed, or isn’t processed within 48 hours? " {whom}</p> }
}
