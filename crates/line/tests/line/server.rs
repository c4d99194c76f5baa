//! LINE's place taken: one server that keeps what it is asked, and one that breaks connections.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};
use linedesk_line::client::{AccessToken, LineClient, LineClientConfig};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) const TOKEN: &str = "s3cret-channel-token";
pub(crate) const USER: &str = "U4af4980629fb4b6c9a7f3a1d2c3b4a59";
pub(crate) const KEY: &str = "123e4567-e89b-12d3-a456-426614174000";

pub(crate) fn token() -> AccessToken {
    AccessToken(TOKEN.to_owned())
}

/// Far longer than any test takes.
pub(crate) fn config(api: SocketAddr, data: SocketAddr) -> LineClientConfig {
    LineClientConfig {
        api_url: format!("http://{api}"),
        data_api_url: format!("http://{data}/"),
        timeout: Duration::from_secs(60),
        connect_timeout: Duration::from_secs(60),
        ..LineClientConfig::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Api,
    Data,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) host: Host,
    pub(crate) method: Method,
    /// As it was sent, still encoded.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Both of LINE's hosts, and a client of them. They end with it.
pub(crate) struct Line {
    pub(crate) client: LineClient,
    pub(crate) config: LineClientConfig,
    requests: Arc<Mutex<Vec<Request>>>,
    _hosts: JoinSet<()>,
}

impl Line {
    pub(crate) async fn new(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let (answer, requests) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let mut hosts = JoinSet::new();
        let mut start = async |host| {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
            let take = move |request: axum::extract::Request| {
                let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
                async move {
                    let request = read(host, request).await;
                    let answer = answer(&request);
                    requests.lock().unwrap().push(request);
                    answer
                }
            };
            let router = Router::new().fallback(take);
            hosts.spawn(async move { axum::serve(listener, router).await.unwrap() });
            address
        };
        let config = config(start(Host::Api).await, start(Host::Data).await);
        Self { client: LineClient::new(&config).unwrap(), config, requests, _hosts: hosts }
    }

    /// One that always says the same.
    pub(crate) async fn saying(status: u16, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::new(move |_| answer(status, body.clone())).await
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The only request there was.
    pub(crate) fn request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }

    pub(crate) fn last(&self) -> Request {
        self.requests().last().unwrap().clone()
    }
}

pub(crate) fn answer(status: u16, body: impl Into<Body>) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.into()).into_response()
}

async fn read(host: Host, request: axum::extract::Request) -> Request {
    let (parts, body) = request.into_parts();
    Request {
        host,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    }
}

/// What happens to a request on a [`Wire`].
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// These bytes are the answer.
    Say(String),
    /// Nothing is sent, and the connection stays.
    Hold,
}

/// A server below HTTP. Each connection goes through the acts, one request each, and is closed after the last.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
    _connections: JoinSet<()>,
}

impl Wire {
    pub(crate) async fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let mut connections = JoinSet::new();
        let counted = Arc::clone(&requests);
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, acts.clone(), Arc::clone(&counted)));
            }
        });
        Self { address, requests, _connections: connections }
    }

    pub(crate) fn client(&self) -> LineClient {
        LineClient::new(&config(self.address, self.address)).unwrap()
    }

    /// One that gives up soon, but not before a busy machine has answered.
    pub(crate) fn hasty_client(&self) -> LineClient {
        let timeout = Duration::from_millis(500);
        LineClient::new(&LineClientConfig { timeout, ..config(self.address, self.address) }).unwrap()
    }

    /// How many requests arrived whole.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, acts: Vec<Act>, requests: Arc<AtomicUsize>) {
    let mut buffer = Vec::new();
    // The last request gets no answer but the end of the connection.
    for act in acts.into_iter().map(Some).chain([None]) {
        while !is_whole(&buffer) {
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        buffer.clear();
        match act {
            Some(Act::Say(answer)) => {
                requests.fetch_add(1, Ordering::SeqCst);
                stream.write_all(answer.as_bytes()).await.unwrap();
                if !answer.contains("keep-alive") {
                    return;
                }
            }
            Some(Act::Hold) => {
                requests.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            None => {
                requests.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Whether the head of a request and its body have arrived.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    bytes.len() >= end + 4 + length.unwrap_or(0)
}
