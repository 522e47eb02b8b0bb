# The commands of this project, one target each. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
CATALOGUES := $(patsubst %.po,%.mo,$(shell find shared services deploy -name '*.po'))

# The first Python here that is new enough and can make virtual environments.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; \
	done)
# pip speaks only when something went wrong.
LOG := .venv/install.log
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help
help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: $(RUN) $(CATALOGUES)  ## Everything in one process on SQLite (PORT, CAREHUT_HOME); Ctrl-C ends it
	@exec $(BIN)/carehut run

.PHONY: up
up: $(RUN) $(CATALOGUES)  ## The full run on this machine: private PostgreSQL, RabbitMQ and nginx; Ctrl-C or make down ends it
	@deploy/local/install postgresql rabbitmq nginx
	@exec $(BIN)/python -m deploy.local.up

.PHONY: down
down: $(RUN)  ## Stop what make up started
	@$(BIN)/python -m deploy.local.up --stop

.PHONY: test
test: $(DEV) $(CATALOGUES)  ## Install what the tests need, lint, then every test
	@deploy/local/install
	@$(MAKE) lint
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: lint
lint: $(DEV)  ## ruff with all rules on, bandit, mypy strict, the import contracts
	@$(BIN)/ruff format --check --quiet || { echo "not formatted: run .venv/bin/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive shared services deploy
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: bench
bench: $(DEV) $(CATALOGUES)  ## The road end to end against the bare floor; the last line is the ratio
	@deploy/local/install postgresql rabbitmq
	@exec $(BIN)/python -m tests.benchmarks

.PHONY: test-fuzz
test-fuzz: $(DEV) $(CATALOGUES)  ## Over 10,000 odd requests, spread over all operations and roles; any answer outside the description fails
	@deploy/local/install postgresql
	@exec $(BIN)/python -m tests.integration.fuzz --postgresql $(FUZZ)

.PHONY: long
long: $(DEV) $(CATALOGUES)  ## What make test leaves out: tests that wait, rules once more on PostgreSQL, 50 times the examples
	@deploy/local/install
	@$(BIN)/pytest -m 'long or again' -n 2 --dist loadfile
	@$(BIN)/pytest -m hypothesis --hypothesis-profile long --timeout 3600 -n 2 tests/unit

.PHONY: race
race: $(DEV)  ## Slow commits against 2 and 4 relays for a minute each, and against a naive one
	@deploy/local/install postgresql rabbitmq
	@exec $(BIN)/python -m tests.faults.race

.PHONY: bench-growth
bench-growth: $(DEV) $(CATALOGUES)  ## Job, queue and board with 10,000 to 1,000,000 referrals in place; the last lines are ratios
	@deploy/local/install postgresql rabbitmq nginx
	@exec $(BIN)/python -m tests.benchmarks.growth

.PHONY: bench-ticks
bench-ticks: $(DEV) $(CATALOGUES)  ## A tick of the clocks with 10,000 to 1,000,000 open referrals; the last lines are ratios
	@deploy/local/install postgresql
	@exec $(BIN)/python -m tests.benchmarks.ticks

.PHONY: sabotage
sabotage: $(DEV) $(CATALOGUES)  ## Builds spoilt on purpose, five trials each: every one must be caught
	@deploy/local/install postgresql rabbitmq
	@exec $(BIN)/python -m tests.faults.sabotage

.PHONY: faults
faults: $(DEV) $(CATALOGUES)  ## Hundreds of kills and faults under load, hours of them; goes on where it was cut short
	@deploy/local/install postgresql rabbitmq nginx
	@exec $(BIN)/python -m tests.faults $(FAULTS)

.PHONY: overload
overload: $(DEV) $(CATALOGUES)  ## Twice the sustainable rate, then ten minutes without broker at 50 requests/s
	@deploy/local/install postgresql rabbitmq nginx
	@exec $(BIN)/python -m tests.faults.overload

.PHONY: test-canaries
test-canaries: $(DEV) $(CATALOGUES)  ## A thousand marked people on every road of both transports; what left the desk names none
	@deploy/local/install postgresql rabbitmq nginx
	@CANARIES=1000 exec $(BIN)/pytest tests/flows/test_canaries.py --timeout 7200

.PHONY: test-keys
test-keys: $(DEV) $(CATALOGUES)  ## A field key replaced under 100,000 rows that are read and changed; killed once on the way
	@deploy/local/install postgresql
	@exec $(BIN)/python -m tests.benchmarks.key_rotation

.PHONY: sbom
sbom: $(DEV)  ## What a release consists of, with licences, as CycloneDX in build/sbom.json; the same bytes every time
	@rm -rf build/sbom && mkdir -p build/sbom && $(BIN)/python -m venv --without-pip build/sbom
	@$(BIN)/uv pip install --quiet --python build/sbom/bin/python --require-hashes -r requirements.lock
	@$(BIN)/cyclonedx-py environment build/sbom/bin/python --pyproject pyproject.toml --output-reproducible \
		--of JSON -o build/sbom.json
	@rm -rf build/sbom; echo "build/sbom.json"

.PHONY: test-audit
test-audit: $(DEV) $(CATALOGUES)  ## A thousand tamperings with the audit log, each found; a million entries verified
	@deploy/local/install postgresql
	@exec $(BIN)/python -m tests.benchmarks.audit $(AUDIT)

.PHONY: screenshots
screenshots: $(DEV) $(CATALOGUES)  ## Walk the pages in headless Chromium and keep their pictures
	@deploy/local/install chromium fonts
	@exec $(BIN)/python -m tests.pages.screenshots

.PHONY: catalogues
catalogues: $(CATALOGUES)  ## Compile the translation catalogues that changed

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

.PHONY: lock
lock: $(DEV)  ## Write the lock files anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(LOCK) $(if $(UPGRADE),--upgrade) -o requirements.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --extra s3 -c requirements-dev.lock -o requirements-s3.lock

.PHONY: lock-check
lock-check: $(DEV)
	@set -e; kept=$$(mktemp -d); trap 'rm -rf "$$kept"' EXIT; cp requirements*.lock "$$kept"; \
	$(LOCK) -o "$$kept/requirements.lock"; \
	$(LOCK) --extra dev -c requirements.lock -o "$$kept/requirements-dev.lock"; \
	$(LOCK) --extra s3 -c requirements-dev.lock -o "$$kept/requirements-s3.lock"; \
	for lock in requirements.lock requirements-dev.lock requirements-s3.lock; do \
		cmp -s $$lock "$$kept/$$lock" || { echo "$$lock does not follow pyproject.toml: run make lock"; exit 1; }; \
	done

.PHONY: clean
clean:  ## Remove what was installed and built here; data under CAREHUT_HOME stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find shared services deploy tests -name '__pycache__' -prune -exec rm -rf {} +
	@find shared services deploy -name '*.mo' -delete

# --- files ---------------------------------------------------------------------------------------------------------

.venv/pyvenv.cfg:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer with its venv module is needed, and none was found."; \
		echo "On Debian: apt-get install python3 python3-venv. Or name one: make run PYTHON=/path/to/python3"; \
		exit 1; \
	fi
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

# Builds without isolation: setuptools comes from the lock file like everything else.
$(RUN): .venv/pyvenv.cfg requirements.lock pyproject.toml
	@echo "installing from requirements.lock"
	@{ $(PIP) --require-hashes -r requirements.lock && $(PIP) --no-deps --no-build-isolation --editable . ; } \
		> $(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	@echo "installing from requirements-dev.lock"
	@$(PIP) --require-hashes -r requirements-dev.lock > $(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@touch $@

%.mo: %.po | $(RUN)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
