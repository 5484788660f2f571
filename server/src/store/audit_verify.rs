//! Verifying the audit log against itself and against what it tells of. Memory doesn't grow with it.
//!
//! It finds: a changed, missing or added entry; a head that isn't the last entry's; `deletion` rows that aren't those an
//! act closed; free text that isn't the one that was hashed; orders that aren't as their act confirmed them (who, why,
//! when, how many), or whose numbers don't add up to their rows.

use std::collections::HashMap;

use domain::Result;
use domain::audit::{Act, ActorRef, Digest, Entry, Fact, GENESIS, ROWS, decode_facts, text_digest};
use domain::member::MemberId;
use domain::time::Millis;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sql::{self, values};
use super::{Store, audit};

/// Entries are read so many at a time.
const PAGE: usize = 1_000;

/// What was verified, or the first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Every entry, and everything it tells of.
    Whole {
        /// How many entries there are.
        entries: i64,
    },
    /// The first thing that is wrong.
    Broken {
        /// The entry, where it is one's fault.
        entry: Option<i64>,
        /// What is wrong: a sentence.
        why: String,
    },
}

/// What is wrong with a part.
type Wrong = Option<String>;

/// Name, text, salt, when it was blacked out.
type Text = (String, Option<String>, Vec<u8>, Option<i64>);

type Row = (i64, i64, Vec<u8>, i64, i64, String, Vec<u8>, Vec<u8>);

/// Act, when, who, why, how many, from which stack, whether it must be carried out; then why, from which stack and whether it
/// must be of the order that it puts back; who asked first.
type Order = (
    Vec<u8>,
    i64,
    i64,
    String,
    i64,
    Option<i64>,
    i64,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

impl Store {
    /// Walks the whole chain. Reads one state of the database, also while others write.
    pub async fn verify_audit(&self) -> Result<Verified> {
        self.verify_audit_telling(|_| {}).await
    }

    /// The same; `progress` is told the last entry that is through, each thousand.
    pub async fn verify_audit_telling(
        &self,
        progress: impl Fn(i64) + Send + Sync,
    ) -> Result<Verified> {
        let on = self.snapshot().await?;
        let (mut previous, mut last, mut made) = (GENESIS, 0, 0);
        loop {
            let rows: Vec<Row> = sql::tuples(
                &on,
                "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry \
                 WHERE sequence > $1 ORDER BY sequence LIMIT 1000",
                values![last],
            )
            .await?;
            for row in &rows {
                match check_entry(&on, row, last, &previous).await? {
                    Ok((hash, orders)) => {
                        (previous, last) = (hash, row.0);
                        made += orders;
                    }
                    Err(why) => {
                        return Ok(Verified::Broken {
                            entry: Some(row.0),
                            why,
                        });
                    }
                }
            }
            progress(last);
            if rows.len() < PAGE {
                break;
            }
        }
        let rest = [
            head(&on, last, &previous).await?,
            rows_without_entry(&on).await?,
            texts_without_entry(&on).await?,
            orders_without_entry(&on, made).await?,
            orders(&on).await?,
        ];
        Ok(match rest.into_iter().flatten().next() {
            Some(why) => Verified::Broken { entry: None, why },
            None => Verified::Whole { entries: last },
        })
    }
}

/// The entry's hash and how many orders it made, or what is wrong with it.
async fn check_entry<C: ConnectionTrait>(
    on: &C,
    row: &Row,
    last: i64,
    previous: &Digest,
) -> Result<std::result::Result<(Digest, i64), String>> {
    let (sequence, at, act, actor_kind, actor_member, kind, facts, hash) = row;
    if *sequence != last + 1 {
        return Ok(Err(format!("The entry {} is missing.", last + 1)));
    }
    let parts = (
        Uuid::from_slice(act).ok(),
        Act::from_code(kind),
        decode_facts(facts),
    );
    let (Some(act), Some(kind), Some(facts)) = parts else {
        return Ok(Err("It can't be read.".into()));
    };
    let entry = Entry {
        sequence: *sequence,
        at: Millis(*at),
        act,
        actor: ActorRef::from_numbers(*actor_kind, *actor_member),
        kind,
        facts,
    };
    let counted = entry.hash(previous);
    if counted[..] != hash[..] {
        return Ok(Err(
            "It was changed, or the one before it: its hash isn't that of its content.".into(),
        ));
    }
    if audit::closed_rows(on, act).await?.map(|(_, rows)| rows)
        != entry.digest(ROWS).map(Fact::Digest)
    {
        return Ok(Err(
            "The deletions that it closed aren't those in the database.".into(),
        ));
    }
    if let Some(why) = texts(on, &entry).await? {
        return Ok(Err(why));
    }
    let made = orders_made(&entry);
    if let Some(why) = orders_as_confirmed(on, &entry, &made).await? {
        return Ok(Err(why));
    }
    Ok(Ok((counted, made.len() as i64)))
}

/// The orders that an entry says it made.
fn orders_made(entry: &Entry) -> Vec<Uuid> {
    let named = entry.facts.iter().filter_map(|(name, fact)| match fact {
        Fact::Id(id) if name == "order" => Some(*id),
        _ => None,
    });
    match entry.kind {
        Act::OrderConfirmed => vec![entry.act],
        // The X makes an order only where the lead had none.
        Act::UrgentDeletion => named.filter(|order| *order == entry.act).collect(),
        Act::PutBack => named.collect(),
        _ => Vec::new(),
    }
}

/// Each order that the entry made says who, when, why and how many as the entry does. What is put back has its reason
/// from the order that it puts back.
async fn orders_as_confirmed<C: ConnectionTrait>(
    on: &C,
    entry: &Entry,
    made: &[Uuid],
) -> Result<Wrong> {
    let mut leads = 0;
    for id in made {
        let order: Option<Order> = sql::tuple(
            on,
            "SELECT o.act, o.at, o.member, o.reason, o.confirmed, o.work_stack, o.must_be_carried_out, b.reason, \
             b.work_stack, b.must_be_carried_out, o.asked_by FROM deletion_order o LEFT JOIN deletion_order b ON b.id = o.puts_back WHERE o.id = $1",
            values![id.as_bytes().to_vec()],
        )
        .await?;
        let Some((
            act,
            at,
            member,
            reason,
            confirmed,
            stack,
            must,
            old_reason,
            old_stack,
            old_must,
            asked_by,
        )) = order
        else {
            return Ok(Some(format!("The order {id} that it made is missing.")));
        };
        let (why, from, firmly) = match entry.kind {
            Act::PutBack => (old_reason.as_deref(), old_stack, old_must),
            _ => (
                entry.word("reason"),
                entry.number("work-stack"),
                entry.number("must-be-carried-out"),
            ),
        };
        let same = act[..] == entry.act.as_bytes()[..]
            && at == entry.at.0
            && ActorRef::Member(MemberId(member)) == entry.actor
            && why == Some(reason.as_str())
            // The first entries didn't say it.
            && firmly.is_none_or(|firmly| firmly == must)
            && asked_by == entry.number("asked-by")
            // A stack that was deleted leaves its orders.
            && (stack.is_none() || stack == from);
        if !same {
            return Ok(Some(format!(
                "The order {id} isn't as it was confirmed: who, when, why or from where was changed."
            )));
        }
        leads += confirmed;
    }
    let said = match entry.kind {
        Act::UrgentDeletion => Some(1),
        _ => entry.number("leads"),
    };
    Ok((!made.is_empty() && said != Some(leads))
        .then(|| "The number of leads that it ordered to delete was changed.".into()))
}

/// Free text that is still there is the text that was hashed; text that was blacked out stays proven by its digest.
async fn texts<C: ConnectionTrait>(on: &C, entry: &Entry) -> Result<Wrong> {
    let kept: Vec<Text> = sql::tuples(
        on,
        "SELECT name, text, salt, redacted_at FROM audit_text WHERE act = $1",
        values![entry.act.as_bytes().to_vec()],
    )
    .await?;
    let mut found: HashMap<String, _> = kept
        .into_iter()
        .map(|(name, text, salt, redacted)| (name, (text, salt, redacted)))
        .collect();
    for (name, fact) in &entry.facts {
        let Fact::Digest(digest) = fact else { continue };
        if name == ROWS {
            continue;
        }
        match found.remove(name) {
            None => return Ok(Some(format!("Its text “{name}” is missing."))),
            Some((Some(text), salt, _)) => {
                let right = <[u8; 16]>::try_from(salt)
                    .is_ok_and(|salt| text_digest(&salt, &text) == *digest);
                if !right {
                    return Ok(Some(format!("Its text “{name}” was changed.")));
                }
            }
            Some((None, _, None)) => {
                return Ok(Some(format!(
                    "Its text “{name}” was removed without a redaction."
                )));
            }
            Some((None, _, Some(_))) => {}
        }
    }
    Ok(found
        .into_keys()
        .next()
        .map(|name| format!("A text “{name}” was added to it.")))
}

async fn head<C: ConnectionTrait>(on: &C, last: i64, hash: &Digest) -> Result<Wrong> {
    let head: Option<(i64, Vec<u8>)> =
        sql::tuple(on, "SELECT sequence, hash FROM audit_head WHERE id = 1", []).await?;
    Ok(match head {
        None if last == 0 => None,
        Some((sequence, kept)) if sequence == last && kept[..] == hash[..] => None,
        Some((sequence, _)) if sequence > last => Some(format!(
            "The last entries are missing: the head says {sequence}, the last entry is {last}."
        )),
        _ => Some("The head of the chain isn't the last entry's.".into()),
    })
}

async fn rows_without_entry<C: ConnectionTrait>(on: &C) -> Result<Wrong> {
    let number: Option<i64> = sql::value(
        on,
        "SELECT d.id FROM deletion d WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = d.act) LIMIT 1",
        [],
    )
    .await?;
    Ok(number.map(|number| format!("The closed deletion {number} belongs to no entry.")))
}

/// Every order that an entry made was found; more than those nobody made.
async fn orders_without_entry<C: ConnectionTrait>(on: &C, made: i64) -> Result<Wrong> {
    let orders: Option<i64> = sql::value(on, "SELECT COUNT(*) FROM deletion_order", []).await?;
    Ok((orders != Some(made)).then(|| "There are orders that belong to no entry.".into()))
}

async fn texts_without_entry<C: ConnectionTrait>(on: &C) -> Result<Wrong> {
    let name: Option<String> = sql::value(
        on,
        "SELECT t.name FROM audit_text t WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = t.act) LIMIT 1",
        [],
    )
    .await?;
    Ok(name.map(|name| format!("A text “{name}” belongs to no entry.")))
}

/// Every order's numbers are those of its rows, and add up to what was confirmed.
async fn orders<C: ConnectionTrait>(on: &C) -> Result<Wrong> {
    let order: Option<Vec<u8>> = sql::value(
        on,
        "SELECT o.id FROM deletion_order o \
         LEFT JOIN (SELECT deletion_order, \
             SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, \
             SUM(CASE WHEN state = 'held' THEN 1 ELSE 0 END) AS held, \
             SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failed \
             FROM open_deletion GROUP BY deletion_order) p ON p.deletion_order = o.id \
         LEFT JOIN (SELECT deletion_order, \
             SUM(CASE WHEN state = 'erased' THEN 1 ELSE 0 END) AS erased, \
             SUM(CASE WHEN state = 'skipped' THEN 1 ELSE 0 END) AS skipped, \
             SUM(CASE WHEN state = 'removed' THEN 1 ELSE 0 END) AS removed \
             FROM deletion GROUP BY deletion_order) c ON c.deletion_order = o.id \
         WHERE o.waiting + o.held + o.failed + o.erased + o.skipped + o.removed <> o.confirmed \
         OR o.waiting <> COALESCE(p.waiting, 0) OR o.held <> COALESCE(p.held, 0) \
         OR o.failed <> COALESCE(p.failed, 0) OR o.erased <> COALESCE(c.erased, 0) \
         OR o.skipped <> COALESCE(c.skipped, 0) OR o.removed <> COALESCE(c.removed, 0) LIMIT 1",
        [],
    )
    .await?;
    let Some(order) = order else { return Ok(None) };
    let order = sql::uuid(order)?;
    Ok(Some(format!(
        "The numbers of the order {order} aren't those of its rows."
    )))
}
