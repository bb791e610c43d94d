# Two commands for newcomers: `make app` and `make test`. Each makes .venv if there is none and installs what it needs.
# The README says the same in plain pip and python lines.
PYTHON ?= python3
BIN := .venv/bin
NODE_20 := node -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)" 2>/dev/null

.PHONY: app test stress check check-style check-types docs web check-web site bench

app: .venv/.app
	@echo "Starting the page; open the address below in a browser. Ctrl-C stops it."
	@$(BIN)/python app.py

test: .venv/.dev
	@$(BIN)/python -m tests.browser.find_browser
	$(MAKE) check
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto # hundreds of processes, which need not compile all anew

stress: .venv/.dev # ten times as many kills as in the tests
	RNNVIZ_KILLS=50 $(BIN)/python -m pytest tests/training/test_faults.py -k "t50 or t51"

check: .venv/.dev # two at a time, since most of them keep one core busy
	@$(MAKE) --no-print-directory -j2 check-web check-types check-style docs

check-style: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

check-types: .venv/.dev
	$(BIN)/mypy

web: web/node_modules/.package-lock.json # the page's front end, built into rnnviz/page/static
	cd web && npm run --silent build

check-web: # what is built must be what is committed; who only uses rnnviz needs no Node
	@if $(NODE_20); then $(MAKE) --no-print-directory web/node_modules/.package-lock.json && cd web && npm run --silent check; \
	else echo "Skipped: types, lint, tests and build of web/, which need Node 20.19 or newer."; fi

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

docs: .venv/.dev # the documents and the reference as a site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

site: .venv/.app # the page as a static site, into public/
	$(BIN)/python -m rnnviz site public

bench: .venv/.dev
	@$(BIN)/python -m tests.browser.find_browser
	$(BIN)/python benchmarks/capture.py
	$(BIN)/python benchmarks/page.py

.venv/.app: requirements.txt
	@echo "First start: making .venv and installing PyTorch, Gradio and the rest. This takes a few minutes, once."
	@$(PYTHON) -c 'import sys; sys.exit("rnnviz needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: .venv/.app pyproject.toml
	@echo "Installing the tools for the tests."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@
