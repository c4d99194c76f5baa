//! DL7, a revoked token, and `retry_message` and `cancel_message`: what operators see of messages that did not go out, and
//! what they can do about it.

use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault};
use serde_json::json;

use super::harness::TestDesk;
use super::line_calls::pushes_only;

#[tokio::test]
async fn dl7_to_one_who_blocked_nothing_is_sent_and_the_operator_knows_before_typing() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.unfollow(&user).unwrap();
    let is_told = |payload: &serde_json::Value| payload["friend_status"] == "UNFOLLOWED";
    assert_eq!(socket.event_where("conversation_update", is_told).await.payload["line_user_id"], user);

    let body = json!({"line_user_id": user, "text": "hello", "temp_id": "t"});
    let sent = socket.command("send_message", body).await.expect("message_sent");
    assert_eq!(sent["delivery"]["state"], "withheld");
    let failed = socket.event("message_failed").await;
    assert_eq!((&failed["message_id"], &failed["temp_id"]), (&sent["id"], &json!("t")));
    assert_eq!((&failed["code"], &failed["delivery"]["state"]), (&json!("recipient_unreachable"), &json!("withheld")));
    assert!(failed["error"].as_str().unwrap().contains("blocked"), "{failed}");
    let retry = json!({"message_id": sent["id"]});
    socket.command("retry_message", retry.clone()).await.error("recipient_unreachable");

    desk.line.unblock(&user).unwrap();
    socket.event_where("conversation_update", |payload| payload["friend_status"] == "ACTIVE").await;
    let other = desk.customer_of("Marker", &ann).await;
    desk.worker_looks_twice(&ann, &other).await;
    assert!(desk.line_calls_with("hello").is_empty(), "it is not sent by itself");
    socket.command("retry_message", retry).await.expect("message_sent");
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "free");
    assert_eq!(desk.texts_at(&user), ["hello"]);
}

#[tokio::test]
async fn dl7_what_waits_when_the_customer_blocks_is_held_back() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.set_fault(Endpoint::Push, Fault::status(500).once());
    ann.writes(&user, "on its way").await;
    desk.called("on its way", 1).await;
    let waits = [ann.writes(&user, "waits").await, ann.writes(&user, "waits too").await];
    desk.line.unfollow(&user).unwrap();
    socket.event_where("conversation_update", |payload| payload["friend_status"] == "UNFOLLOWED").await;
    for sent in waits {
        let delivery = desk.in_time("it is held", async || {
            Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "withheld")
        });
        assert_eq!(delivery.await["code"], "recipient_unreachable");
        socket.event_where("message_failed", |payload| payload["message_id"] == sent["id"]).await;
    }
    assert!(desk.line_calls_with("waits").is_empty() && desk.line_calls_with("waits too").is_empty());
    assert!(desk.texts_at(&user).is_empty());
}

#[tokio::test]
async fn dl_a_revoked_token_fails_with_words_and_goes_free_once_it_is_mended() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.revoke_token();
    let sent = ann.writes(&user, "hello").await;
    let failed = socket.event("message_failed").await;
    assert_eq!((&failed["code"], &failed["retryable"]), (&json!("line_rejected"), &json!(true)));
    assert!(failed["error"].as_str().unwrap().contains("access token"), "LINE's words: {failed}");
    assert_eq!(ann.delivery(&user, &sent["id"]).await["state"], "failed");
    desk.line.restore_token();
    socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "free");
    assert_eq!(desk.texts_at(&user), ["hello"]);
}

#[tokio::test]
async fn ws_a_cancelled_message_never_goes_and_the_others_do() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.set_fault(Endpoint::Push, Fault::status(500).once());
    let first = ann.writes(&user, "first").await;
    desk.called("first", 1).await;
    let second = ann.writes(&user, "second").await;
    ann.writes(&user, "third").await;
    let cancel = json!({"message_id": second["id"]});
    let cancelled = socket.command("cancel_message", cancel.clone()).await.expect("message_failed");
    assert_eq!((&cancelled["message_id"], &cancelled["code"]), (&second["id"], &json!("conflict")));
    assert_eq!((&cancelled["delivery"]["state"], &cancelled["retryable"]), (&json!("failed"), &json!(false)));
    // What is on its way cannot be taken back, nor what was; and what is on its way is not to be sent again.
    let sending = json!({"message_id": first["id"]});
    for command in ["cancel_message", "retry_message"] {
        socket.command(command, sending.clone()).await.error("conflict");
    }
    socket.command("retry_message", cancel).await.error("conflict");
    desk.in_time("the others arrive", async || (desk.texts_at(&user).len() == 2).then_some(())).await;
    assert_eq!(desk.texts_at(&user), ["first", "third"]);
    ann.delivery_becomes(&user, &first["id"], "accepted").await;
    for command in ["cancel_message", "retry_message"] {
        socket.command(command, sending.clone()).await.error("conflict");
    }
    assert_eq!(desk.texts_at(&user), ["first", "third"]);
}

#[tokio::test]
async fn se3_retry_and_cancel_are_for_the_owner_or_an_admin() {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let root = desk.operator("root", Role::Admin).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.revoke_token();
    let sent = ann.writes(&user, "hello").await;
    ann.delivery_becomes(&user, &sent["id"], "failed").await;
    desk.line.restore_token();
    let (mut anns, mut bens, mut roots) = (desk.socket(&ann).await, desk.socket(&ben).await, desk.socket(&root).await);
    let it = json!({"message_id": sent["id"]});
    for command in ["retry_message", "cancel_message"] {
        bens.command(command, it.clone()).await.error("forbidden");
        let incoming = ann.thread(&user).await[0]["id"].clone();
        for id in [incoming, json!(999_999)] {
            anns.command(command, json!({"message_id": id})).await.error("not_found");
        }
        let missing = anns.command(command, json!({})).await.error("validation_error");
        assert!(missing["details"]["field"] == "message_id", "{missing}");
    }
    roots.command("retry_message", it).await.expect("message_sent");
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;
    assert_eq!(desk.texts_at(&user), ["hello"]);
}
