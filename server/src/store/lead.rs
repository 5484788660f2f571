//! Leads: a row of the grid, and the panel beside it.

use async_trait::async_trait;
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::OrderId;
use domain::error::{Error, Result};
use domain::lead::{
    Activity, ContactRecord, LeadId, LeadPage, LeadRow, LeadStatus, OpenDeletionMark, Telephone,
};
use domain::permission::{Actor, Granted, Permission, SeeLeads};
use domain::ports::Leads;
use domain::time::Millis;
use sea_orm::{ConnectionTrait, QueryResult};

use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, filter, scope};
use crate::telephone;

/// What [`row`] reads, of `lead l`, `open_deletion o` and `deletion_order r`; the kept lead is `kept`.
pub const COLUMNS: &str = "l.id, l.name, l.source, l.status, l.owner, l.last_activity_at, l.added_at, l.contact_count, \
    (SELECT c.e164 FROM contact_record c WHERE c.lead = l.id AND c.telephone_valid = 1 ORDER BY c.n LIMIT 1) AS e164, \
    o.deletion_order, o.state, o.cause, o.due_at, r.member AS ordered_by";

/// Joins the open deletion that [`COLUMNS`] reads.
pub const JOINS: &str = " LEFT JOIN open_deletion o ON o.lead = l.id LEFT JOIN deletion_order r ON r.id = o.deletion_order";

/// A row of the grid, for this person.
pub fn row(found: &QueryResult, actor: &Actor, times: &Times) -> Result<LeadRow> {
    let contacts: i64 = sql::get(found, "contact_count")?;
    let telephone = match sql::get::<Option<String>>(found, "e164")? {
        Some(e164) => Telephone::Valid(telephone::international(&e164)),
        None if contacts == 0 => Telephone::NoContact,
        None => Telephone::NotValid,
    };
    Ok(LeadRow {
        id: LeadId(sql::get(found, "id")?),
        name: sql::get(found, "name")?,
        source: sql::get(found, "source")?,
        status: LeadStatus::from_number(sql::get(found, "status")?),
        owner: sql::get(found, "owner")?,
        telephone,
        contacts: u32::try_from(contacts).unwrap_or(u32::MAX),
        last_activity: times.date(sql::get(found, "last_activity_at")?),
        added: times.date(sql::get(found, "added_at")?),
        kept: sql::get::<Option<i64>>(found, "kept")?.map(LeadId),
        deletion: mark(found, actor, times)?,
    })
}

fn mark(found: &QueryResult, actor: &Actor, times: &Times) -> Result<Option<OpenDeletionMark>> {
    let Some(order) = sql::get::<Option<Vec<u8>>>(found, "deletion_order")? else {
        return Ok(None);
    };
    let state = state(found)?;
    let label = match state {
        OpenState::Waiting => {
            let due = Millis(sql::get(found, "due_at")?);
            format!("leaves the system {}", times.leaves(due).words())
        }
        OpenState::Held(hold) => format!("on hold: {}", hold.words()),
        OpenState::Failed(code) => format!("failed: {}", code.words()),
    };
    let own = sql::get::<i64>(found, "ordered_by")? == actor.member.0;
    Ok(Some(OpenDeletionMark {
        order: OrderId(sql::uuid(order)?),
        label,
        may_undo: own && state == OpenState::Waiting && actor.may(Permission::DeleteLeads),
    }))
}

fn state(found: &QueryResult) -> Result<OpenState> {
    let (state, cause): (String, String) = (sql::get(found, "state")?, sql::get(found, "cause")?);
    Ok(OpenState::from_codes(&state, &cause))
}

/// At most `most` leads of this person's stacks that the search finds and that have no open deletion, by their number.
pub async fn not_in_queue<C: ConnectionTrait>(
    on: &C,
    actor: &Actor,
    times: &Times,
    search: &str,
    most: u32,
) -> Result<Vec<LeadRow>> {
    let mut query = Query::new("SELECT CAST(NULL AS BIGINT) AS kept, ");
    query
        .add(COLUMNS)
        .add(" FROM lead l")
        .add(JOINS)
        .add(" WHERE o.lead IS NULL");
    filter::search(&mut query, search);
    scope::seen(
        &mut query,
        &scope::stacks(on, actor.member).await?,
        times.now,
    );
    query.add(" ORDER BY l.id LIMIT ").bind(i64::from(most));
    let rows = query.rows(on).await?;
    rows.iter().map(|found| row(found, actor, times)).collect()
}

#[async_trait]
impl Leads for Store {
    async fn lead(&self, by: Granted<SeeLeads>, lead: LeadId) -> Result<LeadPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stacks = scope::stacks(&on, by.member()).await?;
        let mut query = Query::new(
            "SELECT CAST(NULL AS BIGINT) AS kept, l.country, l.revision, r.must_be_carried_out, ",
        );
        query
            .add(COLUMNS)
            .add(" FROM lead l")
            .add(JOINS)
            .add(" WHERE l.id = ")
            .bind(lead.0);
        scope::seen(&mut query, &stacks, times.now);
        let found = query.rows(&on).await?;
        let found = found.first().ok_or_else(|| Error::not_found("lead"))?;
        let page = LeadPage {
            row: row(found, by.actor(), &times)?,
            country: sql::get(found, "country")?,
            revision: sql::get(found, "revision")?,
            contact_records: contact_records(&on, lead).await?,
            activities: activities(&on, lead, &times).await?,
            work_stacks: stacks_with(&on, &stacks, lead, &times).await?,
            deletion_sentence: deletion_sentence(found, &times)?,
            past_deletions: past_deletions(&on, lead, &times).await?,
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }
}

async fn contact_records<C: ConnectionTrait>(on: &C, lead: LeadId) -> Result<Vec<ContactRecord>> {
    let records: Vec<(String, i64, String)> = sql::tuples(
        on,
        "SELECT telephone, telephone_valid, email FROM contact_record WHERE lead = $1 ORDER BY n",
        values![lead.0],
    )
    .await?;
    let record = |(telephone, valid, email)| ContactRecord {
        telephone,
        telephone_valid: valid == 1,
        email,
    };
    Ok(records.into_iter().map(record).collect())
}

async fn activities<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    times: &Times,
) -> Result<Vec<Activity>> {
    let found: Vec<(String, i64, String)> = sql::tuples(
        on,
        "SELECT kind, at, text FROM activity WHERE lead = $1 ORDER BY at DESC, n DESC",
        values![lead.0],
    )
    .await?;
    let activity = |(kind, at, text): (String, i64, String)| Activity {
        kind: if kind == "call" { "Call" } else { "Note" }.into(),
        at: times.moment(at),
        text,
    };
    Ok(found.into_iter().map(activity).collect())
}

/// The names of those of `stacks` that the lead is in: one statement for each of a person's few stacks.
async fn stacks_with<C: ConnectionTrait>(
    on: &C,
    stacks: &[scope::Stack],
    lead: LeadId,
    times: &Times,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for stack in stacks {
        let mut query = Query::new("SELECT COUNT(*) FROM lead l WHERE l.id = ");
        query.bind(lead.0);
        filter::filter(&mut query, &stack.filter, times.now);
        if query.count(on).await? > 0 {
            names.push(stack.name.clone());
        }
    }
    Ok(names)
}

fn deletion_sentence(found: &QueryResult, times: &Times) -> Result<String> {
    if sql::get::<Option<Vec<u8>>>(found, "deletion_order")?.is_none() {
        return Ok(String::new());
    }
    let start = match state(found)? {
        OpenState::Waiting => {
            let due = Millis(sql::get(found, "due_at")?);
            format!("Deleted, leaves {}.", times.leaves(due).words())
        }
        OpenState::Held(hold) => format!("Deleted, on hold: {}.", hold.words()),
        OpenState::Failed(code) => format!("Deletion failed: {}.", code.words()),
    };
    let must = sql::get::<Option<i64>>(found, "must_be_carried_out")? == Some(1);
    let end = if must {
        "If it changes, it is deleted all the same."
    } else {
        "A change keeps it."
    };
    Ok(format!("{start} {end}"))
}

async fn past_deletions<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    times: &Times,
) -> Result<Vec<String>> {
    let found: Vec<(String, String, i64, Option<String>)> = sql::tuples(
        on,
        "SELECT d.state, d.cause, d.at, m.name FROM deletion d LEFT JOIN member m ON m.id = d.member \
         WHERE d.lead = $1 ORDER BY d.id DESC LIMIT 100",
        values![lead.0],
    )
    .await?;
    let words = |(state, cause, at, by): (String, String, i64, Option<String>)| {
        let by = by.unwrap_or_else(|| "the Deletion Queue".into());
        ClosedState::from_codes(&state, &cause).words(&by, &times.moment(at))
    };
    Ok(found.into_iter().map(words).collect())
}
