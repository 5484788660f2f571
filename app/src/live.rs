//! The live stream, as a context.

use domain::live::Frame;
use leptos::prelude::*;

/// What the stream last said.
#[derive(Clone, Copy)]
pub struct Live {
    /// The last frame; `None` before the first.
    pub frame: RwSignal<Option<Frame>>,
    /// Whether the stream is open; otherwise the page polls, and says so.
    pub connected: RwSignal<bool>,
}

/// Provides [`Live`] to a signed-in page that was rendered at `since`.
pub fn provide_live(_since: i64) -> Live {
    let live = Live { frame: RwSignal::new(None), connected: RwSignal::new(false) };
    provide_context(live);
    live
}
