//! Imports: the uploaded file, its preview and mapping, and writing its rows chunk by chunk.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact};
use domain::import::{ImportId, ImportNumbers, ImportPage, ImportState, Mapping, RefusedRow};
use domain::lead::{LeadId, LeadStatus};
use domain::member::MemberId;
use domain::permission::{Granted, ImportLeads};
use domain::ports::Imports;
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::{ConnectionTrait, DbErr, Value};
use tokio::sync::Notify;
use uuid::Uuid;

use super::lead_write::{self, Change, NewContact, NewLead, kind};
use super::sql::{self, internal, values};
use super::{Store, Writing, fact, number};
use crate::database::Priority;
use crate::import::row::LeadOfRow;
use crate::import::table::Table;
use crate::import::{self, MOST_REFUSALS, Readable};

/// A piece of an uploaded file.
const PIECE: usize = 1 << 20;
/// The preview's rows.
const SAMPLE_ROWS: usize = 5;
/// What a cell of the preview shows of a longer one, in characters.
const SAMPLE_CHARACTERS: usize = 200;

/// Rows of a file that are written together.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Those that could be read.
    pub rows: Vec<LeadOfRow>,
    /// Those that couldn't.
    pub refused: Vec<RefusedRow>,
}

impl Store {
    /// Wakes what carries imports out, and is what it waits on.
    pub fn import_bell(&self) -> &Notify {
        &self.imports
    }

    /// Keeps an uploaded file for its preview.
    pub async fn keep_upload(
        &self,
        by: Granted<ImportLeads>,
        name: &str,
        file: Readable,
    ) -> Result<ImportId> {
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        let id = writing.act.as_bytes().to_vec();
        let name: String = text::plain(name).chars().take(200).collect();
        sql::execute(
            tx,
            "INSERT INTO import (id, member, file, at, state, mapping, total) VALUES ($1, $2, $3, $4, 'preview', $5, $6)",
            values![
                id.clone(),
                by.member().0,
                name,
                writing.now.0,
                json(&Mapping::of_headers(&file.headers))?,
                file.rows as i64
            ],
        )
        .await?;
        for (n, piece) in (1_i64..).zip(file.text.as_bytes().chunks(PIECE)) {
            sql::execute(
                tx,
                "INSERT INTO import_file (import, n, bytes) VALUES ($1, $2, $3)",
                values![id.clone(), n, piece.to_vec()],
            )
            .await?;
        }
        let id = ImportId(writing.act);
        writing.commit_quietly().await?;
        Ok(id)
    }

    /// Carries out one import that was started, from where it stands; `false` where there is none.
    pub async fn run_started_import(&self) -> Result<bool> {
        let next: Option<(Vec<u8>, Option<i64>, String, i64)> = sql::tuple(
            self.reader(),
            "SELECT id, member, mapping, imported + unchanged + changed + refused FROM import \
             WHERE state = 'running' ORDER BY at, id LIMIT 1",
            [],
        )
        .await?;
        let Some((id, member, mapping, done)) = next else {
            return Ok(false);
        };
        let id = sql::uuid(id)?;
        let actor = member.map_or(ActorRef::CommandLine, |m| ActorRef::Member(MemberId(m)));
        let ended = self
            .run_import(id, actor, &mapping, usize::try_from(done).unwrap_or(0))
            .await;
        let trouble = ended.err().map(|error| error.to_string());
        let writing = self.begin(Priority::Person).await?;
        sql::execute(
            writing.tx(),
            "UPDATE import SET state = $2, trouble = $3 WHERE id = $1",
            values![
                id.as_bytes().to_vec(),
                if trouble.is_some() { "failed" } else { "done" },
                trouble
            ],
        )
        .await?;
        sql::execute(
            writing.tx(),
            "DELETE FROM import_file WHERE import = $1",
            values![id.as_bytes().to_vec()],
        )
        .await?;
        writing.commit_quietly().await?;
        // The file named leads: what is freed of it isn't to stay in the write-ahead log.
        self.scrub_soon();
        Ok(true)
    }

    async fn run_import(
        &self,
        id: Uuid,
        actor: ActorRef,
        mapping: &str,
        done: usize,
    ) -> Result<()> {
        let mapping: Mapping = serde_json::from_str(mapping)
            .map_err(|error| internal(DbErr::Json(error.to_string())))?;
        let reading = import::reading(self, mapping).await?;
        let file = self.file_text(id, i64::MAX).await?;
        let mut table =
            Table::of(&file).map_err(|unreadable| Error::Conflict(unreadable.to_string()))?;
        if done > 0 {
            _ = table.nth(done - 1);
        }
        while let Some(chunk) = import::next_chunk(&mut table, &reading) {
            self.import_chunk(&chunk, actor, Some(id)).await?;
        }
        Ok(())
    }

    /// Writes a chunk in one transaction: one act, unless it told nothing new.
    pub async fn import_chunk(
        &self,
        chunk: &Chunk,
        actor: ActorRef,
        import: Option<Uuid>,
    ) -> Result<ImportNumbers> {
        let writing = self.begin(Priority::Queue).await?;
        let mut numbers = write_rows(&writing, &chunk.rows).await?;
        numbers.refused = chunk.refused.len() as u64;
        if let Some(import) = import {
            count(&writing, import, &numbers, &chunk.refused).await?;
        }
        if numbers.imported + numbers.changed == 0 {
            writing.commit_quietly().await?;
            return Ok(numbers);
        }
        let mut facts = vec![
            number("imported", numbers.imported),
            number("unchanged", numbers.unchanged),
            number("changed", numbers.changed),
            number("refused", numbers.refused),
        ];
        facts.extend(import.map(|id| fact("import", Fact::Id(id))));
        writing.commit(actor, Act::Imported, facts).await?;
        Ok(numbers)
    }

    /// The file's text, of its first pieces; what a piece cuts in two is left out.
    async fn file_text(&self, import: Uuid, pieces: i64) -> Result<String> {
        let pieces: Vec<Vec<u8>> = sql::column(
            self.reader(),
            "SELECT bytes FROM import_file WHERE import = $1 ORDER BY n LIMIT $2",
            values![import.as_bytes().to_vec(), pieces],
        )
        .await?;
        let bytes = pieces.concat();
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
            let good = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned()
        }))
    }

    async fn import_page(&self, member: MemberId, import: ImportId) -> Result<ImportPage> {
        let id = import.0.as_bytes().to_vec();
        let row = sql::row(
            self.reader(),
            "SELECT file, state, mapping, total, imported, unchanged, changed, refused, trouble FROM import \
             WHERE id = $1 AND member = $2",
            values![id.clone(), member.0],
        )
        .await?
        .ok_or_else(|| Error::not_found("import"))?;
        let count = |column: &str| -> Result<u64> {
            Ok(sql::get::<i64>(&row, column)?.try_into().unwrap_or(0))
        };
        let refused: Vec<(i64, String)> = sql::tuples(
            self.reader(),
            "SELECT line, cause FROM import_refusal WHERE import = $1 ORDER BY line LIMIT $2",
            values![id, MOST_REFUSALS as i64],
        )
        .await?;
        let state: String = sql::get(&row, "state")?;
        let state = match state.as_str() {
            "preview" => ImportState::Preview,
            "running" => ImportState::Running,
            "done" => ImportState::Done,
            _ => ImportState::Failed,
        };
        let (mut headers, mut sample) = (Vec::new(), Vec::new());
        if state == ImportState::Preview {
            let beginning = self.file_text(import.0, 1).await?;
            if let Ok(table) = Table::of(&beginning) {
                headers = table.headers.clone();
                let shown = |cell: String| cell.chars().take(SAMPLE_CHARACTERS).collect();
                sample = table
                    .filter_map(|row| row.cells.ok())
                    .take(SAMPLE_ROWS)
                    .map(|cells| cells.into_iter().map(shown).collect())
                    .collect();
            }
        }
        Ok(ImportPage {
            id: import,
            file: sql::get(&row, "file")?,
            state,
            headers,
            mapping: serde_json::from_str(&sql::get::<String>(&row, "mapping")?)
                .unwrap_or_default(),
            sample,
            rows: count("total")?,
            numbers: ImportNumbers {
                imported: count("imported")?,
                unchanged: count("unchanged")?,
                changed: count("changed")?,
                refused: count("refused")?,
            },
            refused: refused
                .into_iter()
                .map(|(line, cause)| RefusedRow {
                    line: line.try_into().unwrap_or(0),
                    cause,
                })
                .collect(),
            trouble: sql::get(&row, "trouble")?,
        })
    }
}

#[async_trait]
impl Imports for Store {
    async fn import(&self, by: Granted<ImportLeads>, import: ImportId) -> Result<ImportPage> {
        self.import_page(by.member(), import).await
    }

    async fn import_mapping(
        &self,
        by: Granted<ImportLeads>,
        import: ImportId,
        mapping: Mapping,
    ) -> Result<ImportPage> {
        let page = self.import_page(by.member(), import).await?;
        import::check(&mapping, page.mapping.0.len())?;
        let writing = self.begin(Priority::Person).await?;
        let changed = sql::execute(
            writing.tx(),
            "UPDATE import SET mapping = $3 WHERE id = $1 AND member = $2 AND state = 'preview'",
            values![import.0.as_bytes().to_vec(), by.member().0, json(&mapping)?],
        )
        .await?;
        if changed == 0 {
            return Err(Error::Conflict(
                "This import has begun: its columns can't be changed any more.".into(),
            ));
        }
        writing.commit_quietly().await?;
        self.import_page(by.member(), import).await
    }

    async fn import_start(&self, by: Granted<ImportLeads>, import: ImportId) -> Result<ImportPage> {
        let page = self.import_page(by.member(), import).await?;
        import::check(&page.mapping, page.mapping.0.len())?;
        let writing = self.begin(Priority::Person).await?;
        sql::execute(
            writing.tx(),
            "UPDATE import SET state = 'running' WHERE id = $1 AND member = $2 AND state = 'preview'",
            values![import.0.as_bytes().to_vec(), by.member().0],
        )
        .await?;
        writing.commit_quietly().await?;
        self.imports.notify_one();
        self.import_page(by.member(), import).await
    }
}

fn json(mapping: &Mapping) -> Result<String> {
    serde_json::to_string(mapping).map_err(|error| internal(DbErr::Json(error.to_string())))
}

/// Moves an import's numbers and keeps the first refused rows.
async fn count(
    writing: &Writing<'_>,
    import: Uuid,
    numbers: &ImportNumbers,
    refused: &[RefusedRow],
) -> Result<()> {
    let id = import.as_bytes().to_vec();
    let before: Option<i64> = sql::value(
        writing.tx(),
        "SELECT refused FROM import WHERE id = $1",
        values![id.clone()],
    )
    .await?;
    let room = MOST_REFUSALS.saturating_sub(before.unwrap_or(0).try_into().unwrap_or(0));
    for row in refused.iter().take(room) {
        sql::execute(
            writing.tx(),
            "INSERT INTO import_refusal (import, line, cause) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            values![id.clone(), row.line as i64, row.cause.as_str()],
        )
        .await?;
    }
    sql::execute(
        writing.tx(),
        "UPDATE import SET imported = imported + $2, unchanged = unchanged + $3, changed = changed + $4, \
         refused = refused + $5 WHERE id = $1",
        values![
            id,
            numbers.imported as i64,
            numbers.unchanged as i64,
            numbers.changed as i64,
            numbers.refused as i64
        ],
    )
    .await?;
    Ok(())
}

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
fn is_same(has: &NewContact, new: &NewContact) -> bool {
    has.has_number_of(new)
        && (text::fold(&has.email) == text::fold(&new.email)
            || (new.email.is_empty() && !new.telephone.is_empty()))
}

async fn write_rows(writing: &Writing<'_>, rows: &[LeadOfRow]) -> Result<ImportNumbers> {
    let tx = writing.tx();
    let ids: Vec<&str> = rows.iter().filter_map(|r| r.external.as_deref()).collect();
    let mut known = known(tx, kind::EXTERNAL, &ids).await?;
    let digests = rows.iter().filter(|r| r.external.is_none());
    let digests: Vec<&str> = digests.map(|r| r.digest.as_str()).collect();
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
