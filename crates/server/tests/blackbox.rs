//! Black-box tests: a real node on a free port, a simulated LINE, and clients that know nothing but the contract.
//!
//! The harness is `harness` (the desk, on `node`s), `client` (REST), `socket`, `line_events` (webhooks), `binary` and
//! `processes` (the real executable, one and several). What breaks: `proxy` (networks), `services` (databases and buses of a
//! test's own), `torture` (LINE, by chance). What must hold: `checker`, with `screen` (what an operator sees). A test starts its own desk, quotes the rule it holds the server to, and never sleeps.

#[cfg(test)]
mod blackbox {
    mod access;
    mod backup;
    mod binary;
    mod browsers;
    mod channels;
    mod checker;
    mod client;
    mod cluster;
    mod command_line;
    mod console;
    mod conversations;
    mod crash;
    mod database_faults;
    mod delivery;
    mod delivery_faults;
    mod delivery_refused;
    mod destination;
    mod errors;
    mod handover;
    mod harness;
    mod health;
    mod kill_nine;
    mod line_calls;
    mod line_events;
    mod matrix;
    mod media;
    mod media_faults;
    mod messages;
    mod networks;
    mod node;
    mod people;
    mod pictures;
    mod presence;
    mod processes;
    mod profiles;
    mod proxy;
    mod redaction;
    mod replay;
    mod roles;
    mod screen;
    mod services;
    mod sessions;
    mod sign_in;
    mod socket;
    mod socket_events;
    mod socket_frames;
    mod socket_limits;
    mod socket_resume;
    mod socket_sign_in;
    mod tokens;
    mod torture;
    mod usage;
    mod webhook_effects;
    mod webhooks;
}
