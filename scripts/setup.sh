#!/bin/sh
# Sees to it that what a build (and, with `test`, what the tests) need is here. As root on Debian it installs what is
# missing; elsewhere it says in one line what to install.
set -eu

missing=""
need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
# What the console's tools ask for.
has_node() {
    version=$(node --version 2>/dev/null) || return 1
    major=${version#v} major=${major%%.*} minor=${version#v*.} minor=${minor%%.*}
    [ "$major" -gt 20 ] || { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; }
}

if ! command -v cargo >/dev/null 2>&1; then
    echo "linedesk: install Rust 1.90 or newer (rustup, or your system's packages) and run this again" >&2
    exit 1
fi
need cc gcc
need ar binutils
need node nodejs
need npm npm
if [ "${1:-build}" = test ]; then
    [ -x "${LINEDESK_TEST_CHROMIUM:-}" ] || need chromium chromium
    if [ "${CI:-}" = true ]; then
        need nats-server nats-server
        [ -d /usr/lib/postgresql ] || missing="$missing postgresql"
    fi
fi

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "linedesk: installing$missing" >&2
        apt-get update -q >/dev/null
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing >/dev/null
    else
        echo "linedesk: please install:$missing" >&2
        exit 1
    fi
fi
if ! has_node; then
    echo "linedesk: the console needs Node 20.19 or newer (nodejs.org), and this is $(node --version); without it: cargo run --bin linedesk demo" >&2
    exit 1
fi
