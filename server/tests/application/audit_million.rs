//! What verifying a long log costs. Run by hand; its figures are of the build that it runs in:
//! `cargo test -p server --release --test application -- audit_million --ignored --nocapture`

use std::time::Instant;

use domain::audit::{Act, ActorRef, Entry, Fact, ROWS, text_digest};
use domain::lead::LeadId;
use domain::member::MemberId;
use domain::time::Millis;
use sea_orm::{DatabaseTransaction, Value};
use server::database::Priority;
use server::store::audit_verify::Verified;
use server::store::{audit, sql};
use uuid::Uuid;

use crate::test_app::{START, TestApp};

/// A million, or as many as LAYER_ENTRIES says, in thousands.
fn how_many() -> i64 {
    let said = std::env::var("LAYER_ENTRIES").ok();
    let thousands = said.and_then(|said| said.parse::<i64>().ok());
    thousands.map_or(1_000_000, |thousands| thousands * 1_000)
}

/// Each thousandth closes so many deletions, all of one order.
const CLOSED: i64 = 100;
/// Each twentieth has a text.
const TEXTS: i64 = 20;

fn act(sequence: i64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + sequence as u128)
}

/// Inserts many rows at once.
async fn insert(tx: &DatabaseTransaction, into: &str, columns: usize, values: Vec<Value>) {
    if values.is_empty() {
        return;
    }
    let row = |first: usize| {
        let places: Vec<String> = (first..first + columns).map(|n| format!("${n}")).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..values.len() / columns)
        .map(|place| row(place * columns + 1))
        .collect();
    let statement = format!("INSERT INTO {into} VALUES {}", rows.join(", "));
    sql::execute(tx, &statement, values).await.unwrap();
}

async fn fill(app: &TestApp) {
    let (after, mut hash) = app.store.audit_head().await.unwrap();
    let order = act(after + 1);
    let writing = app.store.begin(Priority::Person).await.unwrap();
    let tx = writing.tx();
    let closed = (how_many() / 1_000) * CLOSED;
    sql::execute(
        tx,
        "INSERT INTO deletion_order (id, act, at, member, reason, must_be_carried_out, undo_until, confirmed, waiting, erased) \
         VALUES ($1, $1, $2, 1, 'outdated', 0, 0, $3, 0, $3)",
        [order.as_bytes().to_vec().into(), START.0.into(), closed.into()],
    )
    .await
    .unwrap();
    let (mut entries, mut texts) = (Vec::new(), Vec::new());
    for n in 1..=how_many() {
        let sequence = after + n;
        let act = act(sequence);
        let number = |name: &str, number| (name.to_owned(), Fact::Number(number));
        let (kind, actor, facts) = if n == 1 {
            let reason = ("reason".to_owned(), Fact::Word("outdated".into()));
            let facts = vec![number("leads", closed), reason];
            (Act::OrderConfirmed, ActorRef::Member(MemberId(1)), facts)
        } else if n % 1_000 == 0 {
            let first = n / 1_000 * CLOSED;
            let rows = (first..first + CLOSED).flat_map(|lead| {
                let values: [Value; 5] = [
                    lead.into(),
                    order.as_bytes().to_vec().into(),
                    "erased".into(),
                    act.as_bytes().to_vec().into(),
                    START.0.into(),
                ];
                values
            });
            let into = "deletion (lead, deletion_order, state, act, at)";
            insert(tx, into, 5, rows.collect()).await;
            let rows = audit::closed_rows(tx, act).await.unwrap().unwrap();
            assert_eq!(rows.0, ROWS);
            (
                Act::Batch,
                ActorRef::Worker,
                vec![number("erased", CLOSED), rows],
            )
        } else if n % TEXTS == 0 {
            let salt = *act.as_bytes();
            let values: [Value; 4] = [
                act.as_bytes().to_vec().into(),
                "answer".into(),
                "Keep them".into(),
                salt.to_vec().into(),
            ];
            texts.extend(values);
            let digest = Fact::Digest(text_digest(&salt, "Keep them"));
            let facts = vec![("answer".to_owned(), digest)];
            (Act::DraftDismissed, ActorRef::Member(MemberId(1)), facts)
        } else {
            let edit = ("edit".to_owned(), Fact::Word("note-written".into()));
            let facts = vec![number("lead", LeadId(n).0), edit, number("revision", 2)];
            (Act::LeadEdited, ActorRef::Member(MemberId(1)), facts)
        };
        let entry = Entry {
            sequence,
            at: Millis(START.0),
            act,
            actor,
            kind,
            facts,
        };
        hash = entry.hash(&hash);
        let (actor, member) = actor.numbers();
        let values: [Value; 8] = [
            sequence.into(),
            START.0.into(),
            act.as_bytes().to_vec().into(),
            i64::from(actor).into(),
            member.into(),
            kind.code().into(),
            domain::audit::encode_facts(&entry.facts).into(),
            hash.to_vec().into(),
        ];
        entries.extend(values);
        if n % 1_000 == 0 {
            insert(tx, "audit_entry", 8, std::mem::take(&mut entries)).await;
            let into = "audit_text (act, name, text, salt)";
            insert(tx, into, 4, std::mem::take(&mut texts)).await;
        }
    }
    sql::execute(
        tx,
        "INSERT INTO audit_head (id, sequence, hash) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        [(after + how_many()).into(), hash.to_vec().into()],
    )
    .await
    .unwrap();
    writing.commit_quietly().await.unwrap();
}

/// The most memory that this process had since it was last asked, in kB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let peak = line.split_whitespace().nth(1)?.parse().ok()?;
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(peak)
}

#[tokio::test]
#[ignore = "a measurement: minutes"]
async fn a_million_entries() {
    let app = TestApp::demo(1).await;
    fill(&app).await;
    // Each of the four readers fills its cache once.
    for turn in 1..=6 {
        peak();
        let before = peak();
        let start = Instant::now();
        let verified = app.store.verify_audit().await.unwrap();
        assert!(
            matches!(verified, Verified::Whole { entries } if entries > how_many()),
            "{verified:?}"
        );
        println!(
            "{turn}: {} entries verified in {:.1} s; memory {:?} kB before, {:?} kB at most",
            how_many(),
            start.elapsed().as_secs_f64(),
            before,
            peak()
        );
    }
}
