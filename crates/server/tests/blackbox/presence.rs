//! WS9: rooms, typing and presence, and that nothing of an operator stays behind.

use linedesk_protocol::Role;
use serde_json::{Value, json};

use super::client::Client;
use super::conversations::assert_keys;
use super::harness::TestDesk;
use super::socket::SocketClient;

async fn desk_with_a_chat() -> (TestDesk, Client, Client, String) {
    let desk = TestDesk::builder().without_limits().start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let user = desk.customer_of("Somchai", &ann).await;
    (desk, ann, ben, user)
}

async fn join(socket: &mut SocketClient, user: &str) -> Value {
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update")
}

#[tokio::test]
async fn ws9_presence_follows_sockets_and_statuses() {
    let (desk, ann, ben, _) = desk_with_a_chat().await;
    let mut onlooker = desk.socket(&ben).await;
    let first = desk.socket(&ann).await;
    let update = onlooker.presence(|who| who.len() == 2).await;
    let anns = &update["operators"].as_array().unwrap()[0];
    assert_eq!(anns, &json!({"id": ann.id, "name": "Ann", "status": "online", "active_chats": 1}));
    let mut second = desk.socket(&ann).await;
    second.command("set_status", json!({"status": "busy"})).await.expect("presence_update");
    let is_busy = |who: &[(i64, String)]| who.contains(&(ann.id, "busy".to_owned()));
    onlooker.presence(is_busy).await;
    first.close().await;
    let still = ben.get("/operators").await.ok();
    assert_eq!(still["operators"][0]["status"], "busy", "one of two sockets is enough");
    drop(second);
    onlooker.presence(|who| who.iter().all(|(id, _)| *id != ann.id)).await;
    assert_eq!(ben.get("/operators").await.ok()["operators"][0]["status"], "offline");
    // Whoever comes back begins anew.
    let mut again = desk.socket(&ann).await;
    onlooker.presence(|who| who.contains(&(ann.id, "online".to_owned()))).await;
    again.presence(|who| who.contains(&(ann.id, "online".to_owned()))).await;
}

#[tokio::test]
async fn ws9_whoever_joins_is_told_who_is_in_the_room() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut first, mut second) = (desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut first, &user).await;
    join(&mut second, &user).await;
    let there = second.event("operator_joined").await;
    assert_eq!(there["admin_id"], ann.id.to_string());
    let mut again = desk.socket(&ann).await;
    join(&mut again, &user).await;
    let there = again.event("operator_joined").await;
    assert_eq!(there["admin_id"], ben.id.to_string(), "not oneself, who is there with another socket");
    assert_eq!(first.event("operator_joined").await["admin_id"], ben.id.to_string());
    first.assert_none(&desk, "operator_joined").await;
}

#[tokio::test]
async fn a_customer_who_waits_too_long_is_told_once_as_a_warning_and_once_as_a_breach() {
    let builder = TestDesk::builder().manual_clock();
    let desk = builder.set("sla_first_response_seconds", "60").set("sla_warn_percent", "50").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    assert_eq!(socket.welcome["first_response_target_seconds"], 60);
    let user = desk.customer_waiting("Somchai").await;
    let answered = desk.customer_of("Hanako", &ann).await;
    ann.act(&answered, "messages", json!({"text": "hello"})).await.is(201);
    desk.advance(std::time::Duration::from_secs(30));
    let alert = socket.event("sla_alert").await;
    assert_keys(&alert, "metric value_seconds threshold_seconds conversation_id line_user_id session_id severity");
    let told = (&alert["metric"], &alert["severity"], &alert["value_seconds"], &alert["line_user_id"]);
    assert_eq!(told, (&json!("first_response"), &json!("warning"), &json!(30), &json!(user)));
    desk.advance(std::time::Duration::from_secs(30));
    let alert = socket.event("sla_alert").await;
    assert_eq!((&alert["severity"], &alert["threshold_seconds"]), (&json!("breach"), &json!(60)));
    // The next one is another customer's: neither was told twice.
    let late = desk.customer_waiting("Emma").await;
    desk.advance(std::time::Duration::from_secs(60));
    let alert = socket.event("sla_alert").await;
    assert_eq!((&alert["severity"], &alert["line_user_id"]), (&json!("breach"), &json!(late)));
}

#[tokio::test]
async fn ws9_presence_tells_how_many_chats_each_has() {
    let (desk, ann, ben, _) = desk_with_a_chat().await;
    let (mut anns, _bens) = (desk.socket(&ann).await, desk.socket(&ben).await);
    let user = desk.customer_waiting("Hanako").await;
    anns.command("claim_session", json!({"line_user_id": user})).await.expect("session_claimed");
    let has_two = |payload: &Value| payload["operators"][0]["active_chats"] == 2;
    anns.event_where("presence_update", has_two).await;
    // What came before tells of the past.
    anns.unread();
    anns.command("close_session", json!({"line_user_id": user})).await.expect("session_closed");
    anns.event_where("presence_update", |payload| payload["operators"][0]["active_chats"] == 1).await;
}

#[tokio::test]
async fn ws9_the_room_is_told_of_the_first_socket_in_and_the_last_one_out() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let mut inside = desk.socket(&ben).await;
    let mut outside = desk.socket(&ben).await;
    let room = join(&mut inside, &user).await["id"].to_string();
    let (mut first, mut second) = (desk.socket(&ann).await, desk.socket(&ann).await);
    join(&mut first, &user).await;
    let joined = inside.event("operator_joined").await;
    assert_eq!(joined, json!({"admin_id": ann.id.to_string(), "operator_name": "Ann", "room_id": room}));
    join(&mut second, &user).await;
    inside.assert_none(&desk, "operator_joined").await;
    assert_keys(&first.command("leave_room", json!({})).await.expect("room_left"), "conversation_id line_user_id");
    inside.assert_none(&desk, "operator_left").await;
    // The last one goes without a word.
    drop(second);
    assert_eq!(inside.event("operator_left").await, joined);
    outside.assert_none(&desk, "operator_joined").await;
    inside.assert_none(&desk, "operator_joined").await;
}

#[tokio::test]
async fn ws9_another_room_is_left_by_joining_one() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let other = desk.customer_of("Other", &ben).await;
    let (mut inside, mut mover) = (desk.socket(&ben).await, desk.socket(&ann).await);
    join(&mut inside, &user).await;
    join(&mut mover, &user).await;
    inside.event("operator_joined").await;
    join(&mut mover, &other).await;
    inside.event("operator_left").await;
    desk.says(&user, "hello?").await;
    inside.event_where("new_message", |message| message["content"] == "hello?").await;
    mover.assert_none(&desk, "new_message").await;
    // A room that does not exist leaves one in none, and says so.
    mover.command("join_room", json!({"conversation_id": 999})).await.error("conversation_not_found");
}

#[tokio::test]
async fn ws5_typing_is_told_to_the_others_in_the_room() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut typist, mut inside, mut outside) =
        (desk.socket(&ann).await, desk.socket(&ben).await, desk.socket(&ben).await);
    let conversation = join(&mut typist, &user).await["id"].clone();
    join(&mut inside, &user).await;
    typist.send("typing_start", json!({})).await;
    let typing = inside.event("typing_indicator").await;
    let expected = |is_typing: bool| {
        json!({"line_user_id": user, "conversation_id": conversation, "admin_id": ann.id.to_string(),
            "operator_name": "Ann", "is_typing": is_typing})
    };
    assert_eq!(typing, expected(true));
    typist.send("typing_stop", json!({})).await;
    assert_eq!(inside.event("typing_indicator").await, expected(false));
    typist.assert_none(&desk, "typing_indicator").await;
    outside.assert_none(&desk, "typing_indicator").await;
}

#[tokio::test]
async fn ws9_whoever_vanishes_types_no_more() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut typist, mut inside) = (desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut typist, &user).await;
    join(&mut inside, &user).await;
    typist.send("typing_start", json!({})).await;
    inside.event_where("typing_indicator", |payload| payload["is_typing"] == true).await;
    drop(typist);
    inside.event_where("typing_indicator", |payload| payload["is_typing"] == false).await;
    inside.event("operator_left").await;
}

#[tokio::test]
async fn ws9_rooms_are_empty_and_presence_is_gone_after_many_came_and_went() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let mut onlooker = desk.socket(&ben).await;
    join(&mut onlooker, &user).await;
    for n in 0..20 {
        let mut socket = desk.socket(&ann).await;
        join(&mut socket, &user).await;
        if n % 2 == 0 {
            socket.close().await;
        }
    }
    super::harness::eventually("ann is offline", async || {
        let operators = ben.get("/operators").await.ok();
        (operators["operators"][0]["status"] == "offline").then_some(())
    })
    .await;
    let frames = onlooker.all(&desk).await;
    let (joined, left) = frames.iter().fold((0, 0), |(joined, left), frame| match frame.kind.as_str() {
        "operator_joined" => (joined + 1, left),
        "operator_left" => (joined, left + 1),
        _ => (joined, left),
    });
    assert_eq!(joined, left, "whoever came has left");
    let analytics = desk.operator("boss", Role::Admin).await;
    let mut boss = desk.socket(&analytics).await;
    let load = boss.command("subscribe_analytics", json!({})).await.expect("analytics_update");
    assert_keys(&load, "waiting active longest_wait_seconds operators_online");
    assert_eq!((&load["operators_online"], &load["active"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn ws5_analytics_follow_the_load_while_one_wants_them() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let boss = desk.operator("boss", Role::Admin).await;
    let mut socket = desk.socket(&boss).await;
    let load = socket.command("subscribe_analytics", json!({})).await.expect("analytics_update");
    assert_eq!(load, json!({"waiting": 0, "active": 0, "longest_wait_seconds": null, "operators_online": 1}));
    let user = desk.customer_waiting("Somchai").await;
    socket.event_where("analytics_update", |load| load["waiting"] == 1).await;
    desk.advance(std::time::Duration::from_secs(90));
    let load = socket.command("unsubscribe_analytics", json!({})).await.expect("analytics_update");
    assert_eq!((&load["waiting"], &load["longest_wait_seconds"]), (&json!(1), &json!(90)));
    boss.act(&user, "claim", Value::Null).await.ok();
    socket.event("session_claimed").await;
    socket.assert_none(&desk, "analytics_update").await;
}
