# Every target sets itself up in .venv from a clean clone, and starts at once when that is there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help posterior run test test-all lint format bench serve screenshots docs pins clean

help:  ## Say what there is.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/run.stamp: requirements/run.txt pyproject.toml
	@echo "Setting up .venv (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes --requirement requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@echo "Adding what the tests need (once) ..."
	@$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@

run: .venv/run.stamp  ## Set up and do the main job: simulate both economies and count the claims.
	@$(BIN)/twocurves run

test: .venv/dev.stamp lint  ## Set up and run the tests, without the slow ones.
	@$(BIN)/pytest -n 2

test-all: .venv/dev.stamp lint  ## All tests, the slow ones too.
	@$(BIN)/pytest -n 2 -m "slow or not slow"

lint: .venv/dev.stamp  ## Style and types.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/dev.stamp  ## Lay the code out.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/dev.stamp  ## Time what must be fast, and write the figures to out/bench.json.
	@mkdir -p $(OUT)
	@$(BIN)/pytest bench -o python_files="bench_*.py" -m "" -q -p no:xdist --benchmark-quiet \
		--benchmark-json=$(OUT)/bench.json

serve: .venv/run.stamp  ## Open the pages at 127.0.0.1:8765.
	@$(BIN)/twocurves serve

screenshots: .venv/dev.stamp  ## Remake the pictures that README and docs show (needs a Chromium).
	@$(BIN)/twocurves plot lag -o docs/figures/lag.svg
	@$(BIN)/twocurves plot host_prices -o docs/figures/host_prices.svg
	@$(BIN)/twocurves plot frontier -o docs/figures/frontier.svg
	@$(BIN)/python bench/screenshots.py

posterior: .venv/run.stamp  ## Fit anew and freeze the forecast of record (ten minutes).
	@$(BIN)/twocurves fit -o src/twocurves/fit/data/posterior/central.npz
	@$(BIN)/twocurves forecast freeze -o src/twocurves/fit/data/forecasts/2026-06-30.json

docs: .venv/run.stamp  ## Remake the generated pages of docs/.
	@$(BIN)/python -m twocurves.beliefs.dictionary
	@$(BIN)/python -m twocurves.ensemble.model_page

pins:  ## Resolve the pinned requirements anew (needs uv); no index address is written.
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/dev.in -o requirements/dev.txt

clean:  ## Remove what was built; data and runs stay.
	rm -rf .venv $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
