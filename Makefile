# A convenience over the commands that the README documents. Everything is installed into .venv, nothing elsewhere,
# except for Graphviz's `dot` and a Chromium, which come from the system's package manager.

PYTHON ?= python3

# The version that the oracle tests were last run against; another may be given: make test ORACLE=1 TORCH=torch.
# Any build will do. Where pip finds only the large one for GPUs, point it at PyTorch's own index of CPU builds first.
TORCH ?= torch==2.13.0

# Passed on: make test ARGS="-k broadcasting", make examples ARGS="lenet gan", make notebooks ARGS="01 02", make bench ARGS="--quick".
ARGS ?=

# Old packages use what newer ones that they rest on have deprecated.
OLDEST_ARGS := -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning

# Quiet; every reference must lead somewhere; warnings are errors, all of which are shown; on all cores.
SPHINX := -q -n -W --keep-going -j auto

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo examples notebooks test oldest bench downstream coverage-page docs docs-links build lint types contracts format dot browser clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/demo dot ## Set everything up, train a small network and draw it
	@$(BIN)/python examples/demo.py $(ARGS)

examples: $(STAMPS)/examples ## Train every kind of network on real data, and save what each reaches
	@$(BIN)/python -m examples $(ARGS)

notebooks: $(STAMPS)/notebooks dot ## Execute the notebooks and write what they show into them (ARGS="--check" compares)
	@$(BIN)/python -m tools.notebooks $(ARGS)

test: $(STAMPS)/test $(if $(ORACLE),$(STAMPS)/oracle) dot browser ## Set everything up and run the tests (ORACLE=1: against PyTorch too)
	@$(BIN)/python -m pytest -q $(ARGS)

bench: ## Measure against PyTorch, autograd, mygrad and micrograd, each in an environment of its own
	@$(PYTHON) tools/create_environment.py --check
	@$(PYTHON) -m benchmarks --torch "$(TORCH)" $(ARGS)

downstream: ## Run packages written for autograd with it and with glassgrad in its place, and compare
	@$(PYTHON) tools/create_environment.py --check
	@$(PYTHON) -m benchmarks.downstream $(ARGS)

oldest: ## Run the tests with the oldest versions of everything that is needed
	@$(PYTHON) tools/create_environment.py .cache/oldest
	@.cache/oldest/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.cache/oldest/bin/uv pip install --quiet --python .cache/oldest/bin/python --resolution lowest-direct --editable ".[test]"
	@.cache/oldest/bin/python -m pytest -q $(OLDEST_ARGS) $(ARGS)

build: $(STAMPS)/dev ## Build wheel and source distribution into dist/, install and test both elsewhere
	@rm -rf build/bdist* build/lib dist
	@$(BIN)/python -m build --outdir dist
	@$(BIN)/python tools/check_distributions.py dist $(ARGS)

coverage-page: $(STAMPS)/test ## Write docs/coverage.md anew: which names of NumPy and SciPy have derivatives
	@$(BIN)/python -m tools.coverage_page $(ARGS)

docs: $(STAMPS)/docs dot ## Build the documentation into build/docs; warnings are errors
	@$(BIN)/python -m sphinx $(SPHINX) -b html -c docs . build/docs $(ARGS)
	@echo "The documentation starts at build/docs/index.html"

docs-links: $(STAMPS)/docs dot ## Check the links that lead out of the documentation (needs network)
	@$(BIN)/python -m sphinx $(SPHINX) -b linkcheck -c docs . build/links $(ARGS)

lint: $(STAMPS)/dev ## Check formatting and style
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(STAMPS)/dev ## Check types
	@$(BIN)/mypy
	@$(BIN)/mypy --ignore-missing-imports --explicit-package-bases tools benchmarks examples
	@$(BIN)/mypy --ignore-missing-imports docs/extensions

contracts: $(STAMPS)/dev ## Check which package may import which
	@$(BIN)/lint-imports

format: $(STAMPS)/dev ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

dot: ## Provide Graphviz's `dot`, or say how
	@$(PYTHON) tools/provide_dot.py

browser: $(STAMPS)/test ## Provide a Chromium for the tests of pages, or say how
	@$(BIN)/python -m tools.provide_browser

clean: ## Remove the environments, caches and outputs
	rm -rf $(VENV) .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist out *.egg-info

$(STAMPS)/venv: tools/create_environment.py
	@$(PYTHON) tools/create_environment.py $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/demo $(STAMPS)/examples $(STAMPS)/notebooks $(STAMPS)/test $(STAMPS)/docs $(STAMPS)/dev: $(STAMPS)/venv pyproject.toml
	@echo "Installing glassgrad and what '$(@F)' needs into $(VENV) ..."
	@$(PIP) --editable ".[$(@F)]"
	@touch $@

# The tests that need PyTorch skip themselves without it; only CI insists.
$(STAMPS)/oracle: $(STAMPS)/test
	@echo "Installing $(TORCH) into $(VENV) ..."
	@if $(PIP) "$(TORCH)" && $(BIN)/python -c "import torch"; then touch $@; \
	elif [ -n "$$CI" ]; then echo "PyTorch could not be installed, and CI needs it." >&2; exit 1; \
	else echo "NOTICE: PyTorch could not be installed; the tests against it will be skipped."; fi
