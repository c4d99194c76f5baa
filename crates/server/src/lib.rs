//! linedesk server
