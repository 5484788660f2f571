//! Imports: the uploaded file, its preview and mapping, and writing its rows chunk by chunk.

use std::time::Duration;

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact};
use domain::import::{
    Findings, ImportId, ImportNumbers, ImportPage, ImportState, MOST_REFUSALS, Mapping, RefusedRow,
};
use domain::member::MemberId;
use domain::permission::{Granted, ImportLeads, Permission};
use domain::ports::Imports;
use domain::{Error, Result, text};
use sea_orm::{DbErr, Value};
use tokio::sync::Notify;
use tokio::time::sleep;
use uuid::Uuid;

use super::import_rows::write_rows;
use super::sql::{self, internal, values};
use super::{Store, Writing, fact, number, rights};
use crate::database::{Priority, Turn};
use crate::import::row::LeadOfRow;
use crate::import::table::Table;
use crate::import::{self, Readable};

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

impl Chunk {
    /// How many rows of the file it has.
    fn count(&self) -> u64 {
        (self.rows.len() + self.refused.len()) as u64
    }
}

/// Where an import stands that was started, as who carries it out believes: the turn of it is a connection's, and another
/// node takes it when that is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub import: Uuid,
    /// So many of its rows have come to something.
    pub done: u64,
}

/// The import of [`Standing::values`] is on and stands there.
const STANDS: &str =
    "id = $1 AND state = 'running' AND imported + unchanged + changed + refused = $2";

impl Standing {
    /// For [`STANDS`].
    fn values(&self) -> [Value; 2] {
        values![self.import.as_bytes().to_vec(), self.done as i64]
    }
}

impl Store {
    /// Wakes what carries imports out, and is what it waits on.
    pub fn import_bell(&self) -> &Notify {
        &self.imports
    }

    /// Keeps an uploaded file, with what it holds, for its preview.
    pub async fn keep_upload(
        &self,
        by: Granted<ImportLeads>,
        name: &str,
        file: Readable,
    ) -> Result<ImportId> {
        let mapping = Mapping::of_headers(&file.headers);
        let not_utf8 = file.not_utf8;
        let (text, mut findings) = self.look_through(file.text, mapping.clone()).await?;
        findings.not_utf8 = not_utf8;
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        rights::check(tx, by.member(), Permission::ImportLeads).await?;
        let id = writing.act.as_bytes().to_vec();
        let name: String = text::plain(name).chars().take(200).collect();
        sql::execute(
            tx,
            "INSERT INTO import (id, member, file, at, state, mapping, total, findings) \
             VALUES ($1, $2, $3, $4, 'preview', $5, $6, $7)",
            values![
                id.clone(),
                by.member().0,
                name,
                writing.now.0,
                json(&mapping)?,
                file.rows as i64,
                json(&findings)?
            ],
        )
        .await?;
        for (n, piece) in (1_i64..).zip(text.as_bytes().chunks(PIECE)) {
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

    /// Where the import stands that is on or comes next.
    pub async fn standing(&self) -> Result<Option<Standing>> {
        Ok(self.started().await?.map(|(standing, _, _)| standing))
    }

    /// The same, with who started it and its mapping.
    async fn started(&self) -> Result<Option<(Standing, ActorRef, String)>> {
        let next: Option<(Vec<u8>, Option<i64>, String, i64)> = sql::tuple(
            self.reader(),
            "SELECT id, member, mapping, imported + unchanged + changed + refused FROM import \
             WHERE state = 'running' ORDER BY at, id LIMIT 1",
            [],
        )
        .await?;
        let Some((id, member, mapping, done)) = next else {
            return Ok(None);
        };
        let standing = Standing {
            import: sql::uuid(id)?,
            done: u64::try_from(done).unwrap_or(0),
        };
        let actor = member.map_or(ActorRef::CommandLine, |m| ActorRef::Member(MemberId(m)));
        Ok(Some((standing, actor, mapping)))
    }

    /// Carries out one import that was started, from where it stands; `false` where there is none, or another node is at
    /// them. After a fault of the database it stays as far as it is, for another try; only `give_up` ends it as failed, where
    /// it came no further.
    pub async fn run_started_import(&self, give_up: bool) -> Result<bool> {
        if self.started().await?.is_none() {
            return Ok(false);
        }
        let hold = self.database().try_hold(Turn::Importing).await;
        let Some(_alone) = hold.map_err(internal)? else {
            return Ok(false);
        };
        let Some((mut standing, actor, mapping)) = self.started().await? else {
            return Ok(false);
        };
        let begun = standing;
        let ended = self.run_import(&mut standing, actor, &mapping).await;
        let give_up = give_up && standing == begun;
        let trouble = match ended {
            Ok(true) => None,
            Ok(false) => return Ok(false),
            Err(error @ (Error::Internal(_) | Error::Busy | Error::Unavailable(_))) if !give_up => {
                return Err(error);
            }
            Err(error) => Some(error.to_string()),
        };
        self.end_import(standing, trouble).await
    }

    /// Ends an import as done, or as failed by what is the trouble, with its file; `false` where another node has gone on
    /// with it.
    async fn end_import(&self, standing: Standing, trouble: Option<String>) -> Result<bool> {
        let state = if trouble.is_some() { "failed" } else { "done" };
        let writing = self.begin(Priority::Person).await?;
        let [id, done] = standing.values();
        let ended = sql::execute(
            writing.tx(),
            &format!("UPDATE import SET state = $3, trouble = $4 WHERE {STANDS}"),
            [id.clone(), done, state.into(), trouble.into()],
        )
        .await?;
        if ended == 0 {
            return Ok(false);
        }
        sql::execute(
            writing.tx(),
            "DELETE FROM import_file WHERE import = $1",
            [id],
        )
        .await?;
        writing.commit_quietly().await?;
        // The file named leads: what is freed of it isn't to stay in the write-ahead log.
        self.scrub_soon();
        Ok(true)
    }

    /// Writes what is left of its file; `false` where another node has gone on with it.
    async fn run_import(
        &self,
        standing: &mut Standing,
        actor: ActorRef,
        mapping: &str,
    ) -> Result<bool> {
        let mapping: Mapping = serde_json::from_str(mapping)
            .map_err(|error| internal(DbErr::Json(error.to_string())))?;
        let reading = import::reading(self, mapping).await?;
        let file = self.file_text(standing.import, i64::MAX).await?;
        let mut table =
            Table::of(&file).map_err(|unreadable| Error::Conflict(unreadable.to_string()))?;
        if let Some(last) = usize::try_from(standing.done).unwrap_or(0).checked_sub(1) {
            _ = table.nth(last);
        }
        while let Some(chunk) = import::next_chunk(&mut table, &reading) {
            let written = self.write_chunk(&chunk, actor, Some(*standing)).await?;
            if written.is_none() {
                return Ok(false);
            }
            standing.done += chunk.count();
        }
        Ok(true)
    }

    /// Writes a chunk; again where another transaction was at the same rows, since nothing of it was written then.
    pub async fn write_chunk(
        &self,
        chunk: &Chunk,
        actor: ActorRef,
        import: Option<Standing>,
    ) -> Result<Option<ImportNumbers>> {
        for pause in [20, 100, 500] {
            match self.import_chunk(chunk, actor, import).await {
                Err(Error::Busy) => sleep(Duration::from_millis(pause)).await,
                written => return written,
            }
        }
        self.import_chunk(chunk, actor, import).await
    }

    /// Writes a chunk in one transaction: one act, unless it told nothing new. `None`, and nothing is written, where the import
    /// doesn't stand there any more: another node has gone on with it.
    pub async fn import_chunk(
        &self,
        chunk: &Chunk,
        actor: ActorRef,
        import: Option<Standing>,
    ) -> Result<Option<ImportNumbers>> {
        let writing = self.begin(Priority::Queue).await?;
        let mut numbers = write_rows(&writing, &chunk.rows).await?;
        numbers.refused = chunk.refused.len() as u64;
        if let Some(standing) = import
            && !count(&writing, standing, &numbers, &chunk.refused).await?
        {
            return Ok(None);
        }
        if numbers.imported + numbers.changed == 0 {
            writing.commit_quietly().await?;
            return Ok(Some(numbers));
        }
        let mut facts = vec![
            number("imported", numbers.imported),
            number("unchanged", numbers.unchanged),
            number("changed", numbers.changed),
            number("refused", numbers.refused),
        ];
        facts.extend(import.map(|standing| fact("import", Fact::Id(standing.import))));
        writing.commit(actor, Act::Imported, facts).await?;
        Ok(Some(numbers))
    }

    /// What a file holds under a mapping; and its text back. Off the threads that answer requests: a large file takes
    /// seconds.
    async fn look_through(&self, text: String, mapping: Mapping) -> Result<(String, Findings)> {
        let reading = import::reading(self, mapping).await?;
        let looked = tokio::task::spawn_blocking(move || {
            let findings = import::findings(&text, &reading);
            (text, findings)
        });
        looked
            .await
            .map_err(|error| internal(DbErr::Custom(error.to_string())))
    }

    /// The file's text, of its first pieces; what a piece cuts in two is left out. Empty where the file is gone.
    pub(super) async fn file_text(&self, import: Uuid, pieces: i64) -> Result<String> {
        let (on, mut bytes) = (self.snapshot().await?, Vec::new());
        for n in 1..=pieces {
            let piece: Option<Vec<u8>> = sql::value(
                &on,
                "SELECT bytes FROM import_file WHERE import = $1 AND n = $2",
                values![import.as_bytes().to_vec(), n],
            )
            .await?;
            let Some(piece) = piece else { break };
            bytes.extend(piece);
        }
        on.commit().await.map_err(internal)?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
            let good = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned()
        }))
    }

    /// The page of an import of this member's; 404 for another's.
    pub async fn import_page(&self, member: MemberId, import: ImportId) -> Result<ImportPage> {
        let id = import.0.as_bytes().to_vec();
        let row = sql::row(
            self.reader(),
            "SELECT file, state, mapping, total, imported, unchanged, changed, refused, trouble, findings FROM import \
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
        let mapping: Mapping =
            serde_json::from_str(&sql::get::<String>(&row, "mapping")?).unwrap_or_default();
        let kept: Option<String> = sql::get(&row, "findings")?;
        let findings = match (state, kept) {
            (ImportState::Preview, Some(kept)) => serde_json::from_str(&kept).ok(),
            // Uploaded before they were kept.
            (ImportState::Preview, None) => {
                let text = self.file_text(import.0, i64::MAX).await?;
                Some(self.look_through(text, mapping.clone()).await?.1)
            }
            _ => None,
        };
        Ok(ImportPage {
            id: import,
            file: sql::get(&row, "file")?,
            state,
            headers,
            mapping,
            findings,
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
        let text = self.file_text(import.0, i64::MAX).await?;
        let (_, mut findings) = self.look_through(text, mapping.clone()).await?;
        findings.not_utf8 = page.findings.is_some_and(|found| found.not_utf8);
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::ImportLeads).await?;
        let changed = sql::execute(
            writing.tx(),
            "UPDATE import SET mapping = $3, findings = $4 WHERE id = $1 AND member = $2 AND state = 'preview'",
            values![
                import.0.as_bytes().to_vec(),
                by.member().0,
                json(&mapping)?,
                json(&findings)?
            ],
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

    async fn import_start(
        &self,
        by: Granted<ImportLeads>,
        import: ImportId,
        mapping: Mapping,
        valid: u64,
    ) -> Result<ImportPage> {
        let page = self.import_page(by.member(), import).await?;
        let Some(findings) = &page.findings else {
            // Pressed twice.
            return Ok(page);
        };
        let anew = || {
            let sentence = "The columns were chosen anew meanwhile, and nothing was imported. See what would come in now.";
            Error::TooLate(sentence.into())
        };
        if mapping != page.mapping {
            return Err(anew());
        }
        import::check(&mapping, mapping.0.len())?;
        if findings.valid == 0 {
            return Err(Error::Conflict(
                "No row of this file can be imported. Mend it, or choose other columns.".into(),
            ));
        }
        if findings.valid != valid {
            return Err(anew());
        }
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::ImportLeads).await?;
        sql::execute(
            writing.tx(),
            "UPDATE import SET state = 'running', findings = NULL \
             WHERE id = $1 AND member = $2 AND state = 'preview' AND mapping = $3",
            values![import.0.as_bytes().to_vec(), by.member().0, json(&mapping)?],
        )
        .await?;
        writing.commit_quietly().await?;
        self.imports.notify_one();
        let page = self.import_page(by.member(), import).await?;
        match page.state {
            ImportState::Preview => Err(anew()),
            _ => Ok(page),
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| internal(DbErr::Json(error.to_string())))
}

/// Moves an import's numbers and keeps the first refused rows; `false` where it doesn't stand there.
async fn count(
    writing: &Writing<'_>,
    standing: Standing,
    numbers: &ImportNumbers,
    refused: &[RefusedRow],
) -> Result<bool> {
    let [id, done] = standing.values();
    let before: Option<i64> = sql::value(
        writing.tx(),
        "SELECT refused FROM import WHERE id = $1",
        [id.clone()],
    )
    .await?;
    let counted = sql::execute(
        writing.tx(),
        &format!(
            "UPDATE import SET imported = imported + $3, unchanged = unchanged + $4, changed = changed + $5, \
             refused = refused + $6 WHERE {STANDS}"
        ),
        [
            id.clone(),
            done,
            (numbers.imported as i64).into(),
            (numbers.unchanged as i64).into(),
            (numbers.changed as i64).into(),
            (numbers.refused as i64).into(),
        ],
    )
    .await?;
    if counted == 0 {
        return Ok(false);
    }
    let room = MOST_REFUSALS.saturating_sub(before.unwrap_or(0).try_into().unwrap_or(0));
    for row in refused.iter().take(room) {
        sql::execute(
            writing.tx(),
            "INSERT INTO import_refusal (import, line, cause) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [id.clone(), (row.line as i64).into(), row.cause.as_str().into()],
        )
        .await?;
    }
    Ok(true)
}
