//! What LINE answers over HTTP, and what the client makes of it.

use axum::response::IntoResponse as _;
use linedesk_line::client::{AccessToken, Answer, CallError, Doubt, LineClient, LineClientConfig, PushOutcome};
use linedesk_line::message::{OutgoingMessage, PushRequest, ReplyRequest};
use serde_json::json;

use super::server::{KEY, Line, TOKEN, USER, answer, token};

const SENT: &str = r#"{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"},{"id":"5"}],"new":1}"#;

pub(crate) fn reply() -> ReplyRequest {
    ReplyRequest::new("nHuyWiB7yP5Zw52FIkcQobQuGDXCTA", vec![OutgoingMessage::text("สวัสดีค่ะ", None)])
}

pub(crate) fn push() -> PushRequest {
    PushRequest::new(USER, vec![OutgoingMessage::text("สวัสดีค่ะ", None)])
}

fn ids<T>(answer: &Answer<T>) -> (Option<&str>, Option<&str>) {
    (answer.request_id.as_deref(), answer.accepted_request_id.as_deref())
}

#[tokio::test]
async fn a_reply_tells_what_was_sent_and_its_request_id() {
    let line = Line::new(|_| ([("x-line-request-id", "req-1")], SENT).into_response()).await;
    let answer = line.client.reply(&token(), &reply()).await.unwrap();
    assert_eq!(ids(&answer), (Some("req-1"), None));
    let sent: Vec<_> = answer.body.sent_messages.iter().map(|sent| (&*sent.id, sent.quote_token.as_deref())).collect();
    assert_eq!(sent, [("461230966842064897", Some("IStG5h1Tz7b")), ("5", None)]);
}

#[tokio::test]
async fn a_push_carries_its_retry_key_and_a_reply_never_does() {
    let line = Line::saying(200, SENT).await;
    let outcome = line.client.push(&token(), &push(), KEY).await.unwrap().body;
    assert!(matches!(outcome, PushOutcome::Accepted { ref sent_messages } if sent_messages.len() == 2), "{outcome:?}");
    line.client.reply(&token(), &reply()).await.unwrap();
    let keys: Vec<_> =
        line.requests().iter().map(|request| request.header("x-line-retry-key").map(str::to_owned)).collect();
    assert_eq!(keys, [Some(KEY.to_owned()), None]);
}

#[tokio::test]
async fn every_request_carries_the_token_of_its_channel() {
    let line = Line::saying(200, SENT).await;
    line.client.reply(&AccessToken("one".to_owned()), &reply()).await.unwrap();
    line.client.push(&AccessToken("two".to_owned()), &push(), KEY).await.unwrap();
    let _ = line.client.content(&AccessToken("three".to_owned()), "1").await.unwrap();
    let requests = line.requests();
    let tokens: Vec<_> = requests.iter().map(|request| request.header("authorization").unwrap()).collect();
    assert_eq!(tokens, ["Bearer one", "Bearer two", "Bearer three"]);
    assert!(requests.iter().all(|request| request.headers.get_all("authorization").iter().count() == 1));
}

#[tokio::test]
async fn dl4_a_key_that_was_accepted_before_is_a_success() {
    let line = Line::new(|_| {
        let headers = [("x-line-request-id", "req-2"), ("x-line-accepted-request-id", "req-1")];
        let body = json!({"message": "The retry key is already accepted",
            "sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]});
        (http::StatusCode::CONFLICT, headers, body.to_string()).into_response()
    })
    .await;
    let answer = line.client.push(&token(), &push(), KEY).await.unwrap();
    assert_eq!(ids(&answer), (Some("req-2"), Some("req-1")));
    let PushOutcome::AlreadyAccepted { sent_messages } = answer.body else { panic!("{:?}", answer.body) };
    assert_eq!(sent_messages[0].id, "461230966842064897");
}

#[tokio::test]
async fn dl4_a_key_that_was_accepted_before_is_a_success_whatever_the_body_is() {
    for body in ["", "<html>", "[]", r#"{"sentMessages":5}"#, r#"{"sentMessages":[{}]}"#] {
        let line = Line::saying(409, body).await;
        let outcome = line.client.push(&token(), &push(), KEY).await.unwrap().body;
        assert_eq!(outcome, PushOutcome::AlreadyAccepted { sent_messages: vec![] }, "{body}");
    }
}

#[tokio::test]
async fn a_conflict_on_a_reply_is_a_refusal() {
    let line = Line::saying(409, SENT).await;
    assert_eq!(line.client.reply(&token(), &reply()).await.unwrap_err().status(), Some(409));
}

#[tokio::test]
async fn a_refusal_keeps_status_message_details_and_request_id() {
    for status in [400, 401, 403, 404, 413, 415, 429, 500, 503] {
        let line = Line::new(move |_| {
            let body = json!({"message": "The request body has 1 error(s)",
                "details": [{"message": "May not be empty", "property": "messages[0].text"}]});
            ([("x-line-request-id", "req-3")], answer(status, body.to_string())).into_response()
        })
        .await;
        let errors = [
            line.client.reply(&token(), &reply()).await.unwrap_err(),
            line.client.push(&token(), &push(), KEY).await.unwrap_err(),
            line.client.profile(&token(), USER).await.unwrap_err(),
            line.client.mark_as_read(&token(), "t").await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.status(), Some(status));
            let CallError::Status { message, details, request_id, .. } = error else { panic!("{error:?}") };
            assert_eq!((&*message, request_id.as_deref()), ("The request body has 1 error(s)", Some("req-3")));
            assert_eq!((&*details[0].message, &*details[0].property), ("May not be empty", "messages[0].text"));
        }
        assert_eq!(line.requests().len(), 4, "nothing is tried again by itself after {status}");
    }
}

#[tokio::test]
async fn a_refusal_stands_without_a_body_of_lines() {
    for body in [String::new(), "<html>Bad Gateway</html>".to_owned(), "x".repeat(2_000_000)] {
        let line = Line::saying(502, body).await;
        let error = line.client.push(&token(), &push(), KEY).await.unwrap_err();
        assert!(matches!(error, CallError::Status { status: 502, ref message, .. } if message.is_empty()), "{error:?}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let line = Line::new(move |_| ([("location", "/elsewhere")], answer(status, SENT)).into_response()).await;
        assert_eq!(line.client.push(&token(), &push(), KEY).await.unwrap_err().status(), Some(status));
        assert_eq!(line.client.reply(&token(), &reply()).await.unwrap_err().status(), Some(status));
        assert_eq!(line.client.content(&token(), "1").await.unwrap_err().status(), Some(status));
        assert!(line.requests().iter().all(|request| request.path != "/elsewhere"));
        assert_eq!(line.requests().len(), 3);
    }
}

#[tokio::test]
async fn an_acceptance_that_is_not_lines_leaves_a_doubt() {
    let oversized = format!(r#"{{"sentMessages":[],"x":"{}"}}"#, "x".repeat(1024 * 1024));
    for (status, body) in [(200, ""), (204, ""), (200, "<html>Sign in</html>"), (200, "[]"), (200, &oversized)] {
        let line = Line::saying(status, body.to_owned()).await;
        for error in [
            line.client.push(&token(), &push(), KEY).await.unwrap_err(),
            line.client.reply(&token(), &reply()).await.unwrap_err(),
        ] {
            let CallError::Ambiguous(Doubt::AnswerUnreadable { status: told }) = error else { panic!("{error:?}") };
            assert_eq!(told, status);
        }
        assert_eq!(line.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_command_is_done_when_line_says_so_with_or_without_a_body() {
    for body in ["", "{}", r#"{"new":1}"#] {
        let line = Line::saying(200, body).await;
        line.client.mark_as_read(&token(), "30yhdy232").await.unwrap();
        line.client.loading_start(&token(), USER, 20).await.unwrap();
        line.client.set_webhook_endpoint(&token(), "https://example.com").await.unwrap();
    }
    let line = Line::saying(200, "<html>Sign in</html>").await;
    let error = line.client.mark_as_read(&token(), "30yhdy232").await.unwrap_err();
    assert!(matches!(error, CallError::Ambiguous(Doubt::AnswerUnreadable { status: 200 })), "{error:?}");
}

#[tokio::test]
async fn loading_takes_5_to_60_seconds_in_steps_of_5() {
    let line = Line::saying(202, "{}").await;
    for (asked, sent) in [(0, 5), (5, 5), (6, 10), (20, 20), (59, 60), (60, 60), (255, 60)] {
        line.client.loading_start(&token(), USER, asked).await.unwrap();
        assert_eq!(line.last().json(), json!({"chatId": USER, "loadingSeconds": sent}));
    }
}

#[tokio::test]
async fn ids_are_one_segment_of_the_path_whatever_they_hold() {
    let line = Line::saying(200, r#"{"displayName":"Mai"}"#).await;
    for (id, segment) in [
        ("U1/../../info", "U1%2F..%2F..%2Finfo"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2e%2e", "%252e%252e"),
        ("a b\\c", "a%20b%5Cc"),
        ("ไทย", "%E0%B9%84%E0%B8%97%E0%B8%A2"),
        ("...", "..."),
    ] {
        line.client.profile(&token(), id).await.unwrap();
        assert_eq!(line.last().path, format!("/v2/bot/profile/{segment}"));
        assert_eq!(line.last().query, None);
        line.client.group_member_profile(&token(), id, id).await.unwrap();
        assert_eq!(line.last().path, format!("/v2/bot/group/{segment}/member/{segment}"));
    }
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_asked_for() {
    let line = Line::saying(200, r#"{"displayName":"Mai"}"#).await;
    for id in ["", ".", "..", "a\nb", "\t"] {
        for error in [
            line.client.profile(&token(), id).await.unwrap_err(),
            line.client.room_member_profile(&token(), "R1", id).await.unwrap_err(),
            line.client.group_summary(&token(), id).await.unwrap_err(),
            line.client.content(&token(), id).await.unwrap_err(),
        ] {
            assert!(matches!(error, CallError::Invalid(_)), "{id:?}: {error:?}");
        }
    }
    assert_eq!(line.requests().len(), 0);
}

#[tokio::test]
async fn tokens_and_retry_keys_that_cannot_be_are_not_sent() {
    let line = Line::saying(200, SENT).await;
    for text in ["", " ", "a b", "a\nb", "a\r\nx-line-retry-key: 1", "ไทย", "a\u{0}"] {
        let odd = AccessToken(text.to_owned());
        for error in [
            line.client.reply(&odd, &reply()).await.unwrap_err(),
            line.client.push(&odd, &push(), KEY).await.unwrap_err(),
            line.client.content(&odd, "1").await.unwrap_err(),
        ] {
            assert!(matches!(error, CallError::Invalid(_)), "{text:?}: {error:?}");
        }
    }
    for key in ["", "1", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", &KEY.repeat(2)] {
        let error = line.client.push(&token(), &push(), key).await.unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{key:?}: {error:?}");
    }
    assert_eq!(line.requests().len(), 0);
}

#[test]
fn addresses_that_cannot_be_lines_are_refused() {
    let client = |url: &str| {
        let config = LineClientConfig {
            api_url: url.to_owned(),
            data_api_url: "http://127.0.0.1:1".to_owned(),
            ..LineClientConfig::default()
        };
        let data = LineClientConfig {
            api_url: config.data_api_url.clone(),
            data_api_url: config.api_url.clone(),
            ..LineClientConfig::default()
        };
        LineClient::new(&config).and(LineClient::new(&data))
    };
    for url in ["http://127.0.0.1:8080", "http://localhost/", "http://[::1]:1/line/"] {
        assert!(client(url).is_ok(), "{url}");
    }
    for url in [
        "",
        "api.line.me",
        "ftp://api.line.me",
        "http://",
        "file:///etc",
        "http://a:b@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1/#a",
    ] {
        let error = client(url).unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_base_address_may_have_a_path() {
    let line = Line::saying(200, SENT).await;
    let config = LineClientConfig { api_url: format!("{}/line/", line.config.api_url), ..line.config.clone() };
    LineClient::new(&config).unwrap().reply(&token(), &reply()).await.unwrap();
    assert_eq!(line.request().path, "/line/v2/bot/message/reply");
}

#[tokio::test]
async fn the_client_shows_neither_tokens_nor_addresses() {
    let line = Line::saying(200, SENT).await;
    let shown = format!("{:?} {:?} {:?} {:?}", line.client, token(), reply(), push());
    for secret in [TOKEN, USER, "127.0.0.1", "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA", "สวัสดี"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
