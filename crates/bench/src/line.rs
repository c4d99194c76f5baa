//! LINE, as far as the rows need it: profiles, files, and messages that are accepted at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a message's content is: a picture, and a video of a size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) picture: Bytes,
    pub(crate) video_bytes: usize,
}

/// LINE without files. Gives its address.
pub(crate) async fn start() -> anyhow::Result<String> {
    start_with(Contents::default()).await
}

/// With files: messages whose id begins with 9 are videos, others are pictures.
pub(crate) async fn start_with(contents: Contents) -> anyhow::Result<String> {
    let router = Router::new()
        .route("/v2/bot/profile/{user}", get(profile))
        .route("/v2/bot/message/{id}/content", get(content))
        .route("/v2/bot/message/push", post(accept))
        .route("/v2/bot/message/reply", post(accept))
        .route("/v2/bot/message/quota", get(async || Json(json!({"type": "none"}))))
        .route("/v2/bot/message/quota/consumption", get(async || Json(json!({"totalUsage": 0}))))
        .with_state(contents);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
    #[expect(clippy::disallowed_methods, reason = "it lives as long as the benchmark")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

/// A tenth of a second away.
async fn profile(Path(user): Path<String>) -> Json<Value> {
    tokio::time::sleep(Duration::from_millis(100)).await;
    Json(json!({"userId": user, "displayName": "Customer"}))
}

/// A push or a reply of one message.
async fn accept(Json(_): Json<Value>) -> Json<Value> {
    static NUMBER: AtomicU64 = AtomicU64::new(461_230_966_842_064_897);
    let id = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
    Json(json!({"sentMessages": [{"id": id, "quoteToken": "q"}]}))
}

async fn content(Path(id): Path<String>, State(contents): State<Contents>) -> axum::response::Response {
    if !id.starts_with('9') {
        return contents.picture.into_response();
    }
    let pieces = video(contents.video_bytes).map(Ok::<_, std::convert::Infallible>);
    axum::body::Body::from_stream(futures_util::stream::iter(pieces)).into_response()
}

/// The pieces of a video: an MP4's first box, then nothing to see.
pub(crate) fn video(size: usize) -> impl Iterator<Item = Bytes> + Send + use<> {
    const PIECE: usize = 64 * 1024;
    let head = Bytes::from_static(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom");
    let rest = size.saturating_sub(head.len());
    let nothing = Bytes::from(vec![0; PIECE]);
    let pieces = (0..rest.div_ceil(PIECE)).map(move |at| nothing.slice(..PIECE.min(rest - at * PIECE)));
    std::iter::once(head).chain(pieces)
}
