//! The live view: a frame says that something changed and how the queue stands. Nothing about a lead.

use serde::{Deserialize, Serialize};

use crate::deletion_queue::RunProgress;
use crate::lead_stats::LeadStats;

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The chain's sequence: the cursor. It never falls.
    pub sequence: i64,
    /// Grows when a work stack's count came out as another: pages read their menu anew.
    pub recounts: i64,
    /// The numbers of the whole queue.
    pub stats: LeadStats,
    /// A run that is on.
    pub run: Option<RunProgress>,
    /// The queue is paused.
    pub paused: bool,
    /// "Next run today at 19:00, in 5 h 12 min."
    pub next_run: String,
}
