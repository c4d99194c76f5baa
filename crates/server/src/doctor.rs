//! What an installation needs to work, looked at piece by piece. Each finding says what is wrong and where to change it.
//!
//! Deliberately absent: secrets in findings, and changes: it only looks, but for LINE's own test of the webhook.

use std::time::Duration;

use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_line::client::{AccessToken, CallError, LineClient, LineClientConfig};
use linedesk_store::Location;
use linedesk_store::ops::channels::{self, Channel};

use crate::config::Config;

const CONSOLE: &str = "LINE Developers Console, the channel's tab \"Messaging API\"";
const MANAGER: &str = "LINE Official Account Manager, Settings, \"Response settings\"";
/// Signatures do not age, but tokens and logs do.
const CLOCK_OFF: Duration = Duration::from_secs(60);
/// Below it files may soon not be kept any more.
const DISK_LOW: u64 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Ok,
    /// It works, and could surprise.
    Warning,
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) about: String,
    pub(crate) found: String,
    /// What to do, and where.
    pub(crate) todo: Option<String>,
}

fn ok(about: &str, found: impl Into<String>) -> Finding {
    Finding { level: Level::Ok, about: about.to_owned(), found: found.into(), todo: None }
}

fn warning(about: &str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { level: Level::Warning, todo: Some(todo.into()), ..ok(about, found) }
}

fn wrong(about: &str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { level: Level::Wrong, todo: Some(todo.into()), ..ok(about, found) }
}

pub(crate) fn database(location: &Location) -> Finding {
    ok("Database", format!("{location} answers, and its schema is this version's"))
}

pub(crate) fn no_database(error: &anyhow::Error) -> Finding {
    wrong(
        "Database",
        format!("{error:#}"),
        "See database_url and data_dir; `linedesk migrate` brings an older schema up to date.",
    )
}

pub(crate) fn no_channel() -> Finding {
    let todo = "Give line_channel_secret and line_channel_access_token; both are in the LINE Developers Console.";
    wrong("Channel", "no LINE channel is set up", todo)
}

/// The disk, and the address under which LINE and customers reach the desk.
pub(crate) fn machine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match free_bytes(&config.data_dir) {
        Some(free) if free < DISK_LOW => warning(
            "Disk",
            format!("{} MB are free at {}", free / 1_000_000, config.data_dir.display()),
            "Make room, or keep files in S3 (media_url): customers' files are not kept when the disk is full.",
        ),
        Some(free) => ok("Disk", format!("{} GB are free at {}", free / 1_000_000_000, config.data_dir.display())),
        None => warning(
            "Disk",
            format!("how much is free at {} cannot be told", config.data_dir.display()),
            "Look whether data_dir exists and may be written.",
        ),
    });
    findings.push(match (&config.public_url, config.media_origin()) {
        (Some(url), Some(_)) => ok("Public address", url.clone()),
        (Some(url), None) => wrong(
            "Public address",
            format!("{url} is not https, so LINE fetches nothing from it"),
            "Set public_url to the https address of the proxy in front of linedesk.",
        ),
        (None, _) => warning(
            "Public address",
            "public_url is not set: texts work, files cannot be sent",
            "Set public_url to the https address of the proxy in front of linedesk.",
        ),
    });
    findings
}

/// Channels of the database, and the one that the configuration would make at the next start.
pub(crate) fn with_configured(config: &Config, known: Vec<Channel>) -> Vec<(String, String)> {
    let mut channels: Vec<_> = known.into_iter().map(|channel| (channel.name, channel.access_token)).collect();
    if let Some((_, token)) = &config.line_channel {
        channels.retain(|(name, _)| name != channels::DEFAULT);
        channels.insert(0, (channels::DEFAULT.to_owned(), token.clone()));
    }
    channels
}

/// What LINE says of a channel.
pub(crate) async fn channel(
    config: &Config,
    name: &str,
    token: &str,
    without_test: bool,
) -> anyhow::Result<Vec<Finding>> {
    let line = LineClient::new(&LineClientConfig {
        api_url: config.line_api_url.clone(),
        data_api_url: config.line_data_api_url.clone(),
        ..LineClientConfig::default()
    })?;
    let token = AccessToken(token.to_owned());
    let about = |what: &str| format!("Channel {name}, {what}");
    let info = match line.bot_info(&token).await {
        Ok(info) => info.body,
        Err(CallError::Status { status: 401 | 403, .. }) => {
            let todo =
                format!("Issue a new channel access token ({CONSOLE}) and give it as line_channel_access_token.");
            return Ok(vec![wrong(&about("token"), "LINE does not take the channel access token", todo)]);
        }
        Err(error) => {
            let todo = "Look whether this machine reaches api.line.me over https, and at line_api_url.";
            return Ok(vec![wrong(&about("LINE"), format!("LINE cannot be asked: {error}"), todo)]);
        }
    };
    let mut findings = vec![ok(&about("token"), format!("it is {} ({})", info.display_name, info.basic_id))];
    findings.push(if info.chat_mode == "chat" && config.mark_as_read != crate::config::MarkAsRead::Off {
        ok(&about("chat"), "chat is on, so messages can be marked as read")
    } else if info.chat_mode == "chat" {
        let todo = format!(
            "Turn chat off ({MANAGER}), or tell everybody: what is typed in LINE's own chat never reaches linedesk."
        );
        warning(&about("chat"), "chat is on in LINE's own manager", todo)
    } else if config.mark_as_read == crate::config::MarkAsRead::Off {
        ok(&about("chat"), "chat is off in LINE's own manager")
    } else {
        let todo = format!("Turn chat on ({MANAGER}), or set mark_as_read to off.");
        warning(&about("chat"), "chat is off, so LINE marks nothing as read", todo)
    });
    if config.mark_as_read != crate::config::MarkAsRead::Off && info.mark_as_read_mode == "auto" {
        let todo = format!("Set it to manual ({MANAGER}), or mark_as_read to off.");
        findings.push(warning(&about("read marks"), "LINE marks messages as read by itself", todo));
    }
    findings.extend(webhook(config, &line, &token, name, without_test).await);
    findings.push(match (line.quota(&token).await, line.quota_consumption(&token).await) {
        (Ok(quota), Ok(used)) => match quota.body.value {
            Some(limit) if used.body.total_usage >= limit => warning(
                &about("quota"),
                format!("all {limit} paid messages of this month are used: only free replies go out"),
                "Choose a larger plan, or buy messages, in the LINE Official Account Manager.",
            ),
            Some(limit) => ok(&about("quota"), format!("{} of {limit} paid messages are used", used.body.total_usage)),
            None => ok(&about("quota"), "there is no limit"),
        },
        _ => warning(&about("quota"), "LINE does not tell it", "Try again later."),
    });
    Ok(findings)
}

async fn webhook(
    config: &Config,
    line: &LineClient,
    token: &AccessToken,
    name: &str,
    without_test: bool,
) -> Vec<Finding> {
    let about = format!("Channel {name}, webhook");
    let path = if name == channels::DEFAULT { "/line/webhook".to_owned() } else { format!("/line/webhook/{name}") };
    let wanted = config.public_url.as_ref().map(|url| format!("{url}{path}"));
    let endpoint = match line.webhook_endpoint(token).await {
        Ok(endpoint) => endpoint.body,
        Err(CallError::Status { status: 404, .. }) => {
            let url = wanted.unwrap_or_else(|| format!("https://…{path}"));
            return vec![wrong(&about, "LINE has no webhook URL", format!("Enter {url} ({CONSOLE})."))];
        }
        Err(error) => return vec![warning(&about, format!("LINE does not tell it: {error}"), "Try again later.")],
    };
    let mut findings = Vec::new();
    match &wanted {
        Some(wanted) if *wanted != endpoint.endpoint => {
            let todo = format!("Enter {wanted} ({CONSOLE}), or mend public_url.");
            findings.push(warning(&about, format!("LINE calls {}", endpoint.endpoint), todo));
        }
        _ => findings.push(ok(&about, format!("LINE calls {}", endpoint.endpoint))),
    }
    if !endpoint.active {
        findings.push(wrong(&about, "it is switched off", format!("Turn \"Use webhook\" on ({CONSOLE}).")));
    }
    if without_test {
        return findings;
    }
    match line.test_webhook_endpoint(token).await {
        Ok(test) if test.body.success => {
            findings.push(ok(&about, "LINE's test of it succeeds"));
            findings.extend(clock(&test.body.timestamp, SystemClock.now_ms()));
        }
        Ok(test) => findings.push(wrong(
            &about,
            format!("LINE's test of it fails: {} {}", test.body.reason, test.body.detail),
            "Look whether linedesk runs, the proxy passes /line/webhook on, and the certificate is whole; a 400 is a wrong \
             line_channel_secret.",
        )),
        Err(error) => {
            findings.push(warning(&about, format!("LINE does not test it now: {error}"), "Try again later."));
            return findings;
        }
    }
    findings
}

/// LINE tells when it tested; none where it does not.
fn clock(told: &str, now_ms: i64) -> Option<Finding> {
    let told: jiff::Timestamp = told.parse().ok()?;
    let off = Duration::from_millis(told.as_millisecond().abs_diff(now_ms));
    Some(if off > CLOCK_OFF {
        let found = format!("this machine's clock is {} s away from LINE's", off.as_secs());
        warning("Clock", found, "Let the machine keep its time by NTP: hours, links and sign-ins go by it.")
    } else {
        ok("Clock", "it agrees with LINE's")
    })
}

/// Of the file system that a folder is on.
fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    let existing = folder.ancestors().find(|part| part.exists())?;
    let told = rustix::fs::statvfs(existing).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}
