//! One's own account: the password, and signing out everywhere.

use async_trait::async_trait;
use domain::account::{AccountPage, PasswordChange};
use domain::audit::Act;
use domain::error::Wrong;
use domain::member::MemberId;
use domain::permission::Actor;
use domain::ports::Account;
use domain::{Error, Result};

use super::session::actor_ref;
use super::sign_in_try::Try;
use super::sql::{self, values};
use super::{Store, Writing, number, password, word};
use crate::database::Priority;

#[async_trait]
impl Account for Store {
    async fn account(&self, actor: &Actor) -> Result<AccountPage> {
        let found: Option<(String, i64)> = sql::tuple(
            self.reader(),
            "SELECT email, CAST(CASE WHEN demo = 0 AND password_hash IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) \
             FROM member WHERE id = $1",
            values![actor.member.0],
        )
        .await?;
        let (email, has_password) = found.ok_or(Error::SignedOut)?;
        Ok(AccountPage {
            email,
            has_password: has_password == 1,
        })
    }

    async fn change_password(&self, actor: &Actor, change: PasswordChange) -> Result<()> {
        let mut wrong = Wrong::default();
        wrong.add_if("New password", change.new.wrong());
        let this_try = Try::OldPassword(actor.member);
        if !self.admits(this_try).await? {
            return Err(Error::TooMany);
        }
        let hash: Option<Option<String>> = sql::value(
            self.reader(),
            "SELECT password_hash FROM member WHERE id = $1 AND demo = 0 AND active = 1",
            values![actor.member.0],
        )
        .await?;
        let hash = hash.flatten().ok_or_else(|| {
            Error::Conflict("You sign in without a password: there is nothing to change.".into())
        })?;
        if !password::verify(change.current.0.clone(), hash.clone()).await? {
            _ = self
                .security_event(Some(actor.member), "account/password", "wrong")
                .await;
            wrong.add("Current password", "This isn’t your password. Try again.");
        } else {
            self.was_right(this_try).await?;
            if change.current == change.new {
                wrong.add("New password", "This is the old one. Choose another.");
            }
        }
        wrong.end()?;
        let new = password::hash(change.new.0).await?;
        let writing = self.begin(Priority::Person).await?;
        // Only if it still is the one that was typed: a Layer Admin may have given another meanwhile.
        let changed = sql::execute(
            writing.tx(),
            "UPDATE member SET password_hash = $2 WHERE id = $1 AND password_hash = $3 AND active = 1",
            values![actor.member.0, new, hash],
        )
        .await?;
        if changed == 0 {
            return Err(Error::SignedOut);
        }
        end_sessions(&writing, actor.member).await?;
        let facts = vec![
            number("member", actor.member.0),
            word("change", "own-password"),
        ];
        writing
            .commit(actor_ref(actor), Act::MemberChanged, facts)
            .await?;
        Ok(())
    }

    async fn sign_out_everywhere(&self, actor: &Actor) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        end_sessions(&writing, actor.member).await?;
        writing.commit_quietly().await?;
        self.security_event(Some(actor.member), "account/sign-out-everywhere", "ok")
            .await
    }
}

/// Ends every session of a member, with the rest of the act.
pub async fn end_sessions(writing: &Writing<'_>, member: MemberId) -> Result<()> {
    sql::execute(
        writing.tx(),
        "DELETE FROM session WHERE member = $1",
        values![member.0],
    )
    .await?;
    Ok(())
}
