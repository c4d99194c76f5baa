//! The handle: starting, stopping, and everything a test or the demo turns.
//!
//! Nothing here waits for the desk: what a customer does is queued as a webhook, and [`Simulator::wait_for`] tells when
//! its consequences are there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use linedesk_core::clock::{Clock, SystemClock};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::calls::Call;
use crate::connection::{Connection, CuttableListener};
use crate::customer::{Customer, PhoneMessage};
use crate::faults::{Endpoint, Fault};
use crate::media::MediaFetch;
use crate::platform::{Counted, Platform};
use crate::settings::{ChatMode, MarkAsReadMode, Settings};
use crate::shared::{Parts, Shared};
use crate::webhook::millis;
use crate::{api, control, page};

pub(crate) mod actions;
pub(crate) mod events;

pub use actions::{ControlError, SentMessage};

/// How to start.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where webhooks go; can be set later.
    pub webhook_url: Option<String>,
    pub channel_secret: String,
    pub channel_access_token: String,
    /// LINE's id of the channel, for tokens that are issued.
    pub channel_id: String,
    /// The key that assertions are signed with, a JWK; only its public half is used.
    pub assertion_key: Option<String>,
    /// The name of the LINE Official Account.
    pub account_name: String,
    /// The desk's console, for the page's link.
    pub console_url: Option<String>,
    pub reply_token_life: Duration,
    /// Paid messages a month; none means no limit.
    pub monthly_quota: Option<u64>,
    /// Ids and jitter follow from it.
    pub seed: u64,
}

impl Default for SimulatorOptions {
    /// Loopback on any port, with credentials for tests.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            webhook_url: None,
            channel_secret: "simulated-channel-secret".to_owned(),
            channel_access_token: "simulated-channel-access-token".to_owned(),
            channel_id: "1234567890".to_owned(),
            assertion_key: None,
            account_name: "Citizen services".to_owned(),
            console_url: None,
            reply_token_life: Duration::from_secs(60),
            monthly_quota: Some(200),
            seed: 1,
        }
    }
}

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("could not listen on {addr}")]
    Listen {
        addr: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("could not set up the client that sends webhooks")]
    Client(#[source] reqwest::Error),
}

/// What was waited for did not come.
#[derive(Debug, thiserror::Error)]
#[error("what was waited for did not come within {within:?}")]
pub struct WaitError {
    pub within: Duration,
}

/// A running platform. Dropping it stops it; [`Simulator::shutdown`] also waits until it has stopped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    addr: SocketAddr,
}

impl Simulator {
    pub async fn start(options: SimulatorOptions) -> Result<Self, StartError> {
        Self::start_with_clock(options, Arc::new(SystemClock)).await
    }

    /// With a clock of one's own: reply tokens and retry keys age by it. (Latency, delays and timeouts do not.)
    pub async fn start_with_clock(options: SimulatorOptions, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { addr: options.listen, source };
        let tcp = TcpListener::bind(options.listen).await.map_err(listen)?;
        let addr = tcp.local_addr().map_err(listen)?;
        let settings = Settings {
            latency_ms: 0,
            jitter_ms: 0,
            reply: None,
            push: None,
            other: None,
            webhook: None,
            quota: options.monthly_quota,
            used: 0,
            reply_token_life_ms: millis(options.reply_token_life),
            token_valid: true,
            webhook_url: options.webhook_url,
            redelivery: false,
            redelivery_tries: 5,
            redelivery_backoff_ms: 200,
            webhook_timeout_ms: 2_000,
            chat_mode: ChatMode::Chat,
            mark_as_read_mode: MarkAsReadMode::Manual,
        };
        let shared = Shared::new(Parts {
            platform: Platform::new(options.seed, settings, clock.now_ms()),
            clock,
            http: webhook_client().map_err(StartError::Client)?,
            channel_secret: options.channel_secret,
            channel_access_token: options.channel_access_token,
            channel_id: options.channel_id,
            assertion_key: options.assertion_key,
            account_name: options.account_name,
            console_url: options.console_url,
            addr,
        });
        let router = Router::new()
            .merge(api::router(&shared))
            .merge(control::router(&shared))
            .merge(page::router(&shared))
            .with_state(Arc::clone(&shared))
            .into_make_service_with_connect_info::<Connection>();
        let stop = shared.stop.clone();
        let listener = CuttableListener { tcp, stop: stop.clone() };
        let serve = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        shared.spawn_to_the_end(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the simulated LINE platform stopped serving");
            }
        });
        Ok(Self { shared, addr })
    }

    /// Stops everything and waits for it; open connections are dropped.
    pub async fn shutdown(self) {
        self.shared.stop().await;
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Such as `http://127.0.0.1:PORT`: LINE's API and its data API, and the page. Loopback when it listens everywhere.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// The address of a picture that can be a customer's: `cup`, `leaf`, `cat` or `wave`.
    pub fn picture_url(&self, name: &str) -> String {
        page::picture_url(&self.shared, name)
    }

    /// The account's user id, which webhooks name as their `destination`.
    pub fn bot_user_id(&self) -> String {
        self.shared.read(|platform| platform.bot_user_id.clone())
    }

    pub fn channel_secret(&self) -> &str {
        &self.shared.channel_secret
    }

    pub fn channel_access_token(&self) -> &str {
        &self.shared.channel_access_token
    }

    // Knobs.

    pub fn settings(&self) -> Settings {
        self.shared.read(|platform| platform.settings.clone())
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        self.shared.update(|platform| {
            change(&mut platform.settings);
            platform.settings_changed();
        });
    }

    /// Every knob, every fault and the count of paid messages as at the start. Where webhooks go stays.
    pub fn reset_settings(&self) {
        self.shared.update(Platform::reset_settings);
    }

    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.set(|settings| settings.webhook_url = Some(url.into()));
    }

    /// Paid messages a month; none means no limit.
    pub fn set_quota(&self, quota: Option<u64>) {
        self.set(|settings| settings.quota = quota);
    }

    pub fn set_paid_used(&self, used: u64) {
        self.set(|settings| settings.used = used);
    }

    /// Also for tokens already given out; zero makes them all expired.
    pub fn set_reply_token_life(&self, life: Duration) {
        self.set(|settings| settings.reply_token_life_ms = millis(life));
    }

    /// Before every answer of the API.
    pub fn set_latency(&self, latency: Duration, jitter: Duration) {
        self.set(|settings| (settings.latency_ms, settings.jitter_ms) = (millis(latency), millis(jitter)));
    }

    /// From now on every call is answered 401.
    pub fn revoke_token(&self) {
        self.set(|settings| settings.token_valid = false);
    }

    pub fn restore_token(&self) {
        self.set(|settings| settings.token_valid = true);
    }

    /// LINE ends every token that was issued so far.
    pub fn end_issued_tokens(&self) {
        self.shared.update(Platform::end_issued_tokens);
    }

    pub fn set_fault(&self, endpoint: Endpoint, fault: Fault) {
        self.set(|settings| *settings.fault_mut(endpoint) = Some(fault));
    }

    pub fn clear_fault(&self, endpoint: Endpoint) {
        self.set(|settings| *settings.fault_mut(endpoint) = None);
    }

    pub fn clear_faults(&self) {
        self.set(Settings::clear_faults);
    }

    /// Whether webhooks that failed are sent again. Off at first, as at LINE.
    pub fn set_redelivery(&self, on: bool) {
        self.set(|settings| settings.redelivery = on);
    }

    /// How often a webhook is sent at most, and the wait before the second try, doubled before each further one.
    pub fn set_redelivery_policy(&self, tries: u32, backoff: Duration) {
        self.set(|settings| {
            settings.redelivery_tries = tries.max(1);
            settings.redelivery_backoff_ms = millis(backoff);
        });
    }

    /// How long the webhook may take; LINE's 2 s at first.
    pub fn set_webhook_timeout(&self, timeout: Duration) {
        self.set(|settings| settings.webhook_timeout_ms = millis(timeout));
    }

    // What happened.

    pub fn customers(&self) -> Vec<Customer> {
        self.shared.read(|platform| platform.customers().cloned().collect())
    }

    /// The log of calls and webhooks, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.read(|platform| platform.calls().cloned().collect())
    }

    /// One call of the log, while it is kept.
    pub fn find_call(&self, id: u64) -> Option<Call> {
        self.shared.read(|platform| platform.calls.find(id).cloned())
    }

    /// What was not as LINE's OpenAPI files describe it, such as `POST /v2/bot/message/push: $.to: …`, since this was
    /// asked last. For the messages of a request that asks whether they are right, that is no fault.
    pub fn take_unfit(&self) -> Vec<String> {
        self.shared.update(|platform| std::mem::take(&mut platform.unfit))
    }

    /// What arrived from the account, oldest first.
    pub fn received(&self, user_id: &str) -> Vec<PhoneMessage> {
        self.shared.read(|platform| platform.received(user_id).cloned().collect())
    }

    /// Everything on the phone, oldest first.
    pub fn messages(&self, user_id: &str) -> Vec<PhoneMessage> {
        self.shared.read(|platform| platform.messages(user_id).cloned().collect())
    }

    /// What was fetched of what the account sent, oldest first.
    pub fn fetches(&self) -> Vec<MediaFetch> {
        self.shared.read(|platform| platform.fetches().cloned().collect())
    }

    /// What was accepted since the start.
    pub fn counted(&self) -> Counted {
        self.shared.read(Platform::counted)
    }

    pub fn paid_used(&self) -> u64 {
        self.shared.read(Platform::paid_used)
    }

    /// Waits until the predicate holds. It is asked now and after every change, and must not call the simulator.
    pub async fn wait_for(&self, holds: impl FnMut(&Platform) -> bool, within: Duration) -> Result<(), WaitError> {
        if self.shared.wait_for(holds, within).await { Ok(()) } else { Err(WaitError { within }) }
    }

    /// Waits until no webhook is waiting or on its way.
    pub async fn wait_until_idle(&self, within: Duration) -> Result<(), WaitError> {
        self.wait_for(Platform::is_idle, within).await
    }

    /// Sends an event as it is, well-formed or not, in the lane of its `source.userId`.
    pub fn send_raw_event(&self, event: Value) -> Result<(), ControlError> {
        actions::send_raw_event(&self.shared, event)
    }

    /// Sends a webhook without events, as the Verify button of LINE's console does.
    pub fn send_verification(&self) -> Result<(), ControlError> {
        actions::send_verification(&self.shared)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn webhook_client() -> Result<reqwest::Client, reqwest::Error> {
    // Whoever was first to install a provider has installed this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // No proxy: the desk is near, and a machine's settings must not change what a test sees. LINE follows no redirects.
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(2))
        .build()
}
