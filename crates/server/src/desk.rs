//! What every part of the server shares: the store, the clock, the hub, LINE, and who is who.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use linedesk_core::clock::Clock;
use linedesk_core::permission::Staff;
use linedesk_line::client::LineClient;
use linedesk_protocol::{ErrorCode, Timestamp};
use linedesk_store::ops::channels::{self, Channel, ChannelId};
use linedesk_store::ops::operators::Operator;
use linedesk_store::ops::sign_in;
use linedesk_store::{Store, StoreError};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::throttle::Throttle;
use crate::auth::token::{Audience, Claims, Tokens};
use crate::bus::Bus;
use crate::config::Config;
use crate::line_tokens::LineTokens;
use crate::media::MediaStore;
use crate::media::link::Links;
use crate::media::look::Looking;
use crate::pictures::Pictures;
use crate::secrets::Secrets;
use crate::workers::alive::Alive;
use crate::workers::loading::Loading;
use crate::workers::quota::Quotas;
use crate::ws::hub::Hub;
use crate::ws::limits::Limits;

/// Between two readings of the channels, however many wrong signatures come.
const LOADS_APART: Duration = Duration::from_millis(50);

/// One node of the desk.
pub struct Desk {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) line: LineClient,
    pub(crate) hub: Hub,
    /// The tasks that serve sockets, signed in or not yet.
    pub(crate) sockets: TaskTracker,
    pub(crate) bus: Bus,
    pub(crate) limits: Limits,
    pub(crate) tokens: Tokens,
    pub(crate) throttle: Throttle,
    pub(crate) pictures: Pictures,
    pub(crate) media: MediaStore,
    pub(crate) links: Links,
    pub(crate) secrets: Secrets,
    pub(crate) line_tokens: LineTokens,
    pub(crate) looking: Looking,
    /// Uploads that arrive at once.
    pub(crate) receiving: Semaphore,
    /// Uploads that are kept at once: each is on disk twice meanwhile.
    pub(crate) uploads: Semaphore,
    pub(crate) quotas: Quotas,
    pub(crate) loading: Loading,
    /// This process among the nodes; also the owner of its leases.
    pub(crate) node: String,
    pub(crate) alive: Alive,
    pub(crate) channels: RwLock<Vec<Channel>>,
    /// When they were read last; held while they are read.
    pub(crate) channels_loaded: AsyncMutex<Option<Instant>>,
    /// Cancelled when the node begins to stop.
    pub(crate) draining: CancellationToken,
    /// Reads that may look at every message: never more than leave a reader to the sockets and the sign-ins.
    pub(crate) heavy_reads: Semaphore,
    /// One look at the installation at a time: each asks LINE a lot.
    pub(crate) examining: Semaphore,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("node", &self.node).finish_non_exhaustive()
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) operator: Operator,
    pub(crate) family: String,
    pub(crate) expires_at_ms: i64,
}

impl SignedIn {
    pub(crate) const fn staff(&self) -> Staff {
        Staff { id: self.operator.id, role: self.operator.role }
    }
}

/// Why a token was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("{0}")]
    Refused(ErrorCode),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_ms())
    }

    pub(crate) fn after(&self, duration: Duration) -> Timestamp {
        Timestamp(self.clock.now_ms().saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// When the month began, of which LINE counts paid messages.
    pub(crate) fn month_start(&self) -> Timestamp {
        Timestamp(self.config.hours.month_start(self.clock.now_ms()))
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// A channel by its name.
    pub(crate) fn channel(&self, name: &str) -> Option<Channel> {
        self.channels().iter().find(|channel| channel.name == name).cloned()
    }

    /// Every channel that this node knows of.
    pub(crate) fn all_channels(&self) -> Vec<Channel> {
        self.channels().clone()
    }

    /// A channel that something in the store belongs to. Another node may have made it.
    pub(crate) async fn get_channel(&self, id: ChannelId) -> Result<Channel, StoreError> {
        let find = || self.channels().iter().find(|channel| channel.id == id).cloned();
        if let Some(channel) = find() {
            return Ok(channel);
        }
        self.load_channels().await?;
        find().ok_or_else(|| StoreError::Corrupt(format!("there is no channel {}", id.0)))
    }

    /// The channels as they are now: another node, or a command, may have changed one. All who ask meanwhile share one
    /// reading.
    pub(crate) async fn renew_channels(&self) -> Result<(), StoreError> {
        let asked_at = Instant::now();
        let loaded_at = self.channels_loaded.lock().await;
        match *loaded_at {
            // For somebody who waited as well.
            Some(at) if at >= asked_at => return Ok(()),
            Some(at) => tokio::time::sleep_until(at + LOADS_APART).await,
            None => {}
        }
        self.load_channels_after(loaded_at).await
    }

    /// Reads the channels anew.
    pub(crate) async fn load_channels(&self) -> Result<(), StoreError> {
        self.load_channels_after(self.channels_loaded.lock().await).await
    }

    /// One after another: what was read earlier must not replace what was read later.
    async fn load_channels_after(&self, mut loaded_at: MutexGuard<'_, Option<Instant>>) -> Result<(), StoreError> {
        let now = Instant::now();
        let kept = self.store.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
        let mut channels = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        let open = |kept: Channel| {
            let id = kept.id;
            self.secrets.open_channel(kept).or_else(|| {
                // Sealed with another key since this node started: what it knows is right until it is changed.
                tracing::warn!(channel.id = id.0, "a channel's secrets cannot be opened; start this server again");
                channels.iter().find(|known| known.id == id).cloned()
            })
        };
        let opened = kept.into_iter().filter_map(open).collect();
        *channels = opened;
        *loaded_at = Some(now);
        Ok(())
    }

    fn channels(&self) -> std::sync::RwLockReadGuard<'_, Vec<Channel>> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who a token belongs to, looked up afresh: deactivation, role change and logout count at once (AU3).
    pub(crate) async fn sign_in(&self, aud: Audience, token: &str) -> Result<SignedIn, SignInError> {
        let claims = self.tokens.check(aud, token, self.clock.now_ms()).map_err(SignInError::Refused)?;
        let invalid = || SignInError::Refused(ErrorCode::AuthInvalidToken);
        let operator = self.find_signed_in(&claims).await?.ok_or_else(invalid)?;
        Ok(SignedIn { operator, family: claims.family().to_owned(), expires_at_ms: claims.expires_at_ms() })
    }

    async fn find_signed_in(&self, claims: &Claims) -> Result<Option<Operator>, StoreError> {
        let Some(id) = claims.operator() else { return Ok(None) };
        let family = claims.family().to_owned();
        self.store.read(move |tx| sign_in::find_signed_in(tx, id, &family)).await
    }
}
