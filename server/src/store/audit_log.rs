//! The audit log as a page: entries in words, newest first.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, AuditPage, AuditRequest, AuditRow, Fact, decode_facts};
use domain::deletion_order::OrderId;
use domain::error::Result;
use domain::lead::LeadId;
use domain::lead_edit::Edited;
use domain::member::MemberId;
use domain::permission::{Granted, Permission, ReadAudit};
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
    roles: BTreeMap<i64, String>,
}

impl Words {
    async fn read(store: &Store) -> Result<Self> {
        let on = store.reader();
        let members: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM member", []).await?;
        let reasons: Vec<(String, String)> =
            sql::tuples(on, "SELECT code, label FROM reason", []).await?;
        let stacks: Vec<(i64, String)> = sql::tuples(
            on,
            "SELECT id, name FROM work_stack UNION ALL SELECT id, name FROM former_work_stack",
            [],
        )
        .await?;
        let roles: Vec<(i64, String)> = sql::tuples(on, "SELECT id, name FROM role", []).await?;
        Ok(Self {
            roles: roles.into_iter().collect(),
            members: members.into_iter().collect(),
            reasons: reasons.into_iter().collect(),
            stacks: stacks.into_iter().collect(),
            roles: roles.into_iter().collect(),
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

    fn role(&self, role: i64) -> String {
        match self.roles.get(&role) {
            Some(name) => format!("role {name}"),
            None => format!("role {role}"),
        }
    }

    /// A fact in words; digests and ids say nothing to a reader.
    fn fact(&self, name: &str, fact: &Fact) -> Option<String> {
        Some(match (name, fact) {
            (_, Fact::Digest(_) | Fact::Id(_)) => return None,
            ("leads", Fact::Number(leads)) => text::leads(positive(*leads)),
            ("lead", Fact::Number(lead)) => LeadId(*lead).to_string(),
            ("member", Fact::Number(member)) => self.member(MemberId(*member)),
            ("role", Fact::Number(role)) => self.role(*role),
            ("role-before", Fact::Number(role)) => format!("was {}", self.role(*role)),
            ("gives", Fact::Word(codes)) => format!("may now {}", deeds(codes)),
            ("takes", Fact::Word(codes)) => format!("may no longer {}", deeds(codes)),
            ("change" | "setting", Fact::Word(word)) => word.replace('-', " "),
            (name, Fact::Number(yes @ (0 | 1))) if yes_or_no(name, *yes).is_some() => {
                return yes_or_no(name, *yes).map(str::to_owned);
            }
            ("asked-by", Fact::Number(member)) => {
                format!("asked by {}", self.member(MemberId(*member)))
            }
            ("work-stack", Fact::Number(stack)) => self
                .stacks
                .get(stack)
                .cloned()
                .unwrap_or_else(|| format!("work stack {stack}")),
            ("seen-by", Fact::Number(role)) => match self.roles.get(role) {
                Some(name) => format!("seen by {name}"),
                None => format!("seen by role {role}"),
            },
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

/// What a yes or a no means under this name.
fn yes_or_no(name: &str, yes: i64) -> Option<&'static str> {
    let (is, isnt) = match name {
        "active" => ("can sign in again", "deactivated"),
        "offered" => ("offered", "not offered"),
        "details-demanded" => ("details demanded", "details optional"),
        "must-be-carried-out" => ("deleted all the same if changed", "kept if changed"),
        "sentence" => ("another sentence to confirm", "no sentence to confirm"),
        "hides-deletions" => ("hides deletions", "shows deletions"),
        _ => return None,
    };
    Some(if yes == 1 { is } else { isnt })
}

/// Permissions by their codes, parted by blanks.
fn deeds(codes: &str) -> String {
    let deed = |code: &str| match Permission::from_code(code) {
        Some(permission) => permission.deed().to_owned(),
        None => code.to_owned(),
    };
    let deeds: Vec<String> = codes.split(' ').map(deed).collect();
    text::list(&deeds)
}

fn positive(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
