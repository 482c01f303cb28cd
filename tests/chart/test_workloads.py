"""The services as workloads: what they are, how they are replaced, looked after and spread."""

import pytest

from tests.chart.rendering import COMPLETE, DEVELOPMENT, EXTERNAL, VALUE_SETS, Values, by_kind, pods, render

SERVICES = ("ticker", "executor", "log-sink", "api")
DEPLOYED = ("executor", "log-sink", "api", "web")
EVERY = pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)


def test_the_ticker_is_replaced_one_after_the_other_and_the_rest_without_a_gap() -> None:
    manifests = render(EXTERNAL)
    (ticker,) = by_kind(manifests, "StatefulSet").values()
    assert ticker["metadata"]["name"] == "tasker-ticker"
    assert ticker["spec"]["updateStrategy"] == {"type": "RollingUpdate"}
    assert (ticker["spec"]["podManagementPolicy"], ticker["spec"]["minReadySeconds"]) == ("Parallel", 5)
    deployments = by_kind(manifests, "Deployment")
    assert deployments.keys() == set(DEPLOYED)
    for name, deployment in deployments.items():
        assert deployment["spec"]["strategy"] == {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}, name
        assert deployment["spec"]["replicas"] == 2, name


def test_a_pod_has_time_to_end_what_it_has_begun() -> None:
    for component, pod in pods(render({**EXTERNAL, "drainSeconds": 45})):
        if component in SERVICES:
            assert pod["spec"]["terminationGracePeriodSeconds"] > 45, component


@EVERY
def test_selectors_hold_what_can_never_change(values: Values) -> None:
    """Selectors, and the volume claims of a StatefulSet, can't be changed: a version in them ends upgrades."""
    for kind in ("Deployment", "StatefulSet"):
        for name, workload in by_kind(render(values), kind).items():
            selector = {
                "app.kubernetes.io/name": "tasker",
                "app.kubernetes.io/instance": "tasker",
                "app.kubernetes.io/component": name,
            }
            assert workload["spec"]["selector"] == {"matchLabels": selector}, name
            assert selector.items() <= workload["spec"]["template"]["metadata"]["labels"].items(), name
            for claim in workload["spec"].get("volumeClaimTemplates", []):
                assert claim["metadata"] == {"name": "data"}, name


@EVERY
def test_every_service_is_probed_on_the_port_of_its_metrics(values: Values) -> None:
    for component, pod in pods(render(values)):
        (container,) = pod["spec"]["containers"]
        if component in SERVICES:
            assert {"name": "metrics", "containerPort": 9090} in container["ports"], component
            for probe, path in (("startup", "/healthz"), ("readiness", "/readyz"), ("liveness", "/healthz")):
                assert container[f"{probe}Probe"]["httpGet"] == {"path": path, "port": "metrics"}, component
            for probe in ("readiness", "liveness"):
                assert container[f"{probe}Probe"]["timeoutSeconds"] == 5, "a restore keeps the process from answering"
        elif component in ("web", "kafka", "mongodb"):
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys(), component


def test_services_wait_for_the_topics_before_they_start() -> None:
    for component, pod in pods(render(EXTERNAL)):
        if component in SERVICES:
            (wait,) = pod["spec"]["initContainers"]
            assert wait["command"] == ["python", "-m", "tasker_runtime.topic_setup", "--check", "--wait", "600"]
            assert wait["image"] == pod["spec"]["containers"][0]["image"]


def test_a_drain_takes_one_pod_of_a_service_at_a_time() -> None:
    budgets = by_kind(render(EXTERNAL), "PodDisruptionBudget")
    assert budgets.keys() == {*SERVICES, "web"}
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] == name


def test_pods_of_a_service_are_spread_over_nodes_and_zones_but_never_held_up_by_it() -> None:
    for component, pod in pods(render(EXTERNAL)):
        if component in (*SERVICES, "web"):
            spread = pod["spec"]["topologySpreadConstraints"]
            keys = [one["topologyKey"] for one in spread]
            assert keys == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], component
            assert {one["whenUnsatisfiable"] for one in spread} == {"ScheduleAnyway"}, component


def test_placement_reaches_every_pod_and_a_service_may_have_its_own() -> None:
    own = {**COMPLETE, "ticker": {"nodeSelector": {"disk": "fast"}, "priorityClassName": "first"}}
    for component, pod in pods(render(own)):
        spec = pod["spec"]
        is_ticker = component == "ticker"
        assert spec["nodeSelector"] == ({"disk": "fast"} if is_ticker else {"kubernetes.io/os": "linux"}), component
        assert spec["priorityClassName"] == ("first" if is_ticker else "important"), component
        assert spec["tolerations"] == [{"key": "dedicated", "operator": "Exists"}], component
        assert spec["imagePullSecrets"] == [{"name": "registry"}], component
        assert pod["metadata"]["labels"]["team"] == "scheduling", component
        assert pod["metadata"]["annotations"]["example.com/note"] == "yes", component


def test_images_follow_prefix_and_tag_and_a_service_may_have_its_own() -> None:
    image = {"prefix": "registry.example/tasker", "tag": "9"}
    manifests = render({**EXTERNAL, "image": image, "executor": {"image": "mine/executor:1"}})
    images = {component: pod["spec"]["containers"][0]["image"] for component, pod in pods(manifests)}
    assert images == {
        "ticker": "registry.example/tasker/ticker:9",
        "executor": "mine/executor:1",
        "log-sink": "registry.example/tasker/log-sink:9",
        "api": "registry.example/tasker/api:9",
        "web": "registry.example/tasker/web:9",
        "setup": "registry.example/tasker/log-sink:9",
        "smoke-test": "registry.example/tasker/cli:9",
        "verify": "registry.example/tasker/cli:9",
    }


def test_a_changed_configuration_brings_new_pods_and_the_same_one_does_not() -> None:
    def checksums(values: Values) -> dict[str, str]:
        return {
            component: pod["metadata"]["annotations"]["checksum/config"]
            for component, pod in pods(render(values))
            if component in SERVICES
        }

    assert checksums(EXTERNAL) == checksums({**EXTERNAL, "api": {"replicas": 3}})
    for component, checksum in checksums({**EXTERNAL, "logLevel": "debug"}).items():
        assert checksum != checksums(EXTERNAL)[component], component


def test_the_mongodb_to_try_with_has_started_when_it_is_a_primary_that_all_addresses_reach() -> None:
    for address, has_ipv6 in (("0.0.0.0", False), ("::", True)):
        manifests = render({**DEVELOPMENT, "listenAddress": address})
        (mongodb,) = by_kind(manifests, "StatefulSet")["mongodb"]["spec"]["template"]["spec"]["containers"]
        assert ("--ipv6" in mongodb["args"]) is has_ipv6
        script = mongodb["startupProbe"]["exec"]["command"][-1]
        assert 'if (error.codeName !== "NotYetInitialized") throw error' in script
        assert script.endswith("if (!db.hello().isWritablePrimary) quit(1)")


def test_a_release_of_another_name_has_everything_by_its_name() -> None:
    names = {m["metadata"]["name"] for m in render(DEVELOPMENT, name="nightly")}
    assert all(name.startswith("nightly-tasker") for name in names), names
    assert "nightly-tasker-ticker" in names


def test_images_of_ours_that_are_never_pulled_leave_those_of_others_to_the_registry() -> None:
    """`Never` is for images that were loaded into the cluster, which Kafka's and MongoDB's were not."""
    policies = {
        container["image"].rpartition("/")[0]: container["imagePullPolicy"]
        for _, pod in pods(render({**DEVELOPMENT, "image": {"pullPolicy": "Never"}}))
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    }
    assert policies == {"tasker": "Never", "apache": "IfNotPresent", "": "IfNotPresent"}
