"""The targets for Kubernetes: what they would run (`make --dry-run`)."""

import os
import re
import subprocess
from pathlib import Path

import yaml

from tasker_devstack.paths import ROOT
from tests.chart.rendering import DEVELOPMENT, Manifest, Values, by_kind, pods, render


def commands(target: str, *variables: str) -> str:
    """What a target would run, without what it prints."""
    command = ["make", "--no-print-directory", "--dry-run", target, "HELM=helm", *variables]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout


def test_values_of_ones_own_come_after_those_of_k8s_apply() -> None:
    """A `--set` would win over every file: no file could turn the backends to try with off, or name a registry."""
    found = commands("k8s-apply", "HELM_ARGS=-f own.yaml", "IMAGE_PREFIX=registry.example/tasker", "IMAGE_TAG=9")
    (helm,) = re.findall(r"release\(\) \{ (.*?); \}", found)
    assert "--set" not in helm
    assert re.search(
        r"--values <\(.*devDependencies: \{enabled: true\}.*'registry.example/tasker' '9'\) --values <.* -f own.yaml$",
        helm,
    )


def test_k8s_apply_says_where_it_works_before_it_does() -> None:
    found = commands("k8s-apply", "K8S_NAMESPACE=here", "K8S_RELEASE=mine")
    assert found.index("release mine in the namespace here of the context") < found.index("upgrade --install")


def annotations(folder: Path, images: dict[str, str]) -> tuple[Values, str]:
    """The values of scripts/image-annotations where Docker knows these images by their ids, and what it says."""
    docker = folder / "docker"
    known = "".join(f"tasker/{name}:1) echo sha256:{number} ;; " for name, number in images.items())
    docker.write_text(f'#!/bin/sh\ncase "$5" in {known}*) exit 1 ;; esac\n')
    docker.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    command = [ROOT / "scripts" / "image-annotations", "tasker", "1"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return yaml.safe_load(done.stdout) or {}, done.stderr


IMAGES = {"ticker": "a", "executor": "b", "log-sink": "c", "api": "d", "web": "e"}


def replaced(before: list[Manifest], after: list[Manifest]) -> set[str]:
    """The components whose pods an upgrade replaces, or whose job it makes anew."""
    templates = [dict(pods(manifests)) for manifests in (before, after)]
    found = {name for name in templates[0] if templates[0][name] != templates[1][name]}
    return found | ({"setup"} if by_kind(before, "Job").keys() != by_kind(after, "Job").keys() else set())


def test_k8s_apply_replaces_the_pods_whose_images_were_made_anew_under_the_same_tag(tmp_path: Path) -> None:
    assert "--values <(echo" in commands("k8s-apply")
    values, said = annotations(tmp_path, IMAGES)
    assert not said
    before = render({**DEVELOPMENT, **values})
    for name in IMAGES:
        again, _ = annotations(tmp_path, IMAGES | {name: "f"})
        changed = replaced(before, render({**DEVELOPMENT, **again}))
        assert changed == ({"log-sink", "setup"} if name == "log-sink" else {name})


def test_it_says_of_which_images_it_can_not_know_whether_they_were_made_anew(tmp_path: Path) -> None:
    values, said = annotations(tmp_path, {"ticker": "a"})
    assert values == {"ticker": {"podAnnotations": {"checksum/image": "sha256:a"}}}
    assert "does not know tasker/executor:1 tasker/log-sink:1 tasker/api:1 tasker/web:1: pods" in said
    assert annotations(tmp_path, {})[0] == {}


def test_k8s_delete_leaves_neither_data_nor_keys_nor_the_pod_of_the_test() -> None:
    assert "delete pod,pvc,secret -l app.kubernetes.io/instance=mine" in commands("k8s-delete", "K8S_RELEASE=mine")
