# make demo   a drill off Peru, watched by two nations         make test   everything CI runs
# make check  style, types, import contracts, docs           make bench  speed, beside named peers      make soak  the long runs
# make scores docs/scores.md: every behaviour on simulated seas, beside published rules (a quarter of an hour; goes on where it broke off)
UV := .venv/bin/uv
RUN := .venv/bin
PYTHON ?= python3
ROWS ?= 20000000

.PHONY: demo test check bench scores soak clean
.DEFAULT_GOAL := demo

.venv/ready: pyproject.toml uv.lock hatch_build.py web/package-lock.json
	@test -x $(RUN)/python || $(PYTHON) -m venv .venv
	@test -x $(UV) || $(RUN)/python -m pip --disable-pip-version-check install --quiet 'uv>=0.5'
	$(UV) sync --quiet --locked --inexact --no-progress --python $(RUN)/python
	@touch $@

# The compiler's cache knows the file of a function, not those it calls: when any source changes, all is compiled anew.
.venv/compiled: .venv/ready $(shell find src -name '*.py')
	@find src \( -name '*.nbi' -o -name '*.nbc' \) -delete
	@touch $@

demo: .venv/compiled
	$(RUN)/seaward demo

check: .venv/ready
	$(RUN)/ruff check --quiet src tests benchmarks examples hatch_build.py
	$(RUN)/ruff format --check --quiet src tests benchmarks examples
	$(RUN)/pyright
	$(RUN)/lint-imports --no-cache

test: check .venv/compiled
	$(RUN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

soak: .venv/compiled
	$(RUN)/python -m pytest -m soak --timeout 7200 -s

bench: .venv/compiled
	$(UV) sync --quiet --locked --inexact --no-progress --group bench --python $(RUN)/python
	$(RUN)/python -m benchmarks --rows $(ROWS)
	$(RUN)/python -m benchmarks.areas
	$(RUN)/python -m benchmarks.exchange
	$(RUN)/python -m benchmarks.exchange_bytes

scores: .venv/compiled
	$(RUN)/python -m benchmarks.scores

clean:
	rm -rf .venv out .pytest_cache .ruff_cache .hypothesis
