//! Business hours: weekly hours and closed days in a named time zone. The queue runs outside them.
//!
//! Seed: "flagged records are processed, typically outside business hours."
//!
//! Local times that a clock change skips are taken as the first instant after the gap; of times that come twice an
//! opening is the first and a closing the last, so that business hours are never cut short by a clock change.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldError, Result};
use crate::time::{self, HOUR, Millis};
use crate::undo_time::UndoTime;

/// Minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// The days, Monday first.
pub const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Business hours are looked through for so many days: every weekday meets every clock change of a year.
const LOOKED_THROUGH: i64 = 400;

/// An opening and a closing on one day, in minutes after midnight: 540 to 1080 is 09:00 to 18:00; 1440 is the end of
/// the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// Opens.
    pub from: u16,
    /// Closes.
    pub to: u16,
}

/// The setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessHours {
    /// An IANA name: `Europe/London`.
    pub zone: String,
    /// Monday first; a day without hours is closed.
    pub week: [Option<Hours>; 7],
    /// Days without business hours, such as holidays; in order.
    pub closed_days: Vec<Date>,
}

impl Default for BusinessHours {
    /// Monday to Friday, 07:00 to 19:00, London.
    fn default() -> Self {
        let day = Some(Hours {
            from: 7 * 60,
            to: 19 * 60,
        });
        Self {
            zone: "Europe/London".into(),
            week: [day, day, day, day, day, None, None],
            closed_days: Vec::new(),
        }
    }
}

/// Business hours in their zone, ready to be asked. The zone's rules come from the server.
#[derive(Debug, Clone)]
pub struct Calendar {
    hours: BusinessHours,
    zone: TimeZone,
}

impl BusinessHours {
    /// Refuses hours that never leave the queue an hour a day: they could not keep the promise of 48 hours.
    pub fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        for (day, hours) in DAYS.iter().zip(&self.week) {
            let Some(Hours { from, to }) = hours else {
                continue;
            };
            if *to > DAY_MINUTES || from >= to {
                wrong.push(FieldError {
                    field: (*day).into(),
                    message: format!("{day}: the closing time must come after the opening time."),
                });
            } else if to - from > DAY_MINUTES - 60 {
                wrong.push(FieldError {
                    field: (*day).into(),
                    message: format!("{day}: leave the Deletion Queue at least one hour a day outside business hours."),
                });
            }
        }
        if self.closed_days.len() > 400 {
            wrong.push(FieldError {
                field: "Closed days".into(),
                message: "At most 400 closed days can be kept.".into(),
            });
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(wrong))
        }
    }

    /// The hours in words: "19:00 to 07:00 Europe/London" where every working day is alike, else "the business hours".
    pub fn queue_words(&self) -> String {
        let mut open = self.week.iter().flatten();
        match open.next() {
            None => format!("at any time, {}", self.zone),
            Some(first) if open.all(|h| h == first) => {
                format!("{} to {} {}", clock(first.to), clock(first.from), self.zone)
            }
            Some(_) => format!("which differ by day ({})", self.zone),
        }
    }
}

/// `09:30`; the end of the day is `24:00`.
pub fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Minutes after midnight of `9:30`, `09:30` or `24:00`.
pub fn minutes(clock: &str) -> Option<u16> {
    let (hours, minutes) = clock.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(0..2)?.parse().ok()?);
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && all <= DAY_MINUTES).then_some(all)
}

impl Calendar {
    /// The hours with their zone's rules.
    pub fn new(hours: BusinessHours, zone: TimeZone) -> Self {
        Self { hours, zone }
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The setting.
    pub fn hours(&self) -> &BusinessHours {
        &self.hours
    }

    /// Whether the queue may run: `at` is outside business hours.
    pub fn queue_may_run(&self, at: Millis) -> bool {
        self.closes_after(at).is_none()
    }

    /// The first instant at or after `at` that is outside business hours.
    pub fn next_run(&self, at: Millis) -> Millis {
        let mut at = at;
        // Hours of two days can touch across midnight; checked hours leave an hour a day, so this ends at once. The
        // bound is for hours that came from elsewhere than a checked form.
        for _ in 0..16 {
            match self.closes_after(at) {
                Some(end) => at = end,
                None => return at,
            }
        }
        at
    }

    /// Refuses hours under which a deletion could wait for more than a day: days that touch across midnight, or that a
    /// clock change makes longer. They could not keep the promise of 48 hours.
    pub fn check(&self, now: Millis) -> Result<()> {
        let first = self.zone.to_datetime(now.timestamp()).date();
        let (mut begun, mut ends) = (Millis(i64::MIN), Millis(i64::MIN));
        for n in -1..LOOKED_THROUGH {
            let Ok(day) = first.checked_add(jiff::Span::new().days(n)) else {
                break;
            };
            let Some((from, to)) = self.on(day) else {
                continue;
            };
            if from > ends {
                begun = from;
            }
            ends = ends.max(to);
            if ends.0 - begun.0 > time::DAY {
                let weekday = day.weekday().to_monday_zero_offset() as usize;
                let name = DAYS.get(weekday).copied().unwrap_or_default();
                return Err(Error::field(
                    name,
                    format!(
                        "{name}: with the day before, business hours last for more than 24 hours. Leave the Deletion \
                         Queue an hour between them."
                    ),
                ));
            }
        }
        Ok(())
    }

    /// When a deletion ordered at `ordered` leaves: the first instant at or after order + undo time that is outside
    /// business hours; not before now.
    pub fn leaves_at(&self, ordered: Millis, undo_time: UndoTime, now: Millis) -> Millis {
        self.next_run(ordered.plus(undo_time.millis()).max(now))
    }

    /// When the business hours that `at` lies in end.
    fn closes_after(&self, at: Millis) -> Option<Millis> {
        let today = self.zone.to_datetime(at.timestamp()).date();
        // Yesterday too: a closing at 24:00 that a clock change moves can reach over midnight.
        let yesterday = today.yesterday().ok();
        yesterday
            .into_iter()
            .chain([today])
            .filter_map(|day| self.on(day))
            .find(|(from, to)| *from <= at && at < *to)
            .map(|(_, to)| to)
    }

    /// The business hours of a day, as instants.
    fn on(&self, day: Date) -> Option<(Millis, Millis)> {
        let weekday: Weekday = day.weekday();
        let hours = (*self
            .hours
            .week
            .get(weekday.to_monday_zero_offset() as usize)?)?;
        if self.hours.closed_days.contains(&day) {
            return None;
        }
        Some((
            self.instant(day, hours.from, false)?,
            self.instant(day, hours.to, true)?,
        ))
    }

    /// A local time as an instant: in a gap the first after it, in a fold the first or the last.
    fn instant(&self, day: Date, minutes: u16, last: bool) -> Option<Millis> {
        let (day, minutes) = if minutes >= DAY_MINUTES {
            (day.tomorrow().ok()?, minutes - DAY_MINUTES)
        } else {
            (day, minutes)
        };
        let time = Time::new(
            i8::try_from(minutes / 60).ok()?,
            i8::try_from(minutes % 60).ok()?,
            0,
            0,
        )
        .ok()?;
        let local = self.zone.to_ambiguous_timestamp(day.to_datetime(time));
        let at = match local.offset() {
            AmbiguousOffset::Unambiguous { .. } => local.compatible().ok()?,
            AmbiguousOffset::Fold { .. } if last => local.later().ok()?,
            AmbiguousOffset::Fold { .. } => local.earlier().ok()?,
            // Of a skipped time, `later` reads it with the offset before the gap: an instant after the gap, by as much
            // as the time lies behind the gap's start. The gap's end itself is the change of offset.
            AmbiguousOffset::Gap { .. } => {
                let before = local.earlier().ok()?;
                self.zone
                    .following(before)
                    .next()
                    .map_or(local.later().ok()?, |change| change.timestamp())
            }
        };
        Some(Millis(at.as_millisecond()))
    }
}

/// When the next run is, for the page.
pub fn next_run_words(calendar: &Calendar, next: Option<Millis>, now: Millis) -> String {
    let Some(next) = next else {
        return "Nothing is waiting.".into();
    };
    if next <= now {
        return "The next run begins within a minute.".into();
    }
    let left = next.0 - now.0;
    let (hours, minutes) = (left / HOUR, (left % HOUR + time::MINUTE - 1) / time::MINUTE);
    let left = match (hours, minutes) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 60) => format!("{} h", hours + 1),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    let when = time::coming(next, now, calendar.zone());
    let when = if when.contains(' ') {
        when
    } else {
        format!("today at {when}")
    };
    format!("Next run {when}, in {left}.")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use jiff::civil::{date, datetime};

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(zone: &TimeZone, local: jiff::civil::DateTime) -> Millis {
        Millis(
            zone.to_ambiguous_timestamp(local)
                .compatible()
                .unwrap()
                .as_millisecond(),
        )
    }

    fn london() -> Calendar {
        Calendar::new(BusinessHours::default(), zone("Europe/London"))
    }

    #[test]
    fn by_day_a_deletion_leaves_at_closing_time() {
        let calendar = london();
        let ordered = at(calendar.zone(), datetime(2026, 11, 24, 13, 42, 0, 0));
        let closing = at(calendar.zone(), datetime(2026, 11, 24, 19, 0, 0, 0));
        assert_eq!(
            calendar.leaves_at(ordered, UndoTime::default(), ordered),
            closing
        );
        assert!(!calendar.queue_may_run(ordered));
        assert!(calendar.queue_may_run(closing));
    }

    #[test]
    fn at_night_only_the_undo_time_keeps_it() {
        let calendar = london();
        let ordered = at(calendar.zone(), datetime(2026, 11, 24, 22, 0, 0, 0));
        assert_eq!(
            calendar.leaves_at(ordered, UndoTime::default(), ordered),
            ordered.plus(10 * time::MINUTE)
        );
    }

    #[test]
    fn an_undo_time_that_reaches_into_the_morning_waits_for_the_evening() {
        let calendar = london();
        let ordered = at(calendar.zone(), datetime(2026, 11, 24, 6, 55, 0, 0));
        let evening = at(calendar.zone(), datetime(2026, 11, 24, 19, 0, 0, 0));
        assert_eq!(
            calendar.leaves_at(ordered, UndoTime::default(), ordered),
            evening
        );
    }

    #[test]
    fn a_closed_day_has_no_business_hours() {
        let hours = BusinessHours {
            closed_days: vec![date(2026, 11, 24)],
            ..BusinessHours::default()
        };
        let calendar = Calendar::new(hours, zone("Europe/London"));
        assert!(calendar.queue_may_run(at(calendar.zone(), datetime(2026, 11, 24, 13, 0, 0, 0))));
    }

    #[test]
    fn an_opening_in_a_gap_is_the_first_instant_after_it() {
        // Berlin, 28 March 2027: 02:00 to 03:00 does not exist.
        let mut hours = BusinessHours {
            zone: "Europe/Berlin".into(),
            ..BusinessHours::default()
        };
        hours.week[6] = Some(Hours { from: 150, to: 600 });
        let calendar = Calendar::new(hours, zone("Europe/Berlin"));
        let gap_ends = at(calendar.zone(), datetime(2027, 3, 28, 3, 0, 0, 0));
        assert!(!calendar.queue_may_run(gap_ends));
        assert!(calendar.queue_may_run(gap_ends.plus(-1)));
    }

    #[test]
    fn a_closing_in_a_fold_is_the_last() {
        // Berlin, 31 October 2027: 02:00 to 03:00 comes twice.
        let mut hours = BusinessHours {
            zone: "Europe/Berlin".into(),
            ..BusinessHours::default()
        };
        hours.week[6] = Some(Hours { from: 60, to: 150 });
        let calendar = Calendar::new(hours, zone("Europe/Berlin"));
        let second = datetime(2027, 10, 31, 2, 29, 0, 0);
        let second = Millis(
            calendar
                .zone()
                .to_ambiguous_timestamp(second)
                .later()
                .unwrap()
                .as_millisecond(),
        );
        assert!(!calendar.queue_may_run(second));
        assert!(calendar.queue_may_run(second.plus(time::MINUTE)));
    }

    #[test]
    fn hours_that_leave_the_queue_no_hour_are_refused() {
        let mut hours = BusinessHours::default();
        hours.week[0] = Some(Hours { from: 0, to: 1_440 });
        assert!(hours.check().unwrap_err().of_field("Monday").is_some());
        hours.week[0] = Some(Hours { from: 600, to: 600 });
        assert!(hours.check().is_err());
        hours.week[0] = Some(Hours { from: 0, to: 1_380 });
        assert!(hours.check().is_ok());
    }

    #[test]
    fn days_that_touch_across_midnight_are_refused_where_they_last_for_more_than_a_day() {
        let mut hours = BusinessHours::default();
        hours.week[0] = Some(Hours {
            from: 60,
            to: 1_440,
        });
        hours.week[1] = Some(Hours { from: 0, to: 60 });
        let now = Millis(1_795_514_400_000);
        let calendar = |hours: &BusinessHours| Calendar::new(hours.clone(), zone("Europe/London"));
        assert!(calendar(&hours).check(now).is_ok());
        hours.week[1] = Some(Hours { from: 0, to: 61 });
        let error = calendar(&hours).check(now).unwrap_err();
        assert!(error.of_field("Tuesday").is_some());
        // Sunday and Monday touch too.
        hours.week = [None; 7];
        hours.week[6] = Some(Hours {
            from: 60,
            to: 1_440,
        });
        hours.week[0] = Some(Hours { from: 0, to: 1_380 });
        let error = calendar(&hours).check(now).unwrap_err();
        assert!(error.of_field("Monday").is_some());
    }

    #[test]
    fn a_clock_change_that_makes_the_hours_too_long_counts() {
        let now = Millis(1_795_514_400_000);
        let hours = BusinessHours {
            // 23 hours and, when the clocks go back by two hours, 25.
            week: [Some(Hours { from: 0, to: 1_380 }); 7],
            ..BusinessHours::default()
        };
        let of = |name: &str| Calendar::new(hours.clone(), zone(name)).check(now);
        assert!(of("Europe/London").is_ok());
    }

    #[test]
    fn the_next_run_is_told_in_words() {
        let calendar = london();
        let now = at(calendar.zone(), datetime(2026, 11, 24, 13, 48, 0, 0));
        let next = calendar.next_run(now);
        assert_eq!(
            next_run_words(&calendar, Some(next), now),
            "Next run today at 19:00, in 5 h 12 min."
        );
        assert_eq!(next_run_words(&calendar, None, now), "Nothing is waiting.");
    }

    #[test]
    fn clock_times_are_read_and_written() {
        assert_eq!(minutes("09:30"), Some(570));
        assert_eq!(minutes("24:00"), Some(1_440));
        assert_eq!(minutes("24:01"), None);
        assert_eq!(minutes("9:60"), None);
        assert_eq!(clock(570), "09:30");
    }
}
