//! What entries are about, to find them by: written with the entry, no part of the chain.

use std::collections::BTreeSet;

use domain::Result;
use domain::audit::Fact;
use domain::lead::LeadId;
use sea_orm::ConnectionTrait;

use super::sql::{self, values};

/// The subject of entries about deletions for a reason.
pub fn of_reason(code: &str) -> String {
    format!("reason {code}")
}

/// The subject of entries that name a lead.
pub fn of_lead(lead: LeadId) -> String {
    format!("lead {}", lead.0)
}

/// What an entry with these facts is about: the reasons of the orders that its act made or moved, and what it names itself.
pub fn subjects(reasons: BTreeSet<String>, facts: &[(String, Fact)]) -> BTreeSet<String> {
    let named = facts
        .iter()
        .filter_map(|(name, fact)| match (name.as_str(), fact) {
            ("lead", Fact::Number(lead)) => Some(of_lead(LeadId(*lead))),
            ("reason", Fact::Word(code)) => Some(of_reason(code)),
            _ => None,
        });
    let moved = reasons.iter().map(|code| of_reason(code));
    moved.chain(named).collect()
}

/// Keeps them.
pub async fn keep<C: ConnectionTrait>(
    on: &C,
    sequence: i64,
    subjects: BTreeSet<String>,
) -> Result<()> {
    for subject in subjects {
        sql::execute(
            on,
            "INSERT INTO audit_about (subject, sequence) VALUES ($1, $2)",
            values![subject, sequence],
        )
        .await?;
    }
    Ok(())
}
