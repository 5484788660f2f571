//! Members: who may sign in, and with what rights a request acts.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::audit::{Act, ActorRef};
use domain::member::MemberId;
use domain::permission::{Actor, Permission};
use domain::time::Millis;
use domain::{Error, Result, text};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set,
};
use tokio::sync::Semaphore;

use super::sql::internal;
use super::{Store, number};
use crate::database::Priority;
use crate::entity::{member, role, role_permission};

/// A password has at least so many characters.
pub const LEAST_PASSWORD: usize = 10;

/// At most so many passwords are hashed at once: each takes 19 MB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// The demo's five people: address, name, role.
pub const DEMO_PEOPLE: [(&str, &str, &str); 5] = [
    ("agent@demo.test", "Ana Reyes", "Agent"),
    ("team-leader@demo.test", "Tom Baker", "Team Leader"),
    ("manager@demo.test", "Petra Lane", "Manager"),
    ("admin@demo.test", "Maria Diaz", "Layer Admin"),
    ("auditor@demo.test", "Owen Frost", "Auditor"),
];

/// Somebody who is to sign in.
#[derive(Debug)]
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
        let name = text::plain(&new.name);
        if !email_address::EmailAddress::is_valid(&email) {
            return Err(Error::field(
                "E-mail",
                "This is no e-mail address. Write it as in you@example.com.",
            ));
        }
        if name.is_empty() {
            return Err(Error::field(
                "Name",
                "Give a name with --name \"Your Name\".",
            ));
        }
        if new.password.chars().count() < LEAST_PASSWORD {
            return Err(Error::field(
                "Password",
                format!("The password needs at least {LEAST_PASSWORD} characters."),
            ));
        }
        let hash = hash(new.password).await?;
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
            return Err(Error::Conflict(
                "Somebody with this e-mail address is a member already.".into(),
            ));
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
            _ => (None, nobody().await?),
        };
        Ok(verify(password, hash).await?.then_some(member).flatten())
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
async fn known<C: ConnectionTrait>(on: &C, email: &str) -> Result<bool> {
    let found = member::Entity::find_by_email(email).one(on).await;
    Ok(found.map_err(internal)?.is_some())
}

async fn insert<C: ConnectionTrait>(
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

async fn hash(password: String) -> Result<String> {
    on_a_core(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string())
    })
    .await
}

async fn verify(password: String, hash: String) -> Result<bool> {
    on_a_core(move || {
        let hash = PasswordHash::new(&hash)?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok())
    })
    .await
}

/// A hash that no password has, so that an address that nobody has takes as long as a wrong password.
async fn nobody() -> Result<String> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash.clone());
    }
    let made = hash(uuid::Uuid::new_v4().to_string()).await?;
    Ok(NOBODY.get_or_init(|| made).clone())
}

/// Hashing takes tens of milliseconds: beside the threads that answer, and not many at once.
async fn on_a_core<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
) -> Result<T> {
    let _turn = HASHING.acquire().await;
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(error)) => Err(internal(DbErr::Custom(error.to_string()))),
        Err(error) => Err(internal(DbErr::Custom(error.to_string()))),
    }
}
