//! WH4: whatever becomes of asking LINE for names and pictures, messages come and go.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault};
use serde_json::Value;

use super::client::Client;
use super::harness::{TestDesk, eventually};
use super::proxy::Proxy;

/// More than are asked for at once.
const CUSTOMERS: usize = 6;

/// Customers write, are answered and get the answer.
async fn chats(desk: &TestDesk, ann: &Client, label: &str) -> Vec<String> {
    let mut users = Vec::new();
    for n in 0..CUSTOMERS {
        let user = desk.customer_of(&format!("{label} {n}"), ann).await;
        ann.writes(&user, label).await;
        desk.arrives(&user, label).await;
        users.push(user);
    }
    users
}

async fn has_name(ann: &Client, user: &str) -> bool {
    ann.conversation(user).await["display_name"] != Value::Null
}

async fn names_come(desk: &TestDesk, ann: &Client, users: &[String]) {
    // What failed is tried again after half a minute.
    desk.advance(Duration::from_secs(31));
    for user in users {
        eventually("the name comes", async || has_name(ann, user).await.then_some(())).await;
    }
}

#[tokio::test]
async fn wh4_profiles_that_fail_or_hang_hold_up_no_message() {
    let desk = TestDesk::builder().manual_clock().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut users = Vec::new();
    for fault in [Fault::status(500), Fault::status(429), Fault::cut_before(), Fault::delay(Duration::from_millis(300))]
    {
        desk.line.set_fault(Endpoint::Other, fault);
        users.extend(chats(&desk, &ann, &format!("{:?}", fault.kind)).await);
    }
    desk.line.clear_faults();
    names_come(&desk, &ann, &users).await;
    desk.line.set_fault(Endpoint::Other, Fault::hang());
    let users = chats(&desk, &ann, "hangs").await;
    assert!(!has_name(&ann, &users[0]).await, "LINE still hangs");
}

#[tokio::test]
async fn wh4_messages_come_in_while_line_cannot_be_reached() {
    let proxy = Proxy::to("");
    let builder = TestDesk::builder().manual_clock().set("line_api_url", &proxy.http_url());
    let desk = builder.without_limits().start().await;
    proxy.set_target(desk.line.addr());
    let ann = desk.operator("ann", Role::Agent).await;
    proxy.down().await;
    let mut users = Vec::new();
    for n in 0..CUSTOMERS {
        let user = desk.customer_of(&format!("Customer {n}"), &ann).await;
        assert_eq!(ann.conversation(&user).await["messages"][0]["content"], "agent");
        ann.writes(&user, "later").await;
        users.push(user);
    }
    proxy.up().await;
    names_come(&desk, &ann, &users).await;
    for user in &users {
        desk.in_time("it arrives", async || (desk.texts_at(user) == ["later"]).then_some(())).await;
    }
}

/// Else every name that is due would be asked for at once, as often as the machine can.
#[tokio::test]
async fn line_is_left_alone_for_a_while_when_it_answers_none() {
    let desk = TestDesk::builder().without_limits().start().await;
    desk.line.set_fault(Endpoint::Other, Fault::status(429));
    let ann = desk.operator("ann", Role::Agent).await;
    for n in 0..2 * CUSTOMERS {
        desk.customer_of(&format!("Customer {n}"), &ann).await;
    }
    let asked = || -> Vec<i64> {
        desk.line.calls().iter().filter(|call| call.path.contains("/profile/")).map(|call| call.at_ms).collect()
    };
    // Four at once: the ninth is the first one after two pauses.
    let at_ms = eventually("nine are asked for", async || Some(asked()).filter(|asked| asked.len() > 8)).await;
    let paused_ms = at_ms[8] - at_ms[0];
    assert!(paused_ms >= 700, "asked for nine names within {paused_ms} ms");
}
