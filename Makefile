# `make rehearse` and `make test` first do the set-up that is missing.
# Works with GNU make 3.81, which macOS has, and newer.

PYTHON ?= python3
STACK ?= dev

.PHONY: help rehearse test bench
.NOTPARALLEL:

help:
	@echo "make rehearse [STACK=dev]  deploy the stack to an AWS on this machine, check what MediaTailor finds"
	@echo "make test                  lint, types, unit tests, tests with the real Pulumi engine"
	@echo "make bench                 measure it beside a flat program, a boto3 script and AWS CDK (half an hour)"

rehearse: .venv/.ready .engine/.ready
	@.venv/bin/python -m sandbox rehearse --stack "$(STACK)"

test: .venv/.ready .engine/.ready
	@echo "== ruff"
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@echo "== mypy"
	@.venv/bin/mypy --no-error-summary
	@echo "== unit tests"
	@.venv/bin/pytest tests/unit --quiet
	@echo "== tests with the real engine"
	@.venv/bin/pytest tests/sandbox --quiet --numprocesses 2

bench: .venv/.ready .engine/.ready .venv/.ready-to-plot
	@.venv/bin/python -m benchmarks

.venv/.ready-to-plot: .venv/.ready benchmarks/requirements.txt
	@echo "Installing what the plot needs"
	@.venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

.venv/.ready .engine/.ready: requirements.txt requirements-dev.txt sandbox/pulumi_cli/go.mod sandbox/pulumi_cli/go.sum
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@$(PYTHON) -m sandbox.setup
