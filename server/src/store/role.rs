//! Roles as a Layer Admin edits them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::audit::Act;
use domain::permission::{Actor, EditMembers, Granted, LAYER_ADMIN, Permission, beyond};
use domain::ports::Roles;
use domain::role::{MOST_ROLES, RoleForm, RoleId, RoleSetting, RolesPage, held_words};
use domain::{Error, Result, text};
use sea_orm::ConnectionTrait;

use super::session::actor_ref;
use super::sql::{self, values};
use super::{Store, member_write, number, rights, version, word};

#[async_trait]
impl Roles for Store {
    async fn roles(&self, by: Granted<EditMembers>) -> Result<RolesPage> {
        let own = &by.actor().permissions;
        Ok(RolesPage {
            roles: settings(self.reader(), by.actor()).await?,
            may_give: Permission::ALL
                .iter()
                .copied()
                .filter(|right| right.narrows() || own.contains(right))
                .collect(),
        })
    }

    async fn save_role(&self, by: Granted<EditMembers>, form: RoleForm) -> Result<String> {
        let name = form.check()?;
        let (writing, own) = member_write::begin(self, &by).await?;
        let tx = writing.tx();
        if let Some(permission) = beyond(&own, &form.permissions) {
            return Err(Error::Forbidden(permission));
        }
        let roles: Vec<(i64, String)> = sql::tuples(tx, "SELECT id, name FROM role", []).await?;
        let taken = |other: &(i64, String)| {
            Some(RoleId(other.0)) != form.role && text::fold(&other.1) == text::fold(&name)
        };
        if roles.iter().any(taken) {
            return Err(RoleForm::taken());
        }
        let mut facts;
        let mut held = 0;
        match form.role {
            None if roles.len() >= MOST_ROLES => {
                return Err(Error::field(
                    "Name",
                    format!("There are {MOST_ROLES} roles, the most that can be kept."),
                ));
            }
            None => {
                let id: Option<i64> = sql::value(
                    tx,
                    "INSERT INTO role (name, position) SELECT $1, COALESCE(MAX(position), 0) + 1 FROM role RETURNING id",
                    values![name.as_str()],
                )
                .await?;
                let id = id.unwrap_or_default();
                facts = vec![number("role", id), word("change", "added")];
                give(tx, id, &form.permissions).await?;
                facts.extend(codes("gives", form.permissions.iter()));
            }
            Some(RoleId(id)) => {
                let before = touchable(tx, &own, by.actor(), RoleId(id)).await?;
                let old = rights::of_role(tx, id).await?;
                if before == name && old == form.permissions {
                    return Ok("Nothing was changed.".into());
                }
                let changed: Option<Option<Vec<u8>>> = sql::value(
                    tx,
                    "SELECT changed_act FROM role WHERE id = $1",
                    values![id],
                )
                .await?;
                let now = version::of(changed.flatten())?;
                version::check(self, &writing, by.member(), form.version, now).await?;
                facts = vec![number("role", id)];
                if before != name {
                    facts.push(word("change", "renamed"));
                }
                sql::execute(
                    tx,
                    "UPDATE role SET name = $2, changed_act = $3 WHERE id = $1",
                    values![id, name.as_str(), writing.act.as_bytes().to_vec()],
                )
                .await?;
                sql::execute(
                    tx,
                    "DELETE FROM role_permission WHERE role = $1",
                    values![id],
                )
                .await?;
                give(tx, id, &form.permissions).await?;
                facts.extend(codes("gives", form.permissions.difference(&old)));
                facts.extend(codes("takes", old.difference(&form.permissions)));
                held = member_write::hold(&writing, &mut facts).await?;
            }
        }
        writing
            .commit(actor_ref(by.actor()), Act::RoleChanged, facts)
            .await?;
        Ok(format!("The role {name} is saved.{}", held_words(held)))
    }

    async fn delete_role(&self, by: Granted<EditMembers>, role: RoleId) -> Result<()> {
        let (writing, own) = member_write::begin(self, &by).await?;
        let tx = writing.tx();
        let name = touchable(tx, &own, by.actor(), role).await?;
        let members: Option<i64> = sql::value(
            tx,
            "SELECT COUNT(*) FROM member WHERE role = $1",
            values![role.0],
        )
        .await?;
        if let Some(members @ 1..) = members {
            let have = text::count(members.unsigned_abs(), "member has", "members have");
            return Err(Error::Conflict(format!(
                "{have} the role {name}, deactivated ones too. Give them another role first."
            )));
        }
        let alone: Vec<String> = sql::column(
            tx,
            "SELECT s.name FROM work_stack s JOIN work_stack_role w ON w.work_stack = s.id WHERE w.role = $1 \
             AND NOT EXISTS (SELECT 1 FROM work_stack_role o WHERE o.work_stack = s.id AND o.role <> $1) ORDER BY s.name",
            values![role.0],
        )
        .await?;
        if !alone.is_empty() {
            return Err(Error::Conflict(format!(
                "Only the role {name} sees {}. Let another role see it first, under Work stacks.",
                text::list(&alone)
            )));
        }
        sql::execute(tx, "DELETE FROM role WHERE id = $1", values![role.0]).await?;
        let facts = vec![number("role", role.0), word("change", "deleted")];
        writing
            .commit(actor_ref(by.actor()), Act::RoleChanged, facts)
            .await?;
        Ok(())
    }
}

/// Every role as this person sees it.
pub async fn settings<C: ConnectionTrait>(on: &C, actor: &Actor) -> Result<Vec<RoleSetting>> {
    type Row = (i64, String, i64, Option<Vec<u8>>);
    let roles: Vec<Row> = sql::tuples(
        on,
        "SELECT r.id, r.name, (SELECT COUNT(*) FROM member m WHERE m.role = r.id), r.changed_act FROM role r \
         ORDER BY r.position, r.id",
        [],
    )
    .await?;
    let mut permissions = BTreeMap::<i64, BTreeSet<Permission>>::new();
    let rows: Vec<(i64, String)> =
        sql::tuples(on, "SELECT role, permission FROM role_permission", []).await?;
    for (role, code) in rows {
        let of = permissions.entry(role).or_default();
        of.extend(Permission::from_code(&code));
    }
    let stacks: Vec<(i64, String)> = sql::tuples(
        on,
        "SELECT w.role, s.name FROM work_stack_role w JOIN work_stack s ON s.id = w.work_stack ORDER BY s.position, s.id",
        [],
    )
    .await?;
    let waiting = member_write::waiting(on).await?;
    let members: Vec<(i64, i64)> =
        sql::tuples(on, "SELECT role, id FROM member WHERE active = 1", []).await?;
    let setting = |(id, name, count, changed): Row| {
        let permissions = permissions.remove(&id).unwrap_or_default();
        let locked = locked(&actor.permissions, actor, &name, &permissions);
        let of_role = |(role, _): &&(i64, i64)| *role == id;
        Ok(RoleSetting {
            id: RoleId(id),
            version: version::of(changed)?,
            may_give: beyond(&actor.permissions, &permissions).is_none(),
            waiting: members
                .iter()
                .filter(of_role)
                .filter_map(|(_, member)| waiting.get(member))
                .sum(),
            stacks: stacks
                .iter()
                .filter(|(role, _)| *role == id)
                .map(|(_, stack)| stack.clone())
                .collect(),
            permissions: permissions.into_iter().collect(),
            members: u64::try_from(count).unwrap_or(0),
            locked: locked.map(|error| error.to_string()),
            name,
        })
    };
    roles.into_iter().map(setting).collect()
}

/// The role's name, if there is such a one.
pub async fn name<C: ConnectionTrait>(on: &C, role: RoleId) -> Result<Option<String>> {
    sql::value(on, "SELECT name FROM role WHERE id = $1", values![role.0]).await
}

/// The name of a role that this person may edit.
async fn touchable<C: ConnectionTrait>(
    on: &C,
    own: &BTreeSet<Permission>,
    actor: &Actor,
    role: RoleId,
) -> Result<String> {
    let name = name(on, role).await?;
    let name =
        name.ok_or_else(|| Error::Conflict("There is no such role. Reload the page.".into()))?;
    let own_role: Option<i64> = sql::value(
        on,
        "SELECT role FROM member WHERE id = $1",
        values![actor.member.0],
    )
    .await?;
    if own_role == Some(role.0) && name != LAYER_ADMIN {
        return Err(own_one());
    }
    match locked(own, actor, &name, &rights::of_role(on, role.0).await?) {
        Some(error) => Err(error),
        None => Ok(name),
    }
}

/// Why a role stays as it is for this person.
fn locked(
    own: &BTreeSet<Permission>,
    actor: &Actor,
    name: &str,
    permissions: &BTreeSet<Permission>,
) -> Option<Error> {
    if name == LAYER_ADMIN {
        return Some(Error::Conflict(
            "The role Layer Admin keeps its name and its rights.".into(),
        ));
    }
    if actor.role == name {
        return Some(own_one());
    }
    beyond(own, permissions).map(Error::Forbidden)
}

fn own_one() -> Error {
    Error::Conflict("You can’t change your own role. Ask another Layer Admin.".into())
}

/// Gives a role these permissions. One that sees leads and no work stack begins with `All leads`.
async fn give<C: ConnectionTrait>(
    on: &C,
    role: i64,
    permissions: &BTreeSet<Permission>,
) -> Result<()> {
    for permission in permissions {
        sql::execute(
            on,
            "INSERT INTO role_permission (role, permission) VALUES ($1, $2)",
            values![role, permission.code()],
        )
        .await?;
    }
    if permissions.contains(&Permission::SeeLeads) {
        sql::execute(
            on,
            "INSERT INTO work_stack_role (work_stack, role) SELECT id, $1 FROM work_stack WHERE is_all = 1 \
             AND NOT EXISTS (SELECT 1 FROM work_stack_role WHERE role = $1)",
            values![role],
        )
        .await?;
    }
    Ok(())
}

/// Permissions as a fact: their codes, parted by blanks. None where there are none.
fn codes<'a>(
    name: &str,
    permissions: impl Iterator<Item = &'a Permission>,
) -> Option<(String, domain::audit::Fact)> {
    let codes: Vec<_> = permissions.map(|permission| permission.code()).collect();
    (!codes.is_empty()).then(|| word(name, &codes.join(" ")))
}
