//! The refused rows of an uploaded file as CSV: line, why, and the cells as they stand there, for whoever mends them. An
//! apostrophe before what a spreadsheet would take for a formula is taken off again where they are imported.

use std::time::Duration;

use domain::import::ImportId;
use domain::permission::{Granted, ImportLeads};
use domain::{Error, Result};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver};

use super::Store;
use crate::import;
use crate::import::row::Reading;
use crate::import::table::Table;
use crate::sheet::{MARK, lines};

/// A piece has so many rows.
const PIECE: usize = 500;
/// Whoever takes no piece for so long has gone: the file isn't kept in memory for them.
const PATIENCE: Duration = Duration::from_secs(30);

/// A piece of the rows; `None` behind the last one, so that what was cut off is told from what is whole.
pub type Piece = Option<Vec<u8>>;

impl Store {
    /// The refused rows of one's own import in pieces, read as they are taken. 404 for another person's, 409 once the file is
    /// gone.
    pub async fn import_refusals(
        &self,
        by: Granted<ImportLeads>,
        import: ImportId,
    ) -> Result<Receiver<Result<Piece>>> {
        let page = self.import_page(by.member(), import).await?;
        let text = self.file_text(import.0, i64::MAX).await?;
        if text.is_empty() {
            return Err(Error::Conflict(
                "This file is gone: it is kept until its import is through. Choose it again."
                    .into(),
            ));
        }
        let reading = import::reading(self, page.mapping).await?;
        let (send, pieces) = mpsc::channel(2);
        let here = Handle::current();
        tokio::task::spawn_blocking(move || {
            refusals(&text, &reading, |piece| {
                let sent = send.send_timeout(piece, PATIENCE);
                here.block_on(sent).ok()
            })
        });
        Ok(pieces)
    }
}

/// Sends them, until nobody takes them any more.
fn refusals(
    text: &str,
    reading: &Reading,
    send: impl Fn(Result<Piece>) -> Option<()>,
) -> Option<()> {
    let mut table = Table::of(text).ok()?;
    let mut heading = vec!["Line".to_owned(), "Why".to_owned()];
    heading.extend(table.headers.iter().cloned());
    let mut first = MARK.as_bytes().to_vec();
    match lines([heading]) {
        Ok(heading) => first.extend(heading),
        Err(error) => return send(Err(error)),
    }
    send(Ok(Some(first)))?;
    let mut piece: Vec<Vec<String>> = Vec::new();
    while let Some(row) = table.next() {
        if let Err(refused) = import::read(&row, reading) {
            let mut line = vec![refused.line.to_string(), refused.cause];
            line.extend(table.cells_of(&row));
            piece.push(line);
        }
        if piece.len() == PIECE {
            send(lines(piece.drain(..)).map(Some))?;
        }
    }
    send(lines(piece).map(Some))?;
    send(Ok(None))
}
