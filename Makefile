# 城乡困难户帮扶平台. `make help` lists what there is.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
SAMPLE ?= small
ARGS ?=
# The first Python that this project runs on.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
ENGLISH := README.md CHANGELOG.md docs relief miniprogram_api devtools migrations tests Makefile

export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help run install test test-only check soak drill bench lint format migration lock openapi clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Run the platform with sample data (PORT=8000, SAMPLE=small, city or none)
	@exec $(BIN)/relief --parent $$PPID run --port $(PORT) --sample $(SAMPLE)

install: $(VENV)/.installed-dev ## Install what tests and checks need

test: $(VENV)/.installed-dev ## Run all tests with coverage (ARGS="-k name" to choose)
	@$(BIN)/python -m pytest -n 2 --cov --cov-report=term $(ARGS)

test-only: $(VENV)/.installed-dev ## Run tests without coverage, in one process (ARGS="tests/unit")
	@$(BIN)/python -m pytest $(ARGS)

check: lint test ## Run every check, then all tests

lint: $(VENV)/.installed-dev ## Run every check but the tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo
	$(BIN)/deptry relief miniprogram_api devtools seeds
	$(BIN)/codespell $(ENGLISH)
	$(BIN)/python -m tests.support.check_migrations
	$(BIN)/python -m tests.support.check_lock

format: $(VENV)/.installed-dev ## Put the code into its form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

soak: $(VENV)/.installed-dev ## Run the long tests: kills, restarts, races (SCALE=0.1 for a tenth)
	@$(BIN)/python -m pytest -n 2 -m soak --timeout=1800 --randomly-dont-reorganize $(ARGS)

drill: $(VENV)/.installed ## Drill pgBackRest: backup, disaster, point in time (needs Debian's packages)
	@$(BIN)/python -m devtools.drills.pgbackrest

bench: $(VENV)/.installed-dev ## Measure import, merge, lists and search at city size
	@$(BIN)/relief bench $(ARGS)

migration: $(VENV)/.installed-dev ## Write a migration from the models (M="Add appeals")
	@test -n "$(M)" || { echo 'say what it does: make migration M="Add appeals"'; exit 2; }
	@$(BIN)/python -m tests.support.check_migrations --new "$(M)"

openapi: $(VENV)/.installed-dev ## Write docs/openapi.json anew after a change of the API
	@$(BIN)/python -m tests.support.openapi

lock: $(VENV)/.installed-dev ## Resolve the dependencies anew into the two locks
	$(BIN)/uv pip compile pyproject.toml --extra build $(COMPILE) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev $(COMPILE) -o requirements-dev.lock
# With the extras: a pip that meets `coverage[toml]` beside a bare `coverage==…` takes the newest
# release for it, finds no hash, and stops.
COMPILE := --quiet --generate-hashes --no-header --no-annotate --no-strip-extras --universal \
	--python-version 3.11

clean: ## Remove the virtual environment and the caches (not var/, which holds the data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .coverage.*

# An interrupted installation leaves `.installing` behind, and the environment is made anew: a
# package of which half the files were written would count as installed.
define install
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 至 3.13（Debian 12：apt install python3）"; exit 1; }
	@if [ -e $(VENV)/.installing ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "正在建立虚拟环境 $(VENV) ……"; \
		$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "无法建立虚拟环境：请先安装 python3-venv（Debian：apt install python3-venv）"; exit 1; }; \
	fi
	@touch $(VENV)/.installing
	@echo "正在安装依赖（$(1)）……"
	@$(PIP) install --quiet --require-hashes -r $(1)
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@rm $(VENV)/.installing
endef

$(VENV)/.installed: requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.installed
