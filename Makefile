# Two commands do everything on a fresh Debian-like machine: `make demo` and `make test`.
# Both make a virtual environment in .venv and say what they install.

PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
DOCUMENTS ?= 1000
DEMO ?= .demo

# Where the native shredder's objects are kept, and how it is built; warnings are errors where CI is set.
KERNEL := .cache/kernel
KERNEL_OPTIONS ?= -DCOLUMNAR_WERROR=$(if $(CI),ON,OFF)
KERNEL_CMAKE = $(BIN)/cmake -S transforms/kernel -G Ninja --log-level=WARNING --no-warn-unused-cli $(KERNEL_OPTIONS) \
	-DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python
COMPARE_BUILDS = $(BIN)/python -m tests.transforms.kernel.compare_builds
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# The system's own Python has its headers in a package of their own.
HAS_HEADERS := $(PYTHON) -c 'import sysconfig, pathlib, sys; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())'
FIND_COMPILER := for c in "$$CXX" c++ g++ clang++; do [ -n "$$c" ] && command -v "$$c" >/dev/null 2>&1 && break; c=; done; [ -n "$$c" ]

# What ODBC needs to run (the last three: Microsoft's driver, which comes from PyPI), and the servers that tests start by
# themselves.
ODBC_PACKAGES := unixodbc odbc-postgresql odbc-mariadb libsqliteodbc libltdl7 libgssapi-krb5-2 libkrb5-3
SERVER_PACKAGES := postgresql mariadb-server
# $(call apt,PACKAGES) installs those that are not there, and says so. Debian would start a server that it installs.
apt = if command -v apt-get >/dev/null; then \
	lacking=$$(for p in $(1); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -n "$$lacking" ]; then echo "installing the system packages" $$lacking; \
		$(SUDO) sh -c 'policy=/usr/sbin/policy-rc.d; export DEBIAN_FRONTEND=noninteractive; \
			[ -e $$policy ] || { printf "\#!/bin/sh\nexit 101\n" >$$policy; chmod 755 $$policy; trap "rm $$policy" EXIT; }; \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends "$$@" >/dev/null' apt $$lacking; fi; fi

.PHONY: demo test coverage check check-guarantees check-databases check-language check-shredders fuzz fuzz-native test-sanitized check-arm64 check-portable bench bench-shred docs clean lint types imports pages browser \
	compiler kernel probe odbc servers test-mssql

demo: $(VENV)/.runtime $(VENV)/.kernel  ## generate documents, load them, prove it
	$(BIN)/columnar demo --documents $(DOCUMENTS) --folder $(DEMO)

test: $(VENV)/.dev browser servers kernel  ## all tests, on every processor
	@$(MAKE) -s --no-print-directory odbc || echo "turbodbc cannot be had here: its tests are skipped"
	$(BIN)/python -m pytest -n auto --dist worksteal --junitxml=.cache/tests.xml $(TESTS)

coverage:  ## the same with coverage of lines and branches, which takes twice as long
	$(MAKE) test TESTS="--cov --cov-report=term:skip-covered"

browser:  # what the notebook's tables are looked at in; without it those tests are skipped
	@if ! command -v chromium-headless-shell >/dev/null && ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then \
		echo "installing the system package chromium-headless-shell"; \
		$(SUDO) sh -c 'apt-get update -qq && apt-get install -y -qq chromium-headless-shell' \
			|| echo "no browser could be installed: its tests are skipped"; fi

servers:  # what tests start by themselves; without it their tests are skipped
	@{ $(call apt,$(SERVER_PACKAGES)); } || echo "no server could be installed: its tests are skipped"

odbc: $(VENV)/.dev  ## turbodbc for this Python and pyarrow, built once, and the drivers of ODBC
	@$(call apt,$(ODBC_PACKAGES))
	@$(BIN)/python -m loaders.turbodbc_build --kept .cache/wheels --no-build 2>/dev/null || { $(call apt,$$($(BIN)/python -m loaders.turbodbc_build --missing)); } \
		&& $(BIN)/python -m loaders.turbodbc_build --kept .cache/wheels

compiler:  # what the native shredder is built by; without it lxml shreds
	@{ $(call apt,$$({ $(FIND_COMPILER); } || echo g++) $$($(HAS_HEADERS) || echo python3-dev)); } \
		|| echo "no C++ compiler could be installed: lxml shreds, more slowly"

kernel: $(VENV)/.dev  ## build the native shredder anew, where its sources changed
	@if { $(FIND_COMPILER); }; then \
		$(KERNEL_CMAKE) -B $(KERNEL) && $(BIN)/cmake --build $(KERNEL) --target kernel_in_tree && touch $(VENV)/.kernel; \
	else echo "no C++ compiler: lxml shreds, more slowly"; fi

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

# Without URL it is that of the environment variable COLUMNAR_MSSQL_URL. Taken as it is: a password may have a `$$`.
test-mssql: $(VENV)/.dev  ## all that is promised of SQL Server, on a real one: URL='mssql://user:password@host/database'
	@$(MAKE) -s --no-print-directory odbc || echo "turbodbc cannot be had here: what it reads is not tried"
	@$(if $(filter mssql://% sqlserver://%,$(value URL)),COLUMNAR_MSSQL_URL='$(value URL)' )COLUMNAR_MSSQL_CHECKS='$(CHECKS)' $(BIN)/python -m tests.mssql_conformance

check-guarantees: $(VENV)/.dev  ## the model of the guarantees for half an hour
	GUARANTEES_EXAMPLES=600 $(BIN)/python -m pytest tests/columnar/test_guarantees.py tests/columnar/test_target_guarantees.py -q --timeout=7200

check-databases: $(VENV)/.dev servers  ## cuts at every statement, fifty kills at random, every pair of databases
	DATABASES_EXHAUSTIVE=1 $(BIN)/python -m pytest tests/columnar/databases -q --timeout=7200

check-language: $(VENV)/.dev  ## two thousand made-up contracts against the second program
	LANGUAGE_EXAMPLES=2000 $(BIN)/python -m pytest tests/test_oracle_language.py -q --timeout=7200

probe: kernel
	$(KERNEL_CMAKE) -B .cache/probe -DCOLUMNAR_MODULE=OFF -DCOLUMNAR_PROBE=ON
	$(BIN)/cmake --build .cache/probe

check-portable: probe  ## the native shredder without vector instructions, or with the common ones only, against the one with all
	$(KERNEL_CMAKE) -B .cache/portable -DCOLUMNAR_PORTABLE=ON -DCOLUMNAR_PROBE=ON
	$(BIN)/cmake --build .cache/portable
	$(KERNEL_CMAKE) -B .cache/narrow -DCOLUMNAR_NARROW=ON -DCOLUMNAR_MODULE=OFF -DCOLUMNAR_PROBE=ON
	$(BIN)/cmake --build .cache/narrow
	$(COMPARE_BUILDS) .cache/probe/probe .cache/portable/probe .cache/narrow/probe
	KERNEL=$(CURDIR)/.cache/portable/_kernel.abi3.so $(BIN)/python -m pytest -q tests/transforms/kernel

check-arm64: probe  ## the native shredder as built for ARM64, in an emulator, against this machine's
	@if ! { command -v aarch64-linux-gnu-g++ && command -v qemu-aarch64; } >/dev/null; then \
		echo "installing the system packages g++-aarch64-linux-gnu and qemu-user"; \
		$(SUDO) sh -c 'apt-get update -qq && apt-get install -y -qq g++-aarch64-linux-gnu qemu-user'; fi
	CXX=aarch64-linux-gnu-g++ $(KERNEL_CMAKE) -B .cache/arm64 -DCOLUMNAR_MODULE=OFF -DCOLUMNAR_PROBE=ON \
		-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
	$(BIN)/cmake --build .cache/arm64
	$(COMPARE_BUILDS) --documents 100 .cache/probe/probe "qemu-aarch64 -L /usr/aarch64-linux-gnu .cache/arm64/probe"

check-shredders: $(VENV)/.dev kernel  ## both shredders on twenty times as many made-up documents
	DIFFERENTIAL_EXAMPLES=3000 $(BIN)/python -m pytest tests/transforms/shred tests/test_oracle_generated.py tests/test_native_corpora.py -q --timeout=7200

FUZZ ?= 1000000
fuzz: $(VENV)/.dev kernel  ## a million mutated documents through both shredders; FUZZ=…, FUZZ_SEED=…
	FUZZ=$(FUZZ) $(BIN)/python -m tests.fuzz

FUZZ_SECONDS ?= 1800
fuzz-native: $(VENV)/.dev  ## libFuzzer on the kernel alone, with sanitizers, for half an hour
	@if ! command -v clang++ >/dev/null && command -v apt-get >/dev/null; then \
		echo "installing the system package clang"; \
		$(SUDO) sh -c 'apt-get update -qq && apt-get install -y -qq clang'; fi
	$(BIN)/python -m tests.fuzz.native --seconds $(FUZZ_SECONDS)

# Python is not built with the sanitizers: their library must be there first, and that of C++ with it. What Python never
# frees is no leak of the kernel.
SANITIZED := .cache/sanitized
SANITIZED_RUN = LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libstdc++.so)" ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 KERNEL=$(CURDIR)/$(SANITIZED)/_kernel.abi3.so
test-sanitized: $(VENV)/.dev  ## both shredders' tests and a short fuzz with the kernel under the sanitizers
	$(BIN)/cmake -S transforms/kernel -B $(SANITIZED) -G Ninja --log-level=WARNING -DCOLUMNAR_SANITIZE=address,undefined \
		-DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python
	$(BIN)/cmake --build $(SANITIZED)
	$(SANITIZED_RUN) $(BIN)/python -m pytest tests/transforms/shred tests/transforms/test_paths_page.py tests/test_native_corpora.py -q -k "not lxml"
	$(SANITIZED_RUN) $(BIN)/python -m tests.fuzz --mutants 100000 --folder .cache/fuzz/sanitized

bench: $(VENV)/.dev  ## ratios against peers, measured in the same run
	$(BIN)/python -m bench

bench-shred: $(VENV)/.dev  ## the shredder against its peers and the machine's limits; ARGS="--json FILE --rounds 9"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group bench
	$(BIN)/python -m bench shred $(ARGS)

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
		$(SUDO) sh -c 'apt-get update -qq && apt-get install -y -qq python3-venv'; fi
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.runtime: $(VENV)/.made pyproject.toml | compiler
	@echo "building the native shredder; installing columnar and what it needs from PyPI into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@$(BIN)/python -c 'import transforms._kernel' 2>/dev/null \
		|| echo "the native shredder could not be built: lxml shreds, more slowly; $(BIN)/columnar doctor says more"
	@touch $@

$(VENV)/.kernel: $(wildcard transforms/kernel/*) | $(VENV)/.runtime
	@if [ -e $@ ]; then echo "building the native shredder anew"; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .; fi
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime pyproject.toml
	@echo "installing the development tools from PyPI into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group dev "columnar-backfill[mssql,odbc,postgres]"
	@mkdir -p .cache
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
