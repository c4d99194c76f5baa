//! Configuration (CF): flags > environment > `linedesk.toml` > default. Unknown keys are an error; secrets never show.
//!
//! One table describes every key; the flag, the environment variable and the TOML key are its three spellings.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use linedesk_core::handoff::{DEFAULT_PHRASES, HandoffPhrases};
use linedesk_core::hours::{BusinessHours, HoursError};
use linedesk_core::limits::Quota;
use linedesk_core::session::{IdlePolicy, ResponseTarget};
use linedesk_store::Location;

use crate::auth::password;

/// One key. `listen` is `--listen`, `LINEDESK_LISTEN` and `listen = …`.
pub struct Key {
    pub name: &'static str,
    pub default: &'static str,
    pub help: &'static str,
    pub secret: bool,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, default, help, secret: false }
}

const fn secret(name: &'static str, help: &'static str) -> Key {
    Key { name, default: "", help, secret: true }
}

/// Every key there is.
pub const KEYS: &[Key] = &[
    key("listen", "127.0.0.1:8080", "Address for HTTP and WebSocket"),
    key("metrics_listen", "", "Address for Prometheus /metrics; empty = off"),
    key("data_dir", "./data", "Folder of the embedded database and of files"),
    secret("database_url", "postgres://… instead of the embedded database"),
    secret("nats_url", "nats://… when several nodes share the work"),
    key(
        "media_url",
        "",
        "Where files are kept: s3://bucket/prefix (with the usual AWS_… variables) or file:///folder; empty = the data directory",
    ),
    key("media_max_mb", "200", "How many megabytes a file that an operator sends may have"),
    key("media_link_hours", "168", "How long the link to a file that was sent works for the customer"),
    key("sender_name", "account", "Whose name customers see above an operator's message: `account` or `operator`"),
    key("sender_icon_url", "", "https address of the icon beside it; empty = the account's"),
    key(
        "mark_as_read",
        "off",
        "When LINE shows a customer's messages as read: `off`, `on_view` (an operator saw them) or `on_reply`",
    ),
    key(
        "sticker_pictures",
        "on",
        "`off`: stickers are shown by their words; `on`: the desk gets their pictures from LINE's shop",
    ),
    key("loading_animation", "off", "`on`: customers see that an operator writes, in chats of two"),
    key("quota_reserve", "0", "So many paid messages a month are kept for what people write; automatic ones wait"),
    key("public_url", "", "The https origin under which the desk is reached"),
    secret("secret_key", "Seals channels' secrets in the database; empty = a key file in the data directory"),
    secret("line_channel_secret", "Channel secret of the channel `default`"),
    secret("line_channel_access_token", "Channel access token of the channel `default`"),
    key("line_api_url", "https://api.line.me", "LINE's API host"),
    key("line_data_api_url", "https://api-data.line.me", "LINE's data API host"),
    secret("bootstrap_admin", "username:password of a SUPER_ADMIN, made if no operator exists"),
    key("timezone", "Asia/Bangkok", "Business time zone"),
    key("log", "info", "Tracing filter"),
    key("log_format", "text", "`text` or `json`"),
    key("handoff_phrases", "", "Comma-separated phrases by which a customer asks for a person; empty = the defaults"),
    key("business_hours", "", "Such as `Mon-Fri 09:00-18:00, Sat 09:00-12:00`; empty = always open"),
    key("reply_token_seconds", "600", "How old a reply token may be to be tried before a push"),
    key("idle_warn_minutes", "0", "An ACTIVE session idle for so long is warned; 0 = never"),
    key("idle_close_minutes", "5", "After the warning it is closed in so long"),
    key(
        "idle_warning",
        "Are you still there? This chat will be closed soon. Write again any time.",
        "The text of that warning",
    ),
    key("waiting_timeout_minutes", "0", "A WAITING session idle for so much business time is closed; 0 = never"),
    key(
        "sla_first_response_seconds",
        "0",
        "Business time within which a customer is to be answered first; 0 = no target",
    ),
    key("sla_warn_percent", "80", "How much of that time may pass before the first alert"),
    key("sends_per_minute", "60", "Messages an operator may send a minute"),
    key("sends_burst", "20", "Messages an operator may send at once"),
    key("commands_per_minute", "240", "Other commands an operator may give a minute"),
    key("trust_forwarded", "false", "Take client addresses from X-Forwarded-For: only behind a proxy that sets it"),
];

/// Why the configuration cannot be used; exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not a setting of linedesk")]
    Unknown(String),
    #[error("{key}: {problem}")]
    Bad { key: &'static str, problem: String },
    #[error("cannot read {path}: {problem}")]
    File { path: String, problem: String },
}

/// Values as text, each by the most important source that has it.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    /// Collects values. `file` is the text of `linedesk.toml` with its name, where there is one.
    pub fn collect(
        flags: impl IntoIterator<Item = (String, String)>,
        environment: impl IntoIterator<Item = (String, String)>,
        file: Option<(&Path, &str)>,
    ) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        if let Some((path, text)) = file {
            let bad = |problem: String| ConfigError::File { path: path.display().to_string(), problem };
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| bad(error.message().to_owned()))?;
            for (name, value) in table {
                let known =
                    find(&name).ok_or_else(|| ConfigError::Unknown(format!("{name} (in {})", path.display())))?;
                values.insert(
                    known.name,
                    plain(&value).ok_or_else(|| bad(format!("{name} has a value of a wrong kind")))?,
                );
            }
        }
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix("LINEDESK_") else { continue };
            // What the tests and the build read is not the server's.
            if rest.starts_with("TEST_") || rest == "UPDATE_GENERATED" {
                continue;
            }
            let known = find(&rest.to_lowercase()).ok_or_else(|| ConfigError::Unknown(name.clone()))?;
            values.insert(known.name, value);
        }
        for (name, value) in flags {
            let known = find(&name).ok_or_else(|| ConfigError::Unknown(format!("--{name}")))?;
            values.insert(known.name, value);
        }
        Ok(Self(values))
    }

    /// Whether any source names it.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Another default than the table's.
    pub(crate) fn set_default(&mut self, name: &'static str, value: &str) {
        self.0.entry(name).or_insert_with(|| value.to_owned());
    }

    fn get(&self, name: &'static str) -> &str {
        match self.0.get(name) {
            Some(value) => value,
            None => find(name).map_or("", |key| key.default),
        }
    }

    fn optional(&self, name: &'static str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn on_or_off(&self, key: &'static str) -> Result<bool, ConfigError> {
        match self.get(key) {
            "off" => Ok(false),
            "on" => Ok(true),
            _ => Err(ConfigError::Bad { key, problem: "expected `off` or `on`".to_owned() }),
        }
    }

    fn parse<T: std::str::FromStr>(&self, key: &'static str, expected: &str) -> Result<T, ConfigError> {
        let text = self.get(key);
        text.trim().parse().map_err(|_| ConfigError::Bad { key, problem: format!("expected {expected}, not {text:?}") })
    }
}

fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        _ => None,
    }
}

/// The configuration, checked.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Config {
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    pub location: Location,
    /// Also where files are spooled, whatever the database.
    pub data_dir: PathBuf,
    pub media_url: Option<String>,
    pub media_max_bytes: u64,
    pub media_link_life: Duration,
    pub sender: SenderPolicy,
    pub quota_reserve: i64,
    pub mark_as_read: MarkAsRead,
    pub sticker_pictures: bool,
    pub loading_animation: bool,
    pub nats_url: Option<String>,
    pub secret_key: Option<String>,
    pub public_url: Option<String>,
    pub line_channel: Option<(String, String)>,
    pub line_api_url: String,
    pub line_data_api_url: String,
    pub bootstrap_admin: Option<(String, String)>,
    pub log: String,
    pub log_json: bool,
    pub handoff: HandoffPhrases,
    /// IANA name of the business time zone.
    pub timezone: String,
    pub hours: BusinessHours,
    pub reply_token_life: Duration,
    pub idle: IdlePolicy,
    pub idle_warning: String,
    pub first_response: Option<ResponseTarget>,
    pub sends: Quota,
    pub sends_per_minute: u32,
    pub commands: Quota,
    pub trust_forwarded: bool,
    /// WS1: how long a socket may be open without a sign-in. No setting: clients rely on it.
    pub sign_in_within: Duration,
    /// WS9: how long a client may be silent. No setting: clients rely on it.
    pub socket_silence: Duration,
}

/// When LINE shows a customer's messages as read (LINE Messaging API reference "Mark messages as read").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkAsRead {
    Off,
    /// An operator had them in sight.
    OnView,
    /// An operator's answer was accepted.
    OnReply,
}

/// What customers see above an operator's message (LINE Messaging API reference "Change icon and display name").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SenderPolicy {
    /// The operator's display name, else the account's.
    pub shows_operator: bool,
    /// Else the account's.
    pub icon_url: Option<String>,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl Config {
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        let bad = |key: &'static str, problem: &str| ConfigError::Bad { key, problem: problem.to_owned() };
        let location = match settings.optional("database_url") {
            None => Location::Sqlite { data_dir: PathBuf::from(settings.get("data_dir")) },
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Location::Postgres { url, schema: None }
            }
            Some(_) => return Err(bad("database_url", "expected postgres://…")),
        };
        let line_channel =
            match (settings.optional("line_channel_secret"), settings.optional("line_channel_access_token")) {
                (Some(secret), Some(token)) => Some((secret, token)),
                (None, None) => None,
                _ => {
                    return Err(bad(
                        "line_channel_secret",
                        "give both line_channel_secret and line_channel_access_token",
                    ));
                }
            };
        let bootstrap_admin = match settings.optional("bootstrap_admin") {
            None => None,
            Some(text) => Some(
                text.split_once(':')
                    .filter(|(name, password)| !name.is_empty() && !password.is_empty())
                    .map(|(name, password)| (name.to_owned(), password.to_owned()))
                    .ok_or_else(|| bad("bootstrap_admin", "expected username:password"))?,
            ),
        };
        if let Some((_, password)) = &bootstrap_admin {
            password::check(password).map_err(|why| bad("bootstrap_admin", why))?;
        }
        let line_url = |key: &'static str| {
            let url = settings.get(key);
            let is_url = url
                .parse::<http::Uri>()
                .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some());
            if is_url { Ok(url.to_owned()) } else { Err(bad(key, "expected https://…")) }
        };
        let public_url = settings.optional("public_url").map(|url| url.trim_end_matches('/').to_owned());
        if public_url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(bad("public_url", "expected https://…"));
        }
        if settings.optional("sender_icon_url").is_some_and(|url| !url.starts_with("https://")) {
            return Err(bad("sender_icon_url", "expected https://…"));
        }
        let hours =
            BusinessHours::parse(settings.get("business_hours"), settings.get("timezone")).map_err(|error| {
                let is_zone = matches!(error, HoursError::UnknownZone(_));
                bad(if is_zone { "timezone" } else { "business_hours" }, &error.to_string())
            })?;
        let phrases: Vec<String> = match settings.optional("handoff_phrases") {
            None => DEFAULT_PHRASES.iter().map(|phrase| (*phrase).to_owned()).collect(),
            Some(text) => text.split(',').map(str::to_owned).collect(),
        };
        let minutes = |key| settings.parse::<u64>(key, "a number of minutes").map(|m| Duration::from_secs(m * 60));
        let some = |duration: Duration| (!duration.is_zero()).then_some(duration);
        let sends_per_minute = settings.parse("sends_per_minute", "a number")?;
        Ok(Self {
            listen: settings.parse("listen", "an address such as 127.0.0.1:8080")?,
            metrics_listen: match settings.optional("metrics_listen") {
                None => None,
                Some(_) => Some(settings.parse("metrics_listen", "an address such as 127.0.0.1:9100")?),
            },
            location,
            data_dir: PathBuf::from(settings.get("data_dir")),
            media_url: settings.optional("media_url"),
            media_max_bytes: match settings.parse("media_max_mb", "1 to 1000")? {
                megabytes @ 1..=1000_u64 => megabytes * 1_000_000,
                _ => return Err(bad("media_max_mb", "expected 1 to 1000")),
            },
            media_link_life: match settings.parse("media_link_hours", "1 to 8760")? {
                hours @ 1..=8760_u64 => Duration::from_secs(hours * 3600),
                _ => return Err(bad("media_link_hours", "expected 1 to 8760")),
            },
            sender: SenderPolicy {
                shows_operator: match settings.get("sender_name") {
                    "account" => false,
                    "operator" => true,
                    _ => return Err(bad("sender_name", "expected `account` or `operator`")),
                },
                icon_url: settings.optional("sender_icon_url"),
            },
            mark_as_read: match settings.get("mark_as_read") {
                "off" => MarkAsRead::Off,
                "on_view" => MarkAsRead::OnView,
                "on_reply" => MarkAsRead::OnReply,
                _ => return Err(bad("mark_as_read", "expected `off`, `on_view` or `on_reply`")),
            },
            sticker_pictures: settings.on_or_off("sticker_pictures")?,
            loading_animation: settings.on_or_off("loading_animation")?,
            quota_reserve: i64::from(settings.parse::<u32>("quota_reserve", "a number")?),
            nats_url: settings.optional("nats_url"),
            secret_key: settings.optional("secret_key"),
            public_url,
            line_channel,
            line_api_url: line_url("line_api_url")?,
            line_data_api_url: line_url("line_data_api_url")?,
            bootstrap_admin,
            log: settings.get("log").to_owned(),
            log_json: match settings.get("log_format") {
                "text" => false,
                "json" => true,
                _ => return Err(bad("log_format", "expected `text` or `json`")),
            },
            handoff: HandoffPhrases::new(phrases),
            timezone: settings.get("timezone").to_owned(),
            hours,
            reply_token_life: Duration::from_secs(settings.parse("reply_token_seconds", "a number of seconds")?),
            idle: IdlePolicy {
                warn_after: some(minutes("idle_warn_minutes")?),
                close_after_warning: minutes("idle_close_minutes")?,
                waiting_timeout: some(minutes("waiting_timeout_minutes")?),
            },
            idle_warning: settings.get("idle_warning").to_owned(),
            first_response: match settings.parse("sla_first_response_seconds", "a number of seconds")? {
                0 => None,
                seconds => Some(ResponseTarget {
                    within: Duration::from_secs(seconds),
                    warn_percent: match settings.parse("sla_warn_percent", "1 to 100")? {
                        percent @ 1..=100 => percent,
                        _ => return Err(bad("sla_warn_percent", "expected 1 to 100")),
                    },
                }),
            },
            sends: Quota::per_minute(sends_per_minute, settings.parse("sends_burst", "a number")?),
            sends_per_minute,
            commands: {
                let count = settings.parse("commands_per_minute", "a number")?;
                Quota::per_minute(count, (count / 4).max(1))
            },
            trust_forwarded: settings.parse("trust_forwarded", "true or false")?,
            sign_in_within: Duration::from_secs(10),
            socket_silence: Duration::from_secs(60),
        })
    }
}

impl Config {
    /// The origin of a simulated LINE, which has no https; LINE itself always has.
    fn simulator_origin(&self) -> Option<&str> {
        Some(self.line_api_url.trim_end_matches('/')).filter(|url| url.starts_with("http://"))
    }

    /// Where LINE and customers fetch what operators send: none where they cannot, because it is no https address of ours.
    /// A simulated LINE is content with http.
    pub(crate) fn media_origin(&self) -> Option<&str> {
        let url = self.public_url.as_deref()?;
        (url.starts_with("https://") || self.simulator_origin().is_some()).then_some(url)
    }

    /// Where a sticker's picture is: LINE's shop, or a simulated one; none where stickers are shown by their words.
    pub(crate) fn sticker_source(&self, id: u64) -> Option<String> {
        let origin = self.simulator_origin().unwrap_or("https://stickershop.line-scdn.net");
        self.sticker_pictures.then(|| format!("{origin}/stickershop/v1/sticker/{id}/android/sticker.png"))
    }

    /// Where to fetch a picture from whose address LINE gave: always https, but from a simulated LINE. That may listen on
    /// another port than when it gave the address.
    pub(crate) fn picture_source(&self, url: &str) -> Option<String> {
        if url.starts_with("https://") {
            return Some(url.to_owned());
        }
        let origin = self.simulator_origin()?;
        let (line, url) = (origin.parse::<http::Uri>().ok()?, url.parse::<http::Uri>().ok()?);
        let path = url.path_and_query().filter(|_| url.host().is_some() && url.host() == line.host())?;
        Some(format!("{origin}{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn cf_flags_beat_the_environment_beats_the_file_beats_the_default() {
        let file = (Path::new("linedesk.toml"), "listen = \"127.0.0.1:1\"\ntimezone = \"Asia/Tokyo\"\nlog = \"debug\"");
        let environment = [pair("LINEDESK_LISTEN", "127.0.0.1:2"), pair("LINEDESK_LOG", "warn"), pair("PATH", "/")];
        let settings = Settings::collect([pair("listen", "127.0.0.1:3")], environment, Some(file)).unwrap();
        let got = ["listen", "log", "timezone", "data_dir"].map(|name| settings.get(name).to_owned());
        assert_eq!(got, ["127.0.0.1:3", "warn", "Asia/Tokyo", "./data"]);
    }

    #[test]
    fn cf_unknown_keys_are_an_error() {
        let file = (Path::new("linedesk.toml"), "listne = 1");
        assert!(matches!(Settings::collect([], [], Some(file)), Err(ConfigError::Unknown(_))));
        assert!(matches!(Settings::collect([], [pair("LINEDESK_LISTNE", "")], None), Err(ConfigError::Unknown(_))));
    }

    #[test]
    fn cf_bad_values_are_named() {
        for (name, value) in [
            ("listen", "here"),
            ("timezone", "Mars/Olympus"),
            ("database_url", "mysql://x"),
            ("bootstrap_admin", "admin"),
            ("bootstrap_admin", "admin:short"),
            ("line_api_url", "api.line.me"),
            ("line_channel_secret", "only"),
            ("reply_token_seconds", "-1"),
            ("media_max_mb", "0"),
            ("media_link_hours", "0"),
            ("sender_name", "me"),
            ("mark_as_read", "yes"),
            ("loading_animation", "yes"),
            ("sticker_pictures", "yes"),
            ("sender_icon_url", "http://x/icon.png"),
        ] {
            let settings = Settings::collect([pair(name, value)], [], None).unwrap();
            assert!(Config::from_settings(&settings).is_err(), "{name}");
        }
    }
}
