# make run   installs on first use, then runs the series and prints the results   (RECIPE=digits NB=notebooks, or all)
# make test  installs on first use, then tests every notebook                     (JOBS=number of cores)
# make help  lists the rest

RECIPE ?= digits
NB     ?=
PARTS  ?=
VENV   ?= .venv
JOBS   ?=
PYTHON ?=
PARTS  ?=

BIN    := $(VENV)/bin
STAMP  := $(VENV)/.kdlib-installed
TOOLS  := nbs/_tools
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
comma  := ,
# notebooks run in nbs/, so a relative folder is made absolute here
absolute = $(shell case '$(1)' in (/*|'~'*) echo '$(1)';; (*) echo '$(CURDIR)/$(1)';; esac)
ifneq ($(KDLIB_DATA),)
export KDLIB_DATA := $(call absolute,$(KDLIB_DATA))
endif
ifneq ($(KDLIB_RUNS),)
export KDLIB_RUNS := $(call absolute,$(KDLIB_RUNS))
endif
# torch says this on every import of fastai, to whoever imports; only fastai can change it
export PYTHONWARNINGS := ignore:`torch.jit.script` is deprecated:FutureWarning$(if $(PYTHONWARNINGS),$(comma)$(PYTHONWARNINGS))
# OpenMP threads that wait shall sleep: threads that spin take the cores from other trainings beside them.
# The library reads it when torch is loaded, so it is set here. lib/speed measures what it brings.
export OMP_WAIT_POLICY ?= PASSIVE
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help install run test lab docs readme show prepare check bench device publish clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      run the series, 00 to 05: RECIPE=$(RECIPE), results under _run/$(RECIPE)/'
	@echo '              NB="06_sizes 07_methods": those notebooks instead; NB=all: every one'
	@echo 'make test     test every notebook, without network'
	@echo 'make lab      open JupyterLab'
	@echo 'make docs     render the docs into _docs/'
	@echo 'make readme   run nbs/index.ipynb and write README.md from it'
	@echo 'make show     run the notebooks but for their slow cells, and keep what they show (RECIPE=imagenette64 NB=those)'
	@echo 'make prepare  before a commit: export, clean, README'
	@echo 'make check    fail if `make prepare` was forgotten'
	@echo 'make bench    measure this machine: kdlib beside the 2019 procedure and stock fastai (15 minutes)'
	@echo '              PARTS="peer waiting": those parts alone (peer: with pip install torchdistill)'
	@echo 'make device   check this device, a GPU above all: right, and how fast? (10 minutes at most)'
	@echo '              PARTS="speed exact": those parts alone, of ceilings images exact waits speed stock notebooks'
	@echo 'make publish  copy own records of RECIPE=$(RECIPE) to data/records/'
	@echo 'make clean    remove what the above made; data/ and $(VENV) stay'

# The environment, once, and again when settings.ini or setup.py ask for something that is not there.
# All packages in one command: pip resolves torch with torchvision, and fastcore stays below 2.
install: $(STAMP)
$(STAMP): settings.ini setup.py
	@if ! test -x $(BIN)/python || ! $(BIN)/python $(TOOLS)/installed.py; then \
	  py=; for p in $(PYTHON) $(if $(PYTHON),,python3 python3.13 python3.12 python3.11 python3.10); do \
	    if $$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then py=$$p; break; fi; done; \
	  if test -z "$$py"; then \
	    echo 'kdlib needs Python 3.10 or later; found: '"$$($(or $(PYTHON),python3) --version 2>&1 || true)"'. Name one: make PYTHON=/path/to/python3.12' >&2; exit 1; fi; \
	  if ! test -x $(BIN)/pip; then echo "making $(VENV) with $$($$py --version)" && $$py -m venv $(VENV); fi && \
	  $(BIN)/python -m pip install --disable-pip-version-check -e '.[dev]' && $(BIN)/python $(TOOLS)/installed.py; fi
	@touch $@

run: $(STAMP)
	@$(BIN)/python $(TOOLS)/series.py $(RECIPE) $(NB)

test: $(STAMP)
	@KDLIB_RECIPE=smoke $(BIN)/python $(TOOLS)/tests.py $(JOBS)

lab: $(STAMP)
	$(BIN)/jupyter lab nbs/index.ipynb

# nbdev_docs would download Quarto where it is not on the PATH, so it is asked for first;
# it would also write README.md anew where that looks older than index.ipynb, so it is touched.
docs: $(STAMP)
	@if command -v quarto >/dev/null; then \
	  echo 'quarto is on the PATH: the site by nbdev_docs into _docs/'; touch README.md; $(BIN)/nbdev_docs; \
	else \
	  echo 'quarto is not on the PATH: plain HTML by nbconvert into _docs/ (for the site with search: https://quarto.org/docs/get-started)'; \
	  $(BIN)/python $(TOOLS)/pages.py html; fi

readme: $(STAMP)
	@$(BIN)/python $(TOOLS)/pages.py readme

# what the pages show: the notebooks' own outputs, from the published records
show: $(STAMP)
	@$(BIN)/python $(TOOLS)/pages.py show $(if $(filter digits,$(RECIPE)),imagenette64,$(RECIPE)) $(NB)

# what is generated from the notebooks and kept in git: kdlib/, their own metadata, the site's settings
generated: $(STAMP)
	@$(BIN)/nbdev_export
	@$(BIN)/nbdev_clean
	@$(BIN)/python -c 'from nbdev.quarto import refresh_quarto_yml as r, nbdev_sidebar as s; r(); s.__wrapped__()'
.PHONY: generated

prepare: generated readme

check: generated
	@git diff --exit-code --stat -- kdlib nbs pyproject.toml || \
	  { echo 'nbdev_export, nbdev_clean or the sidebar changed the files above: run `make prepare` and commit them.' >&2; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- kdlib nbs); if test -n "$$new"; then \
	  echo "$$new" >&2; echo 'these files in kdlib/ or nbs/ are not in git: commit or remove them.' >&2; exit 1; fi
	@$(BIN)/python $(TOOLS)/pages.py check

# the benchmark of this machine: kdlib beside the 2019 procedure and stock fastai
bench: $(STAMP)
	@$(BIN)/python -c "from kdlib.speed.bench import bench; bench(None if '$(RECIPE)' == 'digits' else '$(RECIPE)'$(if $(PARTS),$(comma) '$(PARTS)'.split()))"

# is kdlib right on this device, and how fast: kdlib.speed.device_page
device: $(STAMP)
	@$(BIN)/python -c "from kdlib.speed.device_page import check_device; \
	  check_device(None if '$(RECIPE)' == 'digits' else '$(RECIPE)', '$(PARTS)')"

publish: $(STAMP)
	@$(BIN)/python -c "from kdlib.study.published import publish; print(len(publish('$(RECIPE)')), 'records of $(RECIPE) in data/records/')"
	@$(BIN)/python -c "from kdlib.all import *; own, to = runs_path(), published_path(); \
	  [print(len(publish('$(RECIPE)', own/k, to/k)), 'records of the', w) for k, w in (('tune', 'search'), ('views', 'views')) if read_records(own/k, '$(RECIPE)')]"
	@$(BIN)/python -c "from kdlib.speed.results import publish_benches; print(len(publish_benches()), 'benchmarks in data/records/bench/')"

clean:
	rm -rf _run _docs _docs.* _proc build dist
	find kdlib nbs -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
