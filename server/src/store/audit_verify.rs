//! Verifying the audit log against itself and against what it tells of. Memory doesn't grow with it.
//!
//! It finds: a changed, missing or added entry; a head that isn't the last entry's; `deletion` rows that aren't those an
//! act closed, or say another closer or instant; free text that isn't the one that was hashed, or was blacked out by no
//! entry; orders that aren't as their act confirmed them (who, why, when, how many), or whose numbers don't add up to their
//! rows. What that can't find (a tail cut off with its head, a log written anew) is in [`super::checkpoint`];
//! `docs/audit-log.md` lists what nothing proves.

use std::collections::{HashMap, HashSet};

use domain::Result;
use domain::audit::{
    Act, ActorRef, BLACKED_OUT, CLOCK_ADJUSTED, Digest, Entry, Fact, GENESIS, PUTS_BACK, ROWS,
    decode_facts, text_digest,
};
use domain::member::MemberId;
use domain::time::Millis;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::sql::{self, internal, values};
use super::{Store, audit};

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

/// Sequence; name, text, salt, when it was blacked out.
type Text = (i64, String, Option<String>, Vec<u8>, Option<i64>);

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
    if let Some(why) = texts(&entry, beside)? {
        return Ok(Err(why));
    }
    let made = orders_made(&entry);
    if let Some(why) = orders_as_confirmed(on, &entry, &made).await? {
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
        let row = sql::row(
            on,
            "SELECT o.act, o.at, o.member, o.reason, o.confirmed, o.work_stack, o.must_be_carried_out, o.urgent, o.puts_back, \
             o.asked_by, b.reason, b.work_stack, b.must_be_carried_out \
             FROM deletion_order o LEFT JOIN deletion_order b ON b.id = o.puts_back WHERE o.id = $1",
            values![id.as_bytes().to_vec()],
        )
        .await?;
        let Some(row) = row else {
            return Ok(Some(format!("The order {id} that it made is missing.")));
        };
        let order = Order::read(&row)?;
        if !order.is_as_confirmed(*id, entry) {
            return Ok(Some(format!(
                "The order {id} isn't as it was confirmed: who, when, why or from where was changed."
            )));
        }
        leads += order.confirmed;
    }
    let said = match entry.kind {
        Act::UrgentDeletion => Some(1),
        _ => entry.number("leads"),
    };
    Ok((!made.is_empty() && said != Some(leads))
        .then(|| "The number of leads that it ordered to delete was changed.".into()))
}

/// An order as it stands, and what the one says that it puts back.
#[derive(Debug)]
struct Order {
    act: Vec<u8>,
    at: i64,
    member: i64,
    confirmed: i64,
    urgent: i64,
    asked_by: Option<i64>,
    puts_back: Option<Vec<u8>>,
    why: Why,
    old: Why,
}

/// Reason, work stack, whether it must be carried out.
type Why = (Option<String>, Option<i64>, Option<i64>);

impl Order {
    fn read(row: &QueryResult) -> Result<Self> {
        let read = || {
            Ok(Self {
                act: row.try_get_by_index(0)?,
                at: row.try_get_by_index(1)?,
                member: row.try_get_by_index(2)?,
                confirmed: row.try_get_by_index(4)?,
                urgent: row.try_get_by_index(7)?,
                asked_by: row.try_get_by_index(9)?,
                puts_back: row.try_get_by_index(8)?,
                why: (
                    row.try_get_by_index(3)?,
                    row.try_get_by_index(5)?,
                    row.try_get_by_index(6)?,
                ),
                old: (
                    row.try_get_by_index(10)?,
                    row.try_get_by_index(11)?,
                    row.try_get_by_index(12)?,
                ),
            })
        };
        read().map_err(internal)
    }

    fn is_as_confirmed(&self, id: Uuid, entry: &Entry) -> bool {
        let said = (
            entry.word("reason").map(str::to_owned),
            entry.number("work-stack"),
            entry.number("must-be-carried-out"),
        );
        let (reason, stack, firmly) = match entry.kind {
            Act::PutBack => &self.old,
            _ => &said,
        };
        self.act == entry.act.as_bytes()
            && self.at == entry.by_its_clock().0
            && ActorRef::Member(MemberId(self.member)) == entry.actor
            && reason.is_some()
            && self.why.0 == *reason
            // The first entries didn't say it.
            && (firmly.is_none() || self.why.2 == *firmly)
            && (self.urgent == 1) == (entry.kind == Act::UrgentDeletion)
            && self.asked_by == entry.number("asked-by")
            && self.puts_back_as_said(id, entry)
            // A stack that was deleted leaves its orders.
            && (self.why.1.is_none() || self.why.1 == *stack)
    }

    /// The fact after the order's own names the one that it puts back; the first entries didn't say it.
    fn puts_back_as_said(&self, id: Uuid, entry: &Entry) -> bool {
        let Some(old) = &self.puts_back else {
            return entry.kind != Act::PutBack;
        };
        let facts = entry.facts.iter();
        let mut after = facts.skip_while(|(_, fact)| *fact != Fact::Id(id)).skip(1);
        match after.next() {
            Some((name, Fact::Id(said))) if name == PUTS_BACK => said.as_bytes()[..] == old[..],
            _ => entry.kind == Act::PutBack,
        }
    }
}

/// Free text that is still there is the text that was hashed; text that an entry blacked out stays proven by its digest.
fn texts(entry: &Entry, beside: &Beside) -> Result<Wrong> {
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
async fn redactions<C: ConnectionTrait>(on: &C, last: i64) -> Result<WrongAt> {
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
    if let Some(wrong) = redactions(on, last).await? {
        return Ok(Some(wrong));
    }
    let rest = [
        rows_without_entry(on).await?,
        texts_without_entry(on).await?,
        orders_without_entry(on, made).await?,
        orders(on).await?,
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
