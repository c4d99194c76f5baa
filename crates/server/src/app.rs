//! Wiring: from a configuration to a running node, and back down in order.
//!
//! Stopping: not ready → sockets told to come back (1012) → requests finish → workers finish → store closes.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use linedesk_core::clock::Clock;
use linedesk_line::client::{LineClient, LineClientConfig};
use linedesk_protocol::error::CloseCode;
use linedesk_protocol::{Role, Timestamp};
use linedesk_store::ops::channels::ChannelChange;
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::ops::{channels, media, outbox, settings};
use linedesk_store::{Access, Dialect, Store, StoreError, feed};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::password;
use crate::auth::throttle::Throttle;
use crate::auth::token::{self, Tokens};
use crate::bus::{self, Bus};
use crate::config::Config;
use crate::desk::Desk;
use crate::line_tokens::LineTokens;
use crate::media::MediaStore;
use crate::media::link::Links;
use crate::media::look::Looking;
use crate::pictures::Pictures;
use crate::secrets::{self, Secrets};
use crate::workers::alive::{self, Alive};
use crate::workers::loading::Loading;
use crate::workers::quota::Quotas;
use crate::ws::hub::Hub;
use crate::ws::limits::Limits;
use crate::ws::{announcer, pump};
use crate::{bot_user, http, workers};

/// How long requests and calls under way may take before the node stops without them.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// Searches at once. The store has four readers.
const HEAVY_READS: usize = 2;
/// Files that operators send at once through this node; more are refused.
const RECEIVING: usize = 64;
/// Those that are whole and written to the media store at once; others wait.
const UPLOADS: usize = 8;
/// How long sockets may take to say goodbye.
const SOCKETS_LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// A node that serves.
#[derive(Debug)]
pub struct App {
    pub(crate) desk: Arc<Desk>,
    addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    http: JoinSet<std::io::Result<()>>,
    stop_http: CancellationToken,
    workers: JoinSet<()>,
    stop_workers: CancellationToken,
    /// Ends last: what is under way is this node's until then.
    living: JoinSet<()>,
    stop_living: CancellationToken,
}

/// Opens the store off the runtime's threads.
pub async fn open_store(config: &Config, access: Access) -> anyhow::Result<Store> {
    let location = config.location.clone();
    Ok(tokio::task::spawn_blocking(move || Store::open(&location, access)).await??)
}

/// The client that everything calls LINE with.
pub(crate) fn line_client(config: &Config) -> anyhow::Result<LineClient> {
    Ok(LineClient::new(&LineClientConfig {
        api_url: config.line_api_url.clone(),
        data_api_url: config.line_data_api_url.clone(),
        ..LineClientConfig::default()
    })?)
}

async fn open_media(config: &Config) -> anyhow::Result<MediaStore> {
    let (url, data_dir) = (config.media_url.clone(), config.data_dir.clone());
    tokio::task::spawn_blocking(move || MediaStore::open(url.as_deref(), &data_dir)).await?
}

impl App {
    /// Starts a node. It serves when this returns.
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        metrics: Option<PrometheusHandle>,
    ) -> anyhow::Result<Self> {
        let store = open_store(&config, Access::Server).await?;
        let now = Timestamp(clock.now_ms());
        let node = token::random()[..12].to_owned();
        let secrets = secrets::open(&config, &store).await?;
        let set_up = set_up(&store, &config, &secrets, now).await?;
        let line = line_client(&config)?;
        let (bus, outgoing) = match &config.nats_url {
            Some(url) => {
                let (bus, outgoing) = Bus::connect(url, &set_up.desk_id).await?;
                (bus, Some(outgoing))
            }
            None => (Bus::none(), None),
        };
        let shares_work = store.dialect() == Dialect::Postgres;
        let media = open_media(&config).await?;
        let (loading_queue, loading) = workers::loading::queue();
        let listener = listen(config.listen)?;
        let addr = listener.local_addr()?;
        let metrics_listener = match (config.metrics_listen, metrics) {
            (Some(address), Some(handle)) => Some((listen(address)?, handle)),
            _ => None,
        };
        let desk = Arc::new(Desk {
            heavy_reads: Semaphore::new(HEAVY_READS),
            examining: Semaphore::new(1),
            config,
            store,
            clock,
            line,
            hub: Hub::new(node.clone()),
            sockets: TaskTracker::new(),
            bus,
            limits: Limits::default(),
            tokens: Tokens::new(&set_up.token_key),
            throttle: Throttle::default(),
            pictures: Pictures::default(),
            media,
            links: Links::new(&set_up.token_key),
            secrets,
            line_tokens: LineTokens::default(),
            looking: Looking::default(),
            receiving: Semaphore::new(RECEIVING),
            uploads: Semaphore::new(UPLOADS),
            quotas: Quotas::default(),
            loading: Loading::new(loading_queue),
            alive: Alive::new(shares_work),
            node,
            channels: RwLock::new(set_up.channels),
            channels_loaded: AsyncMutex::new(None),
            draining: CancellationToken::new(),
        });

        // Before anything is taken that would have to be freed.
        if shares_work {
            alive::beat(&desk).await?;
        }
        let (stop_http, stop_workers) = (CancellationToken::new(), CancellationToken::new());
        let (mut http, mut workers) = (JoinSet::new(), JoinSet::new());
        let service = http::router(Arc::clone(&desk)).into_make_service_with_connect_info::<http::Peer>();
        let serving = axum::serve(http::BoundedListener::new(listener), service)
            .with_graceful_shutdown(stop_http.clone().cancelled_owned());
        http.spawn(async move { serving.await });
        let mut metrics_addr = None;
        if let Some((listener, handle)) = metrics_listener {
            metrics_addr = Some(listener.local_addr()?);
            workers.spawn(keep_metrics_small(handle.clone(), stop_workers.clone()));
            let router =
                axum::Router::new().route("/metrics", axum::routing::get(move || async move { handle.render() }));
            let serving = axum::serve(listener, router).with_graceful_shutdown(stop_http.clone().cancelled_owned());
            http.spawn(async move { serving.await });
        }

        workers.spawn(pump::run(Arc::clone(&desk), set_up.head, stop_workers.clone()));
        workers.spawn(announcer::run(Arc::clone(&desk), stop_workers.clone()));
        let (stop_living, mut living) = (CancellationToken::new(), JoinSet::new());
        if shares_work {
            living.spawn(alive::run(Arc::clone(&desk), stop_living.clone()));
        }
        workers.spawn(workers::delivery::run(Arc::clone(&desk), stop_workers.clone()));
        workers.spawn(workers::media::run(Arc::clone(&desk), stop_workers.clone()));
        workers.spawn(workers::loading::run(Arc::clone(&desk), loading, stop_workers.clone()));
        workers.spawn(workers::quota::run(Arc::clone(&desk), stop_workers.clone()));
        workers.spawn(workers::profiles::run(Arc::clone(&desk), stop_workers.clone()));
        workers.spawn(bot_user::run(Arc::clone(&desk), stop_workers.clone()));
        if desk.store.dialect() == Dialect::Sqlite {
            workers.spawn(workers::indexing::run(Arc::clone(&desk), stop_workers.clone()));
        }
        workers.spawn(workers::upkeep::run(Arc::clone(&desk), stop_workers.clone()));
        if let Some(outgoing) = outgoing {
            workers.spawn(bus::run(Arc::clone(&desk), outgoing, stop_workers.clone()));
        }
        tracing::info!(listen = %addr, node = %desk.node, "linedesk serves");
        Ok(Self { desk, addr, metrics_addr, http, stop_http, workers, stop_workers, living, stop_living })
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where `/metrics` listens.
    pub const fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// Returns when a part of the node has ended by itself, which none may: it would look alive and do half its work.
    pub async fn failed(&mut self) -> &'static str {
        tokio::select! {
            Some(_) = self.workers.join_next() => "a worker ended",
            Some(_) = self.living.join_next() => "a worker ended",
            Some(_) = self.http.join_next() => "a listener ended",
            else => std::future::pending().await,
        }
    }

    /// Stops in order. What takes too long is cut off; the store holds the truth anyway.
    pub async fn stop(mut self) {
        tracing::info!("stopping");
        self.desk.draining.cancel();
        self.desk.hub.close_all(CloseCode::Restart);
        self.desk.sockets.close();
        let _ = tokio::time::timeout(SOCKETS_LEAVE_WITHIN, self.desk.sockets.wait()).await;
        self.stop_http.cancel();
        let requests = async { while self.http.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, requests).await.is_err() {
            tracing::warn!("requests under way were cut off");
            self.http.abort_all();
        }
        self.stop_workers.cancel();
        let workers = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, workers).await.is_err() {
            tracing::warn!("work under way was cut off; it goes on at the next start");
            self.workers.abort_all();
        }
        self.stop_living.cancel();
        if tokio::time::timeout(STOP_WITHIN, self.living.join_next()).await.is_err() {
            tracing::warn!("the database does not answer; the others find out by themselves that this node is gone");
            self.living.abort_all();
        }
        let desk = Arc::clone(&self.desk);
        let _ = tokio::task::spawn_blocking(move || desk.store.close()).await;
        tracing::info!("stopped");
    }
}

/// What histograms collect would grow until somebody asks for it.
async fn keep_metrics_small(handle: PrometheusHandle, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => handle.run_upkeep(),
        }
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    http::listener::listen(address).with_context(|| format!("cannot listen on {address}"))
}

struct SetUp {
    desk_id: String,
    token_key: String,
    channels: Vec<channels::Channel>,
    head: linedesk_protocol::Seq,
}

/// What must be there before the first request: the desk's id and key, the channel, the first account.
async fn set_up(store: &Store, config: &Config, secrets: &Secrets, now: Timestamp) -> anyhow::Result<SetUp> {
    let has_any = store.read::<_, StoreError, _>(|tx| Ok(!operators::list(tx)?.is_empty())).await?;
    let admin = match &config.bootstrap_admin {
        // Hashing takes a while: only where it is needed.
        Some((username, password)) if !has_any => Some(NewOperator {
            username: username.clone(),
            display_name: username.clone(),
            role: Role::SuperAdmin,
            password_hash: password::hash(password.clone()).await?,
        }),
        _ => None,
    };
    let (desk_id, token_key) = (token::random(), token::random());
    let line_channel = configured(store, config, secrets).await?;
    let is_alone = store.dialect() == Dialect::Sqlite;
    let done: Result<_, OperatorError> = store
        .write(move |tx| {
            let desk_id = settings::get_or_create(tx, settings::DESK_ID, &desk_id[..12])?;
            let token_key = settings::get_or_create(tx, settings::TOKEN_KEY, &token_key)?;
            if let Some((secret, access_token)) = &line_channel {
                channels::put(tx, channels::DEFAULT, secret, access_token, now)?;
            }
            if let Some(admin) = &admin {
                operators::bootstrap(tx, admin, now)?;
            }
            if is_alone {
                outbox::free_all_leases(tx)?;
                media::free_all(tx, now)?;
            }
            Ok((desk_id, token_key, channels::list(tx)?))
        })
        .await;
    let (desk_id, token_key, kept) = done?.value;
    let open = |channel| secrets.open_channel(channel).context("a channel's secrets cannot be opened");
    let channels = kept.into_iter().map(open).collect::<anyhow::Result<Vec<_>>>()?;
    let head = store.read::<_, StoreError, _>(|tx| feed::head(tx)).await?;
    Ok(SetUp { desk_id, token_key, channels, head })
}

/// The configuration's channel as it is kept; none where the database has it like this already.
async fn configured(store: &Store, config: &Config, secrets: &Secrets) -> anyhow::Result<Option<(String, String)>> {
    let Some((secret, access_token)) = config.line_channel.clone() else { return Ok(None) };
    let known = store.read::<_, StoreError, _>(|tx| channels::list(tx)).await?;
    let known = known.into_iter().find(|channel| channel.name == channels::DEFAULT);
    if let Some(known) = known.and_then(|known| secrets.open_channel(known))
        && known.secret == secret
        && known.access_token == access_token
    {
        return Ok(None);
    }
    let change = ChannelChange { secret: Some(secret), access_token: Some(access_token), ..ChannelChange::default() };
    let sealed = secrets.seal_change(channels::DEFAULT, change)?;
    Ok(sealed.secret.zip(sealed.access_token))
}
