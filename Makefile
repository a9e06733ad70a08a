# Everything a newcomer or a developer types. Each target does its own set-up.

PYTHON ?= python3
VENV ?= .venv
# More workers than cores: most tests wait for clocks and sockets.
WORKERS ?= 4
# How often a test that fails is run again; the summary names each.
RERUNS ?= 0
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo run check test lint audit screenshot requirements

help:            ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: *[^#]*## /\t/' | expand -t 14

$(BIN)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Dailies needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.installed-dev: requirements-dev.txt $(BIN)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(BIN)/.installed   ## one job in the sandbox, then the page at http://127.0.0.1:8420 (ONCE=1: end instead)
	$(BIN)/python -m sandbox demo $(if $(ONCE),--once)

run: $(BIN)/.installed    ## the bot with the settings in .env
	$(BIN)/python bot.py

check: $(BIN)/.installed  ## test the settings in .env: the token, the key, the default model …; costs nothing
	$(BIN)/python bot.py check

ifdef COVERAGE
RUN_TESTS = $(BIN)/python -m coverage erase && $(BIN)/python -m coverage run -m pytest -n $(WORKERS) --reruns $(RERUNS) \
	&& $(BIN)/python -m coverage combine --quiet && $(BIN)/python -m coverage report --fail-under=90
else
RUN_TESTS = $(BIN)/python -m pytest $(if $(TESTS),$(TESTS),-n $(WORKERS))
endif

test: $(BIN)/.installed-dev   ## every test; TESTS="path -k word" for some, COVERAGE=1 for the coverage floor too
	@start=$$(date +%s); $(RUN_TESTS); code=$$?; seconds=$$(($$(date +%s) - start)); \
	echo "make test took $$((seconds / 60)) min $$((seconds % 60)) s"; exit $$code

lint: $(BIN)/.installed-dev   ## ruff, pyright, import rules, hadolint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

audit: $(BIN)/.installed-dev  ## known vulnerabilities of the packages; Error 1: there are some, Error 3: no answer
	@$(BIN)/python scripts/audit.py

screenshot: $(BIN)/.installed-dev   ## docs/sandbox.png, from a finished job in Chromium
	$(BIN)/python scripts/screenshot.py

# For every Python from 3.11 on and every system: pip takes nothing that is not listed, so each has to find its packages.
COMPILE = $(BIN)/uv pip compile --quiet $(if $(PACKAGE),--upgrade-package $(PACKAGE),--upgrade) --universal \
	--python $(BIN)/python --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--custom-compile-command "make requirements"

requirements: $(BIN)/.installed-dev   ## the newest versions into requirements*.txt; PACKAGE=name for one
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt requirements-dev.in
