//! The exact numbers of a draft: what goes, and what stays and why.

use domain::draft::DraftCounts;
use domain::text::number;
use leptos::prelude::*;

/// What goes, and what stays and why.
#[component]
pub fn Facts(
    /// As they are.
    counts: DraftCounts,
) -> impl IntoView {
    let fact = |n: u64, words: String| {
        view! {
            <div>
                <b>{number(n)}</b>
                <span>{words}</span>
            </div>
        }
    };
    let word = |n: u64, one: &str, many: &str| {
        if n == 1 {
            one.to_owned()
        } else {
            many.to_owned()
        }
    };
    view! {
        <div class="facts">
            {fact(counts.leads, word(counts.leads, "lead goes", "leads go"))}
            {fact(counts.contact_records, word(counts.contact_records, "contact record", "contact records"))}
            {fact(counts.activities, word(counts.activities, "note or call", "notes and calls"))}
            {counts
                .left_out
                .into_iter()
                .filter(|left_out| left_out.count > 0)
                .map(|left_out| {
                    let stays = word(left_out.count, "stays", "stay");
                    fact(left_out.count, format!("{stays}: {}", left_out.cause.words()))
                })
                .collect_view()}
        </div>
    }
}
