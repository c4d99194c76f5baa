//! What one operator sees: the list of conversations and one open thread, kept up by the socket alone, which comes back
//! after every cut, to whichever node it is sent.
//!
//! It takes what it is told and asks for nothing that a client need not ask for, so that it can be held against the log.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::client::{CHAT, Client};
use super::harness::DEADLINE;
use super::socket::{Frame, SocketClient};

/// After a connection that failed; a browser would wait longer.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Screen {
    client: Client,
    /// Where it connects next; a change of it ends no socket.
    addr: watch::Receiver<SocketAddr>,
    /// The LINE user whose thread is open.
    room: String,
    socket: Option<SocketClient>,
    last_seq: Option<i64>,
    list: BTreeMap<String, Value>,
    thread: BTreeMap<i64, Value>,
    pub(crate) connections: u32,
}

/// Screens that show the first conversations, one each, at a node.
pub(crate) fn screens(client: &Client, addr: &watch::Sender<SocketAddr>, users: &[String]) -> Vec<Screen> {
    users.iter().map(|user| Screen::new(client.clone(), addr.subscribe(), user)).collect()
}

/// Keeps all of them up as long as something goes on.
pub(crate) async fn watched<T>(screens: &mut [Screen], going_on: impl Future<Output = T>) -> T {
    tokio::select! {
        done = going_on => done,
        _ = join_all(screens.iter_mut().map(Screen::watch)) => unreachable!("it is kept up for ever"),
    }
}

impl Screen {
    pub(crate) fn new(client: Client, addr: watch::Receiver<SocketAddr>, room: &str) -> Self {
        Self {
            client,
            addr,
            room: room.to_owned(),
            socket: None,
            last_seq: None,
            list: BTreeMap::new(),
            thread: BTreeMap::new(),
            connections: 0,
        }
    }

    // CANCEL-SAFETY: a frame is learnt from as soon as it is read, and a socket that is not yet ready is made anew.
    async fn watch(&mut self) {
        loop {
            let Some(socket) = &mut self.socket else {
                if self.connect().await.is_none() {
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            };
            let went_on = socket.reads_on().await;
            for frame in socket.unread() {
                self.learn(frame);
            }
            if !went_on {
                self.socket = None;
            }
        }
    }

    async fn connect(&mut self) -> Option<()> {
        let client = self.client.at(*self.addr.borrow_and_update());
        let mut socket = SocketClient::try_connect(client.addr).await?;
        let mut payload = json!({"token": client.token});
        if let Some(seq) = self.last_seq {
            payload["resume_after"] = seq.into();
            socket.last_seq = seq;
        }
        let welcome = socket.try_command("auth", payload).await.filter(|frame| frame.kind == "auth_success")?.payload;
        if welcome["resumed"] == false {
            socket.last_seq = welcome["seq"].as_i64().unwrap();
            self.load(&client).await?;
        }
        let joined = socket.try_command("join_room", json!({"line_user_id": self.room})).await;
        // Events that came before belong to it as well.
        for frame in socket.unread() {
            self.learn(frame);
        }
        // Where the node cannot read, it is asked again.
        self.learn(joined.filter(|frame| frame.kind == "conversation_update")?);
        self.last_seq = Some(self.last_seq.unwrap_or(0).max(socket.last_seq));
        self.connections += 1;
        self.socket = Some(socket);
        Some(())
    }

    /// The list, as a client gets it that starts, or is too far behind.
    async fn load(&mut self, client: &Client) -> Option<()> {
        let request = client.request(reqwest::Method::GET, &format!("{CHAT}/conversations?limit=100"));
        let page: Value = request.send().await.ok()?.json().await.ok()?;
        for summary in page["conversations"].as_array()? {
            self.list.insert(summary["line_user_id"].as_str()?.to_owned(), summary.clone());
        }
        Some(())
    }

    fn learn(&mut self, frame: Frame) {
        if let Some(seq) = frame.seq {
            // The socket has made sure that they only grow.
            self.last_seq = Some(seq);
        }
        let of_room = frame.payload["line_user_id"] == self.room;
        match frame.kind.as_str() {
            "conversation_update" => {
                for message in frame.payload["messages"].as_array().into_iter().flatten().filter(|_| of_room) {
                    self.thread.insert(message["id"].as_i64().unwrap(), message.clone());
                }
                let user = frame.payload["line_user_id"].as_str().unwrap().to_owned();
                self.list.insert(user, frame.payload);
            }
            "new_message" | "message_sent" | "message_updated" if of_room => {
                self.thread.insert(frame.payload["id"].as_i64().unwrap(), frame.payload);
            }
            "message_ack" | "message_failed" if of_room => {
                if let Some(message) = self.thread.get_mut(&frame.payload["message_id"].as_i64().unwrap()) {
                    message["delivery"] = frame.payload["delivery"].clone();
                }
            }
            _ => {}
        }
    }

    /// How it differs from what the desk tells; none where it does not.
    async fn differs(&self, client: &Client, users: &[String]) -> Option<String> {
        let seen = |message: &Value| -> Value {
            json!([message["id"], message["content"], message["delivery"]["state"], message["delivery"]["cost"]])
        };
        let there: Vec<_> = client.thread(&self.room).await.iter().map(seen).collect();
        let shown: Vec<_> = self.thread.values().map(seen).collect();
        if let Some(missing) = there.iter().find(|message| !shown.contains(message)) {
            return Some(format!("the thread of {} does not show {missing}", self.room));
        }
        if let Some(wrong) = shown.iter().find(|message| !there.contains(message)) {
            return Some(format!("the thread of {} shows {wrong}", self.room));
        }
        for user in users {
            let there = client.conversation(user).await;
            let shown = self.list.get(user).unwrap_or(&Value::Null);
            for field in ["session", "chat_mode", "unread_count"] {
                if there[field] != shown[field] {
                    return Some(format!("{field} of {user} is {}, not {}", shown[field], there[field]));
                }
            }
            if there["last_message"]["id"] != shown["last_message"]["id"] {
                return Some(format!("the last message of {user} is {}", shown["last_message"]));
            }
        }
        None
    }

    /// WS6: it comes to show what the desk tells of these conversations.
    pub(crate) async fn shows_what_is_there(&mut self, client: &Client, users: &[String]) {
        // The sign-in of before may have ended.
        self.client = client.clone();
        let mut difference = None;
        let comparing = async {
            loop {
                // What is on its way comes meanwhile.
                let _ = tokio::time::timeout(PAUSE, self.watch()).await;
                difference = self.differs(client, users).await;
                if difference.is_none() {
                    return;
                }
            }
        };
        let compared = tokio::time::timeout(DEADLINE, comparing).await;
        assert!(compared.is_ok(), "a screen ({} connections): {}", self.connections, difference.unwrap_or_default());
    }
}
