//! P5 and P6: nothing is processed in business hours, and nothing waits for them longer than a day.
//!
//! The oracle walks every minute and compares numbers: minutes since the epoch, moved by the offset in force. It knows
//! nothing of ambiguous times. Zones that tell the same time throughout are walked once: of the names of the bundled
//! database most are another's, and what a calendar answers can depend on nothing but the zone's offsets.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use domain::business_hours::{BusinessHours, Calendar, Hours};
use domain::time::{DAY, MINUTE, Millis};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::frame::{On, Promise, Report, Task};

/// Minutes in a day.
const DAY_MINUTES: i64 = 1_440;
/// 25 December 2026 to 8 January 2028, in minutes since the epoch: the year that is walked, and what touches it.
const FROM: i64 = 29_969_280;
const TO: i64 = FROM + 380 * DAY_MINUTES;
/// Asked for each.
const STEP: i64 = 15;

/// The promise.
pub fn promise() -> Promise {
    Promise::new(
        "p6",
        "nothing runs in business hours, nothing waits over a day",
        On::Nothing,
        run,
    )
}

/// The zones that tell one time, by their names; and when their clocks change, with the offset after it, both in minutes.
struct Clocks {
    names: Vec<String>,
    zone: TimeZone,
    first: i64,
    changes: Vec<(i64, i64)>,
}

async fn run(task: Task) -> Result<Report> {
    let clocks = clocks()?;
    let names: usize = clocks.iter().map(|clocks| clocks.names.len()).sum();
    ensure!(
        names > 500 && clocks.len() > 40,
        "only {names} zones of {} times are known",
        clocks.len()
    );
    let mut report = Report::default();
    report.measured.push(format!(
        "{names} zones that tell {} different times",
        clocks.len()
    ));
    let middle = clocks.len() / 2;
    let (one, other) = clocks.split_at(middle);
    let walked: Vec<Report> = std::thread::scope(|threads| {
        let walking: Vec<_> = [one, other]
            .into_iter()
            .map(|clocks| threads.spawn(|| walk_all(clocks, task.long)))
            .collect();
        walking
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .collect()
    });
    for half in walked {
        report.tries += half.tries;
        report.faults += half.faults;
        half.broken.into_iter().for_each(|what| report.broke(what));
    }
    Ok(report)
}

/// Every zone of the bundled database, together with those that tell the same time.
fn clocks() -> Result<Vec<Clocks>> {
    let mut found: BTreeMap<(i64, Vec<(i64, i64)>), Clocks> = BTreeMap::new();
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str())?;
        let begin = Timestamp::from_second(FROM * 60)?;
        let first = i64::from(zone.to_offset(begin).seconds());
        ensure!(first % 60 == 0, "{name} is off by seconds");
        let changes: Vec<(i64, i64)> = zone
            .following(begin)
            .map(|change| (change.timestamp().as_second() / 60, change.offset()))
            .take_while(|(at, _)| *at < TO)
            .map(|(at, offset)| (at, i64::from(offset.seconds()) / 60))
            .collect();
        found
            .entry((first / 60, changes.clone()))
            .or_insert_with(|| Clocks {
                names: Vec::new(),
                zone,
                first: first / 60,
                changes,
            })
            .names
            .push(name.to_string());
    }
    Ok(found.into_values().collect())
}

/// Six shapes of hours, and a seventh that settings refuse.
fn shapes(changes: &[(i64, i64)]) -> Vec<(&'static str, BusinessHours)> {
    let hours = |from, to| Some(Hours { from, to });
    let shape = |week, closed_days| BusinessHours {
        zone: String::new(),
        week,
        closed_days,
    };
    let day = hours(420, 1_140);
    let (evening, morning) = (hours(1_080, 1_440), hours(0, 360));
    // The days of the changes themselves are closed, and a few holidays.
    let mut closed: Vec<Date> = changes
        .iter()
        .map(|(at, offset)| local_date(at + offset))
        .collect();
    closed.extend([date(2027, 1, 1), date(2027, 5, 3), date(2027, 12, 25)]);
    closed.sort();
    closed.dedup();
    vec![
        (
            "a working week",
            shape([day, day, day, day, day, None, None], vec![]),
        ),
        ("all but an hour", shape([hours(0, 1_380); 7], vec![])),
        (
            "over midnight",
            shape(
                [evening, morning, evening, morning, evening, morning, None],
                vec![],
            ),
        ),
        ("the small hours", shape([hours(90, 150); 7], vec![])),
        (
            "another each day",
            shape(
                [
                    hours(360, 840),
                    hours(840, 1_320),
                    hours(0, 60),
                    hours(1_380, 1_440),
                    hours(615, 1_125),
                    hours(30, 720),
                    None,
                ],
                vec![],
            ),
        ),
        ("closed days", shape([hours(1, 1_439); 7], closed)),
        (
            "a whole day",
            shape([day, day, hours(0, 1_440), day, day, None, None], vec![]),
        ),
    ]
}

fn walk_all(clocks: &[Clocks], long: bool) -> Report {
    let mut report = Report::default();
    for clocks in clocks {
        let local = local_minutes(clocks);
        for (shape, hours) in shapes(&clocks.changes) {
            walk(clocks, &local, shape, hours, long, &mut report);
        }
    }
    report
}

/// Each minute's local time.
fn local_minutes(clocks: &Clocks) -> Vec<i64> {
    let (mut offset, mut next) = (clocks.first, clocks.changes.iter().peekable());
    (FROM..TO)
        .map(|minute| {
            if let Some((_, after)) = next.next_if(|(at, _)| *at <= minute) {
                offset = *after;
            }
            minute + offset
        })
        .collect()
}

/// Asks the calendar at every step, and compares with the oracle.
fn walk(
    clocks: &Clocks,
    local: &[i64],
    shape: &str,
    hours: BusinessHours,
    long: bool,
    report: &mut Report,
) {
    let calendar = Calendar::new(hours.clone(), clocks.zone.clone());
    let taken = hours.check().is_ok() && calendar.check(Millis(FROM * MINUTE)).is_ok();
    for (from, to) in spans(clocks, long) {
        let open = open_minutes(local, &hours, from, to + 2 * DAY_MINUTES);
        for minute in (from..to).step_by(STEP as usize) {
            let at = Millis(minute * MINUTE);
            let is_open = open[(minute - from) as usize];
            report.tries += 1;
            report.faults += u64::from(is_open);
            report.holds(calendar.queue_may_run(at) != is_open, || {
                format!(
                    "{shape}, {}, {at:?}: the oracle says open is {is_open}",
                    clocks.names[0]
                )
            });
            if !taken {
                continue;
            }
            let next = calendar.next_run(at);
            let first = (minute..to + 2 * DAY_MINUTES).find(|m| !open[(m - from) as usize]);
            report.holds(first.is_some_and(|first| first * MINUTE == next.0), || {
                format!(
                    "{shape}, {}, {at:?}: the next run is {next:?}, the oracle says {first:?}",
                    clocks.names[0]
                )
            });
            report.holds((0..=DAY).contains(&(next.0 - at.0)), || {
                format!("{shape}, {}, {at:?}: waits over a day", clocks.names[0])
            });
        }
    }
}

/// What is walked: the year; or the days around each change and one ordinary week. In minutes since the epoch.
fn spans(clocks: &Clocks, long: bool) -> Vec<(i64, i64)> {
    let (first, last) = (FROM + 7 * DAY_MINUTES, TO - 8 * DAY_MINUTES);
    if long {
        return vec![(first, last)];
    }
    let week = first + 150 * DAY_MINUTES;
    let mut spans = vec![(week, week + 7 * DAY_MINUTES)];
    for (at, _) in &clocks.changes {
        let from = (at - 3 * DAY_MINUTES / 2).clamp(first, last);
        let to = (at + 3 * DAY_MINUTES / 2).clamp(first, last);
        if from < to {
            spans.push((from, to));
        }
    }
    spans
}

/// Whether it is open, for each minute of a span: found by walking the minutes of each day from the first whose local time
/// is at or after the opening, to the last that is the closing or, where a change skips that, to the first after it.
fn open_minutes(local: &[i64], hours: &BusinessHours, from: i64, to: i64) -> Vec<bool> {
    let mut open = vec![false; (to - from) as usize];
    let first_day = from.div_euclid(DAY_MINUTES) - 2;
    let last_day = to.div_euclid(DAY_MINUTES) + 2;
    for day in first_day..=last_day {
        // The first of January 1970 was a Thursday.
        let weekday = (day + 3).rem_euclid(7) as usize;
        let Some(of_day) = hours.week[weekday] else {
            continue;
        };
        if hours.closed_days.contains(&local_date(day * DAY_MINUTES)) {
            continue;
        }
        let opens = day * DAY_MINUTES + i64::from(of_day.from);
        let closes = day * DAY_MINUTES + i64::from(of_day.to);
        let begin = ((day - 1) * DAY_MINUTES - FROM).clamp(0, local.len() as i64) as usize;
        let end = ((day + 3) * DAY_MINUTES - FROM).clamp(0, local.len() as i64) as usize;
        let minutes = &local[begin..end];
        let Some(first) = minutes.iter().position(|minute| *minute >= opens) else {
            continue;
        };
        let Some(last) = minutes.iter().rposition(|minute| *minute <= closes) else {
            continue;
        };
        let past = if minutes[last] == closes {
            last
        } else {
            last + 1
        };
        for place in first..past {
            let minute = FROM + (begin + place) as i64;
            if (from..to).contains(&minute) {
                open[(minute - from) as usize] = true;
            }
        }
    }
    open
}

/// The date of a local minute since the epoch.
fn local_date(minute: i64) -> Date {
    let day = minute.div_euclid(DAY_MINUTES);
    date(1970, 1, 1)
        .checked_add(jiff::Span::new().days(day))
        .expect("a day of our time")
}
