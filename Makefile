# Every target first installs what is missing. Requires GNU make 3.81 (the version in macOS) or newer.

PYTHON ?= python3
STACK_IS_GIVEN := $(filter-out undefined,$(origin STACK))
STACK ?= dev
# Pass the value unexpanded, and to the shell through the environment, so that no character in a name is special.
override STACK := $(value STACK)
export STACK
# PYTHONSAFEPATH would hide this folder from `python -m`.
unexport PYTHONSAFEPATH

PY = .venv/bin/python
LOCK = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

.PHONY: help rehearse shell verify permissions test check unit thorough changes bench faults lock actionlint setup
.NOTPARALLEL:

help:
	@echo "make rehearse [STACK=dev]  deploy the stack to a local AWS and check the result"
	@echo "make shell [STACK=dev]     open a shell in a throw-away copy of the stack"
	@echo "make verify [STACK=NAME]   check a deployed stack (default: the selected one)"
	@echo "make permissions [STACK=dev]"
	@echo "                           print least-privilege IAM policies for the stack"
	@echo "make test                  lint, types, unit tests, tests with the real engine"
	@echo "CONTRIBUTING.md has the other targets."

rehearse: setup
	@$(PY) -m sandbox rehearse --stack "$$STACK"

shell: setup
	@$(PY) -m sandbox shell --stack "$$STACK"

verify: setup
	@$(PY) -m verification $(if $(STACK_IS_GIVEN),--stack "$$STACK")

permissions: setup
	@$(PY) -m permissions --stack "$$STACK"

test: check unit
	@echo "== tests with the real engine"
	@$(PY) -m pytest tests/sandbox --quiet --numprocesses 2

check: setup
	@echo "== ruff"
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --check --quiet
	@echo "== mypy"
	@$(PY) -m mypy --no-error-summary
	@echo "== imports"
	@output=$$(.venv/bin/lint-imports --no-logo) || { echo "$$output"; exit 1; }
	@echo "== workflows"
	@.venv/bin/zizmor --offline --quiet --persona auditor .github examples/pipelines/*.yml

unit: setup
	@echo "== unit tests"
	@$(PY) -m pytest tests/unit --quiet

thorough: setup
	@$(PY) -m pytest --quiet -m "thorough or not thorough" --hypothesis-profile=thorough -rP \
		tests/unit/test_config_errors.py tests/sandbox/test_commands_in_errors.py tests/sandbox/test_leaks.py

changes: setup
	@$(PY) -m tests.support.change_table

bench: setup
	@$(PY) -m benchmarks

# PHASE=replicas-on, for example, runs that phase only.
faults: setup
	@$(PY) -m tests.support.faults $(PHASE)

# UPGRADE=--upgrade takes the newest versions that requirements*.txt allow.
lock: setup
	@$(LOCK) $(UPGRADE) requirements-dev.txt --output-file requirements-dev.lock

actionlint:
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 -ignore '"\$$/' .github/workflows/*.yml examples/pipelines/*.yml

setup:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is required. Choose one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m sandbox.setup
