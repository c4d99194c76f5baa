//! Channels' secrets at rest: sealed with AES-256-GCM, each bound to the place that it is for.
//!
//! The key comes from `secret_key`, or from a file of the data directory that the first start makes, readable by its owner
//! only. A text that was sealed says which form it has, `v1:` and the nonce, the ciphertext and the tag in base64.
//!
//! INVARIANT: nothing is sealed with a key that does not open what is there: a check value in the database tells a wrong
//! key before anything is written.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use linedesk_store::ops::channels::{self, Channel, ChannelChange};
use linedesk_store::ops::settings;
use linedesk_store::{Query, Store, StoreError, Tx};
use rand::RngCore as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

use crate::config::Config;

const FORM: &str = "v1:";
const CHECK: &str = "secret_check";
/// Fewer characters could be guessed.
const KEY_CHARS: usize = 32;

/// The database was sealed with another key, or the key cannot be used. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(
        "the secrets in the database were sealed with another key: give the one they were sealed with (secret_key, or the \
         file {})", .file.display()
    )]
    Wrong { file: PathBuf },
    #[error(
        "the key file {} is not there: bring it back, or set secret_key, the same on every node", .file.display()
    )]
    Missing { file: PathBuf },
    #[error("{} can be read by others: `chmod 600` it", .file.display())]
    Readable { file: PathBuf },
    #[error("secret_key: expected at least {KEY_CHARS} characters")]
    Short,
    #[error("the key is the setting secret_key: give the next one with --new-key-stdin, then set it")]
    NextMissing,
    #[error("the key is a file of the data directory: it is made anew without --new-key-stdin")]
    NextNeedless,
}

/// Seals and opens.
#[derive(Clone)]
pub(crate) struct Secrets(LessSafeKey);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Secrets {
    /// Any text that is hard to guess.
    pub(crate) fn new(key: &str) -> anyhow::Result<Self> {
        let key = Sha256::digest(key.trim().as_bytes());
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| anyhow::anyhow!("the key cannot be used"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// `about` says what it is; it opens as nothing else.
    pub(crate) fn seal(&self, about: &str, plain: &str) -> anyhow::Result<String> {
        let mut nonce = [0_u8; NONCE_LEN];
        #[expect(clippy::disallowed_methods, reason = "secrets come from the system's generator")]
        rand::rng().fill_bytes(&mut nonce);
        let mut sealed = plain.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about.as_bytes()), &mut sealed)
            .map_err(|_| anyhow::anyhow!("it cannot be sealed"))?;
        Ok(format!("{FORM}{}", STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// None where it was sealed with another key, for something else, or is damaged. What was never sealed is itself.
    pub(crate) fn open(&self, about: &str, kept: &str) -> Option<String> {
        let Some(text) = kept.strip_prefix(FORM) else { return Some(kept.to_owned()) };
        let bytes = STANDARD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(about.as_bytes()), &mut sealed).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }

    /// A channel as it is used.
    pub(crate) fn open_channel(&self, kept: Channel) -> Option<Channel> {
        let (secret, token) = (about(&kept.name, "secret"), about(&kept.name, "access_token"));
        let (key, issued) = (about(&kept.name, "assertion_key"), about(&kept.name, "issued_token"));
        let assertion_key = match &kept.assertion_key {
            Some(kept) => Some(self.open(&key, kept)?),
            None => None,
        };
        Some(Channel {
            secret: self.open(&secret, &kept.secret)?,
            access_token: self.open(&token, &kept.access_token)?,
            assertion_key,
            // Another can be issued.
            issued: kept.issued.as_ref().and_then(|(kept, until)| Some((self.open(&issued, kept)?, *until))),
            ..kept
        })
    }

    /// A channel as it is kept.
    fn seal_channel(&self, used: Channel) -> anyhow::Result<Channel> {
        let change = ChannelChange {
            secret: Some(used.secret.clone()),
            access_token: Some(used.access_token.clone()),
            assertion_key: used.assertion_key.clone(),
            ..ChannelChange::default()
        };
        let sealed = self.seal_change(&used.name, change)?;
        let issued = match &used.issued {
            Some((token, until)) => Some((self.seal_issued(&used.name, token)?, *until)),
            None => None,
        };
        Ok(Channel {
            secret: sealed.secret.unwrap_or_default(),
            access_token: sealed.access_token.unwrap_or_default(),
            assertion_key: sealed.assertion_key,
            issued,
            ..used
        })
    }

    /// A change of a channel as it is kept.
    pub(crate) fn seal_change(&self, name: &str, change: ChannelChange) -> anyhow::Result<ChannelChange> {
        let seal = |what: &str, plain: &Option<String>| {
            plain.as_ref().map(|plain| self.seal(&about(name, what), plain)).transpose()
        };
        Ok(ChannelChange {
            secret: seal("secret", &change.secret)?,
            access_token: seal("access_token", &change.access_token)?,
            assertion_key: seal("assertion_key", &change.assertion_key)?,
            ..change
        })
    }

    /// A token that was issued, as it is kept.
    pub(crate) fn seal_issued(&self, name: &str, token: &str) -> anyhow::Result<String> {
        self.seal(&about(name, "issued_token"), token)
    }

    /// Whether what this key seals will be opened by whoever starts next: a rotation beside a running server changes it.
    pub(crate) fn is_current(&self, tx: &mut impl Query) -> Result<bool, StoreError> {
        let kept = settings::find(tx, CHECK)?;
        Ok(kept.is_none_or(|kept| self.open(CHECK, &kept).as_deref() == Some(CHECK)))
    }
}

fn about(channel: &str, what: &str) -> String {
    format!("channel/{channel}/{what}")
}

pub(crate) fn is_sealed(kept: &str) -> bool {
    kept.starts_with(FORM)
}

fn key_file(config: &Config) -> PathBuf {
    config.data_dir.join("secret.key")
}

/// Where a rotation puts the key that is to be.
fn next_file(config: &Config) -> PathBuf {
    config.data_dir.join("secret.key.next")
}

/// Finds the key that opens this desk's secrets; the first start of a desk makes one.
pub(crate) async fn open(config: &Config, store: &Store) -> anyhow::Result<Secrets> {
    let secrets = match &config.secret_key {
        Some(key) if key.chars().count() < KEY_CHARS => return Err(KeyError::Short.into()),
        Some(key) => Secrets::new(key)?,
        None => {
            let is_sealed = store.read::<_, StoreError, _>(|tx| settings::find(tx, CHECK)).await?.is_some();
            let (file, next) = (key_file(config), next_file(config));
            // Only a desk that has sealed nothing yet gets a new key.
            let first = tokio::task::spawn_blocking(move || match read(&file)? {
                None if is_sealed => Err(KeyError::Missing { file }.into()),
                _ => read_or_make(&file),
            });
            let first = Secrets::new(&first.await??)?;
            // A rotation that ended in the middle: the database tells which of the two it is.
            match tokio::task::spawn_blocking(move || read(&next)).await?? {
                Some(next) if !is_current(store, &first).await? => {
                    let next = Secrets::new(&next)?;
                    if is_current(store, &next).await? {
                        let (file, from) = (key_file(config), next_file(config));
                        tokio::task::spawn_blocking(move || rename(&from, &file)).await??;
                    }
                    next
                }
                _ => first,
            }
        }
    };
    let candidate = secrets.seal(CHECK, CHECK)?;
    let kept = store.write::<_, StoreError, _>(move |tx| settings::get_or_create(tx, CHECK, &candidate)).await?.value;
    if secrets.open(CHECK, &kept).as_deref() != Some(CHECK) {
        return Err(KeyError::Wrong { file: key_file(config) }.into());
    }
    seal_plain(store, &secrets).await?;
    Ok(secrets)
}

async fn is_current(store: &Store, secrets: &Secrets) -> anyhow::Result<bool> {
    let secrets = secrets.clone();
    Ok(store.read::<_, StoreError, _>(move |tx| secrets.is_current(tx)).await?)
}

/// Seals what an older version kept in plain.
async fn seal_plain(store: &Store, secrets: &Secrets) -> anyhow::Result<()> {
    let is_plain = |channel: &Channel| !is_sealed(&channel.secret) || !is_sealed(&channel.access_token);
    let known = store.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
    if known.iter().any(is_plain) {
        let secrets = secrets.clone();
        store.write::<_, anyhow::Error, _>(move |tx| seal_all(tx, &secrets, &secrets)).await?;
    }
    Ok(())
}

/// Opens every channel with one key and seals it with the other. Returns how many there are.
fn seal_all(tx: &mut Tx<'_>, old: &Secrets, new: &Secrets) -> anyhow::Result<usize> {
    let known = channels::list(tx)?;
    let sealed = known.into_iter().map(|channel| {
        let opened = old.open_channel(channel).context("a channel's secret cannot be opened")?;
        new.seal_channel(opened)
    });
    let sealed = sealed.collect::<anyhow::Result<Vec<_>>>()?;
    channels::reseal(tx, &sealed)?;
    Ok(sealed.len())
}

/// Where the key is lost: a new one, and every channel without its secrets. Returns how many there are.
pub(crate) async fn forget(config: &Config, store: &Store) -> anyhow::Result<usize> {
    let new = if let Some(key) = &config.secret_key {
        Secrets::new(key)?
    } else {
        let file = key_file(config);
        Secrets::new(&tokio::task::spawn_blocking(move || read_or_make(&file)).await??)?
    };
    let check = new.seal(CHECK, CHECK)?;
    let done = store.write::<_, anyhow::Error, _>(move |tx| {
        let empty = |channel: Channel| Channel {
            secret: String::new(),
            access_token: String::new(),
            assertion_key: None,
            issued: None,
            ..channel
        };
        let emptied: Vec<_> = channels::list(tx)?.into_iter().map(empty).collect();
        let sealed =
            emptied.into_iter().map(|channel| new.seal_channel(channel)).collect::<anyhow::Result<Vec<_>>>()?;
        channels::reseal(tx, &sealed)?;
        settings::put(tx, CHECK, &check)?;
        Ok(sealed.len())
    });
    Ok(done.await?.value)
}

/// Seals everything with another key, in one transaction. Servers that run meanwhile go on with what they know, and change
/// no channel until they are started again.
pub(crate) async fn rotate(config: &Config, store: &Store, new_key: Option<String>) -> anyhow::Result<usize> {
    // Held to the end: of two at once each would put its own key into the other's place.
    let _alone = if config.secret_key.is_none() {
        let lock = key_file(config).with_extension("lock");
        Some(tokio::task::spawn_blocking(move || lock_alone(&lock)).await??)
    } else {
        None
    };
    let old = open(config, store).await?;
    let (new, file) = match (&config.secret_key, new_key) {
        (Some(_), None) => return Err(KeyError::NextMissing.into()),
        (None, Some(_)) => return Err(KeyError::NextNeedless.into()),
        (Some(_), Some(key)) if key.trim().chars().count() < KEY_CHARS => return Err(KeyError::Short.into()),
        (Some(_), Some(key)) => (Secrets::new(&key)?, None),
        (None, None) => {
            let next = next_file(config);
            let key = tokio::task::spawn_blocking(move || {
                // Of a rotation that ended before it had written anything.
                let _ = std::fs::remove_file(&next);
                read_or_make(&next)
            });
            (Secrets::new(&key.await??)?, Some((next_file(config), key_file(config))))
        }
    };
    let check = new.seal(CHECK, CHECK)?;
    let done = store.write::<_, anyhow::Error, _>(move |tx| {
        anyhow::ensure!(old.is_current(tx)?, "the key was changed meanwhile: nothing was done");
        settings::put(tx, CHECK, &check)?;
        seal_all(tx, &old, &new)
    });
    let count = done.await?.value;
    if let Some((from, to)) = file {
        tokio::task::spawn_blocking(move || rename(&from, &to)).await??;
    }
    Ok(count)
}

fn lock_alone(file: &Path) -> anyhow::Result<std::fs::File> {
    let made = std::fs::File::options().create(true).truncate(false).write(true).mode(0o600).open(file);
    let made = made.with_context(|| format!("cannot open {}", file.display()))?;
    made.try_lock().context("the key is being changed by somebody else")?;
    Ok(made)
}

fn read(file: &Path) -> anyhow::Result<Option<String>> {
    let told = match std::fs::metadata(file) {
        Ok(told) => told,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    if told.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Readable { file: file.to_owned() }.into());
    }
    let key = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Some(key).filter(|key| !key.trim().is_empty()))
}

fn read_or_make(file: &Path) -> anyhow::Result<String> {
    if let Some(key) = read(file)? {
        return Ok(key);
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    // Whole or not at all: an empty file would lock the desk out.
    let part = file.with_extension("part");
    let key = crate::auth::token::random();
    let write = || -> std::io::Result<()> {
        let mut made = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&part)?;
        writeln!(made, "{key}")?;
        made.sync_all()?;
        // Another node of this machine may have been faster: its key stays.
        match std::fs::hard_link(&part, file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::remove_file(&part),
        }?;
        keep_name(file)
    };
    write().with_context(|| format!("cannot make the key file {}", file.display()))?;
    read(file)?.with_context(|| format!("cannot read {}", file.display()))
}

/// Its folder's entry is on disk too: what is sealed in the database must not outlive the key.
fn keep_name(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::rename(from, to)
        .and_then(|()| keep_name(to))
        .with_context(|| format!("cannot put the key into its place {}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_for_its_place_only() {
        let secrets = Secrets::new("a key").unwrap();
        let sealed = secrets.seal("channel/a/secret", "hunter2").unwrap();
        assert!(is_sealed(&sealed) && !sealed.contains("hunter2"));
        assert_ne!(
            sealed,
            secrets.seal("channel/a/secret", "hunter2").unwrap(),
            "the same twice does not look the same"
        );
        assert_eq!(secrets.open("channel/a/secret", &sealed).as_deref(), Some("hunter2"));
        assert_eq!(secrets.open("channel/b/secret", &sealed), None);
        assert_eq!(Secrets::new("another").unwrap().open("channel/a/secret", &sealed), None);
        for damaged in ["v1:", "v1:AAAA", "v1:?", &sealed[..sealed.len() - 4]] {
            assert_eq!(secrets.open("channel/a/secret", damaged), None, "{damaged}");
        }
        assert_eq!(secrets.open("x", "plain").as_deref(), Some("plain"), "of an older version");
    }

    #[test]
    fn the_key_file_is_made_once_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/secret.key");
        let key = read_or_make(&file).unwrap();
        assert_eq!(read_or_make(&file).unwrap(), key);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_or_make(&file).unwrap_err().to_string().contains("chmod 600"));
    }
}
