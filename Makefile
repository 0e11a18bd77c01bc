# The set-up commands of the README; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
READY := $(VENV)/ready
FUZZ_SECONDS ?= 600
SOAK_MINUTES ?= 60

.PHONY: help demo test lint audit benchmark fuzz systemd soak coverage mutation clean
help:
	@echo "make demo   try mailbot on sample mail; needs only Python 3.11"
	@echo "make test   the whole test suite; as root it installs Dovecot, PostgreSQL, Chromium, Pango and Poppler from Debian if they are missing"
	@echo "make lint   style, types, import rules and careless code"
	@echo "make audit  known vulnerabilities of the installed libraries; needs the network"
	@echo "make fuzz   coverage-guided fuzzing of messages, IMAP answers, configuration and reply addresses; ten minutes in all, or make fuzz FUZZ_SECONDS=60"
	@echo "make systemd  the service in a Debian 12 of its own (systemd-nspawn): installed by the README, killed, misconfigured, sandboxed; needs root"
	@echo "make coverage  the test suite, and which branches of the rules (mailbot/core) no test reaches"
	@echo "make mutation  what no test of the desk's rules and of money would notice; takes hours"
	@echo "make soak   an hour of mail and failing servers; or make soak SOAK_MINUTES=3"

$(READY): pyproject.toml mailbot/__init__.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "no venv: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[postgresql,pdf,metrics]"
	touch $@

$(VENV)/ready-dev: $(READY)
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

demo: $(READY)
	$(BIN)/mailbot demo

test: $(VENV)/ready-dev
	tests/servers.sh
	$(BIN)/python -m pytest -n 2 -q

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit --quiet --recursive mailbot

audit: $(VENV)/ready-dev
	$(BIN)/python -m tests.audit

benchmark: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks.ingest --help

fuzz: $(VENV)/ready-dev
	$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

systemd: $(VENV)/ready-dev
	$(BIN)/python -m tests.service.boot

soak: $(VENV)/ready-dev
	tests/servers.sh
	$(BIN)/python -m tests.soak --minutes $(SOAK_MINUTES)

coverage: $(VENV)/ready-dev
	tests/servers.sh
	$(BIN)/python -m pip install --quiet --group coverage
	$(BIN)/python -m pytest -n 2 -q --cov=mailbot/core --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

mutation: $(VENV)/ready-dev
	$(BIN)/python -m pip install --quiet --group mutation
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mutmut run
	$(BIN)/mutmut results

clean:
	rm -rf $(VENV) demo dist build mutants
