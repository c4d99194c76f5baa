//! What the DL8 tests share: operators who send until they are answered, and faults by chance.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use futures_util::future::join_all;
use linedesk_simulator::{Endpoint, Fault, Simulator};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngCore as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::checker::Taken;
use super::client::{CHAT, Client};
use super::harness::eventually;

/// That of `LINEDESK_TEST_SEED`, else one by chance.
pub(crate) fn fresh_seed() -> u64 {
    match std::env::var("LINEDESK_TEST_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => StdRng::from_os_rng().next_u64(),
    }
}

/// Several conversations, and who answers in them.
pub(crate) struct Cast {
    /// Each with the conversations that are theirs.
    pub(crate) operators: Vec<(Client, Vec<String>)>,
    /// Where the desk is now.
    pub(crate) addr: watch::Sender<SocketAddr>,
}

impl Cast {
    pub(crate) fn users(&self) -> Vec<String> {
        self.operators.iter().flat_map(|(_, users)| users.clone()).collect()
    }

    /// Every operator sends messages of these numbers, one after the other, each again under its `temp_id` until it is
    /// answered.
    pub(crate) async fn send(&self, numbers: Range<usize>) -> Vec<Taken> {
        let sending = self.operators.iter().map(async |(client, users)| {
            let mut taken = Vec::new();
            for n in numbers.clone() {
                let (user, text) = (&users[n % users.len()], format!("{} {n}", client.username));
                let id = send_one(&text, user, || client.at(*self.addr.borrow())).await;
                taken.push(Taken { user: user.clone(), text, id });
            }
            taken
        });
        join_all(sending).await.into_iter().flatten().collect()
    }
}

/// Sends a text, again under its `temp_id` until it is answered, to wherever the desk is then. Gives the message's id.
pub(crate) async fn send_one(text: &str, user: &str, client: impl Fn() -> Client) -> i64 {
    let body = json!({"text": text, "temp_id": text});
    eventually(&format!("{text} is taken"), async || {
        let path = format!("{CHAT}/conversations/{user}/messages");
        let request = client().request(Method::POST, &path).json(&body).timeout(Duration::from_secs(5));
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        assert!([200, 201, 503].contains(&status), "{status}: {}", response.text().await.unwrap_or_default());
        let message: Value = response.json().await.ok()?;
        message["id"].as_i64()
    })
    .await
}

/// One thing goes wrong with LINE, once or a few times. What hangs does so until the node is killed, or for 10 s.
pub(crate) fn break_line(line: &Simulator, rng: &mut impl Rng) {
    let fault = match rng.random_range(0..10) {
        0 => Fault::status(400),
        1 => Fault::status(429),
        2 => Fault::status(500),
        3 => Fault::status(503),
        4 => Fault::hang(),
        5 => Fault::hang_after(),
        6 => Fault::cut_before(),
        7 | 8 => Fault::cut_after(),
        _ => Fault::delay(Duration::from_millis(rng.random_range(1..60))),
    };
    let endpoint = *[Endpoint::Reply, Endpoint::Push].choose(rng).unwrap();
    line.set_fault(endpoint, fault.times(rng.random_range(1..3)));
}

/// Until something happens at LINE, and for at most so long.
pub(crate) async fn a_moment(line: &Simulator, most: Duration) {
    let mut looks = 0;
    let something = move |_: &linedesk_simulator::Platform| {
        looks += 1;
        looks > 1
    };
    // Nothing happening is as good.
    let _ = line.wait_for(something, most).await;
}
