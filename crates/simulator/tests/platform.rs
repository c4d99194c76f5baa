//! The simulated platform over HTTP, as the desk and the page use it.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

#[path = "platform/control.rs"]
mod control;
#[path = "platform/desk.rs"]
mod desk;
#[path = "platform/faults.rs"]
mod faults;
#[path = "platform/files.rs"]
mod files;
#[path = "platform/incoming.rs"]
mod incoming;
#[path = "platform/page.rs"]
mod page;
#[path = "platform/sending.rs"]
mod sending;
#[path = "platform/tokens.rs"]
mod tokens;
#[path = "platform/webhooks.rs"]
mod webhooks;
