//! The picture: deletions by reason over the last weeks, with its table behind.

use domain::deletion_chart::DeletionChart;
use domain::text::number;
use leptos::prelude::*;

use super::board::Board;
use crate::deletion_chart::deletion_chart;
use crate::parts::pace::paced;

/// The picture's own measures; it grows with its place.
const WIDTH: u64 = 480;
const HEIGHT: u64 = 150;
/// A week's place, and the bar in it.
const WEEK: u64 = 40;
const BAR: u64 = 26;

/// Read anew when more was erased.
#[component]
pub fn Chart(board: Board, first: DeletionChart) -> impl IntoView {
    let chart = RwSignal::new(first);
    let erased = move || match board.frame() {
        Some(frame) => frame.stats.deleted,
        None => board.management.with(|m| m.stats.deleted),
    };
    paced(5_000, erased, move || {
        leptos::task::spawn_local(async move {
            // One that can't be read leaves what stands; the page's own calls say why.
            if let Ok(fresh) = deletion_chart().await {
                _ = chart.try_set(fresh);
            }
        });
    });
    view! {
        <figure class="panel pad chart" aria-labelledby="deletion-chart" aria-describedby="deletion-chart-says">
            <h2 id="deletion-chart">"Deletions by reason"</h2>
            <p class="hint" id="deletion-chart-says">
                {move || chart.with(|chart| chart.sentence.clone())}
            </p>
            {move || chart.with(|chart| (chart.most() > 0).then(|| picture(chart)))}
        </figure>
    }
    .into_any()
}

fn picture(chart: &DeletionChart) -> AnyView {
    let legend = chart.reasons.iter().enumerate().map(|(place, reason)| {
        view! {
            <li>
                <i class=shade(place)></i>
                {reason.label.clone()}
            </li>
        }
    });
    view! {
        <svg viewBox={format!("0 0 {WIDTH} {}", HEIGHT + 20)} aria-hidden="true" focusable="false">
            <line x1="0" x2=WIDTH y1=HEIGHT y2=HEIGHT class="floor" />
            {bars(chart)}
        </svg>
        <ul class="legend" aria-label="Reasons">
            {legend.collect_view()}
        </ul>
        <details>
            <summary>"Show as table"</summary>
            {table(chart)}
        </details>
    }
    .into_any()
}

fn shade(place: usize) -> String {
    format!("shade-{}", place + 1)
}

/// A bar a week, a piece a reason, the most frequent at the bottom.
fn bars(chart: &DeletionChart) -> AnyView {
    // Above the highest bar stands its number.
    let (most, room) = (chart.most().max(1), HEIGHT - 16);
    let mut pieces = Vec::new();
    for (week, begins) in chart.weeks.iter().enumerate() {
        let left = week as u64 * WEEK + (WEEK - BAR) / 2;
        let middle = left + BAR / 2;
        let (mut below, all) = (0, chart.of_week(week));
        for (place, reason) in chart.reasons.iter().enumerate() {
            let n = reason.weeks.get(week).copied().unwrap_or(0);
            if n == 0 {
                continue;
            }
            // From sums, so that the pieces' edges meet and the smallest is still seen.
            let bottom = HEIGHT - below * room / most;
            below += n;
            let top = (HEIGHT - below * room / most).min(bottom - 1);
            pieces.push(
                view! { <rect x=left y=top width=BAR height={bottom - top} class=shade(place) /> }
                    .into_any(),
            );
        }
        if all > 0 {
            let y = HEIGHT - all * room / most - 4;
            pieces.push(view! { <text x=middle y=y>{short(all)}</text> }.into_any());
        }
        // Every second one has its name: on a phone they would touch.
        if week % 2 == 1 {
            pieces
                .push(view! { <text x=middle y={HEIGHT + 15}>{begins.clone()}</text> }.into_any());
        }
    }
    pieces.collect_view().into_any()
}

/// "950", "12k": a bar is narrow. The table has the whole number.
fn short(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{}k", n / 1_000),
        _ => format!("{}M", n / 1_000_000),
    }
}

fn table(chart: &DeletionChart) -> AnyView {
    let heads = chart.reasons.iter().map(|reason| {
        view! { <th scope="col">{reason.label.clone()}</th> }
    });
    let row = |(week, begins): (usize, &String)| {
        let cells = chart.reasons.iter().map(|reason| {
            let n = reason.weeks.get(week).copied().unwrap_or(0);
            view! { <td>{number(n)}</td> }
        });
        view! {
            <tr>
                <th scope="row">{begins.clone()}</th>
                {cells.collect_view()}
                <td>
                    <b>{number(chart.of_week(week))}</b>
                </td>
            </tr>
        }
    };
    let rows = chart.weeks.iter().enumerate().rev().map(row);
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label="Deletions by reason as a table">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Week of"</th>
                        {heads.collect_view()}
                        <th scope="col">"All"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_bar_has_a_short_number() {
        assert_eq!(short(9_999), "9999");
        assert_eq!(short(12_371), "12k");
        assert_eq!(short(1_999_999), "1M");
    }
}
