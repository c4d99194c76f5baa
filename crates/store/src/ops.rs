//! The operations, by what they are about. Each is a whole transaction or a part of one.

pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod ledger;
pub mod line_reads;
pub mod media;
pub mod members;
pub mod messages;
pub mod nodes;
pub mod operators;
pub mod outbox;
pub mod reads;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod start;
pub mod webhook;
