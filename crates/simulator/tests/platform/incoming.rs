//! Messages of every kind, their files, groups, and all that happens besides.

use linedesk_simulator::{Content, ControlError, IncomingMessage};
use reqwest::Method;
use serde_json::json;

use super::desk::{Desk, SOON, answer};

#[tokio::test]
async fn every_kind_has_lines_shape_and_its_file_is_served() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let photo = Content::sample("photo").unwrap();
    let (size, bytes) = (photo.length, photo.bytes.clone());
    let sent = desk.sim.send_message(&user, &IncomingMessage::image(photo).in_set("set", 1, 2)).unwrap();
    desk.sim.send_message(&user, &IncomingMessage::file("a.pdf", Content::new("x/y", "pdf"))).unwrap();
    desk.sim.send_message(&user, &IncomingMessage::sticker("446", "1988", &["hello"])).unwrap();
    desk.sim.send_message(&user, &IncomingMessage::location("Office", "Road 1", 13.5, 100.5)).unwrap();
    desk.sim.send_message(&user, &IncomingMessage::new("hologram").with("depth", 3)).unwrap();
    let messages: Vec<_> = desk.events("message").await.into_iter().map(|event| event["message"].clone()).collect();
    let kinds: Vec<_> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["image", "file", "sticker", "location", "hologram"]);
    assert_eq!(messages[0]["contentProvider"], json!({"type": "line"}));
    assert_eq!(messages[0]["imageSet"], json!({"id": "set", "index": 1, "total": 2}));
    assert_eq!((&messages[1]["fileName"], &messages[1]["fileSize"]), (&json!("a.pdf"), &json!(3)));
    assert!(messages[1].get("contentProvider").is_none(), "a file has none (LINE OpenAPI)");

    let path = format!("message/{}/content", sent.message_id);
    let response = desk.line(Method::GET, &path).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(size)));
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    assert_eq!(response.bytes().await.unwrap(), bytes);
    let preview = desk.line(Method::GET, &format!("{path}/preview")).send().await.unwrap();
    assert_eq!(preview.status().as_u16(), 200);
}

#[tokio::test]
async fn files_are_prepared_missing_cut_and_gone_as_told() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let ask = async |id: &str| {
        let response = desk.line(Method::GET, &format!("message/{id}/content")).send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.map(|bytes| bytes.len()).ok())
    };
    let send = |content: Content| desk.sim.send_message(&user, &IncomingMessage::image(content)).unwrap().message_id;
    let large = || Content { length: 1_000_000, ..Content::new("image/jpeg", "x") };
    let id = send(Content { preparing: 2, ..large() });
    let answers = [ask(&id).await.0, ask(&id).await.0, ask(&id).await.0];
    assert_eq!(answers, [202, 202, 200]);
    assert_eq!(ask(&send(Content { missing: true, ..large() })).await.0, 404);
    let id = send(Content { cut_at: Some(200_000), ..large() });
    assert_eq!(ask(&id).await, (200, None));
    assert_eq!(ask(&id).await, (200, Some(1_000_000)), "once");
    desk.sim.unsend(&id).unwrap();
    assert_eq!(ask(&id).await.0, 410);
    assert_eq!(ask("1").await.0, 404);
}

#[tokio::test]
async fn a_group_has_members_and_costs_one_for_each() {
    let desk = Desk::start().await;
    let (one, two) = (desk.friend(), desk.friend());
    let group = desk.sim.add_group(Some("Neighbours"), &[&one, &two]).unwrap();
    assert!(group.starts_with('C') && group.len() == 33);
    assert_eq!(desk.events("join").await[0]["source"], json!({"type": "group", "groupId": group}));
    desk.sim.send_message_as(&group, Some(&one), &IncomingMessage::text("hi all")).unwrap();
    let event = desk.events("message").await.pop().unwrap();
    assert_eq!(event["source"], json!({"type": "group", "groupId": group, "userId": one}));

    let get = async |path: String| desk.get(&path).await;
    assert_eq!(get(format!("group/{group}/members/count")).await.1, json!({"count": 2}));
    assert_eq!(get(format!("group/{group}/summary")).await.1["groupName"], "Neighbours");
    assert_eq!(get(format!("group/{group}/member/{one}")).await.1["displayName"], "Mali");
    let stranger = desk.friend();
    assert_eq!(get(format!("group/{group}/member/{stranger}")).await.0, 404);

    desk.sim.join_members(&group, &[&stranger]).unwrap();
    desk.sim.leave_members(&group, &[&two]).unwrap();
    assert_eq!(desk.events("memberJoined").await[0]["joined"]["members"][0]["userId"], stranger);
    assert!(desk.events("memberLeft").await[0].get("replyToken").is_none());
    let body = json!({"to": group, "messages": [{"type": "text", "text": "news"}]});
    desk.line(Method::POST, "message/push").json(&body).send().await.unwrap();
    assert_eq!((desk.sim.paid_used(), desk.sim.counted().paid, desk.sim.counted().push_calls), (2, 2, 1));
    let loading = json!({"chatId": group, "loadingSeconds": 5});
    let refused = desk.line(Method::POST, "chat/loading/start").json(&loading).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 400);

    desk.sim.remove_account(&group).unwrap();
    assert_eq!(desk.events("leave").await.len(), 1);
    assert_eq!(get(format!("group/{group}/summary")).await.0, 404);
    assert_eq!(desk.sim.add_group(None, &[]), Err(ControlError::InvalidMembers));
}

#[tokio::test]
async fn anything_else_can_happen_in_a_chat() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let part = ("postback", json!({"data": "a=1", "params": {"date": "2026-01-01"}}));
    desk.sim.send_event(&user, None, "postback", Some(part), true).unwrap();
    desk.sim.send_event(&user, None, "teleport", None, false).unwrap();
    let event = desk.events("postback").await.pop().unwrap();
    assert_eq!(event["postback"]["params"]["date"], "2026-01-01");
    assert!(event["replyToken"].is_string());
    assert!(desk.events("teleport").await[0].get("replyToken").is_none());
}

#[tokio::test]
async fn what_the_account_sends_is_fetched_and_judged() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let photo = desk.sim.picture_url("cup");
    let body = json!({"to": user, "messages": [
        {"type": "image", "originalContentUrl": photo, "previewImageUrl": photo},
        {"type": "video", "originalContentUrl": photo, "previewImageUrl": format!("{photo}x")},
    ]});
    let sent = desk.line(Method::POST, "message/push").json(&body).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 200);
    desk.sim.wait_for(|line| line.fetches().len() == 4, SOON).await.unwrap();
    let mut problems: Vec<_> =
        desk.sim.fetches().into_iter().map(|fetch| (fetch.kind, fetch.property, fetch.problem)).collect();
    problems.sort();
    let problem = |text: &str| Some(text.to_owned());
    let found: Vec<_> =
        problems.iter().map(|(kind, property, problem)| (kind.as_str(), property.as_str(), problem.clone())).collect();
    assert_eq!(
        found,
        [
            ("image", "originalContentUrl", None),
            ("image", "previewImageUrl", None),
            ("video", "originalContentUrl", problem("It is image/png")),
            ("video", "previewImageUrl", problem("It is refused")),
        ]
    );
}

#[tokio::test]
async fn people_come_and_go_only_where_the_account_is_told() {
    let desk = Desk::start().await;
    let (one, two) = (desk.friend(), desk.friend());
    let room = desk.sim.add_group(None, &[&one]).unwrap();
    assert!(room.starts_with('R'));
    assert_eq!(desk.sim.join_members(&one, &[&two]), Err(ControlError::UnknownCustomer), "a chat of two");
    assert_eq!(desk.sim.join_members(&room, &[&room]), Err(ControlError::UnknownCustomer), "no person");
    assert_eq!(desk.sim.add_group(Some("  "), &[&one]), Err(ControlError::InvalidName));
    assert_eq!(desk.sim.add_group(Some("Nest"), &[&room]), Err(ControlError::UnknownCustomer));
    desk.sim.remove_account(&room).unwrap();
    desk.sim.join_members(&room, &[&two]).unwrap();
    assert!(desk.events("memberJoined").await.is_empty(), "it is not there");
    desk.sim.follow(&room).unwrap();
    assert_eq!(desk.events("join").await.len(), 2);
    assert_eq!(desk.get(&format!("room/{room}/members/count")).await.1, json!({"count": 2}));
}

#[tokio::test]
async fn a_postback_is_told_and_its_display_text_is_on_the_phone_only() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let event = json!({"type": "postback", "part": ["postback", {"data": "a=1"}], "is_replyable": true,
        "display_text": "Opening hours"});
    let path = format!("/sim/chats/{user}/events");
    let sent = desk.sim(Method::POST, &path).json(&event).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    assert_eq!(desk.events("postback").await[0]["postback"], json!({"data": "a=1"}));
    assert!(desk.events("message").await.is_empty());
    let shown = desk.sim.messages(&user).pop().unwrap();
    assert_eq!(shown.text.as_deref(), Some("Opening hours"));
    assert_eq!(shown.content, Some(json!({"displayedBy": "postback"})));
    desk.sim.unfollow(&user).unwrap();
    let refused = desk.sim(Method::POST, &path).json(&event).send().await.unwrap();
    assert_eq!(refused.status(), 409);
    assert_eq!(desk.sim.messages(&user).len(), 1);
}

#[tokio::test]
async fn an_account_is_linked_or_it_fails() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let issue = async |user: &str| answer(desk.line(Method::POST, &format!("user/{user}/linkToken"))).await;
    let (status, issued) = issue(&user).await;
    assert_eq!((status, issued["linkToken"].as_str().map(str::len)), (200, Some(32)));
    assert_ne!(issue(&user).await.1, issued);
    assert_eq!(issue("U1").await.0, 404);
    for (result, is_replyable) in [("ok", true), ("failed", false)] {
        let event = json!({"type": "accountLink", "part": ["link", {"result": result, "nonce": "n1"}],
            "is_replyable": is_replyable});
        let sent = desk.sim(Method::POST, &format!("/sim/chats/{user}/events")).json(&event).send().await.unwrap();
        assert_eq!(sent.status(), 202);
        let event = desk.events("accountLink").await.pop().unwrap();
        assert_eq!(event["link"], json!({"result": result, "nonce": "n1"}));
        assert_eq!(event.get("replyToken").is_some(), is_replyable);
    }
}

#[tokio::test]
async fn the_account_tells_how_its_chat_is_set() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let info = async || {
        let info = desk.get("info").await.1;
        (info["chatMode"].clone(), info["markAsReadMode"].clone())
    };
    assert_eq!(info().await, (json!("chat"), json!("manual")));
    desk.sim.send_text(&user, "unread").unwrap();
    let patch = json!({"chat_mode": "bot", "mark_as_read_mode": "auto"});
    assert_eq!(answer(desk.sim(Method::PATCH, "/sim/settings").json(&patch)).await.0, 200);
    assert_eq!(info().await, (json!("bot"), json!("auto")));
    desk.sim.send_text(&user, "read at once").unwrap();
    let read: Vec<_> = desk.sim.messages(&user).iter().map(|message| message.read).collect();
    assert_eq!(read, [false, true]);
    let wrong = json!({"chat_mode": "loud"});
    assert_eq!(answer(desk.sim(Method::PATCH, "/sim/settings").json(&wrong)).await.0, 422);
    desk.sim.reset_settings();
    assert_eq!(info().await, (json!("chat"), json!("manual")));
}
