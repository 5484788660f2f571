//! Free text is the text that was hashed, or was blacked out by an entry.

use std::collections::HashMap;

use domain::Result;
use domain::audit::{
    Act, BLACKED_OUT, CLOCK_ADJUSTED, Entry, Fact, ROWS, decode_facts, text_digest,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Beside, PAGE, Wrong, WrongAt};
use crate::store::sql::{self, internal, values};

/// Sequence; name, text, salt, when it was blacked out.
type Text = (i64, String, Option<String>, Vec<u8>, Option<i64>);

/// Free text that is still there is the text that was hashed; text that an entry blacked out stays proven by its digest.
pub fn as_hashed(entry: &Entry, beside: &Beside) -> Result<Wrong> {
    let mut found = HashMap::new();
    for row in beside.texts.get(&entry.sequence).into_iter().flatten() {
        let (_, name, text, salt, at): Text = row.try_get_many_by_index().map_err(internal)?;
        found.insert(name, (text, salt, at.is_some()));
    }
    for (name, fact) in &entry.facts {
        let Fact::Digest(digest) = fact else { continue };
        if name == ROWS {
            continue;
        }
        let why = match found.remove(name) {
            None => Some(format!("Its text “{name}” is missing.")),
            Some((Some(text), salt, _)) => {
                let right = <[u8; 16]>::try_from(salt)
                    .is_ok_and(|salt| text_digest(&salt, &text) == *digest);
                (!right).then(|| format!("Its text “{name}” was changed."))
            }
            // Whether an entry says so is asked once the whole chain has been walked.
            Some((None, _, true)) => None,
            Some((None, ..)) => Some(removed(name)),
        };
        if why.is_some() {
            return Ok(why);
        }
    }
    Ok(found
        .into_keys()
        .next()
        .map(|name| format!("A text “{name}” was added to it.")))
}

fn removed(name: &str) -> String {
    format!("Its text “{name}” was removed without a redaction.")
}

/// Every text that is blacked out was so by an entry; else the entry that it belongs to, and why.
pub async fn redacted<C: ConnectionTrait>(on: &C, last: i64) -> Result<WrongAt> {
    let mut after = 0;
    while after < last {
        let until = after + PAGE as i64;
        let texts: Vec<(i64, Vec<u8>, String, Option<i64>, i64)> = sql::tuples(
            on,
            "SELECT e.sequence, t.act, t.name, t.redacted_by, t.redacted_at FROM audit_entry e \
             JOIN audit_text t ON t.act = e.act WHERE e.sequence > $1 AND e.sequence <= $2 \
             AND t.redacted_at IS NOT NULL ORDER BY e.sequence",
            values![after, until],
        )
        .await?;
        for (sequence, act, name, by, at) in texts {
            if !was_redacted(on, sql::uuid(act)?, by.unwrap_or(0), at).await? {
                return Ok(Some((Some(sequence), removed(&name))));
            }
        }
        after = until;
    }
    Ok(None)
}

/// Whether an entry says that this person blacked out that act's text then.
async fn was_redacted<C: ConnectionTrait>(on: &C, act: Uuid, by: i64, at: i64) -> Result<bool> {
    // By far the most have the instant itself; others say that their clock said it.
    for then in ["at = $3", "at > $3"] {
        let redactions: Vec<(i64, Vec<u8>)> = sql::tuples(
            on,
            &format!(
                "SELECT at, facts FROM audit_entry WHERE kind = $1 AND actor_kind = 2 AND actor_member = $2 AND {then}"
            ),
            values![Act::DetailsRedacted.code(), by, at],
        )
        .await?;
        let mut redactions = redactions.iter();
        if redactions.any(|(entry, facts)| blacks_out(*entry, facts, act, at)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a redaction's entry, at `entry`, says that it blacked out that act's text, and did so at `at`.
fn blacks_out(entry: i64, facts: &[u8], act: Uuid, at: i64) -> bool {
    let facts = decode_facts(facts).unwrap_or_default();
    let said = facts.iter().find_map(|(name, fact)| match fact {
        Fact::Number(said) if name == CLOCK_ADJUSTED => Some(*said),
        _ => None,
    });
    let mut named = facts
        .iter()
        .filter(|(name, _)| name == BLACKED_OUT)
        .peekable();
    // The first entries didn't say whose.
    said.unwrap_or(entry) == at
        && (named.peek().is_none() || named.any(|(_, fact)| *fact == Fact::Id(act)))
}

/// Every text belongs to an entry.
pub async fn without_entry<C: ConnectionTrait>(on: &C) -> Result<Wrong> {
    let name: Option<String> = sql::value(
        on,
        "SELECT t.name FROM audit_text t WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = t.act) LIMIT 1",
        [],
    )
    .await?;
    Ok(name.map(|name| format!("A text “{name}” belongs to no entry.")))
}
