# make setup | run | test | demo | bench | lint      (README.md says what they do)

PYTHON ?= $(shell command -v python3.11 || command -v python3)
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
INSTALLED := .venv/.installed

.PHONY: setup run test demo bench lint

setup: $(INSTALLED)

$(INSTALLED): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Web and worker live and die together: when one ends, the other is ended too.
run: setup
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) welcome http://$(HOST):$(PORT)
	@mkdir -p var/static
	@trap 'kill $$web $$worker 2>/dev/null; wait' EXIT; trap 'exit 0' INT TERM; \
	$(BIN)/gunicorn tachi.wsgi --workers 2 --bind $(HOST):$(PORT) \
	  --log-level warning & web=$$!; \
	$(MANAGE) qcluster & worker=$$!; \
	while kill -0 $$web && kill -0 $$worker; do sleep 1 & wait $$!; done 2>/dev/null; \
	echo "The web server or the worker has ended, so both have." >&2; exit 1

test: setup
	$(BIN)/python -m pytest -n 2

demo: setup
	@$(BIN)/python tests/demo.py

bench: setup
	$(BIN)/python tests/bench.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
