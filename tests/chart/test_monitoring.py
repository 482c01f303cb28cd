"""What Prometheus and Grafana get of a release."""

import json

import yaml

from tests.chart.rendering import CHART, COMPLETE, EXTERNAL, by_kind, render

SERVICES = {"ticker", "executor", "log-sink", "api"}


def test_nothing_of_an_operator_is_needed_unasked() -> None:
    groups = {manifest["apiVersion"] for manifest in render(EXTERNAL)}
    assert not [group for group in groups if "coreos" in group or "keda" in group]


def test_prometheus_finds_the_metrics_of_every_service() -> None:
    manifests = render(COMPLETE)
    (monitor,) = by_kind(manifests, "ServiceMonitor").values()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    (expression,) = monitor["spec"]["selector"]["matchExpressions"]
    assert set(expression["values"]) == SERVICES
    (endpoint,) = monitor["spec"]["endpoints"]
    services = by_kind(manifests, "Service")
    for name in SERVICES:
        ports = {port["name"]: port["port"] for port in services[name]["spec"]["ports"]}
        assert ports[endpoint["port"]] == 9090
        assert services[name]["metadata"]["labels"].items() >= monitor["spec"]["selector"]["matchLabels"].items()


def test_alerts_and_dashboard_come_as_they_are_written() -> None:
    """Their own braces are not taken for templates."""
    manifests = render(COMPLETE)
    (rule,) = by_kind(manifests, "PrometheusRule").values()
    assert rule["spec"] == yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())
    dashboard = by_kind(manifests, "ConfigMap")["dashboard"]
    assert json.loads(dashboard["data"]["tasker.json"]) == json.loads((CHART / "files" / "dashboard.json").read_text())
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
