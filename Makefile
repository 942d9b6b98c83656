# `make lab` opens the lessons, `make test` checks everything. Both install what they need into .venv first.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# Most tests wait more than they compute, so three run side by side even on two cores.
SIDE_BY_SIDE ?= 3

# Which kernel runs a lesson: the lessons name the kernel `python3`, the one name that every Jupyter, conda
# environment and Binder has. A user can have a `python3` of another environment, though, and JUPYTER_PATH is
# searched before all other places. So .venv's own `python3` names .venv's interpreter by its full path, and
# JUPYTER_PATH says to look there first. (`rtlab lab` sets the same two for whoever starts it without make.)
export JUPYTER_PATH := $(CURDIR)/.venv/share/jupyter
export JUPYTER_PREFER_ENV_PATH := 1
unexport PYTHONPATH PYTHONHOME

.PHONY: help venv lab test lint browser notebooks bench lock clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP)  ## Install everything that the lessons and the tests need into .venv
	@:

# A .venv works only where it was made: in a folder that was moved or copied it is made anew.
ifneq ($(CURDIR),$(shell cat $(STAMP) 2>/dev/null))
.PHONY: $(STAMP)
endif

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.10 or newer, or name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("rtlab needs Python 3.10 or newer and $(PYTHON) is %d.%d: name another one, as in make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	@echo "Installing into .venv: about 600 MB; a minute, more on a slow network"
	@if { [ -e $@ ] && [ "$$(cat $@)" != "$(CURDIR)" ]; } || ! $(BIN)/python -m pip --version >/dev/null 2>&1; \
	  then $(PYTHON) -m venv --clear .venv; fi
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lab,brokers,push,test]'
	@$(BIN)/python -m ipykernel install --sys-prefix --name python3 --display-name "Python 3 (rtlab)" >/dev/null
	@printf '%s' "$(CURDIR)" > $@

lab: venv  ## Open JupyterLab on the first lesson
	@$(BIN)/rtlab lab

# nbval leaves a file open (its own, per notebook), which is no fault of a lesson.
test: venv browser lint  ## Lint, types, tests, and every notebook against its stored outputs
	$(BIN)/pytest -n $(SIDE_BY_SIDE) --dist loadgroup --no-loadscope-reorder
ifneq ($(NOTEBOOKS),)
	$(BIN)/pytest -n $(SIDE_BY_SIDE) --dist loadfile -W ignore::ResourceWarning --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg --nbval-cell-timeout 120 notebooks
else
	@echo "There are no notebooks to check yet"
endif

lint: venv  ## Only ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# The names are those that the fixture `chromium` in tests/conftest.py looks for.
browser:
	@found() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null && return; done; false; }; \
	if ! found && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium"; { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium fonts-liberation; } </dev/null >/dev/null || true; fi; \
	found || echo "The browser tests will fail: install Chromium (Debian: apt-get install chromium) or Google Chrome"

notebooks: venv  ## Run every notebook and store its outputs
	@[ -n "$(NOTEBOOKS)" ] || { echo "There are no notebooks yet"; exit 1; }
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=120 \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.store_widget_state=False \
	  --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.preserve_cell_metadata_mask=tags \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask=kernelspec $(NOTEBOOKS)

bench: venv  ## Measure this machine
	@$(BIN)/rtlab bench

lock:  ## Pin what pyproject.toml names (needs uv; for newer versions remove constraints.txt first)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it with pipx install uv, or python3 -m pip install --user uv"; exit 1; }
	uv pip compile --quiet --universal --python-version 3.10 --all-extras --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links pyproject.toml -o constraints.txt

clean:  ## Remove everything that was made, .venv too
	rm -rf .venv .jupyter .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
