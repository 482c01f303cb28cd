"""What the pages tell operators to do on Kubernetes fits the chart."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasker_devstack.paths import ROOT
from tests.chart.rendering import CHART, EXTERNAL, by_kind, pods, render

OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = [
    ROOT / "README.md",
    CHART / "README.md",
    CHART.parents[1] / "examples" / "README.md",
    *OPERATIONS.parent.glob("*.md"),
]


def commands(page: Path, words: str) -> list[str]:
    """The commands of a page that begin with some words: in blocks of code with continued lines, or in backquotes."""
    text = re.sub(r"\\\n\s*", "", page.read_text())
    found = re.findall(rf"^{words}.*$", text, re.MULTILINE) + re.findall(rf"`({words}[^`]*)`", text)
    return [re.sub(r"\s+", " ", command) for command in found]


def test_the_probes_of_the_page_are_those_of_the_chart() -> None:
    rows = re.findall(r"^\| (\w+) \| `(/\w+)` \| (\d+) \| (\d+) \| (\d+) \|$", OPERATIONS.read_text(), re.MULTILINE)
    assert [row[0] for row in rows] == ["startup", "readiness", "liveness"]
    (ticker,) = (pod["spec"]["containers"][0] for name, pod in pods(render(EXTERNAL)) if name == "ticker")
    for name, path, *numbers in rows:
        probe = ticker[f"{name}Probe"]
        assert probe["httpGet"]["path"] == path
        assert [int(n) for n in numbers] == [probe[f] for f in ("periodSeconds", "timeoutSeconds", "failureThreshold")]


def test_the_migration_is_made_from_the_job_of_verify() -> None:
    """The patch's paths are there, and what is left reaches Kafka with the ticker's settings."""
    (found,) = re.findall(r"--type json -o yaml -p '(\[.*?\])'", OPERATIONS.read_text(), re.DOTALL)
    job: Any = by_kind(render(EXTERNAL), "CronJob")["verify"]["spec"]["jobTemplate"]
    for step in json.loads(found):
        *parents, last = step["path"].strip("/").split("/")
        target = job
        for name in parents:
            target = target[int(name) if isinstance(target, list) else name]
        assert last in target, step["path"]
        if step["op"] == "remove":
            del target[last]
        else:
            target[last] = step["value"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["name"] == "verify", "the page sets the image of a container of this name"
    assert container["command"] == ["python", "-m", "tasker_ticker.migration"]
    assert container["args"] == ["--to", "tasker2", "--partitions", "48"]
    assert container["envFrom"] == [{"configMapRef": {"name": "tasker-config"}}]
    assert "resources" not in container
    assert "activeDeadlineSeconds" not in job["spec"]


def test_both_pages_ask_for_the_same_versions_of_the_backends() -> None:
    chart, operations = (re.sub(r"\s+", " ", page.read_text()) for page in (CHART / "README.md", OPERATIONS))
    assert "Kafka (3.7 or newer) and a MongoDB replica set (6.0 or newer)" in chart
    assert re.search(r"Kafka must be 3\.7 or newer.*MongoDB must be a replica set [^.]*, 6\.0 or newer", operations)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_images_come_from_a_registry_of_ones_own_and_an_upgrade_takes_new_defaults(page: Path) -> None:
    for command in commands(page, "helm install"):
        assert "image.prefix=registry.example/tasker" in command
    for command in commands(page, "helm upgrade"):
        assert "--reset-then-reuse-values" in command


def test_the_pages_have_such_commands() -> None:
    assert sum(len(commands(page, "helm (?:install|upgrade)")) for page in PAGES) >= 6
