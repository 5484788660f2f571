//! A file's bytes as text: UTF-8, UTF-16 with its mark, or what is neither as Windows-1252, of which Latin-1 is a part.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Why a file isn't read at all. Its words are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes, or blank lines alone.
    #[error("This file is empty. Choose a CSV file with a header and at least one row.")]
    Empty,
    /// A workbook, or another zip.
    #[error("This is a workbook, no CSV file. Open it and save it as CSV.")]
    Workbook,
    /// Compressed by gzip. It isn't unpacked: a small file can hold endlessly much.
    #[error("This file is compressed (gzip). Unpack it first, then import the CSV file.")]
    Compressed,
    /// NUL in the header: no text, or UTF-16 without its mark.
    #[error("This file holds NUL characters: it isn't text. Save it as CSV in UTF-8.")]
    Nul,
    /// The mark says an encoding that the bytes aren't.
    #[error("This file's encoding is broken. Save it as CSV in UTF-8.")]
    Encoding,
    /// The first line looks like a lead.
    #[error("The first line must name the columns, such as Name, Telephone, E-mail.")]
    NoHeader,
    /// More columns than a table has.
    #[error("This file has more than 1,000 columns. Leave out those that you don't need.")]
    TooWide,
    /// More than an upload may have.
    #[error("This file is too large. Split it and import the parts.")]
    TooLarge,
}

impl Unreadable {
    /// The word in the address of the page that says it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Workbook => "workbook",
            Self::Compressed => "compressed",
            Self::Nul => "nul",
            Self::Encoding => "encoding",
            Self::NoHeader => "no-header",
            Self::TooWide => "wide",
            Self::TooLarge => "large",
        }
    }
}

/// The text, and whether its encoding was guessed.
pub fn text(bytes: Vec<u8>) -> Result<(String, bool), Unreadable> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Unreadable::Compressed);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Unreadable::Workbook);
    }
    let (text, guessed) = match Encoding::for_bom(&bytes) {
        Some((encoding, mark)) if encoding == UTF_8 => utf8_or_1252(bytes[mark..].to_vec()),
        Some((encoding, mark)) => encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .ok_or(Unreadable::Encoding)
            .map(|text| (text.into_owned(), false))?,
        None => utf8_or_1252(bytes),
    };
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok((text, guessed))
}

fn utf8_or_1252(bytes: Vec<u8>) -> (String, bool) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => {
            let text = WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0;
            (text.into_owned(), true)
        }
    }
}
