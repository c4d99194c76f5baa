//! What runs beside requests: deliveries to LINE, profiles, the search index, upkeep. Each loop ends on `stop`, after what it has begun.

pub(crate) mod alive;
pub(crate) mod delivery;
pub(crate) mod indexing;
pub(crate) mod loading;
pub(crate) mod media;
pub(crate) mod profiles;
pub(crate) mod quota;
pub(crate) mod upkeep;
