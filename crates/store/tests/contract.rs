//! The store's contract: what its operations promise, on both engines, and what survives crashes and faults.
//!
//! Each behaviour is written once and runs on SQLite, and on PostgreSQL where `LINEDESK_TEST_POSTGRES_URL` answers. Every
//! behaviour ends with a check of everything that must hold of a desk at any time (`contract/invariants.rs`).

#[cfg(test)]
mod contract {
    #[macro_use]
    mod harness;
    mod actions;
    mod invariants;
    mod worker;

    mod channels;
    mod contacts;
    mod conversations;
    mod counters;
    mod crash;
    mod faults;
    mod feed;
    mod lanes;
    mod ledger;
    mod media;
    mod messages;
    mod migrations;
    mod nodes;
    mod operators;
    mod reads;
    mod search;
    mod sending;
    mod sessions;
    mod settling;
    mod sign_in;
    mod start;
    mod tokens;
    mod unsend;
    mod upgrade;
    mod webhook;
    mod writer;
}
