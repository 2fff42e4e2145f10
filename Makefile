.PHONY: setup run test check format lint types bench clean
PYTHON = .venv/bin/python
# Two workers, each file in one of them: browser, training and job tests share expensive fixtures per file.
PYTEST = $(PYTHON) -m pytest -n 2 --dist loadfile

setup:
	@.ci/setup

run:
	@.ci/setup
	@.venv/bin/tuneworth

test:
	@.ci/setup --browser
	@$(PYTEST)

check: setup format lint types
	@$(PYTEST)

format:
	@$(PYTHON) -m ruff format .

lint:
	@$(PYTHON) -m ruff check .

types:
	@$(PYTHON) -m mypy

bench:
	@.ci/setup
	@$(PYTHON) -m benchmarks --all

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
