# Everything runs in .venv, which uv builds from uv.lock; uv itself comes by pip into .uv.
.DEFAULT_GOAL := help
.PHONY: help setup release grade bench check unit test coverage browser attacks docs pictures plug lint clean

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .uv/bin/uv
BIN := .venv/bin

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(UV):
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .uv uv==$(UV_VERSION)

.venv/ready: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON)
	@$(BIN)/python -m compileall -q referee
	@touch $@

setup: .venv/ready  ## build .venv with everything the course needs

release: setup  ## make release/ from source/
	@$(BIN)/python -m tests.tools.pin_files
	@$(BIN)/referee release optimization

grade: release  ## release, hand in the sample cohort where submitted/ is empty, and grade it
	@$(BIN)/python -m tests.assignment.cohort
	@$(BIN)/referee grade optimization

bench: setup  ## print the benchmarks: about half an hour, on a machine that has nothing else to do
	@$(BIN)/python -m benchmarks.boundary
	@$(BIN)/python -m benchmarks.batch

check: setup  ## lint, types, and the tests that need no grading run: a minute
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint unit

unit: setup
	@$(BIN)/pytest -q tests/unit -m "not browser"

test: setup  ## run all tests
	@$(BIN)/pytest

coverage: setup  ## print how much of referee/ the tests of `make check` run
	@$(BIN)/pytest -q tests/unit -m "not browser" --cov --cov-report=
	@echo "lines of referee/ that the tests of make check run: $$($(BIN)/coverage report --format=total) %"

browser: setup  ## install what tests that open pages need, beside chromium and tidy
	@$(UV) sync --frozen --quiet --inexact --group browser

attacks: export ATTACKS ?= all
attacks: browser  ## run all attacks and right solutions, of which `make test` runs some, and all tests in a browser
	@$(BIN)/pytest tests/grading/test_attacks.py tests/unit/test_*_in_browser.py tests/grading/test_*s_day.py tests/assignment/test_cohort.py -k "not TestSampleCohort"

docs: setup  ## build the site of docs/ in docs/_build/html; warnings are errors
	@$(UV) sync --frozen --quiet --inexact --group docs
	@$(BIN)/sphinx-build --fresh-env -W --keep-going --nitpicky --quiet docs docs/_build/html
	@echo "docs/_build/html/index.html is made"

pictures: browser grade  ## take the pictures of docs/pictures that show screens
	@PICTURES=docs/pictures $(BIN)/pytest -n0 tests/grading/test_students_day.py tests/grading/test_instructors_day.py
	@$(BIN)/python -m tests.tools.picture_table

plug: setup  ## end runs in every way there is, and see that nothing is lost: about half an hour
	@$(BIN)/python -m tests.tools.pull_the_plug

lint: setup  ## check style, types and spelling
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/codespell -D - -D docs/words.txt referee benchmarks docs *.py *.md

clean:  ## remove what was generated, submissions and marks excepted
	rm -rf .venv .uv docs/_build .mypy_cache .ruff_cache .pytest_cache
