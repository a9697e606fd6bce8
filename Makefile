# FieldOps. `make` alone lists the commands; `make run` is all that a fresh machine needs (python3, pip, make).
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run setup setup-check setup-test check test bench bench-roster migration lock clean
.NOTPARALLEL:

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 16
	@echo '  Options: make run ARGS="--help", make test ARGS="-k seats", make PYTHON=python3.12 setup'

run: setup ## Install what is missing, then start FieldOps and print where it is
	@$(BIN)/fieldops run $(ARGS)

setup: ## Make .venv from requirements.lock, put the browser's files into static/vendor
	@$(PYTHON) tools/setup.py
	@$(PYTHON) tools/assets.py

setup-check setup-test: setup-%:
	@$(PYTHON) tools/setup.py --$*
	@$(PYTHON) tools/assets.py

check: setup-check ## Lint, format, types, directions of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: setup-test check ## All checks and tests, on SQLite and PostgreSQL and in Chromium; installs what they need
	$(BIN)/python tools/postgres.py $(BIN)/pytest -n 2 $(ARGS)

bench: setup ## Measure speed (see docs/)
	@$(BIN)/python tools/bench.py $(ARGS)

bench-roster: setup ## Measure how fast and how fair proposed rosters are
	@$(BIN)/python tools/bench_roster.py $(ARGS)

migration: setup ## Write the next migration from the models: make migration m="what it does"
	@$(BIN)/python tools/migration.py "$$m"

lock: ## Pin requirements*.in and web/package.json again, with hashes (for Python 3.11 and newer)
	@$(PYTHON) tools/lock.py $(ARGS)

clean: ## Remove what was installed and built; the office's data in var/ stays
	rm -rf .venv .tools static/vendor web/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find fieldops migrations tests tools -name __pycache__ -prune -exec rm -rf {} +
