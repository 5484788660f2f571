//! Times in the company's words: its zone, its hours, its undo time, as they stand at one instant.

use domain::Result;
use domain::business_hours::Calendar;
use domain::draft::Leaves;
use domain::time::{self, HOUR, MINUTE, Millis};
use domain::undo_time::UndoTime;
use sea_orm::ConnectionTrait;

use super::{Store, setting, zone};

/// What writing a time needs.
#[derive(Debug, Clone)]
pub struct Times {
    /// The instant of reading.
    pub now: Millis,
    /// Business hours in their zone.
    pub calendar: Calendar,
    /// The undo time.
    pub undo_time: UndoTime,
    /// The queue is paused.
    pub paused: bool,
}

impl Store {
    /// Read in the transaction of what they are written beside.
    pub async fn times<C: ConnectionTrait>(&self, on: &C) -> Result<Times> {
        let hours = setting::business_hours(on).await?;
        let zone = zone(&hours.zone)?;
        Ok(Times {
            now: self.now(),
            calendar: Calendar::new(hours, zone),
            undo_time: setting::undo_time(on).await?,
            paused: setting::paused(on).await?.is_some(),
        })
    }
}

impl Times {
    /// "18 Aug 2026"; 0 is never: empty.
    pub fn date(&self, at: i64) -> String {
        if at == 0 {
            String::new()
        } else {
            time::date(Millis(at), self.calendar.zone())
        }
    }

    /// "13:42" today, else with its day.
    pub fn moment(&self, at: i64) -> String {
        time::moment(Millis(at), self.now, self.calendar.zone())
    }

    /// When a deletion leaves that a run takes from `due` on.
    pub fn leaves(&self, due: Millis) -> Leaves {
        let due = due.max(self.now);
        let leaves = self.calendar.next_run(due);
        let left = leaves.0 - self.now.0;
        if self.paused {
            Leaves::Paused
        } else if leaves == due && left <= HOUR {
            Leaves::InMinutes(u32::try_from((left + MINUTE - 1) / MINUTE).unwrap_or(0))
        } else {
            Leaves::At(time::coming(leaves, self.now, self.calendar.zone()))
        }
    }

    /// When a deletion ordered now leaves.
    pub fn leaves_if_ordered_now(&self) -> Leaves {
        self.leaves(self.now.plus(self.undo_time.millis()))
    }
}
