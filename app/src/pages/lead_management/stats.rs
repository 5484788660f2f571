//! Lead stats.
//!
//! Seed: "You'll find a Lead Stats Table on the left-hand side of the Lead Management page. This table shows useful
//! metrics such as the number of deletions, leads without contact records, and those without contacts with valid
//! telephone numbers."

use domain::deletion_queue::QueueTab;
use domain::lead_stats::LeadStats;
use domain::text::number;
use domain::work_stack::{Only, WorkStackId};
use leptos::prelude::*;

use super::board::{Board, address};
use super::queue::HEADING;

/// The table. Each number opens what it counts.
#[component]
pub fn Stats(board: Board) -> impl IntoView {
    let stats = Memo::new(move |_| match board.frame() {
        Some(frame) => frame.stats,
        None => board.management.with(|m| m.stats),
    });
    let all_leads = board.management.with_untracked(|m| m.all_leads);
    // On a phone the queue is below: the address leads to its heading.
    let tab = |tab| Some(format!("{}#{HEADING}", address(tab, "")));
    let row = move |label: &'static str,
                    href: Option<String>,
                    alert: bool,
                    read: fn(&LeadStats) -> u64| {
        let n = move || stats.with(read);
        view! {
            <tr class:alert=move || alert && n() != 0>
                <th scope="row">
                    {match href {
                        Some(href) => view! { <a class="link" href=href>{label}</a> }.into_any(),
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
                    {row("Leads", all_leads.map(|id| leads(id, None)), false, |s| s.leads)}
                    {row(
                        "Leads without contact records",
                        all_leads.map(|id| leads(id, Some(Only::NoContactRecord))),
                        false,
                        |s| s.without_contact_records,
                    )}
                    {row(
                        "Leads without a contact with a valid telephone number",
                        all_leads.map(|id| leads(id, Some(Only::NoValidTelephone))),
                        false,
                        |s| s.without_valid_telephone,
                    )}
                </tbody>
            </table>
        </section>
    }
}

/// The leads that a number counts: every lead not yet erased, waiting or not, so hiding is off.
fn leads(stack: WorkStackId, only: Option<Only>) -> String {
    let only = only
        .map(|only| format!("&only={}", only.code()))
        .unwrap_or_default();
    format!("/work-stacks/{}?hide=false{only}", stack.0)
}
