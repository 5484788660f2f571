//! The Deletion Queue: what is open, what a run does, and what a Layer Admin can do about it.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef};
use domain::business_hours::next_run_words;
use domain::deletion_queue::{
    ASKED_SHOWN, LeadManagement, QueuePage, QueueRequest, QueueStatus, QueueTab,
};
use domain::lead::LeadId;
use domain::permission::{Actor, Granted, Permission, QueueScope, RunQueue, SeeQueue};
use domain::ports::DeletionQueue;
use domain::work_stack::WorkStackId;
use domain::{Error, Result};
use sea_orm::ConnectionTrait;

use super::claim::{self, Becomes};
use super::erased_lead::erased_lead;
use super::query::Query;
use super::queue_run::RUN_NOW;
use super::setting::{self, Paused};
use super::sql::{self, internal, values};
use super::times::Times;
use super::{
    Store, ask_first, audit, batch, lead, lead_stats, lock, number, queue_row, queue_run, rights,
    scope, who_may,
};
use crate::database::{Priority, Turn};

/// "Not in the queue" shows at most so many leads.
const NOT_IN_QUEUE: u32 = 20;

#[async_trait]
impl DeletionQueue for Store {
    async fn lead_management(&self, by: Granted<SeeQueue>) -> Result<LeadManagement> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stacks = scope::stacks(&on, by.member()).await?;
        let sees_leads = by.actor().may(Permission::SeeLeads);
        let all_leads: Option<WorkStackId> =
            stacks.iter().find(|s| s.is_all && sees_leads).map(|s| s.id);
        let stats = lead_stats::lead_stats(&on, times.now).await?;
        let tabs = tabs(&on, by.actor(), &times, &stats).await?;
        let page = LeadManagement {
            sentence: format!(
                "Deleted leads leave the system outside business hours, {}.",
                times.calendar.hours().queue_words()
            ),
            stats,
            status: self.queue_status(&on, &times).await?,
            tabs,
            layer_admins: who_may::other_layer_admins(&on, by.member()).await?,
            asked: if by.actor().may(Permission::RunQueue) {
                ask_first::waiting(&on, &times, ASKED_SHOWN).await?
            } else {
                Vec::new()
            },
            all_leads,
            sequence: audit::sequence(&on).await?,
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn queue(&self, by: Granted<SeeQueue>, request: QueueRequest) -> Result<QueuePage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let mut rows = match request.tab {
            QueueTab::Deleted => queue_row::deleted(&on, by.actor(), &times, &request).await?,
            _ => queue_row::open(&on, by.actor(), &times, &request).await?,
        };
        let more = rows.len() as i64 > queue_row::PAGE;
        rows.truncate(queue_row::PAGE as usize);
        let next = if more {
            rows.last().map(|(key, _)| *key)
        } else {
            None
        };
        let searched = !request.search.trim().is_empty() && request.tab == QueueTab::Open;
        let not_in_queue = if searched && by.actor().may(Permission::SeeLeads) {
            lead::not_in_queue(&on, by.actor(), &times, &request.search, NOT_IN_QUEUE).await?
        } else {
            Vec::new()
        };
        let reference = request.search.parse().ok().filter(|_| searched);
        let erased = match reference {
            Some(lead) => erased_lead(&on, by.actor(), lead, &times).await?,
            None => None,
        };
        let page = QueuePage {
            erased,
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            next,
            not_in_queue,
            sequence: audit::sequence(&on).await?,
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn run_now(&self, by: Granted<RunQueue>, also_younger: bool) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        // Who pauses at the same time comes before, and this is refused, or after, and ends what this asked for.
        lock::together(&writing, Turn::Queue).await?;
        if setting::paused(writing.tx()).await?.is_some() {
            return Err(Error::Conflict(
                "The queue is paused. Resume it first.".into(),
            ));
        }
        queue_run::begin(&writing, RUN_NOW, also_younger, true).await?;
        let facts = vec![number("also-younger", i64::from(also_younger))];
        writing
            .commit(ActorRef::Member(by.member()), Act::RunNow, facts)
            .await?;
        Ok(())
    }

    async fn pause(&self, by: Granted<RunQueue>) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        lock::alone(&writing, Turn::Queue).await?;
        if setting::paused(writing.tx()).await?.is_some() {
            return Ok(());
        }
        let paused = serde_json::to_string(&Paused {
            member: by.member(),
            at: writing.now,
        })
        .unwrap_or_default();
        setting::set(writing.tx(), "queue_paused", &paused).await?;
        queue_run::end(&writing, None).await?;
        writing
            .commit(ActorRef::Member(by.member()), Act::QueuePaused, Vec::new())
            .await?;
        Ok(())
    }

    async fn resume(&self, by: Granted<RunQueue>) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::RunQueue).await?;
        if setting::paused(writing.tx()).await?.is_none() {
            return Ok(());
        }
        setting::clear(writing.tx(), "queue_paused").await?;
        writing
            .commit(ActorRef::Member(by.member()), Act::QueueResumed, Vec::new())
            .await?;
        Ok(())
    }

    async fn retry(&self, by: Granted<RunQueue>, lead: LeadId) -> Result<()> {
        self.wait_again(by.actor(), lead, "failed", Act::Retried)
            .await
    }

    async fn confirm_held(&self, by: Granted<RunQueue>, lead: LeadId) -> Result<()> {
        self.wait_again(by.actor(), lead, "held", Act::HeldConfirmed)
            .await
    }
}

impl Store {
    /// A failed or held deletion waits again. One that is neither any more answers the same: nothing is left to do.
    async fn wait_again(
        &self,
        actor: &Actor,
        lead: LeadId,
        was: &'static str,
        act: Act,
    ) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), actor.member, Permission::RunQueue).await?;
        let mut rest = Query::new(
            " WHERE o.cause IN ('rights-withdrawn', 'referenced', 'refused') AND o.state = ",
        );
        rest.bind(was).add(" AND o.lead = ").bind(lead.0);
        if actor.queue_scope() == Some(QueueScope::OwnOrders) {
            rest.add(" AND r.member = ").bind(actor.member.0);
        }
        if claim::claim(&writing, Becomes::WAITING, &rest, None).await? == 0 {
            return Err(Error::Conflict(format!(
                "{lead} is not waiting for this any more. Reload the page."
            )));
        }
        let settled = claim::settle(&writing, None).await?;
        sql::execute(
            writing.tx(),
            // The undo time stands, however often it waited for a person in between.
            "UPDATE open_deletion SET tries = 0, confirmed_by = COALESCE($3, confirmed_by), \
               due_at = (SELECT CASE WHEN r.undo_until > $2 THEN r.undo_until ELSE $2 END FROM deletion_order r \
                 WHERE r.id = open_deletion.deletion_order) WHERE lead = $1",
            values![lead.0, writing.now.0, (act == Act::HeldConfirmed).then_some(actor.member.0)],
        )
        .await?;
        let mut facts = vec![number("lead", lead.0)];
        facts.extend(batch::facts(&writing, settled).await?);
        writing
            .commit(ActorRef::Member(actor.member), act, facts)
            .await?;
        Ok(())
    }

    /// What the queue does now.
    pub async fn queue_status<C: ConnectionTrait>(
        &self,
        on: &C,
        times: &Times,
    ) -> Result<QueueStatus> {
        let paused = match setting::paused(on).await? {
            Some(Paused { member, at }) => {
                let name: Option<String> = sql::value(
                    on,
                    "SELECT name FROM member WHERE id = $1",
                    values![member.0],
                )
                .await?;
                Some(format!(
                    "{}, {}",
                    name.unwrap_or_default(),
                    times.moment(at.0)
                ))
            }
            None => None,
        };
        let due = self.next_due(on).await?;
        let next = due.map(|due| times.calendar.next_run(due.max(times.now)));
        let younger: i64 = sql::value(
            on,
            "SELECT COUNT(*) FROM open_deletion WHERE state = 'waiting' AND due_at > $1 AND tries = 0",
            values![times.now.0],
        )
        .await?
        .unwrap_or(0);
        Ok(QueueStatus {
            run: queue_run::progress(on, times.now).await?,
            next_run: match (&paused, next) {
                (Some(_), Some(_)) => {
                    "Paused: nothing leaves the system until a Layer Admin resumes the queue."
                        .into()
                }
                _ => next_run_words(&times.calendar, next, times.now),
            },
            paused,
            younger: u64::try_from(younger).unwrap_or(0),
            undo_minutes: times.undo_time.as_minutes(),
        })
    }
}

/// How many rows each tab has for this person. Whoever sees everything reads the numbers of Lead stats.
async fn tabs<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    stats: &domain::lead_stats::LeadStats,
) -> Result<Vec<u64>> {
    if actor.queue_scope() != Some(QueueScope::OwnOrders) {
        return Ok(vec![
            stats.open(),
            stats.deletions_waiting,
            stats.held,
            stats.failed,
            stats.overdue,
            stats.deleted,
        ]);
    }
    let own: Option<(i64, i64, i64, i64)> = sql::tuple(
        on,
        "SELECT CAST(COALESCE(SUM(waiting + held + failed), 0) AS BIGINT), CAST(COALESCE(SUM(held), 0) AS BIGINT), \
         CAST(COALESCE(SUM(failed), 0) AS BIGINT), CAST(COALESCE(SUM(erased), 0) AS BIGINT) \
         FROM deletion_order WHERE member = $1",
        values![actor.member.0],
    )
    .await?;
    let (open, held, failed, erased) = own.unwrap_or_default();
    let mut query = Query::new(
        "SELECT COUNT(*) FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order WHERE 1 = 1",
    );
    queue_row::tab(&mut query, QueueTab::Overdue, times.now);
    queue_row::shown(&mut query, actor);
    let overdue = query.count(on).await?;
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(vec![
        number(open),
        number(open - held - failed),
        number(held),
        number(failed),
        overdue,
        number(erased),
    ])
}

/// How many open deletions this person sees: the menu's badge.
pub async fn badge<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    stats: &domain::lead_stats::LeadStats,
) -> Result<u64> {
    match actor.queue_scope() {
        None => Ok(0),
        Some(QueueScope::OwnOrders) => {
            let open: Option<i64> = sql::value(
                on,
                "SELECT CAST(COALESCE(SUM(waiting + held + failed), 0) AS BIGINT) FROM deletion_order WHERE member = $1",
                values![actor.member.0],
            )
            .await?;
            Ok(open.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
        }
        Some(_) => Ok(stats.open()),
    }
}
