//! What a person sees: the work stacks of their role, and the leads in them.

use domain::lead::LeadId;
use domain::member::MemberId;
use domain::time::Millis;
use domain::work_stack::{Column, Filter, Order, Sort, WorkStackId};
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, QueryResult};

use super::filter;
use super::query::Query;
use super::sql::{self, values};

/// A work stack as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// The number.
    pub id: WorkStackId,
    /// The name.
    pub name: String,
    /// What leads it takes.
    pub filter: Filter,
    /// Its own sort.
    pub order: Order,
    /// Where everybody starts.
    pub hides_deletions: bool,
    /// `All leads`.
    pub is_all: bool,
    /// How many leads it held when it was last counted.
    pub count: Option<u64>,
    /// The columns that it shows.
    pub columns: Vec<Column>,
    /// The act that changed it last.
    pub changed_act: Option<Vec<u8>>,
}

/// The stacks that this person's role sees, in their order. The role is read anew.
pub async fn stacks<C: ConnectionTrait>(on: &C, member: MemberId) -> Result<Vec<Stack>> {
    let rows = sql::rows(
        on,
        "SELECT w.id, w.name, w.filter, w.sort, w.descending, w.hides_deletions, w.is_all, w.counted, w.columns, w.changed_act \
         FROM member m JOIN work_stack_role r ON r.role = m.role JOIN work_stack w ON w.id = r.work_stack \
         WHERE m.id = $1 AND m.active = 1 ORDER BY w.position, w.id",
        values![member.0],
    )
    .await?;
    rows.iter().map(stack_of_row).collect()
}

/// One of this person's stacks, or 404.
pub async fn stack<C: ConnectionTrait>(
    on: &C,
    member: MemberId,
    stack: WorkStackId,
) -> Result<Stack> {
    stacks(on, member)
        .await?
        .into_iter()
        .find(|s| s.id == stack)
        .ok_or_else(|| Error::not_found("work stack"))
}

/// ` AND …`: the lead is in one of these stacks.
pub fn seen(query: &mut Query, stacks: &[Stack], at: Millis) {
    if stacks.iter().any(|stack| stack.is_all) {
        return;
    }
    query.add(" AND (1 = 0");
    for stack in stacks {
        query.add(" OR (1 = 1");
        filter::filter_each(query, &stack.filter, at);
        query.add(")");
    }
    query.add(")");
}

/// Whether this person sees the lead.
pub async fn sees<C: ConnectionTrait>(
    on: &C,
    member: MemberId,
    lead: LeadId,
    at: Millis,
) -> Result<bool> {
    let mut query = Query::new("SELECT COUNT(*) FROM lead l WHERE l.id = ");
    query.bind(lead.0);
    seen(&mut query, &stacks(on, member).await?, at);
    Ok(query.count(on).await? > 0)
}

/// The filter in a stack's row. One that can't be read is a fault: it must not become "every lead".
pub fn read_filter(text: &str) -> Result<Filter> {
    serde_json::from_str(text)
        .map_err(|error| sql::internal(sea_orm::DbErr::Json(error.to_string())))
}

/// The columns in a stack's row; all of them where it says none. A word of another version is passed over.
pub fn read_columns(text: Option<&str>) -> Vec<Column> {
    match text.and_then(|text| serde_json::from_str::<Vec<String>>(text).ok()) {
        Some(codes) => Column::ALL
            .into_iter()
            .filter(|column| codes.iter().any(|code| code == column.code()))
            .collect(),
        None => Column::ALL.to_vec(),
    }
}

fn stack_of_row(row: &QueryResult) -> Result<Stack> {
    let sort: String = sql::get(row, "sort")?;
    let count: Option<i64> = sql::get(row, "counted")?;
    Ok(Stack {
        id: WorkStackId(sql::get(row, "id")?),
        name: sql::get(row, "name")?,
        filter: read_filter(&sql::get::<String>(row, "filter")?)?,
        order: Order {
            by: Sort::from_code(&sort).unwrap_or(Sort::LastActivity),
            descending: sql::get::<i64>(row, "descending")? == 1,
        },
        hides_deletions: sql::get::<i64>(row, "hides_deletions")? == 1,
        is_all: sql::get::<i64>(row, "is_all")? == 1,
        count: count.and_then(|n| u64::try_from(n).ok()),
        columns: read_columns(sql::get::<Option<String>>(row, "columns")?.as_deref()),
        changed_act: sql::get(row, "changed_act")?,
    })
}
