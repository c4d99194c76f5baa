//! A socket as the console has one. What comes in is kept until the test asks for it; nothing is waited for without a
//! deadline, and "nothing came" is shown with a marker event that would have come after it.
//!
//! Every frame is checked on arrival: it has `type`, `payload` and an RFC 3339 `timestamp`, and seqs only grow (WS6).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::client::Client;
use super::harness::{DEADLINE, TestDesk};

/// A frame from the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) kind: String,
    pub(crate) payload: Value,
    pub(crate) seq: Option<i64>,
    pub(crate) reply_to: Option<String>,
}

impl Frame {
    fn read(text: &str) -> Self {
        let frame: Value = serde_json::from_str(text).unwrap();
        let time: jiff::Timestamp = frame["timestamp"].as_str().expect(text).parse().expect(text);
        assert!(time > jiff::Timestamp::UNIX_EPOCH, "{text}");
        assert!(frame["payload"].is_object(), "{text}");
        Self {
            kind: frame["type"].as_str().expect(text).to_owned(),
            payload: frame["payload"].clone(),
            seq: frame["seq"].as_i64(),
            reply_to: frame["reply_to"].as_str().map(str::to_owned),
        }
    }

    /// The payload of a frame that must be of this type.
    #[track_caller]
    pub(crate) fn expect(self, kind: &str) -> Value {
        assert_eq!(self.kind, kind, "{self:?}");
        self.payload
    }

    /// The payload of an `error` that must have this code (WS5); its own `reply_to` is the frame's.
    #[track_caller]
    pub(crate) fn error(self, code: &str) -> Value {
        assert_eq!((self.kind.as_str(), &self.payload["code"]), ("error", &json!(code)), "{self:?}");
        assert!(self.payload["message"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        assert!(self.payload["retryable"].is_boolean(), "{self:?}");
        assert_eq!(self.payload["reply_to"].as_str(), self.reply_to.as_deref(), "{self:?}");
        super::client::assert_says_no_internals(&self.payload.to_string());
        self.payload
    }
}

/// How a socket is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening {
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Bytes of the kernel's receive buffer: small for a client that reads slowly.
    pub(crate) receive_buffer: Option<u32>,
}

/// How a socket ended.
#[derive(Clone, Copy, Debug)]
enum End {
    /// With this close code.
    Closed(u16),
    /// Without one.
    Cut,
}

/// How long a client that expects cuts waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open socket.
pub(crate) struct SocketClient {
    stream: WebSocketStream<TcpStream>,
    unread: VecDeque<Frame>,
    next_id: u32,
    /// The newest seq so far: what a client would resume after.
    pub(crate) last_seq: i64,
    /// The payload of `auth_success`.
    pub(crate) welcome: Value,
    /// How it ended, once it has.
    end: Option<End>,
}

impl SocketClient {
    /// Opens a socket that is not signed in. An upgrade that is refused gives its status.
    pub(crate) async fn open(addr: SocketAddr, opening: &Opening) -> Result<Self, u16> {
        let mut request = format!("ws://{addr}/api/v1/ws/live-chat").into_client_request().unwrap();
        for (name, value) in &opening.headers {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let tcp = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = opening.receive_buffer {
            tcp.set_recv_buffer_size(bytes).unwrap();
        }
        let tcp = tcp.connect(addr).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        match tokio::time::timeout(DEADLINE, tokio_tungstenite::client_async(request, tcp)).await.unwrap() {
            Ok((stream, _)) => {
                Ok(Self { stream, unread: VecDeque::new(), next_id: 0, last_seq: 0, welcome: Value::Null, end: None })
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("the socket cannot be opened: {error}"),
        }
    }

    /// A socket that is not signed in.
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self::open(addr, &Opening::default()).await.unwrap()
    }

    /// As [`SocketClient::connect`], from a client that expects cuts.
    pub(crate) async fn try_connect(addr: SocketAddr) -> Option<Self> {
        let tcp = TcpStream::connect(addr).await.ok()?;
        let opening = tokio_tungstenite::client_async(format!("ws://{addr}/api/v1/ws/live-chat"), tcp);
        let (stream, _) = tokio::time::timeout(PATIENCE, opening).await.ok()?.ok()?;
        Some(Self { stream, unread: VecDeque::new(), next_id: 0, last_seq: 0, welcome: Value::Null, end: None })
    }

    /// Opens a socket and signs in; with `resume_after`, what was missed is replayed.
    pub(crate) async fn signed_in(client: &Client, resume_after: Option<i64>) -> Self {
        let mut socket = Self::connect(client.addr).await;
        socket.sign_in(client, resume_after).await;
        socket
    }

    /// The first `auth`.
    pub(crate) async fn sign_in(&mut self, client: &Client, resume_after: Option<i64>) {
        let mut payload = json!({"token": client.token});
        if let Some(seq) = resume_after {
            payload["resume_after"] = seq.into();
            self.last_seq = seq;
        }
        let answer = self.command("auth", payload).await;
        self.welcome = answer.expect("auth_success");
        if self.welcome["resumed"] == false {
            self.last_seq = self.welcome["seq"].as_i64().unwrap();
        }
    }

    // Out.

    /// Sends a command and gives its id.
    pub(crate) async fn send(&mut self, kind: &str, payload: Value) -> String {
        self.next_id += 1;
        let id = format!("{kind}-{}", self.next_id);
        let frame = json!({"type": kind, "payload": payload, "timestamp": "2026-01-05T03:00:00Z", "id": id});
        self.send_text(&frame.to_string()).await;
        id
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        // Should the server have closed already, reading tells.
        let _ = self.stream.send(Message::text(text)).await;
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        let _ = self.stream.send(Message::Binary(bytes.into())).await;
    }

    /// Closes as a browser does.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    // In.

    /// Sends a command and gives its answer.
    pub(crate) async fn command(&mut self, kind: &str, payload: Value) -> Frame {
        let id = self.send(kind, payload).await;
        self.answer(&id).await
    }

    /// As [`SocketClient::command`]; none where the socket ends before the answer, or none comes.
    pub(crate) async fn try_command(&mut self, kind: &str, payload: Value) -> Option<Frame> {
        let id = self.send(kind, payload).await;
        tokio::time::timeout(PATIENCE, self.find(|frame| frame.reply_to.as_deref() == Some(&id))).await.ok()?
    }

    /// Waits for another frame. False when the socket has ended.
    pub(crate) async fn reads_on(&mut self) -> bool {
        if self.unread.is_empty() && self.end.is_none() {
            self.read().await;
        }
        self.end.is_none()
    }

    /// The answer to a command.
    pub(crate) async fn answer(&mut self, id: &str) -> Frame {
        self.take(&format!("the answer to {id}"), |frame| frame.reply_to.as_deref() == Some(id)).await
    }

    /// The first unread frame of a type.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        self.event_where(kind, |_| true).await.payload
    }

    /// The first unread frame of a type whose payload is as wanted. Other frames stay unread.
    pub(crate) async fn event_where(&mut self, kind: &str, is_wanted: impl Fn(&Value) -> bool) -> Frame {
        self.take(kind, |frame| frame.kind == kind && is_wanted(&frame.payload)).await
    }

    /// The next unread frame, whatever it is.
    pub(crate) async fn next(&mut self) -> Frame {
        self.take("any frame", |_| true).await
    }

    /// Waits for a `presence_update` that is as wanted, and forgets those before it: they tell of the past. It tells who
    /// is there as `(id, status)`.
    pub(crate) async fn presence(&mut self, is_wanted: impl Fn(&[(i64, String)]) -> bool) -> Value {
        let who = |payload: &Value| -> Vec<(i64, String)> {
            let operators = payload["operators"].as_array().unwrap().iter();
            operators.map(|one| (one["id"].as_i64().unwrap(), one["status"].as_str().unwrap().to_owned())).collect()
        };
        let mut newest = self.event_where("presence_update", |_| true).await.payload;
        while !is_wanted(&who(&newest)) {
            newest = self.event_where("presence_update", |_| true).await.payload;
        }
        newest
    }

    /// Reads until everything that was published before this call is here, by a marker event that comes after it.
    pub(crate) async fn catch_up(&mut self, desk: &TestDesk) {
        let marker = desk.marker().await;
        self.event_where("conversation_update", |payload| payload["line_user_id"] == marker).await;
    }

    /// Everything unread, after [`SocketClient::catch_up`].
    pub(crate) async fn all(&mut self, desk: &TestDesk) -> Vec<Frame> {
        self.catch_up(desk).await;
        self.unread.drain(..).collect()
    }

    /// Asserts that no frame of a type has come, nor is on its way.
    pub(crate) async fn assert_none(&mut self, desk: &TestDesk, kind: &str) {
        self.catch_up(desk).await;
        let found: Vec<_> = self.unread.iter().filter(|frame| frame.kind == kind).collect();
        assert!(found.is_empty(), "{found:?}");
    }

    /// Waits for the end: the close code, or none when the connection ended without one. What was unread stays.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        let reading = async {
            loop {
                match self.end {
                    Some(End::Closed(code)) => return Some(code),
                    Some(End::Cut) => return None,
                    None => self.read().await,
                }
            }
        };
        tokio::time::timeout(DEADLINE, reading).await.expect("the server does not end the socket")
    }

    /// What came and was not asked for yet.
    pub(crate) fn unread(&mut self) -> Vec<Frame> {
        self.unread.drain(..).collect()
    }

    async fn take(&mut self, what: &str, is_wanted: impl Fn(&Frame) -> bool) -> Frame {
        match tokio::time::timeout(DEADLINE, self.find(is_wanted)).await {
            Ok(Some(frame)) => frame,
            Ok(None) => panic!("ended ({:?}) before: {what}; unread: {:#?}", self.end, self.unread),
            Err(late) => panic!("{late} ({DEADLINE:?}) for {what}; unread: {:#?}", self.unread),
        }
    }

    /// The first such frame; none when the socket ended before.
    async fn find(&mut self, is_wanted: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let mut seen = 0;
        loop {
            if let Some(at) = self.unread.iter().skip(seen).position(&is_wanted) {
                return self.unread.remove(seen + at);
            }
            seen = self.unread.len();
            if self.end.is_some() {
                return None;
            }
            self.read().await;
        }
    }

    // CANCEL-SAFETY: one await, which loses nothing.
    async fn read(&mut self) {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let frame = Frame::read(&text);
                if let Some(seq) = frame.seq {
                    assert!(seq > self.last_seq, "WS6: seq {seq} after {}: {frame:?}", self.last_seq);
                    self.last_seq = seq;
                }
                self.unread.push_back(frame);
            }
            Some(Ok(Message::Close(Some(frame)))) => self.end = Some(End::Closed(frame.code.into())),
            Some(Ok(Message::Close(None)) | Err(_)) | None => self.end = Some(End::Cut),
            Some(Ok(_)) => {}
        }
    }
}
