//! The audit log as a page: entries in words, newest first.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, AuditPage, AuditRequest, AuditRow, Fact, decode_facts};
use domain::deletion_order::OrderId;
use domain::error::Result;
use domain::lead::LeadId;
use domain::lead_edit::Edited;
use domain::member::MemberId;
use domain::permission::{Granted, ReadAudit};
use domain::ports::AuditLog;
use domain::text;
use uuid::Uuid;

use super::Store;
use super::sql::{self, values};

/// A page has so many entries.
const PAGE: usize = 100;

#[async_trait]
impl AuditLog for Store {
    async fn audit_log(&self, _by: Granted<ReadAudit>, request: AuditRequest) -> Result<AuditPage> {
        let on = self.reader();
        let before = request.before.unwrap_or(i64::MAX);
        let act = Act::from_code(&request.act).map_or("", Act::code);
        type Row = (i64, i64, Vec<u8>, i64, i64, String, Vec<u8>, Vec<u8>);
        let mut rows: Vec<Row> = sql::tuples(
            on,
            "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry \
             WHERE sequence < $1 AND ($2 = '' OR kind = $2) ORDER BY sequence DESC LIMIT 101",
            values![before, act],
        )
        .await?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let words = Words::read(self).await?;
        let zone = self.calendar().await?.zone().clone();
        let shown = rows
            .iter()
            .map(|(sequence, at, act, actor, member, kind, facts, hash)| {
                let facts = decode_facts(facts).unwrap_or_default();
                let kind = Act::from_code(kind);
                AuditRow {
                    sequence: *sequence,
                    at: zone
                        .to_datetime(domain::time::Millis(*at).timestamp())
                        .strftime("%-d %b %Y, %H:%M")
                        .to_string(),
                    by: words.actor(ActorRef::from_numbers(*actor, *member)),
                    act: kind.map_or("Unknown", Act::label).to_owned(),
                    about: facts
                        .iter()
                        .filter_map(|(name, fact)| words.fact(name, fact))
                        .collect::<Vec<_>>()
                        .join(", "),
                    order: order(kind, act, &facts),
                    hash: hash
                        .iter()
                        .take(6)
                        .map(|byte| format!("{byte:02x}"))
                        .collect(),
                }
            });
        Ok(AuditPage {
            next: rows.last().filter(|_| more).map(|row| row.0),
            rows: shown.collect(),
        })
    }
}

/// The order that an entry is about: its own act's, or the one that its facts name.
fn order(kind: Option<Act>, act: &[u8], facts: &[(String, Fact)]) -> Option<OrderId> {
    if kind == Some(Act::OrderConfirmed) {
        return Uuid::from_slice(act).ok().map(OrderId);
    }
    facts.iter().find_map(|(name, fact)| match fact {
        Fact::Id(id) if name == "order" => Some(OrderId(*id)),
        _ => None,
    })
}

/// The words for what entries keep by number and code.
struct Words {
    members: BTreeMap<i64, String>,
    reasons: BTreeMap<String, String>,
    stacks: BTreeMap<i64, String>,
}

impl Words {
    async fn read(store: &Store) -> Result<Self> {
        let on = store.reader();
        let members: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM member", []).await?;
        let reasons: Vec<(String, String)> =
            sql::tuples(on, "SELECT code, label FROM reason", []).await?;
        let stacks: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM work_stack", []).await?;
        Ok(Self {
            members: members.into_iter().collect(),
            reasons: reasons.into_iter().collect(),
            stacks: stacks.into_iter().collect(),
        })
    }

    fn actor(&self, actor: ActorRef) -> String {
        match actor {
            ActorRef::Worker => "The queue".into(),
            ActorRef::CommandLine => "Command line".into(),
            ActorRef::Member(member) => self.member(member),
        }
    }

    fn member(&self, member: MemberId) -> String {
        let name = self.members.get(&member.0).cloned();
        name.unwrap_or_else(|| format!("Member {}", member.0))
    }

    /// A fact in words; digests and ids say nothing to a reader.
    fn fact(&self, name: &str, fact: &Fact) -> Option<String> {
        Some(match (name, fact) {
            (_, Fact::Digest(_) | Fact::Id(_)) => return None,
            ("leads", Fact::Number(leads)) => text::leads(positive(*leads)),
            ("lead", Fact::Number(lead)) => LeadId(*lead).to_string(),
            ("member", Fact::Number(member)) => self.member(MemberId(*member)),
            ("asked-by", Fact::Number(member)) => {
                format!("asked by {}", self.member(MemberId(*member)))
            }
            ("work-stack", Fact::Number(stack)) => self
                .stacks
                .get(stack)
                .cloned()
                .unwrap_or_else(|| format!("work stack {stack}")),
            ("reason", Fact::Word(code)) => self
                .reasons
                .get(code)
                .cloned()
                .unwrap_or_else(|| code.clone()),
            ("edit", Fact::Word(code)) => {
                Edited::from_code(code).map_or_else(|| code.clone(), |edited| edited.deed().into())
            }
            ("revision", Fact::Number(_)) => return None,
            (_, Fact::Number(value)) => format!(
                "{}: {}",
                name.replace('-', " "),
                text::number(positive(*value))
            ),
            (_, Fact::Word(value)) => format!("{}: {value}", name.replace('-', " ")),
        })
    }
}

fn positive(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
