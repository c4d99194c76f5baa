//! `linedesk demo` and `linedesk simulate`.
//!
//! The demo is the real server beside a simulated LINE: what it shows was sent through the webhook, stored, and delivered
//! over LINE's own shapes. Its data is its own folder, so that it never meets a real desk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use linedesk_core::clock::SystemClock;
use linedesk_core::permission::Staff;
use linedesk_protocol::rest::{ListStatus, SendMessage};
use linedesk_protocol::{ErrorCode, Role};
use linedesk_simulator::{Content, IncomingMessage, Platform, Simulator, SimulatorOptions};
use linedesk_store::ops::channels::ChannelAccess;
use linedesk_store::ops::conversations::{self, Filter, Key};
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::ops::sessions::Command;
use linedesk_store::{Location, Origin, StoreError};

use super::{Failure, Signals, run_until_stopped, say, start_metrics};
use crate::app::App;
use crate::auth::{password, token};
use crate::config::{Config, Settings};
use crate::desk::Desk;
use crate::service;

/// Inside of the data directory, so that a demo never meets the desk that is there.
const DATA_DIR: &str = "demo";
/// Nobody but this machine reaches the demo, and its data is made up.
const PASSWORD: &str = "linedesk-demo";
const LEAD: &str = "demo";
const COLLEAGUE: &str = "agent";
const SAMPLES_WITHIN: Duration = Duration::from_secs(10);

/// What differs from a server: an embedded database always, and a quiet log beside what it prints.
pub(crate) fn prepare(settings: &mut Settings) -> Result<(), Failure> {
    if settings.is_set("database_url") || settings.is_set("nats_url") {
        let line = "the demo keeps its data in a folder of its own: start it without database_url and nats_url";
        return Err(Failure::Usage(line.to_owned()));
    }
    settings.set_default("log", "warn");
    // So that the queue shows how it runs short.
    settings.set_default("sla_first_response_seconds", "300");
    Ok(())
}

pub(crate) async fn demo(matches: &ArgMatches, mut config: Config) -> Result<(), Failure> {
    if !config.listen.ip().is_loopback() {
        let line = "--listen: everybody knows the demo's password, so it listens on 127.0.0.1 only";
        return Err(Failure::Usage(line.to_owned()));
    }
    let mut signals = Signals::listen()?;
    let (secret, access_token) = (token::random(), token::random());
    let console_url = format!("http://{}/", config.listen);
    let simulator = Simulator::start(SimulatorOptions {
        listen: simulator_listen(matches)?,
        channel_secret: secret.clone(),
        channel_access_token: access_token.clone(),
        console_url: (config.listen.port() != 0).then(|| console_url.clone()),
        ..SimulatorOptions::default()
    })
    .await
    .map_err(|error| anyhow::anyhow!(error))?;
    config.line_channel = Some((secret, access_token));
    config.line_api_url = simulator.base_url();
    config.line_data_api_url = simulator.base_url();
    if let Location::Sqlite { data_dir } = &mut config.location {
        data_dir.push(DATA_DIR);
    }
    config.data_dir.push(DATA_DIR);
    if config.public_url.is_none() && config.listen.port() != 0 {
        // The simulated LINE is on this machine too, and fetches what operators send.
        config.public_url = Some(format!("http://{}", config.listen));
    }
    config.bootstrap_admin = Some((LEAD.to_owned(), PASSWORD.to_owned()));
    let metrics = start_metrics(&config);
    let data_dir = config.location.to_string();
    let app = App::start(config, Arc::new(SystemClock), metrics).await?;
    simulator.set_webhook_url(format!("http://{}/line/webhook", app.addr()));
    add_samples(&app.desk, &simulator).await?;

    let out = &mut std::io::stdout();
    say(out, "The demo desk is open.");
    say(out, "");
    say(out, &format!("  Console   http://{}/", app.addr()));
    say(
        out,
        &format!(
            "            sign in as {LEAD} with the password {PASSWORD} (a colleague: {COLLEAGUE}, same password)"
        ),
    );
    say(out, &format!("  Phone     {}/", simulator.base_url()));
    say(out, "            be a customer of the simulated LINE; write \"agent\" to ask for a person");
    say(out, &format!("  Data      {data_dir}: delete it to start over"));
    say(out, "");
    say(out, "Ctrl+C stops it.");
    let done = run_until_stopped(app, &mut signals).await;
    simulator.shutdown().await;
    done
}

pub(crate) async fn simulate(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let defaults = SimulatorOptions::default();
    let (channel_secret, channel_access_token) =
        config.line_channel.clone().unwrap_or((defaults.channel_secret.clone(), defaults.channel_access_token.clone()));
    let webhook_url = matches.get_one::<String>("webhook-url").cloned();
    let simulator = Simulator::start(SimulatorOptions {
        listen: simulator_listen(matches)?,
        webhook_url,
        channel_secret: channel_secret.clone(),
        channel_access_token: channel_access_token.clone(),
        ..defaults
    })
    .await
    .map_err(|error| anyhow::anyhow!(error))?;
    let out = &mut std::io::stdout();
    let url = simulator.base_url();
    say(out, &format!("Simulated LINE: {url}/"));
    say(out, "A desk uses it with");
    say(out, &format!("  LINEDESK_LINE_API_URL={url} LINEDESK_LINE_DATA_API_URL={url}"));
    // Those of the configuration are the user's own and are not shown.
    if config.line_channel.is_none() {
        say(out, &format!("  LINEDESK_LINE_CHANNEL_SECRET={channel_secret}"));
        say(out, &format!("  LINEDESK_LINE_CHANNEL_ACCESS_TOKEN={channel_access_token}"));
    }
    say(out, "Ctrl+C stops it.");
    signals.wait().await;
    simulator.shutdown().await;
    Ok(())
}

fn simulator_listen(matches: &ArgMatches) -> Result<SocketAddr, Failure> {
    let text = matches.get_one::<String>("simulator-listen").map_or("", String::as_str);
    text.parse().map_err(|_| Failure::Usage(format!("--simulator-listen: expected 127.0.0.1:8090, not {text:?}")))
}

/// A customer of the demo, and what they have written so far.
struct Sample {
    name: &'static str,
    language: &'static str,
    picture: Option<&'static str>,
    is_friend: bool,
    texts: &'static [&'static str],
    /// The desk's answer; whoever gets one has asked for a person.
    answer: Option<&'static str>,
    blocks: bool,
}

const SAMPLES: [Sample; 6] = [
    Sample {
        name: "Tom",
        language: "en",
        picture: None,
        is_friend: false,
        texts: &["Is the office open on Saturday?"],
        answer: None,
        blocks: false,
    },
    Sample {
        name: "志明",
        language: "zh-TW",
        picture: None,
        is_friend: true,
        texts: &["請問補件要寄到哪裡？", "我找到了，謝謝。"],
        answer: None,
        blocks: true,
    },
    Sample {
        name: "Emma",
        language: "en",
        picture: None,
        is_friend: true,
        texts: &["Hi, my refund has not arrived yet.", "Order 20417. Can I talk to an agent?"],
        answer: None,
        blocks: false,
    },
    Sample {
        name: "มาลี",
        language: "th",
        picture: Some("leaf"),
        is_friend: true,
        texts: &["สวัสดีค่ะ เอกสารที่ส่งไปถึงหรือยังคะ", "ขอคุยกับเจ้าหน้าที่ค่ะ"],
        answer: Some("สวัสดีค่ะ ได้รับเอกสารแล้วนะคะ ขอตรวจสอบสักครู่ค่ะ"),
        blocks: false,
    },
    Sample {
        name: "結衣",
        language: "ja",
        picture: Some("cat"),
        is_friend: true,
        texts: &["予約の時間を午後に変更できますか", "担当者の方とお話しできますか"],
        answer: None,
        blocks: false,
    },
    Sample {
        name: "雅婷",
        language: "zh-TW",
        picture: Some("cup"),
        is_friend: true,
        texts: &["您好，我想改明天的預約時間", "可以找真人客服嗎？"],
        answer: None,
        blocks: false,
    },
];

/// Customers in the simulated LINE, and on an empty desk also what they wrote.
async fn add_samples(desk: &Desk, simulator: &Simulator) -> Result<(), Failure> {
    let failed = |error: linedesk_simulator::ControlError| anyhow::anyhow!(error);
    let lead = add_operators(desk).await?;
    let filter = Filter { status: ListStatus::All, ..Filter::default() };
    let page = desk.store.read::<_, StoreError, _>(move |tx| conversations::list(tx, &filter, None, 1)).await;
    let is_empty = page.map_err(|error| anyhow::anyhow!(error))?.conversations.is_empty();
    for sample in &SAMPLES {
        let picture = sample.picture.map(|name| simulator.picture_url(name));
        let user = simulator.add_customer(sample.name, sample.language, picture.as_deref()).map_err(failed)?;
        if sample.is_friend {
            simulator.follow(&user).map_err(failed)?;
        }
        if !is_empty {
            continue;
        }
        for text in sample.texts {
            simulator.send_text(&user, text).map_err(failed)?;
        }
        if sample.blocks {
            // Once the desk knows the name: LINE does not tell that of one who blocked the account.
            let profile = format!("/v2/bot/profile/{user}");
            let is_known = |platform: &Platform| platform.calls().any(|call| call.path == profile);
            simulator.wait_for(is_known, SAMPLES_WITHIN).await.map_err(|error| anyhow::anyhow!(error))?;
            simulator.unfollow(&user).map_err(failed)?;
        }
        // One after the other, so that the list is in this order too.
        simulator.wait_until_idle(SAMPLES_WITHIN).await.map_err(|error| anyhow::anyhow!(error))?;
        for message in sample_files(sample.name) {
            simulator.send_message(&user, &message).map_err(failed)?;
        }
        simulator.wait_until_idle(SAMPLES_WITHIN).await.map_err(|error| anyhow::anyhow!(error))?;
        if let Some(answer) = sample.answer {
            self::answer(desk, lead, &user, answer)
                .await
                .map_err(|code| anyhow::anyhow!("the sample answer: {code}"))?;
        }
    }
    Ok(())
}

/// What some of the customers send besides words.
fn sample_files(name: &str) -> Vec<IncomingMessage> {
    let photo = |index| Content::sample("photo").map(|photo| IncomingMessage::image(photo).in_set("demo", index, 3));
    match name {
        "มาลี" => [photo(1), photo(2), photo(3)]
            .into_iter()
            .chain([Content::sample("document").map(|file| IncomingMessage::file("ใบเสร็จ 2569.pdf", file))])
            .flatten()
            .collect(),
        "Emma" => [
            Content::sample("sound").map(|sound| IncomingMessage::audio(sound, 2_000)),
            Content::sample("video").map(|video| IncomingMessage::video(video, 3_000)),
            Some(IncomingMessage::location("Lumphini Park", "Rama IV Road, Bangkok", 13.7307, 100.5418)),
            Some(IncomingMessage::sticker("11537", "52002734", &["thank you", "bow"])),
        ]
        .into_iter()
        .flatten()
        .collect(),
        _ => Vec::new(),
    }
}

async fn answer(desk: &Desk, by: Staff, user: &str, text: &str) -> Result<(), ErrorCode> {
    let origin = || Origin { operator: Some(by.id), ..Origin::system("demo") };
    let key = Key::Chat(user.to_owned());
    let id = crate::http::extract::find(desk, &ChannelAccess::All, key).await.map_err(|error| error.code)?;
    service::act(desk, id, Command::Claim(by), origin()).await.map_err(|error| error.code)?;
    let message =
        SendMessage { text: Some(text.to_owned()), line_message: None, temp_id: None, quote_message_id: None };
    service::send(desk, by, id, message, origin()).await.map_err(|error| error.code)?;
    Ok(())
}

/// The colleague, where there is none yet; gives the lead, whom the start of the server has made.
async fn add_operators(desk: &Desk) -> Result<Staff, Failure> {
    let colleague = NewOperator {
        username: COLLEAGUE.to_owned(),
        display_name: "Agent".to_owned(),
        role: Role::Agent,
        password_hash: password::hash(PASSWORD.to_owned()).await?,
    };
    let now = desk.now();
    let done: Result<_, OperatorError> = desk
        .store
        .write(move |tx| {
            if operators::find_by_username(tx, COLLEAGUE)?.is_none() {
                operators::create(tx, &colleague, &Origin::system("demo"), now)?;
            }
            operators::find_by_username(tx, LEAD)?.ok_or(OperatorError::NotFound)
        })
        .await;
    let lead = done.map_err(|error| anyhow::anyhow!(error))?.value;
    Ok(Staff { id: lead.id, role: lead.role })
}
