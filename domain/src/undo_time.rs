//! The undo time: how long every deletion waits at the least, so that a slip can be taken back.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::MINUTE;

/// How long a deletion waits at the least, in whole minutes, 0 to 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UndoTime(u32);

impl UndoTime {
    /// The longest that can be set, in minutes.
    pub const MOST: u32 = 24 * 60;

    /// From whole minutes.
    pub fn minutes(minutes: u32) -> Result<Self> {
        if minutes > Self::MOST {
            return Err(Error::field(
                "Undo time",
                "The undo time is at most 24 hours (1,440 minutes).",
            ));
        }
        Ok(Self(minutes))
    }

    /// In whole minutes.
    pub fn as_minutes(self) -> u32 {
        self.0
    }

    /// In milliseconds.
    pub fn millis(self) -> i64 {
        i64::from(self.0) * MINUTE
    }
}

impl Default for UndoTime {
    /// Ten minutes.
    fn default() -> Self {
        Self(10)
    }
}
