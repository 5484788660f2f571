//! The picture on Lead Management: how many leads were erased in each of the last twelve weeks, and why.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::{leads, number};

/// So many weeks are shown, the one that is on among them.
pub const WEEKS: usize = 12;
/// The picture tells so many reasons apart; the rarer ones are one.
pub const MOST_REASONS: usize = 6;

/// The picture's numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionChart {
    /// The weeks' first days, the oldest first: "7 Sep".
    pub weeks: Vec<String>,
    /// The reasons, the most frequent first.
    pub reasons: Vec<ChartReason>,
    /// What the picture says, for who doesn't see it.
    pub sentence: String,
}

/// A reason's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartReason {
    /// The reason's label.
    pub label: String,
    /// Leads erased for it in each week.
    pub weeks: Vec<u64>,
}

impl ChartReason {
    /// In all weeks.
    pub fn total(&self) -> u64 {
        self.weeks.iter().sum()
    }
}

impl DeletionChart {
    /// The first day that is shown: weeks begin on Monday.
    pub fn first_day(today: Date) -> Date {
        let monday = i64::from(today.weekday().to_monday_zero_offset());
        let back = (WEEKS as i64 - 1) * 7 + monday;
        today.saturating_sub(back.days())
    }

    /// From how many were erased on which day for which reason; `own`: of the reader's own orders alone.
    pub fn new(
        erased: impl IntoIterator<Item = (Date, String, u64)>,
        today: Date,
        own: bool,
    ) -> Self {
        let first = Self::first_day(today);
        let weeks: Vec<Date> = (0..WEEKS as i64)
            .map(|week| first.saturating_add((week * 7).days()))
            .collect();
        let mut reasons: Vec<ChartReason> = Vec::new();
        for (day, label, n) in erased {
            // A day after today is a clock's that was put back: it counts as this week.
            let Some(week) = weeks.iter().rposition(|begins| day >= *begins) else {
                continue;
            };
            let place = reasons.iter().position(|reason| reason.label == label);
            let place = place.unwrap_or_else(|| {
                reasons.push(ChartReason {
                    label,
                    weeks: vec![0; WEEKS],
                });
                reasons.len() - 1
            });
            reasons[place].weeks[week] += n;
        }
        reasons.sort_by(|a, b| b.total().cmp(&a.total()).then(a.label.cmp(&b.label)));
        join_the_rare(&mut reasons);
        let weeks: Vec<String> = weeks
            .into_iter()
            .map(|day| day.strftime("%-d %b").to_string())
            .collect();
        let mut chart = Self {
            weeks,
            reasons,
            sentence: String::new(),
        };
        chart.sentence = chart.words(own);
        chart
    }

    /// Leads erased in a week.
    pub fn of_week(&self, week: usize) -> u64 {
        self.reasons
            .iter()
            .filter_map(|reason| reason.weeks.get(week))
            .sum()
    }

    /// Leads erased in the week with most.
    pub fn most(&self) -> u64 {
        (0..self.weeks.len())
            .map(|week| self.of_week(week))
            .max()
            .unwrap_or(0)
    }

    fn words(&self, own: bool) -> String {
        let all: u64 = self.reasons.iter().map(ChartReason::total).sum();
        let (Some(reason), true) = (self.reasons.first(), all > 0) else {
            let none = if own {
                "None of your deletions"
            } else {
                "No lead"
            };
            return format!("{none} left the system in the last {WEEKS} weeks.");
        };
        let most = self.most();
        let week = (0..self.weeks.len())
            .rev()
            .find(|week| self.of_week(*week) == most);
        let week = week.and_then(|week| self.weeks.get(week));
        format!(
            "{} left the system in the last {WEEKS} weeks; most in the week of {} ({}), and most often for “{}” ({}).",
            leads(all),
            week.map_or("", String::as_str),
            number(most),
            reason.label,
            number(reason.total())
        )
    }
}

fn join_the_rare(reasons: &mut Vec<ChartReason>) {
    if reasons.len() <= MOST_REASONS {
        return;
    }
    let rare = reasons.split_off(MOST_REASONS - 1);
    let weeks = (0..WEEKS)
        .map(|week| rare.iter().map(|reason| reason.weeks[week]).sum())
        .collect();
    reasons.push(ChartReason {
        label: format!("{} other reasons", rare.len()),
        weeks,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn on(day: Date, reason: &str, n: u64) -> (Date, String, u64) {
        (day, reason.to_owned(), n)
    }

    #[test]
    fn weeks_begin_on_monday_and_the_last_is_this_one() {
        let today = date(2026, 11, 24);
        let chart = DeletionChart::new([on(date(2026, 11, 23), "Duplicate", 3)], today, false);
        assert_eq!(chart.weeks.first().map(String::as_str), Some("7 Sep"));
        assert_eq!(chart.weeks.last().map(String::as_str), Some("23 Nov"));
        assert_eq!(chart.of_week(WEEKS - 1), 3);
    }

    #[test]
    fn the_sentence_says_what_the_picture_shows() {
        let today = date(2026, 11, 24);
        let chart = DeletionChart::new(
            [
                on(date(2026, 11, 22), "Outdated", 1_200),
                on(date(2026, 11, 16), "Duplicate", 4),
                on(date(2026, 9, 7), "Duplicate", 1),
                on(date(2026, 9, 6), "Duplicate", 9_000),
            ],
            today,
            false,
        );
        assert_eq!(
            chart.sentence,
            "1,205 leads left the system in the last 12 weeks; most in the week of 16 Nov (1,204), and most often for \
             “Outdated” (1,200)."
        );
        assert_eq!(
            DeletionChart::new([], today, false).sentence,
            "No lead left the system in the last 12 weeks."
        );
        assert_eq!(
            DeletionChart::new([], today, true).sentence,
            "None of your deletions left the system in the last 12 weeks."
        );
    }

    #[test]
    fn rare_reasons_are_one() {
        let today = date(2026, 11, 24);
        let erased = (0..9).map(|n| on(today, &format!("Reason {n}"), 10 - n));
        let chart = DeletionChart::new(erased, today, false);
        assert_eq!(chart.reasons.len(), MOST_REASONS);
        assert_eq!(chart.reasons[MOST_REASONS - 1].label, "4 other reasons");
        assert_eq!(chart.of_week(WEEKS - 1), (2..=10).sum::<u64>());
    }
}
