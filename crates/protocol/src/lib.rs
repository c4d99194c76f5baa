//! What other programs may rely on: ids, frames, REST types, error codes and limits.
//!
//! Owns the shapes only. Serde in and out, plus the generated descriptions: TypeScript types (`bindings/protocol.ts`) and
//! OpenAPI schemas. There is deliberately no behaviour here, no I/O and no runtime: rules live in `linedesk-core`.
//!
//! Rule ids (WS4, ER2 …) refer to docs/PROTOCOL.md.

pub mod error;
pub mod frame;
pub mod id;
pub mod limits;
pub mod model;
pub mod rest;
pub mod time;

pub use error::{ErrorCode, Problem};
pub use id::{ContactId, ConversationId, MessageId, OperatorId, Seq, SessionId};
pub use model::{
    Author, ChatMode, ClosedBy, Delivery, DeliveryCost, DeliveryState, Direction, FriendStatus, LastMessage, Media,
    MediaState, Message, MessageType, OperatorStatus, Role, SenderRole, Session, SessionStatus, SourceType, Summary,
    Tag, TokenKind,
};
pub use time::Timestamp;

#[cfg(test)]
mod bindings;
#[cfg(test)]
mod round_trip;
