//! The knobs of the platform, as the page's drawer shows them and as tests turn them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::faults::{Endpoint, Fault};

/// Longest latency, token life and backoff that may be set, in ms: an hour.
const LONGEST_MS: u64 = 3_600_000;

/// How the platform behaves now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Before every answer of the API, ± `jitter_ms`.
    pub latency_ms: u64,
    pub jitter_ms: u64,
    pub reply: Option<Fault>,
    pub push: Option<Fault>,
    pub other: Option<Fault>,
    pub webhook: Option<Fault>,
    /// Paid messages a month; none means no limit.
    pub quota: Option<u64>,
    pub used: u64,
    pub reply_token_life_ms: u64,
    /// False after the channel access token was revoked.
    pub token_valid: bool,
    pub webhook_url: Option<String>,
    /// Off by default, as at LINE.
    pub redelivery: bool,
    /// How often a webhook is sent at most while redelivery is on.
    pub redelivery_tries: u32,
    /// Before the second try; doubled before each further one.
    pub redelivery_backoff_ms: u64,
    /// How long the webhook may take to answer (LINE doc: 2 s).
    pub webhook_timeout_ms: u64,
}

impl Settings {
    pub(crate) fn fault_mut(&mut self, endpoint: Endpoint) -> &mut Option<Fault> {
        match endpoint {
            Endpoint::Reply => &mut self.reply,
            Endpoint::Push => &mut self.push,
            Endpoint::Other => &mut self.other,
            Endpoint::Webhook => &mut self.webhook,
        }
    }

    pub(crate) fn clear_faults(&mut self) {
        (self.reply, self.push, self.other, self.webhook) = (None, None, None, None);
    }

    /// Whether one more paid message would exceed the plan.
    pub(crate) fn quota_is_spent(&self) -> bool {
        self.quota.is_some_and(|quota| self.used >= quota)
    }

    /// Turns what the patch names; nothing at all when a value is out of range.
    pub(crate) fn apply(&mut self, patch: Patch) -> Result<(), &'static str> {
        let faults = [&patch.reply, &patch.push, &patch.other, &patch.webhook];
        if !faults.into_iter().flatten().flatten().all(Fault::is_valid) {
            return Err("a fault's status or delay is out of range");
        }
        let spans = [patch.latency_ms, patch.jitter_ms, patch.reply_token_life_ms, patch.redelivery_backoff_ms];
        if spans.into_iter().flatten().any(|ms| ms > LONGEST_MS) {
            return Err("a time is longer than an hour");
        }
        if patch.redelivery_tries.is_some_and(|tries| !(1..=20).contains(&tries)) {
            return Err("redelivery_tries must be 1 to 20");
        }
        set(&mut self.latency_ms, patch.latency_ms);
        set(&mut self.jitter_ms, patch.jitter_ms);
        set(&mut self.reply, patch.reply);
        set(&mut self.push, patch.push);
        set(&mut self.other, patch.other);
        set(&mut self.webhook, patch.webhook);
        set(&mut self.quota, patch.quota);
        set(&mut self.used, patch.used);
        set(&mut self.reply_token_life_ms, patch.reply_token_life_ms);
        set(&mut self.token_valid, patch.token_valid);
        set(&mut self.redelivery, patch.redelivery);
        set(&mut self.redelivery_tries, patch.redelivery_tries);
        set(&mut self.redelivery_backoff_ms, patch.redelivery_backoff_ms);
        Ok(())
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

/// A change of some settings. For a fault and the quota, `null` means none, and absent means as it was.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Patch {
    latency_ms: Option<u64>,
    jitter_ms: Option<u64>,
    #[serde(deserialize_with = "nullable")]
    reply: Option<Option<Fault>>,
    #[serde(deserialize_with = "nullable")]
    push: Option<Option<Fault>>,
    #[serde(deserialize_with = "nullable")]
    other: Option<Option<Fault>>,
    #[serde(deserialize_with = "nullable")]
    webhook: Option<Option<Fault>>,
    #[serde(deserialize_with = "nullable")]
    quota: Option<Option<u64>>,
    used: Option<u64>,
    reply_token_life_ms: Option<u64>,
    token_valid: Option<bool>,
    redelivery: Option<bool>,
    redelivery_tries: Option<u32>,
    redelivery_backoff_ms: Option<u64>,
}

fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}
