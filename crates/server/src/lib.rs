//! The linedesk server: the only crate that wires things together. See docs/ARCHITECTURE.md.

pub mod app;
mod auth;
mod bot_user;
mod bus;
mod channel_setup;
pub mod cli;
pub mod config;
pub mod desk;
mod doctor;
#[doc(hidden)]
pub mod fuzz;
mod http;
mod inbound;
mod line_tokens;
mod media;
mod outgoing;
mod pictures;
mod secrets;
mod service;
mod workers;
mod ws;
