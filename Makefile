# make run   installs on first use, then runs the series and prints the results   (RECIPE=digits NB=notebooks, or all)
# make test  installs on first use, then tests every notebook                     (JOBS=number of cores)
# make help  lists the rest

RECIPE ?= digits
NB     ?=
PARTS  ?=
VENV   ?= .venv
JOBS   ?=
PYTHON ?=

PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.kdlib-installed
TOOLS  := nbs/_tools
SHOWN   = $(if $(filter digits,$(RECIPE)),imagenette64,$(RECIPE))
MEASURE = $(if $(filter digits,$(RECIPE)),None,'$(RECIPE)')
comma  := ,
# notebooks run in nbs/, so a relative folder is made absolute here
absolute = $(shell case '$(1)' in (/*|'~'*) echo '$(1)';; (*) echo '$(CURDIR)/$(1)';; esac)
ifneq ($(KDLIB_DATA),)
export KDLIB_DATA := $(call absolute,$(KDLIB_DATA))
endif
ifneq ($(KDLIB_RUNS),)
export KDLIB_RUNS := $(call absolute,$(KDLIB_RUNS))
endif
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
export PATH := $(abspath $(VENV)/bin):$(PATH)
# torch says this on every import of fastai, to whoever imports; only fastai can change it
export PYTHONWARNINGS := ignore:`torch.jit.script` is deprecated:FutureWarning$(if $(PYTHONWARNINGS),$(comma)$(PYTHONWARNINGS))
# threads that wait shall sleep: spinning ones take the cores from other trainings; read when torch is loaded
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: help install run test lab docs readme show sidebar generated prepare check count bench device drill publish clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      run the series, 00 to 05: RECIPE=$(RECIPE), results under _run/$(RECIPE)/'
	@echo '              NB="06_sizes lib/show/looks": those notebooks instead; NB=all: the whole series'
	@echo 'make test     test every notebook, without network'
	@echo 'make lab      open JupyterLab on copies of the notebooks, in _lab/; to change the library: jupyter lab nbs'
	@echo 'make docs     render the site into _docs/, by Quarto where it is on the PATH, else by smalldocs'
	@echo 'make readme   run nbs/index.ipynb and write README.md from it'
	@echo 'make show     run the notebooks but for their slow cells, and keep what they show (RECIPE=imagenette64 NB=those)'
	@echo 'make prepare  before a commit: export, clean, README'
	@echo 'make check    fail if `make prepare` was forgotten, a rule of the house is broken, or a reader would stumble'
	@echo 'make count    how long cells, lines, functions and rooms are, notebook by notebook'
	@echo 'make bench    measure this machine: kdlib beside the 2019 procedure and stock fastai (15 minutes)'
	@echo '              PARTS="peer waiting": those parts alone (peer: with pip install torchdistill)'
	@echo 'make device   check this device, a GPU above all: right, and how fast? (10 minutes at most)'
	@echo '              PARTS="speed exact": those parts alone, of ceilings images exact waits speed stock notebooks'
	@echo 'make drill    kill it at every file operation, share, damage and fill its folder: what is lost? (some minutes)'
	@echo 'make publish  copy own records of RECIPE=$(RECIPE) to data/records/'
	@echo 'make clean    remove what the above made, copies in _lab/ too; data/ and $(VENV) stay'

# The environment, once, and again when settings.ini or setup.py ask for something that is not there.
# All packages in one command: pip resolves torch with torchvision, and fastcore stays below 2.
install: $(STAMP)
$(STAMP): settings.ini setup.py
	@if ! test -x $(PY) || ! $(PY) $(TOOLS)/installed.py; then \
	  py=; for p in $(PYTHON) $(if $(PYTHON),,python3 python3.13 python3.12 python3.11 python3.10); do \
	    if $$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then py=$$p; break; fi; done; \
	  if test -z "$$py"; then \
	    echo 'kdlib needs Python 3.10 or later; found: '"$$($(or $(PYTHON),python3) --version 2>&1 || true)"'. Name one: make PYTHON=/path/to/python3.12' >&2; exit 1; fi; \
	  if ! test -x $(VENV)/bin/pip; then echo "making $(VENV) with $$($$py --version)" && $$py -m venv $(VENV); fi && \
	  $(PY) -m pip install --disable-pip-version-check -e '.[dev]' && $(PY) $(TOOLS)/installed.py; fi
	@touch $@

run: $(STAMP)
	@$(PY) $(TOOLS)/series.py $(RECIPE) $(NB)

test: $(STAMP)
	@KDLIB_RECIPE=smoke $(PY) $(TOOLS)/tests.py $(JOBS)

lab: $(STAMP)
	@$(PY) $(TOOLS)/lab.py

docs: $(STAMP)
	@command -v quarto >/dev/null || $(PY) -c 'import smalldocs' 2>/dev/null || \
	  $(PY) -m pip install --disable-pip-version-check -q -e '.[dev,docs]'
	@$(PY) $(TOOLS)/pages.py site
	@$(PY) $(TOOLS)/pages.py crawl

readme: $(STAMP)
	@$(PY) $(TOOLS)/pages.py readme

show: $(STAMP)
	@$(PY) $(TOOLS)/pages.py show $(SHOWN) $(NB)

# what is generated from the notebooks and kept in git: kdlib/, their own metadata, the site's settings
generated: $(STAMP)
	@nbdev_export
	@nbdev_clean
	@$(PY) -c 'from nbdev.quarto import refresh_quarto_yml; refresh_quarto_yml()'
	@$(PY) $(TOOLS)/pages.py sidebar

prepare: generated readme

check: generated
	@git diff --exit-code --stat -- kdlib nbs pyproject.toml || \
	  { echo 'The files above changed: run `make prepare` and commit them.' >&2; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- kdlib nbs); if test -n "$$new"; then \
	  echo "$$new" >&2; echo 'these files in kdlib/ or nbs/ are not in git: commit or remove them.' >&2; exit 1; fi
	@bad=0; for c in 'pages.py stale' reading.py 'house.py check'; do $(PY) $(TOOLS)/$$c || bad=1; done; exit $$bad

count: $(STAMP)
	@$(PY) $(TOOLS)/house.py count

bench: $(STAMP)
	@$(PY) -c "from kdlib.speed.bench import bench; bench($(MEASURE)$(if $(PARTS),$(comma) '$(PARTS)'.split()))"

device: $(STAMP)
	@$(PY) -c "from kdlib.speed.device_page import check_device; check_device($(MEASURE), '$(PARTS)')"

drill: $(STAMP)
	@$(PY) -c 'from kdlib.study.drill import drill; drill()'

publish: $(STAMP)
	@$(PY) $(TOOLS)/publish.py $(RECIPE)

clean:
	rm -rf _run _lab _docs _docs.* _proc build dist
	find kdlib nbs -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
