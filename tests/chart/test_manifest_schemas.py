"""Every manifest is one that Kubernetes takes, by its published schemas; those of operators, by the fields they define.

The oldest version that the chart names, the one that it is tried with, and the newest that the schemas have.
"""

import json
import re
from functools import cache
from typing import Any, cast

import kubernetes_validate
import pytest
import yaml

from tests.chart.rendering import CHART, VALUE_SETS, Manifest, Values, render

OLDEST = re.search(r"[\d.]+", yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"])
assert OLDEST is not None
VERSIONS = (OLDEST[0], "1.31.0", kubernetes_validate.latest_version())
FIELDS: dict[str, dict[str, Any]] = {
    "monitoring.coreos.com/v1 ServiceMonitor": {
        "jobLabel": str,
        "selector": {"matchLabels": dict, "matchExpressions": list},
        "namespaceSelector": {"matchNames": list},
        "endpoints": [{"port": str, "path": str, "interval": str, "scrapeTimeout": str}],
    },
    "monitoring.coreos.com/v1 PrometheusRule": {
        "groups": [
            {
                "name": str,
                "interval": str,
                "rules": [{"alert": str, "record": str, "expr": str, "for": str, "labels": dict, "annotations": dict}],
            }
        ]
    },
    "keda.sh/v1alpha1 ScaledObject": {
        "scaleTargetRef": {"name": str},
        "minReplicaCount": int,
        "maxReplicaCount": int,
        "pollingInterval": int,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": int}}}},
        "triggers": [{"type": str, "metadata": dict, "authenticationRef": {"name": str}}],
    },
    "keda.sh/v1alpha1 TriggerAuthentication": {"secretTargetRef": [{"parameter": str, "name": str, "key": str}]},
}
"""Fields of the operators' resources that the chart uses, after their published definitions."""


def unknown(value: Any, fields: Any, path: str) -> list[str]:
    """What is of another shape than the fields say."""
    if isinstance(fields, type):
        return [] if isinstance(value, fields) and value not in ("", [], {}) else [f"{path} is no {fields.__name__}"]
    if isinstance(fields, list):
        assert isinstance(value, list)
        items = cast("list[Any]", value)
        assert items, path
        return [wrong for n, item in enumerate(items) for wrong in unknown(item, fields[0], f"{path}/{n}")]
    assert isinstance(value, dict), path
    value = cast("dict[str, Any]", value)
    found = [f"{path}/{key} is not known" for key in value.keys() - fields.keys()]
    return found + [
        wrong for key in value.keys() & fields for wrong in unknown(value[key], fields[key], f"{path}/{key}")
    ]


@cache
def validate(manifest: str, version: str) -> None:
    """Raises ValidationError. Most manifests are the same in several sets of values."""
    kubernetes_validate.validate(json.loads(manifest), version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
def test_every_manifest_is_valid(values: Values, version: str) -> None:
    for manifest in render(values):
        name = f"{manifest['apiVersion']} {manifest['kind']}"
        if fields := FIELDS.get(name):
            assert manifest.keys() == {"apiVersion", "kind", "metadata", "spec"}
            assert unknown(manifest["spec"], fields, name) == []
        else:
            validate(json.dumps(manifest), version)


@pytest.mark.parametrize(
    "broken",
    [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "automount": False},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": "2"}},
    ],
)
def test_a_manifest_that_is_wrong_is_found(broken: Manifest) -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.31.0", strict=True)


def test_every_namespaced_name_is_given_once() -> None:
    for values in VALUE_SETS.values():
        names = [(m["kind"], m["metadata"]["name"]) for m in render(values)]
        assert len(names) == len(set(names))
