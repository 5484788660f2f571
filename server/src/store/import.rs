//! Imports: the uploaded file, its preview and mapping, and writing its rows chunk by chunk.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact};
use domain::import::{ImportId, ImportNumbers, ImportPage, ImportState, Mapping, RefusedRow};
use domain::member::MemberId;
use domain::permission::{Granted, ImportLeads};
use domain::ports::Imports;
use domain::{Error, Result, text};
use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::Uuid;

use super::import_rows::write_rows;
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
