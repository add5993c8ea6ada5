# `make` alone lists the targets. PYTHON=… names another Python, ARGS="…" is passed on
# to pytest (`make test ARGS="-k revert -x"`) or to `uv pip compile` (`make lock`).

HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

BIN := .venv/bin
SAY := @printf '== %s\n'
DATABASE = $(firstword $(subst :, ,$(or $(DATABASE_URL),sqlite)))
# --maxprocesses: each process has a database of its own.
# One more than there are cores: many tests wait.
PYTEST = $(BIN)/python -m pytest -n $$(($$(nproc 2>/dev/null || echo 2) + 1)) --maxprocesses 8
UV := uv==0.13.9
COMPILE = pip compile --quiet --no-config --universal --python-version 3.11 \
  --generate-hashes --annotation-style line --custom-compile-command 'make lock'

# The oldest version that will do, which is the tested one, else a newer one. Debian
# leaves `ensurepip` out of a Python without its python3-venv.
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3.14 python3; do \
  $$each -c '$(SUITABLE)' 2>/dev/null && command -v $$each && break; done)

CHECK_PYTHON = @"$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null || { \
  echo "Python 3.11 or newer, with its venv module, is needed and was not found"; \
  echo "(on Debian: apt-get install python3-venv). PYTHON=/path/to/python names one."; \
  exit 1; } >&2

.PHONY: help setup run test test-fast nightly demo bench load openapi formats screenshots schemathesis lint lock environment

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: .venv/requirements-dev.txt ## make .venv and install into it what development needs
	@:

run: .venv/requirements.txt ## web server and worker on HOST:PORT; Ctrl-C ends both
	@$(BIN)/python manage.py run --host $(HOST) --port $(PORT)

test: setup ## all tests, on SQLite unless DATABASE_URL names another database
	$(SAY) "All tests on $(DATABASE): a quarter of an hour and more on two cores (make test-fast: 6 minutes)"
	@$(PYTEST) $(ARGS)

test-fast: setup ## the tests without real processes, kills and long histories
	$(SAY) "Tests on $(DATABASE), without the slow ones: about 6 minutes on two cores"
	@$(PYTEST) -m "not slow" $(ARGS)

HISTORIES ?= 300
STEPS ?= 30
nightly: setup ## HISTORIES random histories of STEPS steps and 60,000 orphans, on PostgreSQL
	$(if $(filter postgres%,$(DATABASE)),,$(error DATABASE_URL has to name a PostgreSQL))
	$(SAY) "$(HISTORIES) histories of $(STEPS) steps; 60,000 orphans"
	@env -u CI HISTORIES=$(HISTORIES) STEPS=$(STEPS) ORPHANS=60000 \
	  $(BIN)/python -m pytest tests/imports/test_histories.py \
	  tests/imports/test_many_orphans.py $(ARGS)

demo: .venv/requirements.txt ## import, read, revert and restore against a real server
	@$(BIN)/python tests/demo.py

bench: setup ## how long the main operations take
	@$(BIN)/python -m tests.bench

load: setup ## a thousand who poll and fifty who import; ARGS="--seconds 30"
	@$(BIN)/python -m tests.load $(ARGS)

openapi: setup ## docs/openapi.yaml, the API's description, and the examples in it
	@RECORD_EXAMPLES=1 $(BIN)/python -m pytest -q tests/test_openapi.py \
	  -k the_examples_are_what_the_sample_gives
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn \
	  --file docs/openapi.yaml

formats: setup ## docs/formats.md, what players read of the import types
	@$(BIN)/python -m tests.formats_page

screenshots: setup ## docs/screenshots, pictures of the site for the documentation
	@$(BIN)/python -m tests.screenshots

SECONDS ?= 120
schemathesis: setup ## SECONDS of random requests to a real server, with and without a token
	@$(BIN)/python -m tests.random_requests $(SECONDS)

lint: setup ## rules, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: ## requirements*.in -> requirements*.txt; ARGS=--upgrade for newer versions
	$(SAY) "Locking with $(UV), in an environment that is thrown away"
	$(CHECK_PYTHON)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	"$(PYTHON)" -m venv "$$scratch" && \
	"$$scratch/bin/pip" install --quiet --disable-pip-version-check $(UV) && \
	"$$scratch/bin/uv" $(COMPILE) $(ARGS) -o requirements.txt requirements.in && \
	"$$scratch/bin/uv" $(COMPILE) $(ARGS) -o requirements-dev.txt requirements-dev.in \
	  -c requirements.txt
	@git --no-pager diff --stat requirements.txt requirements-dev.txt

# The copy in .venv says what was installed last. An environment that works is kept.
.venv/%.txt: %.txt
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' \
	  2>/dev/null || $(MAKE) --no-print-directory environment
	$(SAY) "Installing $< into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r $<
	@cp $(sort requirements.txt $<) .venv/

environment:
	$(CHECK_PYTHON)
	@printf '== Making .venv with %s\n' "$$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --clear .venv
