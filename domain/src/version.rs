//! What a form of Settings was opened on. Who saves sends it back, so that nobody overwrites what another saved meanwhile.

use uuid::Uuid;

use crate::error::Error;

/// The act that changed a thing last; `None` for one that nobody has changed yet.
pub type Version = Option<Uuid>;

/// Nothing was saved, because somebody was quicker: `who` it was ("You" where it was the same person elsewhere) and when:
/// "at 14:02".
pub fn too_late(who: &str, when: &str) -> Error {
    Error::TooLate(format!(
        "{who} changed this {when} while you had it open. Nothing was saved."
    ))
}
