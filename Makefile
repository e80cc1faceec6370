# Two commands do everything on a fresh Debian-like machine: `make demo` and `make test`.
# Both make a virtual environment in .venv and say what they install.

PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
DOCUMENTS ?= 1000
DEMO ?= .demo

.PHONY: demo test check check-guarantees check-language bench docs clean lint types imports pages browser

demo: $(VENV)/.runtime  ## generate documents, load them, prove it
	$(BIN)/columnar demo --documents $(DOCUMENTS) --folder $(DEMO)

test: $(VENV)/.dev browser  ## all tests, with coverage
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered --junitxml=.cache/tests.xml

browser:  # what the notebook's tables are looked at in; without it those tests are skipped
	@if ! command -v chromium-headless-shell >/dev/null && ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then \
		echo "installing the system package chromium-headless-shell"; \
		$$( [ "$$(id -u)" = 0 ] || echo sudo ) sh -c 'apt-get update -qq && apt-get install -y -qq chromium-headless-shell' \
			|| echo "no browser could be installed: its tests are skipped"; fi

check: lint types imports pages  ## linters, types, the directions between packages

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

pages: $(VENV)/.dev  ## whether the generated pages are up to date
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/generate_job.py --check
	$(BIN)/python docs/generate_schemas.py --check
	$(BIN)/python docs/generate_lint.py --check
	$(BIN)/python docs/generate_cookbook.py --check

check-guarantees: $(VENV)/.dev  ## the model of the guarantees for half an hour
	GUARANTEES_EXAMPLES=600 $(BIN)/python -m pytest tests/columnar/test_guarantees.py tests/columnar/test_target_guarantees.py -q --timeout=7200

check-language: $(VENV)/.dev  ## two thousand made-up contracts against the second program
	LANGUAGE_EXAMPLES=2000 $(BIN)/python -m pytest tests/test_oracle_language.py -q --timeout=7200

bench: $(VENV)/.dev  ## ratios against peers, measured in the same run
	$(BIN)/python -m bench

docs: $(VENV)/.dev  ## write the generated reference pages again
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/generate_job.py
	$(BIN)/python docs/generate_schemas.py
	$(BIN)/python docs/generate_lint.py
	$(BIN)/python docs/generate_cookbook.py

$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11, 3.12 or 3.13 is needed: apt-get install python3 python3-venv" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		echo "installing the system package python3-venv"; \
		$$( [ "$$(id -u)" = 0 ] || echo sudo ) sh -c 'apt-get update -qq && apt-get install -y -qq python3-venv'; fi
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.runtime: $(VENV)/.made pyproject.toml
	@echo "installing columnar and what it needs from PyPI into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime pyproject.toml
	@echo "installing the development tools from PyPI into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group dev
	@mkdir -p .cache
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
