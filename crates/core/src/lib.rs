//! linedesk core
