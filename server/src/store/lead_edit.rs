//! Edits of a lead by a person: status and owner, contact records, notes. What is typed stays in the lead's own tables;
//! the audit entry says that something was done, never what.

use std::collections::BTreeMap;

use domain::audit::{Act, ActorRef, Fact, decode_facts};
use domain::lead::LeadId;
use domain::lead_edit::{EMAIL, Edited, LeadChange, LeadEdit, TELEPHONE, too_late};
use domain::permission::{EditLeads, Granted, Permission};
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::import_rows::is_same;
use super::lead_write::{self, Change, NewContact};
use super::scope::Stack;
use super::sql::{self, values};
use super::{Store, Writing, dialect, erased_lead, number, rights, scope, setting, word};
use crate::database::Priority;

/// Why an edit came too late is looked for in so many entries: its page was read not long ago.
const ENTRIES: i64 = 500;
/// So many owners are offered; others are typed.
const OWNERS: i64 = 100;

/// A lead as an edit finds it.
struct Found {
    revision: i64,
    status: i64,
    owner: String,
    country: String,
}

/// Writes the edit; what to say then.
pub async fn edit(store: &Store, by: &Granted<EditLeads>, edit: LeadEdit) -> Result<String> {
    let change = edit.change.check()?;
    let writing = store.begin(Priority::Person).await?;
    for permission in [Permission::SeeLeads, Permission::EditLeads] {
        rights::check(writing.tx(), by.member(), permission).await?;
    }
    let lead = edit.lead;
    let sees = async || scope::sees(writing.tx(), by.member(), lead, writing.now).await;
    // What isn't seen is asked no further than what isn't there: its lock alone would take longer on PostgreSQL.
    let found = if sees().await? {
        locked(&writing, lead).await?
    } else {
        None
    };
    let Some(found) = found else {
        let times = store.times(writing.tx()).await?;
        return Err(erased_lead::missing(writing.tx(), by.actor(), lead, &times).await?);
    };
    if found.revision != edit.revision {
        let since = since(writing.tx(), by, lead, edit.revision).await?;
        return Err(Error::Conflict(too_late(&since)));
    }
    let Some((edited, change)) = change_of(&writing, by, lead, found, change).await? else {
        return Ok("Nothing changed.".into());
    };
    lead_write::change(&writing, lead, &change).await?;
    let message = if sees().await? {
        "Saved."
    } else {
        "Saved. The lead is in none of your work stacks any more."
    };
    let facts = vec![
        number("lead", lead.0),
        word("edit", edited.code()),
        number("revision", edit.revision + 1),
    ];
    writing
        .commit(ActorRef::Member(by.member()), Act::LeadEdited, facts)
        .await?;
    Ok(message.into())
}

async fn locked(writing: &Writing<'_>, lead: LeadId) -> Result<Option<Found>> {
    let lock = dialect::for_update(writing.tx().get_database_backend());
    let found: Option<(i64, i64, String, String)> = sql::tuple(
        writing.tx(),
        &format!("SELECT revision, status, owner, country FROM lead WHERE id = $1{lock}"),
        values![lead.0],
    )
    .await?;
    Ok(found.map(|(revision, status, owner, country)| Found {
        revision,
        status,
        owner,
        country,
    }))
}

/// The edit as a change of the lead as it stands; `None` where it says what is so already.
async fn change_of(
    writing: &Writing<'_>,
    by: &Granted<EditLeads>,
    lead: LeadId,
    found: Found,
    change: LeadChange,
) -> Result<Option<(Edited, Change)>> {
    let none = Change::default();
    Ok(Some(match change {
        LeadChange::Details { status, owner } => {
            let status = Some(status).filter(|s| s.number() != found.status);
            let owner = Some(owner).filter(|owner| *owner != found.owner);
            let edited = match (&status, &owner) {
                (Some(_), Some(_)) => Edited::StatusAndOwner,
                (Some(_), None) => Edited::Status,
                (None, Some(_)) => Edited::Owner,
                (None, None) => return Ok(None),
            };
            let change = Change {
                status,
                owner,
                ..none
            };
            (edited, change)
        }
        LeadChange::AddContactRecord { telephone, email } => {
            let region = setting::region(writing.tx()).await?;
            let new = NewContact::new(&telephone, &email, &found.country, &region);
            if contacts(writing.tx(), lead)
                .await?
                .iter()
                .any(|(_, has)| is_same(has, &new))
            {
                let field = if telephone.is_empty() {
                    EMAIL
                } else {
                    TELEPHONE
                };
                return Err(Error::field(
                    field,
                    "This lead has this contact record already.",
                ));
            }
            let contacts = vec![new];
            (Edited::ContactRecordAdded, Change { contacts, ..none })
        }
        LeadChange::RemoveContactRecord { n } => {
            let has = contacts(writing.tx(), lead).await?;
            if !has.iter().any(|(of, _)| *of == n) {
                return Err(Error::Conflict(
                    "This contact record is gone already.".into(),
                ));
            }
            let removed = vec![n];
            (Edited::ContactRecordRemoved, Change { removed, ..none })
        }
        LeadChange::WriteNote { text } => {
            let change = Change {
                note: Some((text, writing.now)),
                by: Some(by.member()),
                ..none
            };
            (Edited::NoteWritten, change)
        }
    }))
}

async fn contacts<C: ConnectionTrait>(on: &C, lead: LeadId) -> Result<Vec<(i64, NewContact)>> {
    let found: Vec<(i64, String, String, String)> = sql::tuples(
        on,
        "SELECT n, telephone, e164, email FROM contact_record WHERE lead = $1 ORDER BY n",
        values![lead.0],
    )
    .await?;
    let contact = |(n, telephone, e164, email)| {
        let e164 = Some(e164).filter(|e164: &String| !e164.is_empty());
        let contact = NewContact {
            telephone,
            email,
            e164,
        };
        (n, contact)
    };
    Ok(found.into_iter().map(contact).collect())
}

/// What was done to the lead since that revision, the oldest first, as far as it was a person's edit.
async fn since<C: ConnectionTrait>(
    on: &C,
    by: &Granted<EditLeads>,
    lead: LeadId,
    revision: i64,
) -> Result<Vec<(String, Edited)>> {
    let entries: Vec<(i64, Vec<u8>)> = sql::tuples(
        on,
        "SELECT actor_member, facts FROM audit_entry WHERE kind = $1 ORDER BY sequence DESC LIMIT $2",
        values![Act::LeadEdited.code(), ENTRIES],
    )
    .await?;
    let mut found = Vec::new();
    for (member, facts) in entries {
        let Some(facts) = decode_facts(&facts) else {
            continue;
        };
        let number = |name: &str| {
            facts.iter().find_map(|(n, fact)| match fact {
                Fact::Number(value) if n == name => Some(*value),
                _ => None,
            })
        };
        let edited = facts.iter().find_map(|(_, fact)| match fact {
            Fact::Word(word) => Edited::from_code(word),
            _ => None,
        });
        if number("lead") == Some(lead.0)
            && number("revision").is_some_and(|of| of > revision)
            && let Some(edited) = edited
        {
            found.push((member, edited));
        }
    }
    let names: Vec<(i64, String)> = sql::tuples(on, "SELECT id, name FROM member", []).await?;
    let names: BTreeMap<i64, String> = names.into_iter().collect();
    let who = |member: i64| match names.get(&member) {
        _ if member == by.member().0 => "You".to_owned(),
        Some(name) => name.clone(),
        None => "Somebody".to_owned(),
    };
    Ok(found
        .into_iter()
        .rev()
        .map(|(member, edited)| (who(member), edited))
        .collect())
}

/// Owners to choose from: who may see leads, and for who sees every lead those that leads have.
pub async fn owners<C: ConnectionTrait>(on: &C, stacks: &[Stack]) -> Result<Vec<String>> {
    let mut owners: Vec<String> = sql::column(
        on,
        "SELECT DISTINCT m.name FROM member m JOIN role_permission p ON p.role = m.role \
         WHERE m.active = 1 AND p.permission = 'see-leads' ORDER BY m.name LIMIT $1",
        values![OWNERS],
    )
    .await?;
    if stacks.iter().any(|stack| stack.is_all) {
        // From one owner to the next by the index, however many leads each has.
        let known: Vec<String> = sql::column(
            on,
            "WITH RECURSIVE known (owner) AS (SELECT MIN(owner) FROM lead WHERE owner > '' \
               UNION ALL SELECT (SELECT MIN(l.owner) FROM lead l WHERE l.owner > k.owner) FROM known k WHERE k.owner IS NOT NULL) \
             SELECT owner FROM known WHERE owner IS NOT NULL LIMIT $1",
            values![OWNERS],
        )
        .await?;
        owners.extend(known);
    }
    owners.sort_unstable();
    owners.dedup();
    Ok(owners)
}
