//! Reasons as a Layer Admin edits them. An order keeps the policy that its reason had.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::audit::{Act, Fact};
use domain::error::Wrong;
use domain::permission::{EditSettings, Granted, Permission};
use domain::ports::Reasons;
use domain::reason::{Reason, ReasonForm, ReasonSetting, UNKNOWN_REASON};
use domain::version::Version;
use domain::{Error, Result, text};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::session::actor_ref;
use super::sql::{self, values};
use super::{Store, Writing, dialect, number, rights, version, word};
use crate::database::Priority;
use crate::entity::reason;

#[async_trait]
impl Reasons for Store {
    async fn reasons(&self, _by: Granted<EditSettings>) -> Result<Vec<ReasonSetting>> {
        let on = self.reader();
        let used: Vec<(String, i64)> = sql::tuples(
            on,
            "SELECT reason, COUNT(*) FROM deletion_order GROUP BY reason",
            [],
        )
        .await?;
        let used: BTreeMap<_, _> = used.into_iter().collect();
        let versions = versions(on).await?;
        let setting = |reason: Reason| ReasonSetting {
            orders: used
                .get(&reason.code)
                .map_or(0, |orders| orders.unsigned_abs()),
            version: versions.get(&reason.code).copied().flatten(),
            reason,
        };
        Ok(reasons(on).await?.into_iter().map(setting).collect())
    }

    async fn save_reason(&self, by: Granted<EditSettings>, form: ReasonForm) -> Result<()> {
        let writing = begin(self, &by).await?;
        let tx = writing.tx();
        let mut others = reasons(tx).await?;
        let at = others.iter().position(|other| other.code == form.code);
        let (new, seen) = (form.new, form.version);
        let before = match at {
            Some(at) if !form.new => Some(others.remove(at)),
            None if !form.new => return Err(gone()),
            _ => None,
        };
        let mut wrong = Wrong::default();
        let reason = form.read(&others, &mut wrong);
        wrong.end()?;
        if before.as_ref() == Some(&reason) {
            return Ok(());
        }
        if !new {
            let now = versions(tx).await?.remove(&reason.code).flatten();
            version::check(self, &writing, by.member(), seen, now).await?;
        }
        let statement = if new {
            "INSERT INTO reason (code, label, details_demanded, must_be_carried_out, sentence, offered, changed_act, position) \
             SELECT $1, $2, $3, $4, $5, $6, $7, COALESCE(MAX(position), 0) + 1 FROM reason"
        } else {
            "UPDATE reason SET label = $2, details_demanded = $3, must_be_carried_out = $4, sentence = $5, offered = $6, \
             changed_act = $7 WHERE code = $1"
        };
        sql::execute(
            tx,
            statement,
            values![
                reason.code.as_str(),
                reason.label.as_str(),
                i64::from(reason.details_demanded),
                i64::from(reason.must_be_carried_out),
                reason.sentence.clone(),
                i64::from(reason.offered),
                writing.act.as_bytes().to_vec(),
            ],
        )
        .await?;
        let facts = changes(before.as_ref(), &reason);
        commit(writing, &by, facts).await
    }

    async fn move_reason(&self, by: Granted<EditSettings>, code: String, up: bool) -> Result<()> {
        let writing = begin(self, &by).await?;
        let tx = writing.tx();
        let mut order: Vec<String> = reasons(tx).await?.into_iter().map(|r| r.code).collect();
        let at = order.iter().position(|other| *other == code);
        let at = at.ok_or_else(gone)?;
        let to = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(to) = to.filter(|to| *to < order.len()) else {
            return Ok(());
        };
        order.swap(at, to);
        for (position, code) in (1_i64..).zip(&order) {
            sql::execute(
                tx,
                "UPDATE reason SET position = $2 WHERE code = $1 AND position <> $2",
                values![code.as_str(), position],
            )
            .await?;
        }
        let facts = vec![
            word("reason", &code),
            word("change", "moved"),
            number("place", to + 1),
        ];
        commit(writing, &by, facts).await
    }

    async fn delete_reason(&self, by: Granted<EditSettings>, code: String) -> Result<()> {
        let writing = begin(self, &by).await?;
        let tx = writing.tx();
        let mut others = reasons(tx).await?;
        let at = others.iter().position(|other| other.code == code);
        let reason = others.remove(at.ok_or_else(gone)?);
        let orders: Option<i64> = sql::value(
            tx,
            "SELECT COUNT(*) FROM deletion_order WHERE reason = $1",
            values![code.as_str()],
        )
        .await?;
        if let Some(orders @ 1..) = orders {
            let orders = text::count(orders.unsigned_abs(), "order has", "orders have");
            return Err(Error::TooLate(format!(
                "{orders} the reason “{}”, so it can’t be deleted. Stop offering it instead.",
                reason.label
            )));
        }
        if !others.iter().any(|other| other.offered) {
            return Err(Error::Conflict(
                "Offer another reason first: without any, nobody could delete a lead.".into(),
            ));
        }
        sql::execute(
            tx,
            "DELETE FROM reason WHERE code = $1",
            values![code.as_str()],
        )
        .await?;
        let facts = vec![word("reason", &code), word("change", "deleted")];
        commit(writing, &by, facts).await
    }
}

/// Begins a change of reasons: one waits for another, so that they can't both stop offering the last one.
async fn begin<'a>(store: &'a Store, by: &Granted<EditSettings>) -> Result<Writing<'a>> {
    let writing = store.begin(Priority::Person).await?;
    let lock = dialect::for_update(writing.tx().get_database_backend());
    sql::rows(
        writing.tx(),
        &format!("SELECT code FROM reason ORDER BY code{lock}"),
        [],
    )
    .await?;
    rights::check(writing.tx(), by.member(), Permission::EditSettings).await?;
    Ok(writing)
}

async fn commit(
    writing: Writing<'_>,
    by: &Granted<EditSettings>,
    facts: Vec<(String, Fact)>,
) -> Result<()> {
    writing
        .commit(actor_ref(by.actor()), Act::ReasonChanged, facts)
        .await?;
    Ok(())
}

/// The version of each reason, by its code.
async fn versions<C: ConnectionTrait>(on: &C) -> Result<BTreeMap<String, Version>> {
    let rows: Vec<(String, Option<Vec<u8>>)> =
        sql::tuples(on, "SELECT code, changed_act FROM reason", []).await?;
    rows.into_iter()
        .map(|(code, changed)| Ok((code, version::of(changed)?)))
        .collect()
}

fn gone() -> Error {
    Error::Conflict("There is no such reason any more. Reload the page.".into())
}

/// What an entry says of a reason: all of a new one, else what changed. Words that somebody typed aren't in it.
fn changes(before: Option<&Reason>, now: &Reason) -> Vec<(String, Fact)> {
    let mut facts = vec![word("reason", &now.code)];
    match before {
        None => facts.push(word("change", "added")),
        Some(before) => {
            if before.label != now.label {
                facts.push(word("change", "renamed"));
            }
            if before.sentence != now.sentence {
                facts.push(number("sentence", i64::from(now.sentence.is_some())));
            }
        }
    }
    let policy = |reason: &Reason| {
        [
            ("details-demanded", reason.details_demanded),
            ("must-be-carried-out", reason.must_be_carried_out),
            ("offered", reason.offered),
        ]
    };
    let old = before.map(policy);
    for (n, (name, is)) in policy(now).into_iter().enumerate() {
        if old.is_none_or(|old| old[n].1 != is) {
            facts.push(number(name, i64::from(is)));
        }
    }
    facts
}

/// The reasons that a dialog offers, in their order.
pub async fn offered_reasons<C: ConnectionTrait>(on: &C) -> Result<Vec<Reason>> {
    let mut reasons = reasons(on).await?;
    reasons.retain(|reason| reason.offered);
    Ok(reasons)
}

/// All reasons, in their order.
pub async fn reasons<C: ConnectionTrait>(on: &C) -> Result<Vec<Reason>> {
    sql::rows(on, "SELECT * FROM reason ORDER BY position, code", [])
        .await?
        .iter()
        .map(|row| reason::Model::from_query_result(row, "").map(Reason::from))
        .collect::<Result<_, _>>()
        .map_err(sql::internal)
}

/// The reason of that code, if the dialog offers it.
pub async fn offered_reason<C: ConnectionTrait>(on: &C, code: &str) -> Result<Reason> {
    let reasons = offered_reasons(on).await?;
    reasons
        .into_iter()
        .find(|reason| reason.code == code)
        .ok_or_else(|| Error::field("Reason", UNKNOWN_REASON))
}
