//! linedesk store
