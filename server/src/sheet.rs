//! Lines of CSV as spreadsheets take them. No cell is a formula, whatever somebody is called.

use domain::{Error, Result};

/// The mark by which spreadsheets know UTF-8.
pub const MARK: &str = "\u{feff}";

/// Rows as lines; they may have different numbers of cells.
pub fn lines<R, C>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.into_iter().map(|cell| tame(cell.as_ref())))
            .map_err(|error| Error::Internal(error.to_string()))?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::Internal(error.error().to_string()))
}

/// A cell as it was before it was made safe: without that apostrophe.
pub fn untamed(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if tame(rest) != rest => rest.to_owned(),
        _ => cell,
    }
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe, which it takes for text.
fn tame(cell: &str) -> String {
    match cell.trim_start_matches(' ').chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "＝1"] {
            assert_eq!(tame(formula), format!("'{formula}"));
            assert_eq!(untamed(tame(formula)), formula);
        }
        for text in ["Petra Lane", "3 leads, 2 kept", "", "2026-08-18"] {
            assert_eq!(tame(text), text);
            assert_eq!(untamed(text.to_owned()), text);
        }
        // A name is left as it is.
        for text in ["'t Hooft", "'"] {
            assert_eq!(untamed(text.to_owned()), text);
        }
    }
}
