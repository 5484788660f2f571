//! A statement that is put together from parts, each with its values, so that no part ever holds what a person typed.

use sea_orm::{ConnectionTrait, QueryResult, Value};

use domain::Result;

use super::{duplicate, sql};

/// The text of a statement and the values of its `$n`.
#[derive(Debug, Clone, Default)]
pub struct Query {
    text: String,
    values: Vec<Value>,
    copies: bool,
}

impl Query {
    /// Begins with this text.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Goes on with this text: of this program, never of a person.
    pub fn add(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Goes on with values, parted by commas.
    pub fn bind_all(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> &mut Self {
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.add(", ");
            }
            self.bind(value);
        }
        self
    }

    /// Goes on with another one's text and values.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        // Its `$n` count from 1: they are moved behind the values that are here already.
        let mut rest = other.text.as_str();
        while let Some(at) = rest.find('$') {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let n: usize = after[..digits].parse().unwrap_or(0);
            self.text
                .push_str(&format!("{before}${}", n + self.values.len()));
            rest = &after[digits..];
        }
        self.text.push_str(rest);
        self.values.extend(other.values.iter().cloned());
        self.copies |= other.copies;
        self
    }

    /// Lets the statement read `copy (lead, kept)`: the possible duplicates, each with its kept lead.
    pub fn with_copies(&mut self) -> &mut Self {
        self.copies = true;
        self
    }

    fn statement(&self) -> String {
        if self.copies {
            format!("{} {}", duplicate::WITH_COPY, self.text)
        } else {
            self.text.clone()
        }
    }

    /// All rows.
    pub async fn rows<C: ConnectionTrait>(&self, on: &C) -> Result<Vec<QueryResult>> {
        sql::rows(on, &self.statement(), self.values.clone()).await
    }

    /// The first column of the first row, a count: 0 where there is none.
    pub async fn count<C: ConnectionTrait>(&self, on: &C) -> Result<u64> {
        let count: Option<i64> = sql::value(on, &self.statement(), self.values.clone()).await?;
        Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Runs it; how many rows it touched.
    pub async fn execute<C: ConnectionTrait>(&self, on: &C) -> Result<u64> {
        sql::execute(on, &self.statement(), self.values.clone()).await
    }
}
