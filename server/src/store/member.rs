//! Members: who may sign in, and with what rights a request acts.

use std::collections::BTreeSet;

use domain::audit::{Act, ActorRef};
use domain::error::Wrong;
use domain::member::{MemberId, wrong_name};
use domain::password::Password;
use domain::permission::{Actor, Permission};
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::sql::internal;
use super::{Store, number, password};
use crate::database::Priority;
use crate::entity::{member, role, role_permission};

/// The demo's five people: address, name, role.
pub const DEMO_PEOPLE: [(&str, &str, &str); 5] = [
    ("agent@demo.test", "Ana Reyes", "Agent"),
    ("team-leader@demo.test", "Tom Baker", "Team Leader"),
    ("manager@demo.test", "Petra Lane", "Manager"),
    ("admin@demo.test", "Maria Diaz", "Layer Admin"),
    ("auditor@demo.test", "Owen Frost", "Auditor"),
];

/// No e-mail address is longer.
const LONGEST_EMAIL: usize = 254;

/// That somebody has the address.
pub const TAKEN: &str = "Somebody with this e-mail address is a member already.";

/// What is wrong with an address, if something is.
pub fn wrong_email(email: &str) -> Option<String> {
    let right = email.len() <= LONGEST_EMAIL && email_address::EmailAddress::is_valid(email);
    (!right).then(|| "This is no e-mail address. Write it as in you@example.com.".into())
}

/// Somebody who is to sign in.
pub struct NewMember {
    /// The address they sign in with.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// The password.
    pub password: String,
}

impl Store {
    /// Who acts in a request, with the rights of this very moment; `None` for somebody who may not sign in (any more).
    pub async fn actor(&self, member: MemberId) -> Result<Option<Actor>> {
        let found = self.active(member::COLUMN.id.eq(member.0)).await?;
        let found = found.filter(|(member, _)| member.may_sign_in(self.is_demo()));
        Ok(found.map(|(_, actor)| actor))
    }

    /// The active member of whom this holds, and what they may: read in one statement, so that both are of one moment.
    async fn active(&self, who: Expr) -> Result<Option<(member::Model, Actor)>> {
        let rows = member::Entity::find()
            .filter(who)
            .filter(member::COLUMN.active.eq(1))
            .find_also_related(role::Entity)
            .and_also_related(role_permission::Entity)
            .all(self.reader())
            .await
            .map_err(internal)?;
        let codes = rows.iter().filter_map(|(_, _, right)| right.as_ref());
        let permissions: BTreeSet<_> = codes
            .filter_map(|right| Permission::from_code(&right.permission))
            .collect();
        let Some((member, Some(role), _)) = rows.into_iter().next() else {
            return Ok(None);
        };
        let actor = Actor {
            member: MemberId(member.id),
            name: member.name.clone(),
            role: role.name,
            permissions,
        };
        Ok(Some((member, actor)))
    }

    /// The active member with this e-mail address, for what the command line does in somebody's name.
    pub async fn member_by_email(&self, email: &str) -> Result<Option<Actor>> {
        let found = self.active(has_email(email)).await?;
        Ok(found.map(|(_, actor)| actor))
    }

    /// Adds a member, from the command line.
    pub async fn add_member(&self, new: NewMember) -> Result<MemberId> {
        let email = text::fold(new.email.trim());
        let name = text::line(&new.name);
        let mut wrong = Wrong::default();
        wrong.add_if("E-mail", wrong_email(&email));
        if name.is_empty() {
            wrong.add("Name", "Give a name with --name \"Your Name\".");
        } else {
            wrong.add_if("Name", wrong_name(&name));
        }
        let password = Password(new.password);
        wrong.add_if("Password", password.wrong());
        wrong.end()?;
        let hash = password::hash(password.0).await?;
        let writing = self.begin(Priority::Person).await?;
        let tx = writing.tx();
        let Some(role) = role_named(tx, &new.role).await? else {
            let roles: Vec<String> = roles(tx).await?.into_iter().map(|role| role.name).collect();
            return Err(Error::field(
                "Role",
                format!(
                    "There is no role “{}”. The roles are: {}.",
                    new.role,
                    roles.join(", ")
                ),
            ));
        };
        if known(tx, &email).await? {
            return Err(Error::Conflict(TAKEN.into()));
        }
        let member = insert(tx, &email, &name, role, Some(hash), false, writing.now).await?;
        let facts = vec![number("member", member.0), number("role", role)];
        writing
            .commit(ActorRef::CommandLine, Act::MemberChanged, facts)
            .await?;
        Ok(member)
    }

    /// The member whom this address and password belong to. Takes as long for an address that nobody has.
    pub async fn sign_in(&self, email: &str, password: String) -> Result<Option<MemberId>> {
        let found = self.with_email(email, false).await?;
        let (member, hash) = match found.map(|member| (member.id, member.password_hash)) {
            Some((member, Some(hash))) => (Some(MemberId(member)), hash),
            _ => (None, password::nobody().await?),
        };
        Ok(password::verify(password, hash)
            .await?
            .then_some(member)
            .flatten())
    }

    /// The made-up member with this address; under `--demo` alone.
    pub async fn sign_in_demo(&self, email: &str) -> Result<Option<MemberId>> {
        if !self.is_demo() {
            return Ok(None);
        }
        let found = self.with_email(email, true).await?;
        Ok(found.map(|member| MemberId(member.id)))
    }

    /// The active member with this address, of the demo's people or of the others.
    async fn with_email(&self, email: &str, demo: bool) -> Result<Option<member::Model>> {
        member::Entity::find()
            .filter(has_email(email))
            .filter(member::COLUMN.active.eq(1))
            .filter(member::COLUMN.demo.eq(i64::from(demo)))
            .one(self.reader())
            .await
            .map_err(internal)
    }
}

/// The condition on a member that it has this address, in whatever case it was typed.
fn has_email(email: &str) -> Expr {
    member::COLUMN.email.eq(text::fold(email.trim()))
}

/// Adds those of the demo's people who aren't there. They have no password: one click signs them in, under `--demo`.
pub async fn add_demo_people<C: ConnectionTrait>(tx: &C, now: Millis) -> Result<()> {
    for (email, name, role) in DEMO_PEOPLE {
        if let (false, Some(role)) = (known(tx, email).await?, role_named(tx, role).await?) {
            insert(tx, email, name, role, None, true, now).await?;
        }
    }
    Ok(())
}

async fn role_named<C: ConnectionTrait>(on: &C, name: &str) -> Result<Option<i64>> {
    let wanted = text::fold(name.trim());
    let mut roles = roles(on).await?.into_iter();
    Ok(roles
        .find(|role| text::fold(&role.name) == wanted)
        .map(|role| role.id))
}

async fn roles<C: ConnectionTrait>(on: &C) -> Result<Vec<role::Model>> {
    let roles = role::Entity::find().order_by_asc(role::Column::Position);
    roles.all(on).await.map_err(internal)
}

/// Whether somebody has this address, also one who isn't active.
pub async fn known<C: ConnectionTrait>(on: &C, email: &str) -> Result<bool> {
    let found = member::Entity::find_by_email(email).one(on).await;
    Ok(found.map_err(internal)?.is_some())
}

/// Adds one.
pub async fn insert<C: ConnectionTrait>(
    on: &C,
    email: &str,
    name: &str,
    role: i64,
    hash: Option<String>,
    demo: bool,
    now: Millis,
) -> Result<MemberId> {
    let member = member::ActiveModel {
        email: Set(email.to_owned()),
        name: Set(name.to_owned()),
        role: Set(role),
        password_hash: Set(hash),
        demo: Set(i64::from(demo)),
        created_at: Set(now.0),
        ..Default::default()
    };
    let member = member.insert(on).await.map_err(internal)?;
    Ok(MemberId(member.id))
}
