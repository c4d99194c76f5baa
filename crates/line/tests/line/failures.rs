//! Connections that fail: what is surely not sent, and what is in doubt.

use std::error::Error;

use linedesk_line::client::{CallError, Doubt, LineClient};
use tokio::net::TcpListener;

use super::answers::{push, reply};
use super::server::{Act, KEY, TOKEN, USER, Wire, config, token};

/// Each kind of call once.
async fn errors(client: &LineClient) -> [CallError; 4] {
    [
        client.reply(&token(), &reply()).await.unwrap_err(),
        client.push(&token(), &push(), KEY).await.unwrap_err(),
        client.mark_as_read(&token(), "30yhdy232").await.unwrap_err(),
        client.profile(&token(), USER).await.unwrap_err(),
    ]
}

fn says_no_secrets(error: &CallError) {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    let text = sources.fold(format!("{error} {error:?}"), |text, source| format!("{text} {source} {source:?}"));
    for secret in [TOKEN, USER, KEY, "/v2/bot", "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA"] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn say(answer: &str) -> Vec<Act> {
    vec![Act::Say(answer.to_owned())]
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for error in errors(&LineClient::new(&config(address, address)).unwrap()).await {
        assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
        says_no_secrets(&error);
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_leaves_a_doubt() {
    let wire = Wire::new(vec![]).await;
    for error in errors(&wire.client()).await {
        assert!(matches!(error, CallError::Ambiguous(Doubt::ConnectionLost(_))), "{error:?}");
        says_no_secrets(&error);
    }
    assert_eq!(wire.requests(), 4, "nothing is tried again by itself");
}

#[tokio::test]
async fn a_connection_that_ends_on_its_second_request_leaves_a_doubt() {
    let body = r#"{"sentMessages":[]}"#;
    let first = format!("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let wire = Wire::new(say(&first)).await;
    let client = wire.client();
    client.push(&token(), &push(), KEY).await.unwrap();
    let error = client.push(&token(), &push(), KEY).await.unwrap_err();
    assert!(matches!(error, CallError::Ambiguous(Doubt::ConnectionLost(_))), "{error:?}");
    assert_eq!(wire.requests(), 2, "nothing is tried again by itself");
}

#[tokio::test]
async fn an_answer_that_is_cut_in_its_head_leaves_a_doubt() {
    for head in ["HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-le", "what?\r\n\r\n"] {
        let wire = Wire::new(say(head)).await;
        for error in errors(&wire.client()).await {
            assert!(matches!(error, CallError::Ambiguous(Doubt::ConnectionLost(_))), "{head}: {error:?}");
            says_no_secrets(&error);
        }
        assert_eq!(wire.requests(), 4);
    }
}

#[tokio::test]
async fn an_acceptance_that_is_cut_leaves_a_doubt() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"sentMessages\":[]}",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n13\r\n{\"sentMessages\":[]}\r\n",
    ] {
        let wire = Wire::new(say(answer)).await;
        for error in errors(&wire.client()).await {
            let is_doubt = matches!(error, CallError::Ambiguous(Doubt::AnswerUnreadable { status: 200 }));
            assert!(is_doubt, "{answer}: {error:?}");
            says_no_secrets(&error);
        }
        assert_eq!(wire.requests(), 4);
    }
}

#[tokio::test]
async fn a_refusal_that_is_cut_is_still_a_refusal() {
    let wire = Wire::new(say("HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n{\"message\":")).await;
    for error in errors(&wire.client()).await {
        assert_eq!(error.status(), Some(400), "{error:?}");
        says_no_secrets(&error);
    }
}

#[tokio::test]
async fn dl4_a_conflict_that_is_cut_is_still_an_acceptance() {
    let wire = Wire::new(say("HTTP/1.1 409 Conflict\r\ncontent-length: 100\r\n\r\n{\"sent")).await;
    let outcome = wire.client().push(&token(), &push(), KEY).await.unwrap().body;
    assert_eq!(outcome.sent_messages(), []);
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_a_doubt() {
    let wire = Wire::new(vec![Act::Hold]).await;
    for error in errors(&wire.hasty_client()).await {
        assert!(matches!(error, CallError::Ambiguous(Doubt::Timeout)), "{error:?}");
        says_no_secrets(&error);
    }
    // One that the server was too slow to read is not counted.
    assert!(wire.requests() <= 4, "nothing is tried again by itself");
}

#[tokio::test]
async fn an_acceptance_whose_body_does_not_come_in_time_leaves_a_doubt() {
    let head = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 100\r\n\r\n{";
    let wire = Wire::new(say(head)).await;
    for error in errors(&wire.hasty_client()).await {
        assert!(matches!(error, CallError::Ambiguous(_)), "{error:?}");
    }
    assert!(wire.requests() <= 4, "nothing is tried again by itself");
}
