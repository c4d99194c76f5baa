//! linedesk protocol
