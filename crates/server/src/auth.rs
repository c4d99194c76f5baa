//! Sign-in (AU): passwords, access tokens, and who is calling. Identity comes from the token only (AU3).

pub(crate) mod password;
pub(crate) mod throttle;
pub(crate) mod token;
