//! Members as a Layer Admin edits them: added, renamed, given a role or a password, deactivated, let in again.
//!
//! Every change reads the rights of who edits inside its transaction: one touches only whom one is not below, and gives
//! only what one has.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::audit::{Act, Fact};
use domain::error::Wrong;
use domain::member::{
    Member, MemberEdit, MemberForm, MemberId, MembersPage, PasswordGiven, wrong_name,
};
use domain::password::Password;
use domain::permission::{EditMembers, Granted, LAYER_ADMIN, Permission, beyond};
use domain::ports::Members;
use domain::role::{RoleId, held_words};
use domain::version::Version;
use domain::{Error, Result, text};
use sea_orm::ConnectionTrait;

use super::account::end_sessions;
use super::member::{TAKEN, insert, known, wrong_email};
use super::session::actor_ref;
use super::sql::{self, values};
use super::{Store, Writing, batch, dialect, number, password, rights, role, version, word};
use crate::database::Priority;

#[async_trait]
impl Members for Store {
    async fn members(&self, by: Granted<EditMembers>) -> Result<MembersPage> {
        let on = self.reader();
        let waiting = waiting(on).await?;
        let roles = role::settings(on, by.actor()).await?;
        let above: BTreeSet<RoleId> = roles
            .iter()
            .filter(|role| !role.may_give)
            .map(|role| role.id)
            .collect();
        type Row = (i64, String, String, i64, String, i64, i64, Option<Vec<u8>>);
        let rows: Vec<Row> = sql::tuples(
            on,
            "SELECT m.id, m.name, m.email, m.role, r.name, m.active, m.demo, m.changed_act \
             FROM member m JOIN role r ON r.id = m.role ORDER BY m.name, m.id",
            [],
        )
        .await?;
        let member = |(id, name, email, role, role_name, active, demo, changed): Row| {
            Ok(Member {
                id: MemberId(id),
                version: version::of(changed)?,
                name,
                email,
                role: RoleId(role),
                role_name,
                active: active == 1,
                demo: demo == 1,
                waiting: waiting.get(&id).copied().unwrap_or(0),
                is_self: by.member() == MemberId(id),
                is_above: above.contains(&RoleId(role)),
            })
        };
        let members = rows.into_iter().map(member).collect::<Result<_>>()?;
        Ok(MembersPage { members, roles })
    }

    async fn new_member(
        &self,
        by: Granted<EditMembers>,
        form: MemberForm,
    ) -> Result<PasswordGiven> {
        let email = text::fold(form.email.trim());
        let name = text::line(&form.name);
        let mut wrong = Wrong::default();
        wrong.add_if("Name", wrong_name(&name));
        if let Some(message) = wrong_email(&email) {
            wrong.add("E-mail", message);
        } else if known(self.reader(), &email).await? {
            wrong.add("E-mail", TAKEN);
        }
        if role::name(self.reader(), form.role).await?.is_none() {
            wrong.add("Role", NO_ROLE);
        }
        let given = Given::of(form.password);
        wrong.add_if("Password", given.password.wrong());
        wrong.end()?;
        let hash = password::hash(given.password.0.clone()).await?;
        let (writing, own) = begin(self, &by).await?;
        may_give(writing.tx(), &own, form.role).await?;
        if known(writing.tx(), &email).await? {
            return Err(Error::field("E-mail", TAKEN));
        }
        let (role, now) = (form.role.0, writing.now);
        let member = insert(writing.tx(), &email, &name, role, Some(hash), false, now).await?;
        let facts = vec![
            number("member", member.0),
            word("change", "added"),
            number("role", role),
        ];
        writing
            .commit(actor_ref(by.actor()), Act::MemberChanged, facts)
            .await?;
        Ok(given.told(format!("{name} can sign in now.")))
    }

    async fn edit_member(&self, by: Granted<EditMembers>, edit: MemberEdit) -> Result<String> {
        let name = text::line(&edit.name);
        let mut wrong = Wrong::default();
        wrong.add_if("Name", wrong_name(&name));
        if role::name(self.reader(), edit.role).await?.is_none() {
            wrong.add("Role", NO_ROLE);
        }
        wrong.end()?;
        let (writing, own) = begin(self, &by).await?;
        let tx = writing.tx();
        let before = touchable(tx, &own, edit.member).await?;
        let another_role = before.role != edit.role.0;
        if !another_role && before.name == name {
            return Ok("Nothing was changed.".into());
        }
        version::check(self, &writing, by.member(), edit.version, before.version).await?;
        if another_role {
            if by.member() == edit.member {
                return Err(Error::Conflict(
                    "You can’t change your own role. Ask another Layer Admin.".into(),
                ));
            }
            may_give(tx, &own, edit.role).await?;
        }
        sql::execute(
            tx,
            "UPDATE member SET name = $2, role = $3, changed_act = $4 WHERE id = $1",
            values![
                edit.member.0,
                name.as_str(),
                edit.role.0,
                writing.act.as_bytes().to_vec()
            ],
        )
        .await?;
        let mut facts = vec![number("member", edit.member.0)];
        if before.name != name {
            facts.push(word("change", "renamed"));
        }
        let mut held = 0;
        if another_role {
            keep_a_layer_admin(self, tx, &before).await?;
            facts.push(number("role-before", before.role));
            facts.push(number("role", edit.role.0));
            held = hold(&writing, &mut facts).await?;
        }
        writing
            .commit(actor_ref(by.actor()), Act::MemberChanged, facts)
            .await?;
        Ok(format!("{name} is saved.{}", held_words(held)))
    }

    async fn set_active(
        &self,
        by: Granted<EditMembers>,
        member: MemberId,
        active: bool,
    ) -> Result<String> {
        let (writing, own) = begin(self, &by).await?;
        let tx = writing.tx();
        let before = touchable(tx, &own, member).await?;
        if by.member() == member {
            return Err(Error::Conflict(
                "You can’t deactivate yourself. Ask another Layer Admin.".into(),
            ));
        }
        if before.active == active {
            return Ok("Nothing was changed.".into());
        }
        sql::execute(
            tx,
            "UPDATE member SET active = $2 WHERE id = $1",
            values![member.0, i64::from(active)],
        )
        .await?;
        let mut facts = vec![
            number("member", member.0),
            number("active", i64::from(active)),
        ];
        let mut held = 0;
        if !active {
            keep_a_layer_admin(self, tx, &before).await?;
            end_sessions(&writing, member).await?;
            held = hold(&writing, &mut facts).await?;
        }
        writing
            .commit(actor_ref(by.actor()), Act::MemberChanged, facts)
            .await?;
        Ok(if active {
            format!("{} can sign in again.", before.name)
        } else {
            format!(
                "{} can’t sign in any more.{}",
                before.name,
                held_words(held)
            )
        })
    }

    async fn reset_password(
        &self,
        by: Granted<EditMembers>,
        member: MemberId,
        password: Password,
    ) -> Result<PasswordGiven> {
        if by.member() == member {
            return Err(Error::Conflict(
                "Change your own password on the page Account.".into(),
            ));
        }
        let given = Given::of(password);
        let mut wrong = Wrong::default();
        wrong.add_if("Password", given.password.wrong());
        wrong.end()?;
        let hash = password::hash(given.password.0.clone()).await?;
        let (writing, own) = begin(self, &by).await?;
        let before = touchable(writing.tx(), &own, member).await?;
        if before.demo {
            return Err(Error::Conflict(
                "One of the demo’s people has no password: one click signs them in.".into(),
            ));
        }
        sql::execute(
            writing.tx(),
            "UPDATE member SET password_hash = $2 WHERE id = $1",
            values![member.0, hash],
        )
        .await?;
        end_sessions(&writing, member).await?;
        let facts = vec![number("member", member.0), word("change", "password")];
        writing
            .commit(actor_ref(by.actor()), Act::MemberChanged, facts)
            .await?;
        Ok(given.told(format!(
            "{} has a new password and is signed out everywhere.",
            before.name
        )))
    }
}

const NO_ROLE: &str = "Choose a role from the list.";

/// A password that is given to somebody: typed, or made here.
struct Given {
    password: Password,
    made: bool,
}

impl Given {
    fn of(typed: Password) -> Self {
        let made = typed.0.is_empty();
        let password = if made { password::make() } else { typed };
        Self { password, made }
    }

    fn told(self, message: String) -> PasswordGiven {
        PasswordGiven {
            message,
            made: self.made.then_some(self.password),
        }
    }
}

/// Begins a change of members or roles, with what who edits may at this moment. One such change waits for another, so
/// that two Layer Admins can't demote each other at once.
pub async fn begin<'a>(
    store: &'a Store,
    by: &Granted<EditMembers>,
) -> Result<(Writing<'a>, BTreeSet<Permission>)> {
    let writing = store.begin(Priority::Person).await?;
    let lock = dialect::for_update(writing.tx().get_database_backend());
    sql::rows(
        writing.tx(),
        &format!("SELECT id FROM role WHERE name = $1{lock}"),
        values![LAYER_ADMIN],
    )
    .await?;
    let own = rights::of(writing.tx(), by.member()).await?;
    if !own.contains(&Permission::EditMembers) {
        return Err(Error::Forbidden(Permission::EditMembers));
    }
    Ok((writing, own))
}

/// Refuses a role with a right that who gives it lacks.
async fn may_give<C: ConnectionTrait>(
    on: &C,
    own: &BTreeSet<Permission>,
    role: RoleId,
) -> Result<()> {
    // One that is gone meanwhile has no rights, and the database refuses it; that it is there was checked before.
    if role::name(on, role).await?.is_none() {
        return Err(Error::field("Role", NO_ROLE));
    }
    match beyond(own, &rights::of_role(on, role.0).await?) {
        Some(permission) => Err(Error::Forbidden(permission)),
        None => Ok(()),
    }
}

/// A member as they were before the change.
struct Before {
    name: String,
    role: i64,
    role_name: String,
    active: bool,
    demo: bool,
    version: Version,
}

/// The member, if their role has no right that who edits lacks: else a password could be reset to act as them.
async fn touchable<C: ConnectionTrait>(
    on: &C,
    own: &BTreeSet<Permission>,
    member: MemberId,
) -> Result<Before> {
    let found: Option<(String, i64, String, i64, i64, Option<Vec<u8>>)> = sql::tuple(
        on,
        "SELECT m.name, m.role, r.name, m.active, m.demo, m.changed_act FROM member m JOIN role r ON r.id = m.role \
         WHERE m.id = $1",
        values![member.0],
    )
    .await?;
    let (name, role, role_name, active, demo, changed) =
        found.ok_or_else(|| Error::Conflict("There is no such member. Reload the page.".into()))?;
    if let Some(permission) = beyond(own, &rights::of_role(on, role).await?) {
        return Err(Error::Forbidden(permission));
    }
    Ok(Before {
        name,
        role,
        role_name,
        active: active == 1,
        demo: demo == 1,
        version: version::of(changed)?,
    })
}

/// Refuses to take away the last Layer Admin who can sign in.
async fn keep_a_layer_admin<C: ConnectionTrait>(
    store: &Store,
    on: &C,
    before: &Before,
) -> Result<()> {
    if before.role_name != LAYER_ADMIN {
        return Ok(());
    }
    let left: Option<i64> = sql::value(
        on,
        "SELECT COUNT(*) FROM member m JOIN role r ON r.id = m.role \
         WHERE r.name = $1 AND m.active = 1 AND (m.demo = 0 OR $2 = 1)",
        values![LAYER_ADMIN, i64::from(store.is_demo())],
    )
    .await?;
    if left.unwrap_or(0) > 0 {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "{} is the last Layer Admin. Make somebody else one first.",
        before.name
    )))
}

/// Holds what nobody may delete any more, in the same act; how many.
pub async fn hold(writing: &Writing<'_>, facts: &mut Vec<(String, Fact)>) -> Result<u64> {
    let settled = rights::hold_withdrawn(writing).await?;
    facts.extend(batch::facts(writing, settled).await?);
    Ok(u64::try_from(settled.held).unwrap_or(0))
}

/// How many deletions of each member wait and would be held with the right: those that a Layer Admin confirmed stay.
pub async fn waiting<C: ConnectionTrait>(on: &C) -> Result<BTreeMap<i64, u64>> {
    let rows: Vec<(i64, i64)> = sql::tuples(
        on,
        "SELECT member, CAST(SUM(n) AS BIGINT) FROM (\
           SELECT member, waiting AS n FROM deletion_order WHERE waiting > 0 \
           UNION ALL SELECT r.member, -1 FROM open_deletion o JOIN deletion_order r ON r.id = o.deletion_order \
           WHERE o.confirmed_by IS NOT NULL AND o.state = 'waiting') w GROUP BY member",
        [],
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|(member, n)| (member, u64::try_from(n).unwrap_or(0)))
        .collect())
}
