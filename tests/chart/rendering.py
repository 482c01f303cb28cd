"""Renders the chart by `helm template`."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tasker_devstack.paths import ROOT

CHART = ROOT / "deploy" / "helm" / "tasker"
EXAMPLES = ROOT / "deploy" / "examples"
KUBERNETES = "1.31.0"
RELEASE, NAMESPACE = "tasker", "scheduling"
Values = Mapping[str, Any]
Manifest = dict[str, Any]

DEVELOPMENT: Values = {"devDependencies": {"enabled": True}}
"""What one `helm install` gives on an empty cluster."""
EXTERNAL: Values = {
    "kafka": {"bootstrapServers": "kafka-0.example:9094,kafka-1.example:9094"},
    "mongodb": {"existingSecret": {"name": "mongodb-credentials", "key": "connection"}},
}
"""The least that is needed with backends of one's own."""
SECURED: Values = {
    "kafka": {
        "bootstrapServers": "kafka.example:9093",
        "tls": {
            "enabled": True,
            "caSecret": {"name": "kafka-ca"},
            "clientCertSecret": {"name": "kafka-user", "certKey": "user.crt", "keyKey": "user.key"},
        },
        "sasl": {
            "mechanism": "SCRAM-SHA-512",
            "username": "tasker",
            "existingSecret": {"name": "kafka-password", "passwordKey": "secret"},
        },
    },
    "mongodb": {
        "existingSecret": {"name": "mongodb-credentials"},
        "tls": {"caSecret": {"name": "mongodb-ca"}, "clientCertSecret": {"name": "mongodb-user"}},
    },
}
"""Everything that secures the way to the backends."""
COMPLETE: Values = {
    **SECURED,
    "imagePullSecrets": [{"name": "registry"}],
    "callbacks": {"baseUrl": "https://hooks.example.com/tasker", "existingSecret": {"name": "callbacks"}},
    "tracing": {"endpoint": "http://collector.monitoring:4318", "sampleShare": 0.1},
    "executor": {
        "allowNetworks": ["10.1.0.0/16", "fd00::/8"],
        "processes": 4,
        "secrets": {"existingSecret": "task-secrets"},
        "caSecret": {"name": "corporate-authorities", "key": "bundle.pem"},
        "autoscaling": {"enabled": True},
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "extraEnvFrom": [{"secretRef": {"name": "more"}}],
        "extraVolumes": [{"name": "more", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
    },
    "logSink": {"autoscaling": {"enabled": True}},
    "api": {
        "allowedHosts": ["tasker.internal"],
        "autoscaling": {"enabled": True},
        "maxStreams": 250,
        "keys": {"existingSecret": {"name": "people", "key": "keys", "testKey": "robot"}},
        "allowedOrigins": ["https://portal.example.com", "http://10.0.0.7:8080"],
        "canarySeconds": 60,
        "deadMan": {"existingSecret": {"name": "watch", "key": "url"}},
    },
    "ingress": {
        "enabled": True,
        "allowOpenIngress": True,
        "className": "nginx",
        "hosts": ["tasker.example.com"],
        "tls": [{"secretName": "tasker-tls", "hosts": ["tasker.example.com"]}],
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True},
        "dashboard": {"enabled": True},
    },
    "networkPolicy": {
        "webFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
        "dns": {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]},
        "kafka": {"to": [{"ipBlock": {"cidr": "10.9.0.0/24"}}], "ports": [9093, 9094]},
        "executor": {"extraEgress": [{"to": [{"podSelector": {"matchLabels": {"app": "target"}}}]}]},
        "api": {"extraEgress": [{"to": [{"ipBlock": {"cidr": "198.51.100.7/32"}}]}]},
    },
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "priorityClassName": "important",
    "podLabels": {"team": "scheduling"},
    "podAnnotations": {"example.com/note": "yes"},
}
"""Every option at once."""
VALUE_SETS: dict[str, Values] = {
    "development": DEVELOPMENT,
    "external": EXTERNAL,
    "secured": SECURED,
    "complete": COMPLETE,
}


class Refused(Exception):
    """Helm does not render the chart; the message is its own."""


def helm() -> str:
    """The path of helm: what `scripts/bootstrap helm` has found or installed."""
    own = ROOT / ".tasker" / "bin" / "helm"
    found = os.environ.get("HELM") or (str(own) if own.exists() else shutil.which("helm"))
    assert found, "helm is missing: `scripts/bootstrap helm` installs it, or set HELM to its path"
    return found


def render(values: Values, name: str = RELEASE) -> list[Manifest]:
    """All manifests that a release of the chart consists of. Raises Refused."""
    return json.loads(_rendered(json.dumps(values), name))


def by_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """The manifests of a kind by their names, without what the release's name begins with."""
    return {m["metadata"]["name"].removeprefix(f"{RELEASE}-"): m for m in manifests if m["kind"] == kind}


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every pod and pod template, with its component."""
    for manifest in manifests:
        spec = manifest.get("spec", {})
        template = (
            manifest if manifest["kind"] == "Pod" else spec.get("jobTemplate", {"spec": spec})["spec"].get("template")
        )
        if template:
            yield template["metadata"]["labels"]["app.kubernetes.io/component"], template


def environment(container: Manifest, manifests: list[Manifest]) -> dict[str, Any]:
    """What a container finds in its environment: the config maps' data, and its own; of secrets the reference."""
    maps = {m["metadata"]["name"]: m["data"] for m in manifests if m["kind"] == "ConfigMap"}
    found: dict[str, Any] = {}
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]] if "configMapRef" in source else {}
    for variable in container.get("env", []):
        found[variable["name"]] = variable.get("value", variable.get("valueFrom"))
    return found


@cache
def _rendered(values: str, name: str) -> str:
    """The manifests as one JSON list: every caller gets objects of its own."""
    command = [helm(), "template", name, CHART, "-n", NAMESPACE, "--kube-version", KUBERNETES, "--values", "-"]
    done = subprocess.run(command, input=values, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise Refused(done.stderr)
    return json.dumps([manifest for manifest in yaml.load_all(done.stdout, yaml.CSafeLoader) if manifest])


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
