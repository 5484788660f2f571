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
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Semaphore;

use super::sql::{self, internal, values};
use super::{Store, number};
use crate::database::Priority;

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
        let made_up: Option<i64> = sql::value(
            self.reader(),
            "SELECT demo FROM member WHERE id = $1",
            values![member.0],
        )
        .await?;
        if made_up == Some(1) && !self.is_demo() {
            return Ok(None);
        }
        self.actor_whoever(member).await
    }

    /// The same, also of the demo's people where they can't sign in.
    async fn actor_whoever(&self, member: MemberId) -> Result<Option<Actor>> {
        let rows: Vec<(String, String, Option<String>)> = sql::tuples(
            self.reader(),
            "SELECT m.name, r.name, p.permission FROM member m JOIN role r ON r.id = m.role \
             LEFT JOIN role_permission p ON p.role = r.id WHERE m.id = $1 AND m.active = 1",
            values![member.0],
        )
        .await?;
        let Some((name, role, _)) = rows.first().cloned() else {
            return Ok(None);
        };
        let codes = rows.iter().filter_map(|(_, _, code)| code.as_deref());
        let permissions: BTreeSet<_> = codes.filter_map(Permission::from_code).collect();
        Ok(Some(Actor {
            member,
            name,
            role,
            permissions,
        }))
    }

    /// The active member with this e-mail address, for what the command line does in somebody's name.
    pub async fn member_by_email(&self, email: &str) -> Result<Option<Actor>> {
        let member: Option<i64> = sql::value(
            self.reader(),
            "SELECT id FROM member WHERE email = $1 AND active = 1",
            values![text::fold(email.trim())],
        )
        .await?;
        match member {
            Some(member) => self.actor_whoever(MemberId(member)).await,
            None => Ok(None),
        }
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
            let roles: Vec<String> =
                sql::column(tx, "SELECT name FROM role ORDER BY position", []).await?;
            return Err(Error::field(
                "Role",
                format!(
                    "There is no role “{}”. The roles are: {}.",
                    new.role,
                    roles.join(", ")
                ),
            ));
        };
        let known: Option<i64> = sql::value(
            tx,
            "SELECT id FROM member WHERE email = $1",
            values![email.as_str()],
        )
        .await?;
        if known.is_some() {
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
        let found: Option<(i64, Option<String>)> = sql::tuple(
            self.reader(),
            "SELECT id, password_hash FROM member WHERE email = $1 AND active = 1 AND demo = 0",
            values![text::fold(email.trim())],
        )
        .await?;
        let (member, hash) = match found {
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
        let member: Option<i64> = sql::value(
            self.reader(),
            "SELECT id FROM member WHERE email = $1 AND active = 1 AND demo = 1",
            values![text::fold(email.trim())],
        )
        .await?;
        Ok(member.map(MemberId))
    }
}

/// Adds those of the demo's people who aren't there. They have no password: one click signs them in, under `--demo`.
pub async fn add_demo_people<C: ConnectionTrait>(tx: &C, now: Millis) -> Result<()> {
    for (email, name, role) in DEMO_PEOPLE {
        let known: Option<i64> =
            sql::value(tx, "SELECT id FROM member WHERE email = $1", values![email]).await?;
        if let (None, Some(role)) = (known, role_named(tx, role).await?) {
            insert(tx, email, name, role, None, true, now).await?;
        }
    }
    Ok(())
}

async fn role_named<C: ConnectionTrait>(on: &C, name: &str) -> Result<Option<i64>> {
    let roles: Vec<(i64, String)> = sql::tuples(on, "SELECT id, name FROM role", []).await?;
    let wanted = text::fold(name.trim());
    Ok(roles
        .into_iter()
        .find_map(|(id, name)| (text::fold(&name) == wanted).then_some(id)))
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
    let id: Option<i64> = sql::value(
        on,
        "INSERT INTO member (email, name, role, password_hash, demo, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         RETURNING id",
        values![email, name, role, hash, i64::from(demo), now.0],
    )
    .await?;
    id.map(MemberId)
        .ok_or_else(|| internal(DbErr::RecordNotInserted))
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
