//! Tries of a password, counted for all nodes together: whoever guesses gains nothing by asking the next one.

use std::net::IpAddr;

use domain::Result;
use domain::member::MemberId;
use domain::time::MINUTE;
use sha2::{Digest, Sha256};

use super::sql::{self, values};
use super::{Store, lock};
use crate::database::{Priority, Turn};

/// So many tries with one e-mail from one address …
const TRIES: i64 = 10;
/// … and so many from one address with any e-mails, against trying one password with many of them …
const TRIES_OF_ADDRESS: i64 = 100;
/// … in so many milliseconds.
const WITHIN: i64 = 15 * MINUTE;

/// What a password is said for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try<'a> {
    /// To sign in with this e-mail (folded) from this address.
    SignIn(&'a str, IpAddr),
    /// To change it.
    OldPassword(MemberId),
}

impl Try<'_> {
    /// By what it is counted alone. No e-mail and no address is kept: of both together a digest for a quarter of an hour.
    fn own(self) -> Vec<u8> {
        match self {
            Self::SignIn(email, address) => digest(&["e-mail", email, &address.to_string()]),
            Self::OldPassword(member) => digest(&["member", &member.0.to_string()]),
        }
    }

    /// By what it is counted with all others from its address. A proxy on this machine that isn't trusted stands for everybody:
    /// a stranger's tries there must lock nobody else out.
    fn of_address(self) -> Option<Vec<u8>> {
        match self {
            Self::SignIn(_, address) if !address.is_loopback() => {
                Some(digest(&["address", &address.to_string()]))
            }
            _ => None,
        }
    }

    /// By what it is counted, and how many there may be of each.
    fn limits(self) -> Vec<(Vec<u8>, i64)> {
        let of_address = self.of_address().map(|who| (who, TRIES_OF_ADDRESS));
        [(self.own(), TRIES)]
            .into_iter()
            .chain(of_address)
            .collect()
    }
}

impl Store {
    /// Counts a try; `false` where there were too many, and it is none.
    pub async fn admits(&self, what: Try<'_>) -> Result<bool> {
        let writing = self.begin(Priority::Person).await?;
        lock::alone(&writing, Turn::SignIn).await?;
        let (tx, now) = (writing.tx(), writing.now.0);
        let limits = what.limits();
        for (who, most) in &limits {
            let tries: i64 = sql::value(
                tx,
                "SELECT COUNT(*) FROM sign_in_try WHERE who = $1 AND at > $2",
                values![who.clone(), now - WITHIN],
            )
            .await?
            .unwrap_or(0);
            if tries >= *most {
                return Ok(false);
            }
        }
        sql::execute(
            tx,
            "DELETE FROM sign_in_try WHERE at <= $1",
            values![now - WITHIN],
        )
        .await?;
        for (who, _) in limits {
            sql::execute(
                tx,
                "INSERT INTO sign_in_try (who, at) VALUES ($1, $2)",
                values![who, now],
            )
            .await?;
        }
        writing.commit_quietly().await?;
        Ok(true)
    }

    /// It was right: who is in has no tries, and an address that many share has one less.
    pub async fn was_right(&self, what: Try<'_>) -> Result<()> {
        let writing = self.begin(Priority::Person).await?;
        sql::execute(
            writing.tx(),
            "DELETE FROM sign_in_try WHERE who = $1",
            values![what.own()],
        )
        .await?;
        if let Some(address) = what.of_address() {
            sql::execute(
                writing.tx(),
                "DELETE FROM sign_in_try WHERE id = (SELECT MAX(id) FROM sign_in_try WHERE who = $1)",
                values![address],
            )
            .await?;
        }
        writing.commit_quietly().await
    }
}

fn digest(words: &[&str]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for word in words {
        hasher.update((word.len() as u64).to_be_bytes());
        hasher.update(word);
    }
    hasher.finalize().to_vec()
}
