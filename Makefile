# One command each: what people type and what CI runs are the same.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?=
UPGRADE ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check bench soak browser settings costs pictures lock clean
.DELETE_ON_ERROR:

help: ## show what can be made
	@echo "Rowan. What you can make:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with every pinned library and the rowan command in it
	@:

$(READY): requirements.txt pyproject.toml
	@.ci/setup "$(VENV)" "$(PYTHON)"
	@touch $@

demo: $(READY) ## open Rowan with made-up people at http://127.0.0.1:8000
	@$(BIN)/rowan demo

run: $(READY) ## serve for real, with the settings of the environment and .env
	@$(BIN)/rowan serve

test: $(READY) browser ## run every test, the browser's and PostgreSQL's included
	@$(BIN)/pytest -n auto --dist loadfile -m "not alone"
	@$(BIN)/pytest -m alone

check: $(READY) ## style, types, layers, documentation, content
	@echo "Style" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "Types" && $(BIN)/mypy
	@echo "Layers" && $(BIN)/lint-imports --no-logo
	@echo "Documentation" && $(BIN)/pytest -q tests/docs
	@echo "Content" && $(BIN)/rowan check

bench: $(READY) ## measure speed and memory beside this machine's own ceiling
	@$(BIN)/rowan bench --messages tests/signals

soak: $(READY) ## the long run: many more kills, many more examples
	@ROWAN_TEST_SOAK=1 HYPOTHESIS_PROFILE=soak $(BIN)/pytest tests/properties tests/faults

browser: $(READY) ## find a Chromium for the browser tests, or install one
	@.ci/browser "$(BIN)"

settings: $(READY) ## make docs/settings.md again after a change of bot/settings.py
	@$(BIN)/python -m bot.settings_page > docs/settings.md

costs: $(READY) ## make docs/costs.md again after a change of words or of joining and checking in
	@$(BIN)/rowan locales cost --page > docs/costs.md

pictures: $(READY) browser ## take the pictures of docs/on-call.md again after a change of the screens
	@$(BIN)/python -m tests.browser.pictures

lock: $(READY) ## pin again after a change of pyproject.toml (UPGRADE=--upgrade for the newest)
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) --strip-extras --allow-unsafe \
	  --no-emit-options --generate-hashes --extra dev --output-file requirements.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) --strip-extras --allow-unsafe \
	  --no-emit-options --generate-hashes --build-deps-for wheel --constraint requirements.txt \
	  --output-file deploy/requirements.txt pyproject.toml

clean: ## remove what can be made again (never var/, where data is)
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
