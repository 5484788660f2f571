//! Words for people: numbers, plurals, and text that comes from outside.

/// `12,371`: thousands are parted by commas.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 lead`, `12,371 leads`: the number with the noun that fits it.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `1 lead`, `12,371 leads`.
pub fn leads(n: u64) -> String {
    count(n, "lead", "leads")
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// Case folded for comparing and for searching; the same on every database, because no database does it.
/// Rust's lower-case mapping of what was upper-cased first, so that ß and ſ meet their capitals. The Turkish dotted and
/// dotless i become the Latin one.
pub fn fold(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            'İ' | 'ı' => 'i',
            other => other,
        })
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| *c != '\u{307}')
        .collect()
}

/// Whether a reader would see anything: not only blanks, controls and zero-width characters.
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Without what can turn or hide text on a page or in a log: bidirectional controls, zero-width characters, controls
/// other than line ends and tabs. Trimmed.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c) && (!c.is_control() || matches!(c, '\n' | '\t')))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// [`plain`] in one line: a name, a label. Blanks of any kind and number become one space.
pub fn line(text: &str) -> String {
    let words = plain(text);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}')
}

/// A number as a person types it: spaces, commas, dots and apostrophes between digits are passed over, and digits of
/// any script count as digits.
pub fn typed_number(text: &str) -> Option<u64> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match c {
            ' ' | ',' | '.' | '\'' | '\u{a0}' | '\u{202f}' | '\u{2019}' | '٬' => {}
            _ => digits.push(char::from_digit(digit(c)?, 10)?),
        }
    }
    digits.parse().ok()
}

/// The value of a decimal digit: ASCII, Arabic-Indic, Extended Arabic-Indic, Devanagari, Bengali or full-width.
fn digit(c: char) -> Option<u32> {
    const ZEROS: [char; 6] = ['0', '٠', '۰', '०', '০', '０'];
    ZEROS
        .iter()
        .find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(12_371), "12,371");
        assert_eq!(number(1_000_000), "1,000,000");
        assert_eq!(leads(1), "1 lead");
    }

    #[test]
    fn folding_is_the_same_everywhere() {
        assert_eq!(fold("  Straße "), fold("STRASSE"));
        assert_eq!(fold("İstanbul"), fold("istanbul"));
        assert_eq!(fold("ÉMILE"), "émile");
    }

    #[test]
    fn blanks_are_not_visible() {
        assert!(!is_visible(" \u{200B}\n\t\u{FEFF}"));
        assert!(is_visible(" x "));
    }

    #[test]
    fn bidirectional_controls_are_dropped() {
        assert_eq!(plain(" a\u{202E}b\u{0} "), "ab");
    }

    #[test]
    fn a_line_has_no_ends_and_no_double_blanks() {
        assert_eq!(line(" Ann\n\t Example\u{202E} "), "Ann Example");
    }

    #[test]
    fn a_typed_number_may_have_blanks_and_other_digits() {
        assert_eq!(typed_number(" 12,371 "), Some(12_371));
        assert_eq!(typed_number("12 371"), Some(12_371));
        assert_eq!(typed_number("١٢٣٧١"), Some(12_371));
        assert_eq!(typed_number("12371x"), None);
        assert_eq!(typed_number(""), None);
    }
}
