//! Tampering shows: whatever is changed behind the log's back is found, and the entry that is named is the right one. What
//! nobody touched raises no alarm. LAYER_TORTURE_LONG=1 tampers ten times as often.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sea_orm::{DatabaseTransaction, DbBackend, Value};
use server::checkpoint::{Checkpoints, Files};
use server::database::Priority;
use server::store::audit_verify::{Verified, verify};
use server::store::checkpoint::{CheckpointReader, compare};
use server::store::sql;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::append_only::unlocked;
use crate::busy_log::BusyLog;
use crate::test_app::TestApp;

/// An entry as the database keeps it.
#[derive(Debug, Clone)]
struct Row {
    sequence: i64,
    at: i64,
    act: Vec<u8>,
    actor_kind: i64,
    actor_member: i64,
    /// Text, but not necessarily.
    kind: Vec<u8>,
    facts: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    /// Its hash as the format says, written down a second time: with what the database has, whether it means something or not.
    fn rehash(&mut self, previous: &[u8]) {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update([1]);
        hasher.update(self.sequence.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        hasher.update(&self.act);
        hasher.update([self.actor_kind as u8]);
        hasher.update(self.actor_member.to_be_bytes());
        hasher.update((self.kind.len() as u32).to_be_bytes());
        hasher.update(&self.kind);
        hasher.update(&self.facts);
        self.hash = hasher.finalize().to_vec();
    }
}

/// What the verification must say.
#[derive(Debug)]
pub enum Expected {
    /// Broken at one of these entries: the first that contradicts what is before it.
    At(Vec<i64>),
    /// Broken.
    Found,
    /// Nothing was tampered with: there was nothing to.
    Nothing,
}
use Expected::*;

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    FlipBit,
    Edit,
    Delete,
    Insert,
    Swap,
    Renumber,
    CutTail,
    Head,
    ClosedRow,
    Order,
    Text,
}

pub const KINDS: [Kind; 11] = [
    Kind::FlipBit,
    Kind::Edit,
    Kind::Delete,
    Kind::Insert,
    Kind::Swap,
    Kind::Renumber,
    Kind::CutTail,
    Kind::Head,
    Kind::ClosedRow,
    Kind::Order,
    Kind::Text,
];

/// The log as it was, and what tampers with it.
pub struct Tamperer {
    rows: Vec<Row>,
    rng: StdRng,
    text_of_bytes: &'static str,
}

/// So often; ten times as often where LAYER_TORTURE_LONG is 1.
pub fn times(short: usize) -> usize {
    if std::env::var("LAYER_TORTURE_LONG").is_ok_and(|long| long == "1") {
        10 * short
    } else {
        short
    }
}

impl Tamperer {
    pub async fn new(app: &TestApp, seed: u64) -> Self {
        type Read = (i64, i64, Vec<u8>, i64, i64, String, Vec<u8>, Vec<u8>);
        let rows: Vec<Read> = sql::tuples(
            app.store.reader(),
            "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry ORDER BY sequence",
            [],
        )
        .await
        .unwrap();
        let row = |(sequence, at, act, actor_kind, actor_member, kind, facts, hash): Read| Row {
            sequence,
            at,
            act,
            actor_kind,
            actor_member,
            kind: kind.into_bytes(),
            facts,
            hash,
        };
        Self {
            rows: rows.into_iter().map(row).collect(),
            rng: StdRng::seed_from_u64(seed),
            text_of_bytes: match app.store.database().backend() {
                DbBackend::Postgres => "convert_from($6, 'UTF8')",
                _ => "CAST($6 AS TEXT)",
            },
        }
    }

    fn last(&self) -> i64 {
        self.rows.len() as i64
    }

    /// The place of a random entry.
    fn any(&mut self) -> usize {
        self.rng.random_range(0..self.rows.len())
    }

    /// The entry of that act.
    fn entry_of(&self, act: &[u8]) -> i64 {
        let row = self.rows.iter().find(|row| row.act == act);
        row.map_or(i64::MAX, |row| row.sequence)
    }

    fn hash_before(&self, place: usize) -> Vec<u8> {
        match place {
            0 => vec![0; 32],
            _ => self.rows[place - 1].hash.clone(),
        }
    }

    pub async fn tamper(&mut self, tx: &DatabaseTransaction, kind: Kind) -> Expected {
        match kind {
            Kind::FlipBit => self.flip_bit(tx).await,
            Kind::Edit => self.edit(tx).await,
            Kind::Delete => self.delete(tx).await,
            Kind::Insert => self.insert(tx).await,
            Kind::Swap => self.swap(tx).await,
            Kind::Renumber => self.renumber(tx).await,
            Kind::CutTail => self.cut_tail(tx).await,
            Kind::Head => self.head(tx).await,
            Kind::ClosedRow => self.closed_row(tx).await,
            Kind::Order => self.order(tx).await,
            Kind::Text => self.text(tx).await,
        }
    }

    /// Puts these entries in the place of all.
    async fn put(&self, tx: &DatabaseTransaction, rows: &[Row]) {
        run(tx, "DELETE FROM audit_entry", []).await;
        let insert = format!(
            "INSERT INTO audit_entry (sequence, at, act, actor_kind, actor_member, kind, facts, hash) \
             VALUES ($1, $2, $3, $4, $5, {}, $7, $8)",
            self.text_of_bytes
        );
        for row in rows {
            let values: [Value; 8] = [
                row.sequence.into(),
                row.at.into(),
                row.act.clone().into(),
                row.actor_kind.into(),
                row.actor_member.into(),
                row.kind.clone().into(),
                row.facts.clone().into(),
                row.hash.clone().into(),
            ];
            run(tx, &insert, values).await;
        }
    }

    async fn flip_bit(&mut self, tx: &DatabaseTransaction) -> Expected {
        let (place, bit) = (self.any(), self.rng.random_range(0..64));
        let mut rows = self.rows.clone();
        let row = &mut rows[place];
        // PostgreSQL holds no text that isn't UTF-8.
        let bits = if self.text_of_bytes.starts_with("CAST") {
            8
        } else {
            5
        };
        match self.rng.random_range(0..7) {
            0 => row.at ^= 1 << bit,
            1 => row.actor_kind ^= 1 << bit,
            2 => row.actor_member ^= 1 << bit,
            3 => flip(&mut self.rng, &mut row.act, 8),
            4 => flip(&mut self.rng, &mut row.kind, bits),
            5 => flip(&mut self.rng, &mut row.facts, 8),
            _ => flip(&mut self.rng, &mut row.hash, 8),
        }
        self.put(tx, &rows).await;
        At(vec![self.rows[place].sequence])
    }

    async fn edit(&mut self, tx: &DatabaseTransaction) -> Expected {
        let (place, other) = (self.any(), self.any());
        let mut rows = self.rows.clone();
        let old = rows[place].clone();
        match self.rng.random_range(0..6) {
            0 => rows[place].at += self.rng.random_range(1..DAY),
            1 => {
                rows[place].actor_kind = 2;
                rows[place].actor_member += self.rng.random_range(1..5);
            }
            2 => rows[place].kind = self.rows[other].kind.clone(),
            3 => rows[place].facts = self.rows[other].facts.clone(),
            4 => rows[place].act = Uuid::from_u128(self.rng.random()).as_bytes().to_vec(),
            _ => {
                // The last number, or whatever is there.
                let end = rows[place].facts.len() - 1;
                rows[place].facts[end] = rows[place].facts[end].wrapping_add(1);
            }
        }
        let new = &rows[place];
        if (
            new.at,
            new.actor_kind,
            new.actor_member,
            &new.kind,
            &new.facts,
            &new.act,
        ) == (
            old.at,
            old.actor_kind,
            old.actor_member,
            &old.kind,
            &old.facts,
            &old.act,
        ) {
            return Nothing;
        }
        let n = old.sequence;
        let expected = if self.rng.random() {
            // Its own hash is made right again: then the next one contradicts it, or the head, if its tales don't.
            let previous = self.hash_before(place);
            rows[place].rehash(&previous);
            At(vec![n, (n + 1).min(self.last())])
        } else {
            At(vec![n])
        };
        self.put(tx, &rows).await;
        expected
    }

    async fn delete(&mut self, tx: &DatabaseTransaction) -> Expected {
        let place = self.any();
        let sequence = self.rows[place].sequence;
        run(
            tx,
            "DELETE FROM audit_entry WHERE sequence = $1",
            [sequence.into()],
        )
        .await;
        At(vec![sequence])
    }

    async fn insert(&mut self, tx: &DatabaseTransaction) -> Expected {
        let mut rows = self.rows.clone();
        let like = self.any();
        let mut new = self.rows[like].clone();
        new.act = Uuid::from_u128(self.rng.random()).as_bytes().to_vec();
        if self.rng.random_range(0..8) == 0 {
            new.sequence = -self.rng.random_range(0..5_i64);
            rows.push(new.clone());
            self.put(tx, &rows).await;
            return At(vec![new.sequence]);
        }
        let place = self.rng.random_range(0..=self.rows.len());
        new.sequence = place as i64 + 1;
        let right = self.rng.random();
        if right {
            new.rehash(&self.hash_before(place));
        }
        for row in &mut rows[place..] {
            row.sequence += 1;
        }
        let n = new.sequence;
        rows.insert(place, new);
        self.put(tx, &rows).await;
        if right {
            At(vec![n, (n + 1).min(rows.len() as i64)])
        } else {
            At(vec![n])
        }
    }

    async fn swap(&mut self, tx: &DatabaseTransaction) -> Expected {
        let (one, other) = (self.any(), self.any());
        if one == other {
            return Nothing;
        }
        let mut rows = self.rows.clone();
        rows.swap(one, other);
        rows[one].sequence = self.rows[one].sequence;
        rows[other].sequence = self.rows[other].sequence;
        self.put(tx, &rows).await;
        At(vec![self.rows[one.min(other)].sequence])
    }

    async fn renumber(&mut self, tx: &DatabaseTransaction) -> Expected {
        let place = self.any();
        let mut rows = self.rows.clone();
        let n = rows[place].sequence;
        let by = self.rng.random_range(1..100);
        match self.rng.random_range(0..3) {
            0 => rows[place].sequence = self.last() + by,
            1 => rows[place].sequence = -by,
            // A gap before it.
            _ => {
                for row in &mut rows[place..] {
                    row.sequence += by;
                }
            }
        }
        self.put(tx, &rows).await;
        At(vec![n])
    }

    /// The last entries alone: the head tells of them.
    async fn cut_tail(&mut self, tx: &DatabaseTransaction) -> Expected {
        let first = self.last() - self.rng.random_range(0..8);
        run(
            tx,
            "DELETE FROM audit_entry WHERE sequence >= $1",
            [first.into()],
        )
        .await;
        At(vec![first])
    }

    async fn head(&mut self, tx: &DatabaseTransaction) -> Expected {
        match self.rng.random_range(0..3) {
            0 => run(tx, "DELETE FROM audit_head", []).await,
            1 => {
                let mut hash = self.rows[self.rows.len() - 1].hash.clone();
                flip(&mut self.rng, &mut hash, 8);
                run(tx, "UPDATE audit_head SET hash = $1", [hash.into()]).await;
            }
            _ => {
                let by: i64 = self.rng.random_range(1..9);
                run(
                    tx,
                    "UPDATE audit_head SET sequence = sequence - $1",
                    [by.into()],
                )
                .await;
            }
        }
        At(vec![self.last()])
    }

    async fn closed_row(&mut self, tx: &DatabaseTransaction) -> Expected {
        let rows: Vec<(i64, Vec<u8>, Vec<u8>, String)> = sql::tuples(
            tx,
            "SELECT id, act, deletion_order, state FROM deletion",
            [],
        )
        .await
        .unwrap();
        let (id, act, order, state) = rows.choose(&mut self.rng).unwrap().clone();
        let (_, other_act, other_order, _) = rows.choose(&mut self.rng).unwrap().clone();
        let by: i64 = self.rng.random_range(1..50);
        let entry = self.entry_of(&act);
        let set = |column: &str| format!("UPDATE deletion SET {column} WHERE id = $1");
        let (statement, value): (String, Option<Value>) = match self.rng.random_range(0..12) {
            0 => (set("id = id + 1000 + $2"), Some(by.into())),
            1 => (set("lead = lead + $2"), Some(by.into())),
            2 if order == other_order => return Nothing,
            2 => (set("deletion_order = $2"), Some(other_order.into())),
            3 => {
                let states = ["erased", "skipped", "removed", "kept"];
                let other = states.iter().find(|other| **other != state).unwrap();
                (set("state = $2"), Some((*other).into()))
            }
            4 => (set("cause = cause || 'x'"), None),
            5 if act == other_act => return Nothing,
            5 => {
                let other = self.entry_of(&other_act);
                let statement = set("act = $2");
                run(tx, &statement, [id.into(), other_act.into()]).await;
                return At(vec![entry.min(other)]);
            }
            6 => (set("at = at + $2"), Some(by.into())),
            7 => (
                set("member = CASE WHEN member IS NULL THEN 1 ELSE NULL END"),
                None,
            ),
            8 => (set("contact_records = contact_records + $2"), Some(by.into())),
            9 => (set("activities = activities + $2"), Some(by.into())),
            10 => ("DELETE FROM deletion WHERE id = $1".into(), None),
            _ => (
                "INSERT INTO deletion (lead, deletion_order, state, cause, act, at, member) \
                 SELECT lead + $2, deletion_order, state, cause, act, at, member FROM deletion WHERE id = $1"
                    .into(),
                Some(by.into()),
            ),
        };
        match value {
            Some(value) => run(tx, &statement, [id.into(), value]).await,
            None => run(tx, &statement, [id.into()]).await,
        }
        At(vec![entry])
    }

    async fn order(&mut self, tx: &DatabaseTransaction) -> Expected {
        let orders: Vec<(Vec<u8>, Vec<u8>, Option<Vec<u8>>)> =
            sql::tuples(tx, "SELECT id, act, puts_back FROM deletion_order", [])
                .await
                .unwrap();
        let (id, act, puts_back) = orders.choose(&mut self.rng).unwrap().clone();
        let (other, ..) = orders.choose(&mut self.rng).unwrap().clone();
        let (set, expected) = match self.rng.random_range(0..11) {
            0 => ("at = at + 1", At(vec![self.entry_of(&act)])),
            1 => (
                "member = CASE WHEN member = 1 THEN 2 ELSE 1 END",
                At(vec![self.entry_of(&act)]),
            ),
            2 => (
                "reason = CASE WHEN reason = 'duplicate' THEN 'other' ELSE 'duplicate' END",
                At(vec![self.entry_of(&act)]),
            ),
            3 => (
                "must_be_carried_out = 1 - must_be_carried_out",
                At(vec![self.entry_of(&act)]),
            ),
            4 => (
                "work_stack = CASE WHEN work_stack = 2 THEN 3 ELSE 2 END",
                At(vec![self.entry_of(&act)]),
            ),
            5 => ("urgent = 1 - urgent", At(vec![self.entry_of(&act)])),
            6 => (
                "asked_by = CASE WHEN asked_by IS NULL THEN 1 ELSE NULL END",
                At(vec![self.entry_of(&act)]),
            ),
            7 => (
                "confirmed = confirmed + 1, erased = erased + 1",
                At(vec![self.entry_of(&act)]),
            ),
            8 if puts_back.as_ref() == Some(&other) || id == other => return Nothing,
            8 => {
                let set = "UPDATE deletion_order SET puts_back = $2 WHERE id = $1";
                run(tx, set, [id.into(), other.into()]).await;
                return At(vec![self.entry_of(&act)]);
            }
            9 => {
                let new = Uuid::from_u128(self.rng.random()).as_bytes().to_vec();
                let insert = "INSERT INTO deletion_order \
                    (id, act, at, member, reason, must_be_carried_out, undo_until, confirmed, waiting) \
                    SELECT $2, act, at, member, reason, must_be_carried_out, undo_until, 0, 0 FROM deletion_order WHERE id = $1";
                run(tx, insert, [id.into(), new.into()]).await;
                return Found;
            }
            _ => ("erased = erased + 1, skipped = skipped - 1", Found),
        };
        let statement = format!("UPDATE deletion_order SET {set} WHERE id = $1");
        run(tx, &statement, [id.into()]).await;
        expected
    }

    async fn text(&mut self, tx: &DatabaseTransaction) -> Expected {
        let texts: Vec<(Vec<u8>, String, Option<i64>)> =
            sql::tuples(tx, "SELECT act, name, redacted_at FROM audit_text", [])
                .await
                .unwrap();
        let (act, name, redacted) = texts.choose(&mut self.rng).unwrap().clone();
        let entry = self.entry_of(&act);
        let redaction: Option<(i64, i64)> = sql::tuple(
            tx,
            "SELECT redacted_by, redacted_at FROM audit_text WHERE redacted_at IS NOT NULL",
            [],
        )
        .await
        .unwrap();
        let set = match (self.rng.random_range(0..6), redacted, redaction) {
            (0, ..) => "DELETE FROM audit_text WHERE act = $1 AND name = $2".to_owned(),
            (1, ..) => "INSERT INTO audit_text (act, name, text, salt) \
                 SELECT act, name || 'x', 'Nothing of the kind', salt FROM audit_text WHERE act = $1 AND name = $2"
                .to_owned(),
            // A text that stands in a blacked-out one's place, and one in another's.
            (2, ..) => set_text("text = 'Nothing of the kind'"),
            (3, Some(_), _) => set_text("redacted_at = redacted_at + 1"),
            (3, None, _) => set_text("text = NULL"),
            // As if it had been redacted: by nobody, and with another's redaction.
            (4, None, _) => set_text("text = NULL, redacted_at = 1, redacted_by = 1"),
            (5, None, Some((by, at))) => set_text(&format!(
                "text = NULL, redacted_at = {at}, redacted_by = {by}"
            )),
            _ => set_text("redacted_at = NULL, text = NULL"),
        };
        run(tx, &set, [act.into(), name.into()]).await;
        At(vec![entry])
    }
}

impl Tamperer {
    /// As the head says that it ends here.
    async fn put_with_head(&self, tx: &DatabaseTransaction, rows: &[Row]) {
        self.put(tx, rows).await;
        let last = rows.last().unwrap();
        let set = "UPDATE audit_head SET sequence = $1, hash = $2";
        run(tx, set, [last.sequence.into(), last.hash.clone().into()]).await;
    }

    /// The last entries and the head with them; the first that is missing.
    pub async fn cut_tail_and_head(&mut self, tx: &DatabaseTransaction) -> i64 {
        let left = self.rows.len() - self.rng.random_range(1..10);
        self.put_with_head(tx, &self.rows[..left]).await;
        left as i64 + 1
    }

    /// Another instant or another person, and all hashes from there on right; where that is.
    pub async fn write_anew(&mut self, tx: &DatabaseTransaction) -> i64 {
        let place = self.any();
        let mut rows = self.rows.clone();
        if self.rng.random() {
            rows[place].at += 1;
        } else {
            rows[place].actor_kind = 2;
            rows[place].actor_member += 1;
        }
        let mut previous = self.hash_before(place);
        for row in &mut rows[place..] {
            row.rehash(&previous);
            previous.clone_from(&row.hash);
        }
        self.put_with_head(tx, &rows).await;
        place as i64 + 1
    }
}

const DAY: i64 = domain::time::DAY;

fn set_text(what: &str) -> String {
    format!("UPDATE audit_text SET {what} WHERE act = $1 AND name = $2")
}

/// One of the low `bits` bits of one of these bytes.
fn flip(rng: &mut StdRng, bytes: &mut [u8], bits: u32) {
    let place = rng.random_range(0..bytes.len());
    bytes[place] ^= 1 << rng.random_range(0..bits);
}

async fn run<const N: usize>(tx: &DatabaseTransaction, statement: &str, values: [Value; N]) {
    sql::execute(tx, statement, values).await.unwrap();
}

#[tokio::test]
async fn whatever_is_tampered_with_is_found_where_it_was_done() {
    let log = BusyLog::with(60, 48, 1).await;
    assert!(log.kinds().await >= 14, "{}", log.kinds().await);
    unlocked(&log.app.store).await;
    let mut tamperer = Tamperer::new(&log.app, 2).await;
    let (mut found, mut wrong) = (BTreeMap::new(), Vec::new());
    for turn in 0..times(1_000) {
        let kind = KINDS[turn % KINDS.len()];
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let expected = tamperer.tamper(writing.tx(), kind).await;
        let said = verify(writing.tx(), |_| {}).await.unwrap();
        let right = match (&expected, &said) {
            (Nothing, Verified::Whole { .. }) => continue,
            (At(entries), Verified::Broken { entry, .. }) => {
                entry.is_some_and(|entry| entries.contains(&entry))
            }
            (Found, Verified::Broken { .. }) => true,
            _ => false,
        };
        if right {
            *found.entry(kind).or_insert(0) += 1;
        } else {
            wrong.push(format!("{turn} {kind:?}: {expected:?}, but {said:?}"));
        }
        // Dropped without a commit: the next one tampers with the log as it was.
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("found where it was done: {found:?}");
    for kind in KINDS {
        assert!(found[&kind] >= times(60), "{kind:?}: {found:?}");
    }
}

#[tokio::test]
async fn an_end_that_is_cut_off_and_a_log_that_is_written_anew_contradict_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files {
        checkpoints: folder.path().join("log.checkpoints"),
        key: folder.path().join("log.key"),
    };
    let checkpoints = Arc::new(Checkpoints::open(&files).unwrap());
    let mut log = BusyLog::new(60, 4).await;
    let mut known = Vec::new();
    for turn in 0..48 {
        // At the end what leaves nothing beside the chain: Pause and Resume, notes, exports.
        log.act(if turn < 40 { turn } else { 13 + turn % 3 }).await;
        if turn % 4 == 3 {
            let written = checkpoints.write(&log.app.store).await.unwrap();
            known.push(written.unwrap().sequence);
        }
    }
    unlocked(&log.app.store).await;
    let mut tamperer = Tamperer::new(&log.app, 5).await;
    let (mut by_the_chain, mut by_a_checkpoint, mut wrong) = (0, 0, Vec::new());
    for turn in 0..times(200) {
        let writing = log.app.store.begin(Priority::Person).await.unwrap();
        let tx = writing.tx();
        let (place, first_unproven) = if turn % 2 == 0 {
            let place = tamperer.cut_tail_and_head(tx).await;
            (place, place)
        } else {
            let place = tamperer.write_anew(tx).await;
            let proven = known.iter().filter(|known| **known < place).max();
            (place, proven.unwrap_or(&0) + 1)
        };
        match verify(tx, |_| {}).await.unwrap() {
            Verified::Broken { .. } => by_the_chain += 1,
            Verified::Whole { entries } => {
                let reader = CheckpointReader::open(&files.checkpoints).unwrap().unwrap();
                match compare(tx, entries, reader).await.unwrap().0 {
                    Verified::Broken { entry, .. } if entry == Some(first_unproven) => {
                        by_a_checkpoint += 1;
                    }
                    said => wrong.push(format!("{turn} at {place}: {said:?}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{by_the_chain} found by the chain alone, {by_a_checkpoint} by a checkpoint alone");
    assert!(by_a_checkpoint >= times(60));
}

#[tokio::test]
async fn a_log_that_nobody_touched_raises_no_alarm_whatever_is_in_it() {
    let mut log = BusyLog::new(times(300), 3).await;
    for turn in 0..times(100) {
        log.act(turn).await;
        let said = log.app.store.verify_audit().await.unwrap();
        assert!(matches!(said, Verified::Whole { .. }), "{turn}: {said:?}");
    }
    let entries = log.app.number("SELECT COUNT(*) FROM audit_entry").await;
    println!("{} logs of up to {entries} entries are whole", times(100));
    assert!(entries as usize > times(50));
}
