//! Lead stats.
//!
//! Seed: "You'll find a Lead Stats Table on the left-hand side of the Lead Management page. This table shows useful
//! metrics such as the number of deletions, leads without contact records, and those without contacts with valid
//! telephone numbers."

use domain::deletion_queue::QueueTab;
use domain::lead_stats::LeadStats;
use domain::text::number;
use domain::work_stack::{Only, WorkStackId};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::board::{Board, address};
use super::queue::HEADING;
use crate::parts::focus;

/// The table. Each number opens what it counts.
#[component]
pub fn Stats(board: Board) -> impl IntoView {
    let stats = Memo::new(move |_| match board.frame() {
        Some(frame) => frame.stats,
        None => board.management.with(|m| m.stats),
    });
    let all_leads = board.management.with_untracked(|m| m.all_leads);
    let tab = |tab| Some((address(tab, ""), true));
    let leads = |only| all_leads.map(|id| (leads(id, only), false));
    let row = move |label: &'static str,
                    leads_to: Option<(String, bool)>,
                    alert: bool,
                    read: fn(&LeadStats) -> u64| {
        let n = move || stats.with(read);
        view! {
            <tr class:alert=move || alert && n() != 0>
                <th scope="row">
                    {match leads_to {
                        // What it counts is on this page: it stays where it is, unless that is out of sight.
                        Some((href, true)) => {
                            view! {
                                <a class="link" href=href data-noscroll="" on:click=show_queue>
                                    {label}
                                </a>
                            }
                                .into_any()
                        }
                        Some((href, false)) => view! { <a class="link" href=href>{label}</a> }.into_any(),
                        None => label.into_any(),
                    }}
                </th>
                <td>{move || number(n())}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <section class="panel stats" aria-labelledby="lead-stats">
            <h2 id="lead-stats">"Lead stats"</h2>
            <table>
                <tbody>
                    {row("Deletions waiting", tab(QueueTab::Waiting), false, |s| s.deletions_waiting)}
                    {row("Held", tab(QueueTab::Held), true, |s| s.held)}
                    {row("Failed", tab(QueueTab::Failed), true, |s| s.failed)}
                    {row("Overdue", tab(QueueTab::Overdue), true, |s| s.overdue)}
                    {row("Deleted", tab(QueueTab::Deleted), false, |s| s.deleted)}
                    {row("Leads", leads(None), false, |s| s.leads)}
                    {row(
                        "Leads without contact records",
                        leads(Some(Only::NoContactRecord)),
                        false,
                        |s| s.without_contact_records,
                    )}
                    {row(
                        "Leads without a contact with a valid telephone number",
                        leads(Some(Only::NoValidTelephone)),
                        false,
                        |s| s.without_valid_telephone,
                    )}
                </tbody>
            </table>
        </section>
    }
}

/// Brings the queue into view, unless the link opens elsewhere.
fn show_queue(event: MouseEvent) {
    if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
        focus::show(HEADING);
    }
}

/// The leads that a number counts: every lead not yet erased, waiting or not, so hiding is off.
fn leads(stack: WorkStackId, only: Option<Only>) -> String {
    let only = only
        .map(|only| format!("&only={}", only.code()))
        .unwrap_or_default();
    format!("/work-stacks/{}?hide=false{only}", stack.0)
}
