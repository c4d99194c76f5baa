use proptest::prelude::*;

use super::*;
use crate::id::OperatorId;

fn code_of(text: &str) -> (ErrorCode, Option<String>) {
    let error = ClientFrame::decode(text).unwrap_err();
    (error.code, error.field)
}

#[test]
fn ws4_unreadable_frames_are_invalid_requests() {
    for text in ["", "{", "[]", "1", "null", "\"auth\"", "{\"type\":\"ping\"}}", "\u{0}"] {
        assert_eq!(code_of(text).0, ErrorCode::InvalidRequest, "{text}");
    }
}

#[test]
fn ws4_wrong_fields_are_named() {
    for (text, field) in [
        (r#"{"payload":{}}"#, "type"),
        (r#"{"type":7}"#, "type"),
        (r#"{"type":"ping","id":7}"#, "id"),
        (r#"{"type":"ping","payload":[]}"#, "payload"),
        (r#"{"type":"auth","payload":{}}"#, "token"),
        (r#"{"type":"auth","payload":{"token":1}}"#, "token"),
        (r#"{"type":"send_message","payload":{}}"#, "text"),
        (r#"{"type":"send_message","payload":{"message":{"text":5}}}"#, "message.text"),
        (r#"{"type":"send_message","payload":{"message":{}}}"#, "message.text"),
        (r#"{"type":"send_message","payload":{"message":["hi"]}}"#, "message"),
        (r#"{"type":"mark_read","payload":{"message_id":"x"}}"#, "message_id"),
        (r#"{"type":"join_room","payload":{"conversation_id":"x"}}"#, "conversation_id"),
        (r#"{"type":"join_room","payload":{"after_message_id":"x"}}"#, "after_message_id"),
        (r#"{"type":"transfer_session","payload":{"to_operator_id":1,"reason":2}}"#, "reason"),
        (r#"{"type":"set_status","payload":{"status":"asleep"}}"#, "status"),
    ] {
        assert_eq!(code_of(text), (ErrorCode::ValidationError, Some(field.to_owned())), "{text}");
    }
}

#[test]
fn ws5_errors_carry_the_frames_id_and_temp_id() {
    let error = ClientFrame::decode(r#"{"id":"a1","type":"send_message","payload":{"temp_id":"t1"}}"#).unwrap_err();
    assert_eq!((error.reply_to.as_deref(), error.temp_id.as_deref()), (Some("a1"), Some("t1")));
}

#[test]
fn ws4_unknown_types_are_unknown_events() {
    assert_eq!(code_of(r#"{"type":"launch","payload":{}}"#).0, ErrorCode::UnknownEvent);
}

#[test]
fn a_wrapped_message_is_the_same_as_a_flat_one() {
    let flat =
        ClientFrame::decode(r#"{"type":"send_message","payload":{"line_user_id":"U1","text":"a < b"}}"#).unwrap();
    let wrapped =
        ClientFrame::decode(r#"{"type":"send_message","payload":{"line_user_id":"U1","message":{"text":"a < b"}}}"#);
    assert_eq!(flat, wrapped.unwrap());
}

fn target() -> impl Strategy<Value = Target> {
    (proptest::option::of(any::<i64>()), proptest::option::of(".{0,40}"))
        .prop_map(|(id, line_user_id)| Target { conversation_id: id.map(ConversationId), line_user_id })
}

fn send() -> impl Strategy<Value = SendMessage> {
    (".{0,80}", proptest::option::of(".{0,100}"), proptest::option::of(any::<i64>()), any::<bool>()).prop_map(
        |(text, temp_id, quote, is_card)| SendMessage {
            line_message: is_card.then(|| serde_json::json!({"type": "flex", "altText": text})),
            text: (!is_card).then_some(text),
            temp_id,
            quote_message_id: quote.map(MessageId),
        },
    )
}

fn command() -> impl Strategy<Value = Command> {
    let message_id = || any::<i64>().prop_map(MessageId);
    prop_oneof![
        (".{0,40}", proptest::option::of(any::<i64>()))
            .prop_map(|(token, seq)| Command::Auth(Auth { token, resume_after: seq.map(Seq) })),
        Just(Command::Ping(Empty {})),
        Just(Command::LeaveRoom(Empty {})),
        Just(Command::SubscribeAnalytics(Empty {})),
        Just(Command::UnsubscribeAnalytics(Empty {})),
        (target(), proptest::option::of(message_id()))
            .prop_map(|(target, after_message_id)| Command::JoinRoom(JoinRoom { target, after_message_id })),
        (target(), send()).prop_map(|(target, message)| Command::SendMessage(SendCommand { target, message })),
        message_id().prop_map(|message_id| Command::RetryMessage(MessageCommand { message_id })),
        message_id().prop_map(|message_id| Command::CancelMessage(MessageCommand { message_id })),
        (target(), message_id())
            .prop_map(|(target, message_id)| Command::MarkRead(MarkReadCommand { target, message_id })),
        target().prop_map(Command::TypingStart),
        target().prop_map(Command::TypingStop),
        target().prop_map(Command::ClaimSession),
        target().prop_map(Command::ReleaseSession),
        target().prop_map(Command::CloseSession),
        (target(), any::<i64>(), proptest::option::of(".{0,40}")).prop_map(|(target, to, reason)| {
            let transfer = TransferSession { to_operator_id: OperatorId(to), reason };
            Command::TransferSession(TransferCommand { target, transfer })
        }),
        proptest::sample::select(OperatorStatus::ALL).prop_map(|status| Command::SetStatus(SetStatus { status })),
    ]
}

proptest! {
    #[test]
    fn every_command_survives_the_wire(command in command(), id in proptest::option::of(".{0,100}")) {
        let mut frame = serde_json::to_value(&command).unwrap();
        frame["id"] = serde_json::to_value(&id).unwrap();
        let decoded = ClientFrame::decode(&frame.to_string()).unwrap();
        prop_assert_eq!(decoded, ClientFrame { id, command });
    }

    #[test]
    fn decoding_anything_never_panics(text in ".{0,400}") {
        let _ = ClientFrame::decode(&text);
    }

    #[test]
    fn decoding_arbitrary_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = ClientFrame::decode(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn decoding_near_misses_never_panics(
        kind in "(auth|ping|join_room|send_message|mark_read|transfer_session|[a-z_]{0,12})",
        payload in "(\\{\\}|null|\\[\\]|\\{\"(text|message|token|message_id|conversation_id)\":(1|null|\"x\"|\\{\\}|\\[1\\]|1e400|-0)\\})",
    ) {
        let _ = ClientFrame::decode(&format!("{{\"type\":\"{kind}\",\"payload\":{payload}}}"));
    }
}
