//! Time as Layer keeps it.

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Millis(pub i64);

/// A second in milliseconds.
pub const SECOND: i64 = 1_000;
/// A minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day of 24 hours in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// A deletion that is open for longer is overdue, and the Layer Admins are told.
/// Seed: "If a deletion fails or isn't processed within 48 hours, contact your Layer Admin."
pub const OVERDUE_AFTER: i64 = 48 * HOUR;

impl Millis {
    /// The instant `millis` milliseconds later.
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// As jiff has it; an instant that jiff can't hold becomes the nearest that it can.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

/// The company's clock as a page carries it on: a browser knows neither the company's zone nor the right time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The instant at which it was read.
    pub now: Millis,
    /// How far the zone was before UTC then, in milliseconds.
    pub offset: i64,
    /// The zone's name: `Europe/London`.
    pub zone: String,
}

impl Clock {
    /// As that zone has it at `now`.
    pub fn read(now: Millis, zone: &jiff::tz::TimeZone, name: &str) -> Self {
        Self {
            now,
            offset: i64::from(zone.to_offset(now.timestamp()).seconds()) * SECOND,
            zone: name.to_owned(),
        }
    }

    /// "13:42", so many milliseconds after it was read.
    pub fn after(&self, millis: i64) -> String {
        let of_day = self.now.plus(self.offset + millis).0.rem_euclid(DAY);
        format!("{:02}:{:02}", of_day / HOUR, of_day % HOUR / MINUTE)
    }
}

/// "18 Aug 2026" in that zone.
pub fn date(at: Millis, zone: &jiff::tz::TimeZone) -> String {
    zone.to_datetime(at.timestamp())
        .strftime("%-d %b %Y")
        .to_string()
}

/// "13:42" today, else "18 Aug, 13:42", in another year "18 Aug 2025, 13:42".
pub fn moment(at: Millis, now: Millis, zone: &jiff::tz::TimeZone) -> String {
    let (then, today) = (
        zone.to_datetime(at.timestamp()),
        zone.to_datetime(now.timestamp()),
    );
    let form = if then.date() == today.date() {
        "%H:%M"
    } else if then.year() == today.year() {
        "%-d %b, %H:%M"
    } else {
        "%-d %b %Y, %H:%M"
    };
    then.strftime(form).to_string()
}

/// When something was, to follow what it was: "at 13:42" today, else "on 18 Aug, 13:42".
pub fn past(at: Millis, now: Millis, zone: &jiff::tz::TimeZone) -> String {
    let moment = moment(at, now, zone);
    let before = if moment.contains(',') { "on" } else { "at" };
    format!("{before} {moment}")
}

/// When something will be: "19:00", "tomorrow at 07:00", "Mon 30 Nov at 19:00".
pub fn coming(at: Millis, now: Millis, zone: &jiff::tz::TimeZone) -> String {
    let (then, today) = (
        zone.to_datetime(at.timestamp()),
        zone.to_datetime(now.timestamp()),
    );
    if then.date() == today.date() {
        then.strftime("%H:%M").to_string()
    } else if today
        .date()
        .tomorrow()
        .is_ok_and(|tomorrow| tomorrow == then.date())
    {
        then.strftime("tomorrow at %H:%M").to_string()
    } else {
        then.strftime("%a %-d %b at %H:%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_clock_goes_on_in_its_zone() {
        // Kathmandu is 5:45 before UTC.
        let zone =
            jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(5 * 3_600 + 45 * 60).unwrap());
        let clock = Clock::read(Millis(0), &zone, "Asia/Kathmandu");
        assert_eq!(clock.after(0), "05:45");
        assert_eq!(clock.after(19 * HOUR), "00:45");
        assert_eq!(clock.after(-6 * HOUR), "23:45");
    }
}
