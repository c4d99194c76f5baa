//! The knobs of the platform, as the page's drawer shows them and as tests turn them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::faults::{Endpoint, Fault};

/// Longest latency, token life and backoff that may be set, in ms: an hour.
const LONGEST_MS: u64 = 3_600_000;
/// Most paid messages that may be set.
const MESSAGES: u64 = 1_000_000_000;

/// Whether the account's chat is on (LINE OpenAPI, `BotInfoResponse`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatMode {
    Chat,
    Bot,
}

/// Whether messages are marked as read as they come (LINE OpenAPI, `BotInfoResponse`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkAsReadMode {
    Auto,
    Manual,
}

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
    pub chat_mode: ChatMode,
    pub mark_as_read_mode: MarkAsReadMode,
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

    /// As at the start. Where webhooks go is no knob, and stays.
    pub(crate) fn reset(&mut self, defaults: &Self) {
        let webhook_url = self.webhook_url.take();
        *self = Self { webhook_url, ..defaults.clone() };
    }

    /// Whether one more paid message would exceed the plan.
    pub(crate) fn quota_is_spent(&self) -> bool {
        self.quota.is_some_and(|quota| self.used >= quota)
    }

    /// Turns what the patch names; nothing at all when a value is out of range.
    pub(crate) fn apply(&mut self, patch: &Patch) -> Result<(), &'static str> {
        let faults = [&patch.reply, &patch.push, &patch.other, &patch.webhook];
        if !faults.into_iter().flatten().flatten().all(Fault::is_valid) {
            return Err("a fault's status must be 400 to 599, and its delay at most 10 minutes");
        }
        let spans = [patch.latency_ms, patch.jitter_ms, patch.reply_token_life_ms, patch.redelivery_backoff_ms];
        if spans.into_iter().flatten().any(|ms| ms > LONGEST_MS) {
            return Err("a time must be at most an hour");
        }
        if patch.redelivery_tries.is_some_and(|tries| !(1..=20).contains(&tries)) {
            return Err("redelivery_tries must be 1 to 20");
        }
        if [patch.quota.flatten(), patch.used].into_iter().flatten().any(|messages| messages > MESSAGES) {
            return Err("paid messages must be at most a thousand million");
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
        set(&mut self.chat_mode, patch.chat_mode);
        set(&mut self.mark_as_read_mode, patch.mark_as_read_mode);
        Ok(())
    }
}

fn set<T: Copy>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

/// A change of some settings. For a fault and the quota, `null` means none, and absent means as it was.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent and null are two things")]
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
    chat_mode: Option<ChatMode>,
    mark_as_read_mode: Option<MarkAsReadMode>,
}

#[expect(clippy::option_option, reason = "absent and null are two things")]
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            latency_ms: 5,
            jitter_ms: 0,
            reply: Some(Fault::hang()),
            push: None,
            other: None,
            webhook: None,
            quota: Some(200),
            used: 3,
            reply_token_life_ms: 60_000,
            token_valid: true,
            webhook_url: None,
            redelivery: false,
            redelivery_tries: 5,
            redelivery_backoff_ms: 200,
            webhook_timeout_ms: 2_000,
            chat_mode: ChatMode::Chat,
            mark_as_read_mode: MarkAsReadMode::Manual,
        }
    }

    fn apply(patch: &str) -> Result<Settings, &'static str> {
        let mut changed = settings();
        changed.apply(&serde_json::from_str(patch).unwrap()).map(|()| changed)
    }

    #[test]
    fn null_clears_what_can_be_absent_and_absent_keeps_it() {
        assert_eq!(apply("{}"), Ok(settings()));
        assert_eq!(apply(r#"{"reply":null}"#), Ok(Settings { reply: None, ..settings() }));
        assert_eq!(apply(r#"{"quota":null,"used":4}"#), Ok(Settings { quota: None, used: 4, ..settings() }));
    }

    #[test]
    fn out_of_range_changes_nothing() {
        for patch in [
            r#"{"latency_ms":3600001}"#,
            r#"{"used":4,"redelivery_tries":0}"#,
            r#"{"quota":1000000001}"#,
            r#"{"used":4,"push":{"kind":"status","status":200}}"#,
            r#"{"webhook":{"kind":"delay","delay_ms":600001}}"#,
        ] {
            let mut changed = settings();
            assert!(changed.apply(&serde_json::from_str(patch).unwrap()).is_err(), "{patch}");
            assert_eq!(changed, settings(), "{patch}");
        }
        assert!(serde_json::from_str::<Patch>(r#"{"webhook_url":"http://elsewhere/"}"#).is_err());
    }

    #[test]
    fn a_reset_keeps_where_webhooks_go() {
        let mut changed = Settings { webhook_url: Some("http://desk/".to_owned()), used: 9, ..settings() };
        changed.reset(&settings());
        assert_eq!(changed, Settings { webhook_url: Some("http://desk/".to_owned()), ..settings() });
    }
}
