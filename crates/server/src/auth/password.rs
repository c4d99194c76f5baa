//! Passwords: argon2id. Hashing takes memory on purpose, so only a few run at once.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Error, Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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

/// As much as the allocator never keeps for later use, in blocks: glibc gives what is larger than 32 MiB back at once, and
/// keeps smaller pieces once it has seen them, for each thread (mallopt(3), `M_MMAP_THRESHOLD`). What is not written to takes
/// no memory.
const NEVER_KEPT: usize = 33 * 1024 * 1024 / Block::SIZE;

/// The hash of a password.
fn derive(argon2: &Argon2<'_>, password: &str, salt: Salt<'_>, length: usize) -> Result<Output, Error> {
    let mut salt_bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut salt_bytes)?;
    let count = argon2.params().block_count();
    let mut memory = Vec::with_capacity(count.max(NEVER_KEPT));
    memory.resize(count, Block::default());
    Output::init_with(length, |out| {
        Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory)?)
    })
}

/// Whether a new password is acceptable; the text says why not.
pub(crate) fn check(password: &str) -> Result<(), &'static str> {
    if PASSWORD_CHARS.contains(&password.chars().count()) { Ok(()) } else { Err("a password has 8 to 128 characters") }
}

/// Hashes a password. Blocks for some tens of milliseconds.
pub(crate) fn hash_blocking(password: &str) -> anyhow::Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default());
    let made = derive(&argon2, password, salt.as_salt(), Params::DEFAULT_OUTPUT_LEN).and_then(|hash| {
        Ok(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params())?,
            salt: Some(salt.as_salt()),
            hash: Some(hash),
        })
    });
    made.map(|hash| hash.to_string()).map_err(|error| anyhow::anyhow!("hashing a password failed: {error}"))
}

/// Whether a password is the one of a hash, in the same time for every password.
fn is_it(password: &str, hash: &PasswordHash<'_>) -> Result<bool, Error> {
    let algorithm = Algorithm::try_from(hash.algorithm)?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from)?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else { return Ok(false) };
    // `Output` compares in constant time.
    Ok(derive(&argon2, password, salt, expected.len())? == expected)
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
        is_it(&password, &parsed).unwrap_or(false) && is_known
    })
    .await
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier as _;

    use super::*;

    #[tokio::test]
    async fn au1_only_the_right_password_of_a_known_user_passes() {
        let hash = hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        // As the library itself would check it.
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify("correct horse".to_owned(), None).await.unwrap());
    }

    #[test]
    fn au1_the_hash_of_nobody_can_be_compared_with() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert_eq!(is_it("x", &nobody), Ok(false));
        assert_eq!(Params::try_from(&nobody).unwrap().m_cost(), Params::default().m_cost());
    }
}
