//! Words for people: numbers, plurals, and text that comes from outside.

use unicode_normalization::UnicodeNormalization;

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

/// Folded for comparing and for searching; the same on every database, because no database does it. A letter is the same
/// whether it is one code point or a letter with its accents (NFC). Case is Rust's lower-case mapping of what was
/// upper-cased first, so that ß and ſ meet their capitals; the Turkish dotted and dotless i become the Latin one. Digits of
/// every script are the same digits. What nobody sees is left out.
pub fn fold(text: &str) -> String {
    text.nfc()
        .filter(|c| !is_invisible(*c) && (c.is_whitespace() || !c.is_control()))
        .map(|c| match c {
            'İ' | 'ı' => 'i',
            other => ascii_digit(other).unwrap_or(other),
        })
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| *c != '\u{307}')
        .nfc()
        .collect::<String>()
        .trim()
        .to_owned()
}

/// An e-mail address for comparing and for searching: in small letters. Not folded: `straße` and `strasse` are two domains,
/// and two people.
pub fn address(email: &str) -> String {
    plain(email).to_lowercase()
}

/// Whether a reader would see anything: not only blanks, controls and characters without a shape.
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Without what can turn or hide text on a page or in a log: bidirectional controls, zero-width characters, controls
/// other than line ends and tabs. Trimmed; empty where nobody would see anything. What joins and parts letters stays:
/// names are spelled with it.
pub fn plain(text: &str) -> String {
    if !is_visible(text) {
        return String::new();
    }
    text.chars()
        .filter(|c| !hides(*c) && (!c.is_control() || matches!(c, '\n' | '\t')))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether [`plain`] leaves something out that a person didn't see and may have meant: line ends apart.
pub fn has_hidden(text: &str) -> bool {
    text.chars()
        .any(|c| hides(c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
}

/// Characters that only turn or hide text, and spell nothing.
fn hides(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}')
}

/// [`plain`] in one line: a name, a label. Blanks of any kind and number become one space.
pub fn line(text: &str) -> String {
    let words = plain(text);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What hides, and what has no shape of its own: joiners, fillers, soft hyphens, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    hides(c)
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180B}'..='\u{180F}'
        )
        || matches!(c, '\u{200C}' | '\u{200D}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A number as a person types it: spaces, commas, dots and apostrophes between digits are passed over, and digits of
/// any script count as digits.
pub fn typed_number(text: &str) -> Option<u64> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match c {
            ' ' | ',' | '.' | '\'' | '\u{a0}' | '\u{202f}' | '\u{2019}' | '٬' => {}
            _ => digits.push(ascii_digit(c)?),
        }
    }
    digits.parse().ok()
}

/// A decimal digit as ASCII's: Arabic-Indic, Extended Arabic-Indic, Devanagari, Bengali or full-width.
fn ascii_digit(c: char) -> Option<char> {
    const ZEROS: [char; 6] = ['0', '٠', '۰', '०', '০', '０'];
    ZEROS
        .iter()
        .filter_map(|zero| (c as u32).checked_sub(*zero as u32))
        .find_map(|value| char::from_digit(value, 10))
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
        assert_eq!(fold("E\u{301}MILE"), "émile");
        assert_eq!(fold("Z\u{307}aneta"), fold("Żaneta"));
        assert_eq!(fold("０٢۰"), "020");
        assert_eq!(fold(" می\u{200C}نا\u{0} "), "مینا");
    }

    #[test]
    fn addresses_of_two_people_stay_two() {
        assert_eq!(address(" Ann@MAIL.example "), "ann@mail.example");
        assert_ne!(address("a@straße.example"), address("a@strasse.example"));
    }

    #[test]
    fn blanks_are_not_visible() {
        for nothing in [
            " \u{200B}\n\t\u{FEFF}",
            "\u{3164}",
            "\u{2800}",
            "\u{AD}",
            "\u{200D}\u{FE0F}",
            "\u{E0041}",
        ] {
            assert!(!is_visible(nothing));
            assert_eq!(plain(nothing), "");
        }
        assert!(is_visible(" x "));
    }

    #[test]
    fn bidirectional_controls_are_dropped() {
        assert_eq!(plain(" a\u{202E}b\u{0} "), "ab");
    }

    #[test]
    fn what_spells_a_name_stays() {
        for name in [
            "می\u{200C}نا",
            "👩\u{200D}👧",
            "क्\u{200D}ष",
            "e\u{301}",
            "☎\u{FE0F}",
        ] {
            assert_eq!(plain(name), name);
        }
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
