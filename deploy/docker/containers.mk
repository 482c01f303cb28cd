# The targets that work with containers; included by the Makefile.
COMPOSE := docker compose
TEST_COMPOSE := docker compose -f deploy/docker/test/docker-compose.yml
SERVICES := ticker executor log-sink api web

# What images are labelled with, unless the environment says it.
export IMAGE_TAG ?= 0.1.0
export IMAGE_PREFIX ?= tasker
REVISION ?= $(shell git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)
CREATED ?= $(shell git log -1 --format=%cI 2>/dev/null || echo 1970-01-01T00:00:00Z)

.PHONY: docker all build up up-silent up-no-recreate down shell logs test-api test-api-file test-web test-web-file sbom audit

docker: # Docker with Compose, or one line that says what to do
	@say() { echo "tasker: $$*" >&2; exit 1; }; \
	  command -v docker >/dev/null || say "Docker is missing: install Docker Engine and its Compose plug-in, or use \`make run\`, which needs neither"; \
	  docker compose version >/dev/null 2>&1 || say "Docker Compose is missing: install the plug-in (package docker-compose-plugin or docker-compose-v2)"; \
	  version=$$(docker compose version --short 2>/dev/null); version=$${version#v}; \
	  if [[ "$$version" == [0-9]*.* ]] && [ "$$(printf '%s\n' 2.24 "$$version" | sort -V | head -n 1)" != 2.24 ]; then \
	    say "Docker Compose is $$version, but 2.24 or newer is needed: upgrade the plug-in (package docker-compose-plugin)"; fi; \
	  docker info >/dev/null 2>&1 || say "Docker does not answer: start it (systemctl start docker), or let this user use it (group docker)"

##@ In containers

all: build up-silent ## build the images and start everything

build: docker ## build the images tasker/{ticker,executor,log-sink,api,web,cli} (IMAGE_TAG=, IMAGE_PREFIX=)
	@REVISION="$(REVISION)" CREATED="$(CREATED)" $(COMPOSE) --profile cli build $(ARGS)

up: docker ## start everything at http://localhost:3000 and follow the services (Ctrl-C stops it; ARGS="--scale ticker=3")
	@$(COMPOSE) up --remove-orphans --no-attach kafka --no-attach mongodb $(ARGS) || [ $$? -eq 130 ] # Ctrl-C is how it ends

up-silent: docker ## the same in the background; returns when all is healthy
	@$(COMPOSE) up --detach --remove-orphans $(ARGS)
	@$(MAKE) --no-print-directory containers-healthy

up-no-recreate: docker ## the same, but leave the containers that run as they are, whatever has changed
	@$(COMPOSE) up --detach --no-recreate $(ARGS)
	@$(MAKE) --no-print-directory containers-healthy

.PHONY: containers-healthy
containers-healthy:
	@scripts/containers-healthy $(SERVICES)

down: docker ## stop and remove the containers; tasks and their log stay (ARGS=--volumes removes them, too)
	@$(COMPOSE) --profile cli down --remove-orphans $(ARGS)

logs: docker ## follow the logs (SERVICE= for one)
	@$(COMPOSE) logs --follow --tail 100 $(SERVICE) || [ $$? -eq 130 ]

shell: docker ## open a shell in a container that runs (SERVICE=api by default)
	@$(COMPOSE) exec $(or $(SERVICE),api) bash

test-api: docker ## run the Python test suites in a container, beside a Kafka and a MongoDB of their own
	@$(MAKE) --no-print-directory test-api-file FILE="packages services examples tests/contract"

test-api-file: docker ## run one of them (FILE=services/api/tests/test_lists.py, ARGS= for pytest)
	@[ -n "$(FILE)" ] || { echo "tasker: say which: make test-api-file FILE=services/api/tests/test_lists.py" >&2; exit 1; }
	@trap '$(TEST_COMPOSE) down --volumes --remove-orphans >/dev/null 2>&1' EXIT; \
	  $(TEST_COMPOSE) run --build --rm --quiet-pull api $(FILE) $(ARGS)

test-web: docker ## run the tests of the web UI in a container
	@$(TEST_COMPOSE) run --build --rm --no-deps web $(FILE) $(ARGS)

test-web-file: docker ## run one of them (FILE=src/lib/duration.test.ts)
	@[ -n "$(FILE)" ] || { echo "tasker: say which: make test-web-file FILE=src/lib/duration.test.ts" >&2; exit 1; }
	@$(MAKE) --no-print-directory test-web FILE="$(FILE)"

##@ Dependencies

sbom: venv ## list what Tasker is made of, in CycloneDX: .tasker/sbom/{python,web}.cdx.json
	@scripts/dependencies sbom

audit: venv ## ask the registries for known vulnerabilities of it, and of the images if Trivy or Grype is there
	@scripts/dependencies audit
