//! Passwords: hashed with Argon2 beside the threads that answer, and made for who is given one.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::Result;
use domain::password::Password;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::sql::internal;

/// At most so many passwords are hashed at once: each takes 19 MB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// What a made password consists of: no letter that is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password of 80 random bits in four groups, easy to read out: `k3fm-9xqa-…`.
pub fn make() -> Password {
    let mut hasher = Sha256::new();
    // Each has 122 bits from the system's source.
    hasher.update(Uuid::new_v4().as_bytes());
    hasher.update(Uuid::new_v4().as_bytes());
    let mut made = String::new();
    for (n, byte) in hasher.finalize().iter().take(16).enumerate() {
        if n > 0 && n % 4 == 0 {
            made.push('-');
        }
        made.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Password(made)
}

/// What is kept of a password.
pub async fn hash(password: String) -> Result<String> {
    on_a_core(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string())
    })
    .await
}

/// Whether it is the password of this hash.
pub async fn verify(password: String, hash: String) -> Result<bool> {
    on_a_core(move || {
        let hash = PasswordHash::new(&hash)?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok())
    })
    .await
}

/// A hash that no password has, so that an address that nobody has takes as long as a wrong password.
pub async fn nobody() -> Result<String> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash.clone());
    }
    let made = hash(Uuid::new_v4().to_string()).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_right_and_never_the_same() {
        assert_eq!(
            LETTERS
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            32
        );
        let made = make();
        assert_eq!(made.0.len(), 19);
        assert_eq!(made.wrong(), None);
        assert_ne!(made, make());
    }
}
