//! The crate from outside: its client against a LINE of our own, and its types against LINE's OpenAPI files.

#[cfg(test)]
mod line {
    mod answers;
    mod content;
    mod failures;
    mod messages;
    mod requests;
    mod samples;
    mod server;
    mod webhooks;
}
