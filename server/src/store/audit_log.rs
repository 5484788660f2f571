//! The audit log as a page: entries in words, newest first.

use async_trait::async_trait;
use domain::audit::Act;
use domain::audit_log::{
    AuditChoices, AuditPage, AuditRequest, AuditRow, AuditWanted, Choice, MOST_LINKED, Verification,
};
use domain::deletion_order::OrderId;
use domain::error::{Error, Result};
use domain::permission::{Granted, ReadAudit};
use domain::ports::AuditLog;
use sea_orm::ConnectionTrait;

use super::Store;
use super::audit_search::{Found, Way, bounds, entries, stamp};
use super::audit_words::Words;
use super::erased_lead::recorded;
use super::order_text;
use super::sql::{self, internal, values};
use super::times::Times;

/// A page has so many entries.
const PAGE: usize = 100;
/// So many rows of a removal are looked at for the orders that it took from.
const LOOKED_AT: i64 = 200;

#[async_trait]
impl AuditLog for Store {
    async fn audit_log(&self, by: Granted<ReadAudit>, request: AuditRequest) -> Result<AuditPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let wanted = request.search.check(times.calendar.zone())?;
        is_known(&on, &wanted).await?;
        let mut found = match bounds(&on, &wanted).await? {
            Some(bounds) => {
                let way = Way::Down(request.before.unwrap_or(i64::MAX));
                entries(&on, &wanted, bounds, way, PAGE + 1).await?
            }
            None => Vec::new(),
        };
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        let words = Words::read(&on).await?;
        let mut rows = Vec::with_capacity(found.len());
        for entry in &found {
            let mut row = row(entry, &words, &times);
            if entry.kind == Some(Act::Removed) {
                (row.orders, row.more_orders) = orders_of_removal(&on, &entry.act).await?;
                row.note = order_text::note(&on, &entry.act, &times).await?;
            }
            rows.push(row);
        }
        let page = AuditPage {
            next: found.last().filter(|_| more).map(|entry| entry.sequence),
            rows,
            erased: match wanted.lead {
                Some(lead) if request.before.is_none() => recorded(&on, &by, lead, &times).await?,
                _ => None,
            },
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn audit_choices(&self, _by: Granted<ReadAudit>) -> Result<AuditChoices> {
        let on = self.reader();
        let people: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM member ORDER BY name, id", []).await?;
        let reasons: Vec<(String, String)> = sql::tuples(
            on,
            "SELECT code, label FROM reason ORDER BY position, code",
            [],
        )
        .await?;
        Ok(AuditChoices {
            people: people
                .into_iter()
                .map(|(id, label)| Choice {
                    code: id.to_string(),
                    label,
                })
                .collect(),
            reasons: reasons
                .into_iter()
                .map(|(code, label)| Choice { code, label })
                .collect(),
            zone: self.calendar(self.reader()).await?.hours().zone.clone(),
        })
    }

    async fn verification(&self, _by: Granted<ReadAudit>) -> Result<Verification> {
        Ok(self.verification_now())
    }

    async fn verify(&self, _by: Granted<ReadAudit>) -> Result<Verification> {
        self.ask_verification().await
    }
}

/// Refuses a reason that there never was: what the export's entry says of the search is a code, never what was typed.
pub async fn is_known<C: ConnectionTrait>(on: &C, wanted: &AuditWanted) -> Result<()> {
    let Some(code) = &wanted.reason else {
        return Ok(());
    };
    let known: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM reason WHERE code = $1",
        values![code.as_str()],
    )
    .await?;
    if known.unwrap_or(0) > 0 {
        return Ok(());
    }
    Err(Error::field(
        "Reason",
        "There is no such reason. Choose one of the list.",
    ))
}

/// The first orders that a removal took from, and whether there are more. Its entry names none: it may have taken from
/// thousands. So a part of its rows is looked at, which costs the same for any removal.
async fn orders_of_removal<C: ConnectionTrait>(on: &C, act: &[u8]) -> Result<(Vec<OrderId>, bool)> {
    let closed: Vec<(i64, Vec<u8>)> = sql::tuples(
        on,
        "SELECT id, deletion_order FROM deletion WHERE act = $1 ORDER BY id LIMIT $2",
        values![act.to_vec(), LOOKED_AT + 1],
    )
    .await?;
    let mut more = closed.len() as i64 > LOOKED_AT;
    let mut orders = Vec::new();
    for (_, order) in closed {
        let order = OrderId(sql::uuid(order)?);
        if !orders.contains(&order) {
            orders.push(order);
        }
    }
    more |= orders.len() > MOST_LINKED;
    orders.truncate(MOST_LINKED);
    Ok((orders, more))
}

fn row(entry: &Found, words: &Words, times: &Times) -> AuditRow {
    let mut orders = entry.orders();
    let more_orders = orders.len() > MOST_LINKED;
    orders.truncate(MOST_LINKED);
    AuditRow {
        sequence: entry.sequence,
        at: stamp(entry.at, times),
        by: words.actor(entry.actor),
        act: entry.kind.map_or("Unknown", Act::label).to_owned(),
        about: words.about(entry.kind, &entry.facts),
        note: None,
        orders,
        more_orders,
        hash: hex(entry.hash.iter().take(6)),
    }
}

/// Bytes in hexadecimal.
pub fn hex<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    bytes
        .into_iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
