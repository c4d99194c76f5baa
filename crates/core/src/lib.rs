//! The rules of linedesk, pure: what may happen to a session, a delivery, a limit. No I/O, no runtime, no wall clock.
//!
//! Callers bring time ([`clock::Clock`]) and randomness; everything here can be tested without waiting.

pub mod clock;
pub mod delivery;
pub mod handoff;
pub mod hours;
pub mod limits;
pub mod liveness;
pub mod permission;
pub mod quota;
pub mod reach;
pub mod session;
pub mod text;
pub mod token_life;
