//! The urgent deletion, the X: the same erasing transaction for one lead, now.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef, Fact};
use domain::deletion::{ClosedState, FailureCode, MOST_TRIES, OpenState};
use domain::deletion_order::OrderId;
use domain::lead::LeadId;
use domain::permission::{Actor, DeleteNow, Granted, Permission, QueueScope};
use domain::ports::UrgentDeletions;
use domain::reason::{Reason, UNKNOWN_REASON};
use domain::urgent_deletion::{Because, UrgentDeletion, UrgentlyDeleted};
use domain::{Error, Result};
use uuid::Uuid;

use super::claim::{self, Becomes};
use super::confirmation::{NewOrder, firmly, insert_order};
use super::query::Query;
use super::reason::{offered_reason, offered_reasons};
use super::sql::{self, values};
use super::{Store, Writing, audit, batch, erase, fact, lock, number, rights, scope, word};
use crate::database::Priority;

#[async_trait]
impl UrgentDeletions for Store {
    async fn delete_now(
        &self,
        by: Granted<DeleteNow>,
        urgent: UrgentDeletion,
    ) -> Result<UrgentlyDeleted> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::DeleteNow).await?;
        let lead = urgent.lead;
        // Two who press at once: the second reads what the first did.
        let mut number_of = Query::new("SELECT CAST(");
        number_of.bind(lead.0).add(" AS BIGINT)");
        lock::leads(&writing, &number_of).await?;
        let mut facts = vec![number("lead", lead.0)];
        let order = match open(&writing, by.actor(), lead).await? {
            Some((order, state)) => {
                if let OpenState::Held(hold) = state {
                    return Err(Error::Conflict(format!(
                        "{lead} is on hold: {}. Nothing was deleted.",
                        hold.words()
                    )));
                }
                order
            }
            None => {
                if let Some(gone) = self.gone_already(&writing, by.actor(), lead).await? {
                    return Ok(gone);
                }
                if !scope::sees(writing.tx(), by.member(), lead, writing.now).await? {
                    return Err(Error::not_found("lead"));
                }
                facts.extend(order_of_one(&writing, &by, lead, urgent.because.as_ref()).await?);
                writing.act
            }
        };
        // Five tries at once: the X is tried by a person, who sees what came of it.
        sql::execute(
            writing.tx(),
            "UPDATE open_deletion SET tries = $2 WHERE lead = $1",
            values![lead.0, i64::from(MOST_TRIES) - 1],
        )
        .await?;
        let mut rest = Query::new(" WHERE o.lead = ");
        rest.bind(lead.0);
        if claim::claim(&writing, Becomes::ERASED, &rest, None).await? == 0 {
            return Err(Error::Conflict(format!(
                "{lead} was settled by somebody else just now. Reload the page."
            )));
        }
        erase::erase(&writing, false).await?;
        let settled = claim::settle(&writing, Some(by.member())).await?;
        let failed: Option<String> = sql::value(
            writing.tx(),
            "SELECT cause FROM open_deletion WHERE lead = $1",
            values![lead.0],
        )
        .await?;

        facts.push(fact("order", Fact::Id(order)));
        facts.extend(batch::facts(&writing, settled).await?);
        writing
            .commit(ActorRef::Member(by.member()), Act::UrgentDeletion, facts)
            .await?;
        let erased = failed.is_none();
        let message = match failed {
            None => format!("{lead} is deleted."),
            Some(cause) => {
                format!(
                    "{lead} could not be deleted: {}.",
                    FailureCode::from_code(&cause).words()
                )
            }
        };
        if erased {
            self.scrub_soon();
        }
        Ok(UrgentlyDeleted {
            order: OrderId(order),
            erased,
            message,
        })
    }

    async fn urgent_reasons(&self, _by: Granted<DeleteNow>) -> Result<Vec<Reason>> {
        offered_reasons(self.reader()).await
    }
}

impl Store {
    /// What a person reads whose lead somebody else has erased before.
    async fn gone_already(
        &self,
        writing: &Writing<'_>,
        actor: &Actor,
        lead: LeadId,
    ) -> Result<Option<UrgentlyDeleted>> {
        if actor.queue_scope() != Some(QueueScope::Everything) {
            return Ok(None);
        }
        let found: Option<(Vec<u8>, i64, Option<String>)> = sql::tuple(
            writing.tx(),
            "SELECT d.deletion_order, d.at, m.name FROM deletion d LEFT JOIN member m ON m.id = d.member \
             WHERE d.lead = $1 AND d.state = $2 ORDER BY d.id DESC LIMIT 1",
            values![lead.0, ClosedState::Erased.code()],
        )
        .await?;
        let Some((order, at, by)) = found else {
            return Ok(None);
        };
        let at = self.times(writing.tx()).await?.moment(at);
        let by = by.unwrap_or_else(|| "the Deletion Queue".into());
        Ok(Some(UrgentlyDeleted {
            order: OrderId(sql::uuid(order)?),
            erased: true,
            message: format!("{lead} was already deleted by {by}, {at}."),
        }))
    }
}

/// The lead's open deletion, if this person's queue shows it.
async fn open(
    writing: &Writing<'_>,
    actor: &Actor,
    lead: LeadId,
) -> Result<Option<(Uuid, OpenState)>> {
    let found: Option<(Vec<u8>, String, String, i64)> = sql::tuple(
        writing.tx(),
        "SELECT o.deletion_order, o.state, o.cause, r.member FROM open_deletion o \
         JOIN deletion_order r ON r.id = o.deletion_order WHERE o.lead = $1",
        values![lead.0],
    )
    .await?;
    let Some((order, state, cause, member)) = found else {
        return Ok(None);
    };
    let shown = match actor.queue_scope() {
        Some(QueueScope::Everything) => true,
        Some(QueueScope::OwnOrders) => member == actor.member.0,
        Some(QueueScope::References) | None => false,
    };
    if !shown {
        return Err(Error::not_found("lead"));
    }
    Ok(Some((
        sql::uuid(order)?,
        OpenState::from_codes(&state, &cause),
    )))
}

/// Makes the order of one for a lead that isn't queued; what the entry says of it.
async fn order_of_one(
    writing: &Writing<'_>,
    by: &Granted<DeleteNow>,
    lead: LeadId,
    because: Option<&Because>,
) -> Result<Vec<(String, Fact)>> {
    let because = because.ok_or_else(|| Error::field("Reason", UNKNOWN_REASON))?;
    let reason = offered_reason(writing.tx(), &because.reason).await?;
    let details = reason.check(&because.details, because.sentence_confirmed)?;
    let order = NewOrder {
        by: by.member().0,
        asked_by: None,
        reason: &reason,
        work_stack: None,
        urgent: true,
        puts_back: None,
        left_out: "[]".into(),
        undo_until: writing.now.0,
        confirmed: 1,
    };
    insert_order(writing, &order).await?;
    sql::execute(
        writing.tx(),
        "INSERT INTO open_deletion (lead, deletion_order, ordered_at, revision, due_at) \
         SELECT id, $2, $3, revision, $3 FROM lead WHERE id = $1",
        values![lead.0, writing.act.as_bytes().to_vec(), writing.now.0],
    )
    .await?;
    writing.add_stat("waiting", 1).await?;
    let mut facts = vec![word("reason", &reason.code), firmly(&reason)];
    if let Some(details) = details {
        facts.push(audit::keep_text(writing.tx(), writing.act, "details", &details).await?);
    }
    Ok(facts)
}
