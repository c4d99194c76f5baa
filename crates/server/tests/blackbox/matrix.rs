//! AU3, SE3: who may do what. Every route of the description and every command of the socket, asked by everybody, about every
//! kind of conversation, against a table that was written by hand (`table`). A new route or command without a row fails.
//!
//! What differs is told all at once. A refused request must also leave everything as it was.

mod cast;
mod rows;
mod table;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use self::cast::{Caller, Cast, Conversation, NOTHING, Place};
use self::rows::{Cell, Row};
use super::client::{Answer, CHAT};
use super::harness::{PASSWORD, TestDesk};
use super::socket::{Frame, SocketClient};

#[tokio::test]
async fn every_route_and_every_command_has_a_row_in_the_table() {
    let desk = TestDesk::start().await;
    let description = desk.get("/openapi.json").await.ok();
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut rows = BTreeSet::new();
    for row in rows::desk(table::DESK).into_iter().chain(rows::conversation(table::CONVERSATION)) {
        let (method, path) = row.name.split_once(' ').unwrap();
        let path = full(path);
        rows.insert(format!("{method} {path}"));
        // What it answers is among what the description says that it may.
        let operation = &description["paths"][&path][method.to_lowercase()];
        for cell in &row.cells {
            let answer = row.answer(cell);
            let status = answer.split(' ').next().unwrap();
            assert!(operation["responses"][status].is_object(), "{method} {path}: {answer} is not described");
        }
    }
    assert_eq!(described, rows, "left: described, right: in the table");

    // As it is generated from the protocol's types.
    let bindings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/bindings/protocol.ts");
    let bindings = std::fs::read_to_string(bindings).unwrap();
    let commands = bindings.lines().find(|line| line.starts_with("export type Command = ")).unwrap();
    let commands: BTreeSet<_> =
        commands.split("\"type\": \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let rows = rows::socket(table::SOCKET);
    let rows: BTreeSet<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(commands, rows, "left: of the protocol, right: in the table");
}

#[tokio::test]
async fn au3_se3_over_rest_everybody_may_what_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut wrong = Vec::new();
    for row in rows::conversation(table::CONVERSATION).into_iter().chain(rows::desk(table::DESK)) {
        for cell in &row.cells {
            let at = cast.conversation(cell.caller, cell.place, row.changes && Row::is_ok(cell)).await;
            let told = told(&Answer::of(request(&cast, &row, cell.caller, &at)).await);
            compare(&mut wrong, &mut cast, &row, cell, &row.answer(cell), &told);
            if row.name.ends_with("/auth/logout") || row.name.ends_with("/auth/refresh") {
                cast.sign_in_anew(cell.caller).await;
            }
        }
    }
    wrong.extend(cast.changed().await);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn au3_se3_over_the_socket_everybody_may_what_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut wrong = Vec::new();
    let mut sockets = HashMap::new();
    for caller in [Caller::Agent, Caller::Admin, Caller::SuperAdmin, Caller::Shop] {
        sockets.insert(caller, cast.desk.socket(&cast.clients[&caller]).await);
    }
    let rows = rows::socket(table::SOCKET);
    for row in &rows {
        for cell in &row.cells {
            for by in [By::Name, By::Room] {
                let at = cast.conversation(cell.caller, cell.place, row.changes && Row::is_ok(cell)).await;
                let socket = sockets.get_mut(&cell.caller).unwrap();
                let told = say(&cast, socket, &row.name, cell, &at, by).await;
                // Nothing of this for the next one.
                socket.command("leave_room", json!({})).await.expect("room_left");
                socket.unread();
                if let Some(told) = told {
                    compare(&mut wrong, &mut cast, row, cell, &row.frame(cell), &told);
                }
            }
        }
    }
    // Who is not signed in.
    let mut socket = SocketClient::connect(cast.desk.addr()).await;
    for row in rows.iter().filter(|row| row.name != "auth") {
        let at = cast.conversation(Caller::Nobody, Place::Others, false).await;
        let payload = payload(&cast, &row.name, Caller::Nobody, Some(&at));
        let told = name(&socket.command(&row.name, payload).await);
        if told != "not_authenticated" {
            wrong.push(format!("{}, before `auth`: {told}", row.name));
        }
    }
    for (caller, expected) in [(Caller::Old, "auth_expired_token"), (Caller::Off, "auth_invalid_token")] {
        let mut socket = SocketClient::connect(cast.desk.addr()).await;
        let told = name(&socket.command("auth", payload(&cast, "auth", caller, None)).await);
        if told != expected {
            wrong.push(format!("auth, {caller:?}: {told}, not {expected}"));
        }
    }
    wrong.extend(cast.changed().await);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn compare(wrong: &mut Vec<String>, cast: &mut Cast, row: &Row, cell: &Cell, expected: &str, told: &str) {
    if told != expected {
        let (caller, place) = (cell.caller, cell.place);
        wrong.push(format!("{} {} by {caller:?}, {place:?}: {told}, not {expected}", row.name, row.variant));
        cast.forget(caller, place);
    }
}

// REST.

/// A row's path as the description has it.
fn full(path: &str) -> String {
    let path = path.replace('…', "/admin/live-chat/conversations/{key}");
    let has_no_prefix = ["/media/", "/docs", "/healthz", "/readyz"].iter().any(|begin| path.starts_with(begin));
    if has_no_prefix { path } else { format!("/api/v1{path}") }
}

fn request(cast: &Cast, row: &Row, caller: Caller, at: &Conversation) -> RequestBuilder {
    let (method, path) = row.name.split_once(' ').unwrap();
    let id = match path {
        "/admin/channels/{id}" => cast.shop.to_string(),
        "/admin/live-chat/messages/{id}/fetch" => cast.file_message.to_string(),
        "/media/stickers/{id}" => "52002734".to_owned(),
        _ => cast.file.clone(),
    };
    let mut url = full(path).replace("{key}", &at.id.to_string()).replace("{id}", &id).replace("{channel}", "default");
    if path.ends_with("/search") {
        url = format!("{CHAT}/messages/search?q=hello&line_user_id={}", at.user);
    }
    let request = cast.request(caller, method, &url);
    if path == "…/media" {
        return request.multipart(Form::new().part("file", Part::bytes(b"x".to_vec()).file_name("a.txt")));
    }
    let body = match path {
        "/auth/login" => json!({"username": "nok", "password": PASSWORD}),
        "/auth/password" => json!({"current_password": "x", "new_password": "short"}),
        "/admin/channels" if method == "POST" => {
            json!({"name": format!("of-{caller:?}").to_lowercase(), "is_active": false})
        }
        "/admin/channels/{id}" => json!({"is_active": true}),
        "/admin/doctor" => json!({"test": false}),
        "/admin/live-chat/conversations" if method == "POST" => json!({"line_user_id": at.user}),
        "/admin/live-chat/messages/validate" => json!({"line_message": {"type": "text", "text": "x"}}),
        "/line/webhook" | "/line/webhook/{channel}" => json!({"destination": "U", "events": []}),
        "…/messages" if method == "POST" => json!({"text": "x"}),
        "…/notes" => json!({"text": "x"}),
        "…/transfer" => json!({"to_operator_id": cast.bea}),
        "…/mode" => json!({"mode": row.variant}),
        "…/read" => json!({"message_id": at.message}),
        _ => return request,
    };
    request.json(&body)
}

/// `200`, `403 forbidden`, `404 session_not_found none`.
fn told(answer: &Answer) -> String {
    let problem = serde_json::from_str::<Value>(&answer.text).unwrap_or_default();
    let parts = [&problem["code"], &problem["details"]["reason"]].into_iter().filter_map(Value::as_str);
    let parts = parts.filter(|_| answer.status >= 400);
    std::iter::once(answer.status.to_string()).chain(parts.map(str::to_owned)).collect::<Vec<_>>().join(" ")
}

// The socket.

/// How a command says which conversation it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    /// It says nothing: the joined room.
    Room,
}

/// Says it and gives the name of what comes back; none where it cannot be said like that.
async fn say(
    cast: &Cast,
    socket: &mut SocketClient,
    command: &str,
    cell: &Cell,
    at: &Conversation,
    by: By,
) -> Option<String> {
    let is_about_one = cell.place != Place::Nowhere;
    let mut payload = payload(cast, command, cell.caller, is_about_one.then_some(at));
    let is_typing = command.starts_with("typing_");
    if by == By::Room || (is_typing && is_about_one) {
        let target = json!({"conversation_id": at.id});
        let has_joined = socket.command("join_room", target).await.kind == "conversation_update";
        if by == By::Room {
            let named = payload.as_object_mut().unwrap().remove("conversation_id");
            if named.is_none() || !has_joined {
                return None;
            }
        }
    }
    if !is_typing {
        return Some(name(&socket.command(command, payload).await));
    }
    // WS7 has one in two seconds.
    cast.desk.advance(Duration::from_secs(2));
    let id = socket.send(command, payload).await;
    // It is answered only when it is refused, and before the next one.
    socket.command("ping", json!({})).await.expect("pong");
    let answer = socket.unread().into_iter().find(|frame| frame.reply_to.as_ref() == Some(&id));
    Some(answer.map_or_else(|| "silence".to_owned(), |frame| name(&frame)))
}

fn payload(cast: &Cast, command: &str, caller: Caller, at: Option<&Conversation>) -> Value {
    let mut payload = match command {
        "auth" => json!({"token": cast.clients[&caller].token}),
        "send_message" => json!({"text": "x"}),
        "retry_message" | "cancel_message" => return json!({"message_id": at.map_or(NOTHING, |at| at.sent)}),
        "mark_read" => json!({"message_id": at.map_or(NOTHING, |at| at.message)}),
        "transfer_session" => json!({"to_operator_id": cast.bea}),
        "set_status" => json!({"status": "away"}),
        _ => json!({}),
    };
    if let Some(at) = at {
        payload["conversation_id"] = at.id.into();
    }
    payload
}

/// A frame's type, or the code of a refusal.
fn name(frame: &Frame) -> String {
    match frame.kind.as_str() {
        "error" | "auth_error" => {
            let parts = [&frame.payload["code"], &frame.payload["details"]["reason"]];
            parts.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        kind => kind.to_owned(),
    }
}
