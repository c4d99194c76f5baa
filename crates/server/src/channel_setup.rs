//! Making and changing channels, over REST and on the command line.

use linedesk_line::assertion::AssertionKey;
use linedesk_protocol::error::FieldError;
use linedesk_protocol::rest::ChannelWish;
use linedesk_protocol::{Timestamp, TokenKind};
use linedesk_store::ops::channels::{self, Channel, ChannelChange, ChannelError, ChannelId};
use linedesk_store::{Origin, Store, StoreError};

use crate::config::Config;
use crate::secrets::Secrets;

const NAME_CHARS: usize = 40;
const SECRET_CHARS: usize = 128;
/// LINE's v2.1 and stateless tokens are long.
const TOKEN_CHARS: usize = 4096;

/// Why a channel was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("{}", .0.iter().map(|error| format!("{}: {}", error.field, error.message)).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldError>),
    #[error("there is a channel of this name already")]
    NameTaken,
    #[error("there is no such channel")]
    NotFound,
    #[error("the key of the secrets was changed: start this server again first")]
    KeyChanged,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0:#}")]
    Seal(anyhow::Error),
}

impl From<ChannelError> for SetupError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::NameTaken => Self::NameTaken,
            ChannelError::NotFound => Self::NotFound,
            ChannelError::Store(error) => Self::Store(error),
        }
    }
}

fn field(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

/// Where LINE is to call for a channel; a path where the desk has no public address.
pub(crate) fn webhook_url(config: &Config, channel: &str) -> String {
    let origin = config.public_url.as_deref().unwrap_or_default();
    if channel == channels::DEFAULT {
        format!("{origin}/line/webhook")
    } else {
        format!("{origin}/line/webhook/{channel}")
    }
}

/// Makes a channel. It is used at once by this node, and within seconds by others.
pub(crate) async fn create(
    store: &Store,
    secrets: &Secrets,
    wish: ChannelWish,
    origin: Origin,
    now: Timestamp,
) -> Result<Channel, SetupError> {
    let name = wish.name.clone().unwrap_or_default();
    let change = read(wish).map_err(SetupError::Fields)?;
    let mut problems = missing(None, &change);
    if !is_name(&name) {
        problems.push(field("name", "expected 1 to 40 of a-z, 0-9, - and _"));
    }
    if !problems.is_empty() {
        return Err(SetupError::Fields(problems));
    }
    let sealed = secrets.seal_change(&name, change).map_err(SetupError::Seal)?;
    let secrets = secrets.clone();
    let written = store.write(move |tx| {
        if !secrets.is_current(tx)? {
            return Err(SetupError::KeyChanged);
        }
        Ok(channels::create(tx, &name, &sealed, &origin, now)?)
    });
    Ok(written.await?.value)
}

/// Changes a channel.
pub(crate) async fn change(
    store: &Store,
    secrets: &Secrets,
    id: ChannelId,
    wish: ChannelWish,
    origin: Origin,
    now: Timestamp,
) -> Result<Channel, SetupError> {
    if wish.name.is_some() {
        return Err(SetupError::Fields(vec![field("name", "it never changes: it is in the webhook's address")]));
    }
    let change = read(wish).map_err(SetupError::Fields)?;
    let secrets = secrets.clone();
    let written = store.write(move |tx| {
        if !secrets.is_current(tx)? {
            return Err(SetupError::KeyChanged);
        }
        let known = channels::list(tx)?.into_iter().find(|channel| channel.id == id).ok_or(SetupError::NotFound)?;
        let name = known.name.clone();
        let opened = secrets.open_channel(known).ok_or(SetupError::KeyChanged)?;
        let problems = missing(Some(&opened), &change);
        if !problems.is_empty() {
            return Err(SetupError::Fields(problems));
        }
        let sealed = secrets.seal_change(&name, change.clone()).map_err(SetupError::Seal)?;
        Ok(channels::change(tx, id, &sealed, &origin, now)?)
    });
    Ok(written.await?.value)
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

/// Each field by itself.
fn read(wish: ChannelWish) -> Result<ChannelChange, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut check = |name: &str, value: Option<String>, most: usize, what: &str| {
        let value = value.map(|value| value.trim().to_owned());
        let is_good = |text: &str| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if value.as_deref().is_some_and(|text| !is_good(text)) {
            problems.push(field(name, what));
        }
        value
    };
    let secret = check("channel_secret", wish.channel_secret, SECRET_CHARS, "expected it as LINE's console shows it");
    let access_token = check("access_token", wish.access_token, TOKEN_CHARS, "expected it as LINE's console shows it");
    let line_channel_id = wish.line_channel_id.map(|id| id.trim().to_owned());
    if line_channel_id
        .as_ref()
        .is_some_and(|id| !(1..=20).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        problems.push(field("line_channel_id", "expected digits, as LINE's console shows it"));
    }
    let assertion_key = wish.assertion_key.map(|key| key.trim().to_owned());
    if let Some(Err(problem)) = assertion_key.as_deref().map(AssertionKey::from_jwk) {
        problems.push(field("assertion_key", &problem.to_string()));
    }
    let change = ChannelChange {
        secret,
        access_token,
        token_kind: wish.token_kind,
        line_channel_id,
        assertion_key,
        is_active: wish.is_active,
    };
    if problems.is_empty() { Ok(change) } else { Err(problems) }
}

/// What an active channel needs and would not have after the change. `known` is opened.
fn missing(known: Option<&Channel>, change: &ChannelChange) -> Vec<FieldError> {
    let is_active = change.is_active.or(known.map(|known| known.is_active)).unwrap_or(true);
    if !is_active {
        return Vec::new();
    }
    let has = |new: &Option<String>, old: Option<&str>| new.is_some() || old.is_some_and(|old| !old.is_empty());
    let kind = change.token_kind.or(known.map(|known| known.token_kind)).unwrap_or(TokenKind::LongLived);
    let mut problems = Vec::new();
    let mut need = |name: &str, is_there: bool, why: &str| {
        if !is_there {
            problems.push(field(name, why));
        }
    };
    let secret = known.map(|known| known.secret.as_str());
    need("channel_secret", has(&change.secret, secret), "LINE signs webhooks with it: give it");
    match kind {
        TokenKind::LongLived => {
            let token = known.map(|known| known.access_token.as_str());
            need("access_token", has(&change.access_token, token), "give it, or choose another token_kind");
        }
        TokenKind::Stateless | TokenKind::Jwt => {
            let id = known.and_then(|known| known.line_channel_id.as_deref());
            need("line_channel_id", has(&change.line_channel_id, id), "tokens are issued with it: give it");
        }
    }
    if kind == TokenKind::Jwt {
        let key = known.and_then(|known| known.assertion_key.as_deref());
        need("assertion_key", has(&change.assertion_key, key), "tokens are issued with it: give it");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(problems: &[FieldError]) -> Vec<&str> {
        problems.iter().map(|problem| problem.field.as_str()).collect()
    }

    #[test]
    fn each_kind_of_token_needs_what_it_is_made_of() {
        let of = |kind| ChannelChange { secret: Some("s".to_owned()), token_kind: Some(kind), ..Default::default() };
        assert_eq!(named(&missing(None, &ChannelChange::default())), ["channel_secret", "access_token"]);
        assert_eq!(named(&missing(None, &of(TokenKind::Stateless))), ["line_channel_id"]);
        assert_eq!(named(&missing(None, &of(TokenKind::Jwt))), ["line_channel_id", "assertion_key"]);
        let off = ChannelChange { is_active: Some(false), ..ChannelChange::default() };
        assert!(missing(None, &off).is_empty(), "it can be prepared first");
        let whole = ChannelChange { line_channel_id: Some("1".to_owned()), ..of(TokenKind::Stateless) };
        assert!(missing(None, &whole).is_empty());
    }

    #[test]
    fn fields_are_looked_at_one_by_one() {
        let text = |text: &str| Some(text.to_owned());
        let wish = ChannelWish {
            channel_secret: text("with space"),
            access_token: text(""),
            line_channel_id: text("12a"),
            assertion_key: text("{}"),
            ..ChannelWish::default()
        };
        let problems = read(wish).unwrap_err();
        assert_eq!(named(&problems), ["channel_secret", "access_token", "line_channel_id", "assertion_key"]);
        let trimmed = read(ChannelWish { channel_secret: text(" abc\n"), ..ChannelWish::default() }).unwrap();
        assert_eq!(trimmed.secret.as_deref(), Some("abc"), "as it comes out of a clipboard");
        for (name, is_good) in [("shop-2", true), ("", false), ("Shop", false), ("a/b", false), ("ร้าน", false)]
        {
            assert_eq!(is_name(name), is_good, "{name}");
        }
    }
}
