//! Filters, *only* and search as conditions on `lead l`: what the grid shows, counts and freezes comes from here.

use domain::lead::LeadId;
use domain::text;
use domain::time::{DAY, Millis};
use domain::work_stack::{Filter, Only};

use super::duplicate;
use super::query::Query;

/// What is typed is cut after so many characters, and read up to so many words.
const MOST_TYPED: usize = 200;
const MOST_WORDS: usize = 8;
/// What leads are found by.
const KEYS: &str = "SELECT lead FROM lead_key WHERE ";
/// Fewer digits are a name or a reference, no end of a telephone number.
const FEWEST_DIGITS: usize = 3;

/// ` AND …` for each condition of the filter; ages are counted against `at`. For whole stacks: where duplicates are asked
/// for, all copies of the database are found first.
pub fn filter(query: &mut Query, filter: &Filter, at: Millis) {
    of_lead_alone(query, filter, at);
    if filter.possible_duplicate {
        query
            .with_copies()
            .add(" AND l.id IN (SELECT lead FROM copy)");
    }
}

/// The same asked lead by lead, for statements that look at few: a duplicate is looked for along the lead's own keys.
pub fn filter_each(query: &mut Query, filter: &Filter, at: Millis) {
    of_lead_alone(query, filter, at);
    if filter.possible_duplicate {
        query.add(" AND ").add(duplicate::IS_COPY);
    }
}

fn of_lead_alone(query: &mut Query, filter: &Filter, at: Millis) {
    let ago = |days: u32| at.plus(-i64::from(days) * DAY).0;
    if !filter.sources.is_empty() {
        query
            .add(" AND l.source IN (")
            .bind_all(filter.sources.clone())
            .add(")");
    }
    if !filter.statuses.is_empty() {
        query
            .add(" AND l.status IN (")
            .bind_all(filter.statuses.iter().map(|s| s.number()))
            .add(")");
    }
    if !filter.owners.is_empty() {
        query
            .add(" AND l.owner IN (")
            .bind_all(filter.owners.clone())
            .add(")");
    }
    if let Some(days) = filter.added_within_days {
        query.add(" AND l.added_at >= ").bind(ago(days));
    }
    if let Some(days) = filter.added_before_days {
        query.add(" AND l.added_at < ").bind(ago(days));
    }
    if let Some(since) = filter.idle_since(at) {
        query.add(" AND l.last_activity_at < ").bind(since.0);
    }
    if filter.no_contact_record {
        query.add(" AND l.contact_count = 0");
    }
    if filter.no_valid_telephone {
        query.add(" AND l.valid_telephone_count = 0");
    }
}

/// ` AND …` for what a number of Lead stats counts.
pub fn only(query: &mut Query, only: Option<Only>) {
    query.add(match only {
        None => "",
        Some(Only::NoContactRecord) => " AND l.contact_count = 0",
        Some(Only::NoValidTelephone) => " AND l.valid_telephone_count = 0",
    });
}

/// ` AND …` for what is typed: beginnings of name parts, a whole e-mail, a number or its last digits, a reference.
/// Nothing typed is no condition. Beginnings are ranges of the index, so that no sign of a pattern means anything.
pub fn search(query: &mut Query, typed: &str) {
    let typed: String = typed.chars().take(MOST_TYPED).collect();
    let folded = text::fold(&typed);
    if folded.is_empty() {
        return;
    }
    // One set of leads, and not conditions with OR between them: for those PostgreSQL reads every lead.
    query.add(" AND l.id IN (");
    for (n, word) in folded.split_whitespace().take(MOST_WORDS).enumerate() {
        query.add(if n > 0 { " INTERSECT " } else { "" }).add(KEYS);
        begins(query, "name", word);
    }
    if folded.contains('@') {
        key(query, "email", &text::address(&typed));
    }
    if let Ok(LeadId(id)) = folded.parse() {
        query.add(" UNION SELECT CAST(").bind(id).add(" AS BIGINT)");
    }
    if let Some(digits) = telephone_digits(&folded) {
        if folded.starts_with('+') {
            key(query, "e164", &format!("+{digits}"));
        }
        // The zero before an area code is dialled inside a country and not part of the number.
        let end: String = digits.trim_start_matches('0').chars().rev().collect();
        if end.len() >= FEWEST_DIGITS {
            query.add(" UNION ").add(KEYS);
            begins(query, "digits", &end);
        }
    }
    query.add(")");
}

/// The digits of what looks like a telephone number or the end of one.
fn telephone_digits(typed: &str) -> Option<String> {
    let signs =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/');
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    (typed.chars().all(signs) && digits.len() >= FEWEST_DIGITS).then_some(digits)
}

fn key(query: &mut Query, kind: &str, key: &str) {
    query
        .add(" UNION ")
        .add(KEYS)
        .add("kind = ")
        .bind(kind)
        .add(" AND key = ")
        .bind(key);
}

fn begins(query: &mut Query, kind: &str, beginning: &str) {
    query
        .add("kind = ")
        .bind(kind)
        .add(" AND key >= ")
        .bind(beginning)
        .add(" AND key < ")
        .bind(format!("{beginning}{}", char::MAX));
}
