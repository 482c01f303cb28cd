"""A file of tasks comes through the ingress and the web UI's server, and nothing else of that size does."""

import re
from pathlib import Path
from typing import Any

from tasker_core.task_files.entries import MAX_FILE_BYTES
from tests.chart.rendering import EXTERNAL, by_kind, render

NGINX = Path(__file__).parents[2] / "deploy/docker/web/nginx.conf.template"
BODY_SIZE, LOGIN = "nginx.ingress.kubernetes.io/proxy-body-size", "nginx.ingress.kubernetes.io/auth-url"
MIB = 1024 * 1024


def ingresses(**annotations: str) -> dict[str, dict[str, Any]]:
    """By the path that each has."""
    hosts = {"enabled": True, "hosts": ["tasker.example.com"], "allowOpenIngress": True, "annotations": annotations}
    policy: dict[str, Any] = {"webFrom": [{"namespaceSelector": {}}]}
    found = by_kind(render({**EXTERNAL, "ingress": hosts, "networkPolicy": policy}), "Ingress").values()
    return {one["spec"]["rules"][0]["http"]["paths"][0]["path"]: one for one in found}


def mebibytes(text: str) -> int:
    """What nginx means by a size."""
    assert re.fullmatch("[0-9]+m", text)
    return int(text[:-1])


def test_the_ingress_lets_files_through_on_their_path_alone_behind_the_same_login() -> None:
    found = ingresses(**{LOGIN: "https://login.example.com"})
    assert found.keys() == {"/", "/api/v1/imports"}
    assert found["/"]["metadata"]["annotations"] == {LOGIN: "https://login.example.com"}
    of_files = found["/api/v1/imports"]
    assert of_files["metadata"]["annotations"][LOGIN] == "https://login.example.com"
    assert mebibytes(of_files["metadata"]["annotations"][BODY_SIZE]) * MIB > MAX_FILE_BYTES
    assert of_files["spec"]["rules"][0]["http"]["paths"][0]["pathType"] == "Exact"


def test_what_somebody_annotates_stands() -> None:
    assert ingresses(**{BODY_SIZE: "7m"})["/api/v1/imports"]["metadata"]["annotations"][BODY_SIZE] == "7m"


def test_nginx_lets_files_through_on_their_path_alone_and_does_not_keep_them() -> None:
    config = NGINX.read_text(encoding="utf-8")
    (location,) = re.findall(r"location = /api/v1/imports \{(.*?)\n    \}", config, re.DOTALL)
    limits = [mebibytes(one) for one in re.findall(r"client_max_body_size (\w+);", config)]
    assert sorted(limits) == [1, MAX_FILE_BYTES // MIB + 1]
    assert f"client_max_body_size {max(limits)}m;" in location
    assert "proxy_request_buffering off;" in location
    assert f"the file is over {MAX_FILE_BYTES // MIB} MiB" in config
