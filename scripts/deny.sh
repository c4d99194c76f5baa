#!/bin/sh
# Licences, doubled crates and sources, by cargo-deny where it is installed. Advisories need their database from the
# network, so they are asked for only when LINEDESK_ADVISORIES is set.
set -eu
if ! command -v cargo-deny >/dev/null 2>&1; then
    echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"
    exit 0
fi
cargo deny --locked --offline check --hide-inclusion-graph licenses bans sources
[ -z "${LINEDESK_ADVISORIES:-}" ] || cargo deny --locked check advisories
