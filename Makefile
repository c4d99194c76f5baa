# `make demo` and `make test` are all a newcomer needs; each sets up what is missing first.

.PHONY: demo test lint bench release generated setup setup-test

# One profile and one target directory serve all of these.
LINEDESK = target/debug/linedesk

demo: setup
	cargo build --locked --bin linedesk
	$(LINEDESK) demo $(ARGS)

test: setup-test lint
	cargo test --locked --workspace

lint: setup
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@scripts/deny.sh

# The tables of docs/PERFORMANCE.md.
bench: setup
	cargo run --locked -p linedesk-bench --release -- all

release: setup
	cargo build --locked --release --bin linedesk

# Writes TypeScript types and the OpenAPI description anew; `make test` fails while they say something else.
generated: setup
	LINEDESK_UPDATE_GENERATED=1 cargo test --locked -p linedesk-protocol -p linedesk-server --lib

setup:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh test
