.PHONY: run test bench

VENV := .venv
PYTHON := $(VENV)/bin/python

run: $(VENV)/installed
	@export REFUND_HOLD_S=$${REFUND_HOLD_S:-60}; exec $(PYTHON) manage.py up

# Every check runs, also after one that failed; the last line is the test runner's.
test: $(VENV)/installed-dev
	@failed=; \
	for check in "ruff check ." "ruff format --check ." lint-imports; do $(VENV)/bin/$$check || failed=yes; done; \
	sh .ci/browser || failed=yes; \
	$(PYTHON) -m pytest -n 3 --dist worksteal || failed=yes; \
	test -z "$$failed"

bench: $(VENV)/installed
	$(PYTHON) manage.py judge_many

# pip runs again only when a list has changed.
$(VENV)/installed: requirements.txt | $(VENV)/bin/pip
	$(PYTHON) -m pip install --disable-pip-version-check --quiet -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt | $(VENV)/bin/pip
	$(PYTHON) -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	@touch $(VENV)/installed $@

$(VENV)/bin/pip:
	@for python in python3.11 python3 python; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec $$python -m venv $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed." >&2; exit 1
