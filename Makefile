# Every target sets up what it needs; a second call is quick.
#
#   make demo        graddl at work: handwritten digits; pictures go into out/
#   make test        the quick tests                 make test-slow   the others
#   make lint        ruff, cython-lint, mypy, stubs  make stubs       write the derived stubs anew
#   make docs        docs/_build/html                make annotate    Cython's reports, build/annotate
#   make wheel       dist/*.whl, checked             make sanitize    the core under ASan and UBSan
#   make bench       against other libraries         make oracles     freeze their answers for tests
#   make gallery     every kind of picture, out/gallery
#
# PYTHON=python3.12 picks an interpreter, with a virtual environment of its own.
# GRADDL_CYTHON_DEBUG=1 builds with every check of Cython on.

PYTHON ?= python3
VENV ?= .venv$(patsubst %,-%,$(filter-out python3,$(notdir $(PYTHON))))
PY := $(VENV)/bin/python
PIP := env PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check
ARGS ?=

SOURCES := setup.py $(shell find graddl -name '*.pyx' -o -name '*.pxd' -o -name '*.h')
STUBS := $(shell find graddl -name '*.pyi')
STUBBED := $(patsubst %.__init__,%,$(subst /,.,$(basename $(STUBS))))
VARIANT := $(if $(filter 1,$(GRADDL_CYTHON_DEBUG)),checked,plain)
OTHER := $(filter-out $(VARIANT),checked plain)
comma := ,

.PHONY: demo gallery test test-slow lint stubs docs annotate wheel sanitize bench oracles peers clean
.DELETE_ON_ERROR:

demo: $(VENV)/.with-viz+data
	$(PY) examples/digits.py $(ARGS)

gallery: $(VENV)/.with-viz+data
	$(PY) tools/make_gallery.py $(ARGS)

test: $(VENV)/.with-all+dev
	$(PY) -m pytest -m "not slow" $(ARGS)

test-slow: $(VENV)/.with-all+dev
	$(PY) -m pytest -m slow $(ARGS)

lint: $(VENV)/.with-all+dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	PATH=$(abspath $(VENV))/bin:$$PATH cython-lint graddl
	$(PY) -m mypy
	$(PY) -m mypy.stubtest --mypy-config-file pyproject.toml --concise --ignore-disjoint-bases \
	    --allowlist tools/stubtest-allowlist.txt --ignore-unused-allowlist $(STUBBED)

stubs: $(VENV)/.with-dev tools/make_stubs.py
	$(PY) tools/make_stubs.py

# What Sphinx would reuse is removed: every tutorial runs against the package as it is now.
docs: $(VENV)/.with-all+docs
	rm -rf docs/_build docs/api/generated docs/tutorials
	$(PY) -m sphinx -q -W -n --keep-going -b html docs docs/_build/html

annotate: $(VENV)/.with-build
	mkdir -p build/annotate
	for file in $$(find graddl -name '*.pyx'); do \
	    $(PY) -m cython -3 --annotate -I graddl -o build/annotate/$$(basename $$file .pyx).c $$file || exit 1; \
	done

wheel: $(VENV)/.with-build
	rm -rf dist
	$(PY) -m build --outdir dist
	$(PY) tools/check_wheel.py dist/*.whl

sanitize:
	PYTHON=$(PYTHON) tools/sanitize.sh

bench: peers
	.venv-bench/bin/python -m benchmarks $(ARGS)

oracles: peers
	for script in tests/oracles/make_*.py; do \
	    .venv-bench/bin/python $$script --check; .venv-bench/bin/python $$script || exit 1; done

# The other libraries: the extra `bench` names them, benchmarks/requirements.txt pins them.
peers:
	$(MAKE) --no-print-directory VENV=.venv-bench GRADDL_CYTHON_DEBUG= \
	    PIP_CONSTRAINT=benchmarks/requirements.txt .venv-bench/.with-bench

.venv-bench/.with-bench: benchmarks/requirements.txt

clean:
	rm -rf build dist *.egg-info docs/_build docs/api/generated docs/tutorials .venv*/.built-*
	find graddl -name '*.so' -delete

# The editable install. Python files count at once; compiled ones after `pip` has run again.
$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	touch $@

$(VENV)/.tools: $(VENV)/.made pyproject.toml
	$(PY) tools/build_requires.py | xargs $(PIP)
	touch $@

# Environments share the modules in the tree, and those of the other variant look up to date: they go.
$(VENV)/.built-$(VARIANT): $(VENV)/.tools $(SOURCES)
	if ls .venv*/.built-$(OTHER) >/dev/null 2>&1; then \
	    rm -f .venv*/.built-* && find graddl -name '*.so' -delete; fi
	$(PIP) --no-build-isolation --editable .
	touch $@

# `.with-all+dev` stands for the extras `all` and `dev`.
$(VENV)/.with-%: pyproject.toml | $(VENV)/.built-$(VARIANT)
	$(PIP) --no-build-isolation --editable '.[$(subst +,$(comma),$*)]'
	touch $@
