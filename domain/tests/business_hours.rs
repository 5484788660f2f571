//! The business hours against a slow oracle that walks every minute, around clock changes all over the world.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::business_hours::{BusinessHours, Calendar, Hours};
use domain::time::{DAY, HOUR, MINUTE, Millis};
use domain::undo_time::UndoTime;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;

/// Zones with the year's oddest changes: gaps and folds at midnight, of half an hour, of two hours.
const CHANGES: [(&str, (i16, i8, i8)); 16] = [
    ("Europe/London", (2027, 3, 28)),
    ("Europe/Berlin", (2027, 3, 28)),
    ("Europe/Berlin", (2027, 10, 31)),
    ("Africa/Cairo", (2027, 4, 30)),
    ("Africa/Cairo", (2027, 10, 29)),
    ("Australia/Lord_Howe", (2027, 4, 4)),
    ("Australia/Lord_Howe", (2027, 10, 3)),
    ("America/Santiago", (2027, 9, 5)),
    ("Antarctica/Troll", (2027, 3, 28)),
    ("Asia/Beirut", (2027, 3, 28)),
    ("America/Havana", (2027, 3, 14)),
    ("America/Havana", (2027, 11, 7)),
    ("Antarctica/Troll", (2027, 10, 31)),
    // The clock goes back for Ramadan and forward after it.
    ("Africa/Casablanca", (2027, 2, 7)),
    ("Africa/Casablanca", (2027, 3, 14)),
    ("Asia/Kathmandu", (2027, 1, 1)),
];

/// Opening and closing in minutes: a working day, the whole day but an hour, in the small hours, at night, to midnight,
/// from midnight.
const SHAPES: [(u16, u16); 6] = [
    (540, 1080),
    (0, 1380),
    (90, 150),
    (1200, 1410),
    (600, 1440),
    (0, 30),
];

/// A day's business hours, found by walking the minutes: from the first whose local time is at or after the opening, to
/// the last whose local time is the closing, or, where a clock change skips that, to the first after it.
fn open_by_walking(
    minutes: &[(Millis, DateTime)],
    day: Date,
    (from, to): (u16, u16),
) -> Option<(Millis, Millis)> {
    let local = |minutes: u16| -> DateTime {
        let (day, minutes) = if minutes == 1_440 {
            (day.tomorrow().unwrap(), 0)
        } else {
            (day, minutes)
        };
        day.to_datetime(Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).unwrap())
    };
    let opens = minutes.iter().find(|(_, time)| *time >= local(from))?.0;
    let (last, time) = minutes.iter().rev().find(|(_, time)| *time <= local(to))?;
    Some((
        opens,
        if *time == local(to) {
            *last
        } else {
            last.plus(MINUTE)
        },
    ))
}

#[test]
fn the_queue_runs_exactly_when_the_oracle_says() {
    for (name, (year, month, day)) in CHANGES {
        let zone = TimeZone::get(name).unwrap();
        let change = date(year, month, day);
        let noon = zone
            .to_ambiguous_timestamp(change.to_datetime(Time::new(12, 0, 0, 0).unwrap()))
            .compatible()
            .unwrap();
        let noon = Millis(noon.as_millisecond());
        let minutes: Vec<(Millis, DateTime)> = (0..5 * DAY / MINUTE)
            .map(|n| noon.plus(-5 * DAY / 2 + n * MINUTE))
            .map(|at| (at, zone.to_datetime(at.timestamp())))
            .collect();
        for shape in SHAPES {
            let hours = Some(Hours {
                from: shape.0,
                to: shape.1,
            });
            let hours = BusinessHours {
                zone: name.into(),
                week: [hours; 7],
                closed_days: Vec::new(),
            };
            hours.check().unwrap();
            let calendar = Calendar::new(hours, zone.clone());
            let days = [
                change.yesterday().unwrap(),
                change,
                change.tomorrow().unwrap(),
            ];
            let open: Vec<_> = days
                .iter()
                .filter_map(|day| open_by_walking(&minutes, *day, shape))
                .collect();
            for (at, local) in minutes.iter().filter(|(at, _)| (at.0 - noon.0).abs() < DAY) {
                let expected = !open.iter().any(|(from, to)| from <= at && at < to);
                assert_eq!(
                    calendar.queue_may_run(*at),
                    expected,
                    "{name}, {local}, hours {shape:?}"
                );
            }
        }
    }
}

#[test]
fn a_deletion_always_leaves_within_a_day_and_never_early() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    for shape in SHAPES {
        let hours = Some(Hours {
            from: shape.0,
            to: shape.1,
        });
        let hours = BusinessHours {
            zone: "Europe/Berlin".into(),
            week: [hours; 7],
            closed_days: Vec::new(),
        };
        let calendar = Calendar::new(hours, zone.clone());
        let undo = UndoTime::minutes(10).unwrap();
        for n in 0..14 * 24 * 4 {
            let ordered = Millis(1_805_000_000_000 + n * 15 * MINUTE);
            let leaves = calendar.leaves_at(ordered, undo, ordered);
            assert!(leaves >= ordered.plus(undo.millis()));
            assert!(
                leaves <= ordered.plus(undo.millis() + DAY + 60 * MINUTE),
                "{shape:?}"
            );
            assert!(calendar.queue_may_run(leaves), "{shape:?}");
        }
    }
}

#[test]
fn each_day_of_the_week_has_its_own_hours_over_leap_days_and_the_53rd_week() {
    // Monday from one to two, Tuesday from two to three, … Sunday from seven to eight.
    let week = std::array::from_fn(|n| {
        let from = (n as u16 + 1) * 60;
        Some(Hours {
            from,
            to: from + 60,
        })
    });
    let hours = BusinessHours {
        zone: "UTC".into(),
        week,
        closed_days: vec![date(2028, 2, 29)],
    };
    hours.check().unwrap();
    let calendar = Calendar::new(hours, TimeZone::UTC);
    // Tuesday, 24 November 2026. From there the days are counted, without a calendar's help.
    let tuesday = Millis(1_795_478_400_000);
    for day in 0..500 {
        let closed = day == 462; // 29 February 2028
        for hour in 0..24 {
            let at = tuesday.plus(day * DAY + hour * HOUR);
            let open = hour == (1 + day) % 7 + 1 && !closed;
            assert_eq!(calendar.queue_may_run(at), !open, "day {day}, hour {hour}");
        }
    }
}

#[test]
fn under_hours_that_settings_take_nothing_waits_for_more_than_a_day() {
    let (mut taken, mut refused) = (0, 0);
    for (name, (year, month, day)) in CHANGES {
        let zone = TimeZone::get(name).unwrap();
        let change = date(year, month, day).to_datetime(Time::midnight());
        let change = zone.to_timestamp(change).unwrap().as_millisecond();
        let start = Millis(change - 4 * DAY);
        for (one, other) in SHAPES.into_iter().flat_map(|a| SHAPES.map(|b| (a, b))) {
            let of = |(from, to)| Some(Hours { from, to });
            let mut week = [
                of(one),
                of(other),
                of(one),
                of(other),
                of(one),
                of(other),
                of(one),
            ];
            week[(month as usize) % 7] = None;
            let hours = BusinessHours {
                zone: name.into(),
                week,
                closed_days: Vec::new(),
            };
            let calendar = Calendar::new(hours.clone(), zone.clone());
            if hours.check().is_err() || calendar.check(start).is_err() {
                refused += 1;
                continue;
            }
            taken += 1;
            for n in 0..8 * 24 {
                let at = start.plus(n * 60 * MINUTE);
                let waits = calendar.next_run(at).0 - at.0;
                assert!(
                    (0..=DAY).contains(&waits),
                    "{name} {one:?} {other:?} {at:?}"
                );
            }
        }
    }
    assert!(taken > 0 && refused > 0, "{taken} {refused}");
}
