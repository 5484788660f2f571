//! Settings are saved over what their form showed, or not at all.

use domain::member::MemberId;
use domain::time::{Millis, past};
use domain::version::{Version, too_late};
use domain::{Error, Result};

use super::sql::{self, values};
use super::{Store, Writing};

/// The version in a column `changed_act`.
pub fn of(changed_act: Option<Vec<u8>>) -> Result<Version> {
    changed_act.map(sql::uuid).transpose()
}

/// Refuses what somebody changed since it was `seen`, and says who and when. Read what it is `now` under the lock that
/// the change itself takes.
pub async fn check(
    store: &Store,
    writing: &Writing<'_>,
    by: MemberId,
    seen: Version,
    now: Version,
) -> Result<()> {
    if seen == now {
        return Ok(());
    }
    let act = now.map(|act| act.as_bytes().to_vec());
    let found: Option<(i64, Option<String>, i64)> = sql::tuple(
        writing.tx(),
        "SELECT e.actor_member, m.name, e.at FROM audit_entry e LEFT JOIN member m ON m.id = e.actor_member WHERE e.act = $1",
        values![act],
    )
    .await?;
    let Some((member, name, at)) = found else {
        return Err(Error::TooLate(
            "This was changed while you had it open. Nothing was saved.".into(),
        ));
    };
    let name = name.unwrap_or_else(|| "Somebody".into());
    let who = if member == by.0 { "You" } else { &name };
    let times = store.times(writing.tx()).await?;
    let when = past(Millis(at), times.now, times.calendar.zone());
    Err(too_late(who, &when))
}
