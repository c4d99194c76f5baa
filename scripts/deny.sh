#!/bin/sh
# Licences, doubled crates and sources, by cargo-deny where it is installed: of the programs, for every platform, and without
# licences of the fuzz targets, which nobody is given. Advisories need their database from the network, so they are asked
# for only when LINEDESK_ADVISORIES is set: RustSec's, and npm's for what the console is built with.
set -eu
if ! command -v cargo-deny >/dev/null 2>&1; then
    echo "skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"
    exit 0
fi
# It reads the manifests of all platforms' crates; a build has fetched those of its own only.
cargo fetch --quiet --locked
cargo fetch --quiet --locked --manifest-path fuzz/Cargo.toml
cargo deny --locked --offline check --hide-inclusion-graph licenses bans sources
cargo deny --locked --offline --manifest-path fuzz/Cargo.toml --config deny.toml check --allow duplicate bans sources
[ -n "${LINEDESK_ADVISORIES:-}" ] || exit 0
cargo deny --locked check advisories
npm --prefix console audit
