//! Who asks, and what they ask about.

use std::collections::HashMap;
use std::time::Duration;

use linedesk_protocol::{OperatorId, Role, Timestamp};
use linedesk_simulator::{Content, IncomingMessage};
use linedesk_store::Origin;
use linedesk_store::ops::operators;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::blackbox::access::limit;
use crate::blackbox::client::{Answer, Client};
use crate::blackbox::harness::{DEADLINE, PASSWORD, TestDesk, eventually};
use crate::blackbox::line_events::new_user;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    Nobody,
    /// With a token whose time is over.
    Old,
    /// With a token of an account that was deactivated.
    Off,
    /// As a page's `<img>` or form would ask: an AGENT's cookies, no header.
    Page,
    Agent,
    Admin,
    SuperAdmin,
    /// An AGENT who sees the channel `shop` only; every conversation here is in `default`.
    Shop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// ACTIVE, the caller's.
    Own,
    /// ACTIVE, another agent's.
    Others,
    Waiting,
    /// No session is open.
    NoneOpen,
    /// There is no such conversation.
    Missing,
    /// About no conversation.
    Nowhere,
}

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) user: String,
    pub(super) id: i64,
    /// The customer's first message.
    pub(super) message: i64,
    /// One that LINE has accepted.
    pub(super) sent: i64,
}

/// An id that nothing has.
pub(super) const NOTHING: i64 = 999_999;

pub(super) struct Cast {
    pub(super) desk: TestDesk,
    /// Prepares and looks after; no caller.
    lead: Client,
    /// Whose the conversations of others are.
    nok: Client,
    /// To whom sessions are handed.
    pub(super) bea: i64,
    pub(super) clients: HashMap<Caller, Client>,
    media_cookie: String,
    /// What is asked about as long as nothing changes it.
    kept: HashMap<(Option<Caller>, Place), Conversation>,
    pub(super) shop: i64,
    /// A picture in the channel `default`, and its message.
    pub(super) file: String,
    pub(super) file_message: i64,
}

impl Cast {
    pub(super) async fn assemble() -> Self {
        let desk = TestDesk::builder().public().without_limits().manual_clock().start().await;
        let mut clients = HashMap::from([(Caller::Old, desk.operator("old", Role::Agent).await)]);
        desk.advance(Duration::from_mins(16));
        for (caller, name, role) in [
            (Caller::Off, "off", Role::Admin),
            (Caller::Page, "page", Role::Agent),
            (Caller::Agent, "agent", Role::Agent),
            (Caller::Admin, "admin", Role::Admin),
            (Caller::SuperAdmin, "super", Role::SuperAdmin),
            (Caller::Shop, "shop", Role::Agent),
        ] {
            clients.insert(caller, desk.operator(name, role).await);
        }
        let (id, now) = (OperatorId(clients[&Caller::Off].id), Timestamp(desk.now_ms()));
        desk.in_store(move |tx| operators::deactivate(tx, id, &Origin::system("test"), now)).await;
        let (lead, nok) = (desk.operator("lead", Role::Admin).await, desk.operator("nok", Role::Agent).await);
        let bea = desk.add_operator("bea", Role::Agent).await.0;
        let wish = json!({
            "name": "shop", "channel_secret": desk.line.channel_secret(), "access_token": desk.line.channel_access_token(),
        });
        let made = Answer::of(lead.request(Method::POST, "/api/v1/admin/channels").json(&wish)).await.is(201);
        limit(&desk, &clients[&Caller::Shop], &["shop"]).await;
        let (file, file_message) = picture(&desk, &lead).await;
        let mut cast = Self {
            shop: made["id"].as_i64().unwrap(),
            media_cookie: String::new(),
            kept: HashMap::new(),
            desk,
            lead,
            nok,
            bea,
            clients,
            file,
            file_message,
        };
        cast.sign_in_anew(Caller::Page).await;
        cast
    }

    /// A request as the caller makes it.
    pub(super) fn request(&self, caller: Caller, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.desk.http.request(method, self.desk.url(path));
        match self.clients.get(&caller) {
            None => request,
            Some(page) if caller == Caller::Page => {
                let cookies = format!("linedesk_refresh={}; linedesk_media={}", page.cookie, self.media_cookie);
                request.header("cookie", cookies)
            }
            Some(client) => request.bearer_auth(&client.token),
        }
    }

    /// After something that ends or renews a sign-in; for those who can.
    pub(super) async fn sign_in_anew(&mut self, caller: Caller) {
        if matches!(caller, Caller::Nobody | Caller::Old | Caller::Off) {
            return;
        }
        let body = json!({"username": self.clients[&caller].username, "password": PASSWORD});
        let answer = self.desk.request(Method::POST, "/api/v1/auth/login", Some(&body)).await;
        let client = self.clients.get_mut(&caller).unwrap();
        answer.ok()["access_token"].as_str().unwrap().clone_into(&mut client.token);
        client.cookie = answer.refresh_cookie().unwrap();
        if caller == Caller::Page {
            let set = answer.set_cookie("linedesk_media").unwrap();
            set.split(['=', ';']).nth(1).unwrap().clone_into(&mut self.media_cookie);
        }
    }

    /// A conversation to ask about: one that stays as it is, or one of its own.
    pub(super) async fn conversation(&mut self, caller: Caller, place: Place, is_fresh: bool) -> Conversation {
        if matches!(place, Place::Missing | Place::Nowhere) {
            return Conversation { user: new_user(), id: NOTHING, message: NOTHING, sent: NOTHING };
        }
        if is_fresh {
            return self.make(caller, place).await;
        }
        let key = key(caller, place);
        if let Some(known) = self.kept.get(&key) {
            return known.clone();
        }
        let made = self.make(caller, place).await;
        let sent = self.send_into(&made, place).await;
        let made = Conversation { sent, ..made };
        self.kept.insert(key, made.clone());
        made
    }

    async fn make(&self, caller: Caller, place: Place) -> Conversation {
        let user = match place {
            Place::Own => self.desk.customer_of("Own", &self.clients[&caller]).await,
            Place::Others => self.desk.customer_of("Others", &self.nok).await,
            Place::Waiting => self.desk.customer_waiting("Waiting").await,
            Place::NoneOpen => self.desk.customer_writing("None").await,
            Place::Missing | Place::Nowhere => unreachable!("there is none"),
        };
        let found = self.lead.conversation(&user).await;
        let message = found["messages"][0]["id"].as_i64().unwrap();
        Conversation { user, id: found["id"].as_i64().unwrap(), message, sent: NOTHING }
    }

    async fn send_into(&self, at: &Conversation, place: Place) -> i64 {
        if place == Place::NoneOpen {
            self.lead.act(at.id, "mode", json!({"mode": "HUMAN"})).await.ok();
        }
        let sent = self.lead.act(at.id, "messages", json!({"text": "hello"})).await.is(201);
        self.lead.delivery_becomes(&at.user, &sent["id"], "accepted").await;
        if place == Place::NoneOpen {
            self.lead.act(at.id, "mode", json!({"mode": "BOT"})).await.ok();
        }
        sent["id"].as_i64().unwrap()
    }

    /// Something happened to it that should not have.
    pub(super) fn forget(&mut self, caller: Caller, place: Place) {
        self.kept.remove(&key(caller, place));
    }

    /// What is not as it was, although nothing was allowed to change it.
    pub(super) async fn changed(&self) -> Vec<String> {
        let mut changed = Vec::new();
        for ((owner, place), at) in &self.kept {
            let session = self.lead.conversation(at.id).await["session"].clone();
            let expected = match place {
                Place::Own => json!(["ACTIVE", self.clients[&owner.unwrap()].id]),
                Place::Others => json!(["ACTIVE", self.nok.id]),
                Place::Waiting => json!(["WAITING", Value::Null]),
                _ => json!([Value::Null, Value::Null]),
            };
            if json!([session["status"], session["operator_id"]]) != expected {
                changed.push(format!("{owner:?} {place:?}: a refused request has made it {session}"));
            }
        }
        changed
    }
}

/// Only one's own is another one for everybody.
fn key(caller: Caller, place: Place) -> (Option<Caller>, Place) {
    ((place == Place::Own).then_some(caller), place)
}

async fn picture(desk: &TestDesk, lead: &Client) -> (String, i64) {
    let user = desk.customer("Pictured");
    desk.line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    eventually("the picture is there", async || {
        let message = lead.conversation(&user).await["messages"][0].clone();
        let id = message["media"]["id"].as_str()?.to_owned();
        (message["media"]["state"] == "ready").then(|| (id, message["id"].as_i64().unwrap()))
    })
    .await
}
