//! A text as rows of cells. Not by the crate `csv`: that reads over broken quotes in silence, and one missing quote
//! would swallow all rows behind it. Here a broken row is one row, and the next line is read anew, within bounds: each
//! line could open a quote that nothing closes, and would be read to the end of the file.

use super::decode::Unreadable;
use crate::sheet::untamed;

/// The header, and the rows behind it one after the other.
#[derive(Debug)]
pub struct Table<'a> {
    /// The names of the columns, as they stand there.
    pub headers: Vec<String>,
    lines: Lines<'a>,
}

/// A row with the number of its first line in the file, from 1.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line.
    pub number: u64,
    /// As many cells as the header has, or why they can't be read.
    pub cells: Result<Vec<String>, &'static str>,
    /// What stands there, without the line end.
    pub text: &'a str,
}

/// A row that goes on over line ends has at most so many bytes.
const LONGEST_ROW: usize = 1 << 20;
/// So many bytes of a file are read in vain, behind quotes that are closed nowhere or in the wrong place. From then on a
/// row is a line.
const MOST_IN_VAIN: usize = 16 << 20;
/// A row has at most so many cells.
const MOST_CELLS: usize = 1_000;

const NEVER_CLOSED: &str = "A quote is opened in this row and never closed. Close it, or write a quote inside a cell twice.";
const BEHIND_QUOTE: &str =
    "There is text behind a closing quote in this row. Write a quote inside a cell twice.";
const TOO_FEW: &str = "This row has fewer cells than the header. Fill it up, or mend its quotes.";
const TOO_MANY: &str =
    "This row has more cells than the header. Put cells with a comma inside into quotes.";
const NUL: &str = "This row holds a NUL character. Remove it.";

impl<'a> Table<'a> {
    /// A row's cells as they stand in the file, however many; of one whose quotes don't tell them apart all of it as one.
    pub fn cells_of(&self, row: &Row<'_>) -> Vec<String> {
        let lines = Lines {
            text: row.text,
            at: 0,
            line: 1,
            delimiter: self.lines.delimiter,
            in_vain: 0,
        };
        match lines.cells(row.text.len()) {
            Ok((cells, _)) => cells,
            // Its quotes don't tell them apart.
            Err(_) => vec![row.text.to_owned()],
        }
    }

    /// Reads the header.
    pub fn of(text: &'a str) -> Result<Self, Unreadable> {
        let mut lines = Lines {
            text,
            at: 0,
            line: 1,
            delimiter: delimiter(text),
            in_vain: MOST_IN_VAIN,
        };
        let header = lines.next().ok_or(Unreadable::Empty)?;
        let headers = header.cells.map_err(|cause| match cause {
            TOO_MANY => Unreadable::TooWide,
            _ => Unreadable::NoHeader,
        })?;
        if headers.iter().any(|cell| cell.contains('\0')) {
            return Err(Unreadable::Nul);
        }
        let known = headers
            .iter()
            .any(|cell| domain::import::Field::of_header(cell).is_some());
        if !known && headers.iter().any(|cell| is_data(cell)) {
            return Err(Unreadable::NoHeader);
        }
        Ok(Self { headers, lines })
    }
}

impl<'a> Iterator for Table<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let mut row = self.lines.next()?;
        let columns = self.headers.len();
        row.cells = row.cells.and_then(|mut cells| {
            if cells.len() < columns {
                return Err(TOO_FEW);
            }
            if cells[columns..].iter().any(|cell| !cell.trim().is_empty()) {
                return Err(TOO_MANY);
            }
            cells.truncate(columns);
            if cells.iter().any(|cell| cell.contains('\0')) {
                return Err(NUL);
            }
            Ok(cells.into_iter().map(untamed).collect())
        });
        Some(row)
    }
}

/// What a header isn't: an e-mail address, a number.
fn is_data(cell: &str) -> bool {
    let cell = cell.trim();
    email_address::EmailAddress::is_valid(cell)
        || cell.chars().filter(char::is_ascii_digit).count() >= 6
}

/// What parts the header's cells: the sign that is there most often.
fn delimiter(text: &str) -> u8 {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let times = |sign: &u8| header.bytes().filter(|b| b == sign).count();
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(times)
        .unwrap_or(b',')
}

#[derive(Debug)]
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    delimiter: u8,
    /// So many bytes may still be read in vain.
    in_vain: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            if self.at >= self.text.len() {
                return None;
            }
            let (start, number) = (self.at, self.line);
            let rest = &self.text[start..];
            let line = rest
                .find(['\n', '\r'])
                .map_or(self.text.len(), |i| start + i);
            let reach = line.max(start + self.in_vain.min(LONGEST_ROW));
            let mut text = &self.text[start..line];
            let cells = match self.cells(reach.min(self.text.len())) {
                Ok((cells, end)) => {
                    text = &self.text[start..end];
                    self.go_to(start, end);
                    if cells.len() == 1 && cells[0].trim().is_empty() {
                        continue;
                    }
                    Ok(cells)
                }
                Err((cause, read)) => {
                    self.in_vain = self.in_vain.saturating_sub(read.saturating_sub(line));
                    self.go_to(start, line);
                    Err(cause)
                }
            };
            return Some(Row {
                number,
                cells,
                text,
            });
        }
    }
}

impl Lines<'_> {
    /// Goes to behind the line end at `end`, and counts the lines from `start` on.
    fn go_to(&mut self, start: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let behind = match bytes.get(end..) {
            Some([b'\r', b'\n', ..]) => end + 2,
            Some([_, ..]) => end + 1,
            _ => end,
        };
        let passed = &bytes[start..behind];
        let ends = passed
            .iter()
            .enumerate()
            .filter(|(i, b)| **b == b'\n' || (**b == b'\r' && passed.get(i + 1) != Some(&b'\n')));
        self.line += ends.count() as u64;
        self.at = behind;
    }

    /// The cells from here on, and where their row's line ends; or what is wrong, and how far it was read to find that. A
    /// quote is closed before `reach`.
    fn cells(&self, reach: usize) -> Result<(Vec<String>, usize), (&'static str, usize)> {
        let bytes = self.text.as_bytes();
        let ends = |b: u8| b == self.delimiter || b == b'\n' || b == b'\r';
        let mut cells = Vec::new();
        let mut at = self.at;
        loop {
            if cells.len() == MOST_CELLS {
                return Err((TOO_MANY, at));
            }
            if bytes.get(at) == Some(&b'"') {
                let mut cell = String::new();
                at += 1;
                loop {
                    let within = bytes.get(at..reach).unwrap_or_default();
                    let close = within
                        .iter()
                        .position(|b| *b == b'"')
                        .ok_or((NEVER_CLOSED, reach))?;
                    cell.push_str(&self.text[at..at + close]);
                    at += close + 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    cell.push('"');
                    at += 1;
                }
                // Blanks between a closing quote and the next cell are passed over.
                while bytes.get(at) == Some(&b' ') {
                    at += 1;
                }
                if bytes.get(at).is_some_and(|b| !ends(*b)) {
                    return Err((BEHIND_QUOTE, at));
                }
                cells.push(cell);
            } else {
                let rest = &bytes[at..];
                let length = rest.iter().position(|b| ends(*b)).unwrap_or(rest.len());
                cells.push(self.text[at..at + length].to_owned());
                at += length;
            }
            if bytes.get(at) != Some(&self.delimiter) {
                return Ok((cells, at));
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Result<Vec<String>, &'static str>)> {
        Table::of(text)
            .unwrap()
            .map(|row| (row.number, row.cells))
            .collect()
    }

    fn good(cells: &[&str]) -> Result<Vec<String>, &'static str> {
        Ok(cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn quotes_line_ends_and_blank_lines_are_read() {
        assert_eq!(
            rows("Name,Note\r\n\r\n\"Ann \"\"A\"\"\",\"two\r\nlines\"\r\nBob,\"a,b\" ,\n"),
            [
                (3, good(&["Ann \"A\"", "two\r\nlines"])),
                (5, good(&["Bob", "a,b"]))
            ]
        );
        assert_eq!(rows("Name;Note\nA;b,c"), [(2, good(&["A", "b,c"]))]);
    }

    #[test]
    fn a_broken_quote_costs_its_own_line_alone() {
        assert_eq!(
            rows("Name,Note\n\"Ann,x\nBob,y\n\"C\"d,z\nDan,w\n"),
            [
                (2, Err(BEHIND_QUOTE)),
                (3, good(&["Bob", "y"])),
                (4, Err(BEHIND_QUOTE)),
                (5, good(&["Dan", "w"]))
            ]
        );
        assert_eq!(
            rows("Name,Note\n\"Ann,x\nBob,y"),
            [(2, Err(NEVER_CLOSED)), (3, good(&["Bob", "y"]))]
        );
    }

    #[test]
    fn ragged_rows_and_nul_are_refused() {
        assert_eq!(
            rows("Name,Note\nA\nA,b,c\nA,b,,\nA,\0\n"),
            [
                (2, Err(TOO_FEW)),
                (3, Err(TOO_MANY)),
                (4, good(&["A", "b"])),
                (5, Err(NUL))
            ]
        );
    }

    #[test]
    fn a_file_without_header_is_refused() {
        let refused = |text| Table::of(text).map(|_| ()).unwrap_err();
        assert_eq!(refused("Ann,ann@mail.example\n"), Unreadable::NoHeader);
        assert_eq!(refused("Ann,07911 123456\n"), Unreadable::NoHeader);
        assert_eq!(refused("N\0a\0m\0e"), Unreadable::Nul);
        assert!(Table::of("Whatever,Thing\n").is_ok());
    }

    #[test]
    fn quotes_that_are_never_closed_cost_no_more_than_reading_on() {
        // Each line begins a row that reaches to the end of the file.
        let lines = 500_000;
        let text = format!("Name,Note\n{}", "x\",\"\n".repeat(lines));
        let found = rows(&text);
        assert_eq!(found.len(), lines);
        assert!(found.iter().all(|(_, row)| row.is_err()));
        // One that is closed within its reach is a row.
        let long = "x\n".repeat(10_000);
        assert_eq!(rows(&format!("Name,Note\nA,\"{long}\"\n")).len(), 1);
    }

    #[test]
    fn a_row_of_very_many_cells_is_refused_before_it_is_kept() {
        let wide = ",".repeat(MOST_CELLS);
        assert_eq!(
            rows(&format!("Name,Note\n{wide}\nA,b\n")),
            [(2, Err(TOO_MANY)), (3, good(&["A", "b"]))]
        );
        let refused = Table::of(&format!("Name{wide}\n")).map(|_| ());
        assert_eq!(refused.unwrap_err(), Unreadable::TooWide);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_stand_still(text in "[a\"\n\r,; é\0]{0,60}") {
            if let Ok(table) = Table::of(&text) {
                proptest::prop_assert!(table.count() <= text.len());
            }
        }
    }
}
