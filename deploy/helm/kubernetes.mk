# Targets for Kubernetes; they work on the current context of kubectl.
##@ In Kubernetes
K8S_NAMESPACE ?= tasker
K8S_RELEASE ?= tasker
K8S_IMAGES := $(foreach name,ticker executor log-sink api web cli,$(IMAGE_PREFIX)/$(name):$(IMAGE_TAG))
CHART := deploy/helm/tasker
HELM_BIN = $(or $(HELM),$(shell command -v helm || echo .tasker/bin/helm))
KUBECTL = kubectl --namespace $(K8S_NAMESPACE)

.PHONY: helm-check k8s-load-docker k8s-unload-docker k8s-apply k8s-test k8s-pods k8s-web-port-forward k8s-api-port-forward k8s-delete test-cluster

helm-check: venv ## lint the chart, and hold what it renders to Kubernetes' own schemas (ARGS= for pytest)
	@scripts/bootstrap helm
	@$(HELM_BIN) lint --quiet --strict --kube-version 1.31.0 --set devDependencies.enabled=true $(CHART)
	@$(PY) -m pytest -q tests/chart $(ARGS)

k8s-load-docker: ## copy the images from Docker into minikube (or kind)
	@command -v kubectl >/dev/null || { echo "tasker: kubectl is missing: install it (https://kubernetes.io/docs/tasks/tools)" >&2; exit 1; }
	@context=$$(kubectl config current-context); case "$$context" in \
	  kind-*) kind load docker-image --name "$${context#kind-}" $(K8S_IMAGES) ;; \
	  *) command -v minikube >/dev/null || { echo "tasker: minikube is missing: the context $$context needs images from a registry: push them, and give IMAGE_PREFIX=registry/path" >&2; exit 1; }; \
	    for image in $(K8S_IMAGES); do echo "loading $$image"; minikube image load "$$image"; done ;; esac

k8s-unload-docker: ## remove the images from minikube
	@command -v minikube >/dev/null || { echo "tasker: minikube is missing" >&2; exit 1; }
	@for image in $(K8S_IMAGES); do echo "removing $$image"; minikube image rm "$$image"; done

k8s-apply: ## install or upgrade Tasker with Kafka and MongoDB, and wait until it is ready (K8S_NAMESPACE=, HELM_ARGS=)
	@scripts/bootstrap helm
	@$(HELM_BIN) upgrade --install $(K8S_RELEASE) $(CHART) --namespace $(K8S_NAMESPACE) --create-namespace --wait --timeout 10m \
	  --set devDependencies.enabled=true --set image.prefix=$(IMAGE_PREFIX) --set-string image.tag=$(IMAGE_TAG) $(HELM_ARGS) \
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
	@$(KUBECTL) delete pvc -l app.kubernetes.io/instance=$(K8S_RELEASE)
