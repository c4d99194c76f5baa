//! How the store can fail, apart from an operation's own refusals.

/// A failure below the operations. None of them means that something was half written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer: locked, full, disconnected, shutting down. The same request may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database went away while it committed, and nobody can tell whether it did. What has a key of its own can be
    /// asked for again.
    #[error("the database went away during a commit: {0}")]
    Unclear(String),
    /// A statement failed: a bug, or a database that was changed by hand.
    #[error("the database refused a statement: {0}")]
    Statement(String),
    /// Another transaction stood in the way; the writer runs the job again alone.
    #[error("the transaction must be run again: {0}")]
    Conflict(String),
    /// A row holds what no version of linedesk writes.
    #[error("the database holds an unreadable value: {0}")]
    Corrupt(String),
    /// The data directory or the schema cannot be used by this process.
    #[error("{0}")]
    Unusable(String),
}

impl StoreError {
    /// Whether the caller may try the same again later.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unclear(_) | Self::Conflict(_))
    }
}
