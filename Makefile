# Tasker. `make` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
PROMTOOL ?= promtool
PACKAGES := packages services examples tests bench scripts conftest.py

.PHONY: help setup venv web run run-detached run-status run-stop test test-alerts simulate chaos check format lock contract contract-release bench screenshots clean

include deploy/docker/containers.mk

help: ## list the targets
	@b=; n=; if [ -t 1 ] && [ -z "$${NO_COLOR:-}" ]; then b=$$(printf '\033[1m') n=$$(printf '\033[0m'); fi; \
	  grep -hE '^([a-z0-9-]+:.*## |##@ )' $(MAKEFILE_LIST) | awk -F ':.*## ' -v b="$$b" -v n="$$n" \
	    '/^##@ / {print "\n" substr($$0, 5)} !/^##@ / {printf "  %s%-20s%s %s\n", b, $$1, n, $$2}'

setup: venv web ## make the virtual environment, the web packages and the web build

venv:
	@scripts/bootstrap python

web:
	@scripts/bootstrap web

run: setup ## bring the whole system up at http://localhost:3000, and follow its logs (Ctrl-C ends it)
	@exec $(PY) -m tasker_devstack run

run-detached: setup ## the same in the background; returns when it is ready
	@$(PY) -m tasker_devstack start

run-status: venv ## say whether it runs
	@$(PY) -m tasker_devstack status

run-stop: venv ## end the run in the background
	@$(PY) -m tasker_devstack stop

test: setup ## run all tests, on real Kafka, MongoDB and Chromium (ARGS= for pytest)
	@scripts/bootstrap chromium
	@scripts/bootstrap helm
	@[ -t 1 ] || export NO_COLOR=1; npm --prefix web test --silent
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

simulate: venv ## run the ticker in SEEDS simulated worlds (SEED=n: only that one, with its trace)
	@$(PY) -m tests.simulation --jobs $$(nproc) $(if $(SEED),--seed $(SEED) --trace,--seeds $(or $(SEEDS),2000))

chaos: venv ## kill, stop, slow, cut off and mis-set every process under load for MINUTES, and judge it (SEED=n: the same faults)
	@$(PY) -m tests.chaos.experiment --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED)) $(ARGS)

check: setup ## format, lint, types, imports, structure, and whether generated files are current
	@.venv/bin/ruff format --check $(PACKAGES)
	@.venv/bin/ruff check $(PACKAGES)
	@.venv/bin/basedpyright
	@.venv/bin/lint-imports
	@$(PY) scripts/check_structure.py
	@$(PY) -m tasker_contract --check
	@$(MAKE) --no-print-directory helm-check
	@npm --prefix web run --silent check

test-alerts: ## check the Prometheus rules and run their unit tests (PROMTOOL=: where promtool is)
	@command -v $(PROMTOOL) > /dev/null || { echo "promtool is missing, a part of Prometheus (prometheus.io/download, or the" \
	  "package prometheus of your system): put it on the PATH, or say PROMTOOL=/path/to/promtool" >&2; exit 1; }
	@$(PROMTOOL) check rules --lint=all --lint-fatal deploy/helm/tasker/files/alerts.yaml
	@$(PROMTOOL) test rules tests/monitoring/alerts_test.yaml

format: setup ## let the formatters have their way
	@.venv/bin/ruff check --fix-only -q $(PACKAGES)
	@.venv/bin/ruff format $(PACKAGES)
	@npm --prefix web run --silent format

lock: ## lock the Python requirements with hashes
	@python3 -m venv .tasker/lock && .tasker/lock/bin/pip install -q uv
	@for f in runtime build dev audit; do .tasker/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  requirements/$$f.in -o requirements/$$f.txt; done

contract: venv ## generate contract/, the tables of docs/metrics.md and the web client's types from the code
	@$(PY) -m tasker_contract
	@npm --prefix web run --silent generate

contract-release: contract ## at a release: from now on the contract is held against the one of today
	@$(PY) -m tasker_contract --release

bench: venv ## measure lateness and bursts on this machine (ARGS= for bench)
	@$(PY) -m bench $(ARGS)

screenshots: setup ## take pictures of each page of the web UI, in both themes and on a phone (ARGS=--readme: for the README)
	@scripts/bootstrap chromium
	@$(PY) -m tests.e2e.screenshots $(ARGS)

clean: ## remove everything that was made, the data of `make run` included
	@rm -rf .venv .tasker web/node_modules web/dist test-artifacts .pytest_cache .ruff_cache .hypothesis

include deploy/helm/kubernetes.mk
