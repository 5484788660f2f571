//! The audit log: what was done, by whom, why. Append-only and hash-chained, without personal data of a lead.
//!
//! One entry for one act, whatever its size. An entry's hash covers the entry before it, so that a changed, missing or
//! added entry shows. Free text enters as a salted digest; text and salt lie beside the chain and can be blacked out
//! without breaking it.
//!
//! **Format 1**, for whoever verifies without this code: integers are big-endian, a text is its length in bytes as
//! `u32` and then UTF-8.
//! ```text
//! entry  = u8 1 · i64 sequence · i64 at (ms) · [16] act · u8 actor (0 worker, 1 command line, 2 member) · i64 member or 0
//!        · text kind · u32 facts · fact…
//! fact   = text name · u8 1 · i64 number | u8 2 · text word | u8 3 · [32] digest | u8 4 · [16] id
//! hash   = SHA-256( previous hash · entry ), the first entry's previous hash being 32 zero bytes
//! text   = SHA-256( [16] salt · text )
//! rows   = SHA-256( row… ) in the order of their numbers
//! row    = i64 number · i64 lead · [16] order · text state · text cause · i64 contact records · i64 activities
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::lead::LeadId;
use crate::member::MemberId;
use crate::time::Millis;

/// A SHA-256.
pub type Digest = [u8; 32];

/// What comes before the first entry.
pub const GENESIS: Digest = [0; 32];

/// Who acted. Actors are kept by id; a name is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActorRef {
    /// The queue's worker, within its hours or told by Run now.
    Worker,
    /// Somebody at the server's command line.
    CommandLine,
    /// A signed-in person.
    Member(MemberId),
}

impl ActorRef {
    /// The two numbers in the database and in the bytes: the kind, and the member or 0.
    pub fn numbers(self) -> (u8, i64) {
        match self {
            Self::Worker => (0, 0),
            Self::CommandLine => (1, 0),
            Self::Member(id) => (2, id.0),
        }
    }

    /// From the two numbers.
    pub fn from_numbers(kind: i64, member: i64) -> Self {
        match kind {
            0 => Self::Worker,
            1 => Self::CommandLine,
            _ => Self::Member(MemberId(member)),
        }
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal;)*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Act { $($(#[$doc])* $name,)* }

        impl Act {
            /// All of them.
            pub const ALL: &[Act] = &[$(Act::$name,)*];

            /// The word in the chain.
            pub fn code(self) -> &'static str {
                match self { $(Act::$name => $code,)* }
            }

            /// What the audit log's page says.
            pub fn label(self) -> &'static str {
                match self { $(Act::$name => $label,)* }
            }

            /// The act of that word.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.code() == code)
            }
        }
    };
}

acts! {
    /// The database was made: roles, reasons, settings.
    Founded = "founded", "Database made";
    /// The demo's leads were made up.
    DemoFilled = "demo-filled", "Demo filled";
    /// A deletion order was confirmed.
    OrderConfirmed = "order-confirmed", "Deletion ordered";
    /// A batch of the queue.
    Batch = "batch", "Queue batch";
    /// The X.
    UrgentDeletion = "urgent-deletion", "Deleted at once";
    /// An order was undone.
    Undone = "undone", "Deletion undone";
    /// Deletions were taken off the queue.
    Removed = "removed", "Deletions removed";
    /// A removal was undone: an order that puts back.
    PutBack = "put-back", "Removal undone";
    /// Failed deletions wait again.
    Retried = "retried", "Retry";
    /// A held deletion was confirmed.
    HeldConfirmed = "held-confirmed", "Held deletion confirmed";
    /// Somebody lost the right to delete: what they ordered waits for a Layer Admin.
    RightsWithdrawn = "rights-withdrawn", "Rights withdrawn";
    /// The queue was paused.
    QueuePaused = "queue-paused", "Queue paused";
    /// The queue was resumed.
    QueueResumed = "queue-resumed", "Queue resumed";
    /// The queue was told to run now.
    RunNow = "run-now", "Run now";
    /// A chunk of an import.
    Imported = "imported", "Leads imported";
    /// A lead, a contact record or an activity was changed.
    LeadEdited = "lead-edited", "Lead edited";
    /// A draft was handed to the Layer Admins.
    DraftAsked = "draft-asked", "Asked first";
    /// An asked draft was dismissed.
    DraftDismissed = "draft-dismissed", "Asked draft dismissed";
    /// A setting was changed.
    SettingChanged = "setting-changed", "Setting changed";
    /// A work stack was made, changed or deleted.
    WorkStackChanged = "work-stack-changed", "Work stack changed";
    /// A reason was made or changed.
    ReasonChanged = "reason-changed", "Reason changed";
    /// A member was made or changed.
    MemberChanged = "member-changed", "Member changed";
    /// A role was changed.
    RoleChanged = "role-changed", "Role changed";
    /// Extra details were blacked out.
    DetailsRedacted = "details-redacted", "Details redacted";
    /// Something was exported.
    Exported = "exported", "Exported";
}

/// One value of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A count, a number of something, an instant.
    Number(i64),
    /// A code; never what a person typed.
    Word(String),
    /// A digest: of text, of rows.
    Digest(Digest),
    /// An order, a draft.
    Id(Uuid),
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1, without gaps: the live cursor, in commit order.
    pub sequence: i64,
    /// When: never before the entry in front of it.
    pub at: Millis,
    /// The act's id, that its order and its rows carry too.
    pub act: Uuid,
    /// Who.
    pub actor: ActorRef,
    /// What.
    pub kind: Act,
    /// With what: names and values, in the order in which they are hashed.
    pub facts: Vec<(String, Fact)>,
}

impl Entry {
    /// The bytes that are hashed.
    pub fn bytes(&self) -> Vec<u8> {
        let (actor, member) = self.actor.numbers();
        let mut out = vec![1];
        out.extend(self.sequence.to_be_bytes());
        out.extend(self.at.0.to_be_bytes());
        out.extend(self.act.as_bytes());
        out.push(actor);
        out.extend(member.to_be_bytes());
        put_text(&mut out, self.kind.code());
        out.extend(encode_facts(&self.facts));
        out
    }

    /// Its hash after `previous`.
    pub fn hash(&self, previous: &Digest) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.bytes());
        hasher.finalize().into()
    }

    /// The entry of an act at `at` by its clock, behind one at `previous`. A clock can be put back, and of two acts at the
    /// same moment the later one can end first: the log's time stands still then, and the entry says what its clock said.
    pub fn not_before(mut self, previous: Millis) -> Self {
        if self.at < previous {
            let said = Fact::Number(self.at.0);
            self.facts.push((CLOCK_ADJUSTED.to_owned(), said));
            self.at = previous;
        }
        self
    }

    /// When by the clock of the act: what the rows carry that it wrote.
    pub fn by_its_clock(&self) -> Millis {
        self.number(CLOCK_ADJUSTED).map_or(self.at, Millis)
    }

    /// The number under that name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.facts.iter().find_map(|(n, fact)| match fact {
            Fact::Number(value) if n == name => Some(*value),
            _ => None,
        })
    }

    /// The word under that name.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.facts.iter().find_map(|(n, fact)| match fact {
            Fact::Word(value) if n == name => Some(value.as_str()),
            _ => None,
        })
    }

    /// The digest under that name.
    pub fn digest(&self, name: &str) -> Option<Digest> {
        self.facts.iter().find_map(|(n, fact)| match fact {
            Fact::Digest(value) if n == name => Some(*value),
            _ => None,
        })
    }
}

/// The name of the fact that holds the digest over an act's `deletion` rows.
pub const ROWS: &str = "rows";

/// The name of the fact that says what the clock said, where that was before the entry in front: the entry has that one's
/// instant. Other entries don't have it.
pub const CLOCK_ADJUSTED: &str = "clock-adjusted";

/// The name of the facts that say which acts' text a redaction blacked out.
pub const BLACKED_OUT: &str = "blacked-out";

/// The name of the fact that says which order the one before it puts back.
pub const PUTS_BACK: &str = "puts-back";

/// Facts as the database keeps them.
pub fn encode_facts(facts: &[(String, Fact)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend((facts.len() as u32).to_be_bytes());
    for (name, fact) in facts {
        put_text(&mut out, name);
        match fact {
            Fact::Number(value) => {
                out.push(1);
                out.extend(value.to_be_bytes());
            }
            Fact::Word(value) => {
                out.push(2);
                put_text(&mut out, value);
            }
            Fact::Digest(value) => {
                out.push(3);
                out.extend(value);
            }
            Fact::Id(value) => {
                out.push(4);
                out.extend(value.as_bytes());
            }
        }
    }
    out
}

/// Facts from the database's bytes; `None` where the bytes aren't facts. Takes any bytes without panicking.
pub fn decode_facts(bytes: &[u8]) -> Option<Vec<(String, Fact)>> {
    let mut rest = bytes;
    let count = u32::from_be_bytes(take(&mut rest)?);
    let mut facts = Vec::new();
    for _ in 0..count {
        let name = take_text(&mut rest)?;
        let [tag] = take(&mut rest)?;
        let fact = match tag {
            1 => Fact::Number(i64::from_be_bytes(take(&mut rest)?)),
            2 => Fact::Word(take_text(&mut rest)?),
            3 => Fact::Digest(take(&mut rest)?),
            4 => Fact::Id(Uuid::from_bytes(take(&mut rest)?)),
            _ => return None,
        };
        facts.push((name, fact));
    }
    rest.is_empty().then_some(facts)
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u32).to_be_bytes());
    out.extend(text.as_bytes());
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = u32::from_be_bytes(take(rest)?) as usize;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    String::from_utf8(head.to_vec()).ok()
}

/// The digest under which free text enters the chain.
pub fn text_digest(salt: &[u8; 16], text: &str) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(text.as_bytes());
    hasher.finalize().into()
}

/// One row of `deletion` as a digest takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRow {
    /// The row's number.
    pub number: i64,
    /// The lead.
    pub lead: LeadId,
    /// The order.
    pub order: Uuid,
    /// The state's word.
    pub state: String,
    /// The cause's word, or empty.
    pub cause: String,
    /// Contact records that went with it.
    pub contact_records: i64,
    /// Activities that went with it.
    pub activities: i64,
}

/// The digest over an act's `deletion` rows, fed in the order of their numbers; memory doesn't grow with them.
#[derive(Debug, Clone, Default)]
pub struct RowsDigest(Sha256);

impl RowsDigest {
    /// Takes the next row.
    pub fn add(&mut self, row: &ClosedRow) {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend(row.number.to_be_bytes());
        bytes.extend(row.lead.0.to_be_bytes());
        bytes.extend(row.order.as_bytes());
        put_text(&mut bytes, &row.state);
        put_text(&mut bytes, &row.cause);
        bytes.extend(row.contact_records.to_be_bytes());
        bytes.extend(row.activities.to_be_bytes());
        self.0.update(&bytes);
    }

    /// The digest of all rows taken.
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn entry() -> Entry {
        Entry {
            sequence: 7,
            at: Millis(1_764_000_000_000),
            act: Uuid::from_u128(5),
            actor: ActorRef::Member(MemberId(3)),
            kind: Act::OrderConfirmed,
            facts: vec![
                ("leads".into(), Fact::Number(12)),
                ("reason".into(), Fact::Word("duplicate".into())),
                (
                    "details".into(),
                    Fact::Digest(text_digest(&[1; 16], "spam")),
                ),
                ("order".into(), Fact::Id(Uuid::from_u128(5))),
            ],
        }
    }

    #[test]
    fn facts_come_back_as_they_went() {
        let facts = entry().facts;
        assert_eq!(decode_facts(&encode_facts(&facts)).unwrap(), facts);
    }

    #[test]
    fn each_changed_part_changes_the_hash() {
        let hash = entry().hash(&GENESIS);
        let changed = [
            Entry {
                sequence: 8,
                ..entry()
            },
            Entry {
                at: Millis(0),
                ..entry()
            },
            Entry {
                act: Uuid::from_u128(6),
                ..entry()
            },
            Entry {
                actor: ActorRef::Worker,
                ..entry()
            },
            Entry {
                kind: Act::Batch,
                ..entry()
            },
            Entry {
                facts: Vec::new(),
                ..entry()
            },
        ];
        for other in changed {
            assert_ne!(other.hash(&GENESIS), hash, "{other:?}");
        }
        assert_ne!(entry().hash(&[1; 32]), hash);
    }

    #[test]
    fn the_format_stands_still() {
        let hash: String = entry()
            .hash(&GENESIS)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(hash.len(), 64);
        assert_eq!(entry().bytes()[0], 1);
    }

    #[test]
    fn time_never_falls_and_an_entry_behind_says_what_its_clock_said() {
        let at = entry().at;
        for previous in [Millis(0), at] {
            assert_eq!(entry().not_before(previous), entry(), "nothing is added");
        }
        let late = entry().not_before(at.plus(5));
        assert_eq!((late.at, late.by_its_clock()), (at.plus(5), at));
        assert_eq!(late.facts.len(), entry().facts.len() + 1);
        assert_eq!(entry().by_its_clock(), at);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(facts) = decode_facts(&bytes) {
                prop_assert_eq!(encode_facts(&facts), bytes);
            }
        }
    }
}
