# The commands of the project. Set-up runs once; it is repeated when the lock changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help setup demo test lint docs lock clean

help:  ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 8

setup: $(READY)  ## Create .venv with everything locked in requirements.lock

$(READY): pyproject.toml requirements.lock hatch_build.py \
          $(wildcard src/accord/data/protect/c/*.[ch]) src/accord/privacy/gauss.c
	@$(PYTHON) -c 'import sys; sys.exit("Accord needs Python 3.11 or newer; try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable ".[all]" --group dev
	@touch $@

# Where the processor computes no bf16, it would do so in software, many times slower than fp32.
PRECISION = $(shell grep -qsE 'avx512_bf16|amx_bf16' /proc/cpuinfo && echo bf16 || echo fp32)

# `--resume`: called again, it shows what it made, or goes on where it was interrupted.
demo: $(READY)  ## Fine-tune MiniLM on film reviews, evaluate, write a report
	$(BIN)/python examples/fetch film-reviews
	$(BIN)/accord train examples/film-reviews/recipe.yaml --output runs/demo --resume \
	    --set train.precision=$(PRECISION)

test: lint  ## Everything CI runs
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(READY)  ## Style, types and import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

docs: $(READY)  ## Write the generated pages of docs/ again
	$(BIN)/python -m accord.recipe.support docs/support-matrix.md
	$(BIN)/python -m accord.recipe.reference docs/reference/recipe.md
	$(BIN)/python -m accord.agreement.license.table docs/licences.md

lock: $(READY)  ## Resolve pyproject.toml again, for every platform
	$(BIN)/python -m pip install --quiet "uv>=0.8"
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group dev \
	    --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	    --output-file requirements.lock pyproject.toml

clean:  ## Remove what make has built, and the demo's run
	rm -rf $(VENV) build dist runs/demo .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f src/accord/data/protect/_native*.so src/accord/privacy/_gauss*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
