//! REST as an operator uses it, and answers that check themselves against ER1–ER3.

use std::net::SocketAddr;

use linedesk_protocol::ErrorCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Prefix of everything but the sign-in.
pub(crate) const CHAT: &str = "/api/v1/admin/live-chat";

/// An operator who is signed in.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) addr: SocketAddr,
    pub(crate) id: i64,
    pub(crate) username: String,
    /// The access token.
    pub(crate) token: String,
    /// The value of the refresh cookie.
    pub(crate) cookie: String,
}

impl Client {
    pub(crate) async fn sign_in(http: reqwest::Client, addr: SocketAddr, username: &str, password: &str) -> Self {
        let body = json!({"username": username, "password": password});
        let answer = Answer::of(http.post(format!("http://{addr}/api/v1/auth/login")).json(&body)).await;
        let signed_in = answer.ok();
        Self {
            http,
            addr,
            id: signed_in["user"]["id"].as_i64().unwrap(),
            username: username.to_owned(),
            token: signed_in["access_token"].as_str().unwrap().to_owned(),
            cookie: answer.refresh_cookie().expect("a refresh cookie"),
        }
    }

    /// The same sign-in at another node, or after a restart.
    pub(crate) fn at(&self, addr: SocketAddr) -> Self {
        Self { addr, ..self.clone() }
    }

    /// A request with the access token, to any path.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.addr)).bearer_auth(&self.token)
    }

    /// `GET`, below `/api/v1/admin/live-chat`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, &format!("{CHAT}{path}"))).await
    }

    /// `POST`, below `/api/v1/admin/live-chat`. Null sends no body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, &format!("{CHAT}{path}"));
        Answer::of(if body.is_null() { request } else { request.json(body) }).await
    }

    /// What one does to a conversation: `claim`, `messages`, …
    pub(crate) async fn act(&self, key: impl std::fmt::Display, what: &str, body: Value) -> Answer {
        self.post(&format!("/conversations/{key}/{what}"), &body).await
    }

    /// A conversation's summary and latest messages.
    pub(crate) async fn conversation(&self, key: impl std::fmt::Display) -> Value {
        self.get(&format!("/conversations/{key}")).await.ok()
    }

    /// A conversation's integer id.
    pub(crate) async fn id_of(&self, key: &str) -> i64 {
        self.conversation(key).await["id"].as_i64().unwrap()
    }

    /// A request to `/api/v1/auth/…` with the access token and the refresh cookie.
    pub(crate) async fn auth(&self, method: Method, what: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, &format!("/api/v1/auth/{what}"));
        let request = request.header("cookie", format!("linedesk_refresh={}", self.cookie));
        Answer::of(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// `POST /auth/refresh` with a cookie and without an access token.
    pub(crate) async fn refresh_with(&self, cookie: &str) -> Answer {
        let url = format!("http://{}/api/v1/auth/refresh", self.addr);
        Answer::of(self.http.post(url).header("cookie", format!("linedesk_refresh={cookie}"))).await
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    /// The body of an answer that must be a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        self.is(200)
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body of an error, after checking its form (ER1), its code (ER2), and that it says no internals (ER3).
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(code.parse::<ErrorCode>().is_ok(), "{code} is not in the table");
        for name in ["type", "title", "detail", "request_id"] {
            assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {problem}");
        }
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{problem}");
        for name in problem.as_object().unwrap().keys() {
            let known = ["type", "title", "status", "detail", "code", "request_id", "errors", "details"];
            assert!(known.contains(&name.as_str()), "{name}: {problem}");
        }
        assert_says_no_internals(&self.text);
        problem
    }

    /// As [`Answer::problem`] for `validation_error`: 422, and `errors` names the field.
    #[track_caller]
    pub(crate) fn names_field(&self, field: &str) {
        let problem = self.problem(422, "validation_error");
        let fields: Vec<_> = problem["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
        assert!(fields.contains(&&json!(field)), "{field}: {problem}");
    }

    /// The refresh cookie that this answer sets.
    pub(crate) fn refresh_cookie(&self) -> Option<String> {
        let cookie = self.set_cookie("linedesk_refresh")?;
        let value = cookie.split(';').next()?.strip_prefix("linedesk_refresh=")?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    }

    /// The whole `Set-Cookie` for a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(SET_COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        all.filter(|text| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))).map(str::to_owned).next()
    }
}

/// ER3: no SQL, no paths of the source, no names of what is inside.
#[track_caller]
pub(crate) fn assert_says_no_internals(text: &str) {
    let lower = text.to_lowercase();
    for word in ["sqlite", "postgres", "select ", "insert ", ".rs", "panicked", "axum", "serde", "/work", "storeerror"]
    {
        assert!(!lower.contains(word), "`{word}` in {text}");
    }
}
