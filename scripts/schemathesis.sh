#!/bin/sh
# What the OpenAPI description promises, held against a running desk by schemathesis: made-up requests, right and wrong
# ones, and a look at each answer. Its findings end it with 1. Arguments are passed on (`--seed 7`, `-n 200`).
set -eu
cd "$(dirname "$0")/.."

VERSION=4.32.5
port=${PORT:-19680}
phone=$((port + 10))
binary=$PWD/${LINEDESK_TEST_BINARY:-target/debug/linedesk}
config=$PWD/scripts/schemathesis.toml

venv=$PWD/target/schemathesis-$VERSION
if [ ! -x "$venv/bin/schemathesis" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "schemathesis==$VERSION"
fi

# A desk that is thrown away, on which nobody is told to slow down: 429 would hide what lies behind it (WS7).
folder=$(mktemp -d)
desk=
trap '[ -z "$desk" ] || { kill "$desk" 2>/dev/null || true; wait "$desk" || true; }; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
export LINEDESK_COMMANDS_PER_MINUTE=1000000 LINEDESK_SENDS_PER_MINUTE=1000000 LINEDESK_SENDS_BURST=1000000
cd "$folder"
"$binary" demo --listen "127.0.0.1:$port" --simulator-listen "127.0.0.1:$phone" >desk.log 2>&1 &
desk=$!
waited=0
until grep -qs 'Ctrl+C' desk.log; do
    waited=$((waited + 1))
    if [ "$waited" = 300 ] || ! kill -0 "$desk" 2>/dev/null; then
        cat desk.log >&2
        exit 1
    fi
    sleep 0.1
done

token() {
    "$venv/bin/python" - "http://127.0.0.1:$port/api/v1/auth/login" <<'END'
import json, sys, urllib.request
body = json.dumps({"username": "demo", "password": "linedesk-demo"}).encode()
asked = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(asked))["access_token"])
END
}
DESK_TOKEN=$(token)
export DESK_TOKEN

run() { # run ARGUMENTS
    "$venv/bin/schemathesis" --config-file "$config" run "http://127.0.0.1:$port/openapi.json" "$@"
}
# Signing out takes the others' token away, so it comes last.
run --exclude-operation-id logout "$@"
run --include-operation-id logout "$@"
# What was logged on the way is for whoever looks: the demo logs warnings only.
! grep -E 'ERROR|panicked' desk.log
