//! The picture's weeks against an oracle that counts days one by one, over leap days, the turn of the year and a 53rd week.

use domain::deletion_chart::{DeletionChart, WEEKS};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The Monday of a day's week, found by walking from one before all of them: 6 January 2020.
fn monday_of(day: Date) -> Date {
    let (mut monday, week) = (date(2020, 1, 6), 7.days());
    loop {
        let next = monday.saturating_add(week);
        if next > day {
            return monday;
        }
        monday = next;
    }
}

#[test]
fn each_day_counts_in_its_own_week_whatever_the_year_does() {
    let years = [
        // 2026 has 53 weeks, and the last one ends on 3 January 2027.
        (date(2026, 12, 20), 25),
        (date(2020, 12, 24), 14),
        (date(2028, 2, 24), 14),
        (date(2027, 2, 24), 10),
    ];
    for (first, days) in years {
        for today in first.series(1.day()).take(days) {
            let last = monday_of(today);
            // Each day of the last hundred, with a number of its own, so that none can stand for another.
            let erased: Vec<(Date, u64)> = (0..100_u32)
                .map(|back| {
                    (
                        today.saturating_sub(i64::from(back).days()),
                        1 << (back % 40),
                    )
                })
                .collect();
            let mut weeks = [0_u64; WEEKS];
            for (day, n) in &erased {
                let monday = monday_of(*day);
                for (back, week) in weeks.iter_mut().rev().enumerate() {
                    let begins = last.saturating_sub((back as i64 * 7).days());
                    if monday == begins {
                        *week += n;
                    }
                }
            }
            let rows = erased
                .iter()
                .map(|(day, n)| (*day, "Duplicate".to_owned(), *n));
            let chart = DeletionChart::new(rows, today, false);
            let shown: Vec<u64> = (0..WEEKS).map(|week| chart.of_week(week)).collect();
            assert_eq!(shown, weeks, "{today}");
            assert_eq!(
                chart.weeks.last(),
                Some(&last.strftime("%-d %b").to_string()),
                "{today}"
            );
        }
    }
}

#[test]
fn a_sunday_ends_its_week_and_begins_none() {
    let of = |today| DeletionChart::new([], today, false).weeks.pop();
    assert_eq!(of(date(2027, 1, 3)).as_deref(), Some("28 Dec"));
    assert_eq!(of(date(2027, 1, 4)).as_deref(), Some("4 Jan"));
    assert_eq!(of(date(2028, 2, 29)).as_deref(), Some("28 Feb"));
}
