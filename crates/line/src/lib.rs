//! LINE as linedesk meets it: webhook types, the signature check, and a thin client of the Messaging API.
//!
//! Tolerant on the way in (LINE adds events, fields and values unannounced), strict on the way out. Deliberately absent:
//! retries, queues and rules; those are `linedesk-core`'s and the server's.

pub mod assertion;
pub mod client;
pub mod message;
pub mod signature;
pub mod webhook;
