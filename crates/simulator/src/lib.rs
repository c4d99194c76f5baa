//! linedesk simulator
