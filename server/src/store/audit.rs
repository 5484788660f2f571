//! The chain: appending an act's entry, keeping its free text beside it, and verifying all of it.

use domain::Result;
use domain::audit::{
    Act, ActorRef, BLACKED_OUT, ClosedRow, Digest, Entry, Fact, GENESIS, RowsDigest, encode_facts,
    text_digest,
};
use domain::lead::LeadId;
use domain::member::MemberId;
use domain::time::Millis;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sql::{self, internal, values};
use super::{Store, Writing, dialect};

/// Appends an act's entry: one insert and one update under the head's lock, the last of every transaction. Its instant is
/// `at`, or the one of the entry before it where that is later.
pub async fn append<C: ConnectionTrait>(
    on: &C,
    act: Uuid,
    at: Millis,
    actor: ActorRef,
    kind: Act,
    facts: Vec<(String, Fact)>,
) -> Result<i64> {
    let lock = dialect::for_update(on.get_database_backend());
    let (last, previous) = head_with(on, lock).await?;
    let entry = Entry {
        sequence: last + 1,
        at,
        act,
        actor,
        kind,
        facts,
    }
    .not_before(instant(on, last).await?);
    let hash = entry.hash(&previous);
    let (actor_kind, member) = actor.numbers();
    sql::execute(
        on,
        "INSERT INTO audit_entry (sequence, at, act, actor_kind, actor_member, kind, facts, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            entry.sequence,
            entry.at.0,
            act.as_bytes().to_vec(),
            i64::from(actor_kind),
            member,
            kind.code(),
            encode_facts(&entry.facts),
            hash.to_vec()
        ],
    )
    .await?;
    sql::execute(
        on,
        "INSERT INTO audit_head (id, sequence, hash) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        values![entry.sequence, hash.to_vec()],
    )
    .await?;
    Ok(entry.sequence)
}

/// The last entry's sequence and hash; 0 and [`GENESIS`] before the first.
pub async fn head<C: ConnectionTrait>(on: &C) -> Result<(i64, Digest)> {
    head_with(on, "").await
}

async fn head_with<C: ConnectionTrait>(on: &C, lock: &str) -> Result<(i64, Digest)> {
    let head: Option<(i64, Vec<u8>)> = sql::tuple(
        on,
        &format!("SELECT sequence, hash FROM audit_head WHERE id = 1{lock}"),
        [],
    )
    .await?;
    match head {
        Some((last, hash)) => Ok((last, digest(&hash)?)),
        None => Ok((0, GENESIS)),
    }
}

/// The instant of an entry; of none the smallest. A statement of its own, behind the head's lock: read in the statement that
/// waits for it, PostgreSQL would show the entries as they were before.
async fn instant<C: ConnectionTrait>(on: &C, sequence: i64) -> Result<Millis> {
    let at = "SELECT at FROM audit_entry WHERE sequence = $1";
    let at: Option<i64> = sql::value(on, at, values![sequence]).await?;
    Ok(Millis(at.unwrap_or(i64::MIN)))
}

/// The chain's sequence now; 0 before the first entry.
pub async fn sequence<C: ConnectionTrait>(on: &C) -> Result<i64> {
    Ok(
        sql::value(on, "SELECT sequence FROM audit_head WHERE id = 1", [])
            .await?
            .unwrap_or(0),
    )
}

/// Keeps free text beside the chain, and gives the digest under which it enters. Call it before the act's commit.
pub async fn keep_text<C: ConnectionTrait>(
    on: &C,
    act: Uuid,
    name: &str,
    text: &str,
) -> Result<(String, Fact)> {
    let salt: [u8; 16] = *Uuid::new_v4().as_bytes();
    sql::execute(
        on,
        "INSERT INTO audit_text (act, name, text, salt) VALUES ($1, $2, $3, $4)",
        values![act.as_bytes().to_vec(), name, text, salt.to_vec()],
    )
    .await?;
    Ok((name.to_owned(), Fact::Digest(text_digest(&salt, text))))
}

/// Blacks out texts, each by its act and its name, and ends the act with the entry that says so, `of` what. `false` where
/// none of them was there any more: then nothing is written.
pub async fn redact(
    store: &Store,
    writing: Writing<'_>,
    by: MemberId,
    of: (String, Fact),
    texts: &[(&[u8], &str)],
) -> Result<bool> {
    let mut facts = black_out(&writing, by, texts).await?;
    if facts.is_empty() {
        return Ok(false);
    }
    facts.insert(0, of);
    writing
        .commit(ActorRef::Member(by), Act::DetailsRedacted, facts)
        .await?;
    store.scrub_soon();
    Ok(true)
}

/// The facts that name the acts whose text was there until now.
async fn black_out(
    writing: &Writing<'_>,
    by: MemberId,
    texts: &[(&[u8], &str)],
) -> Result<Vec<(String, Fact)>> {
    let mut facts = Vec::new();
    for (act, name) in texts {
        let blacked: Vec<Vec<u8>> = sql::column(
            writing.tx(),
            // Without its salt: who kept the digest can't try out what the text may have been.
            "UPDATE audit_text SET text = NULL, salt = $5, redacted_by = $3, redacted_at = $4 \
             WHERE redacted_at IS NULL AND act = $1 AND name = $2 RETURNING act",
            values![act.to_vec(), *name, by.0, writing.now.0, vec![0_u8; 16]],
        )
        .await?;
        for act in blacked {
            facts.push((BLACKED_OUT.to_owned(), Fact::Id(sql::uuid(act)?)));
        }
    }
    Ok(facts)
}

/// The digest over the `deletion` rows that an act closed, in the order of their numbers, as the fact `rows`; `None`
/// where it closed none.
pub async fn closed_rows<C: ConnectionTrait>(on: &C, act: Uuid) -> Result<Option<(String, Fact)>> {
    let (count, digest) = digest_rows(on, act).await?;
    Ok((count > 0).then(|| (domain::audit::ROWS.to_owned(), Fact::Digest(digest))))
}

/// Number, lead, order, state, cause, contact records, activities.
type Closed = (i64, i64, Vec<u8>, String, String, i64, i64);

/// How many rows an act closed, and the digest over them.
async fn digest_rows<C: ConnectionTrait>(on: &C, act: Uuid) -> Result<(u64, Digest)> {
    let (mut digest, mut after, mut count) = (RowsDigest::default(), 0_i64, 0);
    loop {
        let rows: Vec<Closed> = sql::tuples(
            on,
            "SELECT id, lead, deletion_order, state, cause, contact_records, activities FROM deletion \
             WHERE act = $1 AND id > $2 ORDER BY id LIMIT 5000",
            values![act.as_bytes().to_vec(), after],
        )
        .await?;
        for (number, lead, order, state, cause, contact_records, activities) in &rows {
            digest.add(&ClosedRow {
                number: *number,
                lead: LeadId(*lead),
                order: sql::uuid(order.clone())?,
                state: state.clone(),
                cause: cause.clone(),
                contact_records: *contact_records,
                activities: *activities,
            });
            after = *number;
        }
        count += rows.len() as u64;
        if rows.len() < 5000 {
            return Ok((count, digest.finish()));
        }
    }
}

fn digest(bytes: &[u8]) -> Result<Digest> {
    bytes
        .try_into()
        .map_err(|_| internal(sea_orm::DbErr::Type("a digest has 32 bytes".into())))
}
