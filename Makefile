# Everything a newcomer or a developer types. Each target does its own set-up.

PYTHON ?= python3
VENV ?= .venv
# More workers than cores: most tests wait for clocks and sockets.
WORKERS ?= 4
# How often a test that fails is run again; the summary names each.
RERUNS ?= 0
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Empty: written. Every worker and every bot of the tests would compile the same files again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo run check test lint docs audit screenshot languages requirements

help:            ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: *[^#]*## /\t/' | expand -t 14

$(BIN)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Dailies needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@# Python compiles what it imports; to compile all packages here takes longer than the rest of the installation.
	$(BIN)/pip install --quiet --no-compile --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.installed-dev: requirements-dev.txt $(BIN)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(BIN)/.installed   ## one job in the sandbox, then its page at http://127.0.0.1:8420 (PORT=8421: there; ONCE=1: end instead)
	@$(BIN)/python -m sandbox demo $(if $(PORT),--port $(PORT)) $(if $(ONCE),--once)

run: $(BIN)/.installed    ## the bot with the settings in .env
	$(BIN)/python bot.py

check: $(BIN)/.installed  ## test the settings in .env: the token, the key, the default model …; costs nothing
	$(BIN)/python bot.py check

ifdef COVERAGE
RUN_TESTS = $(BIN)/python -m coverage erase && $(BIN)/python -m coverage run -m pytest -n $(WORKERS) --reruns $(RERUNS) \
	&& $(BIN)/python -m coverage combine --quiet && $(BIN)/python -m coverage report --fail-under=90
else
RUN_TESTS = $(BIN)/python -m pytest --reruns $(RERUNS) $(or $(TESTS),-n $(WORKERS) $(if $(ALL),,-m "not slow"))
endif

test: $(BIN)/.installed-dev   ## all but the slow tests; ALL=1 for those too, TESTS="path -k word" for some, COVERAGE=1 for a floor
	@start=$$(date +%s); $(RUN_TESTS); code=$$?; seconds=$$(($$(date +%s) - start)); \
	echo "make test took $$((seconds / 60)) min $$((seconds % 60)) s"; exit $$code

SCHEMA = $(BIN)/check-jsonschema --quiet --builtin-schema

lint: $(BIN)/.installed-dev   ## ruff, pyright, import rules, hadolint, schemas of Compose and of GitHub's files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(SCHEMA) vendor.compose-spec compose.yaml
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/idea.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml

# Without --quiet, with which --strict counts no warnings.
docs: $(BIN)/.installed-dev   ## the documentation as a site in site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

audit: $(BIN)/.installed-dev  ## known vulnerabilities of the packages; Error 1: there are some, Error 3: no answer
	@$(BIN)/python scripts/audit.py

screenshot: $(BIN)/.installed-dev   ## docs/demo.webp, a moving picture of a job in the sandbox, in Chromium
	$(BIN)/python scripts/screenshot.py

# For every Python from 3.11 on and every system: pip takes nothing that is not listed, so each has to find its packages.
COMPILE = $(BIN)/uv pip compile --quiet $(if $(PACKAGE),--upgrade-package $(PACKAGE),--upgrade) --universal \
	--python $(BIN)/python --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--custom-compile-command "make requirements"

requirements: $(BIN)/.installed-dev   ## the newest versions into requirements*.txt; PACKAGE=name for one
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt requirements-dev.in

languages: $(BIN)/.installed-dev   ## dailies/locale/ with the texts of the code; LANGUAGE=fr begins another language
	$(BIN)/python scripts/languages.py $(if $(LANGUAGE),--add $(LANGUAGE))
