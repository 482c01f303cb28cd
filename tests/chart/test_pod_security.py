"""Every pod, those of the backends to try with too, keeps to the pod security standard "restricted" and a bit more."""

import pytest

from tests.chart.rendering import DEVELOPMENT, VALUE_SETS, Manifest, Values, pods, render

EVERY = pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
USERS = {"web": 101, "kafka": 1000, "mongodb": 999}


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


@EVERY
def test_pods_run_as_an_ordinary_user_under_seccomp(values: Values) -> None:
    for component, pod in pods(render(values)):
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True, component
        assert security["runAsUser"] == security["fsGroup"] == USERS.get(component, 10001), component
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, component


@EVERY
def test_containers_can_gain_nothing_and_write_to_volumes_alone(values: Values) -> None:
    for component, pod in pods(render(values)):
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, component
            assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"], component


@EVERY
def test_pods_get_no_token_of_the_cluster_and_share_nothing_with_the_node(values: Values) -> None:
    for component, pod in pods(render(values)):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, component
        assert spec["serviceAccountName"] == "tasker", component
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), component
        kinds = {next(iter(volume.keys() - {"name"})) for volume in spec["volumes"]}
        assert kinds <= {"emptyDir", "secret", "projected"}, component


@EVERY
def test_kubernetes_sets_no_variables_that_look_like_settings(values: Values) -> None:
    """A service `tasker-api` makes TASKER_API_PORT=tcp://… in each pod of its namespace that does not refuse it."""
    for component, pod in pods(render(values)):
        assert pod["spec"]["enableServiceLinks"] is False, component


@EVERY
def test_every_container_asks_for_what_it_needs_and_is_bounded_in_memory_alone(values: Values) -> None:
    for component, pod in pods(render(values)):
        for container in containers(pod):
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), component
            assert container["resources"]["limits"].keys() == {"memory"}, component


def test_every_pod_of_a_release_to_try_with_is_looked_at() -> None:
    components = {component for component, _ in pods(render(DEVELOPMENT))}
    services = {"ticker", "executor", "log-sink", "api", "web"}
    assert components == services | {"setup", "smoke-test", "verify", "kafka", "mongodb"}
