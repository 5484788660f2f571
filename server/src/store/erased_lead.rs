//! An erased lead, found later by its reference.
//!
//! Who could have seen it is told who deleted it, when and why: who sees the order, who sees the work stack that the order
//! was made from (its Grid View says the same below its last row), and who sees `All leads`, which it was in. Of other
//! stacks nobody can tell any more whether it was in them. To everybody else it is a lead that never was.

use domain::deletion_order::OrderId;
use domain::erased_lead::ErasedLead;
use domain::lead::LeadId;
use domain::permission::{Actor, Granted, Permission, ReadAudit};
use domain::time::{self, Millis};
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::sql::{self, values};
use super::times::Times;
use super::{deletion_order, scope};

/// What is left of a lead, and by whom and from where its order was made.
struct Remains {
    erased: ErasedLead,
    member: i64,
    asked_by: Option<i64>,
    work_stack: Option<i64>,
}

/// What is left of the lead; `None` where nothing is, or not for this person.
pub async fn erased_lead<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    lead: LeadId,
    times: &Times,
) -> Result<Option<ErasedLead>> {
    let Some(mut remains) = remains(on, lead, times).await? else {
        return Ok(None);
    };
    let sees_order = deletion_order::sees(actor, remains.member, remains.asked_by);
    let saw_it = actor.may(Permission::SeeLeads)
        && scope::stacks(on, actor.member)
            .await?
            .iter()
            .any(|stack| stack.is_all || remains.work_stack == Some(stack.id.0));
    if !sees_order {
        remains.erased.order = None;
    }
    Ok((sees_order || saw_it).then_some(remains.erased))
}

/// What the audit log says of it, for who may read all of that.
pub async fn recorded<C: ConnectionTrait>(
    on: &C,
    _: &Granted<ReadAudit>,
    lead: LeadId,
    times: &Times,
) -> Result<Option<ErasedLead>> {
    Ok(remains(on, lead, times)
        .await?
        .map(|remains| remains.erased))
}

async fn remains<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    times: &Times,
) -> Result<Option<Remains>> {
    let found = sql::row(
        on,
        "SELECT d.at, r.id, r.member, r.asked_by, r.work_stack, m.name AS by_name, s.label, p.name AS pressed_name \
         FROM deletion d JOIN deletion_order r ON r.id = d.deletion_order JOIN member m ON m.id = r.member \
         JOIN reason s ON s.code = r.reason LEFT JOIN member p ON p.id = d.member AND p.id <> r.member \
         WHERE d.lead = $1 AND d.state = 'erased' ORDER BY d.id DESC LIMIT 1",
        values![lead.0],
    )
    .await?;
    let Some(found) = found else { return Ok(None) };
    let zone = times.calendar.zone();
    Ok(Some(Remains {
        erased: ErasedLead {
            lead,
            by: sql::get(&found, "by_name")?,
            at_once_by: sql::get(&found, "pressed_name")?,
            at: time::past(Millis(sql::get(&found, "at")?), times.now, zone),
            reason: sql::get(&found, "label")?,
            order: Some(OrderId(sql::uuid(sql::get(&found, "id")?)?)),
        },
        member: sql::get(&found, "member")?,
        asked_by: sql::get(&found, "asked_by")?,
        work_stack: sql::get(&found, "work_stack")?,
    }))
}

/// The answer where no lead was found: it is erased, or it never was one of this person's.
pub async fn missing<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    lead: LeadId,
    times: &Times,
) -> Result<Error> {
    let erased = erased_lead(on, actor, lead, times).await?;
    Ok(erased.map_or_else(
        || Error::not_found("lead"),
        |erased| Error::Gone(Box::new(erased)),
    ))
}
