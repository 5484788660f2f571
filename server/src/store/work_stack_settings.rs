//! Settings > Work stacks: made, edited, ordered and deleted, each in one act. None of it touches a lead.

use async_trait::async_trait;
use domain::audit::{Act, Fact};
use domain::permission::{EditSettings, Granted, Permission};
use domain::ports::WorkStackSettings;
use domain::text;
use domain::version::Version;
use domain::work_stack::{Column, Filter, Order, Sort, WorkStackId};
use domain::work_stack_settings::{
    RoleChoice, Value, WorkStackEditor, WorkStackForm, WorkStackSetting, check_filter,
};
use domain::{Error, Result};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use super::session::actor_ref;
use super::sql::{self, internal, values};
use super::{Store, Writing, dialect, number, rights, scope, stack_count, version, word};
use crate::database::Priority;
use crate::entity::{role, work_stack, work_stack_role};

/// So many sources, and so many owners, are offered; others are typed.
const OFFERED: i64 = 24;

#[async_trait]
impl WorkStackSettings for Store {
    async fn work_stack_settings(
        &self,
        _by: Granted<EditSettings>,
    ) -> Result<Vec<WorkStackSetting>> {
        let on = self.snapshot().await?;
        let seen_by = work_stack_role::Entity::find()
            .find_both_related(role::Entity)
            .order_by_asc(role::Column::Position)
            .all(&on)
            .await
            .map_err(internal)?;
        let stacks = work_stack::Entity::find()
            .order_by_asc(work_stack::Column::Position)
            .order_by_asc(work_stack::Column::Id)
            .all(&on)
            .await
            .map_err(internal)?;
        let setting = |stack: work_stack::Model| {
            Ok(WorkStackSetting {
                id: WorkStackId(stack.id),
                version: version::of(stack.changed_act)?,
                sentence: scope::read_filter(&stack.filter)?.sentence(),
                roles: seen_by
                    .iter()
                    .filter(|(sees, _)| sees.work_stack == stack.id)
                    .map(|(_, role)| role.name.clone())
                    .collect(),
                hides_deletions: stack.hides_deletions == 1,
                is_all: stack.is_all == 1,
                name: stack.name,
            })
        };
        stacks.into_iter().map(setting).collect()
    }

    async fn work_stack_editor(
        &self,
        by: Granted<EditSettings>,
        stack: Option<WorkStackId>,
    ) -> Result<WorkStackEditor> {
        let on = self.snapshot().await?;
        let roles = seeing_roles(&on).await?;
        let (form, is_all) = match stack {
            Some(stack) => {
                let stack = read(&on, stack).await?;
                let is_all = stack.is_all == 1;
                (form_of(&on, stack).await?, is_all)
            }
            None => {
                let own = roles.iter().filter(|role| role.name == by.actor().role);
                let form = WorkStackForm {
                    roles: own.map(|role| role.id).collect(),
                    ..WorkStackForm::new()
                };
                (form, false)
            }
        };
        let editor = WorkStackEditor {
            sources: offered(&on, "source").await?,
            owners: offered(&on, "owner").await?,
            form,
            is_all,
            roles,
        };
        on.commit().await.map_err(internal)?;
        Ok(editor)
    }

    async fn count_filter(&self, _by: Granted<EditSettings>, filter: Filter) -> Result<u64> {
        check_filter(&filter)?;
        // A count reads every lead where no index helps: it must not take all readers from who works.
        let _turn = self.previews.acquire().await;
        stack_count::count(self.reader(), &filter, self.now()).await
    }

    async fn save_work_stack(
        &self,
        by: Granted<EditSettings>,
        form: WorkStackForm,
    ) -> Result<WorkStackId> {
        let writing = self.begin_stacks(&by).await?;
        let tx = writing.tx();
        let before = match form.stack {
            Some(stack) => Some(self.seen_stack(&writing, &by, stack, form.version).await?),
            None => None,
        };
        let kept = Kept::new(tx, form, before.as_ref()).await?;
        let stack = match &before {
            Some(before) => {
                kept.update(&writing, before.id).await?;
                before.id
            }
            None => kept.insert(&writing).await?,
        };
        let facts = kept.facts(stack, before.is_none());
        writing
            .commit(actor_ref(by.actor()), Act::WorkStackChanged, facts)
            .await?;
        Ok(WorkStackId(stack))
    }

    async fn set_hides_deletions(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        hides: bool,
    ) -> Result<()> {
        let writing = self.begin_stacks(&by).await?;
        let touched = sql::execute(
            writing.tx(),
            "UPDATE work_stack SET hides_deletions = $2, changed_act = $3 WHERE id = $1",
            values![stack.0, i64::from(hides), writing.act.as_bytes().to_vec()],
        )
        .await?;
        if touched == 0 {
            return Err(Error::not_found("work stack"));
        }
        let facts = vec![
            number("work-stack", stack.0),
            number("hides-deletions", i64::from(hides)),
        ];
        writing
            .commit(actor_ref(by.actor()), Act::WorkStackChanged, facts)
            .await?;
        Ok(())
    }

    async fn move_work_stack(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        up: bool,
    ) -> Result<()> {
        let writing = self.begin_stacks(&by).await?;
        let tx = writing.tx();
        let mut stacks: Vec<i64> =
            sql::column(tx, "SELECT id FROM work_stack ORDER BY position, id", []).await?;
        let place = stacks
            .iter()
            .position(|id| *id == stack.0)
            .ok_or_else(|| Error::not_found("work stack"))?;
        let to = if up {
            place.checked_sub(1)
        } else {
            Some(place + 1).filter(|to| *to < stacks.len())
        };
        // It is the first or the last already: somebody else moved it.
        let Some(to) = to else { return Ok(()) };
        stacks.swap(place, to);
        for (position, id) in (1_i64..).zip(&stacks) {
            sql::execute(
                tx,
                "UPDATE work_stack SET position = $2 WHERE id = $1 AND position <> $2",
                values![*id, position],
            )
            .await?;
        }
        let facts = vec![number("work-stack", stack.0), number("position", to + 1)];
        writing
            .commit(actor_ref(by.actor()), Act::WorkStackChanged, facts)
            .await?;
        Ok(())
    }

    async fn delete_work_stack(
        &self,
        by: Granted<EditSettings>,
        stack: WorkStackId,
        version: Version,
    ) -> Result<()> {
        let writing = self.begin_stacks(&by).await?;
        let tx = writing.tx();
        let before = self.seen_stack(&writing, &by, stack, version).await?;
        if before.is_all == 1 {
            return Err(Error::Conflict(format!(
                "{} can’t be deleted: Lead stats lead there.",
                before.name
            )));
        }
        sql::execute(
            tx,
            "INSERT INTO former_work_stack (id, name) VALUES ($1, $2)",
            values![stack.0, before.name.as_str()],
        )
        .await?;
        for statement in [
            // Orders made from it keep its name.
            "UPDATE deletion_order SET former_work_stack = work_stack WHERE work_stack = $1",
            // Dialogs that are open on it: a draft without a stack can't be confirmed, and holds no leads. What the Layer
            // Admins were asked about is theirs to answer.
            "DELETE FROM draft_lead WHERE draft IN (SELECT id FROM draft \
             WHERE work_stack = $1 AND asked_at IS NULL AND body_digest IS NULL)",
            "DELETE FROM work_stack WHERE id = $1",
        ] {
            sql::execute(tx, statement, values![stack.0]).await?;
        }
        let facts = vec![number("work-stack", stack.0), number("deleted", 1)];
        writing
            .commit(actor_ref(by.actor()), Act::WorkStackChanged, facts)
            .await?;
        Ok(())
    }
}

impl Store {
    /// A stack's row as it was seen, refused where somebody changed it since.
    async fn seen_stack(
        &self,
        writing: &Writing<'_>,
        by: &Granted<EditSettings>,
        stack: WorkStackId,
        seen: Version,
    ) -> Result<work_stack::Model> {
        let found = read(writing.tx(), stack).await?;
        let now = version::of(found.changed_act.clone())?;
        version::check(self, writing, by.member(), seen, now).await?;
        Ok(found)
    }

    /// Begins to change stacks: one person after the other, who still may.
    async fn begin_stacks(&self, by: &Granted<EditSettings>) -> Result<Writing<'_>> {
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::EditSettings).await?;
        let lock = dialect::for_update(writing.tx().get_database_backend());
        sql::rows(
            writing.tx(),
            &format!("SELECT id FROM work_stack WHERE is_all = 1{lock}"),
            [],
        )
        .await?;
        Ok(writing)
    }
}

/// A stack as it is kept.
struct Kept {
    name: String,
    filter: Filter,
    roles: Vec<i64>,
    columns: Vec<Column>,
    order: Order,
    hides_deletions: bool,
}

impl Kept {
    /// What was sent, cleaned and checked, with everything that is wrong at once.
    async fn new<C: ConnectionTrait>(
        on: &C,
        form: WorkStackForm,
        before: Option<&work_stack::Model>,
    ) -> Result<Self> {
        let mut problems = form.problems();
        let mut refuse = |field: &str, message: &str| {
            if let Error::Invalid(more) = Error::field(field, message) {
                problems.extend(more);
            }
        };
        let name = text::plain(&form.name);
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut filter = form.filter;
        filter.sources = distinct(filter.sources);
        filter.owners = distinct(filter.owners);
        filter.statuses.sort();
        filter.statuses.dedup();
        if before.is_some_and(|stack| stack.is_all == 1) && !filter.is_everything() {
            refuse(
                "Leads",
                "This work stack takes every lead, because Lead stats lead here. Make another one for a part of them.",
            );
        }
        let own = before.map(|stack| stack.id);
        let others: Vec<(i64, String)> =
            sql::tuples(on, "SELECT id, name FROM work_stack", []).await?;
        let taken = |(id, other): &(i64, String)| {
            Some(*id) != own && text::fold(other) == text::fold(&name)
        };
        if others.iter().any(taken) {
            refuse(
                "Name",
                "There is a work stack of this name already. Choose another name.",
            );
        }
        let seeing = seeing_roles(on).await?;
        let roles: Vec<i64> = seeing
            .iter()
            .map(|role| role.id)
            .filter(|id| form.roles.contains(id))
            .collect();
        if roles.is_empty() && !form.roles.is_empty() {
            refuse(
                "Who sees it",
                "The roles that you chose may not see leads. Choose one that may.",
            );
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Self {
            name,
            filter,
            roles,
            columns: Column::ALL
                .into_iter()
                .filter(|column| form.columns.contains(column))
                .collect(),
            order: form.order,
            hides_deletions: form.hides_deletions,
        })
    }

    async fn insert(&self, writing: &Writing<'_>) -> Result<i64> {
        let position: Option<i64> = sql::value(
            writing.tx(),
            "SELECT CAST(COALESCE(MAX(position), 0) + 1 AS BIGINT) FROM work_stack",
            [],
        )
        .await?;
        let stack: Option<i64> = sql::value(
            writing.tx(),
            "INSERT INTO work_stack (name, position, filter, sort, descending, columns, hides_deletions, changed_act) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            values![
                self.name.as_str(),
                position.unwrap_or(1),
                self.written_filter()?,
                self.order.by.code(),
                i64::from(self.order.descending),
                self.written_columns()?,
                i64::from(self.hides_deletions),
                writing.act.as_bytes().to_vec()
            ],
        )
        .await?;
        let stack = stack.ok_or_else(|| Error::not_found("work stack"))?;
        self.show_to_roles(writing, stack).await?;
        Ok(stack)
    }

    async fn update(&self, writing: &Writing<'_>, stack: i64) -> Result<()> {
        sql::execute(
            writing.tx(),
            "UPDATE work_stack SET name = $2, filter = $3, sort = $4, descending = $5, columns = $6, hides_deletions = $7, \
             changed_act = $8, counted = CASE WHEN filter = $3 THEN counted END WHERE id = $1",
            values![
                stack,
                self.name.as_str(),
                self.written_filter()?,
                self.order.by.code(),
                i64::from(self.order.descending),
                self.written_columns()?,
                i64::from(self.hides_deletions),
                writing.act.as_bytes().to_vec()
            ],
        )
        .await?;
        sql::execute(
            writing.tx(),
            "DELETE FROM work_stack_role WHERE work_stack = $1",
            values![stack],
        )
        .await?;
        self.show_to_roles(writing, stack).await
    }

    async fn show_to_roles(&self, writing: &Writing<'_>, stack: i64) -> Result<()> {
        for role in &self.roles {
            sql::execute(
                writing.tx(),
                "INSERT INTO work_stack_role (work_stack, role) VALUES ($1, $2)",
                values![stack, *role],
            )
            .await?;
        }
        Ok(())
    }

    fn written_filter(&self) -> Result<String> {
        serde_json::to_string(&self.filter)
            .map_err(|e| internal(sea_orm::DbErr::Json(e.to_string())))
    }

    /// `None` where all are shown: also those that a later version has.
    fn written_columns(&self) -> Result<Option<String>> {
        if self.columns.len() == Column::ALL.len() {
            return Ok(None);
        }
        let codes: Vec<&str> = self.columns.iter().map(|column| column.code()).collect();
        serde_json::to_string(&codes)
            .map(Some)
            .map_err(|e| internal(sea_orm::DbErr::Json(e.to_string())))
    }

    /// What the audit log says: numbers and codes, never a name.
    fn facts(&self, stack: i64, made: bool) -> Vec<(String, Fact)> {
        let mut facts = vec![number("work-stack", stack)];
        if made {
            facts.push(number("made", 1));
        }
        let filter = &self.filter;
        let counts = [
            ("sources", filter.sources.len()),
            ("statuses", filter.statuses.len()),
            ("owners", filter.owners.len()),
            ("no-contact-record", filter.no_contact_record.into()),
            ("no-valid-telephone", filter.no_valid_telephone.into()),
            ("possible-duplicate", filter.possible_duplicate.into()),
        ];
        for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            facts.push(number(name, count));
        }
        let ages = [
            ("added-within-days", filter.added_within_days),
            ("added-before-days", filter.added_before_days),
            ("idle-days", filter.idle_days),
        ];
        for (name, days) in ages {
            facts.extend(days.map(|days| number(name, days)));
        }
        facts.extend(self.roles.iter().map(|role| number("seen-by", *role)));
        facts.push(number("columns", self.columns.len()));
        facts.push(word("sort", self.order.by.code()));
        facts.push(number("descending", i64::from(self.order.descending)));
        facts.push(number("hides-deletions", i64::from(self.hides_deletions)));
        facts
    }
}

/// A stack's row, or 404.
async fn read<C: ConnectionTrait>(on: &C, stack: WorkStackId) -> Result<work_stack::Model> {
    work_stack::Entity::find_by_id(stack.0)
        .one(on)
        .await
        .map_err(internal)?
        .ok_or_else(|| Error::not_found("work stack"))
}

async fn form_of<C: ConnectionTrait>(on: &C, stack: work_stack::Model) -> Result<WorkStackForm> {
    let roles: Vec<i64> = sql::column(
        on,
        "SELECT role FROM work_stack_role WHERE work_stack = $1 ORDER BY role",
        values![stack.id],
    )
    .await?;
    Ok(WorkStackForm {
        stack: Some(WorkStackId(stack.id)),
        version: version::of(stack.changed_act)?,
        filter: scope::read_filter(&stack.filter)?,
        columns: scope::read_columns(stack.columns.as_deref()),
        order: Order {
            by: Sort::from_code(&stack.sort).unwrap_or(Sort::LastActivity),
            descending: stack.descending == 1,
        },
        hides_deletions: stack.hides_deletions == 1,
        name: stack.name,
        roles,
    })
}

/// The roles that may see leads, in their order: to others a stack shows nothing.
async fn seeing_roles<C: ConnectionTrait>(on: &C) -> Result<Vec<RoleChoice>> {
    let roles: Vec<(i64, String)> = sql::tuples(
        on,
        "SELECT r.id, r.name FROM role r JOIN role_permission p ON p.role = r.id AND p.permission = $1 \
         ORDER BY r.position, r.id",
        values![Permission::SeeLeads.code()],
    )
    .await?;
    let choice = |(id, name)| RoleChoice { id, name };
    Ok(roles.into_iter().map(choice).collect())
}

/// What most leads have in a column, by its index.
async fn offered<C: ConnectionTrait>(on: &C, column: &str) -> Result<Vec<Value>> {
    let values: Vec<(String, i64)> = sql::tuples(
        on,
        &format!(
            "SELECT {column}, COUNT(*) FROM lead GROUP BY {column} ORDER BY COUNT(*) DESC, {column} LIMIT $1"
        ),
        values![OFFERED],
    )
    .await?;
    let value = |(value, leads)| Value {
        value,
        leads: u64::try_from(leads).unwrap_or(0),
    };
    Ok(values.into_iter().map(value).collect())
}

/// Each value once, in the order in which they were chosen.
fn distinct(values: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.clone()))
        .collect()
}
