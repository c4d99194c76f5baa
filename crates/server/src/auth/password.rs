//! Passwords: argon2id. Hashing takes memory on purpose, so only a few run at once.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use linedesk_protocol::limits::PASSWORD_CHARS;
use tokio::sync::Semaphore;

/// Hashes at once: each takes 19 MiB (OWASP's minimum for argon2id).
static SLOTS: Semaphore = Semaphore::const_new(2);
/// Hashes that may wait for their turn, some seconds of work.
static QUEUE: Semaphore = Semaphore::const_new(64);

/// Too many passwords are being checked; try again in a moment.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked")]
pub(crate) struct Busy;

/// What a password that nobody has is compared with, so that an unknown name takes the same time (AU1).
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$7cVX1gTyn4qUVo5hCsHC4BdFWZGMfQJdZJtEZcL6HDk";

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Whether a new password is acceptable; the text says why not.
pub(crate) fn check(password: &str) -> Result<(), &'static str> {
    if PASSWORD_CHARS.contains(&password.chars().count()) { Ok(()) } else { Err("a password has 8 to 128 characters") }
}

/// Hashes a password. Blocks for some tens of milliseconds.
pub(crate) fn hash_blocking(password: &str) -> anyhow::Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| anyhow::anyhow!("hashing a password failed: {error}"))
}

/// Hashes a password off the runtime's threads.
pub(crate) async fn hash(password: String) -> anyhow::Result<String> {
    in_turn(move || hash_blocking(&password)).await?
}

/// Runs a hash when it is its turn. The turn lasts as long as the work, also when whoever asked has gone away.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let _place = QUEUE.try_acquire().map_err(|_| Busy)?;
    let slot = SLOTS.acquire().await?;
    let done = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        work()
    });
    Ok(done.await?)
}

/// Whether the password is the one of the hash; without a hash the answer is no, after the same time (AU1).
pub(crate) async fn verify(password: String, hash: Option<String>) -> anyhow::Result<bool> {
    in_turn(move || {
        let is_known = hash.is_some();
        let text = hash.unwrap_or_else(|| NOBODY.to_owned());
        let Ok(parsed) = PasswordHash::new(&text) else { return false };
        argon2().verify_password(password.as_bytes(), &parsed).is_ok() && is_known
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn au1_only_the_right_password_of_a_known_user_passes() {
        let hash = hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify("correct horse".to_owned(), None).await.unwrap());
    }

    #[test]
    fn au1_the_hash_of_nobody_can_be_compared_with() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert!(argon2().verify_password(b"x", &nobody).is_err());
        assert_eq!(Params::try_from(&nobody).unwrap().m_cost(), Params::default().m_cost());
    }
}
