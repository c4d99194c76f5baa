//! Channels' access tokens: as they were given, or issued here and renewed before they end (LINE doc "Channel access
//! token"). Stateless ones live 15 minutes, and there may be any number of them, so every node issues its own. Of v2.1 there
//! may be 30 that live a month: the database keeps the one that all nodes use.
//!
//! INVARIANT: whoever calls LINE for a channel does so through [`LineTokens::call`], so that a token which LINE ended is
//! replaced whatever it was used for.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use linedesk_line::assertion::AssertionKey;
use linedesk_line::client::{AccessToken, CallError, IssuedToken, LineClient};
use linedesk_protocol::{Timestamp, TokenKind};
use linedesk_store::ops::channels::{self, Channel, ChannelId};
use linedesk_store::{Store, StoreError};
use tokio::sync::Mutex as AsyncMutex;

use crate::desk::Desk;
use crate::secrets::Secrets;

/// So long before its end a token is replaced.
const fn renew_before_ms(kind: TokenKind) -> i64 {
    match kind {
        TokenKind::Jwt => 24 * 3_600_000,
        TokenKind::LongLived | TokenKind::Stateless => 2 * 60_000,
    }
}

#[derive(Clone)]
struct Issued {
    token: AccessToken,
    until: Timestamp,
    /// With another secret or id it is another channel's.
    of: Timestamp,
}

/// LINE issued none. Whoever waited meanwhile is told so at once, and nobody asks again for [`REFUSED_FOR_MS`]: a lane's
/// lease must outlive its wait for a token (DL1), however many lanes wait.
struct Refused {
    until: Timestamp,
    /// Asked with others, LINE may well issue one.
    with: Credentials,
    /// LINE will not, rather than cannot now.
    is_final: bool,
    why: String,
}

const REFUSED_FOR_MS: i64 = 5_000;

impl Refused {
    fn error(&self) -> CallError {
        if self.is_final { CallError::Invalid(self.why.clone()) } else { not_sent(self.why.clone()) }
    }
}

/// What a token is asked for with.
type Credentials = (TokenKind, Option<String>, String, Option<String>);

fn credentials(of: &Channel) -> Credentials {
    (of.token_kind, of.line_channel_id.clone(), of.secret.clone(), of.assertion_key.clone())
}

/// What is known of a channel's tokens.
#[derive(Default)]
struct Known {
    issued: Option<Issued>,
    refused: Option<Refused>,
}

/// One place a channel: whoever comes while a token is being issued waits for that one.
type Place = Arc<AsyncMutex<Known>>;

/// Tokens that this node issued or found.
#[derive(Default)]
pub(crate) struct LineTokens(Mutex<HashMap<ChannelId, Place>>);

/// What issues and keeps tokens.
#[derive(Clone, Copy)]
pub(crate) struct With<'a> {
    pub(crate) line: &'a LineClient,
    pub(crate) store: &'a Store,
    pub(crate) secrets: &'a Secrets,
    pub(crate) now: Timestamp,
}

impl LineTokens {
    fn place(&self, channel: ChannelId) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(channel).or_default())
    }

    /// Calls LINE for a channel. To a token that it does not take LINE answers 401 and does nothing: where the token was
    /// issued here, LINE is asked once more with a new one.
    pub(crate) async fn call<T, C>(
        &self,
        with: With<'_>,
        channel: &Channel,
        ask: impl Fn(AccessToken) -> C + Send + Sync,
    ) -> Result<T, CallError>
    where
        C: Future<Output = Result<T, CallError>> + Send,
        T: Send,
    {
        let token = self.token(with, channel).await?;
        match ask(token.clone()).await {
            Err(CallError::Status { status: 401, .. }) if self.forget(with, channel, &token).await => {
                ask(self.token(with, channel).await?).await
            }
            answer => answer,
        }
    }

    /// A token that LINE takes now, if there is one: for whoever asks several things.
    pub(crate) async fn tried_token(&self, with: With<'_>, channel: &Channel) -> Result<AccessToken, CallError> {
        if channel.is_active && channel.token_kind != TokenKind::LongLived {
            // What comes of it is seen when the token is used.
            drop(self.call(with, channel, |token| async move { with.line.bot_info(&token).await }).await);
        }
        self.token(with, channel).await
    }

    /// The token to call LINE with. `NotSent` where there is none now, `Invalid` where LINE refuses to issue one: in
    /// neither case did LINE get what the token is for.
    async fn token(&self, with: With<'_>, channel: &Channel) -> Result<AccessToken, CallError> {
        if !channel.is_active {
            return Err(not_sent("the channel is switched off"));
        }
        if channel.token_kind == TokenKind::LongLived {
            return Ok(AccessToken(channel.access_token.clone()));
        }
        let place = self.place(channel.id);
        let mut place = place.lock().await;
        let is_good = |of: Timestamp, until: Timestamp| {
            of == channel.updated_at && until.0 - with.now.0 > renew_before_ms(channel.token_kind)
        };
        if let Some(known) = place.issued.as_ref()
            && is_good(known.of, known.until)
        {
            return Ok(known.token.clone());
        }
        if channel.token_kind == TokenKind::Jwt
            && let Some((token, until)) = with.kept(channel.id, channel.updated_at).await.map_err(not_sent)?
            && is_good(channel.updated_at, until)
        {
            let token = AccessToken(token);
            place.issued = Some(Issued { token: token.clone(), until, of: channel.updated_at });
            return Ok(token);
        }
        let refused = place.refused.as_ref();
        if let Some(refused) = refused.filter(|known| with.now < known.until && known.with == credentials(channel)) {
            return Err(refused.error());
        }
        let new = match with.issue(channel).await {
            Ok(new) => new,
            Err(error) => {
                let refused = Refused {
                    until: Timestamp(with.now.0.saturating_add(REFUSED_FOR_MS)),
                    with: credentials(channel),
                    is_final: matches!(error, CallError::Status { status: 400..=403, .. } | CallError::Invalid(_)),
                    why: format!("LINE issues no access token for the channel {}: {error}", channel.name),
                };
                let error = refused.error();
                place.refused = Some(refused);
                return Err(error);
            }
        };
        let until = Timestamp(with.now.0.saturating_add(new.expires_in.saturating_mul(1000)));
        tracing::info!(channel.name = %channel.name, seconds = new.expires_in, "an access token was issued");
        if channel.token_kind == TokenKind::Jwt {
            with.keep(channel, Some((&new.access_token, until))).await;
        }
        let token = AccessToken(new.access_token);
        *place = Known { issued: Some(Issued { token: token.clone(), until, of: channel.updated_at }), refused: None };
        Ok(token)
    }

    /// LINE does not take the token any more: the next call issues another. Tells whether it can.
    async fn forget(&self, with: With<'_>, channel: &Channel, refused: &AccessToken) -> bool {
        if channel.token_kind == TokenKind::LongLived {
            return false;
        }
        let place = self.place(channel.id);
        let mut place = place.lock().await;
        // Somebody else may have done it.
        if place.issued.as_ref().is_some_and(|known| known.token.0 == refused.0) {
            place.issued = None;
            // Another node may have kept a new one already.
            if channel.token_kind == TokenKind::Jwt
                && let Ok(Some((kept, _))) = with.kept(channel.id, channel.updated_at).await
                && kept == refused.0
            {
                with.keep(channel, None).await;
            }
        }
        true
    }
}

/// LINE was not asked, because there is nothing to ask it with.
fn not_sent(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CallError {
    CallError::NotSent(why.into())
}

impl With<'_> {
    async fn issue(&self, channel: &Channel) -> Result<IssuedToken, CallError> {
        let id = channel.line_channel_id.as_deref().unwrap_or_default();
        let answer = match channel.token_kind {
            TokenKind::Jwt => {
                let key = AssertionKey::from_jwk(channel.assertion_key.as_deref().unwrap_or_default());
                let assertion = key.and_then(|key| key.assertion(id, self.now.0));
                let assertion = assertion.map_err(|error| CallError::Invalid(error.to_string()))?;
                self.line.issue_token_by_assertion(&assertion).await?
            }
            TokenKind::LongLived | TokenKind::Stateless => self.line.issue_stateless_token(id, &channel.secret).await?,
        };
        Ok(answer.body)
    }

    /// The token that this or another node issued for the channel as it was at `of`.
    async fn kept(&self, id: ChannelId, of: Timestamp) -> Result<Option<(String, Timestamp)>, StoreError> {
        let known = self.store.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
        let channel = known.into_iter().find(|channel| channel.id == id && channel.updated_at == of);
        Ok(channel.and_then(|channel| self.secrets.open_channel(channel)).and_then(|channel| channel.issued))
    }

    /// LINE counts these: one that is not kept is lost until it ends, and the next start issues another.
    async fn keep(&self, channel: &Channel, token: Option<(&str, Timestamp)>) {
        let kept = async {
            let sealed = match token {
                Some((token, until)) => Some((self.secrets.seal_issued(&channel.name, token)?, until)),
                None => None,
            };
            let (id, of, secrets) = (channel.id, channel.updated_at, self.secrets.clone());
            let written = self.store.write::<_, StoreError, _>(move |tx| {
                // After a rotation nobody could open it.
                if !secrets.is_current(tx)? {
                    return Ok(());
                }
                channels::save_issued(tx, id, of, sealed.as_ref().map(|(token, until)| (token.as_str(), *until)))
            });
            written.await?;
            anyhow::Ok(())
        };
        if let Err(error) = kept.await {
            tracing::warn!(error = format!("{error:#}"), "an issued access token could not be kept");
        }
    }
}

impl Desk {
    fn with(&self) -> With<'_> {
        With { line: &self.line, store: &self.store, secrets: &self.secrets, now: self.now() }
    }

    /// Calls LINE for a channel: see [`LineTokens::call`].
    pub(crate) async fn call_line<T, C>(
        &self,
        channel: &Channel,
        ask: impl Fn(AccessToken) -> C + Send + Sync,
    ) -> Result<T, CallError>
    where
        C: Future<Output = Result<T, CallError>> + Send,
        T: Send,
    {
        let answer = self.line_tokens.call(self.with(), channel, &ask).await;
        if !matches!(answer, Err(CallError::Status { status: 401, .. })) {
            return answer;
        }
        // Somebody may have given the channel another token a moment ago.
        self.renew_channels().await.map_err(not_sent)?;
        match self.get_channel(channel.id).await.map_err(not_sent)? {
            renewed if renewed.updated_at == channel.updated_at => answer,
            renewed => self.line_tokens.call(self.with(), &renewed, ask).await,
        }
    }

    /// The same for a channel that something in the store belongs to.
    pub(crate) async fn call_line_of<T, C>(
        &self,
        channel: ChannelId,
        ask: impl Fn(AccessToken) -> C + Send + Sync,
    ) -> Result<T, CallError>
    where
        C: Future<Output = Result<T, CallError>> + Send,
        T: Send,
    {
        let channel = self.get_channel(channel).await.map_err(not_sent)?;
        self.call_line(&channel, ask).await
    }

    /// See [`LineTokens::tried_token`].
    pub(crate) async fn tried_line_token(&self, channel: &Channel) -> Result<AccessToken, CallError> {
        self.line_tokens.tried_token(self.with(), channel).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use http::StatusCode;
    use linedesk_line::client::LineClientConfig;
    use linedesk_store::{Access, Location};
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_582_000_000);

    #[tokio::test]
    async fn dl1_who_waits_for_a_token_that_line_does_not_issue_is_told_at_once() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let refuse = move || {
            count.fetch_add(1, Ordering::Relaxed);
            std::future::ready(StatusCode::SERVICE_UNAVAILABLE)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(refuse);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, app).await.unwrap() });

        let _ = rustls::crypto::ring::default_provider().install_default();
        let line = LineClient::new(&LineClientConfig { api_url, ..LineClientConfig::default() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { data_dir: folder.path().to_owned() };
        let store = tokio::task::spawn_blocking(move || Store::open(&location, Access::Server)).await.unwrap().unwrap();
        let secrets = Secrets::new("a key of more than thirty-two characters").unwrap();
        let with = |now| With { line: &line, store: &store, secrets: &secrets, now };
        let mut channel = Channel {
            id: ChannelId(1),
            name: "shop".to_owned(),
            secret: "secret".to_owned(),
            access_token: String::new(),
            token_kind: TokenKind::Stateless,
            line_channel_id: Some("1234567890".to_owned()),
            assertion_key: None,
            issued: None,
            is_active: true,
            bot_user_id: None,
            misdirected: None,
            created_at: NOW,
            updated_at: NOW,
        };
        let tokens = LineTokens::default();
        let (all, later) = (with(NOW), with(Timestamp(NOW.0 + REFUSED_FOR_MS)));
        let lanes = (0..8).map(|_| tokens.call(all, &channel, |_| async { Ok::<(), CallError>(()) }));
        for answer in join_all(lanes).await {
            assert!(matches!(answer, Err(CallError::NotSent(_))), "{answer:?}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(tokens.call(later, &channel, |_| async { Ok(()) }).await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2, "it is over");
        channel.secret = "another".to_owned();
        assert!(tokens.call(later, &channel, |_| async { Ok(()) }).await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 3, "the channel is another one now");
    }
}
