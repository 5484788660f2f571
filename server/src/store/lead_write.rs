//! Writing leads with their contact records, keys and activities, many at once: demo, import and edits go through here,
//! so that counts, keys and Lead stats follow in the same transaction.

use std::collections::{BTreeSet, HashMap};

use domain::lead::{LeadId, LeadStatus};
use domain::member::MemberId;
use domain::time::Millis;
use domain::{Result, text};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::sql::{self, internal, values};
use super::{Writing, dialect};
use crate::telephone;

/// A statement holds at most so many values: SQLite ends at 32,766.
const MOST_VALUES: usize = 30_000;

/// Key kinds of `lead_key`.
pub mod kind {
    /// A part of the name.
    pub const NAME: &str = "name";
    /// A folded e-mail.
    pub const EMAIL: &str = "email";
    /// A valid number.
    pub const E164: &str = "e164";
    /// A number's digits, reversed.
    pub const DIGITS: &str = "digits";
    /// The other system's id.
    pub const EXTERNAL: &str = "external";
    /// The digest of an imported row.
    pub const ROW: &str = "row";
}

/// A lead to be written.
#[derive(Debug, Clone)]
pub struct NewLead {
    /// The name.
    pub name: String,
    /// Where it came from.
    pub source: String,
    /// How far it has come.
    pub status: LeadStatus,
    /// Who looks after it.
    pub owner: String,
    /// The country, as it was given.
    pub country: String,
    /// When it came in.
    pub added_at: Millis,
    /// The last activity, where it is later than those in `activities`; `None` is never.
    pub last_activity_at: Option<Millis>,
    /// Its contact records, in their order.
    pub contacts: Vec<NewContact>,
    /// Its activities.
    pub activities: Vec<NewActivity>,
    /// Keys beside those of its name and its contact records: external, row.
    pub keys: Vec<(&'static str, String)>,
}

/// An activity to be written.
#[derive(Debug, Clone)]
pub struct NewActivity {
    /// note, call
    pub kind: &'static str,
    /// When.
    pub at: Millis,
    /// What was written.
    pub text: String,
    /// Who, where it was a member.
    pub member: Option<MemberId>,
}

/// A contact record to be written, its number read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContact {
    /// As it was given.
    pub telephone: String,
    /// As it was given.
    pub email: String,
    /// The number, where it is valid.
    pub e164: Option<String>,
}

impl NewContact {
    /// With the number read in the country's region; without a country in `region`. In a country that isn't known only
    /// a number with `+` is valid: another region's would be a stranger's.
    pub fn new(telephone: &str, email: &str, country: &str, region: &str) -> Self {
        let telephone: String = telephone.chars().take(telephone::MOST_CHARACTERS).collect();
        let said = if country.trim().is_empty() {
            region
        } else {
            country
        };
        let region = telephone::region_of(said).unwrap_or_default();
        Self {
            e164: telephone::e164(&telephone, &region),
            telephone,
            email: email.to_owned(),
        }
    }

    /// Whether the number can be called, as of the library's data.
    pub fn is_valid(&self) -> bool {
        self.e164.is_some()
    }

    /// Whether both are the same number, however it is written.
    pub fn has_number_of(&self, other: &Self) -> bool {
        self.telephone == other.telephone || (self.is_valid() && self.e164 == other.e164)
    }

    /// The keys that it is found by. What is no e-mail is no key: `n/a` would make copies of strangers.
    fn keys(&self, keys: &mut BTreeSet<(&'static str, String)>) {
        let email = text::address(&self.email);
        if email_address::EmailAddress::is_valid(&email) {
            keys.insert((kind::EMAIL, email));
        }
        let digits = self.e164.as_deref().unwrap_or(&self.telephone);
        let reversed: String = digits.chars().rev().filter(char::is_ascii_digit).collect();
        if !reversed.is_empty() {
            keys.insert((kind::DIGITS, reversed));
        }
        if let Some(e164) = &self.e164 {
            keys.insert((kind::E164, e164.clone()));
        }
    }

    fn values(&self, lead: i64, n: i64) -> [Value; 7] {
        values![
            lead,
            n,
            self.telephone.as_str(),
            self.e164.as_deref().unwrap_or(""),
            i64::from(self.is_valid()),
            telephone::METADATA_VERSION,
            self.email.as_str()
        ]
    }
}

fn name_keys(name: &str) -> impl Iterator<Item = (&'static str, String)> {
    let folded = text::fold(name);
    let parts: BTreeSet<String> = folded.split_whitespace().map(str::to_owned).collect();
    parts.into_iter().map(|part| (kind::NAME, part))
}

const CONTACT: &str =
    "contact_record (lead, n, telephone, e164, telephone_valid, metadata_version, email)";
const ACTIVITY: &str = "activity (lead, n, kind, at, text, member)";
const KEY: &str = "lead_key (kind, key, lead)";

/// Writes new leads and moves Lead stats. Their numbers, in the order of `leads`.
pub async fn insert(writing: &Writing<'_>, leads: &[NewLead]) -> Result<Vec<LeadId>> {
    let tx = writing.tx();
    let uids: Vec<Uuid> = leads.iter().map(|_| Uuid::now_v7()).collect();
    let rows = leads.iter().zip(&uids).map(|(lead, uid)| {
        let valid = lead.contacts.iter().filter(|c| c.is_valid()).count();
        values![
            uid.as_bytes().to_vec(),
            lead.name.as_str(),
            text::fold(&lead.name),
            lead.source.as_str(),
            lead.status.number(),
            lead.owner.as_str(),
            lead.country.as_str(),
            lead.added_at.0,
            last_activity(lead),
            lead.contacts.len() as i64,
            valid as i64,
            lead.activities.len() as i64
        ]
    });
    let mut numbers = HashMap::new();
    for (statement, values) in statements(
        "lead (uid, name, name_folded, source, status, owner, country, added_at, last_activity_at, \
         contact_count, valid_telephone_count, activity_count)",
        rows,
    ) {
        let made: Vec<(i64, Vec<u8>)> =
            sql::tuples(tx, &format!("{statement} RETURNING id, uid"), values).await?;
        for (id, uid) in made {
            numbers.insert(sql::uuid(uid)?, id);
        }
    }
    let ids = uids
        .iter()
        .map(|uid| numbers.get(uid).copied())
        .collect::<Option<Vec<i64>>>()
        .ok_or_else(|| internal(DbErr::RecordNotInserted))?;

    let (mut contacts, mut activities, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for (lead, id) in leads.iter().zip(&ids) {
        let mut of_lead: BTreeSet<_> = name_keys(&lead.name).collect();
        for (n, contact) in (1..).zip(&lead.contacts) {
            contact.keys(&mut of_lead);
            contacts.push(contact.values(*id, n));
        }
        for (n, activity) in (1_i64..).zip(&lead.activities) {
            activities.push(activity_values(*id, n, activity));
        }
        of_lead.extend(lead.keys.iter().cloned());
        keys.extend(of_lead.into_iter().map(|(kind, key)| (kind, key, *id)));
    }
    // In the order of the index, which is another than the leads'.
    keys.sort_unstable();
    put(tx, CONTACT, contacts).await?;
    put(tx, ACTIVITY, activities).await?;
    put(
        tx,
        KEY,
        keys.into_iter()
            .map(|(kind, key, id)| values![kind, key, id]),
    )
    .await?;

    let count = |of: fn(&NewLead) -> bool| leads.iter().filter(|l| of(l)).count() as i64;
    writing.add_stat("leads", count(|_| true)).await?;
    writing
        .add_stat("without_contact_records", count(|l| l.contacts.is_empty()))
        .await?;
    writing
        .add_stat(
            "without_valid_telephone",
            count(|l| !l.contacts.iter().any(NewContact::is_valid)),
        )
        .await?;
    Ok(ids.into_iter().map(LeadId).collect())
}

/// Changes of one lead: what is `None` or empty stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The name.
    pub name: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// How far it has come.
    pub status: Option<LeadStatus>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// When it came in.
    pub added_at: Option<Millis>,
    /// The last activity.
    pub last_activity_at: Option<Millis>,
    /// Contact records that it lacks.
    pub contacts: Vec<NewContact>,
    /// Contact records of it whose number is read otherwise by now, by their `n`.
    pub reread: Vec<(i64, NewContact)>,
    /// Contact records that it has no more, by their `n`.
    pub removed: Vec<i64>,
    /// A note that it lacks: its text, and when it was written.
    pub note: Option<(String, Millis)>,
    /// Who wrote the note, where it was a member.
    pub by: Option<MemberId>,
}

impl Change {
    /// Whether anything would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Changes a lead: its revision grows by one, counts, keys and Lead stats follow.
pub async fn change(writing: &Writing<'_>, lead: LeadId, change: &Change) -> Result<()> {
    let tx = writing.tx();
    let last = change
        .last_activity_at
        .max(change.note.as_ref().map(|(_, at)| *at));
    let lock = dialect::for_update(tx.get_database_backend());
    let before: Option<(i64, i64)> = sql::tuple(
        tx,
        &format!("SELECT contact_count, valid_telephone_count FROM lead WHERE id = $1{lock}"),
        values![lead.0],
    )
    .await?;
    let Some(before) = before else {
        return Err(domain::Error::not_found("lead"));
    };
    let mut keys = BTreeSet::new();
    let same = change.contacts.is_empty() && change.reread.is_empty() && change.removed.is_empty();
    let (contacts, valid_numbers) = if same {
        before
    } else {
        change_contacts(writing, lead, change, before, &mut keys).await?
    };
    sql::execute(
        tx,
        "UPDATE lead SET revision = revision + 1, \
         name = COALESCE($2, name), name_folded = COALESCE($3, name_folded), source = COALESCE($4, source), \
         status = COALESCE($5, status), owner = COALESCE($6, owner), country = COALESCE($7, country), \
         added_at = COALESCE($8, added_at), \
         last_activity_at = CASE WHEN $9 > last_activity_at THEN $9 ELSE last_activity_at END, \
         contact_count = $10, valid_telephone_count = $11, \
         activity_count = activity_count + $12 WHERE id = $1",
        values![
            lead.0,
            change.name.clone(),
            change.name.as_deref().map(text::fold),
            change.source.clone(),
            change.status.map(LeadStatus::number),
            change.owner.clone(),
            change.country.clone(),
            change.added_at.map(|at| at.0),
            last.map_or(0, |at| at.0),
            contacts,
            valid_numbers,
            i64::from(change.note.is_some())
        ],
    )
    .await?;

    if let Some(name) = &change.name {
        sql::execute(
            tx,
            "DELETE FROM lead_key WHERE lead = $1 AND kind = $2",
            values![lead.0, kind::NAME],
        )
        .await?;
        keys.extend(name_keys(name));
    }
    if let Some((text, at)) = &change.note {
        let note = NewActivity {
            kind: "note",
            at: *at,
            text: text.clone(),
            member: change.by,
        };
        let n = next(tx, "activity", lead).await?;
        put(tx, ACTIVITY, [activity_values(lead.0, n, &note)]).await?;
    }
    add_keys(tx, keys.into_iter().map(|(kind, key)| (kind, key, lead))).await
}

/// Writes a lead's new and newly read contact records, lets removed ones go, moves Lead stats and gathers their keys; how many records and
/// valid numbers it has then.
async fn change_contacts(
    writing: &Writing<'_>,
    lead: LeadId,
    change: &Change,
    before: (i64, i64),
    keys: &mut BTreeSet<(&'static str, String)>,
) -> Result<(i64, i64)> {
    let tx = writing.tx();
    let first = next(tx, "contact_record", lead).await?;
    let new = (first..).zip(&change.contacts);
    put(tx, CONTACT, new.map(|(n, c)| c.values(lead.0, n))).await?;
    for (n, contact) in &change.reread {
        sql::execute(
            tx,
            "UPDATE contact_record SET e164 = $3, telephone_valid = $4, metadata_version = $5 \
             WHERE lead = $1 AND n = $2",
            values![
                lead.0,
                *n,
                contact.e164.as_deref().unwrap_or(""),
                i64::from(contact.is_valid()),
                telephone::METADATA_VERSION
            ],
        )
        .await?;
    }
    for n in &change.removed {
        sql::execute(
            tx,
            "DELETE FROM contact_record WHERE lead = $1 AND n = $2",
            values![lead.0, *n],
        )
        .await?;
    }
    let records: Vec<(String, String, String)> = sql::tuples(
        tx,
        "SELECT telephone, e164, email FROM contact_record WHERE lead = $1",
        values![lead.0],
    )
    .await?;
    if !change.reread.is_empty() || !change.removed.is_empty() {
        // The keys of what it has no more, and of how the numbers were read before, find it no more.
        sql::execute(
            tx,
            "DELETE FROM lead_key WHERE lead = $1 AND kind IN ($2, $3, $4)",
            values![lead.0, kind::E164, kind::DIGITS, kind::EMAIL],
        )
        .await?;
    }
    let mut after = (0, 0);
    for (telephone, e164, email) in records {
        let contact = NewContact {
            telephone,
            email,
            e164: Some(e164).filter(|e164| !e164.is_empty()),
        };
        contact.keys(keys);
        after = (after.0 + 1, after.1 + i64::from(contact.is_valid()));
    }
    let more_without = |before: i64, after: i64| i64::from(after == 0) - i64::from(before == 0);
    writing
        .add_stat("without_contact_records", more_without(before.0, after.0))
        .await?;
    writing
        .add_stat("without_valid_telephone", more_without(before.1, after.1))
        .await?;
    Ok(after)
}

/// Adds keys; those that are there already stay.
pub async fn add_keys<C: ConnectionTrait>(
    on: &C,
    keys: impl IntoIterator<Item = (&'static str, String, LeadId)>,
) -> Result<()> {
    let rows = keys
        .into_iter()
        .map(|(kind, key, lead)| values![kind, key, lead.0]);
    for (statement, values) in statements(KEY, rows) {
        sql::execute(on, &format!("{statement} ON CONFLICT DO NOTHING"), values).await?;
    }
    Ok(())
}

fn last_activity(lead: &NewLead) -> i64 {
    let activities = lead.activities.iter().map(|a| a.at);
    activities
        .chain(lead.last_activity_at)
        .max()
        .map_or(0, |at| at.0)
}

fn activity_values(lead: i64, n: i64, activity: &NewActivity) -> [Value; 6] {
    values![
        lead,
        n,
        activity.kind,
        activity.at.0,
        activity.text.as_str(),
        activity.member.map(|m| m.0)
    ]
}

/// The next number within a lead's contact records or activities.
async fn next<C: ConnectionTrait>(on: &C, table: &'static str, lead: LeadId) -> Result<i64> {
    let highest: Option<Option<i64>> = sql::value(
        on,
        &format!("SELECT MAX(n) FROM {table} WHERE lead = $1"),
        values![lead.0],
    )
    .await?;
    Ok(highest.flatten().unwrap_or(0) + 1)
}

async fn put<C: ConnectionTrait, const N: usize>(
    on: &C,
    into: &'static str,
    rows: impl IntoIterator<Item = [Value; N]>,
) -> Result<()> {
    for (statement, values) in statements(into, rows) {
        sql::execute(on, &statement, values).await?;
    }
    Ok(())
}

/// `INSERT INTO … VALUES ($1, …), (…)` in statements of as many rows as the databases take.
fn statements<const N: usize>(
    into: &'static str,
    rows: impl IntoIterator<Item = [Value; N]>,
) -> Vec<(String, Vec<Value>)> {
    let rows: Vec<[Value; N]> = rows.into_iter().collect();
    rows.chunks(MOST_VALUES / N)
        .map(|rows| {
            let mut statement = format!("INSERT INTO {into} VALUES ");
            let mut values = Vec::with_capacity(rows.len() * N);
            for (i, row) in rows.iter().enumerate() {
                statement.push_str(if i == 0 { "(" } else { ", (" });
                for (j, value) in row.iter().enumerate() {
                    statement.push_str(if j == 0 { "$" } else { ", $" });
                    statement.push_str(&(i * N + j + 1).to_string());
                    values.push(value.clone());
                }
                statement.push(')');
            }
            (statement, values)
        })
        .collect()
}
