//! The rows of an import, met with the leads that are there: which is new, which known, and what it says anew.

use std::collections::{HashMap, HashSet};

use domain::import::ImportNumbers;
use domain::lead::{LeadId, LeadStatus};
use domain::time::Millis;
use domain::{Result, text};
use sea_orm::{ConnectionTrait, Value};

use super::lead_write::{self, Change, NewContact, NewLead, kind};
use super::query::Query;
use super::{Writing, lock, sql};
use crate::database::Turn;
use crate::import::row::LeadOfRow;

/// A lead of a known id as it stands.
#[derive(Debug)]
struct Known {
    lead: LeadId,
    name: String,
    source: String,
    status: i64,
    owner: String,
    country: String,
    added_at: i64,
    last_activity_at: i64,
    /// By their `n`.
    contacts: Vec<(i64, NewContact)>,
    notes: Vec<String>,
}

impl Known {
    /// What the row says that the lead doesn't have.
    fn change(&self, row: &LeadOfRow) -> Change {
        let other = |said: &Option<String>, has: &str| said.clone().filter(|said| said != has);
        let lacks = |new: &NewContact| !self.contacts.iter().any(|(_, has)| is_same(has, new));
        Change {
            name: other(&row.name, &self.name),
            source: other(&row.source, &self.source),
            status: row.status.filter(|status| status.number() != self.status),
            owner: other(&row.owner, &self.owner),
            country: other(&row.country, &self.country),
            added_at: row.added_at.filter(|at| at.0 != self.added_at),
            last_activity_at: row
                .last_activity_at
                .filter(|at| at.0 > self.last_activity_at),
            contacts: row.contacts.iter().filter(|c| lacks(c)).cloned().collect(),
            reread: self.reread(row),
            removed: Vec::new(),
            by: None,
            note: row
                .note
                .clone()
                .filter(|(text, _)| !self.notes.contains(text)),
        }
    }

    /// The records whose number the row reads otherwise: its country or the region of the settings was mended since. A
    /// row without a country knows less than a lead with one.
    fn reread(&self, row: &LeadOfRow) -> Vec<(i64, NewContact)> {
        if row.country.is_none() && !self.country.is_empty() {
            return Vec::new();
        }
        let reads = |has: &NewContact| {
            let same = row.contacts.iter().find(|new| is_same(has, new))?;
            (same.telephone == has.telephone && same.e164 != has.e164).then(|| NewContact {
                e164: same.e164.clone(),
                ..has.clone()
            })
        };
        self.contacts
            .iter()
            .filter_map(|(n, has)| Some((*n, reads(has)?)))
            .collect()
    }

    /// As it stands once changed.
    fn apply(&mut self, change: Change) {
        let put = |to: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *to = value;
            }
        };
        put(&mut self.name, change.name);
        put(&mut self.source, change.source);
        put(&mut self.owner, change.owner);
        put(&mut self.country, change.country);
        self.status = change.status.map_or(self.status, LeadStatus::number);
        self.added_at = change.added_at.map_or(self.added_at, |at| at.0);
        let last = change
            .last_activity_at
            .max(change.note.as_ref().map(|(_, at)| *at));
        self.last_activity_at = self.last_activity_at.max(last.map_or(0, |at: Millis| at.0));
        for (n, contact) in change.reread {
            if let Some((_, has)) = self.contacts.iter_mut().find(|(of, _)| *of == n) {
                *has = contact;
            }
        }
        let highest = self.contacts.iter().map(|(n, _)| *n).max().unwrap_or(0);
        self.contacts.extend((highest + 1..).zip(change.contacts));
        self.notes.extend(change.note.map(|(text, _)| text));
    }
}

/// Whether a record says all that the new one says: the same number, and the same address where the new one has one.
pub fn is_same(has: &NewContact, new: &NewContact) -> bool {
    has.has_number_of(new)
        && (text::address(&has.email) == text::address(&new.email)
            || (new.email.is_empty() && !new.telephone.is_empty()))
}

/// Writes rows: what is new is inserted, what is known is changed where the row says something else.
pub async fn write_rows(writing: &Writing<'_>, rows: &[LeadOfRow]) -> Result<ImportNumbers> {
    let tx = writing.tx();
    // A row's lead is looked for and then made: another import may not do the same in between.
    lock::alone(writing, Turn::Import).await?;
    let ids: Vec<&str> = rows.iter().filter_map(|r| r.external.as_deref()).collect();
    let digests = rows.iter().filter(|r| r.external.is_none());
    let digests: Vec<&str> = digests.map(|r| r.digest.as_str()).collect();
    let mut met = Query::new("SELECT lead FROM lead_key WHERE kind = ");
    met.bind(kind::EXTERNAL)
        .add(" AND key IN (")
        .bind_all(or_none(&ids));
    met.add(") UNION ALL SELECT lead FROM lead_key WHERE kind = ");
    met.bind(kind::ROW)
        .add(" AND key IN (")
        .bind_all(or_none(&digests))
        .add(")");
    lock::leads(writing, &met).await?;
    let mut known = known(tx, kind::EXTERNAL, &ids).await?;
    let mut seen = self::known(tx, kind::ROW, &digests).await?;

    let mut numbers = ImportNumbers::default();
    let mut new: Vec<NewLead> = Vec::new();
    let mut new_ids: HashSet<&str> = HashSet::new();
    let mut new_rows: HashSet<&str> = HashSet::new();
    for row in rows {
        let Some(id) = row.external.as_deref() else {
            // Of a row that came in before nothing but how its number is read can have changed.
            let reread = seen.get(&row.digest).map(|lead| lead.reread(row));
            match (seen.get_mut(&row.digest), reread) {
                (Some(lead), Some(reread)) if !reread.is_empty() => {
                    let change = Change {
                        reread,
                        ..Change::default()
                    };
                    lead_write::change(writing, lead.lead, &change).await?;
                    lead.apply(change);
                    numbers.changed += 1;
                }
                (Some(_), _) => numbers.unchanged += 1,
                (None, _) if new_rows.insert(&row.digest) => {
                    new.push(row.clone().into_new());
                    numbers.imported += 1;
                }
                (None, _) => numbers.unchanged += 1,
            }
            continue;
        };
        if new_ids.contains(id) {
            // The same id twice in one chunk: the second row meets the lead that the first one makes.
            lead_write::insert(writing, &new).await?;
            new.clear();
            let made: Vec<&str> = new_ids.drain().collect();
            known.extend(self::known(tx, kind::EXTERNAL, &made).await?);
        }
        match known.get_mut(id) {
            None => {
                new.push(row.clone().into_new());
                new_ids.insert(id);
                numbers.imported += 1;
            }
            Some(lead) => {
                let change = lead.change(row);
                if change.is_empty() {
                    numbers.unchanged += 1;
                } else {
                    lead_write::change(writing, lead.lead, &change).await?;
                    lead.apply(change);
                    numbers.changed += 1;
                }
            }
        }
    }
    lead_write::insert(writing, &new).await?;
    Ok(numbers)
}

/// A list that is never empty, as `IN` wants it: no key is an empty text.
fn or_none<'a>(keys: &[&'a str]) -> Vec<&'a str> {
    if keys.is_empty() {
        vec![""]
    } else {
        keys.to_vec()
    }
}

/// `$2, $3, …` for so many values behind a first one.
fn places(count: usize) -> String {
    (0..count)
        .map(|i| format!("${}", i + 2))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The leads of these keys of one kind, as they stand.
async fn known<C: ConnectionTrait>(
    on: &C,
    kind: &'static str,
    ids: &[&str],
) -> Result<HashMap<String, Known>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![kind.into()];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let of_ids = format!("kind = $1 AND key IN ({})", places(ids.len()));
    let rows = sql::rows(
        on,
        &format!(
            "SELECT k.key, l.id, l.name, l.source, l.status, l.owner, l.country, l.added_at, l.last_activity_at \
             FROM lead_key k JOIN lead l ON l.id = k.lead WHERE k.{} ORDER BY l.id DESC",
            of_ids.replace(" AND key", " AND k.key")
        ),
        values.clone(),
    )
    .await?;
    let mut contacts: HashMap<i64, Vec<(i64, NewContact)>> = HashMap::new();
    let found: Vec<(i64, i64, String, String, String)> = sql::tuples(
        on,
        &format!(
            "SELECT lead, n, telephone, e164, email FROM contact_record \
             WHERE lead IN (SELECT lead FROM lead_key WHERE {of_ids})"
        ),
        values.clone(),
    )
    .await?;
    for (lead, n, telephone, e164, email) in found {
        let contact = NewContact {
            telephone,
            email,
            e164: Some(e164).filter(|e164| !e164.is_empty()),
        };
        contacts.entry(lead).or_default().push((n, contact));
    }
    let mut notes: HashMap<i64, Vec<String>> = HashMap::new();
    let found: Vec<(i64, String)> = sql::tuples(
        on,
        &format!(
            "SELECT lead, text FROM activity WHERE kind = 'note' \
             AND lead IN (SELECT lead FROM lead_key WHERE {of_ids})"
        ),
        values,
    )
    .await?;
    for (lead, text) in found {
        notes.entry(lead).or_default().push(text);
    }
    rows.iter()
        .map(|row| {
            let lead: i64 = sql::get(row, "id")?;
            let known = Known {
                lead: LeadId(lead),
                name: sql::get(row, "name")?,
                source: sql::get(row, "source")?,
                status: sql::get(row, "status")?,
                owner: sql::get(row, "owner")?,
                country: sql::get(row, "country")?,
                added_at: sql::get(row, "added_at")?,
                last_activity_at: sql::get(row, "last_activity_at")?,
                contacts: contacts.remove(&lead).unwrap_or_default(),
                notes: notes.remove(&lead).unwrap_or_default(),
            };
            Ok((sql::get(row, "key")?, known))
        })
        .collect()
}
