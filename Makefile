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

run: setup
	@$(MANAGE) run --host $(HOST) --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n 2

demo: setup
	@$(BIN)/python tests/demo.py

bench: setup
	$(BIN)/python -m tests.bench

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
