//! The LINE platform as linedesk sees it, simulated: the Messaging API over HTTP, signed webhooks, the customers' phones,
//! and faults on demand.
//!
//! [`Simulator::start`] opens one listener that serves the API (both of LINE's hosts), a control API and a page with a
//! phone on it. Tests drive it through [`Simulator`]'s methods, people through the page; both reach the same state.
//!
//! What it promises: what LINE documents is answered as LINE answers it, byte for byte where a client could depend on it.
//! Where LINE's documents are silent, the code says what it does instead. Deliberately absent: rate limits, and
//! everything of LINE that linedesk never calls.

mod api;
mod calls;
mod connection;
mod content;
mod control;
mod customer;
mod faults;
mod feed;
mod ids;
mod incoming;
mod media;
mod page;
mod platform;
mod settings;
mod shared;
mod simulator;
mod tokens;
mod webhook;

pub use calls::{Call, Direction, Outcome};
pub use content::Content;
pub use customer::{Author, Customer, Friendship, How, PhoneMessage, SourceKind};
pub use faults::{Endpoint, Fault, FaultKind};
pub use incoming::IncomingMessage;
pub use media::MediaFetch;
pub use platform::{Counted, Platform};
pub use settings::{ChatMode, MarkAsReadMode, Settings};
pub use simulator::{ControlError, SentMessage, Simulator, SimulatorOptions, StartError, WaitError};
