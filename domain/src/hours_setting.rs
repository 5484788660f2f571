//! Settings > Business hours as it is typed: hours, closed days, undo time, region. Read in one place, so that all that
//! is wrong is told at once.

use serde::{Deserialize, Serialize};

use crate::business_hours::{BusinessHours, DAYS, Hours, clock, minutes};
use crate::error::{Result, Wrong};
use crate::undo_time::UndoTime;
use crate::version::Version;

/// The form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursForm {
    /// An IANA name: `Europe/London`.
    pub zone: String,
    /// Opening and closing, Monday first; `None` is closed. A closing of `00:00` is the end of the day.
    pub week: [Option<(String, String)>; 7],
    /// One date a line: `2026-12-25`.
    pub closed_days: String,
    /// In whole minutes.
    pub undo_time: String,
    /// The region in which a number without `+` is read: `GB`.
    pub region: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursPage {
    /// As it is set.
    pub form: HoursForm,
    /// What was seen of it.
    pub version: Version,
    /// When a deletion ordered now would leave: "at 19:00", "tomorrow at 07:00".
    pub leaves: String,
    /// The edition of the time zone database that all of this is reckoned by: "2025b".
    pub zones: String,
}

impl HoursForm {
    /// As it is set.
    pub fn of(hours: &BusinessHours, undo_time: UndoTime, region: String) -> Self {
        let closed: Vec<String> = hours.closed_days.iter().map(ToString::to_string).collect();
        Self {
            zone: hours.zone.clone(),
            // A time field ends at 23:59: midnight is the end of the day.
            week: hours
                .week
                .map(|day| day.map(|day| (clock(day.from), clock(day.to % (24 * 60))))),
            closed_days: closed.join("\n"),
            undo_time: undo_time.as_minutes().to_string(),
            region,
        }
    }

    /// What the form says. What is wrong goes to `wrong`, and something that holds stands in its place.
    pub fn read(&self, wrong: &mut Wrong) -> Result<(BusinessHours, UndoTime)> {
        let mut week = [None; 7];
        for ((hours, typed), day) in week.iter_mut().zip(&self.week).zip(DAYS) {
            let Some((from, to)) = typed else { continue };
            match (minutes(from), minutes(to)) {
                (Some(from), Some(0)) => *hours = Some(Hours { from, to: 24 * 60 }),
                (Some(from), Some(to)) => *hours = Some(Hours { from, to }),
                _ => wrong.add(day, format!("{day}: fill in both times, as in 09:00.")),
            }
        }
        let mut closed_days = Vec::new();
        for (line, typed) in (1..).zip(self.closed_days.lines()) {
            match typed.trim().parse() {
                Ok(day) => closed_days.push(day),
                Err(_) if typed.trim().is_empty() => {}
                Err(_) => {
                    wrong.add(
                        "Closed days",
                        format!("Line {line} is no date. Write year-month-day, as in 2026-12-25."),
                    );
                    break;
                }
            }
        }
        closed_days.sort_unstable();
        closed_days.dedup();
        let hours = BusinessHours {
            zone: self.zone.trim().to_owned(),
            week,
            closed_days,
        };
        wrong.take(hours.check())?;
        let undo_time = match self.undo_time.trim().parse().map(UndoTime::minutes) {
            Ok(Ok(undo_time)) => undo_time,
            Ok(Err(error)) => {
                wrong.take(Err(error))?;
                UndoTime::default()
            }
            Err(_) => {
                wrong.add(
                    "Undo time",
                    "Write the undo time in whole minutes, 0 to 1,440.",
                );
                UndoTime::default()
            }
        };
        Ok((hours, undo_time))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn form() -> HoursForm {
        HoursForm::of(&BusinessHours::default(), UndoTime::default(), "GB".into())
    }

    #[test]
    fn what_is_set_reads_as_it_was() {
        let mut hours = BusinessHours::default();
        hours.week[6] = Some(Hours {
            from: 600,
            to: 1_440,
        });
        hours.closed_days = vec!["2026-12-25".parse().unwrap()];
        let form = HoursForm::of(&hours, UndoTime::default(), "GB".into());
        let mut wrong = Wrong::default();
        let read = form.read(&mut wrong).unwrap();
        wrong.end().unwrap();
        assert_eq!(read, (hours, UndoTime::default()));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let mut form = form();
        form.week[0] = Some(("".into(), "18:00".into()));
        form.week[1] = Some(("19:00".into(), "07:00".into()));
        form.closed_days = "2026-12-25\n\nChristmas".into();
        form.undo_time = "ten".into();
        let mut wrong = Wrong::default();
        form.read(&mut wrong).unwrap();
        let error = wrong.end().unwrap_err();
        for field in ["Monday", "Tuesday", "Closed days", "Undo time"] {
            assert!(error.of_field(field).is_some(), "{field}");
        }
        assert!(error.of_field("Closed days").unwrap().starts_with("Line 3"));
    }
}
