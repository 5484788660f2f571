//! Verifying the audit log against itself and against what it tells of. Memory doesn't grow with it.
//!
//! It finds: a changed, missing or added entry; a head that isn't the last entry's; `deletion` rows that aren't those an
//! act closed, or say another closer or instant; free text that isn't the one that was hashed, or was blacked out by no
//! entry; orders that aren't as their act confirmed them (who, why, when, how many), or whose numbers don't add up to their
//! rows. What that can't find (a tail cut off with its head, a log written anew) is in [`super::checkpoint`];
//! `docs/audit-log.md` lists what nothing proves.

use std::collections::{HashMap, HashSet};

use domain::Result;
use domain::audit::{Act, ActorRef, Digest, Entry, Fact, GENESIS, ROWS, decode_facts};
use domain::time::Millis;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::sql::{self, internal, values};
use super::{Store, audit};

mod order;
mod text;

/// Entries are read so many at a time.
const PAGE: usize = 1_000;

/// What is said of an entry, or of what it tells of, whose bytes mean nothing.
const UNREADABLE: &str = "It, or what it tells of, can't be read.";

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
        /// The entry, where it is one's fault: the first that is missing, added or not as it was.
        entry: Option<i64>,
        /// What is wrong: a sentence.
        why: String,
    },
}

impl Verified {
    fn broken(entry: impl Into<Option<i64>>, why: impl Into<String>) -> Self {
        Self::Broken {
            entry: entry.into(),
            why: why.into(),
        }
    }
}

/// What is wrong with a part.
type Wrong = Option<String>;

/// What is wrong with the whole, and at which entry.
type WrongAt = Option<(Option<i64>, String)>;

type Row = (i64, i64, Vec<u8>, i64, i64, String, Vec<u8>, Vec<u8>);

impl Store {
    /// Walks the whole chain, and compares the checkpoints if any are kept. Reads one state of the database, also while
    /// others write.
    pub async fn verify_audit(&self) -> Result<Verified> {
        self.verify_audit_telling(|_| {}).await
    }

    /// The same; `progress` is told the last entry that is through, each thousand.
    pub async fn verify_audit_telling(
        &self,
        progress: impl Fn(i64) + Send + Sync,
    ) -> Result<Verified> {
        Ok(self.verify_audit_and_checkpoints(progress).await?.0)
    }
}

/// Walks the whole chain on this connection, which must show one state of the database.
pub async fn verify<C: ConnectionTrait>(
    on: &C,
    progress: impl Fn(i64) + Send + Sync,
) -> Result<Verified> {
    let (mut previous, mut last, mut made) = (GENESIS, 0, 0);
    loop {
        let rows = sql::rows(
            on,
            "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry \
             WHERE sequence > $1 ORDER BY sequence LIMIT 1000",
            values![last],
        )
        .await?;
        let beside = Beside::of(on, &rows, last).await?;
        for row in &rows {
            let sequence: i64 = row.try_get_by_index(0).map_err(internal)?;
            if sequence != last + 1 {
                return Ok(missing(last + 1));
            }
            let checked = match row.try_get_many_by_index::<Row>() {
                Ok(row) => check_entry(on, &row, &previous, &beside).await,
                Err(_) => Ok(Err(UNREADABLE.into())),
            };
            match checked {
                Ok(Ok((hash, orders))) => {
                    (previous, last) = (hash, sequence);
                    made += orders;
                }
                Ok(Err(why)) => return Ok(Verified::broken(sequence, why)),
                Err(error) => return unreadable(on, Some(sequence), error).await,
            }
        }
        progress(last);
        if rows.len() < PAGE {
            break;
        }
    }
    match check_rest(on, last, &previous, made).await {
        Ok(None) => Ok(Verified::Whole { entries: last }),
        Ok(Some((entry, why))) => Ok(Verified::broken(entry, why)),
        Err(error) => unreadable(on, None, error).await,
    }
}

fn missing(entry: i64) -> Verified {
    Verified::broken(entry, "It is missing.")
}

/// Values that can't be read were tampered with, unless it is the database that doesn't answer.
async fn unreadable<C: ConnectionTrait>(
    on: &C,
    entry: Option<i64>,
    error: domain::Error,
) -> Result<Verified> {
    let answers: Result<Option<i64>> =
        sql::value(on, "SELECT CAST(1 AS BIGINT) FROM audit_head", []).await;
    match answers {
        Ok(_) => Ok(Verified::broken(entry, UNREADABLE)),
        Err(_) => Err(error),
    }
}

/// What lies beside a page of entries, by their sequence: read at once, since a question for each entry takes longer than all
/// hashing.
#[derive(Debug, Default)]
struct Beside {
    texts: HashMap<i64, Vec<QueryResult>>,
    closing: HashSet<i64>,
}

impl Beside {
    async fn of<C: ConnectionTrait>(on: &C, page: &[QueryResult], after: i64) -> Result<Self> {
        let Some(row) = page.last() else {
            return Ok(Self::default());
        };
        let until: i64 = row.try_get_by_index(0).map_err(internal)?;
        let mut texts: HashMap<i64, Vec<QueryResult>> = HashMap::new();
        let rows = sql::rows(
            on,
            "SELECT e.sequence, t.name, t.text, t.salt, t.redacted_at FROM audit_entry e \
             JOIN audit_text t ON t.act = e.act WHERE e.sequence > $1 AND e.sequence <= $2",
            values![after, until],
        )
        .await?;
        for row in rows {
            let sequence = row.try_get_by_index(0).map_err(internal)?;
            texts.entry(sequence).or_default().push(row);
        }
        let closing = sql::column(
            on,
            "SELECT e.sequence FROM audit_entry e WHERE e.sequence > $1 AND e.sequence <= $2 \
             AND EXISTS (SELECT 1 FROM deletion d WHERE d.act = e.act)",
            values![after, until],
        )
        .await?;
        Ok(Self {
            texts,
            closing: closing.into_iter().collect(),
        })
    }
}

/// The entry's hash and how many orders it made, or what is wrong with it.
async fn check_entry<C: ConnectionTrait>(
    on: &C,
    row: &Row,
    previous: &Digest,
    beside: &Beside,
) -> Result<std::result::Result<(Digest, i64), String>> {
    let (sequence, at, act, actor_kind, actor_member, kind, facts, hash) = row;
    let actor = ActorRef::from_numbers(*actor_kind, *actor_member);
    let (Ok(act), Some(kind), Some(facts), true) = (
        Uuid::from_slice(act),
        Act::from_code(kind),
        decode_facts(facts),
        // Numbers that no actor has would be hashed as another's.
        actor.numbers() == (u8::try_from(*actor_kind).unwrap_or(u8::MAX), *actor_member),
    ) else {
        return Ok(Err(UNREADABLE.into()));
    };
    let entry = Entry {
        sequence: *sequence,
        at: Millis(*at),
        act,
        actor,
        kind,
        facts,
    };
    let counted = entry.hash(previous);
    if counted[..] != hash[..] {
        return Ok(Err(
            "It was changed, or the one before it: its hash isn't that of its content.".into(),
        ));
    }
    if let Some(why) = rows_as_closed(on, &entry, beside).await? {
        return Ok(Err(why));
    }
    if let Some(why) = text::as_hashed(&entry, beside)? {
        return Ok(Err(why));
    }
    let made = order::made(&entry);
    if let Some(why) = order::as_confirmed(on, &entry, &made).await? {
        return Ok(Err(why));
    }
    Ok(Ok((counted, made.len() as i64)))
}

/// The `deletion` rows that an act closed are those it hashed, and say its instant and who closed them.
async fn rows_as_closed<C: ConnectionTrait>(
    on: &C,
    entry: &Entry,
    beside: &Beside,
) -> Result<Wrong> {
    let said = entry.digest(ROWS).map(Fact::Digest);
    if said.is_none() && !beside.closing.contains(&entry.sequence) {
        return Ok(None);
    }
    let found = audit::closed_rows(on, entry.act).await?;
    if found.map(|(_, rows)| rows) != said {
        return Ok(Some(
            "The deletions that it closed aren't those in the database.".into(),
        ));
    }
    // What a person closes by name, and what the queue closes or another order takes over.
    let closer = match (entry.kind, entry.actor) {
        (Act::Undone | Act::Removed | Act::UrgentDeletion, ActorRef::Member(member)) => member.0,
        _ => 0,
    };
    let others: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM deletion WHERE act = $1 AND (at <> $2 OR COALESCE(member, 0) <> $3)",
        values![
            entry.act.as_bytes().to_vec(),
            entry.by_its_clock().0,
            closer
        ],
    )
    .await?;
    Ok((others != Some(0))
        .then(|| "A deletion that it closed says another person or another time.".into()))
}

/// What is beside the entries that were walked.
async fn check_rest<C: ConnectionTrait>(
    on: &C,
    last: i64,
    hash: &Digest,
    made: i64,
) -> Result<WrongAt> {
    if let Some((entry, why)) = head(on, last, hash).await? {
        return Ok(Some((Some(entry), why)));
    }
    let before: Option<i64> = sql::value(
        on,
        "SELECT MIN(sequence) FROM audit_entry WHERE sequence < 1",
        [],
    )
    .await?
    .flatten();
    if let Some(entry) = before {
        let why = "It was added: the first entry is 1.".to_owned();
        return Ok(Some((Some(entry), why)));
    }
    if let Some(wrong) = text::redacted(on, last).await? {
        return Ok(Some(wrong));
    }
    let rest = [
        rows_without_entry(on).await?,
        text::without_entry(on).await?,
        order::without_entry(on, made).await?,
        order::add_up(on).await?,
    ];
    Ok(rest.into_iter().flatten().next().map(|why| (None, why)))
}

async fn head<C: ConnectionTrait>(
    on: &C,
    last: i64,
    hash: &Digest,
) -> Result<Option<(i64, String)>> {
    let head: Option<(i64, Vec<u8>)> =
        sql::tuple(on, "SELECT sequence, hash FROM audit_head WHERE id = 1", []).await?;
    Ok(match head {
        None if last == 0 => None,
        Some((sequence, kept)) if sequence == last && kept[..] == hash[..] => None,
        Some((sequence, _)) if sequence > last => Some((
            last + 1,
            format!("It is missing, and all after it: the head of the chain says {sequence}."),
        )),
        _ => Some((last, "The head of the chain isn't this entry's.".into())),
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
