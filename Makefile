# One environment in .venv for everything; nothing has to be set up before these commands.
#   make app [HOST=address] [PORT=port] [BASE=path] [TOWN=folder]   the planner in the browser
#   make plan [TOWN=folder] [BUDGET=yen]    a plan into out/
#   make test                               all tests
#   make check                              lint, types, import contracts, generated docs
#   make bench                              the figures in benchmarks/RESULTS.md
PYTHON ?= python3
TOWN ?= data
BUDGET ?=
HOST ?= 127.0.0.1
PORT ?= 8501
BASE ?=
VENV := .venv
BIN := $(VENV)/bin
# import-linter, mypy and the tests look only at this tree
export PYTHONPATH := $(CURDIR)
# every process of the app, of the tests and of a plan would read all sources anew: 0.8 s each
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app plan test check bench docs lock clean

app: .ready-run
	PLANNER_TOWN="$(abspath $(TOWN))" $(BIN)/python -m planner.app --server.address $(HOST) --server.port $(PORT) \
		$(if $(BASE),--server.baseUrlPath $(BASE))

plan: .ready-run
	$(BIN)/python -m planner plan "$(TOWN)" --out out $(if $(BUDGET),--budget-yen $(BUDGET))

test: .ready-dev
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder

check: .ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: .ready-dev
	$(BIN)/python -m benchmarks plan
	$(BIN)/python -m benchmarks app
	$(BIN)/python -m benchmarks ingest
	$(BIN)/python -m benchmarks coverage
	$(BIN)/python -m benchmarks funding

docs: .ready-dev
	$(BIN)/python docs/generate.py

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

.ready-run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

.ready-dev: requirements-dev.txt .ready-run
	$(BIN)/python -m pip install --quiet -r requirements.txt -r requirements-dev.txt
	touch $@

lock: .ready-dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) out .ready-run .ready-dev
