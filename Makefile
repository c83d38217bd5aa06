# Every target sets up what it needs: system packages, a virtual environment from the locked
# requirements, then the work. `make demo` and `make test` are where to begin.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python >= 3.11 that really starts (a shim may be there without its Python).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# The promises of tests/promises.toml: `report` prints what is missing, `strict` fails on it.
PROMISES ?= strict
# One more than two cores: some tests wait for real windows and real processes.
TEST_WORKERS ?= 3
# A bound for a busy machine.
TEST_SECONDS ?= 900
SCREENSHOTS ?= tests/screens/out

BIN := .venv/bin
READY := .venv/.ready
LOCK := packaging/requirements/dev.lock
HOUSES := protocol relay desktop tests
PIP := $(BIN)/python -m pip --quiet --no-input --disable-pip-version-check

.PHONY: help demo test lint style types pyright floors tests bench faults screenshots lock clean system setup

help:
	@echo 'make demo         two desktops and a relay, talking to each other on this machine'
	@echo 'make test         every check and every test'
	@echo 'make lint         only the checks: style, types, floors'
	@echo 'make tests        only the tests (TEST=path::name for one of them)'
	@echo 'make bench        speed and size, beside their baselines'
	@echo 'make faults       hours of kills, power cuts, full disks, bad lines and junk; writes tests/faults/README.md'
	@echo 'make screenshots  every screen in light and dark, to tests/screens/out/'
	@echo 'make lock         resolve the requirements anew'
	@echo 'make clean        remove what was made here'

# Set-up

system:
	@$(if $(PYTHON),,echo 'Aside needs Python 3.11 or newer; name it with PYTHON=...' >&2; exit 1)
	@PYTHON=$(PYTHON) packaging/system-packages.sh

# Done once, and again when the lock changes.
$(READY): $(LOCK) | system
	@echo 'Installing the locked requirements into .venv ...'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --only-binary=:all: --requirement $(LOCK)
	@touch $@

# A make called by this one finds everything done.
ifdef ASIDE_IS_SET_UP
setup:
else
setup: system $(READY)
endif
export ASIDE_IS_SET_UP := 1
# Tests start hundreds of programs: compiling each module anew for each would be half of their time.
unexport PYTHONDONTWRITEBYTECODE

# Work

demo: setup
	@$(BIN)/python -m desktop demo $(DEMO)

test: setup
	@start=$$SECONDS; \
	$(MAKE) lint && $(MAKE) tests PROMISES=$(PROMISES) && \
	echo "Everything holds: style, types, floors and every test, in $$((SECONDS - start)) s."

# The four look at the same files and share nothing else, so they run side by side.
lint: setup
	@$(MAKE) --jobs=2 --keep-going --output-sync=target style types pyright floors

style: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo 'style    holds'

types: setup
	@$(BIN)/mypy --no-error-summary
	@echo 'mypy     holds'

pyright: setup
	@$(BIN)/basedpyright --level error > .venv/pyright.log || { cat .venv/pyright.log; exit 1; }
	@echo 'pyright  holds'

floors: setup
	@$(BIN)/lint-imports --no-cache --no-logo > .venv/floors.log || { cat .venv/floors.log; exit 1; }
	@echo 'floors   hold'

tests: setup
ifdef TEST
	@$(BIN)/python -m pytest $(TEST)
else
	@timeout --kill-after=20 $(TEST_SECONDS) \
		$(BIN)/python -m pytest --quiet --numprocesses=$(TEST_WORKERS) --dist=loadgroup --promises=$(PROMISES) || \
		{ code=$$?; [ $$code -ne 124 ] || echo 'The tests took longer than $(TEST_SECONDS) s and were ended.'; exit $$code; }
endif

bench: setup
	@PYTHON=$(PYTHON) packaging/system-packages.sh --bench
	@$(BIN)/python -m tests.bench $(BENCH)

faults: setup
	@$(BIN)/python -m tests.faults $(FAULTS)
	@$(if $(FAULTS),,$(BIN)/python -m tests.faults.town)
	@$(if $(FAULTS),,$(BIN)/python -m tests.faults.fuzzing)

screenshots: setup
	@$(BIN)/python -m tests.screens $(SCREENSHOTS)

# Upkeep

lock:
	@packaging/requirements/lock.sh

clean:
	@rm -rf .venv build dist demo-out tests/screens/out .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
