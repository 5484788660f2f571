//! Leads: a row of the grid, and the panel beside it.

use async_trait::async_trait;
use domain::deletion::{ClosedState, OpenState};
use domain::deletion_order::OrderId;
use domain::error::Result;
use domain::lead::{
    Activity, ContactRecord, LeadDeletion, LeadId, LeadPage, LeadRequest, LeadRow, LeadStatus,
    MOST_LEAD_ROWS, OpenDeletionMark, Telephone,
};
use domain::lead_edit::LeadEdit;
use domain::permission::{Actor, EditLeads, Granted, Permission, SeeLeads};
use domain::ports::Leads;
use domain::time::Millis;
use domain::work_stack::WorkStackSummary;
use email_address::EmailAddress;
use sea_orm::{ConnectionTrait, QueryResult};

use super::query::Query;
use super::sql::{self, internal, values};
use super::times::Times;
use super::{Store, deletion_order, erased_lead, filter, lead_edit, scope};
use crate::telephone;

/// What [`row`] reads, of `lead l`, `open_deletion o` and `deletion_order r`; the kept lead is `kept`.
pub const COLUMNS: &str = "l.id, l.name, l.source, l.status, l.owner, l.last_activity_at, l.added_at, l.contact_count, \
    (SELECT c.e164 FROM contact_record c WHERE c.lead = l.id AND c.telephone_valid = 1 ORDER BY c.n LIMIT 1) AS e164, \
    o.deletion_order, o.state, o.cause, o.due_at, r.member AS ordered_by, \
    r.waiting + r.held + r.failed + r.erased + r.skipped + r.removed AS ordered_leads";

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
        leads: u64::try_from(sql::get::<i64>(found, "ordered_leads")?).unwrap_or(0),
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
    async fn lead(&self, by: Granted<SeeLeads>, request: LeadRequest) -> Result<LeadPage> {
        let on = self.snapshot().await?;
        let times = self.times(&on).await?;
        let stacks = scope::stacks(&on, by.member()).await?;
        let (lead, actor) = (request.lead, by.actor());
        let mut query = Query::new(
            "SELECT CAST(NULL AS BIGINT) AS kept, l.country, l.revision, l.activity_count, \
             o.revision AS deleted_at_revision, r.must_be_carried_out, r.asked_by, ",
        );
        query
            .add(COLUMNS)
            .add(" FROM lead l")
            .add(JOINS)
            .add(" WHERE l.id = ")
            .bind(lead.0);
        scope::seen(&mut query, &stacks, times.now);
        let found = query.rows(&on).await?;
        let Some(found) = found.first() else {
            return Err(erased_lead::missing(&on, actor, lead, &times).await?);
        };
        let activities: i64 = sql::get(found, "activity_count")?;
        let page = LeadPage {
            row: row(found, actor, &times)?,
            country: sql::get(found, "country")?,
            revision: sql::get(found, "revision")?,
            contact_records: contact_records(&on, lead, request.contact_records).await?,
            activities: self::activities(&on, lead, request.activities, &times).await?,
            activity_count: u32::try_from(activities).unwrap_or(u32::MAX),
            work_stacks: stacks_with(&on, &stacks, lead, &times).await?,
            deletion: deletion(found, actor, &times)?,
            past_deletions: past_deletions(&on, lead, actor, &times).await?,
            owners: if actor.may(Permission::EditLeads) {
                lead_edit::owners(&on, &stacks).await?
            } else {
                Vec::new()
            },
        };
        on.commit().await.map_err(internal)?;
        Ok(page)
    }

    async fn edit_lead(&self, by: Granted<EditLeads>, edit: LeadEdit) -> Result<String> {
        lead_edit::edit(self, &by, edit).await
    }
}

async fn contact_records<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    most: u32,
) -> Result<Vec<ContactRecord>> {
    let records: Vec<(i64, String, String, String)> = sql::tuples(
        on,
        "SELECT n, telephone, e164, email FROM contact_record WHERE lead = $1 ORDER BY n LIMIT $2",
        values![lead.0, i64::from(most.min(MOST_LEAD_ROWS))],
    )
    .await?;
    let record = |(n, telephone, e164, email): (i64, String, String, String)| {
        let valid = !e164.is_empty();
        ContactRecord {
            n,
            telephone: if valid {
                telephone::international(&e164)
            } else {
                telephone
            },
            call: valid.then(|| format!("tel:{e164}")),
            write: EmailAddress::is_valid(&email).then(|| format!("mailto:{}", in_link(&email))),
            email,
        }
    };
    Ok(records.into_iter().map(record).collect())
}

/// An address as a link has it: a `?` in it would begin the letter's subject and further receivers.
fn in_link(address: &str) -> String {
    let mut link = String::new();
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}

async fn activities<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    most: u32,
    times: &Times,
) -> Result<Vec<Activity>> {
    let found: Vec<(String, i64, String, Option<String>)> = sql::tuples(
        on,
        "SELECT a.kind, a.at, a.text, m.name FROM activity a LEFT JOIN member m ON m.id = a.member \
         WHERE a.lead = $1 ORDER BY a.at DESC, a.n DESC LIMIT $2",
        values![lead.0, i64::from(most.min(MOST_LEAD_ROWS))],
    )
    .await?;
    let activity = |(kind, at, text, by): (String, i64, String, Option<String>)| {
        let kind = if kind == "call" { "Call" } else { "Note" };
        let by = by.map(|by| format!(", {by}")).unwrap_or_default();
        Activity {
            what: format!("{kind}, {}{by}", times.moment(at)),
            text,
        }
    };
    Ok(found.into_iter().map(activity).collect())
}

/// Those of `stacks` that the lead is in: one statement for each of a person's few stacks.
async fn stacks_with<C: ConnectionTrait>(
    on: &C,
    stacks: &[scope::Stack],
    lead: LeadId,
    times: &Times,
) -> Result<Vec<WorkStackSummary>> {
    let mut with = Vec::new();
    for stack in stacks {
        let mut query = Query::new("SELECT COUNT(*) FROM lead l WHERE l.id = ");
        query.bind(lead.0);
        filter::filter_each(&mut query, &stack.filter, times.now);
        if query.count(on).await? > 0 {
            with.push(WorkStackSummary {
                id: stack.id,
                name: stack.name.clone(),
                count: None,
            });
        }
    }
    Ok(with)
}

/// The open deletion: how it stands, and what a change does to it.
fn deletion(found: &QueryResult, actor: &Actor, times: &Times) -> Result<Option<LeadDeletion>> {
    let Some(order) = sql::get::<Option<Vec<u8>>>(found, "deletion_order")? else {
        return Ok(None);
    };
    let start = match state(found)? {
        OpenState::Waiting => {
            let due = Millis(sql::get(found, "due_at")?);
            format!("Deleted, leaves {}.", times.leaves(due).words())
        }
        OpenState::Held(hold) => format!("Deleted, on hold: {}.", hold.words()),
        OpenState::Failed(code) => format!("Deletion failed: {}.", code.words()),
    };
    let must = sql::get::<Option<i64>>(found, "must_be_carried_out")? == Some(1);
    let changed = sql::get::<Option<i64>>(found, "deleted_at_revision")?
        != Some(sql::get::<i64>(found, "revision")?);
    let end = match (must, changed) {
        (true, false) => "If it changes, it is deleted all the same.",
        (true, true) => "It changed since, and is deleted all the same.",
        (false, false) => "A change keeps it.",
        (false, true) => "It changed since: the queue keeps it.",
    };
    let sees = deletion_order::sees(
        actor,
        sql::get(found, "ordered_by")?,
        sql::get(found, "asked_by")?,
    );
    Ok(Some(LeadDeletion {
        words: format!("{start} {end}"),
        order: if sees {
            Some(OrderId(sql::uuid(order)?))
        } else {
            None
        },
    }))
}

async fn past_deletions<C: ConnectionTrait>(
    on: &C,
    lead: LeadId,
    actor: &Actor,
    times: &Times,
) -> Result<Vec<LeadDeletion>> {
    type Row = (
        String,
        String,
        i64,
        Option<String>,
        Vec<u8>,
        i64,
        Option<i64>,
    );
    let found: Vec<Row> = sql::tuples(
        on,
        "SELECT d.state, COALESCE(u.kind, d.cause), d.at, m.name, r.id, r.member, r.asked_by FROM deletion d \
         LEFT JOIN audit_entry u ON u.act = d.act AND u.kind = 'undone' JOIN deletion_order r ON r.id = d.deletion_order LEFT JOIN member m ON m.id = d.member \
         WHERE d.lead = $1 ORDER BY d.id DESC LIMIT 100",
        values![lead.0],
    )
    .await?;
    let past = |(state, cause, at, by, order, member, asker): Row| {
        let by = by.unwrap_or_else(|| "the Deletion Queue".into());
        let order = if deletion_order::sees(actor, member, asker) {
            Some(OrderId(sql::uuid(order)?))
        } else {
            None
        };
        Ok(LeadDeletion {
            words: ClosedState::from_codes(&state, &cause).words(&by, &times.moment(at)),
            order,
        })
    };
    found.into_iter().map(past).collect()
}
