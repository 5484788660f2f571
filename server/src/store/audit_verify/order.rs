//! Orders are as their act confirmed them, and their numbers are those of their rows.

use domain::Result;
use domain::audit::{Act, ActorRef, Entry, Fact, PUTS_BACK};
use domain::member::MemberId;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::Wrong;
use crate::store::sql::{self, internal, values};

/// The orders that an entry says it made.
pub fn made(entry: &Entry) -> Vec<Uuid> {
    let named = entry.facts.iter().filter_map(|(name, fact)| match fact {
        Fact::Id(id) if name == "order" => Some(*id),
        _ => None,
    });
    match entry.kind {
        Act::OrderConfirmed => vec![entry.act],
        // The X makes an order only where the lead had none.
        Act::UrgentDeletion => named.filter(|order| *order == entry.act).collect(),
        Act::PutBack => named.collect(),
        _ => Vec::new(),
    }
}

/// Each order that the entry made says who, when, why and how many as the entry does. What is put back has its reason
/// from the order that it puts back.
pub async fn as_confirmed<C: ConnectionTrait>(
    on: &C,
    entry: &Entry,
    made: &[Uuid],
) -> Result<Wrong> {
    let mut leads = 0;
    for id in made {
        let row = sql::row(
            on,
            "SELECT o.act, o.at, o.member, o.reason, o.confirmed, o.work_stack, o.must_be_carried_out, o.urgent, o.puts_back, \
             o.asked_by, b.reason, b.work_stack, b.must_be_carried_out \
             FROM deletion_order o LEFT JOIN deletion_order b ON b.id = o.puts_back WHERE o.id = $1",
            values![id.as_bytes().to_vec()],
        )
        .await?;
        let Some(row) = row else {
            return Ok(Some(format!("The order {id} that it made is missing.")));
        };
        let order = Order::read(&row)?;
        if !order.is_as_confirmed(*id, entry) {
            return Ok(Some(format!(
                "The order {id} isn't as it was confirmed: who, when, why or from where was changed."
            )));
        }
        leads += order.confirmed;
    }
    let said = match entry.kind {
        Act::UrgentDeletion => Some(1),
        _ => entry.number("leads"),
    };
    Ok((!made.is_empty() && said != Some(leads))
        .then(|| "The number of leads that it ordered to delete was changed.".into()))
}

/// An order as it stands, and what the one says that it puts back.
#[derive(Debug)]
struct Order {
    act: Vec<u8>,
    at: i64,
    member: i64,
    confirmed: i64,
    urgent: i64,
    asked_by: Option<i64>,
    puts_back: Option<Vec<u8>>,
    why: Why,
    old: Why,
}

/// Reason, work stack, whether it must be carried out.
type Why = (Option<String>, Option<i64>, Option<i64>);

impl Order {
    fn read(row: &QueryResult) -> Result<Self> {
        let read = || {
            Ok(Self {
                act: row.try_get_by_index(0)?,
                at: row.try_get_by_index(1)?,
                member: row.try_get_by_index(2)?,
                confirmed: row.try_get_by_index(4)?,
                urgent: row.try_get_by_index(7)?,
                asked_by: row.try_get_by_index(9)?,
                puts_back: row.try_get_by_index(8)?,
                why: (
                    row.try_get_by_index(3)?,
                    row.try_get_by_index(5)?,
                    row.try_get_by_index(6)?,
                ),
                old: (
                    row.try_get_by_index(10)?,
                    row.try_get_by_index(11)?,
                    row.try_get_by_index(12)?,
                ),
            })
        };
        read().map_err(internal)
    }

    fn is_as_confirmed(&self, id: Uuid, entry: &Entry) -> bool {
        let said = (
            entry.word("reason").map(str::to_owned),
            entry.number("work-stack"),
            entry.number("must-be-carried-out"),
        );
        let (reason, stack, firmly) = match entry.kind {
            Act::PutBack => &self.old,
            _ => &said,
        };
        self.act == entry.act.as_bytes()
            && self.at == entry.by_its_clock().0
            && ActorRef::Member(MemberId(self.member)) == entry.actor
            && reason.is_some()
            && self.why.0 == *reason
            // The first entries didn't say it.
            && (firmly.is_none() || self.why.2 == *firmly)
            && (self.urgent == 1) == (entry.kind == Act::UrgentDeletion)
            && self.asked_by == entry.number("asked-by")
            && self.puts_back_as_said(id, entry)
            // A stack that was deleted leaves its orders.
            && (self.why.1.is_none() || self.why.1 == *stack)
    }

    /// The fact after the order's own names the one that it puts back; the first entries didn't say it.
    fn puts_back_as_said(&self, id: Uuid, entry: &Entry) -> bool {
        let Some(old) = &self.puts_back else {
            return entry.kind != Act::PutBack;
        };
        let facts = entry.facts.iter();
        let mut after = facts.skip_while(|(_, fact)| *fact != Fact::Id(id)).skip(1);
        match after.next() {
            Some((name, Fact::Id(said))) if name == PUTS_BACK => said.as_bytes()[..] == old[..],
            _ => entry.kind == Act::PutBack,
        }
    }
}

/// Every order that an entry made was found; more than those nobody made.
pub async fn without_entry<C: ConnectionTrait>(on: &C, made: i64) -> Result<Wrong> {
    let orders: Option<i64> = sql::value(on, "SELECT COUNT(*) FROM deletion_order", []).await?;
    Ok((orders != Some(made)).then(|| "There are orders that belong to no entry.".into()))
}

/// Every order's numbers are those of its rows, and add up to what was confirmed.
pub async fn add_up<C: ConnectionTrait>(on: &C) -> Result<Wrong> {
    let order: Option<Vec<u8>> = sql::value(
        on,
        "SELECT o.id FROM deletion_order o \
         LEFT JOIN (SELECT deletion_order, \
             SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, \
             SUM(CASE WHEN state = 'held' THEN 1 ELSE 0 END) AS held, \
             SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failed \
             FROM open_deletion GROUP BY deletion_order) p ON p.deletion_order = o.id \
         LEFT JOIN (SELECT deletion_order, \
             SUM(CASE WHEN state = 'erased' THEN 1 ELSE 0 END) AS erased, \
             SUM(CASE WHEN state = 'skipped' THEN 1 ELSE 0 END) AS skipped, \
             SUM(CASE WHEN state = 'removed' THEN 1 ELSE 0 END) AS removed \
             FROM deletion GROUP BY deletion_order) c ON c.deletion_order = o.id \
         WHERE o.waiting + o.held + o.failed + o.erased + o.skipped + o.removed <> o.confirmed \
         OR o.waiting <> COALESCE(p.waiting, 0) OR o.held <> COALESCE(p.held, 0) \
         OR o.failed <> COALESCE(p.failed, 0) OR o.erased <> COALESCE(c.erased, 0) \
         OR o.skipped <> COALESCE(c.skipped, 0) OR o.removed <> COALESCE(c.removed, 0) LIMIT 1",
        [],
    )
    .await?;
    let Some(order) = order else { return Ok(None) };
    let order = sql::uuid(order)?;
    Ok(Some(format!(
        "The numbers of the order {order} aren't those of its rows."
    )))
}
