# The two commands: `make up` runs the program on the stack dev, `make test` proves all of it.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
BENCH := .bench
SOURCES := alertpath components tools tests bench __main__.py

.PHONY: help up test check format golden bench cluster providers tools lock clean

help:  ## what can be made
	@sed -nE 's/^([a-z]+):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

up: $(VENV)/.runtime  ## run the program on the stack dev: files in rendered/dev, no cluster needed
	@$(PYTHON) -m tools.up

# The cluster's tests begin first and often wait, so three run on two cores. Where a tool cannot be had its tests are
# skipped, and fail in CI. GOGC: memory for time; an API server takes a quarter less of it until it is ready.
test: check $(VENV)/.development  ## all tests: on the real engine, and on a cluster of real parts
	@echo "what the tests run on: the engine, its plugins, and tools ..."
	@$(PYTHON) -m tools.engine providers --home .pulumi/tests
	@$(PYTHON) -m tools.gotools ensure --tests >/dev/null || [ -z "$$CI" ]
	GOGC=400 $(PYTHON) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder \
		tests/e2e tests/program tests/engine tests/exact tests/unit

check: $(VENV)/.development  ## formatting, lint, types
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/pyright

format: $(VENV)/.development  ## format, and mend what lint can mend
	$(VENV)/bin/ruff format $(SOURCES)
	$(VENV)/bin/ruff check --fix $(SOURCES)

golden: $(VENV)/.runtime  ## rewrite what is generated and committed, to be reviewed as a diff
	@$(PYTHON) -m tools.golden
	@git status --short tests/golden tests/bad docs

bench: $(VENV)/.development $(BENCH)/.installed  ## measure, side by side with baselines and other tools; docs/benchmarks.md
	@$(PYTHON) -m bench

cluster: $(VENV)/.development  ## leave a real cluster running on this machine's loopback, until Ctrl-C
	@$(PYTHON) -m tests.e2e

providers: $(VENV)/.runtime  ## the engine's plugins for clusters, into Pulumi's own plugin directory
	@$(PYTHON) -m tools.engine launcher $(VENV)/bin/pulumi
	@$(PYTHON) -m tools.engine providers
	@echo "$(VENV)/bin/pulumi runs the engine; its plugins are in $${PULUMI_HOME:-~/.pulumi}/plugins"

lock: $(VENV)/.development  ## lock the requirements anew, with hashes
	$(VENV)/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --upgrade requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --upgrade requirements-dev.in -o requirements-dev.txt
	$(VENV)/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --upgrade bench/requirements.in -o bench/requirements.txt

clean:  ## remove what was made here; built tools in the user's cache stay
	rm -rf $(VENV) $(BENCH) .pulumi rendered .pytest_cache .ruff_cache

$(VENV)/.runtime: requirements.txt pyproject.toml
	@echo "the Python environment ..."
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH)/.installed: bench/requirements.txt
	@echo "the environment of the tools to compare with ..."
	@python3 -m venv $(BENCH)
	@$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "the development environment ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
