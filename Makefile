# The two commands that matter are `make run` and `make test`.

CORDON := target/debug/cordon

.PHONY: help run test bench fmt clean tools install

help:
	@echo "make run    build, fill an empty installation with a demo country, serve http://localhost:8080"
	@echo "make test   set up what the tests need and run every check and test"
	@echo "make bench  measure extraction, import and memory"
	@echo "make fmt    format the code"
	@echo "make clean  remove what was built; data/ stays"

run: tools
	cargo build --package cordon
	@if command -v npm >/dev/null; then cargo xtask graphiql; else echo "npm is not installed: /graphiql/ is left out"; fi
	$(CORDON) seed demo --if-empty
	CORDON_GRAPHQL__GRAPHIQL_FOLDER=frontend/graphiql/dist $(CORDON) serve --target all

test: tools
	@command -v curl >/dev/null && [ -x /bin/kill ] || $(MAKE) --no-print-directory install PACKAGES="curl procps"
	cargo xtask test

bench: tools
	cargo xtask bench --large 1000000

fmt:
	cargo fmt --all

clean:
	cargo clean
	rm -rf .scratch frontend/graphiql/dist frontend/graphiql/node_modules e2e/audit/node_modules

# Rust links with the C compiler, and SQLite and ring are C.
tools:
	@command -v cargo >/dev/null || { echo "Rust is needed, see https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || $(MAKE) --no-print-directory install PACKAGES="gcc libc6-dev"

install:
	@if [ "$$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null; then sudo="sudo -n"; \
	else echo "please install as root: apt-get install $(PACKAGES)"; exit 1; fi; \
	$$sudo apt-get update -q && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(PACKAGES)
