"""What becomes of a release that is upgraded and rolled back, as helm itself does it."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.chart.api_server import Cluster, Object, cluster
from tests.chart.rendering import CHART, EXTERNAL, NAMESPACE, RELEASE, Values, helm

API = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{RELEASE}-api"
SECRET = f"/api/v1/namespaces/{NAMESPACE}/secrets/{RELEASE}-api-keys"


class Release:
    """The chart in a cluster that keeps what it is given."""

    def __init__(self, folder: Path, kept: Cluster) -> None:
        self.kept = kept
        self._config = folder / "kubeconfig"
        self._config.write_text(json.dumps(kept.kubeconfig()), encoding="utf-8")

    def helm(self, *words: str, values: Values | None = None) -> str:
        """Carried out by helm; returns what it says."""
        given = ["--values", "-"] if values is not None else []
        environment = os.environ | {"KUBECONFIG": str(self._config), "HELM_CACHE_HOME": str(self._config.parent)}
        done = subprocess.run(
            [helm(), *words, "-n", NAMESPACE, *given],
            input=json.dumps(values or {}),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, values: Values = EXTERNAL, chart: Path = CHART) -> None:
        """The first revision."""
        self.helm("install", RELEASE, str(chart), values=values)

    def upgrade(self, values: Values = EXTERNAL) -> str:
        """The next one; returns its notes."""
        return self.helm("upgrade", RELEASE, str(CHART), values=values)


@pytest.fixture
def release(tmp_path: Path) -> Generator[Release]:
    with cluster() as kept:
        yield Release(tmp_path, kept)


def chart_of_before(folder: Path) -> Path:
    """The chart as it was when the secret was one of its manifests."""
    made = shutil.copytree(CHART, folder / "before")
    template = made / "templates" / "api" / "keys.yaml"
    text, hooks = re.subn(
        r"  \{\{- if not \$isManifest \}\}\n  annotations:.*?\{\{- end \}\}\n", "", template.read_text(), flags=re.S
    )
    assert hooks == 1
    template.write_text(text)
    return made


def keys_of(secret: Object) -> Any:
    return json.loads(b64decode(secret["data"]["keys.json"]))["keys"]


def test_neither_an_upgrade_nor_a_rollback_touches_the_keys(release: Release) -> None:
    """A rollback lays the manifests of then upon the cluster: revoked keys in them would be valid again."""
    release.install()
    secret = release.kept[SECRET]
    (first,) = keys_of(secret)
    assert first["role"] == "admin"
    secret["data"] = {"keys.json": b64encode(b'{"keys": []}').decode()}
    release.upgrade({**EXTERNAL, "logLevel": "debug"})
    assert release.kept[SECRET]["data"] == secret["data"]
    release.helm("rollback", RELEASE, "1")
    assert release.kept[SECRET]["data"] == secret["data"]


def test_keys_outlive_the_release(release: Release) -> None:
    release.install()
    made = release.kept[SECRET]["data"]
    release.helm("uninstall", RELEASE)
    assert not [place for place in release.kept if "/deployments/" in place]
    release.install()
    assert release.kept[SECRET]["data"] == made


def test_keys_that_the_chart_of_before_made_stay_through_upgrades(release: Release, tmp_path: Path) -> None:
    release.install(chart=chart_of_before(tmp_path))
    secret = release.kept[SECRET]
    assert secret["metadata"]["annotations"]["meta.helm.sh/release-name"] == RELEASE
    secret["data"]["keys.json"] = b64encode(b'{"keys": []}').decode()
    for level in ("debug", "info"):
        release.upgrade({**EXTERNAL, "logLevel": level})
        assert release.kept[SECRET]["data"] == secret["data"]


def test_an_upgrade_leaves_a_scaled_number_as_it_is_and_brings_back_what_was_stopped(release: Release) -> None:
    """An autoscaler does nothing while the number is 0, as after the planned stop of a migration."""
    values = {**EXTERNAL, "api": {"autoscaling": {"enabled": True, "minReplicas": 3, "maxReplicas": 9}}}
    release.install(values)
    api = release.kept[API]
    for before, after in ((7, 7), (0, 3)):
        api["spec"]["replicas"] = before
        release.upgrade(values)
        assert release.kept[API]["spec"]["replicas"] == after
        api = release.kept[API]


def test_an_installation_without_pods_of_a_service_says_what_does_not_go_on(release: Release) -> None:
    release.install()
    assert "replicas is 0" not in release.upgrade()
    stopped = release.upgrade({**EXTERNAL, "ticker": {"replicas": 0}, "executor": {"replicas": 0}})
    assert "ticker.replicas is 0: nothing fires until it is 1 or more" in stopped
    assert "executor.replicas is 0: no run is carried out until" in stopped
    assert "logSink" not in stopped
