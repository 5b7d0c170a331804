# The first commands: `make up` runs the program on the stack dev, `make test` and `make e2e` prove it.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
BENCH := .bench
NEWEST := .newest
SOURCES := alertpath components tools tests bench __main__.py
# Python compiles what it imports; most of Pulumi's SDK nobody imports, and compiling it all takes half a minute.
INSTALL := --quiet --disable-pip-version-check install --no-compile
PIP := $(VENV)/bin/pip $(INSTALL)
PYTEST := $(PYTHON) -m pytest --dist loadfile --no-loadscope-reorder
FETCHING := { echo "pip could not install the packages; it says why above. It needs a package index: PyPI, or the one \
	that PIP_INDEX_URL names. Then run the same command again." >&2; exit 1; }
# Where it is set, each of the many processes would compile all that it imports once more.
unexport PYTHONDONTWRITEBYTECODE
# Each file of tests stands in one of these directories: tests/unit/test_commands.py.
TESTS := tests/engine tests/exact tests/docs tests/unit
E2E := tests/e2e tests/program

.PHONY: help up test test-newest e2e check format golden bench cluster cli providers tools lock clean

help:  ## what can be made
	@sed -nE 's/^([a-z-]+):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

# The routing table needs little of what is installed, so it is shown before the rest is got.
up: $(VENV)/.commands  ## run the program on the stack dev: files in rendered/dev, no cluster needed
	@$(PYTHON) -m tools.up table
	@$(MAKE) --no-print-directory $(VENV)/.runtime
	@$(PYTHON) -m tools.up

# What `make up` has got is enough for it, so it needs no root, no cluster and no other tool.
test: check $(VENV)/.development  ## tests in minutes: exactness, and the stack dev on the real engine
	@$(PYTHON) -m tools.engine find
	$(PYTEST) --numprocesses 2 $(TESTS)

# The engine and its providers stay what can be built here.
test-newest: $(NEWEST)/.installed  ## the unit tests, with Pulumi's mocks, on the newest version of each Python package
	$(NEWEST)/bin/python -m pytest --numprocesses 2 tests/unit

# The cluster's tests begin first and often wait, so three run on two cores. Where a tool cannot be had its tests are
# skipped, and fail in CI. GOGC: memory for time; an API server takes a quarter less of it until it is ready.
e2e: $(VENV)/.development  ## all other tests: providers, Alertmanager's own code, a cluster of real parts; says how long
	@$(PYTHON) -m tools.ahead
	@$(PYTHON) -m tools.engine providers --home .pulumi/tests || [ -z "$$CI" ]
	@$(PYTHON) -m tools.gotools ensure --tests >/dev/null || [ -z "$$CI" ]
	GOGC=400 $(PYTEST) --numprocesses 3 $(E2E)

check: $(VENV)/.development  ## formatting, lint, types
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/pyright

format: $(VENV)/.development  ## format, and mend what lint can mend
	$(VENV)/bin/ruff format $(SOURCES)
	$(VENV)/bin/ruff check --fix $(SOURCES)

golden: $(VENV)/.runtime  ## rewrite what is generated and committed, to be reviewed as a diff
	@$(PYTHON) -m tools.golden
	@git status --short tests/golden tests/bad '*.md'

bench: $(VENV)/.development $(BENCH)/.installed  ## measure, side by side with baselines and other tools; docs/benchmarks.md
	@$(PYTHON) -m bench

cluster: $(VENV)/.development  ## leave a real cluster running on this machine's loopback, until Ctrl-C
	@$(PYTHON) -m tests.e2e

cli: $(VENV)/.commands  ## the command line alone: no Pulumi, no Kubernetes client

providers: $(VENV)/.runtime  ## the engine's plugins for clusters, into Pulumi's own plugin directory
	@$(PYTHON) -m tools.engine launcher $(VENV)/bin/pulumi
	@$(PYTHON) -m tools.engine providers
	@echo "$(VENV)/bin/pulumi runs the engine; its plugins are in $${PULUMI_HOME:-~/.pulumi}/plugins"

LOCK := $(VENV)/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11

lock: $(VENV)/.development  ## lock the requirements anew, with hashes
	$(LOCK) --upgrade pyproject.toml --extra verify --extra pulumi --group dev -o requirements-dev.txt
	$(LOCK) pyproject.toml --extra verify --extra pulumi --group install -c requirements-dev.txt -o requirements.txt
	$(LOCK) pyproject.toml --group install -c requirements-dev.txt -o requirements-cli.txt
	$(LOCK) --upgrade pyproject.toml --extra verify --extra pulumi --group dev \
		--override requirements-newest.in -o requirements-newest.txt
	$(LOCK) --upgrade bench/requirements.in -o bench/requirements.txt

clean:  ## remove what was made here; built tools in the user's cache stay
	rm -rf $(VENV) $(BENCH) $(NEWEST) .pulumi rendered .pytest_cache .ruff_cache

$(VENV)/.commands: requirements-cli.txt pyproject.toml
	@echo "the Python environment ..."
	@python3 tools/environment.py $(VENV)
	@$(PIP) --require-hashes -r requirements-cli.txt || $(FETCHING)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.commands
	@echo "Pulumi's Python packages ..."
	@$(PIP) --require-hashes -r requirements.txt || $(FETCHING)
	@touch $@

$(BENCH)/.installed: bench/requirements.txt
	@echo "the environment of the tools to compare with ..."
	@python3 tools/environment.py $(BENCH)
	@$(BENCH)/bin/pip $(INSTALL) --require-hashes -r bench/requirements.txt || $(FETCHING)
	@touch $@

$(NEWEST)/.installed: requirements-newest.txt pyproject.toml
	@echo "the environment of the newest packages ..."
	@python3 tools/environment.py $(NEWEST)
	@$(NEWEST)/bin/pip $(INSTALL) --require-hashes -r requirements-newest.txt || $(FETCHING)
	@$(NEWEST)/bin/pip $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "the development environment ..."
	@$(PIP) --require-hashes -r requirements-dev.txt || $(FETCHING)
	@touch $@
