//! What an installation needs to work, looked at piece by piece. Each finding says what is wrong and where to change it.
//!
//! Deliberately absent: secrets in findings, and changes: it only looks, but for LINE's own test of the webhook.

use std::path::Path;
use std::time::Duration;

use linedesk_line::client::{AccessToken, CallError, LineClient};
use linedesk_protocol::Timestamp;
use linedesk_protocol::rest::{Finding, FindingLevel};

use crate::channel_setup::webhook_url;
use crate::config::{Config, MarkAsRead};

const CONSOLE: &str = "LINE Developers Console, the channel's tab \"Messaging API\"";
const MANAGER: &str = "LINE Official Account Manager, Settings, \"Response settings\"";
/// Signatures do not age, but tokens and logs do.
const CLOCK_OFF: Duration = Duration::from_secs(60);
/// Below it files may soon not be kept any more.
const DISK_LOW: u64 = 1_000_000_000;

fn ok(code: &str, found: impl Into<String>) -> Finding {
    Finding {
        level: FindingLevel::Ok,
        code: code.to_owned(),
        channel: None,
        values: std::collections::BTreeMap::new(),
        found: found.into(),
        todo: None,
    }
}

fn warning(code: &str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { level: FindingLevel::Warning, todo: Some(todo.into()), ..ok(code, found) }
}

fn wrong(code: &str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { level: FindingLevel::Wrong, todo: Some(todo.into()), ..ok(code, found) }
}

/// With what the sentence has in it, for whoever says it in another language.
fn with<const N: usize>(finding: Finding, values: [(&str, String); N]) -> Finding {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Finding { values, ..finding }
}

pub(crate) fn database(config: &Config) -> Finding {
    let location = config.location.to_string();
    with(
        ok("database_ok", format!("the database {location} answers, and its schema is this version's")),
        [("location", location)],
    )
}

pub(crate) fn no_database(error: &anyhow::Error) -> Finding {
    let todo = "See database_url and data_dir; `linedesk migrate` brings an older schema up to date.";
    wrong("database_wrong", format!("{error:#}"), todo)
}

pub(crate) fn no_channel() -> Finding {
    let todo = "Add one with `linedesk channel add`, or give line_channel_secret and line_channel_access_token; both are \
                in the LINE Developers Console.";
    wrong("channel_missing", "no LINE channel is set up", todo)
}

/// The disk, and the address under which LINE and customers reach the desk.
pub(crate) fn machine(config: &Config) -> Vec<Finding> {
    vec![disk(&config.data_dir, free_bytes(&config.data_dir)), address(config)]
}

fn disk(folder: &Path, free: Option<u64>) -> Finding {
    let path = folder.display().to_string();
    let values = |free: u64| [("free_mb", (free / 1_000_000).to_string()), ("path", path.clone())];
    match free {
        Some(free) if free < DISK_LOW => {
            let todo =
                "Make room, or keep files in S3 (media_url): customers' files are not kept when the disk is full.";
            with(warning("disk_low", format!("{} MB are free at {path}", free / 1_000_000), todo), values(free))
        }
        Some(free) => with(ok("disk_ok", format!("{} GB are free at {path}", free / 1_000_000_000)), values(free)),
        None => {
            let found = format!("how much is free at {path} cannot be told");
            with(warning("disk_unknown", found, "Look whether data_dir exists and may be written."), values(0))
        }
    }
}

fn address(config: &Config) -> Finding {
    let todo = "Set public_url to the https address of the proxy in front of linedesk.";
    match (&config.public_url, config.media_origin()) {
        (Some(url), Some(_)) => with(ok("address_ok", format!("the public address is {url}")), [("url", url.clone())]),
        (Some(url), None) => {
            let found = format!("the public address {url} is not https, so LINE fetches nothing from it");
            with(wrong("address_not_https", found, todo), [("url", url.clone())])
        }
        (None, _) => warning("address_missing", "public_url is not set: texts work, files cannot be sent", todo),
    }
}

/// What LINE says of a channel, and whose webhooks came. `token` is what there is to ask it with.
pub(crate) async fn channel(
    config: &Config,
    line: &LineClient,
    (name, misdirected): (&str, Option<&(String, Timestamp)>),
    token: Result<AccessToken, CallError>,
    now_ms: i64,
    with_test: bool,
) -> Vec<Finding> {
    let mut findings = match token {
        Ok(token) => asked(config, line, name, &token, now_ms, with_test).await,
        Err(error) => {
            let error = cause(&error);
            let todo = "Look at the channel's LINE id, its secret and its key (Console: Settings, LINE accounts).";
            vec![with(
                wrong("token_not_issued", format!("there is no access token: {error}"), todo),
                [("error", error)],
            )]
        }
    };
    findings.extend(misdirected.map(|(destination, at)| other_account(destination, *at)));
    let about = |finding| Finding { channel: Some(name.to_owned()), ..finding };
    findings.into_iter().map(about).collect()
}

/// Webhooks came that the channel's secret signed, for another account than its access token is of.
fn other_account(destination: &str, at: Timestamp) -> Finding {
    let at = at.to_string();
    let found = format!("webhooks for another LINE account ({destination}) were refused, the latest at {at}");
    let todo = "Give the channel the secret and the access token of one account; what LINE sends again comes in then.";
    with(wrong("webhook_misdirected", found, todo), [("destination", destination.to_owned()), ("at", at)])
}

pub(crate) fn channel_off(name: &str) -> Finding {
    let todo = "Switch it on when it is to be used: `linedesk channel enable`, or in the console.";
    Finding { channel: Some(name.to_owned()), ..warning("channel_off", "it is switched off", todo) }
}

/// An error and what is under it, on one line.
fn cause(error: &CallError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

async fn asked(
    config: &Config,
    line: &LineClient,
    name: &str,
    token: &AccessToken,
    now_ms: i64,
    with_test: bool,
) -> Vec<Finding> {
    let info = match line.bot_info(token).await {
        Ok(info) => info.body,
        Err(CallError::Status { status: 401 | 403, .. }) => {
            let todo = format!("Issue a new channel access token ({CONSOLE}) and give it to linedesk.");
            return vec![wrong("token_refused", "LINE does not take the channel access token", todo)];
        }
        Err(error) => {
            let error = cause(&error);
            let todo = "Look whether this machine reaches api.line.me over https, and at line_api_url.";
            let found = format!("LINE cannot be asked: {error}");
            return vec![with(wrong("line_unreachable", found, todo), [("error", error)])];
        }
    };
    let account = format!("{} ({})", info.display_name, info.basic_id);
    let mut findings = vec![with(ok("token_ok", format!("its access token is of {account}")), [("account", account)])];
    findings.extend(chat(config.mark_as_read, &info.chat_mode, &info.mark_as_read_mode));
    findings.extend(webhook(config, line, token, name, now_ms, with_test).await);
    findings.push(quota(line, token).await);
    findings
}

fn chat(policy: MarkAsRead, chat_mode: &str, read_mode: &str) -> Vec<Finding> {
    let marks = policy != MarkAsRead::Off;
    let mut findings = vec![match (chat_mode == "chat", marks) {
        (true, true) => ok("chat_on_reads", "chat is on, so messages can be marked as read"),
        (true, false) => {
            let todo = format!(
                "Turn chat off ({MANAGER}), or tell everybody: what is typed in LINE's own chat never reaches linedesk."
            );
            warning("chat_on", "chat is on in LINE's own manager", todo)
        }
        (false, false) => ok("chat_off", "chat is off in LINE's own manager"),
        (false, true) => {
            let todo = format!("Turn chat on ({MANAGER}), or set mark_as_read to off.");
            warning("chat_off_reads", "chat is off, so LINE marks nothing as read", todo)
        }
    }];
    if marks && read_mode == "auto" {
        let todo = format!("Set it to manual ({MANAGER}), or mark_as_read to off.");
        findings.push(warning("reads_auto", "LINE marks messages as read by itself", todo));
    }
    findings
}

async fn quota(line: &LineClient, token: &AccessToken) -> Finding {
    let (Ok(quota), Ok(used)) = tokio::join!(line.quota(token), line.quota_consumption(token)) else {
        return warning("quota_unknown", "LINE does not tell the quota", "Try again later.");
    };
    let used = used.body.total_usage;
    let values = |limit: i64| [("used", used.to_string()), ("limit", limit.to_string())];
    match quota.body.value {
        Some(limit) if used >= limit => {
            let found = format!("all {limit} paid messages of this month are used: only free replies go out");
            let todo = "Choose a larger plan, or buy messages, in the LINE Official Account Manager.";
            with(warning("quota_spent", found, todo), values(limit))
        }
        Some(limit) => {
            with(ok("quota_ok", format!("{used} of {limit} paid messages of this month are used")), values(limit))
        }
        None => ok("quota_none", "there is no limit of paid messages"),
    }
}

async fn webhook(
    config: &Config,
    line: &LineClient,
    token: &AccessToken,
    name: &str,
    now_ms: i64,
    with_test: bool,
) -> Vec<Finding> {
    let wanted = webhook_url(config, name);
    let endpoint = match line.webhook_endpoint(token).await {
        Ok(endpoint) => endpoint.body,
        Err(CallError::Status { status: 404, .. }) => {
            let url = if config.public_url.is_some() { wanted } else { format!("https://…{wanted}") };
            let todo = format!("Enter {url} ({CONSOLE}).");
            return vec![with(wrong("webhook_missing", "LINE has no webhook URL", todo), [("wanted", url)])];
        }
        Err(error) => {
            let error = cause(&error);
            let found = format!("LINE does not tell the webhook URL: {error}");
            return vec![with(warning("webhook_unknown", found, "Try again later."), [("error", error)])];
        }
    };
    let url = endpoint.endpoint;
    let mut findings = Vec::new();
    findings.push(if config.public_url.is_some() && wanted != url {
        let todo = format!("Enter {wanted} ({CONSOLE}), or mend public_url.");
        let finding = warning("webhook_other", format!("LINE calls {url}"), todo);
        with(finding, [("url", url), ("wanted", wanted)])
    } else {
        with(ok("webhook_ok", format!("LINE calls {url}")), [("url", url)])
    });
    if !endpoint.active {
        let todo = format!("Turn \"Use webhook\" on ({CONSOLE}).");
        findings.push(wrong("webhook_off", "the webhook is switched off", todo));
    }
    if with_test {
        findings.extend(test(line, token, now_ms).await);
    }
    findings
}

async fn test(line: &LineClient, token: &AccessToken, now_ms: i64) -> Vec<Finding> {
    match line.test_webhook_endpoint(token).await {
        Ok(test) if test.body.success => {
            let mut findings = vec![ok("webhook_test_ok", "LINE's test of the webhook succeeds")];
            findings.extend(clock(&test.body.timestamp, now_ms));
            findings
        }
        Ok(test) => {
            let reason = format!("{} {}", test.body.reason, test.body.detail);
            let todo = "Look whether linedesk runs, the proxy passes /line/webhook on, and the certificate is whole; a 400 is \
                        a wrong channel secret.";
            let found = format!("LINE's test of the webhook fails: {reason}");
            vec![with(wrong("webhook_test_failed", found, todo), [("reason", reason)])]
        }
        Err(error) => {
            let error = cause(&error);
            let found = format!("LINE does not test the webhook now: {error}");
            vec![with(warning("webhook_not_tested", found, "Try again later."), [("error", error)])]
        }
    }
}

/// LINE tells when it tested; none where it does not.
fn clock(told: &str, now_ms: i64) -> Option<Finding> {
    let told: jiff::Timestamp = told.parse().ok()?;
    let off = Duration::from_millis(told.as_millisecond().abs_diff(now_ms));
    if off <= CLOCK_OFF {
        return Some(ok("clock_ok", "this machine's clock agrees with LINE's"));
    }
    let seconds = off.as_secs().to_string();
    let found = format!("this machine's clock is {seconds} s away from LINE's");
    let todo = "Let the machine keep its time by NTP: hours, links and sign-ins go by it.";
    Some(with(warning("clock_off", found, todo), [("seconds", seconds)]))
}

/// Of the file system that a folder is on.
fn free_bytes(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|part| part.exists())?;
    let told = rustix::fs::statvfs(existing).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn the_chat_of_lines_own_manager_is_judged_by_what_the_desk_wants_of_it() {
        assert_eq!(codes(&chat(MarkAsRead::Off, "bot", "auto")), ["chat_off"]);
        assert_eq!(codes(&chat(MarkAsRead::Off, "chat", "manual")), ["chat_on"]);
        assert_eq!(codes(&chat(MarkAsRead::OnReply, "chat", "manual")), ["chat_on_reads"]);
        assert_eq!(codes(&chat(MarkAsRead::OnView, "bot", "auto")), ["chat_off_reads", "reads_auto"]);
    }

    #[test]
    fn a_clock_may_be_a_minute_off() {
        let at = |now_ms| clock("2026-01-01T00:00:00.000Z", now_ms).unwrap().code;
        assert_eq!(at(1_767_225_600_000 + 60_000), "clock_ok");
        assert_eq!(at(1_767_225_600_000 + 60_001), "clock_off");
        assert_eq!(at(1_767_225_600_000 - 3_600_000), "clock_off");
        assert_eq!(clock("yesterday", 0), None);
    }

    #[test]
    fn a_disk_that_runs_full_is_told_in_time() {
        let code = |free| disk(Path::new("data"), free).code;
        assert_eq!(code(Some(DISK_LOW)), "disk_ok");
        assert_eq!(code(Some(DISK_LOW - 1)), "disk_low");
        assert_eq!(code(None), "disk_unknown");
    }
}
