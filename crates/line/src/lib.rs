//! linedesk line
