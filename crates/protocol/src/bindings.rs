//! Writes the TypeScript side of the contract, and fails when the file in the repository says something else.
//!
//! `LINEDESK_UPDATE_GENERATED=1 cargo test -p linedesk-protocol` rewrites it.

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::{Config, TS};

use crate::{error, frame, id, model, rest, time};

macro_rules! declarations {
    ($config:expr; $($type:ty),+ $(,)?) => {{
        let mut text = String::from("// Generated from crates/protocol. `LINEDESK_UPDATE_GENERATED=1 cargo test -p linedesk-protocol` rewrites it.\n");
        $(
            writeln!(text).unwrap();
            if let Some(docs) = <$type>::docs() { text.push_str(&docs); }
            writeln!(text, "export {}", <$type>::decl($config)).unwrap();
        )+
        text
    }};
}

#[test]
fn typescript_types_match_the_rust_types() {
    let config = Config::default();
    let text = declarations!(&config;
        id::ConversationId, id::MessageId, id::SessionId, id::OperatorId, id::Seq, time::Timestamp,
        error::ErrorCode, error::FieldError, error::Problem,
        model::Role, model::OperatorStatus, model::SourceType, model::FriendStatus, model::ChatMode, model::SessionStatus,
        model::ClosedBy, model::Direction, model::SenderRole, model::MessageType, model::DeliveryState, model::DeliveryCost,
        model::MediaState, model::Media, model::Author,
        model::Tag, model::LastMessage, model::Session, model::Delivery, model::Message, model::Summary,
        rest::LoginRequest, rest::ChangePasswordRequest, rest::User, rest::TokenAnswer, rest::ListStatus,
        rest::ConversationList, rest::ListCounts, rest::ContactCard, rest::Elsewhere, rest::StartConversation, rest::ConversationDetail,
        rest::MessagePage, rest::SendMessage,
        rest::WriteNote, rest::TransferSession, rest::SetMode, rest::MarkRead, rest::OperatorEntry, rest::OperatorList,
        rest::SearchHit, rest::SearchAnswer, rest::Member, rest::MemberList,
        rest::QuotaLevel, rest::QuotaState, rest::Booked, rest::DayUsage, rest::ChannelUsage, rest::Usage, rest::ValidateMessage,
        rest::MessageCheck, model::TokenKind, rest::ChannelList, rest::ChannelState, rest::LineAccount, rest::Misdirected,
        rest::ChannelWish,
        rest::AskDoctor, rest::Findings, rest::Finding, rest::FindingLevel,
        frame::Target, frame::Empty, frame::Auth, frame::JoinRoom, frame::SendCommand, frame::MessageCommand,
        frame::MarkReadCommand, frame::TransferCommand, frame::SetStatus, frame::Command,
        frame::Limits, frame::AuthSuccess, frame::AuthError, frame::ErrorPayload, frame::Pong, frame::RoomLeft,
        frame::MessageAck, frame::MessageFailed, frame::ConversationUpdate, frame::ConversationRead, frame::SessionEvent,
        frame::OperatorPresence, frame::PresenceUpdate, frame::RoomPresence, frame::TypingIndicator,
        frame::AnalyticsUpdate, frame::SlaAlert, frame::ResyncRequired, frame::Event, frame::ServerFrame,
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/protocol.ts");
    if std::env::var_os("LINEDESK_UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} is out of date: run with LINEDESK_UPDATE_GENERATED=1", path.display());
}
