# make demo   the whole graph on synthetic data, a few minutes on two cores
# make test   the test suite
# make why    what is stale in the demo, and why
# make check  linters and formatters

PYTHON ?= python3
BIN := .venv/bin
SNAKEMAKE := $(BIN)/python -m snakemake
DEMO := --profile local --configfile config/demo.yaml
DEMO_RESULTS := results/synthetic

.PHONY: demo test test-workflow test-rest why check format
.DELETE_ON_ERROR:

demo: .venv/installed
	$(SNAKEMAKE) all $(DEMO)
	@$(MAKE) --no-print-directory $(DEMO_RESULTS)/report.html
	@echo
	@echo "Figures $(DEMO_RESULTS)/figures/figure1.png, per_task.png, latency.png (also .svg and .pdf)"
	@echo "Tables  $(DEMO_RESULTS)/tables/results.csv, figure1.csv, latency.csv"
	@echo "Report  $(DEMO_RESULTS)/report.html"

$(DEMO_RESULTS)/report.html: $(DEMO_RESULTS)/figures/figure1.svg $(wildcard report/*)
	$(SNAKEMAKE) --report $@ --quiet all $(DEMO)

# Two halves side by side: each waits for processes of its own much of the time.
test: .venv/installed
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-workflow test-rest

test-workflow test-rest: .venv/installed
	$(BIN)/python -m pytest $(if $(filter test-rest,$@),--ignore tests/workflow,tests/workflow)

why: .venv/installed
	$(BIN)/python -m staleness.why --configfile config/demo.yaml

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check .
	$(SNAKEMAKE) --lint

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt .

# The environment: exact versions of everything. Repeatable after an interruption.
.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "multipress needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing into .venv (once, some minutes) ..."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $@
