# `make demo` and `make test` are all a newcomer needs; each sets up what is missing first.

.PHONY: demo test torture fuzz fuzz-keep schemathesis lint bench bench-console pictures release generated setup setup-test

# One profile and one target directory serve all of these.
LINEDESK = target/debug/linedesk

# The built console, which the server's build embeds, and what it is made of.
CONSOLE = console/dist/index.html
CONSOLE_PARTS = $(addprefix console/, index.html package.json tsconfig.json vite.config.ts) \
    $(shell find console/src -type f ! -name '*.test.*')
# npm writes this one last.
CONSOLE_PACKAGES = console/node_modules/.package-lock.json

demo: $(CONSOLE)
	cargo build --locked --bin linedesk
	$(LINEDESK) demo $(ARGS)

# The browser's tests use the executable that cargo's have built.
test: setup-test lint
	npm --prefix console test
	cargo test --locked --workspace
	cd console && npx --no-install playwright test

# Nodes and networks that die at random, each round with other seeds: docs/RELIABILITY.md. ROUNDS says how long.
ROUNDS ?= 20
torture: setup-test
	for round in $$(seq $(ROUNDS)); do \
	    cargo test --locked --workspace --test blackbox --test contract -- --nocapture \
	        dl8_ ws6_a_client ws6_nodes wh1_ kill_9 || exit 1; \
	done

# Needs cargo-fuzz and a nightly compiler. TARGET is one of fuzz/fuzz_targets. What is found on the way is kept out of the
# repository; `make fuzz-keep` takes from it what reaches code that the corpus does not.
TARGET ?= webhook
FUZZ_SECONDS ?= 600
FUZZ_FOUND = fuzz/target/found/$(TARGET)
# A sanitizer looks for what safe Rust cannot do, and takes half of the speed.
FUZZ_FLAGS ?= --sanitizer none
CARGO_FUZZ ?= cargo +nightly fuzz
fuzz: setup
	mkdir -p $(FUZZ_FOUND)
	$(CARGO_FUZZ) run $(FUZZ_FLAGS) $(TARGET) $(FUZZ_FOUND) fuzz/corpus/$(TARGET) -- -max_total_time=$(FUZZ_SECONDS)

fuzz-keep: setup
	$(CARGO_FUZZ) run $(FUZZ_FLAGS) $(TARGET) fuzz/corpus/$(TARGET) $(FUZZ_FOUND) -- -merge=1

# The OpenAPI description against a running desk: made-up requests, right and wrong ones. Needs Python 3.10.
schemathesis: $(CONSOLE)
	cargo build --locked --bin linedesk
	scripts/schemathesis.sh $(ARGS)

lint: $(CONSOLE)
	npm --prefix console run check
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@scripts/deny.sh

# The tables of docs/PERFORMANCE.md.
bench: setup
	cargo run --locked -p linedesk-bench --release -- all

# Its table of the console, against the release build.
bench-console: setup-test release
	cd console && LINEDESK_TEST_BINARY=../target/release/linedesk npx --no-install playwright test -c playwright.bench.config.ts bench

# The pictures of docs/images, of the demo as it is.
pictures: setup-test $(CONSOLE)
	cargo build --locked --bin linedesk
	cd console && npx --no-install playwright test -c playwright.bench.config.ts pictures

release: $(CONSOLE)
	cargo build --locked --release --bin linedesk

# Writes TypeScript types and the OpenAPI description anew; `make test` fails while they say something else.
generated: setup
	LINEDESK_UPDATE_GENERATED=1 cargo test --locked -p linedesk-protocol -p linedesk-server --lib

$(CONSOLE): $(CONSOLE_PACKAGES) $(CONSOLE_PARTS) | setup
	npm --prefix console run build

$(CONSOLE_PACKAGES): console/package-lock.json console/.npmrc | setup
	npm --prefix console ci

setup:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh test
