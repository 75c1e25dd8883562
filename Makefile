# CryptoTrade: every habit of the house. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

DISTRIBUTIONS := services/kit services/strategies services/simulator services/bots \
  gateway auth keyvault exchange-bridge ai-engine proxy deploy/local
PYPROJECTS := $(DISTRIBUTIONS:%=%/pyproject.toml)
SOURCES := $(DISTRIBUTIONS:%=%/src)
UNIT_TESTS := $(wildcard $(DISTRIBUTIONS:%=%/tests))
CHECKED := $(DISTRIBUTIONS) tests bench scripts conftest.py

PY := .venv/bin/python
RUNTIME := .venv/.runtime
DEV := .venv/.dev
OWN := .venv/.own
# where the launcher's children look for compiled strategies too
export NUMBA_CACHE_DIR := $(CURDIR)/.venv/var/numba
PAGE := frontend/dist/index.html
NODE_MODULES := frontend/node_modules/.installed
PAGE_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
  $(wildcard frontend/*.ts frontend/*.js frontend/*.json frontend/index.html)

# make run MARKET=replay REPLAY=candles.parquet SPEED=60
MARKET ?=
REPLAY ?=
SPEED ?=
LAUNCH_SETTINGS := $(if $(MARKET),CT_MARKET='$(MARKET)') $(if $(REPLAY),CT_REPLAY='$(REPLAY)') \
  $(if $(SPEED),CT_REPLAY_SPEED='$(SPEED)')
# make test-fast T=services/bots
T ?= $(UNIT_TESTS)
STEP := scripts/step
SHOWN := V=1 scripts/step

.PHONY: help
help: ## List every habit
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# --- running -----------------------------------------------------------------

.PHONY: run demo
run: $(OWN) $(PAGE) ## Start the whole platform on this machine (MARKET=replay REPLAY=file SPEED=60)
	@$(LAUNCH_SETTINGS) exec $(PY) -m ct_local run --with-parent

demo: $(OWN) $(PAGE) ## The same, with a demo account, bots and results
	@$(LAUNCH_SETTINGS) exec $(PY) -m ct_local demo --with-parent

.PHONY: doctor
doctor: $(OWN) ## Say what is wrong on this machine and what to do
	@$(PY) -m ct_local doctor

.PHONY: frontend
frontend: $(PAGE) ## Build the page when its sources changed

# --- checking ----------------------------------------------------------------

.PHONY: test test-fast lint types frontend-check unit-test platform-test
test: lint types frontend-check unit-test platform-test ## Everything CI runs; installs what it needs

lint: $(DEV) $(OWN) ## ruff, import directions, locks
	@$(SHOWN) "Lint" $(PY) -m ruff check $(wildcard $(CHECKED))
	@$(SHOWN) "Format" $(PY) -m ruff format --check $(wildcard $(CHECKED))
	@$(SHOWN) "Import directions" .venv/bin/lint-imports
	@$(SHOWN) "Locks cover every dependency" $(PY) scripts/lock.py --check

types: $(DEV) $(OWN) ## mypy --strict over every distribution
	@$(SHOWN) "Types" $(PY) -m mypy $(SOURCES) scripts

frontend-check: $(NODE_MODULES) ## The page's lint, types, unit tests and freshness of its API types
	@$(SHOWN) "Frontend lint" npm --prefix frontend run --silent lint
	@$(SHOWN) "Frontend types" npm --prefix frontend run --silent types
	@$(SHOWN) "Frontend API types are fresh" npm --prefix frontend run --silent api:check
	@$(SHOWN) "Frontend unit tests" npm --prefix frontend run --silent test

unit-test: $(DEV) $(OWN)
	@$(SHOWN) "Unit and contract tests" $(PY) -m pytest -q -n 2 --dist loadfile $(UNIT_TESTS)

platform-test: $(DEV) $(OWN) $(PAGE)
	@$(STEP) "Chromium for the browser tests" scripts/require-chromium
	@$(SHOWN) "Integration and browser tests" $(PY) -m pytest -q tests

test-fast: $(DEV) $(OWN) ## Unit and contract tests only (T=path for some of them)
	@$(PY) -m pytest -q -n 2 --dist loadfile $(T)

format: $(DEV) ## Let ruff mend what it can
	@$(PY) -m ruff check --fix-only --quiet $(wildcard $(CHECKED))
	@$(PY) -m ruff format $(wildcard $(CHECKED))

.PHONY: bench
bench: $(DEV) $(OWN) ## Measure; prints a table, writes JSON under bench/results/
	@for workload in bench/w*.py; do $(PY) $$workload; done

# --- generated files ---------------------------------------------------------

.PHONY: lock openapi
lock: $(DEV) ## Pin every dependency with hashes (UPGRADE=1 to take newer ones)
	@$(PY) scripts/lock.py $(if $(UPGRADE),--upgrade)

openapi: $(DEV) $(OWN) $(NODE_MODULES) ## Write the committed OpenAPI documents and the page's types
	@$(PY) scripts/openapi.py
	@npm --prefix frontend run --silent api

# --- installing --------------------------------------------------------------

$(PY):
	@scripts/require-tools node
	@python=$$(scripts/require-tools python) && $(STEP) "Making .venv" "$$python" -m venv .venv

$(RUNTIME): requirements.lock | $(PY)
	@$(STEP) "Installing pinned packages" $(PY) -m pip install --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock | $(PY)
	@$(STEP) "Installing pinned packages for tests" \
	  $(PY) -m pip install --require-hashes -r requirements-dev.lock
	@touch $(RUNTIME) $@

$(OWN): $(PYPROJECTS) | $(RUNTIME)
	@$(STEP) "Installing our own packages" $(PY) -m pip install --no-deps --no-build-isolation \
	  --no-index $(DISTRIBUTIONS:%=-e %)
	@$(PY) -m compileall -q $(SOURCES)
	@$(STEP) "Compiling the strategies" $(PY) -m ct_strategies.precompile
	@touch $@

$(NODE_MODULES): frontend/package-lock.json
	@scripts/require-tools node
	@$(STEP) "Installing the page's packages" npm --prefix frontend ci
	@touch $@

$(PAGE): $(NODE_MODULES) $(PAGE_SOURCES)
	@scripts/require-tools node
	@$(STEP) "Building the page" npm --prefix frontend run build
	@touch $@

.PHONY: clean
clean: ## Remove what was installed and built; your data in .data stays
	rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis test-results
	find $(DISTRIBUTIONS) tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
