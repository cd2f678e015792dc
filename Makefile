# make demo    the whole graph on synthetic data, a few minutes on two cores
# make report  one HTML file of the paper's results (make report CONFIG=… of others)
# make audit   is what lies on the disk what was recorded? (make audit CONFIG=config/demo.yaml: the demo's)
# make restore in a fresh clone: a recorded run from DVC's remote (CONFIG=… REMOTE=…), ready to go on from
# make gc      what takes space and is not needed; make gc YES=1 removes it
# make test    the test suite
# make quick   a part of it, in some minutes on two cores: units, graphs, one small run
# make why     what is stale in the demo, and why (CONFIG=…: in another study)
# make check   linters, formatters, the order of imports, types, the site
# make site    the documentation as a site, into site/

PYTHON ?= python3
BIN := .venv/bin
SNAKEMAKE := $(BIN)/python -m snakemake
# By the module, which takes the code of this folder, also where .venv is that of another worktree.
MULTIPRESS := $(BIN)/python -m multipress
CONFIG :=
DEMO_CONFIG := config/demo.yaml

.PHONY: demo report audit restore gc why check format site
.PHONY: test test-run test-workflow test-plans test-dvc test-slurm test-hub test-rest quick quick-run quick-rest
.DELETE_ON_ERROR:

demo: .venv/installed
	@$(MULTIPRESS) demo

# CONFIG may name several files, as in a shell: CONFIG="one.yaml 'another one.yaml'"
STUDY = $(if $(CONFIG),--configfile $(CONFIG))

report: .venv/installed
	@$(MULTIPRESS) report $(STUDY) $(if $(RESULTS),--results "$(RESULTS)")

audit: .venv/installed
	@$(MULTIPRESS) audit $(STUDY)

restore: .venv/installed
	@$(MULTIPRESS) restore $(STUDY) $(if $(REMOTE),--remote "$(REMOTE)")

gc: .venv/installed
	@$(MULTIPRESS) gc $(STUDY) $(if $(YES),$(if $(filter-out 1,$(YES)),$(error YES=$(YES): to remove, say YES=1),--yes))

why: .venv/installed
	@$(MULTIPRESS) why $(or $(STUDY),--configfile $(DEMO_CONFIG))

# Parts side by side: each waits for processes of its own much of the time. Three of them look at one finished run, which is
# made beside the others; called alone, a part makes its own. Each says which of its tests took longest.
PYTEST := $(BIN)/python -m pytest --durations=30 --durations-min=1
APART := tests/workflow/test_graph.py
PLANS := $(patsubst %,tests/workflow/test_%.py,code_edits dry_run keys staleness storage)
test: .venv/installed
	@export MULTIPRESS_TEST_RUN=$$(mktemp -d) && trap 'rm -rf "$$MULTIPRESS_TEST_RUN"' EXIT && \
		$(MAKE) --no-print-directory --jobs 6 --output-sync=target test-workflow test-plans test-dvc test-slurm test-hub test-rest

test-run: .venv/installed
	@test -z "$$MULTIPRESS_TEST_RUN" || $(BIN)/python -m tests.runs "$$MULTIPRESS_TEST_RUN"

test-workflow: test-run
	$(PYTEST) $(patsubst %,--ignore %,$(APART) $(PLANS)) tests/workflow

test-plans: test-run
	$(PYTEST) $(PLANS)

test-dvc: test-run
	$(PYTEST) tests/dvc

test-slurm: .venv/installed
	$(PYTEST) tests/slurm

test-hub: .venv/installed
	$(PYTEST) tests/hub tests/peers

test-rest: .venv/installed
	$(PYTEST) tests/unit $(APART)

# Two parts, for two cores.
quick: .venv/installed
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target quick-run quick-rest

quick-run: .venv/installed
	$(PYTEST) $(APART) $(addprefix tests/workflow/test_,keys.py storage.py dry_run.py) tests/dvc/test_own_study.py

quick-rest: .venv/installed
	$(PYTEST) tests/unit

check: .venv/installed site
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check .
	$(BIN)/python -m tests.snakemake_lint
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy multipress workflow_scripts

# A page that is not in the menu, a link or an anchor that leads nowhere ends it. The variable silences an advertisement.
site: .venv/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt .

# The environment: exact versions of everything, and the command multipress with the code of this folder. The mode is that of a
# line in a .pth file: by default each start of Python would import a module that finds it, for 9 ms. Repeatable after an
# interruption. The real path, because venv refuses a .venv that is a link, to a disk with room for 80,000 files.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "multipress needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing into .venv (once, some minutes) ..."
	$(PYTHON) -m venv "$$(realpath --canonicalize-missing .venv)"
	$(PIP) --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@
