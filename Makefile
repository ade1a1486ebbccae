# The two main commands are `make demo` and `make test`. Both install what they need; they require only python3 (3.11+) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
WORKERS ?= auto
TESTS ?= tests packages/sandbox/tests
CODE := src packages tests benchmarks soak conftest.py
.DEFAULT_GOAL := help
# Tests and the demo start hundreds of Python processes. Without compiled files each one compiles 1,000 modules again, in 2 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test suite check types style contracts docs docs-check lock image image-check sbom helm clean bench soak

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|' 2>/dev/null || grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST)

setup: $(STAMP)  ## create .venv with everything in it: .venv/bin/albatross, .venv/bin/kubectl

# uv installs in seconds. If it cannot reach an index that pip is configured for, it says why, and pip installs from the same lock.
# The lock is complete, and pip must not resolve it again: `--require-hashes` refuses `coverage[toml]`, which the lock has as `coverage`.
$(STAMP): requirements.lock pyproject.toml packages/sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up $(VENV) (once; about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check "$$(sed -nE 's/^(uv==[^ ]+).*/\1/p' requirements.lock)" \
	  || { echo "pip did not install uv (its message is above); if it found no index, name an index with PIP_INDEX_URL, or a proxy with HTTPS_PROXY" >&2; exit 1; }
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements.lock \
	  || { echo "uv did not install (its message is above); pip installs the same packages, which takes two minutes" >&2; \
	       $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . -e packages/sandbox
	@$(BIN)/python -m compileall -q src packages
	@touch $@

demo: $(STAMP)  ## an Ingress becomes a load balancer that answers requests, on this machine only
	@$(BIN)/albatross demo

# The tests of the pure packages must cover every branch, the tests of the other packages a share that only grows: tests/house/cover.py.
test: $(STAMP)  ## all checks: types, style, contracts, docs, tests, conformance
	@$(MAKE) --no-print-directory -j2 check suite

# mypy has one core, and half a minute where it has no cache; therefore the tests begin beside it.
# python-hcl2 makes the tables of its grammar on first use, in 5 s; in a test, with coverage, three times as long, and in each worker.
suite: $(STAMP)
	@$(BIN)/python -c 'import hcl2; hcl2.loads("a = 1\n")'
	@measured=$$(mktemp -d) && trap "rm -rf $$measured" EXIT && export COVERAGE_FILE=$$measured/wing \
	  && $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --cover $(TESTS) \
	  && $(BIN)/coverage combine -q && $(BIN)/python tests/house/cover.py

check: $(STAMP) types style contracts docs-check

types: $(STAMP)
	@$(BIN)/mypy

style: $(STAMP)
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE)

contracts: $(STAMP)
	@said=$$($(BIN)/lint-imports --no-logo 2>/dev/null) || { echo "$$said"; exit 1; }; echo "$$said" | tail -n 4

docs: $(STAMP)  ## generate the reference pages again
	@$(BIN)/python -m docs.build

docs-check: $(STAMP)
	@$(BIN)/python -m docs.build --check

# Locked versions stay as they are, unless UPGRADE=1 is given.
lock: $(STAMP)  ## resolve requirements.lock from both pyproject.toml files; with UPGRADE=1, to the newest versions
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile pyproject.toml packages/sandbox/pyproject.toml --all-extras --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header $(if $(UPGRADE),--upgrade) -q -o requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile pyproject.toml -c requirements.lock $(PART) -o requirements-run.lock
	@echo hatchling | VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile - -c requirements.lock $(PART) -o requirements-build.lock

# The image has only these parts of the lock: what the controller runs with, and what builds its wheel.
PART := --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -q

image:  ## build the image albatross-controller with podman or docker
	@$$(command -v podman || command -v docker) build -f Containerfile -t albatross-controller:$$(sed -nE 's/^version = "(.*)"/\1/p' pyproject.toml) .

image-check: $(STAMP)  ## run the installation steps of the image in a temporary folder, without a container tool
	@$(BIN)/python -m docs.image

sbom: $(STAMP)  ## write the bill of materials of the image (CycloneDX) to docs/sbom.json
	@$(BIN)/python -m docs.sbom

# 75 MB, and a wheel for Linux on x86-64 only; therefore it is not in the lock. Without it and without helm, these tests are skipped.
helm: $(STAMP)  ## install the Helm SDK into .venv, for the tests that render the chart
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps helm-python-sdk==0.2.2

bench: $(STAMP)  ## run every benchmark (takes minutes); they are not part of the tests
	@for f in benchmarks/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

# 20 minutes on two cores; time in it jumps, so nothing waits. SHARE=10 runs a tenth of the cases, spread over all.
soak: $(STAMP)  ## create, edit, replace and delete with every disturbance, and 10,000 strange objects (20 minutes); SHARE=10: a tenth
	@rows=$$(mktemp) && trap "rm -f $$rows" EXIT && SOAK_ROWS=$$rows SHARE=$(SHARE) $(BIN)/python -m pytest -q -n $(WORKERS) --dist load soak

clean:  ## remove the files of setup and tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
