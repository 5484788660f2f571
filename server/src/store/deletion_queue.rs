//! The Deletion Queue: what is open, what a run does, and what a Layer Admin can do about it.

use async_trait::async_trait;
use domain::audit::{Act, ActorRef};
use domain::business_hours::next_run_words;
use domain::deletion::{ClosedState, OpenState, is_overdue};
use domain::deletion_order::OrderId;
use domain::deletion_queue::{
    LeadManagement, MOST_ASKED, QueuePage, QueueRequest, QueueRow, QueueState, QueueStatus,
    QueueTab, RunProgress,
};
use domain::lead::LeadId;
use domain::permission::{Actor, Granted, Permission, QueueScope, RunQueue, SeeQueue};
use domain::ports::DeletionQueue;
use domain::time::{Millis, OVERDUE_AFTER};
use domain::work_stack::WorkStackId;
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, QueryResult};

use super::claim::{self, Becomes};
use super::deletion_order::open_words;
use super::erased_lead::erased_lead;
use super::query::Query;
use super::setting::{self, Paused};
use super::sql::{self, internal, values};
use super::times::Times;
use super::{
    Store, Writing, ask_first, audit, batch, draft, filter, lead, lead_stats, number, scope,
};
use crate::database::Priority;

/// A page has at most so many rows.
const PAGE: i64 = 100;
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
            layer_admins: draft::layer_admins(&on).await?,
            asked: if by.actor().may(Permission::RunQueue) {
                ask_first::waiting(&on, &times, MOST_ASKED).await?
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
            QueueTab::Deleted => deleted(&on, by.actor(), &times, &request).await?,
            _ => open(&on, by.actor(), &times, &request).await?,
        };
        let more = rows.len() as i64 > PAGE;
        rows.truncate(PAGE as usize);
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
        if setting::paused(writing.tx()).await?.is_some() {
            return Err(Error::Conflict(
                "The queue is paused. Resume it first.".into(),
            ));
        }
        begin_run(&writing, RUN_NOW, also_younger).await?;
        let facts = vec![number("also-younger", i64::from(also_younger))];
        writing
            .commit(ActorRef::Member(by.member()), Act::RunNow, facts)
            .await?;
        Ok(())
    }

    async fn pause(&self, by: Granted<RunQueue>) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        if setting::paused(writing.tx()).await?.is_some() {
            return Ok(());
        }
        let paused = serde_json::to_string(&Paused {
            member: by.member(),
            at: writing.now,
        })
        .unwrap_or_default();
        setting::set(writing.tx(), "queue_paused", &paused).await?;
        end_run(&writing, None).await?;
        writing
            .commit(ActorRef::Member(by.member()), Act::QueuePaused, Vec::new())
            .await?;
        Ok(())
    }

    async fn resume(&self, by: Granted<RunQueue>) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
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
        let mut rest = Query::new(
            " WHERE o.cause IN ('rights-withdrawn', 'referenced', 'refused') AND o.state = ",
        );
        rest.bind(was).add(" AND o.lead = ").bind(lead.0);
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
            run: run_progress(on, times.now).await?,
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

/// The cause of a run that somebody asked for: it minds no hours, and begins again where it was broken off.
pub const RUN_NOW: &str = "run-now";
/// The cause of every other run: it is told for its progress alone.
pub const WORKER: &str = "worker";

/// Says that a run is on, with what it sets out to do. One that somebody asked for stays theirs.
pub async fn begin_run(writing: &Writing<'_>, cause: &str, also_younger: bool) -> Result<()> {
    sql::execute(
        writing.tx(),
        "INSERT INTO queue_run (id, cause, started_at, also_younger, total) \
         SELECT 1, $1, $2, $3, COUNT(*) FROM open_deletion \
         WHERE state = 'waiting' AND (due_at <= $2 OR ($3 = 1 AND tries <= 1)) \
         ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, started_at = excluded.started_at, \
           also_younger = excluded.also_younger, total = excluded.total, done = 0 \
         WHERE queue_run.cause = 'worker' OR excluded.cause = 'run-now'",
        values![cause, writing.now.0, i64::from(also_younger)],
    )
    .await?;
    Ok(())
}

/// Says that this run is over, or (`None`) that none is on. One that was asked for meanwhile stays.
pub async fn end_run(writing: &Writing<'_>, run: Option<&Run>) -> Result<()> {
    match run {
        None => sql::execute(writing.tx(), "DELETE FROM queue_run", []).await?,
        Some(run) => {
            sql::execute(
                writing.tx(),
                "DELETE FROM queue_run WHERE cause = $1 AND also_younger = $2 AND started_at = $3",
                values![
                    run.cause.as_str(),
                    i64::from(run.also_younger),
                    run.started_at
                ],
            )
            .await?
        }
    };
    Ok(())
}

/// A run that was asked for or is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// [`RUN_NOW`] or [`WORKER`].
    pub cause: String,
    /// It takes also what is younger than the undo time.
    pub also_younger: bool,
    started_at: i64,
}

/// The run that was asked for or is on.
pub async fn run<C: ConnectionTrait>(on: &C) -> Result<Option<Run>> {
    let run: Option<(String, i64, i64)> = sql::tuple(
        on,
        "SELECT cause, also_younger, started_at FROM queue_run WHERE id = 1",
        [],
    )
    .await?;
    Ok(run.map(|(cause, also_younger, started_at)| Run {
        cause,
        also_younger: also_younger == 1,
        started_at,
    }))
}

/// How far a run is that is on.
pub async fn run_progress<C: ConnectionTrait>(on: &C, now: Millis) -> Result<Option<RunProgress>> {
    let run: Option<(i64, i64, i64)> = sql::tuple(
        on,
        "SELECT total, done, started_at FROM queue_run WHERE id = 1 AND total > 0",
        [],
    )
    .await?;
    Ok(run.map(|(total, done, started)| {
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        let seconds = number(now.0 - started) / 1_000;
        RunProgress {
            done: number(done.min(total)),
            total: number(total),
            rate: number(done) / seconds.max(1),
        }
    }))
}

/// ` AND …`: what of the queue this person sees.
fn shown(query: &mut Query, actor: &Actor) {
    match actor.queue_scope() {
        Some(QueueScope::Everything | QueueScope::References) => {}
        Some(QueueScope::OwnOrders) => {
            query.add(" AND r.member = ").bind(actor.member.0);
        }
        None => {
            query.add(" AND 1 = 0");
        }
    }
}

/// ` AND …` for the search. Who sees references alone finds by reference alone.
fn search(query: &mut Query, actor: &Actor, typed: &str) {
    if typed.trim().is_empty() {
    } else if actor.queue_scope() == Some(QueueScope::References) {
        let lead = typed.parse::<LeadId>().map_or(0, |lead| lead.0);
        query.add(" AND o.lead = ").bind(lead);
    } else {
        filter::search(query, typed);
    }
}

/// ` AND …` for a tab of open deletions.
fn tab(query: &mut Query, tab: QueueTab, now: Millis) {
    match tab {
        QueueTab::Waiting => {
            query.add(" AND o.state = 'waiting'");
        }
        QueueTab::Held => {
            query.add(" AND o.state = 'held'");
        }
        QueueTab::Failed => {
            query.add(" AND o.state = 'failed'");
        }
        QueueTab::Overdue => {
            query
                .add(" AND o.ordered_at < ")
                .bind(now.plus(-OVERDUE_AFTER).0)
                .add(" AND o.state <> 'failed' AND o.cause <> 'legal-hold'");
        }
        QueueTab::Open | QueueTab::Deleted => {}
    }
}

async fn open<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    request: &QueueRequest,
) -> Result<Vec<(i64, QueueRow)>> {
    let mut query = Query::new(
        "SELECT o.lead, l.name, o.state, o.cause, o.due_at, o.tries, o.ordered_at, s.label, m.name AS by_name, \
         o.deletion_order FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order \
         JOIN reason s ON s.code = r.reason JOIN member m ON m.id = r.member JOIN lead l ON l.id = o.lead WHERE o.lead > ",
    );
    query.bind(request.after.unwrap_or(0));
    tab(&mut query, request.tab, times.now);
    shown(&mut query, actor);
    search(&mut query, actor, &request.search);
    query.add(" ORDER BY o.lead LIMIT ").bind(PAGE + 1);
    let names = actor.queue_scope() != Some(QueueScope::References);
    query
        .rows(on)
        .await?
        .iter()
        .map(|row| open_row(row, names, times))
        .collect()
}

fn open_row(row: &QueryResult, names: bool, times: &Times) -> Result<(i64, QueueRow)> {
    let lead: i64 = sql::get(row, "lead")?;
    let state = OpenState::from_codes(
        &sql::get::<String>(row, "state")?,
        &sql::get::<String>(row, "cause")?,
    );
    let (due, ordered) = (
        Millis(sql::get(row, "due_at")?),
        Millis(sql::get(row, "ordered_at")?),
    );
    let tries: i64 = sql::get(row, "tries")?;
    let mut label = open_words(state, due, times);
    if state == OpenState::Waiting && tries > 0 {
        label += &format!(
            " (tried {})",
            domain::text::count(tries as u64, "time", "times")
        );
    }
    Ok((
        lead,
        QueueRow {
            lead: LeadId(lead),
            name: names.then(|| sql::get(row, "name")).transpose()?,
            state: match state {
                OpenState::Waiting => QueueState::Waiting,
                OpenState::Held(_) => QueueState::Held,
                OpenState::Failed(_) => QueueState::Failed,
            },
            label,
            reason: sql::get(row, "label")?,
            by: sql::get(row, "by_name")?,
            at: times.moment(ordered.0),
            order: OrderId(sql::uuid(sql::get(row, "deletion_order")?)?),
            overdue: is_overdue(state, ordered, times.now),
        },
    ))
}

/// Erased deletions, newest first; they have no name any more.
async fn deleted<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    request: &QueueRequest,
) -> Result<Vec<(i64, QueueRow)>> {
    let mut query = Query::new(
        "SELECT d.id, d.lead, d.at, r.at AS ordered_at, s.label, m.name AS by_name, d.deletion_order FROM deletion d \
         JOIN deletion_order r ON r.id = d.deletion_order JOIN reason s ON s.code = r.reason \
         JOIN member m ON m.id = r.member WHERE d.state = 'erased' AND d.id < ",
    );
    query.bind(request.after.unwrap_or(i64::MAX));
    shown(&mut query, actor);
    if !request.search.trim().is_empty() {
        query
            .add(" AND d.lead = ")
            .bind(request.search.parse::<LeadId>().map_or(0, |lead| lead.0));
    }
    query.add(" ORDER BY d.id DESC LIMIT ").bind(PAGE + 1);
    let row = |row: &QueryResult| -> Result<(i64, QueueRow)> {
        let at = times.moment(sql::get(row, "at")?);
        let by: String = sql::get(row, "by_name")?;
        Ok((
            sql::get(row, "id")?,
            QueueRow {
                lead: LeadId(sql::get(row, "lead")?),
                name: None,
                state: QueueState::Erased,
                label: ClosedState::Erased.words(&by, &at),
                reason: sql::get(row, "label")?,
                by,
                at: times.moment(sql::get(row, "ordered_at")?),
                order: OrderId(sql::uuid(sql::get(row, "deletion_order")?)?),
                overdue: false,
            },
        ))
    };
    query.rows(on).await?.iter().map(row).collect()
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
    tab(&mut query, QueueTab::Overdue, times.now);
    shown(&mut query, actor);
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
