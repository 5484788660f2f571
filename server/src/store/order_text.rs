//! What people typed for an order, and its redaction: extra details, the words of whoever asked first, notes of removals.

use domain::audit::{Fact, decode_facts};
use domain::deletion_order::OrderId;
use domain::permission::{Granted, Permission, RedactDetails};
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::deletion_order::{names, whose};
use super::sql::{self, values};
use super::times::Times;
use super::{Store, ask_first, audit, fact, rights};
use crate::database::Priority;

/// An order's extra details. One that puts another back has that one's.
pub async fn details<C: ConnectionTrait>(on: &C, order: OrderId) -> Result<Option<String>> {
    let text: Option<Option<String>> = sql::value(
        on,
        "WITH RECURSIVE first (id, puts_back) AS (\
           SELECT id, puts_back FROM deletion_order WHERE id = $1 \
           UNION ALL SELECT r.id, r.puts_back FROM deletion_order r JOIN first f ON r.id = f.puts_back) \
         SELECT t.text FROM first f JOIN audit_text t ON t.act = f.id AND t.name = 'details'",
        values![order.0.as_bytes().to_vec()],
    )
    .await?;
    Ok(text.flatten())
}

/// What people typed for an order.
#[derive(Default)]
pub struct Typed {
    /// The extra details, unless they were redacted.
    pub details: Option<String>,
    /// What was asked first.
    pub words: Option<String>,
    /// "Redacted by M. Diaz, 13:42."
    pub redacted: Option<String>,
    /// Something of it can be read.
    pub is_left: bool,
}

/// Reads it.
pub async fn typed<C: ConnectionTrait>(on: &C, order: OrderId, times: &Times) -> Result<Typed> {
    let (first, draft) = typed_under(on, order).await?;
    let found: Vec<(String, Option<String>, Option<String>, Option<i64>)> = sql::tuples(
        on,
        "SELECT t.name, t.text, m.name, t.redacted_at FROM audit_text t LEFT JOIN member m ON m.id = t.redacted_by \
         WHERE t.act = $1 AND t.name = 'details' OR t.act = $2 AND t.name = 'words'",
        values![first, draft],
    )
    .await?;
    let mut typed = Typed::default();
    for (name, text, by, at) in found {
        typed.is_left |= text.is_some();
        if let Some(at) = at {
            typed.redacted = Some(redacted(by, at, times));
        }
        if name == ask_first::WORDS {
            typed.words = text;
        } else {
            typed.details = text;
        }
    }
    Ok(typed)
}

/// The acts under which an order's texts lie: that of the order or, where it puts another back, of the first one; and the
/// asking about its draft, which the first one's entry names.
async fn typed_under<C: ConnectionTrait>(
    on: &C,
    order: OrderId,
) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
    let found: Option<(Vec<u8>, Option<Vec<u8>>)> = sql::tuple(
        on,
        "WITH RECURSIVE first (id, act, puts_back) AS (\
           SELECT id, act, puts_back FROM deletion_order WHERE id = $1 \
           UNION ALL SELECT r.id, r.act, r.puts_back FROM deletion_order r JOIN first f ON r.id = f.puts_back) \
         SELECT f.id, e.facts FROM first f LEFT JOIN audit_entry e ON e.act = f.act WHERE f.puts_back IS NULL",
        values![order.0.as_bytes().to_vec()],
    )
    .await?;
    let Some((first, facts)) = found else {
        return Ok((order.0.as_bytes().to_vec(), None));
    };
    let facts = facts
        .and_then(|facts| decode_facts(&facts))
        .unwrap_or_default();
    let draft = facts.iter().find_map(|(name, fact)| match fact {
        Fact::Id(id) if name == "draft" => Some(id.as_bytes().to_vec()),
        _ => None,
    });
    Ok((first, draft))
}

/// Why deletions were removed, as it was typed; or who blacked it out.
pub async fn note<C: ConnectionTrait>(
    on: &C,
    removal: &[u8],
    times: &Times,
) -> Result<Option<String>> {
    let found: Option<(Option<String>, Option<String>, Option<i64>)> = sql::tuple(
        on,
        "SELECT t.text, m.name, t.redacted_at FROM audit_text t LEFT JOIN member m ON m.id = t.redacted_by \
         WHERE t.act = $1 AND t.name = 'note'",
        values![removal.to_vec()],
    )
    .await?;
    Ok(found.and_then(|(text, by, at)| text.or_else(|| Some(redacted(by, at?, times)))))
}

/// "Redacted by M. Diaz, 13:42."
pub fn redacted(by: Option<String>, at: i64, times: &Times) -> String {
    let by = by.unwrap_or_else(|| "a Layer Admin".into());
    format!("Redacted by {by}, {}.", times.moment(at))
}

/// Blacks out what was typed for an order: its extra details, and the words of whoever asked first.
pub async fn redact(store: &Store, by: Granted<RedactDetails>, order: OrderId) -> Result<()> {
    let writing = store.begin(Priority::Person).await?;
    rights::check(writing.tx(), by.member(), Permission::RedactDetails).await?;
    names(by.actor(), whose(writing.tx(), order).await?)?;
    let (first, draft) = typed_under(writing.tx(), order).await?;
    let mut texts = vec![(first.as_slice(), "details")];
    texts.extend(draft.as_deref().map(|draft| (draft, ask_first::WORDS)));
    // The digest of the confirmation covers the details too. An empty one answers no repeat, and lets nothing through.
    sql::execute(
        writing.tx(),
        "UPDATE draft SET body_digest = $2 WHERE ordered_as = $1",
        values![first.clone(), Vec::<u8>::new()],
    )
    .await?;
    let of = fact("order", Fact::Id(order.0));
    if audit::redact(store, writing, by.member(), of, &texts).await? {
        return Ok(());
    }
    let times = store.times(store.reader()).await?;
    match typed(store.reader(), order, &times).await?.redacted {
        Some(_) => Ok(()),
        None => Err(Error::Conflict(
            "There is nothing to redact: no extra details were written.".into(),
        )),
    }
}
