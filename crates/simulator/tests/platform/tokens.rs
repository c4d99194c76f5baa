//! Access tokens are issued to whoever proves to be the channel, and end in time.

use std::sync::Arc;
use std::time::Duration;

use linedesk_core::clock::{Clock as _, ManualClock};
use linedesk_line::assertion::AssertionKey;
use linedesk_line::client::{AccessToken, CallError, LineClient, LineClientConfig};
use linedesk_simulator::{Simulator, SimulatorOptions};

const KEY: &str = include_str!("../../../line/testdata/assertion-key.json");

fn client(line: &Simulator) -> LineClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    LineClient::new(&LineClientConfig {
        api_url: line.base_url(),
        data_api_url: line.base_url(),
        ..LineClientConfig::default()
    })
    .unwrap()
}

#[tokio::test]
async fn a_stateless_token_is_good_for_a_quarter_of_an_hour() {
    let clock = Arc::new(ManualClock::new(1_700_000_000_000));
    let line =
        Simulator::start_with_clock(SimulatorOptions::default(), Arc::<ManualClock>::clone(&clock)).await.unwrap();
    let desk = client(&line);
    for (id, secret) in [("1234567890", "wrong"), ("1", line.channel_secret())] {
        let refused = desk.issue_stateless_token(id, secret).await.unwrap_err();
        assert!(refused.to_string().contains("client_id or client_secret is invalid"), "{refused}");
    }
    let issued = desk.issue_stateless_token("1234567890", line.channel_secret()).await.unwrap().body;
    assert_eq!(issued.expires_in, 900);
    let token = AccessToken(issued.access_token);
    desk.bot_info(&token).await.unwrap();
    clock.advance(Duration::from_secs(900));
    assert!(matches!(desk.bot_info(&token).await, Err(CallError::Status { status: 401, .. })));
    assert!(line.calls().iter().all(|call| !call.request_body.contains(line.channel_secret())), "not in the log");
}

#[tokio::test]
async fn a_v2_1_token_is_for_a_signed_assertion_that_is_this_channels_and_fresh() {
    let clock = Arc::new(ManualClock::new(1_700_000_000_000));
    let options = SimulatorOptions { assertion_key: Some(KEY.to_owned()), ..SimulatorOptions::default() };
    let line = Simulator::start_with_clock(options, Arc::<ManualClock>::clone(&clock)).await.unwrap();
    let (desk, key) = (client(&line), AssertionKey::from_jwk(KEY).unwrap());
    let good = key.assertion("1234567890", clock.now_ms()).unwrap();
    let issued = desk.issue_token_by_assertion(&good).await.unwrap().body;
    assert_eq!(issued.expires_in, 30 * 24 * 3600);
    desk.bot_info(&AccessToken(issued.access_token)).await.unwrap();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{}.{}.{signature}", signed.split_once('.').unwrap().0, "e30");
    let bad = [
        key.assertion("999", clock.now_ms()).unwrap(),
        key.assertion("1234567890", clock.now_ms() - 3_600_000).unwrap(),
        forged,
        "x".to_owned(),
    ];
    for assertion in bad {
        let refused = desk.issue_token_by_assertion(&assertion).await.unwrap_err();
        assert_eq!(refused.status(), Some(400), "{assertion}");
    }
}
