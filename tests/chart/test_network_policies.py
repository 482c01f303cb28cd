"""The network policies let each pod do what it needs and nothing else."""

import pytest

from tests.chart.network_model import Peer, may_connect
from tests.chart.rendering import COMPLETE, DEVELOPMENT, EXTERNAL, Manifest, Values, pods, render

KAFKA, MONGODB, API, WEB, METRICS = 9092, 27017, 8000, 8080, 9090
PROMETHEUS = Peer({"app": "prometheus"}, "monitoring")
STRANGER = Peer({"app": "stranger"})
INTERNET = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
INSIDE = ("10.0.0.5", "172.20.1.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "224.0.0.1", "fd00::1",
          "fe80::1", "::1", "::ffff:10.0.0.5", "2002:a00:5::1")  # fmt: skip
SERVICES = ("ticker", "executor", "log-sink", "api")


def network(values: Values) -> tuple[list[Manifest], dict[str, Peer]]:
    """The policies, and the pods by component."""
    manifests = render(values)
    found = {component: Peer(pod["metadata"]["labels"]) for component, pod in pods(manifests)}
    return [m for m in manifests if m["kind"] == "NetworkPolicy"], found


def test_who_may_call_whom_within_the_release() -> None:
    policies, all_pods = network(DEVELOPMENT)
    wanted = {
        *((component, "kafka", KAFKA) for component in (*SERVICES, "setup", "verify")),
        *((component, "mongodb", MONGODB) for component in ("log-sink", "api", "setup", "verify")),
        ("web", "api", API),
        ("smoke-test", "api", API),
        ("smoke-test", "web", WEB),
    }
    for source, from_pod in all_pods.items():
        for destination, to_pod in all_pods.items():
            for port in (KAFKA, MONGODB, API, WEB, METRICS, 9093, 22):
                allowed = may_connect(policies, from_pod, to_pod, port)
                assert allowed == ((source, destination, port) in wanted), f"{source} to {destination}:{port}"


def test_strangers_reach_nothing_and_prometheus_the_metrics() -> None:
    policies, all_pods = network(DEVELOPMENT)
    for component, pod in all_pods.items():
        for port in (KAFKA, MONGODB, API, WEB, 22):
            assert not may_connect(policies, STRANGER, pod, port), f"{component}:{port}"
            assert not may_connect(policies, PROMETHEUS, pod, port), f"{component}:{port}"
        assert may_connect(policies, PROMETHEUS, pod, METRICS) == (component in SERVICES), component


def test_an_empty_list_of_who_may_read_metrics_means_nobody() -> None:
    policies, all_pods = network({**DEVELOPMENT, "networkPolicy": {"metricsFrom": []}})
    for source in (PROMETHEUS, STRANGER):
        assert not [component for component in SERVICES if may_connect(policies, source, all_pods[component], METRICS)]


def test_name_servers_may_listen_at_other_ports() -> None:
    policies, all_pods = network({**DEVELOPMENT, "networkPolicy": {"dns": {"ports": [5353]}}})
    dns = Peer({"dns.operator.openshift.io/daemonset-dns": "default"}, "openshift-dns")
    for protocol in ("UDP", "TCP"):
        assert may_connect(policies, all_pods["executor"], dns, 5353, protocol)
        assert not may_connect(policies, all_pods["executor"], dns, 53, protocol)


def test_everybody_resolves_names() -> None:
    policies, all_pods = network(DEVELOPMENT)
    dns = Peer({"k8s-app": "kube-dns"}, "kube-system")
    for pod in all_pods.values():
        for protocol in ("UDP", "TCP"):
            assert may_connect(policies, pod, dns, 53, protocol)
            assert may_connect(policies, pod, Peer(address="169.254.20.10"), 53, protocol), "a cache on the node"
        assert not may_connect(policies, pod, dns, 9153)


@pytest.mark.parametrize("port", [80, 443, 8443])
def test_the_executor_reaches_the_internet_and_no_private_network(port: int) -> None:
    policies, all_pods = network(DEVELOPMENT)
    for component, pod in all_pods.items():
        for address in INTERNET:
            assert may_connect(policies, pod, Peer(address=address), port) == (component == "executor"), component
        for address in INSIDE:
            assert not may_connect(policies, pod, Peer(address=address), port), f"{component} to {address}"


def test_networks_that_tasks_may_call_and_rules_of_ones_own_are_opened_to_the_executor_alone() -> None:
    policies, all_pods = network(COMPLETE)
    target = Peer({"app": "target"})
    for component, pod in all_pods.items():
        is_executor = component == "executor"
        assert may_connect(policies, pod, Peer(address="10.1.2.3"), 8080) == is_executor, component
        assert may_connect(policies, pod, Peer(address="fd00::2"), 8080) == is_executor, component
        assert may_connect(policies, pod, target, 8080) == is_executor, component
        assert not may_connect(policies, pod, Peer(address="10.2.0.1"), 8080), component


def test_without_the_internet_the_executor_reaches_what_is_named() -> None:
    closed: Values = {**EXTERNAL, "networkPolicy": {"executor": {"publicInternet": False}}}
    policies, all_pods = network(closed)
    assert not may_connect(policies, all_pods["executor"], Peer(address=INTERNET[0]), 443)
    policies, all_pods = network({**closed, "executor": {"allowNetworks": ["10.1.0.0/16"]}})
    assert may_connect(policies, all_pods["executor"], Peer(address="10.1.0.9"), 443)
    assert not may_connect(policies, all_pods["executor"], Peer(address=INTERNET[0]), 443)


def test_backends_of_ones_own_are_reached_at_their_ports_and_where_values_say() -> None:
    policies, all_pods = network(EXTERNAL)
    broker = Peer(address="10.3.0.1")
    assert may_connect(policies, all_pods["ticker"], broker, 9094)
    assert not may_connect(policies, all_pods["ticker"], broker, 9092)
    assert not may_connect(policies, all_pods["ticker"], broker, MONGODB)
    assert may_connect(policies, all_pods["log-sink"], broker, MONGODB)
    policies, all_pods = network(COMPLETE)
    assert may_connect(policies, all_pods["ticker"], Peer(address="10.9.0.1"), 9093)
    assert not may_connect(policies, all_pods["ticker"], broker, 9093)


def test_the_ingress_controller_reaches_web_and_spans_leave_for_the_collector() -> None:
    policies, all_pods = network(COMPLETE)
    controller, collector = Peer({"app": "nginx"}, "ingress"), Peer({"app": "collector"}, "monitoring")
    assert may_connect(policies, controller, all_pods["web"], WEB)
    assert not may_connect(policies, controller, all_pods["api"], API)
    assert not may_connect(policies, STRANGER, all_pods["web"], WEB), "it would get round the login at the ingress"
    assert not may_connect(policies, PROMETHEUS, all_pods["web"], WEB)
    for component, pod in all_pods.items():
        assert may_connect(policies, pod, collector, 4318) == (component in SERVICES), component


def test_keda_reaches_the_kafka_to_try_with_only_when_it_scales_something() -> None:
    keda = Peer({"app.kubernetes.io/name": "keda-operator"}, "keda")
    policies, all_pods = network(DEVELOPMENT)
    assert not may_connect(policies, keda, all_pods["kafka"], KAFKA)
    policies, all_pods = network({**DEVELOPMENT, "executor": {"autoscaling": {"enabled": True}}})
    assert may_connect(policies, keda, all_pods["kafka"], KAFKA)


def test_they_can_be_left_out() -> None:
    assert not network({**EXTERNAL, "networkPolicy": {"enabled": False}})[0]
