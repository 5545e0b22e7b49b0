# Everything a newcomer needs: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
STAMP  := $(VENV)/.installed

.PHONY: install up demo test test-fast test-houses test-services test-rules fmt lint bench docs lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    one complaint, all the way through, on real engines"
	@echo "make test    every test      make test-fast   the rules and tickets, while you write"
	@echo "make lint    ruff, mypy --strict, import-linter      make fmt   what ruff can mend"
	@echo "make up      the house stays running (ARGS=\"--base-port 9000 --data-dir DIR\")"
	@echo "make bench   the speeds, into bench/results.json"

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Satu Atap needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(STAMP)

up: install
	$(BIN)/satuatap up $(ARGS)

demo: install
	$(BIN)/satuatap demo $(ARGS)

# Whole houses are waited for more than they compute: so the tests with houses run beside the others.
HOUSES := tests/faults tests/e2e tests/deploy tests/services/cli tests/services/local
# The rules, and the parts that all services share, are told with their coverage. To trace every line makes tests compute
# longer (20 s became 63 s for the rules, on Python 3.11), which these can bear and those of everything cannot.
RULES := $(wildcard tests/services/*/domain)
TRACED := $(RULES) tests/shared tests/contracts

test: install
	@if [ -n "$(ARGS)" ]; then $(BIN)/python -m pytest $(ARGS); \
	else $(MAKE) --no-print-directory -j2 test-houses test-services test-rules && $(BIN)/coverage report; fi

test-houses: install
	$(BIN)/python -m pytest -p no:cacheprovider $(HOUSES)

test-services: install
	$(BIN)/python -m pytest $(addprefix --ignore=,$(HOUSES) $(TRACED))

test-rules: install
	$(BIN)/coverage run -m pytest -p no:cacheprovider $(TRACED)

# The rules of every service, the contracts, and one service on real engines.
test-fast: install
	$(BIN)/python -m pytest tests/repository tests/contracts $(RULES) tests/services/tickets

fmt: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m bench $(ARGS)

docs: install
	$(BIN)/python -m shared.contracts
	$(BIN)/python -m services.documents

# Universal locks (every platform and Python >= 3.11), with hashes and without download addresses.
LOCK = uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
       --no-emit-find-links --no-emit-package satuatap --custom-compile-command "make lock" pyproject.toml
lock:
	$(LOCK) -o requirements/base.txt
	$(LOCK) --extra local -o requirements/local.txt
	$(LOCK) --extra local --extra dev -o requirements/dev.txt

clean:
	rm -rf $(VENV) .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
