# Targets for Kubernetes; they work on the current context of kubectl.
##@ In Kubernetes
K8S_NAMESPACE ?= tasker
K8S_RELEASE ?= tasker
K8S_IMAGES := $(foreach name,ticker executor log-sink api web cli,$(IMAGE_PREFIX)/$(name):$(IMAGE_TAG))
CHART := deploy/helm/tasker
HELM_BIN = $(or $(HELM),$(shell command -v helm || echo .tasker/bin/helm))
KUBECTL = kubectl --namespace $(K8S_NAMESPACE)
# Values, not --set: files of HELM_ARGS come after them, and so may say otherwise.
K8S_VALUES = printf 'devDependencies: {enabled: true}\nimage: {prefix: "%s", tag: "%s"}\n' '$(IMAGE_PREFIX)' '$(IMAGE_TAG)'
# Whether the context is of minikube: it bears the name of a profile.
IS_MINIKUBE = minikube profile list --light --output json 2>/dev/null | tr -d ' ' | grep -qF "\"Name\":\"$$context\""

.PHONY: helm-check k8s-load-docker k8s-unload-docker k8s-apply k8s-test k8s-pods k8s-web-port-forward k8s-api-port-forward k8s-delete test-cluster

helm-check: venv ## lint the chart, and hold what it renders to Kubernetes' own schemas (ARGS= for pytest)
	@scripts/bootstrap helm
	@$(HELM_BIN) lint --quiet --strict --kube-version 1.31.0 --set devDependencies.enabled=true $(CHART)
	@$(PY) -m pytest -q tests/chart --ignore tests/chart/test_releases.py $(ARGS)

k8s-load-docker: ## copy the images from Docker into minikube (or kind)
	@command -v kubectl >/dev/null || { echo "tasker: kubectl is missing: install it (https://kubernetes.io/docs/tasks/tools)" >&2; exit 1; }
	@context=$$(kubectl config current-context); case "$$context" in \
	  kind-*) kind load docker-image --name "$${context#kind-}" $(K8S_IMAGES) ;; \
	  *) $(IS_MINIKUBE) || { echo "tasker: the context $$context is neither of minikube nor of kind: push the images to a registry that it reaches, and give IMAGE_PREFIX=registry/path" >&2; exit 1; }; \
	    for image in $(K8S_IMAGES); do echo "loading $$image"; minikube --profile "$$context" image load "$$image"; done ;; esac

k8s-unload-docker: ## remove the images from minikube
	@context=$$(kubectl config current-context); \
	  $(IS_MINIKUBE) || { echo "tasker: the context $$context is not of minikube" >&2; exit 1; }; \
	  for image in $(K8S_IMAGES); do echo "removing $$image"; minikube --profile "$$context" image rm "$$image"; done

k8s-apply: ## install or upgrade Tasker with Kafka and MongoDB, and wait until it is ready (K8S_NAMESPACE=, HELM_ARGS=)
	@scripts/bootstrap helm
	@echo "tasker: release $(K8S_RELEASE) in the namespace $(K8S_NAMESPACE) of the context $$(kubectl config current-context)"
	@annotations=$$(scripts/image-annotations '$(IMAGE_PREFIX)' '$(IMAGE_TAG)'); \
	  release() { $(HELM_BIN) "$$@" --namespace $(K8S_NAMESPACE) --values <($(K8S_VALUES)) --values <(echo "$$annotations") $(HELM_ARGS); }; \
	  if $(HELM_BIN) get values $(K8S_RELEASE) --namespace $(K8S_NAMESPACE) --all 2>/dev/null | grep -A1 '^devDependencies:' | grep 'enabled: false' >/dev/null \
	    && [[ "$${HELM_ARGS:-}" != *devDependencies.enabled=true* ]] \
	    && ! { rendered=$$(release template $(K8S_RELEASE) $(CHART) --kube-version 1.31.0) && ! grep -q 'component: kafka$$' <<< "$$rendered"; }; then \
	    echo "tasker: $(K8S_RELEASE) works with a Kafka and a MongoDB of yours, which this would replace by empty ones: give its values (HELM_ARGS=\"-f values.yaml\" with devDependencies.enabled: false), or say HELM_ARGS=\"--set devDependencies.enabled=true\"" >&2; exit 1; fi; \
	  release upgrade --install $(K8S_RELEASE) $(CHART) --create-namespace --wait --timeout 10m \
	  || { $(KUBECTL) get pods; echo "tasker: not ready; see the pods above (make k8s-load-docker, if their images are missing)" >&2; exit 1; }

k8s-test: ## see a task made, run and logged in the cluster
	@$(HELM_BIN) test $(K8S_RELEASE) --namespace $(K8S_NAMESPACE) --logs

k8s-pods: ## list the pods
	@$(KUBECTL) get pods -l app.kubernetes.io/instance=$(K8S_RELEASE) -o wide

k8s-web-port-forward: ## reach the web UI at http://localhost:3000 (TASKER_PORT=)
	@$(KUBECTL) port-forward service/$(K8S_RELEASE)-web $(or $(TASKER_PORT),3000):8080

k8s-api-port-forward: ## reach the API at http://localhost:8000/api/v1 (API_PORT=)
	@$(KUBECTL) port-forward service/$(K8S_RELEASE)-api $(or $(API_PORT),8000):8000

test-cluster: venv ## disturb the release in the cluster while 200 tasks are due each second, and judge every second (ARGS=)
	@scripts/bootstrap helm
	@$(PY) -m tests.cluster --release $(K8S_RELEASE) --namespace $(K8S_NAMESPACE) $(ARGS)

k8s-delete: ## uninstall Tasker, and delete its data
	@$(HELM_BIN) uninstall $(K8S_RELEASE) --namespace $(K8S_NAMESPACE) --ignore-not-found --wait
	@$(KUBECTL) delete pod,pvc,secret -l app.kubernetes.io/instance=$(K8S_RELEASE) --ignore-not-found # the pod of k8s-test and the keys are no part of the release
