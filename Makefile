# The portal from a fresh machine: it needs make and Python 3.11 or newer. `make help` explains each target.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask
PYTEST := $(BIN)/python -m pytest
PYTEST_WORKERS ?= auto
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
UV ?= $(firstword $(wildcard $(BIN)/uv) $(shell command -v uv))
LOCK = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml
HAS_POSTGRES = ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null
ON_POSTGRES = \
	tests/modules/test_same_instant_*.py \
	tests/test_admin_bulk.py \
	tests/test_admin_create.py \
	tests/test_again.py \
	tests/test_at_once.py \
	tests/test_backup_documents.py \
	tests/test_backup_kills.py \
	tests/test_backups.py \
	tests/test_backups_postgres.py \
	tests/test_behind.py \
	tests/test_bouncer.py \
	tests/test_cli.py \
	tests/test_cli_backups.py \
	tests/test_cli_careful.py \
	tests/test_cli_recreate.py \
	tests/test_clone.py \
	tests/test_decisions.py \
	tests/test_delete.py \
	tests/test_doctor_postgres.py \
	tests/test_engines.py \
	tests/test_findings.py \
	tests/test_fleet.py \
	tests/test_fleet_command.py \
	tests/test_grown.py \
	tests/test_isolation.py \
	tests/test_kills.py \
	tests/test_kills_on_server.py \
	tests/test_kit_audit.py \
	tests/test_kit_claims.py \
	tests/test_kit_concurrency.py \
	tests/test_kit_csv.py \
	tests/test_kit_events.py \
	tests/test_kit_lists.py \
	tests/test_kit_locks.py \
	tests/test_kit_moves.py \
	tests/test_kit_print.py \
	tests/test_kit_records.py \
	tests/test_kit_search.py \
	tests/test_kit_sequences.py \
	tests/test_kit_states.py \
	tests/test_left_on_server.py \
	tests/test_migrate_postgres.py \
	tests/test_modes.py \
	tests/test_move.py \
	tests/test_move_kills.py \
	tests/test_older_release.py \
	tests/test_operations.py \
	tests/test_postgres.py \
	tests/test_process_kills.py \
	tests/test_provisioning.py \
	tests/test_recreate.py \
	tests/test_recreate_kills.py \
	tests/test_releases.py \
	tests/test_rename.py \
	tests/test_repair.py \
	tests/test_restore.py \
	tests/test_scheduled_backups.py \
	tests/test_shared_folders.py \
	tests/test_tenancy_session.py \
	tests/test_the_day.py \
	tests/test_verify.py \
	tests/test_verify_postgres.py \
	tests/test_watch.py
HAS_BOUNCER = [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: help setup run demo test test-browser test-postgres test-strace check bench lock

help: ## Explain the targets (this text)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run ## Make the virtual environment with the locked packages

run: $(VENV)/.run ## Run the portal: control database, Redis, web, worker and reaper, until Ctrl-C
	@exec $(FLASK) up

demo: $(VENV)/.run ## Add two hospitals with believable records, and print who can sign in
	@$(FLASK) demo $(ARGS)

test: $(VENV)/.test ## Run the tests
	$(PYTEST) -n $(PYTEST_WORKERS) $(ARGS)

test-browser: $(VENV)/.browser ## Run the tests that drive the pages in Chromium
	@$(MAKE) _chromium
	@chromium='$(CHROMIUM)'; chromium=$${chromium:-$$(command -v chromium)}; \
	if [ -n "$$chromium" ]; then set -x; CHROMIUM="$$chromium" $(PYTEST) -m browser $(ARGS); fi

test-postgres: $(VENV)/.test ## Run the tests on PostgreSQL, in a server of their own
	@$(MAKE) _postgres
	@if ($(HAS_POSTGRES)) && ($(HAS_BOUNCER)); then set -x; \
	TESTS_ON=postgresql $(PYTEST) -n $(PYTEST_WORKERS) -m 'not sqlite' $(ON_POSTGRES) $(ARGS); fi

test-strace: $(VENV)/.test ## Run the tests that fail or kill the work at every system call (minutes)
	@$(MAKE) _strace
	@if command -v strace >/dev/null; then set -x; $(PYTEST) -n $(PYTEST_WORKERS) -m strace $(ARGS); fi

check: $(VENV)/.test ## Check style, format, the start-up checks and that the migrations match the models
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(FLASK) check

bench: $(VENV)/.run ## Measure what is promised to be fast
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.run ## Choose the newest allowed packages anew and write requirements/*.txt
	@$(if $(UV),,$(PIP) install uv)
	$(MAKE) _lock

# --- behind the targets ---------------------------------------------------------------------------------------

.PHONY: _chromium _postgres _strace _lock

$(VENV)/.run: requirements/run.txt
$(VENV)/.test: requirements/test.txt
$(VENV)/.browser: requirements/browser.txt
$(VENV)/.run $(VENV)/.test $(VENV)/.browser: | $(BIN)/python
	@echo "Installing the packages of $< ..."
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "The portal needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>&1)."; \
		echo "Install a newer one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; fi
	@echo "Making the virtual environment $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; }

# $(call install,how to see that it is there,which tests need it,its name,its package)
define install
	@if $(1); then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(3) ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(4); \
	else \
		echo "$(2) did not run: there is no $(3) here, and only root can install it."; \
		echo "On Debian and Ubuntu: apt-get install $(4)"; \
		[ "$$CI" != true ]; \
	fi
endef

_chromium:
	$(call install,[ -n "$(CHROMIUM)" ],The browser tests,Chromium,chromium)

_postgres:
	$(call install,($(HAS_POSTGRES)) && ($(HAS_BOUNCER)),The tests on PostgreSQL,PostgreSQL with PgBouncer,postgresql pgbouncer)

_strace:
	$(call install,command -v strace >/dev/null,The strace tests,strace,strace)

_lock:
	$(LOCK) -o requirements/run.txt
	$(LOCK) --group test --constraint requirements/run.txt -o requirements/test.txt
	$(LOCK) --group test --group browser --constraint requirements/test.txt -o requirements/browser.txt
