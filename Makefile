# Countersign. Needs Python 3.11, pip and make; everything else is installed below .venv, or by apt where it may.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
RESET ?=
GOALS ?=
# One a core would make the installations that tests start wait for each other beyond their time.
WORKERS ?= 2
# A package index that is not reached at once is asked again; downloads are checked against the hashes.
PIP := $(BIN)/python -m pip --disable-pip-version-check --retries 5
RUN_STAMP := $(VENV)/.requirements
DEV_STAMP := $(VENV)/.requirements-dev
TEST_ENV := COUNTERSIGN_ENV=test

.PHONY: help demo test test-long check gallery bench verifier corpus requirements _system-packages clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null && "$(PYTHON)" -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" || { echo "Countersign needs Python 3.11. Next: install it, or say make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(RUN_STAMP) ## the whole product with real data on http://localhost:$(PORT); RESET=1 starts over
	@exec $(BIN)/python manage.py demo --port $(PORT) $(if $(RESET),--reset)

test: $(DEV_STAMP) _system-packages ## every test but the long ones
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long" $(TESTS)

test-long: $(DEV_STAMP) _system-packages ## the tests that take minutes
	$(BIN)/python -m pytest -n $(WORKERS) -m long

_system-packages:
	@tools/system-packages

gallery: $(DEV_STAMP) _system-packages ## every page on both papers, wide and narrow, into var/gallery/
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/e2e/test_gallery.py tests/e2e/test_gallery_of_changes.py
	for paper in light dark; do \
	  COUNTERSIGN_SHOTS=var/gallery COUNTERSIGN_PAPER=$$paper \
	  $(BIN)/python -m pytest -q tests/e2e/test_a_deployment_is_founded_and_governed.py || exit 1; \
	done
	COUNTERSIGN_SHOTS=var/gallery $(BIN)/python -m pytest -q tests/e2e/test_buckets_become_bytes_in_a_directory.py

check: $(DEV_STAMP) ## lint, format, types, walls, migrations, templates, docs, security, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TEST_ENV) DATABASE_URL= $(BIN)/python manage.py makemigrations --check --dry-run
	$(TEST_ENV) DATABASE_URL= $(BIN)/python manage.py check
	$(BIN)/djlint templates --check --lint --quiet
	$(BIN)/bandit --quiet --recursive ledger governance console manage.py --configfile pyproject.toml
	$(BIN)/python -m pytest -q tests/docs
	@tools/audit-dependencies

verifier: $(RUN_STAMP) ## the offline verifier as one file, into dist/
	@mkdir -p dist
	@$(BIN)/python manage.py verifier_build --out dist/countersign-verify.py

corpus: $(DEV_STAMP) ## the verifier's corpus for verifiers in other languages, into dist/corpus/
	@$(BIN)/python -m tests.corpus.all dist/corpus

bench: $(DEV_STAMP) ## the benchmarks, as ratios to peers measured in the same run, into bench/results.md; GOALS="P5 P6"
	$(BIN)/python -m bench $(GOALS)

requirements: $(DEV_STAMP) ## compile requirements*.in into requirements*.txt with hashes
	tools/compile-requirements

clean: ## remove the virtualenv, caches and the demo's state
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
