//! The processes under test: the desk, and the floors it is compared with.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use linedesk_core::clock::SystemClock;
use linedesk_line::{signature, webhook};
use linedesk_server::app::App;
use linedesk_server::config::{Config, Settings};
use tokio::net::TcpSocket;
use tokio::sync::broadcast;

pub(crate) const SECRET: &str = "bench-channel-secret";
pub(crate) const PASSWORD: &str = "bench-password";

/// Ends the process when its parent is gone, however that ended.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}

/// Serves a desk on a data directory until it is killed; prints its address when it is ready. Arguments: the data
/// directory, LINE's address, and other settings as `key=value`.
pub(crate) async fn desk(arguments: &[String]) -> anyhow::Result<()> {
    let [data_dir, line_url, settings @ ..] = arguments else {
        anyhow::bail!("expected a data directory and LINE's address")
    };
    let flag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let flags = [
        flag("listen", "127.0.0.1:0"),
        flag("data_dir", data_dir),
        flag("line_api_url", line_url),
        flag("line_data_api_url", line_url),
        flag("line_channel_secret", SECRET),
        flag("line_channel_access_token", "bench-token"),
        // Nobody fetches from it; without one no files are sent.
        flag("public_url", "http://127.0.0.1:1"),
        flag("bootstrap_admin", &format!("admin:{PASSWORD}")),
    ];
    let others = settings.iter().filter_map(|setting| setting.split_once('=')).map(|(key, value)| flag(key, value));
    let flags = flags.into_iter().chain(others);
    let config = Config::from_settings(&Settings::collect(flags, [], None)?)?;
    let app = App::start(config, Arc::new(SystemClock), None).await?;
    say(&app.addr().to_string());
    std::future::pending().await
}

#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn say(line: &str) {
    println!("{line}");
}

/// The floors: a webhook that only verifies and parses, and a broadcast of one encoded frame over the same socket
/// library.
pub(crate) async fn floor() -> anyhow::Result<()> {
    let (frames, _) = broadcast::channel::<Utf8Bytes>(16 * 1024);
    let router = Router::new()
        .route("/line/webhook", post(verify_and_parse))
        .route("/healthz", get(async || "ok"))
        .route("/ws", get(subscribe))
        .route("/broadcast/{count}", post(publish))
        .with_state(frames);
    // As many may wait as at the desk.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = socket.listen(4096)?;
    say(&listener.local_addr()?.to_string());
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn verify_and_parse(headers: HeaderMap, body: Bytes) -> Result<&'static str, StatusCode> {
    let given = headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).ok_or(StatusCode::BAD_REQUEST)?;
    if !signature::verify(SECRET, &body, given) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let envelope = webhook::parse_envelope(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    for event in &envelope.events {
        webhook::parse_event(event.get()).map_err(|_| StatusCode::BAD_REQUEST)?;
    }
    Ok("OK")
}

async fn subscribe(
    State(frames): State<broadcast::Sender<Utf8Bytes>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    let receiver = frames.subscribe();
    upgrade.read_buffer_size(4096).on_upgrade(move |socket| forward(socket, receiver))
}

async fn forward(mut socket: WebSocket, mut frames: broadcast::Receiver<Utf8Bytes>) {
    while let Ok(frame) = frames.recv().await {
        if socket.send(Message::Text(frame)).await.is_err() {
            return;
        }
    }
}

async fn publish(State(frames): State<broadcast::Sender<Utf8Bytes>>, Path(count): Path<u32>) {
    for seq in 0..count {
        let text = format!("{{\"type\":\"new_message\",\"seq\":{seq},\"payload\":\"{}\"}}", "x".repeat(440));
        let _ = frames.send(text.into());
        if seq % 16 == 0 {
            tokio::task::yield_now().await;
        }
    }
}
