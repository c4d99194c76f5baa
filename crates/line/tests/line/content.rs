//! Files behind messages, as they arrive.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::IntoResponse as _;
use futures_util::{StreamExt as _, TryStreamExt as _};
use linedesk_line::client::{Content, ContentError, ContentStream, LineClient, LineClientConfig};

use super::server::{Act, Host, Line, Wire, answer, config, token};

async fn open(client: &LineClient) -> ContentStream {
    match client.content(&token(), "461230966842064897").await.unwrap() {
        Content::Ready(content) => content,
        other => panic!("{other:?}"),
    }
}

/// The first `max_bytes` are taken.
fn limited(config: &LineClientConfig, max_bytes: u64) -> LineClient {
    LineClient::new(&LineClientConfig { content_max_bytes: max_bytes, ..config.clone() }).unwrap()
}

/// Without a length.
fn chunks(count: usize) -> Body {
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"0123456789")));
    Body::from_stream(futures_util::stream::iter(chunks.take(count)))
}

#[tokio::test]
async fn content_comes_in_pieces_with_its_type_and_length() {
    let file: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let body = file.clone();
    let line = Line::new(move |_| {
        ([("content-type", "image/jpeg"), ("x-line-request-id", "req-1")], body.clone()).into_response()
    })
    .await;
    let mut content = open(&line.client).await;
    assert_eq!((content.content_type.as_deref(), content.length), (Some("image/jpeg"), Some(300_000)));
    assert_eq!(content.request_id.as_deref(), Some("req-1"));
    let mut received = Vec::new();
    while let Some(chunk) = content.chunk().await.unwrap() {
        received.extend_from_slice(&chunk);
    }
    assert!(received == file);
    assert!(content.chunk().await.unwrap().is_none(), "the end stays the end");
    let request = line.request();
    assert_eq!((request.host, &*request.path), (Host::Data, "/v2/bot/message/461230966842064897/content"));
}

#[tokio::test]
async fn content_without_a_length_comes_whole() {
    let line = Line::new(|_| chunks(1000).into_response()).await;
    let content = open(&line.client).await;
    assert_eq!(content.length, None);
    let chunks: Vec<Bytes> = content.into_stream().try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"0123456789".repeat(1000));
}

#[tokio::test]
async fn content_that_is_not_there_says_why() {
    for (status, expected) in [(202, "Preparing"), (404, "NotFound"), (410, "Unsent")] {
        let line = Line::saying(status, r#"{"message":"Not found"}"#).await;
        let content = line.client.content(&token(), "1").await.unwrap();
        assert_eq!(format!("{content:?}"), expected);
    }
    for status in [204, 206, 400, 401, 429, 500] {
        let line = Line::saying(status, "").await;
        assert_eq!(line.client.content(&token(), "1").await.unwrap_err().status(), Some(status));
    }
}

#[tokio::test]
async fn content_of_a_length_that_is_too_much_is_refused_before_it_comes() {
    // None of it ever comes, so whoever waits for it sees a timeout.
    let head = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1001\r\n\r\n";
    let wire = Wire::new(vec![Act::Say(head.to_owned())]).await;
    let timeout = Duration::from_secs(5);
    let config = LineClientConfig { timeout, ..config(wire.address, wire.address) };
    let error = open(&limited(&config, 1000)).await.chunk().await.unwrap_err();
    assert!(matches!(error, ContentError::TooLarge { max_bytes: 1000 }), "{error:?}");
    let line = Line::new(|_| answer(200, vec![0; 1000])).await;
    let chunks: Vec<Bytes> = open(&limited(&line.config, 1000)).await.into_stream().try_collect().await.unwrap();
    assert_eq!(chunks.concat().len(), 1000);
}

#[tokio::test]
async fn content_without_a_length_ends_where_it_becomes_too_much() {
    let line = Line::new(|_| chunks(1000).into_response()).await;
    let mut content = Box::pin(open(&limited(&line.config, 995)).await.into_stream());
    let mut received = 0;
    let error = loop {
        match content.next().await.unwrap() {
            Ok(chunk) => received += chunk.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ContentError::TooLarge { max_bytes: 995 }), "{error:?}");
    assert!(received <= 995, "{received}");
    assert!(content.next().await.is_none(), "nothing comes after the error");
}

#[tokio::test]
async fn content_that_is_cut_is_no_content() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n",
    ] {
        let wire = Wire::new(vec![Act::Say(answer.to_owned())]).await;
        let result: Result<Vec<Bytes>, _> = open(&wire.client()).await.into_stream().try_collect().await;
        assert!(matches!(result, Err(ContentError::ConnectionLost(_))), "{result:?}");
        assert_eq!(wire.requests(), 1, "nothing is tried again by itself");
    }
}

#[tokio::test]
async fn content_that_stops_coming_is_given_up() {
    let head = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 100\r\n\r\n0123456789";
    let wire = Wire::new(vec![Act::Say(head.to_owned())]).await;
    let result: Result<Vec<Bytes>, _> = open(&wire.hasty_client()).await.into_stream().try_collect().await;
    assert!(matches!(result, Err(ContentError::Timeout)), "{result:?}");
    // Its own time is over sooner than the wait for a piece.
    let config = LineClientConfig { content_timeout: Duration::from_millis(500), ..config(wire.address, wire.address) };
    let result: Result<Vec<Bytes>, _> =
        open(&LineClient::new(&config).unwrap()).await.into_stream().try_collect().await;
    assert!(matches!(result, Err(ContentError::Timeout)), "{result:?}");
}
